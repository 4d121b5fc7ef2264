"""Judge drawn pairs of documents, and see how right each threshold is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import cast
from uuid import uuid4

from core.errors import Invalid, NotFound
from core.gateway.roles import Permission, Principal
from core.redundancy import PairTable
from core.redundancy.precision import PAIRS_TO_LABEL, ThresholdQuality, Verdict, draw_pairs, estimate_quality
from core.storage import UnitOfWork
from core.storage.documents import DocumentSummary
from core.storage.labels import Label
from core.use_cases.find_redundancy import read_pairs
from core.use_cases.request import Request
from core.use_cases.row_files import Download, Value, as_file
from core.workbench import AnalysedPairs, Workbench

VERDICTS = ("same", "different", "unsure")
MOST_TO_LABEL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLabels(Request["LabelSheet"]):
    """The pairs to judge: `num_pairs` drawn evenly over the similarities of the newest analysis."""

    num_pairs: int = PAIRS_TO_LABEL


@dataclass(frozen=True, slots=True)
class DrawnPair:
    """`verdict` is None until somebody has judged it."""

    first: DocumentSummary
    second: DocumentSummary
    similarity: float
    verdict: str | None


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """`qualities` from the lowest threshold upwards, from all labels that fit the newest analysis.

    `floor` is None before the first analysis.
    """

    floor: float | None
    pairs: tuple[DrawnPair, ...]
    qualities: tuple[ThresholdQuality, ...]
    num_labels: int

    @property
    def num_left(self) -> int:
        return sum(pair.verdict is None for pair in self.pairs)


def read_labels(request: ReadLabels, principal: Principal, workbench: Workbench) -> LabelSheet:
    principal.require(Permission.READ)
    if not 1 <= request.num_pairs <= MOST_TO_LABEL:
        raise Invalid(f"Between 1 and {MOST_TO_LABEL} pairs are drawn.", remedy="Choose another number.")
    with workbench.storage.transaction(readonly=True) as work:
        analysed = _newest_pairs(workbench, work, principal)
        if analysed is None:
            return LabelSheet(None, (), (), 0)
        labels = work.labels.current(principal.workspace)
        drawn = {
            _names(analysed, position): float(analysed.pairs.jaccard[position])
            for position in draw_pairs(analysed.pairs, request.num_pairs)
        }
        summaries = work.documents.summaries(principal.workspace, {each for pair in drawn for each in pair})
    places = _places(analysed, labels.keys())
    judged = {
        places[pair]: cast(Verdict, label.verdict)
        for pair, label in labels.items()
        if pair in places and label.verdict != "unsure"
    }
    return LabelSheet(
        analysed.pairs.floor,
        tuple(
            DrawnPair(
                summaries[first],
                summaries[second],
                similarity,
                labels[key].verdict if (key := _key(first, second)) in labels else None,
            )
            for (first, second), similarity in drawn.items()
            if first in summaries and second in summaries
        ),
        estimate_quality(analysed.pairs, judged),
        len(judged),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPair(Request[Label]):
    """Say of a drawn pair whether both documents are the same matter: same, different or unsure."""

    first: str
    second: str
    verdict: str


def label_pair(request: LabelPair, principal: Principal, workbench: Workbench) -> Label:
    """The label, in the place of an earlier one of the pair. Raises NotFound for a pair the newest analysis
    does not hold.
    """
    principal.require(Permission.DECIDE)
    if request.verdict not in VERDICTS:
        raise Invalid(
            f"There is no verdict {request.verdict!r}.", remedy=f"Use one of: {', '.join(VERDICTS)}."
        )
    with workbench.storage.transaction() as work:
        analysed = _newest_pairs(workbench, work, principal)
        key = _key(request.first, request.second)
        place = None if analysed is None else _places(analysed, [key]).get(key)
        if analysed is None or place is None:
            raise NotFound("The analysis holds no such pair.", remedy="Load the page again.")
        label = Label(
            id=uuid4().hex,
            first=key[0],
            second=key[1],
            similarity=float(analysed.pairs.jaccard[place]),
            verdict=request.verdict,
            author=principal.user,
            created_at=datetime.now(UTC),
        )
        work.labels.append(principal.workspace, label)
    return label


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadLabels(Request[Download]):
    """Every label in force, as csv, xlsx or json."""

    format: str


def download_labels(request: DownloadLabels, principal: Principal, workbench: Workbench) -> Download:
    principal.require(Permission.READ)
    with workbench.storage.transaction(readonly=True) as work:
        labels = list(work.labels.current(principal.workspace).values())
        named = {each for label in labels for each in (label.first, label.second)}
        summaries = work.documents.summaries(principal.workspace, named)
    rows = [_row(label, summaries) for label in labels]
    return as_file("redundancy-labels", request.format, _COLUMNS, rows)


def _newest_pairs(workbench: Workbench, work: UnitOfWork, principal: Principal) -> AnalysedPairs | None:
    analysis = work.analyses.latest(principal.workspace)
    return None if analysis is None else read_pairs(workbench, work, principal.workspace, analysis.id)


def _key(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _names(analysed: AnalysedPairs, position: int) -> tuple[str, str]:
    pairs: PairTable = analysed.pairs
    return analysed.documents[pairs.first[position]], analysed.documents[pairs.second[position]]


def _places(analysed: AnalysedPairs, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The position in the table of those of the pairs that it holds."""
    import numpy as np

    named = {each for key in wanted for each in key}
    concerned = [place for place, document in enumerate(analysed.documents) if document in named]
    here = np.zeros(len(analysed.documents), np.bool_)
    here[concerned] = True
    rows = np.flatnonzero(here[analysed.pairs.first] & here[analysed.pairs.second])
    found = {_key(*_names(analysed, row)): row for row in rows.tolist()}
    return {key: found[key] for key in wanted if key in found}


_COLUMNS = (*Label.__dataclass_fields__, "first_name", "second_name")


def _row(label: Label, summaries: dict[str, DocumentSummary]) -> dict[str, Value]:
    values = asdict(label) | {"created_at": label.created_at.isoformat(timespec="seconds")}
    for side in ("first", "second"):
        known = summaries.get(getattr(label, side))
        values[f"{side}_name"] = known.name if known else ""
    return values
