"""Everything an analysis found: groups with advice and reason, passages, meanings, contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.content import Block, Chart, Content, Series
from core.errors import Invalid
from core.gateway.roles import Principal
from core.language.catalogues import Wording
from core.redundancy import REASONS, Recommendation
from core.redundancy.semantic import LIMITS
from core.redundancy.semantic import REASONS as MEANING_REASONS
from core.use_cases.exportable.report_blocks import MOST_ROWS, figures, listing, paragraph
from core.use_cases.exportable.subject import Gathered, Subject
from core.use_cases.review_conflicts import ReviewConflicts, review_conflicts
from core.use_cases.review_meanings import ReviewMeanings, review_meanings
from core.use_cases.review_passages import ReviewPassages, review_passages
from core.use_cases.review_redundancy import ClusterView, RedundancyView, ReviewRedundancy, review_redundancy
from core.use_cases.summarise_findings import SummariseFindings, summarise_findings
from core.workbench import Workbench


class RedundancyReport:
    """Its view: `threshold` and `rule` as on the page of the findings."""

    kind = "redundancy_report"
    is_stored = False

    def gather(self, subject: Subject, language: str, principal: Principal, workbench: Workbench) -> Gathered:
        wording = Wording.of(language)
        threshold, rule = _threshold(subject.view), subject.view.get("rule", "newest")
        asked = ReviewRedundancy(threshold=threshold, rule=rule, limit=MOST_ROWS)
        view = review_redundancy(asked, principal, workbench)
        if view.analysis is None:
            raise Invalid("Nothing has been analysed yet.", remedy="Bring documents and have them analysed.")
        blocks = [
            *_summary(view, threshold, rule, wording, principal, workbench),
            *_groups(view, wording),
            *_passages(threshold, wording, principal, workbench),
            *_meanings(wording, principal, workbench),
            *_conflicts(wording, principal, workbench),
        ]
        return Gathered(
            title=wording.say("Redundancy report"),
            content=Content(tuple(blocks)),
            language=wording.language,
            author=principal.user,
            written=view.analysis.created_at.date(),
            keywords=(wording.say("redundancy"),),
        )


def act_names(wording: Wording) -> Mapping[str, str]:
    _ = wording.say
    names = {"keep": _("keep"), "merge": _("merge"), "drop": _("drop"), "ignore": _("ignore")}
    return names | {"undo": _("taken back")}


def _threshold(view: Mapping[str, str]) -> float:
    try:
        return float(view.get("threshold", "0.7"))
    except ValueError:
        raise Invalid("The threshold is no number.", remedy="Use one from 0 to 1.") from None


def _summary(
    view: RedundancyView,
    threshold: float,
    rule: str,
    wording: Wording,
    principal: Principal,
    workbench: Workbench,
) -> Iterator[Block]:
    _ = wording.say
    assert view.analysis is not None
    said = _("{count} documents compared; least similarity {threshold}; written on {day}.")
    yield paragraph(
        said.format(
            count=wording.number(view.num_compared),
            threshold=wording.number(threshold, 2),
            day=wording.day(view.analysis.created_at),
        )
    )
    found = summarise_findings(SummariseFindings(threshold=threshold, rule=rule), principal, workbench)
    counts = (
        (_("Can be deleted"), found.num_safe),
        (_("After a look"), found.num_to_look_at),
        (_("To be merged"), found.num_to_merge),
        (_("To be reconciled"), found.num_conflicts),
        (_("Changed versions"), found.num_changes),
        (_("Shared passages"), found.num_passages),
        (_("Translations"), found.num_translations),
        (_("Templates that stay"), found.num_templates),
    )
    rows = [(name, "–" if value is None else wording.number(value)) for name, value in counts]
    yield figures((_("Finding"), _("Count")), rows)
    known = [(name, float(value)) for name, value in counts if value]
    if len(known) > 1:
        values = Series(_("Count"), tuple(value for _name, value in known))
        yield Block(
            "chart",
            _("Findings by kind"),
            chart=Chart("bar", tuple(name for name, _value in known), (values,)),
        )


def _groups(view: RedundancyView, wording: Wording) -> Iterator[Block]:
    _ = wording.say
    rows = [row for each in view.clusters for row in _group_rows(each, view.advice[each.key], wording)]
    header = (_("Group"), _("Document"), _("Advice"), _("Why"), _("Decision"))
    title = _("Groups of similar documents")
    yield from listing(title, header, rows, view.num_clusters, len(view.clusters), wording)


def _group_rows(
    each: ClusterView, advice: Mapping[str, Recommendation], wording: Wording
) -> Iterator[Sequence[str]]:
    names = act_names(wording)
    title = next(document.title for document in each.documents if document.id == each.canonical)
    for document in each.documents:
        found, decision = advice[document.id], each.decisions.get(document.id)
        yield (
            title if document.id == each.canonical else "",
            f"{document.title} ({document.name})",
            names[found.act],
            wording.filled(REASONS[found.reason_code].sentence, found.parameters),
            f"{names[decision.act]} · {decision.author} {decision.reason}" if decision else "",
        )


def _passages(
    threshold: float, wording: Wording, principal: Principal, workbench: Workbench
) -> Iterator[Block]:
    _ = wording.say
    view = review_passages(ReviewPassages(threshold=threshold, limit=MOST_ROWS), principal, workbench)
    rows = [
        (
            f"{link.a.title} ({link.a.name})",
            f"{link.b.title} ({link.b.name})",
            wording.number(link.num_words),
            " … ".join(passage.excerpt for passage in link.link.passages if passage.exclusion is None),
        )
        for link in view.links
    ]
    header = (_("Document"), _("Other document"), _("Words"), _("Passages"))
    yield from listing(_("Shared passages"), header, rows, view.num_links, len(rows), wording)


def _meanings(wording: Wording, principal: Principal, workbench: Workbench) -> Iterator[Block]:
    _ = wording.say
    view = review_meanings(ReviewMeanings(limit=MOST_ROWS), principal, workbench)
    rows = [
        (
            f"{pair.a.title} ({pair.a.name})",
            f"{pair.b.title} ({pair.b.name})",
            wording.number(pair.evidence.score, 2),
            wording.filled(MEANING_REASONS[pair.advice.reason_code], pair.advice.parameters),
        )
        for pair in view.pairs
    ]
    header = (_("Document"), _("Other document"), _("Score"), _("Why"))
    yield from listing(_("Same meaning and translations"), header, rows, view.num_pairs, len(rows), wording)
    codes = dict.fromkeys(code for pair in view.pairs for code in pair.advice.limit_codes)
    yield from (paragraph(_(LIMITS[code])) for code in codes)


def _conflicts(wording: Wording, principal: Principal, workbench: Workbench) -> Iterator[Block]:
    _ = wording.say
    view = review_conflicts(ReviewConflicts(limit=MOST_ROWS), principal, workbench)
    rows = [
        (
            f"{each.a.title}: {each.conflict.said_a}",
            f"{each.b.title}: {each.conflict.said_b}",
            f"{each.conflict.found.a.text} ≠ {each.conflict.found.b.text}",
            wording.percent(each.conflict.found.strength),
        )
        for each in view.conflicts
    ]
    header = (_("Document"), _("Other document"), _("Differs"), _("Sureness"))
    yield from listing(_("To be reconciled"), header, rows, view.num_conflicts, len(rows), wording)
