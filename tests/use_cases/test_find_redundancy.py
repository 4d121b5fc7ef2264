"""An analysis compares what is new, and finds what comparing everything would find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.gateway.roles import Principal
from core.redundancy import find_pairs
from core.redundancy.index_file import IndexShelf
from core.storage.documents import DocumentSummary
from core.storage.job_records import JobRecord
from core.use_cases import (
    FindRedundancy,
    RemoveDocuments,
    find_redundancy,
    remove_documents,
)
from core.use_cases.find_redundancy import read_pairs
from core.workbench import AnalysedPairs, Workbench
from tests.use_cases.conftest import POLICY, add


def newest(bench: Workbench, principal: Principal) -> AnalysedPairs:
    with bench.storage.transaction(readonly=True) as work:
        analysis = work.analyses.latest(principal.workspace)
        assert analysis is not None
        return read_pairs(bench, work, principal.workspace, analysis.id)


def is_complete(bench: Workbench, principal: Principal) -> bool:
    found = newest(bench, principal)
    with bench.storage.transaction(readonly=True) as work:
        documents = work.documents.compared_texts(principal.workspace)
    anew = find_pairs([each.text for each in documents], bench.settings.similarity_floor)
    return (
        found.documents == tuple(each.id for each in documents)
        and np.array_equal(found.pairs.first, anew.first)
        and np.array_equal(found.pairs.second, anew.second)
        and np.array_equal(found.pairs.jaccard, anew.jaccard)
    )


def analyse(bench: Workbench, principal: Principal) -> JobRecord:
    job = find_redundancy(FindRedundancy(), principal, bench)
    assert job.error is None, job.error
    return job


def test_one_new_document_is_compared_alone(
    workbench: Workbench, analyst: Principal, library: dict[str, object]
) -> None:
    add(workbench, analyst, {"late copy.md": POLICY})
    assert is_complete(workbench, analyst)
    with workbench.storage.transaction(readonly=True) as work:
        job = work.jobs.latest(analyst.workspace, kind="analyse")[0]
    assert (job.result["documents"], job.result["compared"]) == (7, 1)
    assert analyse(workbench, analyst).result["compared"] == 0


def test_what_is_removed_leaves_the_pairs(
    workbench: Workbench, analyst: Principal, library: dict[str, DocumentSummary]
) -> None:
    gone = library["invoice 1.md"]
    remove_documents(RemoveDocuments(documents=(gone.id,)), analyst, workbench)
    assert analyse(workbench, analyst).result["compared"] == 0
    assert gone.id not in newest(workbench, analyst).documents
    assert is_complete(workbench, analyst)


def test_a_lost_index_is_made_again_from_the_documents(
    workbench: Workbench, analyst: Principal, library: dict[str, object]
) -> None:
    for file in (workbench.settings.data_dir / "indexes").iterdir():
        file.unlink()
    assert analyse(workbench, analyst).result["compared"] == 6
    assert is_complete(workbench, analyst)


def test_the_next_worker_takes_the_index_up(
    workbench: Workbench, analyst: Principal, library: dict[str, object]
) -> None:
    restarted = replace(workbench, indexes=IndexShelf(workbench.settings.data_dir / "indexes"))
    restarted.jobs.workbench = restarted  # type: ignore[attr-defined]
    assert analyse(restarted, analyst).result["compared"] == 0
    assert is_complete(restarted, analyst)


def test_the_settings_choose_where_a_library_is_compared(
    workbench: Workbench, analyst: Principal, library: dict[str, object]
) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed: requirements-spark.txt")
    settings = workbench.settings.model_copy(update={"redundancy_backend": "duckdb"})
    elsewhere = replace(workbench, settings=settings)
    elsewhere.jobs.workbench = elsewhere  # type: ignore[attr-defined]
    for file in (workbench.settings.data_dir / "indexes").iterdir():
        file.unlink()
    assert analyse(elsewhere, analyst).result["compared"] == 6
    assert is_complete(elsewhere, analyst)
