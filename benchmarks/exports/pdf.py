"""A report of a hundred sections as PDF: cold, warm, ten times as long, and beside WeasyPrint on our HTML.

    python -m benchmarks.exports.pdf
    python -m benchmarks.exports.pdf --out

Each cold figure is a new process. WeasyPrint is left out by name where it is not installed. Prints one table;
with --out it also goes to benchmarks/results/exports.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import subprocess
import sys
import time

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.content import Block, Content
from core.exports.design import designs
from core.exports.manuscript import Manuscript
from core.exports.writers.portable_document import PortableDocument, num_pages

SECTIONS = (100, 300, 1000)
WARM_RUNS = 3
SENTENCE = "The company reviews each procedure once a year and records what has changed in the register. "
Figures = tuple[float, float, float, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", action="store_true", help="write benchmarks/results/exports.md too")
    parser.add_argument("--measure", nargs=2, metavar=("WRITER", "SECTIONS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(*measured(arguments.measure[0], int(arguments.measure[1])))
        return
    rows = [row("ours, PDF/A-2a and PDF/UA-1", "ours", sections) for sections in SECTIONS]
    missing = importlib.util.find_spec("weasyprint") is None
    if not missing:
        rows.append(row("WeasyPrint, pdf/ua-1, of our HTML", "weasyprint", SECTIONS[0]))
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


def row(name: str, writer: str, sections: int) -> tuple[str, ...]:
    command = [sys.executable, "-m", "benchmarks.exports.pdf", "--measure", writer, str(sections)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    cold, warm, peak, pages = found.stdout.split()[-4:]
    times = f"{float(cold):.2f}", f"{float(warm):.2f}"
    return name, f"{sections:,}", f"{int(pages):,}", *times, f"{float(peak):.0f}"


def measured(writer: str, sections: int) -> Figures:
    """Seconds cold and warm, peak memory in MiB, pages."""
    began = time.perf_counter()
    data = written(writer, report(sections, 0))
    cold = time.perf_counter() - began
    warm = min(timed(writer, report(sections, run)) for run in range(1, WARM_RUNS + 1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return cold, warm, peak, num_pages(data)


def timed(writer: str, manuscript: Manuscript) -> float:
    began = time.perf_counter()
    written(writer, manuscript)
    return time.perf_counter() - began


def written(writer: str, manuscript: Manuscript) -> bytes:
    design = designs()["report"]
    if writer == "ours":
        return PortableDocument().write(manuscript, design)
    from weasyprint import HTML

    from core.exports.writers.web_page import WebPage

    page = WebPage().write(manuscript, design).decode()
    return bytes(HTML(string=page).write_pdf(pdf_variant="pdf/ua-1"))


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
