"""Signs in a brief and what they come to."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.documents.briefs import briefs
from benchmarks.documents.routing import macro_f1
from core.agents.routing import brief_words, route
from core.agents.routing.phrases import PhraseTable
from core.agents.routing.spelling import Spelling
from core.agents.routing.weights import Weights, learned_weights, read_weights
from core.documents.catalogue import load_catalogue

NAMES = {
    key: tuple(name for names in template.names.values() for name in names)
    for key, template in load_catalogue().items()
}
AREA_LISTS = {key: template.areas for key, template in load_catalogue().items()}
QUOTE, BILL = (f"w:{word.stem}" for word in brief_words("quote bill"))
SMALL = Weights(
    types={QUOTE: {"quote": 1.0}, BILL: {"invoice": 0.8, "quote": -0.25}},
    areas={BILL: {"finance": 0.5}},
    type_areas={"quote": {"sales": 1.0}, "invoice": {"finance": 0.9, "sales": 0.1}},
    type_sharpness=10.0,
    area_sharpness=5.0,
    type_trust=1.0,
    own_name=1.5,
)


def test_words_keep_their_places() -> None:
    text = "Ação: 2 Cotizaciones, S.A."
    assert [text[word.start : word.end] for word in brief_words(text)] == [
        word.text for word in brief_words(text)
    ]


def test_the_longest_phrase_hides_those_within_it() -> None:
    table = PhraseTable([("plan", "a", 1.0), ("plan de negocio", "b", 1.0), ("negocios", "c", 1.0)])
    stems = tuple(word.stem for word in brief_words("un plan de negocios y un plan"))

    assert [(found.start, found.end, dict(found.owners)) for found in table.find(stems)] == [
        (1, 4, {"b": 1.0}),
        (6, 7, {"a": 1.0}),
    ]


@pytest.mark.parametrize("written", ["propsal", "proposl", "propoosal", "prposal", "propoxal"])
def test_one_wrong_letter_in_a_long_word_is_put_right(written: str) -> None:
    assert Spelling({"proposal", "report"}).correct(written) == "proposal"


@pytest.mark.parametrize("written", ["repo", "proposal", "prapasal", "#", "xroposal2"])
def test_short_known_and_other_words_stay(written: str) -> None:
    assert Spelling({"proposal", "report", "rep"}).correct(written) == written


@given(st.text(alphabet="abcdef", min_size=6, max_size=9), st.data())
def test_any_letter_left_out_behind_the_first_is_found_again(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 1))
    shorter = word[:at] + word[at + 1 :]
    corrected = Spelling({word}).correct(shorter)
    assert corrected == (word if len(shorter) >= 6 else shorter)


def test_weights_come_back_from_their_file() -> None:
    again = read_weights(SMALL.to_json())

    assert again.types == SMALL.types
    assert again.areas == SMALL.areas
    assert again.type_areas == SMALL.type_areas
    assert again.known_words == {QUOTE[2:], BILL[2:]}


def test_shares_follow_the_weights_and_name_the_words() -> None:
    routing = route("bill the quote", {"quote": (), "invoice": ()}, AREA_LISTS, SMALL)

    assert [each.key for each in routing.types] == ["invoice", "quote"]
    assert routing.areas[0].key == "finance"
    shares = {each.key: each for each in routing.types}
    assert shares["invoice"].words == ("bill",)
    assert shares["quote"].words == ("quote",)


def test_a_type_that_was_not_learned_takes_part_by_its_name() -> None:
    names = {"quote": (), "own": ("visit sheet",)}
    routing = route(
        "visit sheet for the farm", names, {"quote": ("sales",), "own": ("technical", "hr")}, SMALL
    )

    assert routing.types[0].key == "own"
    assert routing.areas[0].key == "technical"


def test_the_learned_weights_are_of_the_catalogue_s_types() -> None:
    assert set(learned_weights().type_areas) == set(NAMES)
    for shares in learned_weights().type_areas.values():
        assert abs(sum(shares.values()) - 1) < 0.01


def test_briefs_that_are_held_back_go_to_their_type_and_area() -> None:
    judged = [(brief, route(brief.text, NAMES, AREA_LISTS)) for brief in briefs("held")]

    assert macro_f1([(brief.type, routing.types[0].key) for brief, routing in judged]) >= 0.90
    assert macro_f1([(brief.area, routing.areas[0].key) for brief, routing in judged]) >= 0.85


def test_a_brief_takes_milliseconds() -> None:
    some = [brief.text for brief in briefs("held")]
    route(some[0], NAMES, AREA_LISTS)
    begun = time.process_time()
    for text in some:
        route(text, NAMES, AREA_LISTS)
    assert (time.process_time() - begun) / len(some) < 0.02
