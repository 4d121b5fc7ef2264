"""How many small files a second are read by two parser processes, and how long a long tagged PDF takes.

    python -m benchmarks.ingestion.throughput [--files 1000]

Prints one table and keeps it in results/ingestion.md. Every file is written first, with our own words, into a
folder that is removed afterwards.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.ingestion.written_files import ARCHIVE_WRITERS, WRITERS, Story, write_long_pdf
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.bootstrap import inline_workbench, open_database, prepare
from core.gateway.roles import LOCAL_ADMINISTRATOR
from core.ingestion import IngestionLimits, ParserPool
from core.settings import Settings
from core.use_cases import IngestFiles
from core.use_cases.inbox import IncomingFile
from core.use_cases.ingest_files import ingest_files

LANGUAGES = ("es", "en", "pt")
LONG_PDF_PAGES = 106
LONG_PDF_HEADINGS = 3 * LONG_PDF_PAGES
LONG_PDF_TABLES = LONG_PDF_PAGES - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000, help="files of the mixed run")
    num_files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as folder, ParserPool(IngestionLimits(), processes=2) as pool:
        files = list(_write(Path(folder), num_files))
        _read(pool, files[:4])  # starts the processes
        rows = [
            _row(name, *_read(pool, own), len(own))
            for name in (*WRITERS, *ARCHIVE_WRITERS)
            if (own := [file for file in files if file[0].endswith(f".{name}")])
        ]
        rows.append(_row("mixed, read", *_read(pool, files), len(files)))
        rows.append(_row("mixed, into the library", *_take_in(Path(folder) / "var", files), len(files)))
        body = (
            as_table(("format", "files", "files/s", "documents"), rows)
            + "\n\n"
            + _long_pdf(pool, Path(folder))
        )
    machine = describe_machine("pypdfium2", "lxml", "markdown-it-py", "sqlalchemy")
    body += f"\n\nMachine: {machine}. Two parser processes, wall time."
    body += "\n\nRepeat: `python -m benchmarks.ingestion.throughput`"
    print(body)
    save_section("ingestion", f"{num_files:,} mixed files and a long tagged PDF", body)


def _row(name: str, seconds: float, num_documents: int, num_files: int) -> tuple[str, ...]:
    return name, f"{num_files:,}", f"{num_files / seconds:.0f}", f"{num_documents:,}"


def _write(folder: Path, num_files: int) -> Iterator[tuple[str, Path]]:
    writers = list((WRITERS | ARCHIVE_WRITERS).items())
    for number in range(num_files):
        name, write = writers[number % len(writers)]
        path = folder / f"{number}.{name}"
        path.write_bytes(write(Story(LANGUAGES[number // len(writers) % 3], number)))
        yield path.name, path


def _read(pool: ParserPool, files: list[tuple[str, Path]]) -> tuple[float, int]:
    """Seconds and documents. Every file has to be read without a problem."""
    started = time.perf_counter()
    num_documents = 0
    for name, outcome in pool.read_many(files):
        assert not outcome.problems, (name, outcome.problems)
        num_documents += len(outcome.readings)
    return time.perf_counter() - started, num_documents


def _take_in(data_dir: Path, files: list[tuple[str, Path]]) -> tuple[float, int]:
    """Seconds and documents of the whole intake: copied, read, stored; not compared."""
    settings = Settings(data_dir=data_dir)
    prepare(settings)
    workbench = inline_workbench(settings, open_database(settings))
    request = IngestFiles(files=[IncomingFile(name, path) for name, path in files], analyse=False)
    started = time.perf_counter()
    job = ingest_files(request, LOCAL_ADMINISTRATOR, workbench)
    seconds = time.perf_counter() - started
    assert job.state == "done", job.error
    return seconds, job.result["added"]


def _long_pdf(pool: ParserPool, folder: Path) -> str:
    path = folder / "long.pdf"
    path.write_bytes(write_long_pdf(LONG_PDF_PAGES))
    times = []
    for _ in range(5):
        started = time.perf_counter()
        (reading,) = pool.read(path.name, path).readings
        times.append(time.perf_counter() - started)
    kinds = [block.kind for block in reading.content.blocks]
    pages = max(block.page or 0 for block in reading.content.blocks)
    return (
        f"Long tagged PDF: {pages} pages in {median(times):.2f} s (median of 5), "
        f"{kinds.count('heading')} of {LONG_PDF_HEADINGS} headings, "
        f"{kinds.count('table')} of {LONG_PDF_TABLES} tables."
    )


if __name__ == "__main__":
    main()
