"""The parts together, their wording, and what is planted in the sample library."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from core.quality import (
    EVIDENCE,
    FIXES,
    WEIGHTS,
    AssessedDocument,
    DocumentQuality,
    LibraryContext,
    assess,
    rating_of,
    say,
)
from samples.build import TRUTH
from tests.quality.conftest import TODAY, written

Qualities = dict[str, DocumentQuality]
CODE = re.compile(r'(?:Evidence|Fix)\(\s*"(\w+)"')
SOURCES = sorted(Path("core/quality").glob("*.py"))


def codes(quality: DocumentQuality, name: str) -> set[str]:
    return {one.code for part in quality.parts if part.name == name for one in part.evidence}


def test_the_score_is_the_weighted_mean_of_the_parts_that_have_one(sample_quality: Qualities) -> None:
    for quality in sample_quality.values():
        scores = {part.name: part.score for part in quality.parts if part.score is not None}
        assert quality.weights == {name: WEIGHTS[name] for name in WEIGHTS if name in scores}
        mean = sum(scores[name] * WEIGHTS[name] for name in scores) / sum(quality.weights.values())
        assert quality.score == pytest.approx(mean, abs=0.51)
        assert quality.weakest is not None
        assert scores[quality.weakest] == min(scores.values())


def test_every_part_is_shown_and_the_weights_are_per_cent() -> None:
    quality = assess(written("Nothing much."), LibraryContext(), TODAY)
    assert [part.name for part in quality.parts] == list(WEIGHTS)
    assert sum(WEIGHTS.values()) == 100


def test_an_empty_document_has_parts_and_no_score() -> None:
    quality = assess(written(), LibraryContext(), TODAY)
    assert (quality.score, quality.rating, quality.weakest) == (None, None, None)
    assert len(quality.parts) == len(WEIGHTS)


@pytest.mark.parametrize(
    ("score", "rating"),
    [(100, "excellent"), (80, "excellent"), (79, "good"), (60, "good"), (59, "fair"), (40, "fair"),
     (39, "needs_improvement"), (0, "needs_improvement"), (None, None)],
)  # fmt: skip
def test_ratings_begin_where_the_vocabulary_says(score: int | None, rating: str | None) -> None:
    assert rating_of(score) == rating


def test_a_quality_survives_json(sample_quality: Qualities) -> None:
    for quality in sample_quality.values():
        assert DocumentQuality.from_json(json.loads(json.dumps(quality.to_json()))) == quality


def test_everything_that_is_said_has_its_parameters(sample_quality: Qualities) -> None:
    for quality in sample_quality.values():
        for part in quality.parts:
            assert all(say(said) for said in (*part.evidence, *part.fixes))


def test_every_code_in_the_modules_has_a_sentence() -> None:
    used = {code for file in SOURCES for code in CODE.findall(file.read_text(encoding="utf-8"))}
    assert used <= EVIDENCE.keys() | FIXES.keys()


def test_no_sentence_has_a_place_without_a_name() -> None:
    for sentence in (*EVIDENCE.values(), *FIXES.values()):
        assert all(name != "" for _, name, _, _ in Formatter().parse(sentence))


def test_spans_lie_in_the_text(sample_documents: list[AssessedDocument], sample_quality: Qualities) -> None:
    for document in sample_documents:
        for part in sample_quality[document.id].parts:
            spans = [evidence.span for evidence in part.evidence if evidence.span]
            assert all(0 <= start < end <= len(document.content.text) for start, end in spans)


EXPECTED = {
    "Stale": ("freshness", "in_force_but_old"),
    "Placeholders": ("completeness", "placeholder"),
    "Empty section": ("completeness", "empty_section"),
    "Mojibake": ("completeness", "repaired_text"),
    "Encoding": ("completeness", "old_encoding"),
}


def test_every_planted_problem_is_named_by_its_part(sample_quality: Qualities) -> None:
    planted = json.loads(TRUTH.read_text(encoding="utf-8"))["quality"]
    for problem in planted:
        part, code = EXPECTED[problem["problem"].partition(":")[0]]
        assert code in codes(sample_quality[problem["path"]], part), problem


def test_the_planted_placeholders_are_all_found(sample_quality: Qualities) -> None:
    planted = json.loads(TRUTH.read_text(encoding="utf-8"))["quality"]
    for problem in (one for one in planted if one["problem"].startswith("Placeholders")):
        part = sample_quality[problem["path"]].part("completeness")
        shown = " ".join(str(one.parameters.get("text")) for one in part.evidence)
        for word in re.findall(r"\[[^\]]+\]|TBD|XXX", problem["problem"]):
            assert word.rstrip("]") in shown


def test_no_clean_document_is_accused(sample_quality: Qualities) -> None:
    """Nothing but what is planted costs a point of completeness, and only the stale plan is out of date."""
    planted = {one["path"] for one in json.loads(TRUTH.read_text(encoding="utf-8"))["quality"]}
    for path, quality in sample_quality.items():
        accused = codes(quality, "freshness") & {"in_force_but_old", "review_passed", "validity_passed"}
        assert not accused or path in planted, path
        if path not in planted:
            assert codes(quality, "completeness") == {"nothing_missing"}, path
