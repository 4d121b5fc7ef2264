"""How many small files a second are read by two parser processes, and how long a long tagged PDF takes.

    python -m benchmarks.ingestion.throughput [--files 1000]

Prints one table. Every file is written first, with our own words, into a folder that is removed afterwards.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.ingestion.written_files import ARCHIVE_WRITERS, WRITERS, Story, write_long_pdf
from core.ingestion import IngestionLimits, ParserPool

LANGUAGES = ("es", "en", "pt")
LONG_PDF_PAGES = 106
LONG_PDF_HEADINGS = 3 * LONG_PDF_PAGES
LONG_PDF_TABLES = LONG_PDF_PAGES - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000, help="files of the mixed run")
    num_files = parser.parse_args().files
    versions = ", ".join(
        f"{package} {version(package)}" for package in ("pypdfium2", "lxml", "markdown-it-py")
    )
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, 2 parser processes, {versions}\n")
    with tempfile.TemporaryDirectory() as folder, ParserPool(IngestionLimits(), processes=2) as pool:
        files = list(_write(Path(folder), num_files))
        _read(pool, files[:4])  # starts the processes
        print(f"{'format':10} {'files':>6} {'files/s':>9} {'documents':>10}")
        for name in (*WRITERS, *ARCHIVE_WRITERS):
            own = [file for file in files if file[0].endswith(f".{name}")]
            seconds, num_documents = _read(pool, own)
            print(f"{name:10} {len(own):>6} {len(own) / seconds:>9.1f} {num_documents:>10}")
        seconds, num_documents = _read(pool, files)
        print(
            f"{'mixed':10} {len(files):>6} {len(files) / seconds:>9.1f} {num_documents:>10}   {seconds:.1f} s"
        )
        _print_long_pdf(pool, Path(folder))


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


def _print_long_pdf(pool: ParserPool, folder: Path) -> None:
    path = folder / "long.pdf"
    path.write_bytes(write_long_pdf(LONG_PDF_PAGES))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        (reading,) = pool.read(path.name, path).readings
        times.append(time.perf_counter() - started)
    kinds = [block.kind for block in reading.content.blocks]
    pages = max(block.page or 0 for block in reading.content.blocks)
    print(
        f"\nlong tagged pdf: {pages} pages in {min(times):.2f} s (best of 3), "
        f"{kinds.count('heading')} of {LONG_PDF_HEADINGS} headings, "
        f"{kinds.count('table')} of {LONG_PDF_TABLES} tables"
    )


if __name__ == "__main__":
    main()
