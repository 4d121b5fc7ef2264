"""The format-neutral document: readers write it, redundancy reads it, exports render it."""

from core.content.blocks import (
    Block,
    BlockKind,
    CellSpan,
    Chart,
    ChartKind,
    Content,
    Mark,
    MarkKind,
    Picture,
    Provenance,
    Series,
)
from core.content.marks import moved, with_text
from core.content.runs import Run, Sign, cell_runs, cut, marked, runs

__all__ = [
    "Block",
    "BlockKind",
    "CellSpan",
    "Chart",
    "ChartKind",
    "Content",
    "Mark",
    "MarkKind",
    "Picture",
    "Provenance",
    "Run",
    "Series",
    "Sign",
    "cell_runs",
    "cut",
    "marked",
    "moved",
    "runs",
    "with_text",
]
