"""What a model is told for one document: made once, within what it can read at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.documents.drafting.desk import SectionDesk
from core.documents.drafting.passages import Passage
from core.documents.plan import DocumentPlan, PlannedSection
from core.documents.template import SlotForm
from core.documents.writing import prompts
from core.documents.writing.evidence import (
    OPEN,
    SHORT_PASSAGE,
    Evidence,
    as_data,
    candidates_of,
    gather,
)
from core.inference.constrained import FillLimits
from core.inference.engine import GenerateText, InferenceEngine, Message

MODEL_FORMS: tuple[SlotForm, ...] = ("prose", "list", "steps", "questions")
"""What a model writes. Facts, tables and timelines are figures: they are copied."""

USUAL_CONTEXT = 8_192
"""Tokens that a model is taken to read where nobody says."""

SMALL_CONTEXT = 2_048
"""Tokens below which a model is asked for less at once."""

LEAST_ROOM = 48
"""Tokens of sources below which a model is not asked."""

_MOST_EXTRA = 3  # passages for a section alone
_FRAME_TOKENS = 48  # around a turn, and for the question


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is asked for at once: sentences, tokens of one of them, characters of what is written."""

    most_sentences: int
    answer_tokens: int
    written_characters: int

    @property
    def limits(self) -> FillLimits:
        return FillLimits(max_calls=40, max_leaf_tokens=self.answer_tokens, max_failures=1)


LARGE, SMALL = Extent(6, 120, 2_000), Extent(2, 60, 160)


@dataclass(frozen=True, slots=True)
class Briefing:
    """`shared` opens every prompt. `telling` are the keys of sections that sources tell of."""

    task: GenerateText
    evidence: Evidence
    shared: str
    telling: frozenset[str]
    extent: Extent
    has_room: bool

    def numbers(self, section: PlannedSection) -> tuple[int, ...]:
        return self.evidence.of_section.get(section.key, ())

    def request(self, section: PlannedSection, extra: Sequence[Passage] = (), more: str = "") -> GenerateText:
        """`extra` are passages for this section alone, numbered after the shared ones."""
        numbered = list(enumerate(extra, start=len(self.evidence.passages) + 1))
        own = prompts.section_prompt(section, self.numbers(section), numbered)
        return replace(self.task, prompt=(Message("system", f"{self.shared}{own}{more}"),))

    def written(self, sentences: Sequence[str]) -> str:
        return prompts.written_prompt(sentences, self.extent.written_characters)

    def lines(self, section: PlannedSection) -> list[str]:
        """What the model is told, but for the sources: what it may not say back."""
        own = prompts.section_prompt(section, ())
        return [*self.shared.split(OPEN)[0].splitlines(), *own.splitlines()]


def brief(
    plan: DocumentPlan,
    task: GenerateText,
    engine: InferenceEngine,
    desk_of: Callable[[PlannedSection], SectionDesk],
) -> Briefing:
    """The evidence of all sections that a model writes, as far as it fits. May raise an EngineError."""
    sections = [section for section in plan.sections if section.form in MODEL_FORMS]
    wanted = {section.key: candidates_of(desk_of(section)) for section in sections}
    context = engine.identity().context_tokens or USUAL_CONTEXT
    extent = LARGE if context >= SMALL_CONTEXT else SMALL
    bare = prompts.shared_prompt(plan, "")
    own = max(
        (_tokens(engine, prompts.section_prompt(section, range(10, 18))) for section in sections), default=0
    )
    sentence = _tokens(engine, _example(wanted)) + _FRAME_TOKENS // 2
    reserved = (
        own
        + extent.answer_tokens
        + extent.most_sentences * min(sentence, extent.answer_tokens)
        + _tokens(engine, " ".join([_example(wanted)] * 20)[: extent.written_characters])
        + _FRAME_TOKENS
    )
    room = context - _tokens(engine, bare) - reserved
    evidence = gather(wanted, room, lambda text: _tokens(engine, text))
    return Briefing(
        task=task,
        evidence=evidence,
        shared=prompts.shared_prompt(plan, evidence.text),
        telling=frozenset(key for key, listed in wanted.items() if listed),
        extent=extent,
        has_room=room >= LEAST_ROOM and bool(evidence.passages),
    )


def extra_passages(
    section: PlannedSection,
    plan: DocumentPlan,
    briefing: Briefing,
    desk_of: Callable[[PlannedSection], SectionDesk],
) -> tuple[Passage, ...]:
    """For a section that is wished otherwise than planned, or whose passages had no room among the shared."""
    if section in plan.sections and briefing.numbers(section):
        return ()
    known = set(briefing.evidence.passages)
    return tuple(passage for passage in candidates_of(desk_of(section)) if passage not in known)[:_MOST_EXTRA]


def _tokens(engine: InferenceEngine, text: str) -> int:
    return engine.count_tokens(text) if text else 0


def _example(wanted: Mapping[str, Sequence[Passage]]) -> str:
    """A sentence as long as they may become, to see how many tokens such a one has."""
    listed = [as_data(passage.text, SHORT_PASSAGE) for passages in wanted.values() for passage in passages]
    return max(listed, key=len, default="")
