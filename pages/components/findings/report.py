"""The findings as one HTML file in the reader's language: no script, nothing from outside, ready to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from core.redundancy import Recommendation
from core.redundancy.semantic import LIMITS
from core.redundancy.semantic import REASONS as MEANING_REASONS
from core.use_cases import (
    ReviewConflicts,
    ReviewMeanings,
    ReviewPassages,
    ReviewRedundancy,
    SummariseFindings,
)
from core.use_cases.review_redundancy import ClusterView
from core.use_cases.summarise_findings import FindingsSummary
from pages.components.findings.names import conflict_kinds
from pages.components.language import (
    _,
    day,
    decimal,
    filled,
    language,
    language_name,
    number,
    percent,
    reason_text,
)
from pages.components.session import ask

MOST_ROWS = 500
"""Of each list; what is cut is said."""


def report(threshold: float, rule: str, act_names: dict[str, str]) -> bytes:
    """All groups, passages, meanings and open contradictions at this threshold."""
    parts = [
        _head(threshold),
        _answers(ask(SummariseFindings(threshold=threshold, rule=rule))),
        _groups(threshold, rule, act_names),
        _passages(threshold),
        _meanings(),
        _conflicts(),
    ]
    title = escape(_("Redundancy report"))
    return (
        f'<!doctype html>\n<html lang="{language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n" + "\n".join(parts) + "\n</body></html>\n"
    ).encode()


def _head(threshold: float) -> str:
    view = ask(ReviewRedundancy(threshold=threshold, limit=1))
    said = _("{count} documents compared; least similarity {threshold}; written on {day}.").format(
        count=number(view.num_compared), threshold=decimal(threshold), day=day(datetime.now(UTC))
    )
    return f"<h1>{escape(_('Redundancy report'))}</h1><p>{escape(said)}</p>"


def _answers(summary: FindingsSummary) -> str:
    figures = (
        (_("Can be deleted"), summary.num_safe),
        (_("After a look"), summary.num_to_look_at),
        (_("To be merged"), summary.num_to_merge),
        (_("To be reconciled"), summary.num_conflicts),
        (_("Changed versions"), summary.num_changes),
        (_("Shared passages"), summary.num_passages),
        (_("Translations"), summary.num_translations),
        (_("Templates that stay"), summary.num_templates),
    )
    cells = "".join(
        f"<div><b>{'–' if value is None else number(value)}</b><span>{escape(name)}</span></div>"
        for name, value in figures
    )
    return f'<div class="figures">{cells}</div>'


def _groups(threshold: float, rule: str, act_names: dict[str, str]) -> str:
    view = ask(ReviewRedundancy(threshold=threshold, rule=rule, limit=MOST_ROWS))
    rows = [row for each in view.clusters for row in _group_rows(each, view.advice[each.key], act_names)]
    header = (_("Group"), _("Document"), _("Advice"), _("Why"), _("Decision"))
    return _section(_("Groups of similar documents"), header, rows, view.num_clusters, len(view.clusters))


def _group_rows(
    each: ClusterView, advice: dict[str, Recommendation], act_names: dict[str, str]
) -> Iterable[Sequence[str]]:
    title = next(document.title for document in each.documents if document.id == each.canonical)
    for document in each.documents:
        found, decision = advice[document.id], each.decisions.get(document.id)
        yield (
            title if document.id == each.canonical else "",
            f"{document.title}\n{document.name}",
            act_names[found.act],
            reason_text(found.reason_code, found.parameters),
            f"{act_names[decision.act]} · {decision.author} {decision.reason}" if decision else "",
        )


def _passages(threshold: float) -> str:
    view = ask(ReviewPassages(threshold=threshold, limit=MOST_ROWS))
    rows = [
        (
            f"{link.a.title}\n{link.a.name}",
            f"{link.b.title}\n{link.b.name}",
            number(link.num_words),
            "\n".join(passage.excerpt for passage in link.link.passages if passage.exclusion is None),
        )
        for link in view.links
    ]
    header = (_("Document"), _("Other document"), _("Words"), _("Passages"))
    return _section(_("Shared passages"), header, rows, view.num_links, len(view.links))


def _meanings() -> str:
    view = ask(ReviewMeanings(limit=MOST_ROWS))
    rows = [
        (
            f"{pair.a.title} ({language_name(pair.a.language)})\n{pair.a.name}",
            f"{pair.b.title} ({language_name(pair.b.language)})\n{pair.b.name}",
            decimal(pair.evidence.score),
            filled(MEANING_REASONS[pair.advice.reason_code], pair.advice.parameters),
        )
        for pair in view.pairs
    ]
    header = (_("Document"), _("Other document"), _("Score"), _("Why"))
    codes = dict.fromkeys(code for pair in view.pairs for code in pair.advice.limit_codes)
    said = "".join(f"<p>{escape(_(LIMITS[code]))}</p>" for code in codes)
    return _section(_("Same meaning and translations"), header, rows, view.num_pairs, len(rows)) + said


def _conflicts() -> str:
    view = ask(ReviewConflicts(limit=MOST_ROWS))
    kinds = conflict_kinds()
    rows = [
        (
            kinds[each.conflict.found.kind],
            f"{each.a.title}\n{each.conflict.said_a}",
            f"{each.b.title}\n{each.conflict.said_b}",
            f"{each.conflict.found.a.text} ≠ {each.conflict.found.b.text}",
            percent(each.conflict.found.strength),
        )
        for each in view.conflicts
    ]
    header = (_("Kind"), _("Document"), _("Other document"), _("Differs"), _("Sureness"))
    return _section(_("To be reconciled"), header, rows, view.num_conflicts, len(view.conflicts))


def _section(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], num_found: int, num_shown: int
) -> str:
    if not rows:
        return f"<h2>{escape(title)}</h2><p>{escape(_('None.'))}</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    cut = ""
    if num_shown < num_found:
        said = _("{shown} of {found} are listed.").format(shown=number(num_shown), found=number(num_found))
        cut = f"<p>{escape(said)}</p>"
    return f"<h2>{escape(title)}</h2>{cut}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


_STYLE = (
    "body{font:15px/1.55 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#111827}"
    "h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2rem}"
    ".figures{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0}.figures div{border:1px solid #d5dbe6;"
    "border-radius:.5rem;padding:.6rem 1rem;min-width:8rem}.figures b{display:block;font-size:1.4rem}"
    "table{border-collapse:collapse;width:100%;font-size:.87rem}th,td{border:1px solid #d5dbe6;"
    "padding:.35rem .55rem;text-align:left;vertical-align:top;white-space:pre-line;overflow-wrap:anywhere}"
    "th{background:#f3f5f9}tr{break-inside:avoid}"
)
