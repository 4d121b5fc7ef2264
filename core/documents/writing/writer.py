"""Writes a document with a language model, and holds every sentence of it against the sources."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core.documents.draft import Draft, DraftBlock, DraftSection, Gap, Statement
from core.documents.drafting import ExtractiveWriter, SourceShelf
from core.documents.drafting.desk import SectionDesk
from core.documents.drafting.fact_search import FoundFact, disagreements, search_fact
from core.documents.drafting.forms.facts import fact_lines
from core.documents.drafting.passages import Passage
from core.documents.drafting.query import QueryDesk
from core.documents.drafting.used_sentences import UsedSentences
from core.documents.facts import agree, find_facts
from core.documents.plan import DocumentPlan, PlannedSection
from core.documents.template import SlotForm
from core.documents.writing import checking, prompts, schemas
from core.documents.writing.checking import Repetitions, Sentence
from core.documents.writing.evidence import OPEN, Evidence, candidates_of, gather, nearest
from core.documents.writing.metering import MeteredEngine, Spent, TokenBudget
from core.documents.writing.reasons import WRITING_REASONS, WritingReason, reason_of
from core.inference.constrained import Filled, FillLimits, fill
from core.inference.engine import GenerateText, InferenceEngine, Message, never
from core.inference.errors import Cancelled, EngineError
from core.inference.output_schema import OutputSchema
from core.language.stop_words import Language
from core.priority import Priority

MODEL_FORMS: tuple[SlotForm, ...] = ("prose", "list", "steps", "questions")
"""What a model writes. Facts, tables and timelines are figures: they are copied."""

USUAL_CONTEXT = 8_192
"""Tokens that a model is taken to read where nobody says."""

BEGIN_SECONDS, SECTION_SECONDS = 120.0, 300.0
"""In which an answer must begin, and in which all calls for a section must be done."""

MOST_FAILURES = 2
"""Sections in a row that the engine failed at, after which it is not asked any more."""

_ANSWER_TOKENS = 120  # of one sentence
_OWN_TOKENS = 900  # for the section's part, what is written so far, and an answer
_LEAST_ROOM = 64
_MOST_REPAIRS = 4  # of a part
_LIMITS = FillLimits(max_calls=40, max_leaf_tokens=_ANSWER_TOKENS, max_failures=1)


def ignore(section: DraftSection) -> None:
    """Nobody watches."""


class ModelWriter:
    """The same face as ExtractiveWriter: `write` never fails for what the model does, but for Cancelled.

    Every sentence is looked for in all sources. It is quoted or supported, with the places; or the model is
    asked for it once more beside its nearest passage; or it stays, marked as unsupported. A section of which
    more than half is unsupported, or that is no readable text, is the extractive writer's, and its reason
    says why. Facts, tables and timelines are always the extractive writer's.

    Equal input gives an equal draft wherever the engine repeats greedy answers and answers in time. `tell`
    gets a section part by part, checked as far as it is, before all of it is. Nothing of a prompt is logged.
    """

    def __init__(
        self,
        shelf: SourceShelf,
        plan: DocumentPlan,
        engine: InferenceEngine,
        *,
        tenant: str,
        priority: Priority,
        label: str,
        is_cancelled: Callable[[], bool] = never,
        budget: TokenBudget | None = None,
        tell: Callable[[DraftSection], None] = ignore,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shelf = shelf
        self._plan = plan
        self._engine = MeteredEngine(engine, budget, clock=clock)
        self._task = GenerateText(
            prompt=" ", tenant=tenant, priority=priority, label=label, deadline_seconds=BEGIN_SECONDS
        )
        self._is_cancelled = is_cancelled
        self._tell = tell
        self._extractive = ExtractiveWriter(shelf, plan)
        self._used = UsedSentences()
        self._queries = QueryDesk(shelf, plan.sections, plan.brief, plan.language)
        self._order = _trusted_order(shelf, plan)
        self._announced: dict[str, GenerateText] = {}
        self._prepared: _Prepared | None = None
        self._num_failures = 0
        self._last_reason: WritingReason = "failed"

    @property
    def spent(self) -> Spent:
        return self._engine.spent

    def announce(self, sections: Sequence[PlannedSection]) -> None:
        """Tell the engine what comes, so that its cache keeps what these sections share."""
        try:
            found = self._prepare()
            if found.reason is None:
                asked = {one.key: self._request(one, found) for one in sections if _is_for_model(one, found)}
                self._engine.announce(list(asked.values()))
                self._announced |= asked
        except Cancelled:
            raise
        except EngineError:
            return

    def withdraw(self) -> None:
        """What was announced and is not written yet will not come. Raises nothing."""
        asked, self._announced = list(self._announced.values()), {}
        self._withdraw(asked)

    def write(self, section: PlannedSection) -> DraftSection:
        """The section, by the model or by the extractive writer. Raises Cancelled."""
        self._check_cancelled()
        try:
            written = self._write(section)
        finally:
            if section.key in self._announced:
                self._withdraw([self._announced.pop(section.key)])
        return written

    def take_over(self, section: DraftSection) -> None:
        """A section that was written before: what it says is not said again."""
        self._extractive.take_over(section)
        self._mark(section)

    def finish(self, sections: Sequence[DraftSection]) -> Draft:
        """The whole draft; its summary is the best of its own statements that sources support."""
        self.withdraw()
        return self._extractive.finish(sections)

    def _write(self, section: PlannedSection) -> DraftSection:
        if section.form not in MODEL_FORMS:
            return self._extract(section)
        try:
            found = self._prepare()
        except Cancelled:
            raise
        except EngineError as error:
            return self._failed(section, reason_of(error))
        if not _has_evidence(section, found) and not self._own_evidence(section, found):
            return self._extract(section)
        if found.reason is not None:
            return self._extract(section, found.reason)
        if self._num_failures >= MOST_FAILURES:
            return self._extract(section, "budget" if self._last_reason == "budget" else "gave_up")
        self._engine.begin(SECTION_SECONDS)
        desk = self._desk(section)
        page = _Page(section, Repetitions(self._shelf, self._used, self._plan.language))
        failure = self._fill_page(page, found)
        if failure is not None:
            return self._failed(section, failure)
        self._num_failures = 0
        if reason := page.fault(self._plan):
            return self._extract(section, reason)
        draft = self._finished(desk, page)
        self.take_over(draft)
        return draft

    def _failed(self, section: PlannedSection, reason: WritingReason) -> DraftSection:
        self._num_failures = MOST_FAILURES if reason == "budget" else self._num_failures + 1
        self._last_reason = reason
        return self._extract(section, reason)

    def _extract(self, section: PlannedSection, reason: WritingReason | None = None) -> DraftSection:
        written = self._extractive.write(section)
        if reason is not None and written.blocks:
            written = replace(written, reason=WRITING_REASONS[reason])
        self._mark(written)
        return written

    def _mark(self, section: DraftSection) -> None:
        for statement in section.statements:
            self._used.add(checking.told_by(statement, self._shelf, self._plan.language), statement.origins)

    def _prepare(self) -> _Prepared:
        """The part that all prompts share, made once: the evidence of all sections as far as it fits."""
        if self._prepared is None:
            wanted = {
                section.key: candidates_of(self._desk(section))
                for section in self._plan.sections
                if section.form in MODEL_FORMS
            }
            context = self._engine.identity().context_tokens or USUAL_CONTEXT
            bare = self._engine.count_tokens((Message("system", prompts.shared_prompt(self._plan, "")),))
            room = context - bare - min(_OWN_TOKENS, context // 2)
            evidence = gather(wanted, room, self._engine.count_tokens)
            is_too_small = room < _LEAST_ROOM or (any(wanted.values()) and not evidence.passages)
            self._prepared = _Prepared(
                evidence,
                prompts.shared_prompt(self._plan, evidence.text),
                {key for key, listed in wanted.items() if listed},
                "too_small" if is_too_small else None,
            )
        return self._prepared

    def _own_evidence(self, section: PlannedSection, found: _Prepared) -> list[tuple[int, Passage]]:
        """Numbered passages for a section that is not in the plan as it is now wished."""
        if section in self._plan.sections:
            return []
        fresh = [one for one in candidates_of(self._desk(section)) if one not in found.evidence.passages]
        return list(enumerate(fresh, start=len(found.evidence.passages) + 1))

    def _desk(self, section: PlannedSection) -> SectionDesk:
        query = self._queries.section_query(section)
        language = self._plan.language
        facts = [
            search_fact(self._shelf, query, self._queries.fact_query(fact), fact, self._order, language)
            for fact in section.facts
        ]
        return SectionDesk(
            shelf=self._shelf,
            section=section,
            query=query,
            language=language,
            used=self._used,
            is_kept_for_another=lambda passage: False,
            facts=[fact for fact in facts if fact is not None],
        )

    def _request(self, section: PlannedSection, found: _Prepared, more: str = "") -> GenerateText:
        numbers = found.evidence.of_section.get(section.key, ())
        own = prompts.section_prompt(section, numbers, self._own_evidence(section, found))
        return replace(self._task, prompt=(Message("system", f"{found.shared}{own}{more}"),))

    def _fill_page(self, page: _Page, found: _Prepared) -> WritingReason | None:
        """Part after part until the section is long enough; why the engine failed, if it did."""
        parts = schemas.parts_of(page.section)
        extra = self._own_evidence(page.section, found)
        schema = schemas.part_schema(page.section, parts, len(found.evidence.passages) + len(extra))
        for _ in range(parts.num_parts):
            written = prompts.written_prompt(each.text for each in page.statements)
            filled = self._fill(self._request(page.section, found, written), schema)
            if filled.failure is not None:
                return reason_of(filled.failure)
            num_before = len(page.statements)
            failure = self._take_part(page, schemas.read_part(filled.value), found)
            if failure is not None:
                return failure
            if len(page.statements) == num_before or page.is_full or page.fault(self._plan):
                return None
            self._tell(page.as_section())
        return None

    def _take_part(
        self, page: _Page, listed: Sequence[schemas.Said], found: _Prepared
    ) -> WritingReason | None:
        num_repairs = 0
        lines = found.shared.split(OPEN)[0].splitlines()
        page.begin_part()
        for said in listed:
            for sentence in checking.sentences_of(said):
                page.num_said += 1
                if checking.is_echo(sentence.text, lines):
                    page.num_echoes += 1
                elif checking.reads_well(sentence, page.section.form):
                    statement = checking.check(sentence, self._shelf)
                    if statement.support == "unsupported" and num_repairs < _MOST_REPAIRS:
                        num_repairs += 1
                        filled, statement = self._repaired(sentence, statement, page.section, found)
                        if filled is not None and filled.failure is not None:
                            return reason_of(filled.failure)
                    page.take(statement, sentence)
        return None

    def _repaired(
        self, sentence: Sentence, statement: Statement, section: PlannedSection, found: _Prepared
    ) -> tuple[Filled | None, Statement]:
        """The sentence as the model puts it beside the nearest passage; as it was where that is no better."""
        near = nearest(self._shelf, self._shelf.vocabulary.read(sentence.text, self._plan.language))
        near = near or found.evidence.passage(sentence.source)
        if near is None:
            return None, statement
        known = found.evidence.passages
        number = known.index(near) + 1 if near in known else len(known) + 1
        asked = self._request(section, found, prompts.repair_prompt(sentence.text, number, near))
        filled = self._fill(asked, schemas.sentence_schema())
        said = schemas.Said(schemas.read_sentence(filled.value), sentence.source)
        for again in checking.sentences_of(said)[:1]:
            anew = replace(again, is_question=sentence.is_question)
            checked = checking.check(anew, self._shelf)
            if checked.support != "unsupported" and checking.reads_well(anew, section.form):
                return filled, checked
        return filled, statement

    def _fill(self, request: GenerateText, schema: OutputSchema) -> Filled:
        return fill(self._engine, schema, request, limits=_LIMITS, is_cancelled=self._is_cancelled)

    def _finished(self, desk: SectionDesk, page: _Page) -> DraftSection:
        """The page with the facts that it must state and did not, the open ones and the disputed ones."""
        section = desk.section
        language = self._plan.language
        unsaid = [one for one in desk.facts if not _states(page.statements, one, language)]
        found = {one.fact.key for one in desk.facts}
        return replace(
            page.as_section(),
            blocks=(*page.blocks(), *fact_lines(desk, unsaid)),
            gaps=tuple(
                Gap(section.key, fact.question, fact.key) for fact in section.facts if fact.key not in found
            ),
            disagreements=disagreements(section.key, desk.facts),
        )

    def _check_cancelled(self) -> None:
        if self._is_cancelled():
            raise Cancelled("The document is not wanted any more.")

    def _withdraw(self, asked: Sequence[GenerateText]) -> None:
        try:
            if asked:
                self._engine.withdraw(asked)
        except EngineError:
            return


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`shared` opens every prompt; `with_evidence` are the keys of sections that sources tell of."""

    evidence: Evidence
    shared: str
    with_evidence: set[str]
    reason: WritingReason | None


