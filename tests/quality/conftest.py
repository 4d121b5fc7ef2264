"""The sample library as a person who takes it in has it, and a shorthand for small documents."""

from __future__ import annotations

from datetime import date

import pytest

from core.content import Block, Content
from core.ingestion.intake import read_file
from core.ingestion.limits import IngestionLimits
from core.ingestion.reading import Reading
from core.quality import AssessedDocument, DocumentQuality, assess, library_context
from samples.build import LIBRARY

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def sample_documents() -> list[AssessedDocument]:
    """Every file of the sample library that is one document, by its path."""
    documents = []
    for file in sorted(path for path in LIBRARY.rglob("*") if path.is_file()):
        readings = read_file(file.name, str(file), IngestionLimits())
        documents += [
            _assessed(str(file.relative_to(LIBRARY)), one) for one in readings if isinstance(one, Reading)
        ]
    return documents


@pytest.fixture(scope="session")
def sample_quality(sample_documents: list[AssessedDocument]) -> dict[str, DocumentQuality]:
    context = library_context({one.id: one.content.text for one in sample_documents})
    return {one.id: assess(one, context, TODAY) for one in sample_documents}


def _assessed(path: str, reading: Reading) -> AssessedDocument:
    return AssessedDocument(
        id=path,
        content=reading.content,
        language=reading.language,
        title=reading.title,
        modified=reading.modified.date() if reading.modified else None,
        repairs=reading.repairs,
        warnings=reading.warnings,
    )


def written(*lines: str, language: str = "en", modified: date | None = None) -> AssessedDocument:
    """A document of headings ("# "), list items ("- ") and paragraphs."""
    blocks = []
    for line in lines:
        signs, _, rest = line.partition(" ")
        if signs and set(signs) == {"#"}:
            blocks.append(Block("heading", rest, level=len(signs)))
        elif signs == "-":
            blocks.append(Block("list_item", rest))
        else:
            blocks.append(Block("paragraph", line))
    return AssessedDocument(
        id="one", content=Content(tuple(blocks)), language=language, title="One", modified=modified
    )
