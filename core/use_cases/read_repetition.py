"""What one document says more than once, and the plan to say it once."""

from __future__ import annotations

from dataclasses import dataclass

from core.gateway.roles import Permission, Principal
from core.redundancy.repetition import Repetition, find_repetition
from core.storage.documents import StoredDocument
from core.use_cases.request import Request
from core.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRepetition(Request["DocumentRepetition"]):
    document: str


@dataclass(frozen=True, slots=True)
class DocumentRepetition:
    """Places are characters of the document's text."""

    document: StoredDocument
    found: Repetition


def read_repetition(
    request: ReadRepetition, principal: Principal, workbench: Workbench
) -> DocumentRepetition:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        document = work.documents.get(principal.workspace, request.document)
    return DocumentRepetition(document, find_repetition(document.content.text, document.summary.language))