@dataclass(slots=True)
class _Page:
    """A section while a model writes it, part after part."""

    section: PlannedSection
    repetitions: Repetitions
    parts: list[list[tuple[Statement, Sentence]]] = field(default_factory=list)
    num_said: int = 0
    num_echoes: int = 0

    @property
    def statements(self) -> list[Statement]:
        return [statement for part in self.parts for statement, _ in part]

    @property
    def num_words(self) -> int:
        return sum(len(each.text.split()) for each in self.statements)

    @property
    def is_full(self) -> bool:
        return self.num_words >= self.section.max_words

    def begin_part(self) -> None:
        self.parts.append([])

    def take(self, statement: Statement, sentence: Sentence) -> None:
        """Unless it is said already or there is no room for it."""
        length = len(statement.text.split())
        if self.statements and self.num_words + length > self.section.max_words:
            return
        if self.repetitions.take(statement):
            self.parts[-1].append((statement, sentence))

    def fault(self, plan: DocumentPlan) -> WritingReason | None:
        return checking.fault_of(
            self.statements, self.num_said, self.repetitions.num_repeated, self.num_echoes, plan.language
        )

    def blocks(self) -> tuple[DraftBlock, ...]:
        return tuple(block for part in self.parts for block in _blocks(part, self.section.form))

    def as_section(self) -> DraftSection:
        section = self.section
        return DraftSection(
            key=section.key,
            title=section.title,
            blocks=self.blocks(),
            engine="model",
            question=section.question,
        )


