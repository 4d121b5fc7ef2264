"""The labelled pairs of statements, and what is found between them."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Literal, NamedTuple

from core.redundancy import Subject
from core.redundancy.contradictions import contradictions

Part = Literal["tuned", "kept"]


class Labelled(NamedTuple):
    a: str
    b: str
    relation: str

    def is_flagged(self) -> bool:
        return bool(contradictions(Subject.of("a", self.a), Subject.of("b", self.b)))


def labelled(part: Part) -> list[Labelled]:
    read = tomllib.loads(Path(__file__).with_name("pairs.toml").read_text(encoding="utf-8"))
    return [Labelled(pair["a"], pair["b"], pair["is"]) for pair in read[part]]


def counted(part: Part) -> Counter[tuple[str, bool]]:
    """How many pairs of each label are flagged and not."""
    return Counter((pair.relation, pair.is_flagged()) for pair in labelled(part))
