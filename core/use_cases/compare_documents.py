"""Two documents side by side: the passages they share, where they differ, which facts differ, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.redundancy import (
    Alignment,
    DifferingFact,
    Recommendation,
    Subject,
    advise,
    align,
    differing_facts,
    similarity,
)
from core.storage.decisions import Decision
from core.storage.documents import StoredDocument
from core.use_cases.request import Request
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareDocuments(Request["Comparison"]):
    """`canonical` is the document that would stay, `member` the one the advice is about."""

    canonical: str
    member: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Spans of side a are of `canonical`'s text, spans of side b of `member`'s."""

    canonical: StoredDocument
    member: StoredDocument
    jaccard: float
    alignment: Alignment
    facts: tuple[DifferingFact, ...]
    advice: Recommendation
    decision: Decision | None


def compare_documents(request: CompareDocuments, principal: Principal, workbench: Workbench) -> Comparison:
    principal.require(Permission.READ)
    if request.canonical == request.member:
        raise Invalid("A document cannot be compared with itself.", remedy="Choose another one.")
    with workbench.storage.transaction(readonly=True) as work:
        canonical = work.documents.get(principal.workspace, request.canonical)
        member = work.documents.get(principal.workspace, request.member)
        decision = work.decisions.current(principal.workspace).get(request.member)
    jaccard = similarity(canonical.content.text, member.content.text)
    return Comparison(
        canonical=canonical,
        member=member,
        jaccard=jaccard,
        alignment=align(canonical.content.text, member.content.text),
        facts=differing_facts(canonical.content.text, member.content.text),
        advice=workbench.kept_advice.get(
            (canonical.summary.id, member.summary.id),
            lambda: advise(_subject(canonical), _subject(member), jaccard),
        ),
        decision=decision,
    )


def _subject(document: StoredDocument) -> Subject:
    summary = document.summary
    return Subject(
        summary.id,
        document.content.text,
        summary.title,
        summary.modified,
        summary.num_words,
        summary.language,
    )