def _blocks(part: Sequence[tuple[Statement, Sentence]], form: SlotForm) -> list[DraftBlock]:
    if form in ("list", "steps"):
        return [DraftBlock("list_item", (statement,)) for statement, _ in part]
    blocks: list[DraftBlock] = []
    waiting: list[Statement] = []
    for statement, sentence in part:
        if sentence.is_question:
            blocks += [DraftBlock("paragraph", tuple(waiting))] if waiting else []
            blocks.append(DraftBlock("heading", (statement,), level=3))
            waiting = []
        else:
            waiting.append(statement)
    return [*blocks, DraftBlock("paragraph", tuple(waiting))] if waiting else blocks


def _states(statements: Sequence[Statement], found: FoundFact, language: Language) -> bool:
    """Whether one of them says the fact: its words, its value, or the whole sentence by which it is told."""
    reading = found.reading
    words = " ".join(reading.text.casefold().split())
    for statement in statements:
        if words in statement.text.casefold():
            return True
        if any(_covers(origin.source, origin.start, origin.end, found) for origin in statement.origins):
            facts = find_facts(statement.text, language, (found.fact.kind,))
            whole = reading.end - reading.start >= 0.9 * len(reading.passage.text)
            if whole or any(agree(found.fact.kind, one.value, reading.value) for one in facts):
                return True
    return False


def _covers(source: int, start: int, end: int, found: FoundFact) -> bool:
    reading = found.reading
    return source == reading.passage.source and start <= reading.start and reading.end <= end


def _trusted_order(shelf: SourceShelf, plan: DocumentPlan) -> list[int]:
    """The numbers of the sources as the plan orders them; what it does not name comes last."""
    place = {id: at for at, id in enumerate(plan.sources)}
    return sorted(
        range(1, len(shelf.sources) + 1), key=lambda at: place.get(shelf.sources[at - 1].id, len(place))
    )


def _has_evidence(section: PlannedSection, found: _Prepared) -> bool:
    return section.key in found.with_evidence


def _is_for_model(section: PlannedSection, found: _Prepared) -> bool:
    return section.form in MODEL_FORMS and _has_evidence(section, found)
