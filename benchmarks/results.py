"""benchmarks/results/<area>.md: one section for each question, each written by its own benchmark."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


def as_table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table, the first column aligned left, the others right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    return "\n".join(_line(cells, widths) for cells in (header, tuple(rule), *rows))


def save_section(area: str, title: str, body: str) -> None:
    """Replace the section of this title in the area's file, or add it."""
    file = FOLDER / f"{area}.md"
    begin = f"# {area.capitalize()}\n\nWritten by the benchmarks; each section says how to repeat it.\n"
    written = file.read_text(encoding="utf-8") if file.is_file() else begin
    head, *sections = re.split(r"(?m)^(?=## )", written)
    kept = [section for section in sections if not section.startswith(f"## {title}\n")]
    FOLDER.mkdir(parents=True, exist_ok=True)
    parts = [head.strip(), *sorted(part.strip() for part in [*kept, f"## {title}\n\n{body}"])]
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return (
        "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"
    )
