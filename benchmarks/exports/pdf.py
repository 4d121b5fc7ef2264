"""A report of a hundred sections as PDF: cold, warm, ten times as long, and beside WeasyPrint on our HTML.

    python -m benchmarks.exports.pdf
    python -m benchmarks.exports.pdf --out

Each cold figure is a new process. WeasyPrint runs in the interpreter that WEASYPRINT_PYTHON names, or here if
it is installed here, and is left out by name otherwise. Prints one table; with --out it also goes to
benchmarks/results/exports.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.content import Block, Content
from core.exports.design import designs
from core.exports.manuscript import Manuscript
from core.exports.writers.portable_document import PortableDocument, num_pages
from core.exports.writers.web_page import WebPage

SECTIONS = (100, 300, 1000)
WARM_RUNS = 3
SENTENCE = "The company reviews each procedure once a year and records what has changed in the register. "
PEER = """
import resource, sys, time
times = []
for run in range(int(sys.argv[2])):
    began = time.perf_counter()
    import weasyprint
    made = weasyprint.HTML(f"{sys.argv[1]}/{run}.html").write_pdf(pdf_variant="pdf/ua-1")
    times.append(time.perf_counter() - began)
    open(f"{sys.argv[1]}/{run}.pdf", "wb").write(made)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(times[0], min(times[1:]), peak, weasyprint.__version__)
"""
Figures = tuple[float, float, float, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", action="store_true", help="write benchmarks/results/exports.md too")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(*measured(arguments.measure))
        return
    rows = [row("ours, PDF/A-2a and PDF/UA-1", sections) for sections in SECTIONS]
    peer = os.environ.get("WEASYPRINT_PYTHON", "")
    missing = not peer and importlib.util.find_spec("weasyprint") is None
    if not missing:
        rows.append(peer_row(peer or sys.executable))
    columns = ("writer", "sections", "pages", "cold s", "warm s", "peak RSS MiB")
    notes = "Skipped, not installed: WeasyPrint." if missing else "WeasyPrint in the same run."
    body = "\n\n".join(
        [
            as_table(columns, rows),
            "Cold is the first file of a new process, imports and fonts included; warm the best of "
            f"{WARM_RUNS} files after it, each of another text. {notes}",
            f"Machine: {describe_machine('typst', 'pikepdf')}.",
            "Repeat: `python -m benchmarks.exports.pdf --out`",
        ]
    )
    print(body)
    if arguments.out:
        save_section("exports", "A long report as PDF", body)


def row(name: str, sections: int) -> tuple[str, ...]:
    command = [sys.executable, "-m", "benchmarks.exports.pdf", "--measure", str(sections)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    cold, warm, peak, pages = found.stdout.split()[-4:]
    times = f"{float(cold):.2f}", f"{float(warm):.2f}"
    return name, f"{sections:,}", f"{int(pages):,}", *times, f"{float(peak):.0f}"


def peer_row(interpreter: str) -> tuple[str, ...]:
    """WeasyPrint on pages that our writer has made: it needs nothing of ours."""
    with tempfile.TemporaryDirectory() as folder:
        for run in range(WARM_RUNS + 1):
            page = WebPage().write(report(SECTIONS[0], run), designs()["report"])
            Path(folder, f"{run}.html").write_bytes(page)
        command = [interpreter, "-c", PEER, folder, str(WARM_RUNS + 1)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        pages = num_pages(Path(folder, "0.pdf").read_bytes())
    cold, warm, peak, release = found.stdout.split()[-4:]
    name = f"WeasyPrint {release}, pdf/ua-1, of our HTML"
    times = f"{float(cold):.2f}", f"{float(warm):.2f}"
    return name, f"{SECTIONS[0]:,}", f"{pages:,}", *times, f"{float(peak):.0f}"


def measured(sections: int) -> Figures:
    """Seconds cold and warm, peak memory of the larger process in MiB, pages."""
    began = time.perf_counter()
    data = written(report(sections, 0))
    cold = time.perf_counter() - began
    warm = min(timed(report(sections, run)) for run in range(1, WARM_RUNS + 1))
    processes = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(process).ru_maxrss for process in processes) / 1024
    return cold, warm, peak, num_pages(data)


def timed(manuscript: Manuscript) -> float:
    began = time.perf_counter()
    written(manuscript)
    return time.perf_counter() - began


def written(manuscript: Manuscript) -> bytes:
    return PortableDocument().write(manuscript, designs()["report"])


def report(sections: int, run: int) -> Manuscript:
    """About a page for each section: headings, text, a list, a table of four by four, a quote."""
    blocks: list[Block] = []
    for number in range(1, sections + 1):
        rows = [["Month", "Plan", "Sales", "Note"]]
        rows += [
            [f"{run}-{number}-{line}", f"{line}.50", f"{line * number}", "Filed"] for line in range(1, 4)
        ]
        blocks += [
            Block("heading", f"Section {number} of report {run}", level=1),
            Block("paragraph", f"{number}. " + SENTENCE * 9),
            Block("heading", "What was done", level=2),
            *(Block("list_item", SENTENCE, level=depth) for depth in (0, 1, 1, 0)),
            Block("heading", "Figures", level=2),
            Block.table(rows, header_rows=1),
            Block("quote", SENTENCE),
            Block("paragraph", SENTENCE * 9),
        ]
    return Manuscript(title=f"Report {run}", content=Content(tuple(blocks)))


if __name__ == "__main__":
    main()
