"""The sample library as the readers give it, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.documents.drafting import SourceText
from core.ingestion.intake import read_file
from core.ingestion.limits import IngestionLimits
from core.ingestion.reading import Reading

LIBRARY = Path(__file__).parents[3] / "samples" / "library"


@pytest.fixture(scope="session")
def library() -> dict[str, SourceText]:
    """By path in the library."""
    found = {}
    for file in sorted(LIBRARY.rglob("*")):
        for read in read_file(file.name, str(file), IngestionLimits()) if file.is_file() else ():
            if isinstance(read, Reading):
                path = file.relative_to(LIBRARY).as_posix()
                found[path] = SourceText(path, read.title, read.name, read.language, read.content)
    return found
