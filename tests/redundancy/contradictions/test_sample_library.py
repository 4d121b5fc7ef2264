"""The sample library against the contradictions planted in it."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest

from core.bootstrap import SAMPLES
from core.ingestion import ParserPool
from core.redundancy import Subject
from core.redundancy.contradictions import Contradiction, find_contradictions
from core.use_cases.ingest_files import files_at
from tests.conftest import ROOT

TRUTH: dict[str, Any] = json.loads((ROOT / "samples/truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found(parser_pool: ParserPool) -> dict[frozenset[str], list[Contradiction]]:
    subjects = [
        Subject.of(reading.name, reading.content.text, reading.title, reading.modified)
        for _, outcome in parser_pool.read_many(files_at([SAMPLES]))
        for reading in outcome.readings
    ]
    pairs: dict[frozenset[str], list[Contradiction]] = {}
    for each in find_contradictions(subjects):
        pairs.setdefault(frozenset((each.a.document_id, each.b.document_id)), []).append(each)
    return pairs


@pytest.mark.parametrize("planted", TRUTH["contradictions"], ids=lambda planted: planted["about"][:40])
def test_every_planted_contradiction_is_found(
    planted: dict[str, str], found: dict[frozenset[str], list[Contradiction]]
) -> None:
    assert frozenset((planted["a"], planted["b"])) in found


def test_no_template_family_no_translation_and_no_negative_is_flagged(
    found: dict[frozenset[str], list[Contradiction]],
) -> None:
    families = [pair for family in TRUTH["template_families"] for pair in combinations(family["members"], 2)]
    apart = [frozenset(pair) for pair in [*families, *TRUTH["translated"], *TRUTH["negatives"]]]
    assert [sorted(pair) for pair in apart if pair in found] == []


def test_what_differs_between_listed_versions_is_called_changed(
    found: dict[frozenset[str], list[Contradiction]],
) -> None:
    versions = [frozenset((pair["older"], pair["newer"])) for pair in TRUTH["edited"]]
    assert {each.relation for pair in versions for each in found.get(pair, ())} == {"changed"}


def test_few_other_pairs_are_flagged(found: dict[frozenset[str], list[Contradiction]]) -> None:
    """Those that remain follow from planted ones through copies, older versions and translations."""
    assert len(found) <= 26
