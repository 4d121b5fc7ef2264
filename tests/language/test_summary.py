"""The sentences that say most."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.language.summary import summarise

TEXT = (
    "Annual leave\n"
    "Every employee has twenty days of annual leave. The canteen serves soup on Friday with bread. "
    "Annual leave is requested in writing from the manager. The manager answers a request for leave in five "
    "days. Bicycles are kept behind the building near the gate. Unused annual leave of an employee is lost "
    "in March.\n"
)


def test_central_sentences_are_chosen_and_asides_are_not() -> None:
    chosen = [one.text for one in summarise(TEXT, "en", 3)]
    assert len(chosen) == 3
    assert not any("canteen" in sentence or "Bicycles" in sentence for sentence in chosen)


def test_sentences_keep_their_order_and_place() -> None:
    chosen = summarise(TEXT, "en", 3)
    assert [one.position for one in chosen] == sorted(one.position for one in chosen)
    assert all(TEXT[slice(*one.span)] == one.text for one in chosen)
    assert max(one.score for one in chosen) == 1.0


def test_the_same_is_not_said_twice() -> None:
    said = "The pump is checked by the crew every Monday. "
    assert len(summarise(said + said + "Reports about the pump go to the head of maintenance.", "en", 3)) == 2


def test_headings_and_tables_are_no_summary() -> None:
    assert summarise("Annual leave of the employees in the north\na\tb\tc\td\te\tf\tg\th.\n", "en") == ()


@given(text=st.text(alphabet="abc .\n\t", max_size=200), most=st.integers(1, 4))
def test_never_more_sentences_than_asked_for(text: str, most: int) -> None:
    assert len(summarise(text, "es", most)) <= most
