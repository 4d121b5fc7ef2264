"""What an embedding model changes, and how little it is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.documents.drafting import ExtractiveWriter, SourceShelf
from core.documents.drafting.relevance import MOST_RERANKED
from tests.documents.drafting.builders import plan, section, source, texts

REFUND = "refund"


class Topics:
    """Texts about giving money back lie in one direction, all others in another."""

    fingerprint = "topics"
    dim = 2

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def embed(self, asked: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(asked))
        rows = [(1, 0) if any(word in text for word in (REFUND, "money")) else (0, 1) for text in asked]
        return np.array(rows, np.float32)


RETURNS = section("Returns and refund", "returns", "returned goods", least=3, most=14)
LONG = source(
    "# Returns",
    *(f"Returned goods of shelf {number} wait in hall {number} of the depot." for number in range(60)),
    "Whoever sends returned goods in time gets the money in a week.",
)


def test_what_is_near_in_meaning_comes_first() -> None:
    few = source(
        "# Returns",
        "Returned goods and other returns wait in hall four.",
        "Whoever sends returned goods in time gets the money in a week.",
    )
    by_words = ExtractiveWriter(SourceShelf([few]), plan(RETURNS)).write(RETURNS)
    by_meaning = ExtractiveWriter(SourceShelf([few], Topics()), plan(RETURNS)).write(RETURNS)
    assert texts(by_words) == ["Returned goods and other returns wait in hall four."]
    assert texts(by_meaning) == ["Whoever sends returned goods in time gets the money in a week."]


def test_the_model_is_asked_once_a_section_about_few_sentences_and_never_twice_about_one() -> None:
    topics = Topics()
    shelf = SourceShelf([LONG], topics)
    assert not topics.asked
    for _ in range(2):
        ExtractiveWriter(shelf, plan(RETURNS)).write(RETURNS)
    first, second = topics.asked
    assert len(first) == MOST_RERANKED + 1
    assert len(second) == 1


def test_a_section_with_nothing_on_its_subject_asks_the_model_nothing() -> None:
    topics = Topics()
    vacation = section("Vacation", "annual leave")
    ExtractiveWriter(SourceShelf([LONG], topics), plan(vacation)).write(vacation)
    assert not topics.asked
