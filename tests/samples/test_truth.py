"""What samples/truth.json promises, measured again on the texts."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

import pytest

from samples.build import LIBRARY, TRUTH, Source, read_sources
from samples.measure import all_overlaps, jaccard, planned_pairs, shingles

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads(TRUTH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return {source.path: source for source in read_sources()}


@pytest.fixture(scope="module")
def overlaps(sources: dict[str, Source]) -> dict[frozenset[str], float]:
    return all_overlaps({path: source.text for path, source in sources.items()})


def test_the_truth_lists_every_document_and_no_other(truth: dict[str, Any]) -> None:
    listed = [document["path"] for document in truth["documents"]]
    in_folder = sorted(str(file.relative_to(LIBRARY)) for file in LIBRARY.rglob("*") if file.is_file())
    assert listed == in_folder


def test_every_document_has_all_its_facts(truth: dict[str, Any]) -> None:
    for document in truth["documents"]:
        assert set(document) == {"path", "title", "language", "area", "type", "date", "author"}
        assert all(document.values())
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", document["date"])


def test_every_path_that_is_named_is_a_document(truth: dict[str, Any]) -> None:
    named = {path for pair in planned_pairs(truth) for path in pair}
    named |= {side[key] for side in truth["contradictions"] for key in ("a", "b")}
    named |= {problem["path"] for problem in truth["quality"]}
    assert named <= {document["path"] for document in truth["documents"]}


def test_each_language_has_about_a_third(truth: dict[str, Any]) -> None:
    languages = [document["language"] for document in truth["documents"]]
    assert len(languages) >= 72
    for language in ("es", "en", "pt"):
        assert languages.count(language) >= len(languages) / 4


@pytest.mark.parametrize(
    ("suffix", "at_least"),
    [
        *((".md", 30), (".docx", 8), (".pdf", 4), (".html", 3), (".txt", 3), (".pptx", 2), (".xlsx", 2)),
        *((".csv", 2), (".odt", 1), (".eml", 2), (".epub", 1)),
    ],
)
def test_every_format_is_shown(truth: dict[str, Any], suffix: str, at_least: int) -> None:
    assert sum(document["path"].endswith(suffix) for document in truth["documents"]) >= at_least


def test_a_document_has_250_to_1500_words(sources: dict[str, Source]) -> None:
    for path, source in sources.items():
        assert 250 <= len(re.findall(r"\w+", source.text)) <= 1500, path


@pytest.mark.parametrize(
    ("kind", "at_least"),
    [
        *(("exact", 5), ("edited", 10), ("translated", 6), ("passages", 8), ("template_families", 4)),
        *(("negatives", 5), ("contradictions", 4), ("quality", 5)),
    ],
)
def test_enough_is_planted_of_each_kind(truth: dict[str, Any], kind: str, at_least: int) -> None:
    assert len(truth[kind]) >= at_least


def test_exact_copies_have_one_text(truth: dict[str, Any], sources: dict[str, Source]) -> None:
    for group in truth["exact"]:
        assert len({sources[path].text for path in group}) == 1
    assert max(len(group) for group in truth["exact"]) == 3
    assert any(len({path.rsplit(".", 1)[1] for path in group}) > 1 for group in truth["exact"])


def test_edited_copies_overlap_as_promised(
    truth: dict[str, Any], overlaps: dict[frozenset[str], float]
) -> None:
    for pair in truth["edited"]:
        overlap = overlaps[frozenset((pair["older"], pair["newer"]))]
        assert 0.55 <= pair["jaccard_min"] <= overlap <= pair["jaccard_max"] <= 0.95, pair


def test_the_newer_of_two_edited_copies_is_not_dated_before_the_older(
    truth: dict[str, Any], sources: dict[str, Source]
) -> None:
    for pair in truth["edited"]:
        assert sources[pair["older"]].date < sources[pair["newer"]].date, pair


def test_facts_differ_where_the_truth_says_so(truth: dict[str, Any], sources: dict[str, Source]) -> None:
    for pair in truth["edited"]:
        older, newer = (set(NUMBER.findall(sources[pair[side]].text)) for side in ("older", "newer"))
        assert bool(older - newer) == pair["facts_differ"], pair


def test_a_superset_holds_nearly_all_of_the_older_text(
    truth: dict[str, Any], sources: dict[str, Source]
) -> None:
    supersets = [pair for pair in truth["edited"] if pair["change"] == "superset"]
    assert len(supersets) >= 3
    for pair in supersets:
        older, newer = (shingles(sources[pair[side]].text) for side in ("older", "newer"))
        assert len(older & newer) / len(older) > 0.97
        assert len(newer) > len(older)


def test_two_edits_or_more_change_only_the_wording(truth: dict[str, Any], sources: dict[str, Source]) -> None:
    reworded = [pair for pair in truth["edited"] if pair["change"] == "wording"]
    assert len(reworded) >= 2
    for pair in reworded:
        older, newer = (sorted(NUMBER.findall(sources[pair[side]].text)) for side in ("older", "newer"))
        assert older == newer


def test_translations_are_in_two_languages_and_share_few_words(
    truth: dict[str, Any], sources: dict[str, Source], overlaps: dict[frozenset[str], float]
) -> None:
    for a, b in truth["translated"]:
        assert sources[a].facts["language"] != sources[b].facts["language"]
        assert sources[a].facts["type"] == sources[b].facts["type"]
        assert [piece.kind for piece in sources[a].pieces] == [piece.kind for piece in sources[b].pieces]
        assert overlaps[frozenset((a, b))] < 0.1


def test_passages_stand_in_two_documents_that_otherwise_differ(
    truth: dict[str, Any], sources: dict[str, Source], overlaps: dict[frozenset[str], float]
) -> None:
    for passage in truth["passages"]:
        assert passage["text"] in sources[passage["source"]].text
        assert passage["text"] in sources[passage["copy"]].text
        assert len(passage["text"].split()) >= 20
        assert overlaps[frozenset((passage["source"], passage["copy"]))] < 0.3


def test_members_of_a_template_family_are_alike_but_for_their_facts(
    truth: dict[str, Any], sources: dict[str, Source], overlaps: dict[frozenset[str], float]
) -> None:
    for family in truth["template_families"]:
        assert 3 <= len(family["members"]) <= 5
        for a, b in combinations(family["members"], 2):
            assert overlaps[frozenset((a, b))] > 0.6
            numbers = [set(NUMBER.findall(sources[path].text)) for path in (a, b)]
            assert numbers[0] - numbers[1]
            assert numbers[1] - numbers[0]


def test_negatives_share_no_more_than_a_little(
    truth: dict[str, Any], overlaps: dict[frozenset[str], float]
) -> None:
    for pair in truth["negatives"]:
        assert overlaps[frozenset(pair)] < 0.1


def test_no_pair_is_alike_that_was_not_planned(
    truth: dict[str, Any], overlaps: dict[frozenset[str], float]
) -> None:
    planned = planned_pairs(truth)
    assert [sorted(pair) for pair, overlap in overlaps.items() if overlap > 0.2 and pair not in planned] == []


def test_the_quality_problems_are_there(truth: dict[str, Any], sources: dict[str, Source]) -> None:
    for problem in truth["quality"]:
        source = sources[problem["path"]]
        kind, _, detail = problem["problem"].partition(": ")
        if kind == "Placeholders":
            assert all(mark in source.text for mark in detail.rstrip(".").split(", "))
        elif kind == "Empty section":
            after = [piece.text for piece in source.pieces].index(detail.rstrip(".")) + 1
            assert source.pieces[after].kind == "heading"
        elif kind == "Mojibake":
            damaged = re.search(r"as in (\S+) for", detail)
            assert damaged is not None
            assert damaged[1] in (LIBRARY / source.path).read_text(encoding="utf-8")
        elif kind == "Encoding":
            assert "não" in (LIBRARY / source.path).read_text(encoding="cp1252")
        else:
            assert kind == "Stale"
            assert source.date.year < 2020


def test_the_measure_is_shared_shingles_over_all_shingles() -> None:
    assert shingles("One two, THREE four") == {("one", "two", "three"), ("two", "three", "four")}
    assert jaccard({("a", "b", "c")}, {("a", "b", "c"), ("b", "c", "d")}) == 0.5
