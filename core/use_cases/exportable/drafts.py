"""A version of a draft, with its citations, its gaps and its sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.content import Block, Content
from core.documents.catalogue import load_catalogue
from core.documents.draft import Draft
from core.documents.draft_content import draft_content
from core.errors import Conflict
from core.gateway.roles import Permission, Principal
from core.language.catalogues import Wording
from core.storage.drafts import VersionSummary
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
            versions = work.drafts.versions(principal.workspace, subject.id)
        template = load_catalogue().get(record.type)
        layout = template.layout if template else ()
        blocks = [
            *(_summary(version.draft) if "summary_first" in layout else ()),
            *draft_content(version.draft).blocks,
            *(_history(versions, number, version.draft.language) if "version_table" in layout else ()),
        ]
        return Gathered(
            title=version.draft.title,
            content=Content(tuple(blocks)),
            language=version.draft.language,
            design=DESIGNS.get(record.type, "report"),
            author=record.approved_by or version.author,
            written=version.created_at.date(),
            keywords=tuple(filter(None, (record.area, record.type))),
            version=str(number),
            company=record.planned().company.name if record.plan else "",
            layout=layout,
        )


def _summary(draft: Draft) -> Iterator[Block]:
    """Set apart before everything else."""
    text = " ".join(statement.text for statement in draft.summary)
    if text:
        yield Block("quote", text)


def _history(versions: Sequence[VersionSummary], newest: int, language: str) -> Iterator[Block]:
    """Who changed what when, up to the version that is exported."""
    wording = Wording.of(language)
    _ = wording.say
    acts = {
        "written": _("written"),
        "reused": _("taken over from an equal draft"),
        "edited": _("edited"),
        "regenerated": _("section written anew"),
        "answered": _("question answered"),
        "settled": _("contradiction settled"),
        "restored": _("restored"),
        "merged": _("put together"),
    }
    rows = [
        [str(each.number), wording.day(each.created_at), each.author, acts.get(each.act, each.act)]
        for each in versions
        if each.number <= newest
    ]
    yield Block("heading", _("Versions"), level=1)
    yield Block.table([[_("Version"), _("Day"), _("By"), _("Change")], *rows], header_rows=1)
