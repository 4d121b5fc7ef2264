"""From pairs to decisions and downloads."""

from __future__ import annotations

import csv
import io
import json
import random
import time
import zipfile
from collections.abc import Iterator

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.gateway.roles import Principal
from core.storage.documents import DocumentSummary
from core.use_cases import (
    CompareDocuments,
    Decide,
    DownloadReview,
    FindRedundancy,
    ReadHistory,
    RemoveDocuments,
    ReviewCluster,
    ReviewRedundancy,
    UndoDecision,
    compare_documents,
    decide,
    download_review,
    find_redundancy,
    read_history,
    remove_documents,
    review_cluster,
    review_redundancy,
    undo_decision,
)
from core.use_cases.review_redundancy import RedundancyView
from core.use_cases.row_files import FORMULA_STARTS, neutralise
from core.workbench import Workbench
from tests.use_cases.conftest import add

Library = dict[str, DocumentSummary]


def review(bench: Workbench, principal: Principal, **asked: object) -> RedundancyView:
    return review_redundancy(ReviewRedundancy(**asked), principal, bench)


def names(view: RedundancyView) -> list[set[str]]:
    return [{document.name for document in each.documents} for each in view.clusters]


def test_there_is_nothing_to_review_before_the_first_analysis(
    workbench: Workbench, analyst: Principal
) -> None:
    assert review(workbench, analyst).analysis is None


def test_the_threshold_regroups_the_same_pairs(
    workbench: Workbench, analyst: Principal, library: Library
) -> None:
    policies = {"policy.md", "old/policy copy.md", "policy long.md"}
    invoices = {"invoice 1.md", "invoice 2.md"}
    assert names(review(workbench, analyst, threshold=0.6)) == [policies, invoices]
    assert names(review(workbench, analyst, threshold=1.0)) == [{"policy.md", "old/policy copy.md"}]
    with pytest.raises(Invalid, match="upwards"):
        review(workbench, analyst, threshold=0.3)


def test_advice_drops_the_copy_and_keeps_the_invoices_whose_facts_differ(
    workbench: Workbench, analyst: Principal, library: Library
) -> None:
    view = review(workbench, analyst, threshold=0.6, rule="longest")
    policies, invoices = view.clusters
    assert policies.canonical == library["policy long.md"].id
    advice = view.advice[policies.key]
    assert {advice[each.id].act for each in policies.others} == {"drop"}
    copies = review(workbench, analyst, threshold=1.0).clusters[0]
    same = review(workbench, analyst, threshold=1.0).advice[copies.key]
    assert all(same[each.id].automatic for each in copies.others)
    kept = view.advice[invoices.key]
    assert not any(each.automatic for each in kept.values())
    assert {kept[each.id].reason_code for each in invoices.others} == {"template_family"}


def test_filters_narrow_the_groups_and_the_saving_follows(
    workbench: Workbench, analyst: Principal, library: Library
) -> None:
    everything = review(workbench, analyst, threshold=0.6)
    assert everything.possible.num_documents == 3
    found = review(workbench, analyst, threshold=0.6, search="invoice")
    assert (found.num_clusters, found.possible.num_documents) == (1, 1)
    assert review(workbench, analyst, threshold=0.6, kind="identical").num_clusters == 0
    assert review(workbench, analyst, threshold=1.0, kind="identical").num_clusters == 1
    assert review(workbench, analyst, threshold=0.6, languages=("pt",)).num_clusters == 0
    with pytest.raises(Invalid):
        review(workbench, analyst, state="nonsense")


def test_a_decision_counts_as_saved_until_it_is_taken_back(
    workbench: Workbench, analyst: Principal, library: Library
) -> None:
    copy, kept = library["old/policy copy.md"], library["policy.md"]
    (made,) = decide(
        Decide(documents=(copy.id,), act="drop", reason=" the same ", against=kept.id), analyst, workbench
    )
    assert (made.reason, made.author) == ("the same", analyst.user)
    view = review(workbench, analyst, threshold=1.0)
    assert view.decided.num_words == copy.num_words
    assert (view.num_open, view.clusters[0].is_open) == (0, False)
    assert review(workbench, analyst, threshold=1.0, state="open").num_clusters == 0
    undo_decision(UndoDecision(decision=made.id), analyst, workbench)
    assert review(workbench, analyst, threshold=1.0).decided.num_documents == 0
    with pytest.raises(Conflict):
        undo_decision(UndoDecision(decision=made.id), analyst, workbench)
    history = read_history(ReadHistory(), analyst, workbench)
    assert [each.act for each in history.decisions] == ["undo", "drop"]
    assert history.undone == {made.id}


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "burn"},
        {"documents": ()},
        {"documents": ("unknown",)},
        {"against": "unknown"},
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    workbench: Workbench, analyst: Principal, library: Library, wrong: dict[str, object]
) -> None:
    asked = {"documents": (library["policy.md"].id,), "act": "drop"} | wrong
    with pytest.raises(Invalid):
        decide(Decide(**asked), analyst, workbench)
    assert read_history(ReadHistory(), analyst, workbench).decisions == ()


def test_another_workspace_neither_sees_nor_decides(
    workbench: Workbench, analyst: Principal, stranger: Principal, library: Library
) -> None:
    one, other = library["policy.md"].id, library["old/policy copy.md"].id
    (made,) = decide(Decide(documents=(one,), act="drop"), analyst, workbench)
    assert review(workbench, stranger).analysis is None
    for act in (
        lambda: compare_documents(CompareDocuments(canonical=one, member=other), stranger, workbench),
        lambda: review_cluster(ReviewCluster(document=one), stranger, workbench),
        lambda: undo_decision(UndoDecision(decision=made.id), stranger, workbench),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Invalid):
        decide(Decide(documents=(one,), act="drop"), stranger, workbench)


