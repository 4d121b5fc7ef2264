"""A version of a draft, with its citations, its gaps and its sources."""

from __future__ import annotations

from core.documents.catalogue import load_catalogue
from core.documents.draft_content import draft_content
from core.errors import Conflict
from core.gateway.roles import Permission, Principal
from core.use_cases.exportable.subject import Gathered, Subject
from core.workbench import Workbench

DESIGNS = {
    "business_plan": "business_plan",
    "sales_proposal": "proposal",
    "rfp_answer": "proposal",
    "quote": "proposal",
    "legal_contract": "contract",
    "service_contract": "contract",
    "nda": "contract",
    "operational_manual": "manual",
    "customer_service_guide": "manual",
    "sop": "manual",
    "runbook": "manual",
    "letter": "letter",
    "offer_letter": "letter",
    "memo": "memo",
    "newsletter": "newsletter",
    "press_release": "memo",
    "catalog": "catalog",
}
"""The type of document that suits a type of the catalogue; the others are reports."""


class Drafts:
    kind = "draft"
    is_stored = True

    def gather(self, subject: Subject, language: str, principal: Principal, workbench: Workbench) -> Gathered:
        """Raises Conflict for one that is still being written."""
        principal.require(Permission.READ)
        with workbench.storage.transaction(readonly=True) as work:
            record = work.drafts.get(principal.workspace, subject.id)
            number = subject.version or record.version
            if not number:
                raise Conflict("This draft is still being written.", remedy="Export it when it is there.")
            version = work.drafts.version(principal.workspace, subject.id, number)
        template = load_catalogue().get(record.type)
        return Gathered(
            title=version.draft.title,
            content=draft_content(version.draft),
            language=version.draft.language,
            design=DESIGNS.get(record.type, "report"),
            author=record.approved_by or version.author,
            written=version.created_at.date(),
            keywords=tuple(filter(None, (record.area, record.type))),
            version=str(number),
            company=record.planned().company.name if record.plan else "",
            layout=template.layout if template else (),
        )
