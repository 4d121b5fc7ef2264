"""The decisions of a workspace: what was kept, merged, dropped and taken back, by whom and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from core.content import Content
from core.errors import Invalid
from core.gateway.roles import Principal
from core.language.catalogues import Wording
from core.storage.documents import DocumentSummary
from core.use_cases.decide import ReadHistory, read_history
from core.use_cases.exportable.redundancy_report import act_names
from core.use_cases.exportable.report_blocks import MOST_ROWS, figures, listing, paragraph
from core.use_cases.exportable.subject import Gathered, Subject
from core.workbench import Workbench


class DecisionRecord:
    kind = "decisions"
    is_stored = False

    def gather(self, subject: Subject, language: str, principal: Principal, workbench: Workbench) -> Gathered:
        wording = Wording.of(language)
        _ = wording.say
        history = read_history(ReadHistory(limit=MOST_ROWS), principal, workbench)
        if not history.decisions:
            raise Invalid("Nothing has been decided yet.", remedy="Decide on the page Redundancy.")
        names = act_names(wording)
        counts = Counter(names[each.act] for each in history.decisions if each.id not in history.undone)
        rows = [
            (
                wording.day(each.created_at),
                names[each.act] + (f" ({_('taken back')})" if each.id in history.undone else ""),
                _named(each.document, history.documents, wording),
                _named(each.against, history.documents, wording) if each.against else "",
                each.reason,
                each.author,
            )
            for each in history.decisions
        ]
        header = (_("Day"), _("Decision"), _("Document"), _("Other document"), _("Reason"), _("By"))
        newest = max(each.created_at for each in history.decisions)
        blocks = [
            paragraph(
                _("Every decision with its reason, the newest first. Nothing was deleted by a decision.")
            ),
            figures(
                (_("Decision"), _("Count")), [(name, wording.number(n)) for name, n in counts.most_common()]
            ),
            *listing(_("History of decisions"), header, rows, len(rows), len(rows), wording),
        ]
        return Gathered(
            title=_("Decisions about documents"),
            content=Content(tuple(blocks)),
            language=wording.language,
            author=principal.user,
            written=newest.date(),
            keywords=(_("decisions"),),
        )


def _named(document: str, known: Mapping[str, DocumentSummary], wording: Wording) -> str:
    found = known.get(document)
    return f"{found.title} ({found.name})" if found else wording.say("no longer in the library")
