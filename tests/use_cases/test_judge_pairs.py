"""People judge pairs, and the thresholds tell how right they are."""

from __future__ import annotations

import csv
import io
import json

import pytest

from core.errors import Forbidden, Invalid, NotFound
from core.gateway.roles import Principal, Role
from core.use_cases import (
    DownloadLabels,
    LabelPair,
    ReadLabels,
    download_labels,
    label_pair,
    read_labels,
)
from core.use_cases.judge_pairs import LabelSheet
from core.workbench import Workbench
from tests.conftest import as_role


def sheet(bench: Workbench, principal: Principal) -> LabelSheet:
    return read_labels(ReadLabels(), principal, bench)


def judge(bench: Workbench, principal: Principal, place: int, verdict: str) -> None:
    pair = sheet(bench, principal).pairs[place]
    label_pair(LabelPair(first=pair.second.id, second=pair.first.id, verdict=verdict), principal, bench)


def test_there_is_nothing_to_judge_before_the_first_analysis(
    workbench: Workbench, analyst: Principal
) -> None:
    assert sheet(workbench, analyst) == LabelSheet(None, (), (), 0)


def test_judged_pairs_make_an_estimate(
    workbench: Workbench, analyst: Principal, library: dict[str, object]
) -> None:
    drawn = sheet(workbench, analyst)
    assert [pair.verdict for pair in drawn.pairs] == [None] * len(drawn.pairs)
    assert drawn.num_left == len(drawn.pairs) == 4
    assert all(quality.precision is None for quality in drawn.qualities if quality.num_pairs)
    for place, pair in enumerate(drawn.pairs):
        judge(workbench, analyst, place, "same" if pair.similarity > 0.8 else "different")
    judged = sheet(workbench, analyst)
    assert (judged.num_labels, judged.num_left) == (4, 0)
    lowest = judged.qualities[0].precision
    assert lowest is not None
    num_same = sum(pair.similarity > 0.8 for pair in drawn.pairs)
    assert lowest.value == pytest.approx(num_same / 4)
    assert lowest.low < lowest.value < lowest.high


def test_a_verdict_can_be_changed_and_left_open(
    workbench: Workbench, analyst: Principal, library: dict[str, object]
) -> None:
    judge(workbench, analyst, 0, "same")
    judge(workbench, analyst, 0, "unsure")
    found = sheet(workbench, analyst)
    assert (found.pairs[0].verdict, found.num_labels) == ("unsure", 0)


def test_only_pairs_of_the_analysis_are_judged_and_only_by_who_may(
    workbench: Workbench, analyst: Principal, library: dict[str, object]
) -> None:
    pair = sheet(workbench, analyst).pairs[0]
    with pytest.raises(NotFound):
        label_pair(LabelPair(first="x", second=pair.first.id, verdict="same"), analyst, workbench)
    with pytest.raises(Invalid, match="same, different"):
        label_pair(LabelPair(first="x", second="y", verdict="maybe"), analyst, workbench)
    with pytest.raises(Forbidden):
        judge(workbench, as_role(Role.VIEWER), 0, "same")


def test_labels_are_downloaded_with_the_names_of_the_documents(
    workbench: Workbench, analyst: Principal, library: dict[str, object]
) -> None:
    judge(workbench, analyst, 0, "same")
    pair = sheet(workbench, analyst).pairs[0]
    (row,) = json.loads(download_labels(DownloadLabels(format="json"), analyst, workbench).data)
    assert {row["first_name"], row["second_name"]} == {pair.first.name, pair.second.name}
    assert (row["verdict"], row["similarity"]) == ("same", pair.similarity)
    written = download_labels(DownloadLabels(format="csv"), analyst, workbench).data.decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(written)))["verdict"] == "same"
    with pytest.raises(Invalid, match="csv, xlsx, json"):
        download_labels(DownloadLabels(format="pdf"), analyst, workbench)
