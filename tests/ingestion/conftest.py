"""One pool of parsers for all tests, and ways to read bytes without naming a file each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.ingestion import IngestionLimits, ParserPool, Problem, Reading, ReadOutcome
from core.ingestion.intake import read_file

Read = Callable[..., ReadOutcome]


@pytest.fixture(scope="session")
def pool() -> Iterator[ParserPool]:
    with ParserPool(IngestionLimits(), processes=2) as pool:
        yield pool


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads bytes in this process: for what readers understand, not for what they may cost."""

    def read(name: str, data: bytes, limits: IngestionLimits | None = None) -> ReadOutcome:
        path = tmp_path / "upload"
        path.write_bytes(data)
        items = list(read_file(name, str(path), limits or IngestionLimits()))
        return ReadOutcome(
            tuple(item for item in items if isinstance(item, Reading)),
            tuple(item for item in items if isinstance(item, Problem)),
        )

    return read


@pytest.fixture
def read_one(read: Read) -> Callable[[str, bytes], Reading]:
    """For a file that holds one document and has no problem."""

    def read_one(name: str, data: bytes) -> Reading:
        outcome = read(name, data)
        assert not outcome.problems
        (reading,) = outcome.readings
        return reading

    return read_one


@pytest.fixture
def code_of(read: Read) -> Callable[..., str]:
    """The code of the one problem of a file that gives nothing else."""

    def code_of(name: str, data: bytes, limits: IngestionLimits | None = None) -> str:
        outcome = read(name, data, limits)
        assert not outcome.readings
        (problem,) = outcome.problems
        assert problem.message.endswith(".")
        assert problem.remedy.endswith(".")
        assert "Traceback" not in problem.message
        return problem.code

    return code_of


@pytest.fixture
def pooled(pool: ParserPool, tmp_path: Path) -> Read:
    """Reads bytes in a parser process."""

    def pooled(name: str, data: bytes) -> ReadOutcome:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return pool.read(name, path)

    return pooled
