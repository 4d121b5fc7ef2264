"""A fact as it stands in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from core.documents.template import FactKind


@dataclass(frozen=True, slots=True)
class Fact:
    """Characters `start` to `end` of the text that was searched.

    `value` is equal for facts that say the same: "1.200,00 €" and "€ 1,200", "doce meses" and "12 months".
    """

    kind: FactKind
    text: str
    start: int
    end: int
    value: str
