"""How much of a document stands word for word in three or more documents that are no copies."""

from __future__ import annotations

from collections.abc import Iterable

from core.quality.document import AssessedDocument
from core.quality.part import MOST_EVIDENCE, Evidence, Fix, QualityPart, clamped
from core.redundancy.evidence import Span
from core.redundancy.subject import WORD

FREE_SHARE = 0.1
"""Share of boilerplate that costs nothing: a clause and a footer are usual."""


def judge_boilerplate(document: AssessedDocument, spans: Iterable[Span] | None) -> QualityPart:
    """100 up to FREE_SHARE, then down in proportion to 0 for a text of nothing else.

    `spans` may overlap. None means that the document was not compared: then there is no score.
    """
    text = document.content.text
    total = len(WORD.findall(text))
    if spans is None or not total:
        return QualityPart("boilerplate", None, (Evidence("not_compared"),))
    stretches = _joined(spans)
    num_words = [len(WORD.findall(text, *span)) for span in stretches]
    share = min(1.0, sum(num_words) / total)
    score = clamped(100 * (1 - max(0.0, share - FREE_SHARE) / (1 - FREE_SHARE)))
    places = sorted(zip(num_words, stretches, strict=True), reverse=True)[:MOST_EVIDENCE]
    evidence = [Evidence("boilerplate_passage", {"words": number}, span) for number, span in places]
    fixes = (Fix("keep_text_once", {"count": len(stretches)}),) if share > FREE_SHARE else ()
    return QualityPart(
        "boilerplate", score, (Evidence("boilerplate_share", {"share": share}), *evidence), fixes
    )


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(end, joined[-1].end))
        else:
            joined.append(Span(start, end))
    return joined
