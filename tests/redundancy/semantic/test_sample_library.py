"""Every planted translation of the sample library is found, and nothing that is not planted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.inference.embedding import SentenceEmbedder
from core.redundancy import find_pairs
from core.redundancy.semantic import ScoredPairs, SemanticIndex, SemanticPairs, make_profiles
from samples.build import read_sources
from samples.measure import planned_pairs
from tests.redundancy.semantic.conftest import SAMPLES

SOURCES = read_sources()
PATHS = [source.path for source in SOURCES]


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def found(model: SentenceEmbedder, truth: dict[str, Any]) -> SemanticPairs:
    texts = [source.text for source in SOURCES]
    language = {document["path"]: document["language"] for document in truth["documents"]}
    index = SemanticIndex()
    profiles = make_profiles(texts, [language[path] for path in PATHS], model)
    for path, profile in zip(PATHS, profiles, strict=True):
        index.put(path, profile)
    return index.find_pairs(PATHS, find_pairs(texts, 0.5))


def paths_of(pairs: ScoredPairs) -> set[frozenset[str]]:
    return {
        frozenset((PATHS[one], PATHS[other]))
        for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
    }


def test_the_translations_are_exactly_those_that_are_planted(
    found: SemanticPairs, truth: dict[str, Any]
) -> None:
    assert paths_of(found.translations) == {frozenset(pair) for pair in truth["translated"]}


def test_no_pair_in_one_language_is_made_up(found: SemanticPairs, truth: dict[str, Any]) -> None:
    planned = planned_pairs(truth)
    assert all(planned.get(pair, "negative") != "negative" for pair in paths_of(found.same_meaning))
    assert found.is_complete
