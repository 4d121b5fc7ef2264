"""A section while a model writes it, part after part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.documents.draft import DraftBlock, DraftSection, Origin, Statement
from core.documents.drafting import is_instruction
from core.documents.drafting.fact_search import FoundFact
from core.documents.facts import agree, find_facts
from core.documents.plan import PlannedSection
from core.documents.template import SlotForm
from core.documents.writing.checking import Repetitions, Sentence, is_other_language
from core.documents.writing.reasons import WritingReason
from core.language.stop_words import Language

_WHOLE = 0.9  # share of its sentence from which a fact is told by the sentence and not by a value in it


@dataclass(slots=True)
class Part:
    """What was taken of one answer. `num_said` counts all its sentences: `num_unreadable` cannot stand in a
    document, `num_echoes` repeat what was asked, `num_repeated` this section, `num_known` another one.
    """

    taken: list[tuple[Statement, Sentence]] = field(default_factory=list)
    num_said: int = 0
    num_unreadable: int = 0
    num_echoes: int = 0
    num_repeated: int = 0
    num_known: int = 0


@dataclass(slots=True)
class Page:
    """The parts that may stand so far."""

    section: PlannedSection
    language: Language
    repetitions: Repetitions
    parts: list[Part] = field(default_factory=list)

    @property
    def statements(self) -> list[Statement]:
        return [statement for part in self.parts for statement, _ in part.taken]

    @property
    def num_words(self) -> int:
        return sum(len(each.text.split()) for each in self.statements)

    @property
    def is_full(self) -> bool:
        return self.num_words >= self.section.max_words

    @property
    def is_short(self) -> bool:
        return self.num_words < self.section.min_words

    @property
    def fault(self) -> WritingReason | None:
        """Why what is there cannot stand; None if it can."""
        num_said = sum(part.num_said for part in self.parts)
        if 2 * sum(part.num_echoes for part in self.parts) >= max(num_said, 1):
            return "echo"
        if 2 * sum(part.num_repeated for part in self.parts) >= max(num_said, 1):
            return "repeats"
        if 2 * sum(part.num_unreadable for part in self.parts) > num_said:
            return "rubbish"
        if not any(not sentence.is_question for part in self.parts for _, sentence in part.taken):
            return "repeats" if any(part.num_known for part in self.parts) else "rubbish"
        if is_other_language(self.statements, self.language):
            return "other_language"
        return "unsupported" if _is_mostly_unsupported(self.statements) else None

    def add(self, part: Part) -> bool:
        """Whether it brought something. A later part that no source supports, or with which the section could
        not stand any more, is left out.
        """
        self.parts.append(part)
        is_later = len(self.parts) > 1
        if is_later and (_is_mostly_unsupported([one for one, _ in part.taken]) or self.fault is not None):
            self.parts.pop()
            return False
        return bool(part.taken)

    def take(self, part: Part, statement: Statement, sentence: Sentence) -> None:
        """Into a part that comes next, unless it is said already or there is no room for it."""
        length = sum(len(each.text.split()) for each, _ in (*part.taken, (statement, sentence)))
        if (part.taken or self.parts) and self.num_words + length > self.section.max_words:
            return
        novelty = self.repetitions.take(statement)
        part.num_repeated += novelty == "in section"
        part.num_known += novelty == "in document"
        if novelty == "new":
            part.taken.append((statement, sentence))

    def blocks(self) -> tuple[DraftBlock, ...]:
        return tuple(block for part in self.parts for block in _blocks(part.taken, self.section.form))

    def as_section(self, heard: Sequence[str] = ()) -> DraftSection:
        """As far as it is; `heard` is what the model said since, which nobody has checked yet."""
        section = self.section
        unchecked = tuple(
            Statement(text, "unsupported") for text in heard if text and not is_instruction(text)
        )
        return DraftSection(
            key=section.key,
            title=section.title,
            blocks=(*self.blocks(), *((DraftBlock("paragraph", unchecked),) if unchecked else ())),
            engine="model",
            question=section.question,
        )


def states(statements: Iterable[Statement], found: FoundFact, language: Language) -> bool:
    """Whether one that sources support tells the fact: its words, its value, or the sentence it stands in."""
    words = " ".join(found.reading.text.casefold().split())
    return any(
        words in each.text.casefold() or _restates(each, found, language)
        for each in statements
        if each.support != "unsupported"
    )


def _restates(statement: Statement, found: FoundFact, language: Language) -> bool:
    reading = found.reading
    if not any(_covers(origin, found) for origin in statement.origins):
        return False
    if reading.end - reading.start >= _WHOLE * len(reading.passage.text):
        return True
    facts = find_facts(statement.text, language, (found.fact.kind,))
    return any(agree(found.fact.kind, one.value, reading.value) for one in facts)


def _covers(origin: Origin, found: FoundFact) -> bool:
    reading = found.reading
    is_same = origin.source == reading.passage.source
    return is_same and origin.start <= reading.start and reading.end <= origin.end


def _is_mostly_unsupported(statements: Sequence[Statement]) -> bool:
    return 2 * sum(each.support == "unsupported" for each in statements) > len(statements)


def _blocks(part: Sequence[tuple[Statement, Sentence]], form: SlotForm) -> list[DraftBlock]:
    if form in ("list", "steps"):
        return [DraftBlock("list_item", (statement,)) for statement, _ in part]
    blocks: list[DraftBlock] = []
    question: list[Statement] = []
    answer: list[Statement] = []
    for statement, sentence in part:
        if sentence.is_question:
            blocks += _answered(question, answer)
            question, answer = [statement], []
        else:
            answer.append(statement)
    return [*blocks, *_answered(question, answer)]


def _answered(question: Sequence[Statement], answer: Sequence[Statement]) -> list[DraftBlock]:
    """A paragraph under its question, if it has one; a question without an answer is left out."""
    heading = [DraftBlock("heading", tuple(question), level=3)] if question else []
    return [*heading, DraftBlock("paragraph", tuple(answer))] if answer else []
