"""How good the documents of the library are, part by part, the weakest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.content import Block, Chart, Content, Series
from core.errors import Invalid
from core.gateway.roles import Principal
from core.language.catalogues import Wording
from core.use_cases.exportable.report_blocks import MOST_ROWS, heading, listing, paragraph
from core.use_cases.exportable.subject import Gathered, Subject
from core.use_cases.review_quality import QualityView, RatedDocument, ReviewQuality, review_quality
from core.workbench import Workbench


class QualityBoard:
    """Its view: `order` as on the page of quality."""

    kind = "quality_board"
    is_stored = False

    def gather(self, subject: Subject, language: str, principal: Principal, workbench: Workbench) -> Gathered:
        wording = Wording.of(language)
        _ = wording.say
        asked = ReviewQuality(order=subject.view.get("order", "worst"), limit=MOST_ROWS)
        view = review_quality(asked, principal, workbench)
        if not view.is_known:
            raise Invalid("Quality has not been judged yet.", remedy="Have the library analysed.")
        return Gathered(
            title=_("Quality of the documents"),
            content=Content((*_overview(view, wording), *_documents(view, wording))),
            language=wording.language,
            author=principal.user,
            written=max((each.document.added_at.date() for each in view.documents), default=None),
            keywords=(_("quality"),),
        )


def rating_names(wording: Wording) -> Mapping[str, str]:
    _ = wording.say
    return {
        "excellent": _("excellent"),
        "good": _("good"),
        "fair": _("fair"),
        "needs_improvement": _("needs improvement"),
    }


def part_names(wording: Wording) -> Mapping[str, str]:
    _ = wording.say
    return {
        "completeness": _("completeness"),
        "readability": _("readability"),
        "structure": _("structure"),
        "uniqueness": _("uniqueness"),
        "freshness": _("freshness"),
        "boilerplate": _("little boilerplate"),
    }


def _overview(view: QualityView, wording: Wording) -> Iterator[Block]:
    _ = wording.say
    ratings, parts = rating_names(wording), part_names(wording)
    yield paragraph(
        wording.several("{count} document judged.", "{count} documents judged.", sum(view.ratings.values()))
    )
    yield heading(_("Ratings"))
    counts = [(ratings[name], view.ratings.get(name, 0)) for name in ratings]
    yield Block.table(
        [[_("Rating"), _("Documents")], *([name, wording.number(count)] for name, count in counts)],
        header_rows=1,
    )
    if any(count for _name, count in counts):
        values = Series(_("Documents"), tuple(float(count) for _name, count in counts))
        yield Block(
            "chart",
            _("Documents by rating"),
            chart=Chart("column", tuple(name for name, _n in counts), (values,)),
        )
    if view.means:
        yield heading(_("Mean score of each part"))
        means = Series(_("Score"), tuple(round(mean, 1) for mean in view.means.values()))
        names = tuple(parts[name] for name in view.means)
        yield Block("chart", _("Mean score of each part"), chart=Chart("bar", names, (means,), "", "0–100"))


def _documents(view: QualityView, wording: Wording) -> Iterator[Block]:
    _ = wording.say
    parts = part_names(wording)
    header = (_("Title"), _("Score"), _("Rating"), *parts.values())
    rows = [_row(each, wording) for each in view.documents]
    yield from listing(_("Documents"), header, rows, view.num_documents, len(rows), wording)


def _row(each: RatedDocument, wording: Wording) -> tuple[str, ...]:
    quality = each.quality
    scores: dict[str, int | None] = {part.name: part.score for part in quality.parts}
    return (
        f"{each.document.title} ({each.document.name})",
        _score(quality.score, wording),
        rating_names(wording)[quality.rating] if quality.rating else wording.say("not judged"),
        *(_score(scores.get(name), wording) for name in part_names(wording)),
    )


def _score(score: int | None, wording: Wording) -> str:
    return "–" if score is None else wording.number(score)
