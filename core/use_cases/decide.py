"""Decide what happens to a document, take a decision back, and read the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from core.errors import Conflict, Invalid
from core.gateway.roles import Permission, Principal
from core.storage.decisions import Decision
from core.storage.documents import DocumentSummary
from core.use_cases.request import Request
from core.workbench import Workbench

ACTS = ("keep", "merge", "drop", "ignore")
LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Request[tuple[Decision, ...]]):
    """One act for one or several documents; `against` is the document that stays in their place."""

    documents: tuple[str, ...]
    act: str
    reason: str = ""
    against: str | None = None
    similarity: float | None = None


def decide(request: Decide, principal: Principal, workbench: Workbench) -> tuple[Decision, ...]:
    """The new decisions; nothing is deleted. A later one about the same document replaces the earlier."""
    principal.require(Permission.DECIDE)
    if request.act not in ACTS:
        raise Invalid(f"There is no act {request.act!r}.", remedy=f"Use one of: {', '.join(ACTS)}.")
    if not request.documents:
        raise Invalid("No document is chosen.", remedy="Choose at least one.")
    if request.against in request.documents:
        raise Invalid("A document cannot stand in for itself.", remedy="Choose another one that stays.")
    with workbench.storage.transaction() as work:
        concerned = {*request.documents} | ({request.against} if request.against else set())
        present = work.documents.summaries(principal.workspace, concerned)
        if missing := concerned - present.keys():
            raise Invalid(
                f"{len(missing)} of the documents are no longer in the library.",
                remedy="Load the page again.",
            )
        made = tuple(_decision(request, principal, document) for document in request.documents)
        for decision in made:
            work.decisions.append(principal.workspace, decision)
    return made


def _decision(request: Decide, principal: Principal, document: str) -> Decision:
    return Decision(
        id=uuid4().hex,
        document=document,
        against=request.against,
        act=request.act,
        reason=request.reason.strip()[:LONGEST_REASON],
        similarity=request.similarity,
        author=principal.user,
        created_at=datetime.now(UTC),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoDecision(Request[Decision]):
    """Take one decision back. What was decided before it about the document holds again."""

    decision: str


def undo_decision(request: UndoDecision, principal: Principal, workbench: Workbench) -> Decision:
    """The row that records the undo. Raises Conflict for a decision that was already taken back."""
    principal.require(Permission.DECIDE)
    with workbench.storage.transaction() as work:
        decision = work.decisions.get(principal.workspace, request.decision)
        if decision.act == "undo" or decision.id in work.decisions.undone(principal.workspace):
            raise Conflict("This was already taken back.", remedy="Look at the history.")
        undo = Decision(
            id=uuid4().hex,
            document=decision.document,
            against=decision.against,
            act="undo",
            reason="",
            similarity=decision.similarity,
            author=principal.user,
            created_at=datetime.now(UTC),
            undoes=decision.id,
        )
        work.decisions.append(principal.workspace, undo)
    return undo


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHistory(Request["DecisionHistory"]):
    """The last decisions and undos of the workspace."""

    limit: int = 200


@dataclass(frozen=True, slots=True)
class DecisionHistory:
    """Newest first. `undone` are the ids taken back; `documents` are those still in the library, by id."""

    decisions: tuple[Decision, ...]
    undone: frozenset[str]
    documents: dict[str, DocumentSummary]


def read_history(request: ReadHistory, principal: Principal, workbench: Workbench) -> DecisionHistory:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        history = work.decisions.history(principal.workspace, limit=request.limit)
        named = {each.document for each in history} | {each.against for each in history if each.against}
        return DecisionHistory(
            tuple(history),
            frozenset(work.decisions.undone(principal.workspace)),
            work.documents.summaries(principal.workspace, named),
        )
