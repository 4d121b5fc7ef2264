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
_ASIDE = 0.3  # share of the best score up to which a question is left out


class Answered(NamedTuple):
    question: tuple[Passage, ...]
    answer: tuple[Passage, ...]

    @property
    def passages(self) -> tuple[Passage, ...]:
        return (*self.question, *self.answer)


def write_questions(desk: SectionDesk) -> Written:
    """The answered questions nearest to the section and the brief, in the order of the sources: those in the
    language of the document, and others where these are too few.
    """
    scores = desk.shelf.postings.scores({**desk.query.brief, **desk.query.weights})
    worth = {
        pair: max(float(scores[passage.number]) for passage in pair.passages)
        for pair in answered(desk.shelf)
        if _is_free(desk, pair)
    }
    ranked = sorted(worth, key=lambda pair: (-worth[pair], pair.question[0].number))
    least = _ASIDE * max(worth.values(), default=0.0)
    asked = [pair for pair in ranked if worth[pair] > least]
    chosen: list[Answered] = []
    for is_own in (True, False):
        if num_words(_said(chosen)) < desk.section.min_words:
            _take(desk, [pair for pair in asked if _is_own(desk, pair) is is_own], chosen)
    chosen.sort(key=lambda pair: pair.question[0].number)
    return Written(tuple(block for pair in chosen for block in _blocks(desk.shelf, pair)))


def _take(desk: SectionDesk, pairs: list[Answered], chosen: list[Answered]) -> None:
    """Add those that there is room for and that say nothing again."""
    for pair in pairs:
        fits = num_words(_said([*chosen, pair])) <= desk.section.max_words or not chosen
        said = _said(chosen)
        if fits and not any(desk.says_same(one, other) for one in pair.passages for other in said):
            chosen.append(pair)


def _said(pairs: list[Answered]) -> list[Passage]:
    return [passage for pair in pairs for passage in pair.passages]


def _is_own(desk: SectionDesk, pair: Answered) -> bool:
    return desk.shelf.language(pair.question[0]) == desk.language


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
    """Neither in the document nor better in another of its sections."""
    kept = any(map(desk.is_kept_for_another, pair.passages))
    return not kept and not any(map(desk.is_said, pair.passages))


def _blocks(shelf: SourceShelf, pair: Answered) -> Iterator[DraftBlock]:
    yield DraftBlock(
        "heading", tuple(shelf.statement(passage) for passage in pair.question), level=_QUESTION_LEVEL
    )
    yield DraftBlock("paragraph", tuple(shelf.statement(passage) for passage in pair.answer))
