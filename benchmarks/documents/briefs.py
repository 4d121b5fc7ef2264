"""Labelled briefs, and short ways of asking for each type: what routing learns and is judged by."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Split = Literal["train", "held"]


@dataclass(frozen=True, slots=True)
class LabelledBrief:
    language: str
    area: str
    type: str
    split: Split
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words by which people ask for a type, or name a subject of an area, without giving a whole brief."""

    type: str
    area: str
    language: str
    text: str


def briefs(split: Split) -> tuple[LabelledBrief, ...]:
    """Of the first 638 every third of a type, by the SHA-256 of its text, is held back.

    Those behind them were a first set of unseen briefs; they teach since they were looked at.
    """
    return tuple(brief for brief in read_briefs("briefs.tsv") if brief.split == split)


def read_briefs(name: str) -> tuple[LabelledBrief, ...]:
    rows = _rows(name)
    assert all(row["split"] in get_args(Split) for row in rows)
    return tuple(
        LabelledBrief(row["language"], row["area"], row["type"], _split(row["split"]), row["brief"])
        for row in rows
    )


def phrases() -> tuple[Phrase, ...]:
    return tuple(
        Phrase(row["type"], row["area"], row["language"], row["words"]) for row in _rows("phrases.tsv")
    )


def _split(name: str) -> Split:
    return "held" if name == "held" else "train"


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
