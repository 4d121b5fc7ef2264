"""A report of a hundred pages in every format, and the checks of each: seconds, bytes, memory.

    python -m benchmarks.exports.formats [--save]

Each format is measured in a process of its own: the first file (imports and fonts included), the best of
three after it, the checks that the product makes of each file, peak memory. Then 20,000 rows as a workbook,
growth to ten times the length, all formats one after the other in one process, and the schema errors of a
deck as python-pptx makes it beside ours. Prints them; with --save they go to benchmarks/results/exports.md.
"""

from __future__ import annotations

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.exports.pdf import report
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.content import Block, Content
from core.exports.design import designs
from core.exports.manuscript import Manuscript
from core.exports.validation.validating import validate
from core.exports.writers import WRITERS
from tests.exports.manuscripts import full_manuscript

SECTIONS, RUNS = 92, 3
"""About a hundred pages as PDF."""
LONG = 10
NUM_ROWS = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--measure", metavar="FORMAT", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(*measured(arguments.measure))
        return
    rows = [row(name) for name in WRITERS]
    columns = ("format", "first s", "again s", "ten times as long s", "checks s", "KB", "peak MiB")
    body = "\n\n".join(
        [
            as_table(columns, rows),
            "A report of about a hundred pages (sections with lists, a table and a quote), wall seconds, "
            "each format in a process of its own. Checks: what the product asks of every file.",
            f"All {len(WRITERS)} formats one after the other in one process, checks left out: "
            f"{together():.1f} s. {NUM_ROWS:,} rows as a workbook: {rows_as_workbook():.2f} s.",
            "Schema errors of a deck with charts (openxml-audit): "
            f"python-pptx {peers_errors()}, ours {our_errors()}.",
            f"Machine: {describe_machine('typst', 'XlsxWriter', 'lxml', 'openxml-audit', 'python-pptx')}.",
            "Repeat: `python -m benchmarks.exports.formats --save`",
        ]
    )
    print(body)
    if arguments.save:
        save_section("exports", "A hundred pages in every format", body)


def row(name: str) -> tuple[str, ...]:
    command = [sys.executable, "-m", "benchmarks.exports.formats", "--measure", name]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-6:]
    first, again, long, checks, size, peak = map(float, found)
    return (name, *(f"{value:.2f}" for value in (first, again, long, checks)), f"{size:,.0f}", f"{peak:.0f}")


def measured(name: str) -> tuple[float, ...]:
    """Seconds of the first file, of the best again, of one ten times as long, of the checks; KB; MiB."""
    data, first = timed(name, report(SECTIONS, 0))
    again = min(timed(name, report(SECTIONS, run))[1] for run in range(1, RUNS + 1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    validate(data, WRITERS[name], report(SECTIONS, 0), designs()["report"])
    checks = time.perf_counter() - began
    return first, again, timed(name, report(SECTIONS * LONG, 9))[1], checks, len(data) / 1024, peak


def timed(name: str, manuscript: Manuscript) -> tuple[bytes, float]:
    began = time.perf_counter()
    data = WRITERS[name].write(manuscript, designs()["report"])
    return data, time.perf_counter() - began


def together() -> float:
    manuscript = report(SECTIONS, 0)
    return sum(timed(name, manuscript)[1] for name in WRITERS)


def rows_as_workbook() -> float:
    rows = [["Day", "Customer", "Units", "Sum"]]
    rows += [
        [
            f"2026-{1 + number % 12:02}-{1 + number % 28:02}",
            f"Customer {number % 500}",
            str(number),
            f"{number * 1.5:.2f}",
        ]
        for number in range(NUM_ROWS)
    ]
    table = Manuscript(title="Rows", content=Content((Block.table(rows, header_rows=1),)))
    return timed("xlsx", table)[1]


def our_errors() -> int:
    return num_errors(WRITERS["pptx"].write(full_manuscript(), designs()["presentation"]))


def peers_errors() -> int:
    """A title, a chart of two series and a table, as the library's own guide makes them."""
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = Presentation()
    for kind in (XL_CHART_TYPE.COLUMN_CLUSTERED, XL_CHART_TYPE.LINE):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        data = CategoryChartData()
        data.categories = ["2024", "2025"]
        data.add_series("Revenue", (10.5, 12.0))
        slide.shapes.add_chart(kind, Inches(1), Inches(2), Inches(6), Inches(4), data)
    out = io.BytesIO()
    deck.save(out)
    return num_errors(out.getvalue())


def num_errors(data: bytes) -> int:
    from openxml_audit import OpenXmlValidator

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deck.pptx"
        path.write_bytes(data)
        return len(OpenXmlValidator().validate(path).errors)


if __name__ == "__main__":
    main()
