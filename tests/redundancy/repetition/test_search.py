from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.redundancy.repetition import STEPS, RewriteStep, find_repetition

RULE = "Returned devices stay in the yellow area until triage has looked at them."
CREW = "The night crew parks the carts away from the air return of the freezers."


def prose(num_words: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(f"w{chance.randrange(100_000)}" for _ in range(num_words)).capitalize() + "."


def only_step(text: str, language: str = "en") -> RewriteStep:
    (step,) = find_repetition(text, language).plan
    return step


def test_an_equal_sentence_is_kept_once():
    text = f"{RULE} {prose(20, 1)} {RULE}"
    found, step = find_repetition(text, "en"), only_step(text)
    assert step.code == "delete_sentences"
    assert [text[slice(*place)] for place in (step.keep, *step.remove)] == [RULE, RULE]
    assert (found.num_removable_words, found.num_words) == (13, 46)
    assert step.sentence == (
        "Keep the first “Returned devices stay in the yellow area until …” and delete its repeats (1). "
        "Words saved: 13."
    )


def test_a_nearly_equal_sentence_asks_for_the_better_wording():
    text = f"{RULE} {prose(20, 1)} {RULE.replace('looked at', 'examined')}"
    assert only_step(text).code == "choose_sentence"


def test_sentences_that_differ_in_a_fact_are_for_a_person_to_settle():
    rule = "Claims are paid within 30 days of the request."
    text = f"{rule} {prose(9, 1)} {rule.replace('30', '45')}"
    step = only_step(text)
    assert (step.code, step.remove) == ("settle_facts", ())
    assert find_repetition(text).num_removable_words == 0
    assert {one.fact.value for one in find_repetition(text).repeats[0].differing_facts} == {
        "30 day",
        "45 day",
    }


def test_sentences_about_different_things_are_no_repeat():
    text = "You can choose Ship on the Transfer Order page. You can choose Ship on the Sales Invoice page."
    assert find_repetition(text, "en").repeats == ()


def test_two_paragraphs_are_merged_with_the_sentences_that_stand_only_in_the_second():
    own = "A label shows the day of the test."
    text = f"{RULE} {CREW}\n\n{prose(30, 1)}\n\n{RULE} {CREW} {own}"
    step = only_step(text)
    assert step.code == "merge_paragraphs"
    assert [text[slice(*place)] for place in step.move] == [own]
    assert step.parameters["num_removable"] == 27


def test_an_equal_paragraph_is_one_step_not_one_for_each_of_its_sentences():
    text = f"{RULE} {CREW}\n{prose(30, 1)}\n{RULE} {CREW}"
    assert only_step(text).code == "delete_paragraphs"


@pytest.mark.parametrize(
    ("language", "term"),
    [
        ("en", "cold chain monitoring sensor"),
        ("es", "sensor de vigilancia de la cadena de frío"),
        ("pt", "sensor de vigilância da cadeia de frio"),
    ],
)
def test_a_long_term_is_defined_once(language: str, term: str):
    text = f"{prose(5, 1)} {term} {prose(5, 2)} {term} {prose(5, 3)} {term} {prose(5, 4)}"
    step = only_step(text, language)
    assert step.code == "define_term"
    assert [text[slice(*place)] for place in (step.keep, *step.remove)] == [term] * 3


def test_a_phrase_is_as_long_as_its_places_agree():
    long = "the carts of the night crew block the cold air outlet of the island freezers"
    text = " ".join(f"{prose(6, seed)} {long}" for seed in range(3))
    step = only_step(text)
    assert step.code == "say_once"
    assert text[slice(*step.keep)] == long.removeprefix("the ")


@pytest.mark.parametrize(
    ("language", "phrase"),
    [("en", "in the case of the"), ("es", "por parte de los que"), ("pt", "no caso de que os")],
)
def test_words_of_grammar_are_no_repeated_phrase(language: str, phrase: str):
    text = " ".join(f"{prose(6, seed)} {phrase}" for seed in range(5))
    assert find_repetition(text, language).repeats == ()


PARTS = st.sampled_from(
    [RULE, CREW, "\n", "\n\n", "a b c d", "cold room door", prose(7, 1), "30 days", "Ana"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS, max_size=14).map(" ".join), st.sampled_from(["en", "es", "pt", ""]))
def test_no_place_lies_in_two_repeats_and_never_more_goes_than_is_there(text: str, language: str):
    found = find_repetition(text, language)
    places = sorted(place for repeat in found.repeats for place in repeat.places)
    assert all(one.end <= other.start for one, other in pairwise(places))
    assert 0 <= found.num_removable_words <= found.num_words
    assert len(found.plan) == len(found.repeats)
    for repeat in found.repeats:
        if repeat.is_exact:
            assert (
                len({tuple(re.findall(r"\w+", text[slice(*place)].lower())) for place in repeat.places}) == 1
            )


def test_every_step_can_be_said_with_its_parameters():
    parameters = only_step(f"{RULE} {RULE}").parameters
    assert all(sentence.format(**parameters) for sentence in STEPS.values())
