"""Meaning alone never decides: it asks for a look, and a translation is never dropped."""

from __future__ import annotations

from dataclasses import replace
from string import Formatter
from typing import get_args

import pytest

from core.redundancy import Subject
from core.redundancy.evidence import Span
from core.redundancy.semantic import (
    LIMITS,
    REASONS,
    PassageMatch,
    SemanticEvidence,
    limits,
    needs_lexical_evidence,
    semantic_advice,
    thresholds,
)
from core.redundancy.semantic.matches import PairKind

EVIDENCE = SemanticEvidence(
    "same_meaning", 0.8, (PassageMatch(Span(0, 9), Span(3, 9), 0.8),), 0.9, 0.7, 10, 10, 10
)
ENGLISH, SPANISH = (
    Subject.of("a", "text", "Leave policy", language="en"),
    Subject.of("b", "text", language="es"),
)


@pytest.mark.parametrize("kind", get_args(PairKind))
@pytest.mark.parametrize("num_shared", [0, 10])
def test_no_finding_is_automatic_or_a_drop(kind: PairKind, num_shared: int) -> None:
    found = semantic_advice(ENGLISH, SPANISH, replace(EVIDENCE, kind=kind, num_figures_shared=num_shared))
    assert found.automatic is False
    assert found.act == {"same_meaning": "review", "translation": "translation_of"}[kind]


def test_differing_figures_are_said() -> None:
    agreeing = semantic_advice(ENGLISH, SPANISH, replace(EVIDENCE, kind="translation"))
    differing = semantic_advice(ENGLISH, SPANISH, replace(EVIDENCE, kind="translation", num_figures_shared=7))
    assert agreeing.reason_code == "translation"
    assert differing.reason_code == "translation_figures_differ"
    assert "7 of 10" in differing.reason
    assert "Leave policy" in differing.reason


def test_every_reason_is_filled_by_the_parameters_of_every_advice() -> None:
    known = set(semantic_advice(ENGLISH, SPANISH, EVIDENCE).parameters)
    for reason in REASONS.values():
        assert {name for _, name, _, _ in Formatter().parse(reason) if name} <= known


def test_limits_are_told_by_language_and_model() -> None:
    assert limits(("en", "en")) == ()
    assert limits(("en", "es")) == ("english_model",)
    assert limits(("en", "fr")) == ("english_model", "uncalibrated_language")
    assert limits(("en",), is_calibrated_model=False) == ("uncalibrated_model",)
    assert set(limits(("fr",)) + limits(("fr",), is_calibrated_model=False)) == set(LIMITS)


def test_spanish_and_portuguese_need_words_before_anything_is_automatic() -> None:
    assert [needs_lexical_evidence(language) for language in ("en", "es", "pt", "")] == [
        False,
        True,
        True,
        True,
    ]
    assert needs_lexical_evidence("en", is_calibrated_model=False)


def test_languages_without_a_measurement_are_held_to_the_strictest_thresholds() -> None:
    other = thresholds("fr")
    for language in ("en", "es", "pt"):
        own = thresholds(language)
        assert own.sentence < other.sentence
        assert own.passage < other.passage
        assert own.document < other.document
