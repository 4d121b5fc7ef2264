from __future__ import annotations

import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.redundancy import Span, Subject
from core.redundancy.passages import PassageIndex, PassageLink, find_passages
from samples.build import TRUTH, read_sources
from samples.measure import planned_pairs

FIRST = "The night crew parked the carts in front of the air return of the island freezers last week."
SECOND = "Nobody may open the outer door of the cold room while the inner door stands open behind them."


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def prose(num_words: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(f"w{chance.randrange(100_000)}" for _ in range(num_words))


def library(*texts: str) -> list[Subject]:
    return [Subject.of(f"d{number}", text) for number, text in enumerate(texts)]


def only_link(*texts: str) -> PassageLink:
    (link,) = find_passages(library(*texts)).links
    return link


def test_a_copied_passage_has_exact_places_on_both_sides():
    a, b = f"{prose(80, 1)}. {FIRST} {prose(80, 2)}", f"{prose(90, 3)}. {FIRST.upper()} {prose(90, 4)}"
    link = only_link(a, b)
    (passage,) = link.passages
    assert a[slice(*passage.a)] == FIRST.rstrip(".")
    assert b[slice(*passage.b)] == FIRST.upper().rstrip(".")
    assert passage.num_words == link.num_words == 18
    assert link.share_a == pytest.approx(18 / 178)
    assert link.share_b == pytest.approx(18 / 198)


def test_a_few_changed_words_do_not_break_a_passage():
    changed = FIRST.replace("air return", "cold air outlet").replace("last week", "this week")
    (passage,) = only_link(f"{prose(80, 1)} {FIRST}", f"{prose(80, 2)} {changed}").passages
    assert passage.num_words == 14
    assert 0.7 < passage.similarity < 1


def test_fewer_equal_words_than_asked_are_no_passage():
    eleven = " ".join(FIRST.split()[:11])
    texts = library(f"{prose(60, 1)} {eleven} {prose(60, 2)}", f"{prose(60, 3)} {eleven} {prose(60, 4)}")
    assert find_passages(texts).links == ()
    assert len(find_passages(texts, min_words=8).links) == 1


def test_what_stands_in_three_documents_is_boilerplate_and_counted_apart():
    texts = [f"{prose(70, 2 * n)} {FIRST} {prose(70, 2 * n + 1)}" for n in range(3)]
    texts[1] += " " + SECOND
    texts[2] += " " + SECOND
    report = find_passages(library(*texts))
    assert [link.exclusion for link in report.links] == [None, "boilerplate", "boilerplate"]
    counting = report.links[0]
    assert (counting.a_id, counting.b_id) == ("d1", "d2")
    assert [passage.exclusion for passage in counting.passages] == ["boilerplate", None]
    assert (counting.num_words, counting.num_excluded_words) == (18, 18)
    (boilerplate,) = report.boilerplate
    assert [texts[int(place.id[1])][slice(*place.span)] for place in boilerplate.places] == [FIRST[:-1]] * 3


def test_versions_of_one_document_do_not_make_boilerplate():
    version = f"{prose(60, 1)} {FIRST} {prose(60, 2)}"
    report = find_passages(library(version, version + " More.", f"{prose(90, 3)} {FIRST} {prose(90, 4)}"))
    assert report.boilerplate == ()
    assert all(link.exclusion is None for link in report.links)
    assert len(report.links) == 3


def test_a_phrase_in_more_places_than_pairs_are_made_for_is_boilerplate():
    texts = library(*(f"{prose(40, 2 * n)} {FIRST} {prose(40, 2 * n + 1)}" for n in range(70)))
    report = find_passages(texts)
    assert {link.exclusion for link in report.links} == {"boilerplate"}
    assert len(report.boilerplate[0].places) == 70


@pytest.mark.parametrize(
    "quoting",
    [
        "He wrote: “{}” and left.",
        "Escribió «{}».",
        'Ela disse "{}" ontem.',
        "> {}",
        "According to the handbook: {}",
        "Según el manual de la planta: {}",
    ],
)
def test_a_quotation_is_excluded(quoting: str):
    link = only_link(f"{prose(80, 1)}\n{FIRST} {prose(80, 2)}", f"{prose(80, 3)}\n\n{quoting.format(FIRST)}")
    assert link.exclusion == "quote"
    assert (link.num_words, link.num_excluded_words) == (0, 18)


def test_a_quote_block_of_the_document_is_excluded():
    a, b = f"{prose(80, 1)}\n{FIRST}", f"{prose(80, 2)}\n{FIRST}"
    block = Span(b.index(FIRST), len(b))
    assert find_passages(library(a, b), quotes={"d1": [block]}).links[0].exclusion == "quote"
    assert find_passages(library(a, b)).links[0].exclusion is None


def test_a_list_of_names_and_figures_is_no_copied_passage():
    names = "Attendees: " + ", ".join(f"Ana{n} Ruiz{n} Lima{n}" for n in range(6)) + "."
    assert only_link(f"{prose(80, 1)}\n{names}", f"{prose(80, 2)}\n{names}").exclusion == "listing"


def test_a_filled_in_template_is_excluded():
    letter = (
        "Dear {name}, we are pleased to offer you the post from {date}. Your salary will be {pay} USD a "
        "year, paid in twelve parts on the last working day. Please sign both copies within ten days."
    )
    link = only_link(
        letter.format(name="Ana Ruiz", date="3 March 2025", pay="41,000"),
        letter.format(name="Luis Sosa", date="9 May 2026", pay="52,500"),
    )
    assert link.exclusion == "template"


def test_documents_with_equal_words_are_linked_whole_and_share_the_links_of_each_other():
    copy = f"{prose(60, 1)} {FIRST} {prose(60, 2)}"
    report = find_passages(library(copy, copy.upper(), f"{prose(90, 3)} {FIRST} {prose(90, 4)}"))
    pairs = {(link.a_id, link.b_id): link.share_a for link in report.links}
    assert pairs == {("d0", "d1"): 1.0, ("d0", "d2"): 18 / 138, ("d1", "d2"): 18 / 138}


def test_an_index_of_other_documents_is_refused():
    with pytest.raises(Invalid, match="exactly these documents"):
        find_passages(library(FIRST), index=PassageIndex(library(FIRST, SECOND)))


PARTS = st.sampled_from([prose(9, seed) for seed in range(6)] + [FIRST, SECOND, "Ana 3", ""])
TEXTS = st.lists(PARTS, max_size=5).map(" ".join)
STEPS = st.lists(st.tuples(st.integers(0, 5), st.none() | TEXTS), max_size=14)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_an_index_that_was_changed_step_by_step_answers_like_a_new_one(steps: list[tuple[int, str | None]]):
    index, texts = PassageIndex(), dict[str, str]()
    for number, text in steps:
        if text is not None:
            index.add(f"d{number}", text)
            texts[f"d{number}"] = text
        elif f"d{number}" in texts:
            index.remove(f"d{number}")
            del texts[f"d{number}"]
    subjects = [Subject.of(id, text) for id, text in texts.items()]
    assert find_passages(subjects, index=index) == find_passages(subjects)
    assert find_passages(subjects[::-1], index=PassageIndex(subjects[::-1])) == find_passages(subjects)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_passages_begin_and_end_with_the_same_word_on_both_sides(a: str, b: str):
    for link in find_passages(library(a, b)).links:
        for passage in link.passages:
            here, there = words(a[slice(*passage.a)]).split(), words(b[slice(*passage.b)]).split()
            assert (here[0], here[-1]) == (there[0], there[-1])
            assert 12 <= passage.num_words <= min(len(here), len(there))
        assert 0 <= link.share_a <= 1
        assert 0 <= link.share_b <= 1


def test_the_planted_passages_of_the_sample_library_are_found_and_no_others():
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    subjects = [Subject.of(source.path, source.text) for source in read_sources()]
    texts = {subject.id: subject.text for subject in subjects}
    links = {frozenset((link.a_id, link.b_id)): link for link in find_passages(subjects).links}
    for planted in truth["passages"]:
        link = links[frozenset((planted["source"], planted["copy"]))]
        found = [texts[link.a_id][slice(*one.a)] for one in link.passages if one.exclusion is None]
        assert any(words(planted["text"]) in words(passage) for passage in found), planted
    planned = planned_pairs(truth)
    unlisted = ("translated", "negative", "none")
    assert [
        sorted(pair)
        for pair, link in links.items()
        if link.exclusion is None and planned.get(pair, "none") in unlisted
    ] == []


@pytest.mark.corpus
def test_copies_among_twenty_thousand_stories_are_linked(reuters):
    subjects = [Subject(f"{place:05}", text) for place, text in enumerate(reuters.texts)]
    linked = {(int(link.a_id), int(link.b_id)) for link in find_passages(subjects).links}
    long_pairs = {
        pair
        for pair in reuters.truth("reuters_pairs_j070.tsv")
        if all(len(reuters.texts[place].split()) >= 40 for place in pair)
    }
    assert len(long_pairs - linked) <= 0.02 * len(long_pairs)
