"""How much of a document no other document of the library says in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.quality.document import AssessedDocument, LibraryContext, Uniqueness
from core.quality.part import MOST_EVIDENCE, Evidence, Fix, QualityPart, clamped
from core.redundancy.evidence import Span
from core.redundancy.passages.link import Boilerplate, PassageReport
from core.redundancy.shingles import WORDS_PER_SHINGLE, Shingles, shingle
from core.redundancy.subject import WORD

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONG_STRETCH = 12
"""Words in a row, all in shared phrases, that are shown as a place."""

SHARED = 0.3  # share of shared phrases from which there is something to do


def judge_uniqueness(document: AssessedDocument, found: Uniqueness | None) -> QualityPart:
    """The share of phrases of three words that stand nowhere else, as a percentage.

    None means that the document was not compared with any other: then there is no score.
    """
    if found is None:
        return QualityPart("uniqueness", None, (Evidence("not_compared"),))
    text = document.content.text
    places = [
        Evidence("shared_passage", {"words": len(WORD.findall(text, *span))}, span)
        for span in found.shared[:MOST_EVIDENCE]
    ]
    fixes = (Fix("compare_and_merge", {"share": 1 - found.share}),) if 1 - found.share > SHARED else ()
    share = Evidence("unique_share", {"share": found.share})
    return QualityPart("uniqueness", clamped(100 * found.share), (share, *places), fixes)


def library_context(texts: Mapping[str, str], passages: PassageReport | None = None) -> LibraryContext:
    """What comparing the texts, by id, tells about each: its uniqueness, and its boilerplate if passages
    were searched. One text alone is compared with nothing. Takes time and memory linear in the words.
    """
    ids = list(texts)
    uniqueness = dict(zip(ids, _uniqueness([texts[id] for id in ids]), strict=True)) if len(ids) > 1 else {}
    boilerplate = _spans(ids, passages.boilerplate) if passages is not None else {}
    return LibraryContext(len(ids), uniqueness, boilerplate)


def _spans(ids: Sequence[str], found: Sequence[Boilerplate]) -> dict[str, tuple[Span, ...]]:
    spans: dict[str, list[Span]] = {id: [] for id in ids}
    for boilerplate in found:
        for place in boilerplate.places:
            if place.id in spans:
                spans[place.id].append(place.span)
    return {id: tuple(own) for id, own in spans.items()}


def _uniqueness(texts: Sequence[str]) -> list[Uniqueness]:
    shingles = shingle(texts)
    shared = _is_shared(shingles)
    found = []
    for text, start, end in zip(texts, shingles.starts[:-1], shingles.starts[1:], strict=True):
        own: list[bool] = shared[start:end].tolist()
        found.append(Uniqueness(1 - sum(own) / len(own) if own else 1.0, _stretches(text, own)))
    return found


def _is_shared(shingles: Shingles) -> NDArray[np.bool_]:
    """For each shingle, whether a second text has it too."""
    import numpy as np

    shared = np.zeros(shingles.keys.size, np.bool_)
    if not shared.size:
        return shared
    owners = np.repeat(np.arange(shingles.starts.size - 1), np.diff(shingles.starts))
    order = np.lexsort((owners, shingles.keys))
    keys, owners = shingles.keys[order], owners[order]
    is_first = np.r_[True, keys[1:] != keys[:-1]]
    begins = np.flatnonzero(is_first)
    has_several = np.minimum.reduceat(owners, begins) != np.maximum.reduceat(owners, begins)
    shared[order] = has_several[np.cumsum(is_first) - 1]
    return shared


def _stretches(text: str, shared: list[bool]) -> tuple[Span, ...]:
    """The places where many shared phrases follow each other, longest first."""
    runs: list[tuple[int, int]] = []
    for place, is_shared in enumerate(shared):
        if not is_shared:
            continue
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    long = [run for run in runs if run[1] - run[0] + WORDS_PER_SHINGLE - 1 >= LONG_STRETCH]
    if not long:
        return ()
    places = [match.span() for match in WORD.finditer(text)]
    longest = sorted(long, key=lambda run: (run[0] - run[1], run[0]))[:MOST_EVIDENCE]
    last = len(places) - 1
    return tuple(
        Span(places[begin][0], places[min(last, end + WORDS_PER_SHINGLE - 2)][1])
        for begin, end in longest
        if begin <= last
    )
