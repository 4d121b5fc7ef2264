"""Review statements that contradict each other, and set aside those that are settled or are none."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from core.errors import Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.redundancy.contradictions import KINDS
from core.storage.documents import DocumentSummary
from core.storage.exclusions import Exclusion
from core.use_cases.conflict_findings import CONFLICTS, KeptConflict, decode
from core.use_cases.passage_findings import digest
from core.use_cases.request import Request
from core.use_cases.review_meanings import count_languages, mentions
from core.workbench import Workbench

RELATIONS = ("contradicts", "changed", "all")
SETTLEMENTS = ("reconciled", "no_conflict")
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewConflicts(Request["ConflictsView"]):
    """`limit` conflicts from the `offset`th, the surest first.

    `relation` keeps contradictions, what changed between versions, or both; `kinds` keeps those kinds of
    facts, `document` those of one document. What was set aside is left out unless `with_settled`.
    """

    relation: str = "contradicts"
    kinds: tuple[str, ...] = ()
    search: str = ""
    languages: tuple[str, ...] = ()
    document: str | None = None
    with_settled: bool = False
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ConflictView:
    """`key` names the two statements, whatever analysis finds them."""

    key: str
    a: DocumentSummary
    b: DocumentSummary
    conflict: KeptConflict
    settled: Exclusion | None


@dataclass(frozen=True, slots=True)
class ConflictsView:
    """`is_known` is False while no analysis has looked for conflicts. `kinds` and `relations` count those
    that are not set aside.
    """

    is_known: bool
    conflicts: tuple[ConflictView, ...]
    num_conflicts: int
    num_settled: int
    relations: dict[str, int]
    kinds: dict[str, int]
    languages: dict[str, int]


def review_conflicts(request: ReviewConflicts, principal: Principal, workbench: Workbench) -> ConflictsView:
    principal.require(Permission.READ)
    if request.relation not in RELATIONS or not set(request.kinds) <= set(KINDS):
        raise Invalid("There is no such filter.", remedy=f"Use {RELATIONS} and {KINDS}.")
    found = _conflicts(principal, workbench)
    if found is None:
        return ConflictsView(False, (), 0, 0, {}, {}, {})
    open_ones = [each for each in found if each.settled is None]
    fitting = [each for each in found if _fits(each, request)]
    return ConflictsView(
        True,
        tuple(fitting[request.offset : request.offset + request.limit]),
        len(fitting),
        len(found) - len(open_ones),
        _counted(each.conflict.found.relation for each in open_ones),
        _counted(
            each.conflict.found.kind
            for each in open_ones
            if request.relation in ("all", each.conflict.found.relation)
        ),
        count_languages((each.a, each.b) for each in open_ones),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleConflict(Request[Exclusion]):
    """Set a conflict aside: it was reconciled, or it is none."""

    conflict: str
    settlement: str
    note: str = ""


def settle_conflict(request: SettleConflict, principal: Principal, workbench: Workbench) -> Exclusion:
    """Raises NotFound for a conflict that the newest analysis does not hold."""
    principal.require(Permission.DECIDE)
    if request.settlement not in SETTLEMENTS:
        raise Invalid(
            f"No conflict is {request.settlement!r}.", remedy=f"Use one of: {', '.join(SETTLEMENTS)}."
        )
    named = [each for each in _conflicts(principal, workbench) or [] if each.key == request.conflict]
    if not named:
        raise NotFound("The analysis holds no such conflict.", remedy="Load the page again.")
    exclusion = Exclusion(
        id=uuid4().hex,
        digest=request.conflict,
        excerpt=f"{named[0].conflict.said_a} ↔ {named[0].conflict.said_b}",
        reason=request.settlement,
        note=request.note.strip()[:LONGEST_NOTE],
        author=principal.user,
        created_at=datetime.now(UTC),
    )
    with workbench.storage.transaction() as work:
        work.exclusions.add(principal.workspace, exclusion)
    return exclusion


def _conflicts(principal: Principal, workbench: Workbench) -> list[ConflictView] | None:
    """Those of the newest analysis between documents that are present; None where it did not look."""
    workspace = principal.workspace
    with workbench.storage.transaction(readonly=True) as work:
        analysis = work.analyses.latest(workspace)
        if analysis is None or CONFLICTS not in work.findings.counts(workspace, analysis.id):
            return None
        settled = {each.digest: each for each in work.exclusions.current(workspace)}
        _, num_removed = work.documents.revision(workspace)

    def load() -> tuple[KeptConflict, ...]:
        with workbench.storage.transaction(readonly=True) as work:
            stored = work.findings.find(workspace, analysis.id, CONFLICTS)
        assert stored is not None
        return decode(stored.body)

    kept: tuple[KeptConflict, ...] = workbench.kept_findings.get((analysis.id, CONFLICTS), load)
    key = (analysis.id, CONFLICTS, num_removed, tuple(each.id for each in settled.values()))
    views: list[ConflictView] = workbench.kept_findings.get(
        key, lambda: _seen(kept, settled, principal, workbench)
    )
    return views


def _seen(
    kept: tuple[KeptConflict, ...],
    settled: dict[str, Exclusion],
    principal: Principal,
    workbench: Workbench,
) -> list[ConflictView]:
    named = {side.document_id for each in kept for side in (each.found.a, each.found.b)}
    with workbench.storage.transaction(readonly=True) as work:
        documents = work.documents.summaries(principal.workspace, named)
    return [
        ConflictView(
            key := conflict_key(each),
            documents[each.found.a.document_id],
            documents[each.found.b.document_id],
            each,
            settled.get(key),
        )
        for each in kept
        if each.found.a.document_id in documents and each.found.b.document_id in documents
    ]


def conflict_key(conflict: KeptConflict) -> str:
    """The same for the same statements, in whatever documents and order."""
    sides = sorted((digest(conflict.said_a), digest(conflict.said_b)))
    return hashlib.sha256("".join(sides).encode()).hexdigest()


def _fits(each: ConflictView, request: ReviewConflicts) -> bool:
    found = each.conflict.found
    if each.settled is not None and not request.with_settled:
        return False
    if request.relation not in ("all", found.relation) or (request.kinds and found.kind not in request.kinds):
        return False
    if request.document is not None and request.document not in (each.a.id, each.b.id):
        return False
    if request.languages and not {each.a.language, each.b.language} & set(request.languages):
        return False
    return mentions(request.search, each.a, each.b)


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values))
