"""Questions that a source answers, each with its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.documents.draft import DraftBlock
from core.documents.drafting.desk import SectionDesk, Written, num_words
from core.documents.drafting.passages import Passage
from core.documents.drafting.sentence_signs import is_question
from core.documents.drafting.shelf import SourceShelf

_MOST_ANSWER_SENTENCES = 5
_MOST_LEADING = 2  # sentences of a paragraph that may stand before its question
_QUESTION_LEVEL = 3


class Answered(NamedTuple):
    question: tuple[Passage, ...]
    answer: tuple[Passage, ...]


def write_questions(desk: SectionDesk) -> Written:
    """The answered questions nearest to the section and the brief, in the order of the sources."""
    query = {**desk.query.brief, **desk.query.weights}
    scores = desk.shelf.postings.scores(query)
    found = [pair for pair in answered(desk.shelf) if _is_free(desk, pair)]
    worth = {pair: max(float(scores[one.number]) for one in (*pair.question, *pair.answer)) for pair in found}
    chosen: list[Answered] = []
    for pair in sorted(found, key=lambda pair: (-worth[pair], pair.question[0].number)):
        length = num_words(passage for one in (*chosen, pair) for passage in (*one.question, *one.answer))
        fits = length <= desk.section.max_words or not chosen
        if worth[pair] > 0 and fits and not _is_repeated(desk, pair, chosen):
            chosen.append(pair)
    chosen.sort(key=lambda pair: pair.question[0].number)
    return Written(tuple(block for pair in chosen for block in _blocks(desk.shelf, pair)))


def answered(shelf: SourceShelf) -> Iterator[Answered]:
    """Questions followed by an answer: in their own paragraph, else in the paragraphs up to the next question
    or heading.
    """
    for passage in shelf.passages:
        if passage.kind in ("table", "code") or not is_question(passage.text):
            continue
        question = _question(shelf, passage)
        answer = _answer(shelf, passage)
        if answer and not any(one.number in shelf.left_out for one in (*question, *answer)):
            yield Answered(question, answer)


def _question(shelf: SourceShelf, passage: Passage) -> tuple[Passage, ...]:
    """The question, with the sentences that lead to it where it does not open its paragraph."""
    found = [passage]
    while len(found) <= _MOST_LEADING and (before := shelf.before(found[0])) is not None:
        if is_question(before.text):
            break
        found.insert(0, before)
    opens = shelf.before(found[0]) is None
    return tuple(found) if opens else (passage,)


def _answer(shelf: SourceShelf, question: Passage) -> tuple[Passage, ...]:
    found: list[Passage] = []
    for passage in shelf.passages[question.number + 1 : question.number + 1 + _MOST_ANSWER_SENTENCES]:
        other_source = passage.source != question.source
        if other_source or passage.kind not in ("paragraph", "list_item") or is_question(passage.text):
            break
        if found and passage.paragraph != found[-1].paragraph and found[0].paragraph == question.paragraph:
            break
        found.append(passage)
    return tuple(found)


def _is_free(desk: SectionDesk, pair: Answered) -> bool:
    return not any(desk.is_said(passage) for passage in (*pair.question, *pair.answer))


def _is_repeated(desk: SectionDesk, pair: Answered, chosen: list[Answered]) -> bool:
    said = [passage for one in chosen for passage in (*one.question, *one.answer)]
    return any(desk.says_same(one, other) for one in (*pair.question, *pair.answer) for other in said)


def _blocks(shelf: SourceShelf, pair: Answered) -> Iterator[DraftBlock]:
    yield DraftBlock(
        "heading", tuple(shelf.statement(passage) for passage in pair.question), level=_QUESTION_LEVEL
    )
    yield DraftBlock("paragraph", tuple(shelf.statement(passage) for passage in pair.answer))