def test_a_removed_document_leaves_its_group_and_a_new_one_waits_for_the_next_analysis(
    workbench: Workbench, analyst: Principal, library: Library
) -> None:
    remove_documents(RemoveDocuments(documents=(library["policy.md"].id,)), analyst, workbench)
    assert names(review(workbench, analyst, threshold=1.0)) == []
    assert review(workbench, analyst).num_new == 0
    with workbench.storage.transaction(readonly=True) as work:
        latest = work.analyses.latest("default")
    add(workbench, analyst, {"new.md": "# New\n\nSomething that nobody has compared with anything."})
    with workbench.storage.transaction(readonly=True) as work:
        assert work.analyses.latest("default") != latest, "an analysis follows every intake"
    find_redundancy(FindRedundancy(), analyst, workbench)
    assert review(workbench, analyst).num_new == 0


def test_side_by_side_gives_spans_of_both_texts(
    workbench: Workbench, analyst: Principal, library: Library
) -> None:
    found = compare_documents(
        CompareDocuments(canonical=library["invoice 1.md"].id, member=library["invoice 2.md"].id),
        analyst,
        workbench,
    )
    texts = found.canonical.content.text, found.member.content.text
    for passage in found.alignment.passages:
        one, other = texts[0][slice(*passage.a)], texts[1][slice(*passage.b)]
        assert one.lower().split() == other.lower().split()
    assert {"1,200.00 EUR", "1,450.00 EUR"} & {each.fact.text for each in found.facts} or any(
        "1,450" in each.fact.text for each in found.facts
    )
    assert "Marlow Dairy" in {each.fact.text for each in found.facts}


def test_a_cluster_shows_every_similarity_both_ways(
    workbench: Workbench, analyst: Principal, library: Library
) -> None:
    detail = review_cluster(
        ReviewCluster(document=library["policy.md"].id, threshold=0.6), analyst, workbench
    )
    cells = detail.similarities
    assert [cells[i][i] for i in range(3)] == [1.0, 1.0, 1.0]
    assert all(cells[i][j] == cells[j][i] for i in range(3) for j in range(3))
    with pytest.raises(NotFound):
        review_cluster(ReviewCluster(document=library["alone.md"].id), analyst, workbench)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_download_holds_what_the_filter_shows(
    workbench: Workbench, analyst: Principal, library: Library, form: str
) -> None:
    asked = ReviewRedundancy(threshold=0.6, search="invoice", limit=1)
    rows = read_rows(
        form, download_review(DownloadReview(format=form, review=asked), analyst, workbench).data
    )
    assert [row["name"] for row in rows] == ["invoice 1.md", "invoice 2.md"]
    assert {row["role"] for row in rows} == {"canonical", "member"}
    everything = ReviewRedundancy(threshold=0.6)
    all_rows = read_rows(
        form, download_review(DownloadReview(format=form, review=everything), analyst, workbench).data
    )
    assert len(all_rows) == 5


def read_rows(form: str, data: bytes) -> list[dict[str, object]]:
    if form == "json":
        return list(json.loads(data))
    if form == "csv":
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    import openpyxl

    header, *rows = openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_no_cell_of_a_download_is_a_formula(workbench: Workbench, analyst: Principal) -> None:
    text = "The same words in both of these files, so that they form a group of two documents."
    evil = ("=HYPERLINK(1)", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "＝1")
    add(workbench, analyst, {f"{name}.md": f"# {name.strip()}\n\n{text}" for name in evil})
    asked = ReviewRedundancy(threshold=0.5)
    sheet = download_review(DownloadReview(format="csv", review=asked), analyst, workbench).data
    cells = [cell for row in csv.reader(io.StringIO(sheet.decode("utf-8-sig"))) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith(FORMULA_STARTS) for cell in cells if cell)
    book = download_review(DownloadReview(format="xlsx", review=asked), analyst, workbench).data
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert neutralise("harmless") == "harmless"


def test_moving_the_threshold_over_a_large_analysis_is_quick(
    workbench: Workbench, analyst: Principal
) -> None:
    chance = random.Random(7)
    words = [f"word{number}" for number in range(4000)]
    files = {}
    for group in range(60):
        base = chance.choices(words, k=120)
        for copy in range(3):
            changed = list(base)
            changed[copy * 7] = "other"
            files[f"{group}-{copy}.txt"] = " ".join(changed)
    add(workbench, analyst, files)
    review(workbench, analyst, threshold=0.6)
    started = time.perf_counter()
    for threshold in (0.5, 0.7, 0.8, 0.9, 0.95):
        review(workbench, analyst, threshold=threshold)
    assert (time.perf_counter() - started) / 5 < 0.25


def test_no_question_needs_two_connections_at_once(
    workbench: Workbench, analyst: Principal, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With as many visitors as connections, a second one each would never come."""
    from contextlib import contextmanager

    from core.storage import Storage
    from core.use_cases import SummariseWorkspace, summarise_workspace

    open_now = [0]
    whole = Storage.transaction

    @contextmanager
    def counted(self: Storage, **options: bool) -> Iterator[object]:
        open_now[0] += 1
        assert open_now[0] == 1, "a transaction inside a transaction"
        with whole(self, **options) as work:
            yield work
        open_now[0] -= 1

    monkeypatch.setattr(Storage, "transaction", counted)
    review(workbench, analyst, threshold=0.61)
    review_cluster(ReviewCluster(document=library["policy.md"].id, threshold=0.62), analyst, workbench)
    summarise_workspace(SummariseWorkspace(), analyst, workbench)
    download_review(
        DownloadReview(format="json", review=ReviewRedundancy(threshold=0.63)), analyst, workbench
    )
