"""Check a draft before it is delivered: what it rests on, what it lacks, what it repeats, what rules say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from core.content import Content
from core.documents.draft import Draft, Statement
from core.documents.plan import DocumentPlan
from core.language.sentences import split_sentences
from core.quality import AssessedDocument, LibraryContext, assess
from core.quality.policy import PolicyDocument, check
from core.redundancy.facts import facts
from core.redundancy.repetition import find_repetition
from core.use_cases.manage_policies import policy_rule
from core.use_cases.review_passages import check_in_library
from core.use_cases.source_shelves import shelf_of
from core.workbench import Workbench

if TYPE_CHECKING:
    from pydantic import TypeAdapter

CheckName = Literal[
    "support",
    "figures",
    "gaps",
    "conflicts",
    "length",
    "repetition",
    "library",
    "quality",
    "policy",
    "instructions",
]
Outcome = Literal["passed", "attention", "failed"]

MOST_EVIDENCE = 20
ALREADY_THERE = 0.6
"""Share of the words that stand in one document, from which the draft hardly says anything new."""

_GOOD_QUALITY = 60
_GRAVE = ("high", "critical")
_CHECKED_FACTS = ("number", "date", "identifier")


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """`count` things were found, some of them in `evidence`: words of the draft, or titles of documents.

    `share` is of the words of the draft where the check measures one, for quality a score from 0 to 1.
    """

    name: CheckName
    outcome: Outcome
    count: int = 0
    share: float | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checks of one version. The worst of them is the verdict."""

    checks: tuple[DraftCheck, ...] = ()
    checked_at: str = ""

    @property
    def outcome(self) -> Outcome:
        found = {check.outcome for check in self.checks}
        return "failed" if "failed" in found else "attention" if "attention" in found else "passed"

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` is its inverse."""
        values: dict[str, Any] = _adapter().dump_python(self, mode="json")
        return values

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> Verdict:
        return _adapter().validate_python(values)


def check_draft(
    draft: Draft, plan: DocumentPlan, sources: Mapping[str, Content], workspace: str, workbench: Workbench
) -> Verdict:
    """`sources` are the contents of the draft's sources by id, as they are now."""
    content = draft.content()
    checks = (
        _support(draft),
        _figures(draft, sources.values()),
        _gaps(draft, plan),
        _conflicts(draft),
        _length(draft, plan),
        _repetition(draft, content),
        _library(draft, content, workspace, workbench),
        _quality(draft, content),
        _policy(draft, content, workspace, workbench),
        _instructions(draft, workspace, workbench),
    )
    return Verdict(checks, datetime.now(UTC).isoformat(timespec="seconds"))


def _support(draft: Draft) -> DraftCheck:
    """Sentences that no source has: a model's are a fault, a person's are theirs to answer for."""
    claimed = [each.text for each in draft.statements if each.support == "unsupported"]
    own = [each.text for each in draft.statements if each.support == "own"]
    outcome: Outcome = "failed" if claimed else "attention" if own else "passed"
    return DraftCheck("support", outcome, len(claimed) + len(own), draft.confidence, _some([*claimed, *own]))


def _figures(draft: Draft, sources: Iterable[Content]) -> DraftCheck:
    """Numbers, dates and identifiers outside quotes that no source has."""
    written = [each for each in draft.statements if each.support != "quoted"]
    if not any(character.isdigit() for each in written for character in each.text):
        return DraftCheck("figures", "passed")
    known = {(fact.kind, fact.value) for content in sources for fact in facts(content.text)}
    unknown = [each.text for each in written if _has_other_figures(each, known)]
    return DraftCheck("figures", "attention" if unknown else "passed", len(unknown), None, _some(unknown))


def _has_other_figures(statement: Statement, known: set[tuple[Any, str]]) -> bool:
    return any(
        fact.kind in _CHECKED_FACTS and (fact.kind, fact.value) not in known for fact in facts(statement.text)
    )


def _gaps(draft: Draft, plan: DocumentPlan) -> DraftCheck:
    """What the sources did not say; a required section without a word is a fault."""
    empty = {section.key for section in draft.sections if section.is_empty}
    missing = [section.title for section in plan.sections if section.is_required and section.key in empty]
    gaps = draft.gaps
    outcome: Outcome = "failed" if missing else "attention" if gaps else "passed"
    return DraftCheck("gaps", outcome, len(gaps), None, _some(gap.question for gap in gaps))


def _conflicts(draft: Draft) -> DraftCheck:
    open_ones = [
        f"{each.reading.text} ≠ {each.other_reading.text}"
        for section in draft.sections
        for each in section.disagreements
        if each.state == "open"
    ]
    return DraftCheck(
        "conflicts", "failed" if open_ones else "passed", len(open_ones), None, _some(open_ones)
    )


def _length(draft: Draft, plan: DocumentPlan) -> DraftCheck:
    """Sections that are shorter or much longer than planned."""
    planned = {section.key: section for section in plan.sections}
    off = [
        section.title
        for section in draft.sections
        if (wanted := planned.get(section.key)) is not None
        and not section.is_empty
        and not wanted.min_words <= section.num_words <= max(wanted.max_words * 1.5, wanted.min_words)
    ]
    return DraftCheck("length", "attention" if off else "passed", len(off), None, _some(off))


def _repetition(draft: Draft, content: Content) -> DraftCheck:
    text = content.text
    found = find_repetition(text, draft.language)
    repeats = [each for each in found.repeats if each.kind != "phrase"]
    evidence = _some(text[slice(*each.places[0])] for each in repeats)
    share = found.num_removable_words / found.num_words if repeats and found.num_words else 0.0
    return DraftCheck("repetition", "attention" if repeats else "passed", len(repeats), share, evidence)


def _library(draft: Draft, content: Content, workspace: str, workbench: Workbench) -> DraftCheck:
    """Passages that stand in documents which the draft does not name, or nearly all of it in one document."""
    if not content.text.strip() or not draft.num_words:
        return DraftCheck("library", "passed")
    view = check_in_library(workbench, workspace, content.text)
    named = {source.id for source in draft.sources}
    elsewhere = [
        passage.source.id
        for passage in view.check.passages
        if passage.exclusion is None
        and not named & {passage.source.id, *(place.id for place in passage.also_in)}
    ]
    fullest = max(view.check.sources, key=lambda source: source.share, default=None)
    is_there = fullest is not None and fullest.share >= ALREADY_THERE
    named_first = [fullest.id] if fullest is not None and is_there else []
    ids = dict.fromkeys([*named_first, *elsewhere])
    titles = [view.documents[each].title for each in ids if each in view.documents]
    return DraftCheck(
        "library",
        "attention" if titles else "passed",
        len(elsewhere),
        fullest.share if fullest is not None else 0.0,
        _some(titles),
    )


def _quality(draft: Draft, content: Content) -> DraftCheck:
    document = AssessedDocument(
        id="",
        content=content,
        language=draft.language,
        title=draft.title,
        modified=datetime.now(UTC).date(),
    )
    quality = assess(document, LibraryContext(), datetime.now(UTC).date())
    if quality.score is None:
        return DraftCheck("quality", "passed")
    weak = [part.name for part in quality.parts if part.score is not None and part.score < _GOOD_QUALITY]
    outcome: Outcome = "passed" if quality.score >= _GOOD_QUALITY else "attention"
    return DraftCheck("quality", outcome, len(weak), quality.score / 100, tuple(weak))


def _policy(draft: Draft, content: Content, workspace: str, workbench: Workbench) -> DraftCheck:
    with workbench.storage.transaction(readonly=True) as work:
        active = [rule for rule in work.policy_rules.all(workspace) if rule.is_active]
    document = PolicyDocument("", content.text, draft.language)
    findings = [finding for rule in active for finding in check(policy_rule(rule), document)]
    grave = any(finding.severity in _GRAVE for finding in findings)
    outcome: Outcome = "failed" if grave else "attention" if findings else "passed"
    evidence = dict.fromkeys(finding.rule_name for finding in findings)
    return DraftCheck("policy", outcome, len(findings), None, _some(evidence))


def _instructions(draft: Draft, workspace: str, workbench: Workbench) -> DraftCheck:
    """Sentences of the sources that are addressed to a program: they were left out."""
    count = shelf_of(workbench, workspace, [source.id for source in draft.sources]).num_instructions
    return DraftCheck("instructions", "attention" if count else "passed", count)


def _some(texts: Iterable[str]) -> tuple[str, ...]:
    """The first few, each on one line and not longer than two sentences."""
    return tuple(_short(text) for _, text in zip(range(MOST_EVIDENCE), texts, strict=False))


def _short(text: str) -> str:
    line = " ".join(text.split())
    ends: Sequence[int] = [end for _, end in split_sentences(line)][1:2]
    return line[: min([*ends, 300])]


@cache
def _adapter() -> TypeAdapter[Verdict]:
    from pydantic import TypeAdapter

    return TypeAdapter(Verdict)
