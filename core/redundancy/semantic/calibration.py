"""From which similarity on two texts are offered as alike. The numbers stand in thresholds.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TRANSLATED = ("en", "es", "pt")
"""The languages between which translations are looked for."""

_FILE = Path(__file__).with_name("thresholds.toml")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Cosines from 0 to 1 for one language.

    `sentence`: two sentences say the same. `passage`: two passages correspond. `document`: the mean, by
    length, of each passage's best match, on the side where it is lower.
    """

    sentence: float
    passage: float
    document: float


@dataclass(frozen=True, slots=True)
class TranslationThresholds:
    """For two languages. `candidate`: least share of marks that two whole documents have in common (Ochiai).

    `score`: least score of a translation. See core.redundancy.semantic.translation.
    """

    candidate: float
    score: float


def thresholds(language: str) -> Thresholds:
    """Those of a language; for one that was not calibrated the strictest of all."""
    table = _table()["same_language"]
    return Thresholds(**table.get(language, table["other"]))


def translation_thresholds(a: str, b: str) -> TranslationThresholds | None:
    """Those of two languages in either order; None where translations are not looked for."""
    found = _table()["translation"].get("-".join(sorted((a, b))))
    return None if found is None else TranslationThresholds(**found)


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, dict[str, float]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
