"""What each repository promises, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.content import Block, Content
from core.errors import Conflict, NotFound
from core.storage import Storage
from core.storage.analyses import AnalysisSummary, StoredAnalysis
from core.storage.decisions import Decision
from core.storage.documents import DocumentFilter, DocumentSummary, StoredDocument
from core.storage.job_records import CANCELLED, FAILED, WAITING, JobRecord
from core.storage.problems import FileProblem
from core.storage.replays import StoredReplay
from core.storage.tuning_changes import TuningChange

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
W, OTHER = "default", "other"


@pytest.fixture(autouse=True)
def _other_workspace(storage: Storage) -> None:
    with storage.transaction() as work:
        work.workspaces.ensure(OTHER, "Other")


def document(name: str = "a.md", text: str = "Paid leave is 20 days.", **changes: object) -> StoredDocument:
    summary = DocumentSummary(
        id=uuid4().hex,
        name=name,
        origin="upload",
        format="md",
        sha256="0" * 64,
        num_bytes=len(text),
        num_words=len(text.split()),
        title=name,
        language="en",
        author=None,
        modified=NOW,
        added_at=NOW,
    )
    content = Content((Block("heading", "Leave", level=1), Block("paragraph", text, page=2)))
    return StoredDocument(summary=replace(summary, **changes), content=content, warnings=("one",))


def put(storage: Storage, *documents: StoredDocument, workspace: str = W) -> None:
    with storage.transaction() as work:
        for ordinal, each in enumerate(documents):
            work.documents.add(workspace, "job", ordinal, each)


def test_a_document_comes_back_as_it_went_in(storage: Storage) -> None:
    kept = document()
    put(storage, kept)
    with storage.transaction(readonly=True) as work:
        assert work.documents.get(W, kept.summary.id) == kept


def test_adding_the_same_id_again_changes_nothing(storage: Storage) -> None:
    kept = document()
    put(storage, kept)
    with storage.transaction() as work:
        assert not work.documents.add(W, "job", 9, replace(kept, warnings=("two",)))
        assert work.documents.get(W, kept.summary.id).warnings == ("one",)


def test_no_repository_shows_rows_of_another_workspace(storage: Storage) -> None:
    foreign = document()
    put(storage, foreign, workspace=OTHER)
    with storage.transaction() as work:
        work.decisions.append(OTHER, decision(foreign.summary.id))
        work.problems.add(OTHER, problem())
        work.analyses.add(OTHER, analysis())
        work.jobs.add(replace(job(), workspace=OTHER, id="foreign"))
    with storage.transaction() as work:
        assert work.documents.find(W, DocumentFilter()) == []
        assert work.documents.summaries(W, [foreign.summary.id]) == {}
        assert work.documents.compared_texts(W) == []
        assert work.documents.remove(W, [foreign.summary.id]) == 0
        assert work.decisions.history(W) == []
        assert work.problems.open(W) == []
        assert work.problems.dismiss(W) == 0
        assert work.analyses.latest(W) is None
        assert work.jobs.latest(W) == []
        for ask in (
            lambda: work.documents.get(W, foreign.summary.id),
            lambda: work.analyses.get(W, "analysis"),
            lambda: work.jobs.get("foreign", W),
        ):
            with pytest.raises(NotFound):
                ask()


def test_a_filter_finds_words_in_title_name_and_text_and_percent_is_no_wildcard(storage: Storage) -> None:
    put(
        storage, document("Leave.md"), document("travel.md", "A trip costs 100% more."), document("x.md", "Y")
    )

    def found(search: str) -> list[str]:
        with storage.transaction(readonly=True) as work:
            return [each.name for each in work.documents.find(W, DocumentFilter(search=search))]

    assert found("leave") == ["Leave.md"] or set(found("paid leave")) == {"Leave.md"}
    assert found("100%") == ["travel.md"]
    assert found("%") == ["travel.md"]
    assert found("trip nothing") == []


def test_facets_count_as_if_they_were_not_filtered_themselves(storage: Storage) -> None:
    put(storage, document(), document("b.pdf", format="pdf"), document("c.pdf", format="pdf", language="es"))
    with storage.transaction(readonly=True) as work:
        totals = work.documents.totals(W, DocumentFilter(formats=("pdf",), languages=("es",)))
    assert totals.num_documents == 1
    assert totals.by_facet["format"] == {"pdf": 1}
    assert totals.by_facet["language"] == {"en": 1, "es": 1}


def test_removed_documents_are_gone_for_every_question(storage: Storage) -> None:
    kept = document()
    put(storage, kept)
    with storage.transaction() as work:
        assert work.documents.remove(W, [kept.summary.id]) == 1
        assert work.documents.totals(W).num_documents == 0
        assert work.documents.same_bytes(W, kept.summary.sha256) == []
        assert work.documents.present_ids(W) == []


def decision(about: str, **changes: object) -> Decision:
    made = Decision(
        id=uuid4().hex,
        document=about,
        against=None,
        act="drop",
        reason="older",
        similarity=0.9,
        author="ana",
        created_at=NOW,
    )
    return replace(made, **changes)


def test_the_last_decision_that_was_not_undone_is_in_force(storage: Storage) -> None:
    first, second = decision("doc"), decision("doc", act="merge")
    with storage.transaction() as work:
        work.decisions.append(W, first)
        work.decisions.append(W, second)
        assert work.decisions.current(W) == {"doc": second}
        work.decisions.append(W, decision("doc", act="undo", undoes=second.id))
        assert work.decisions.current(W) == {"doc": first}
        assert [each.act for each in work.decisions.history(W)] == ["undo", "merge", "drop"]


def test_a_decision_is_taken_back_once(storage: Storage) -> None:
    made = decision("doc")
    with storage.transaction() as work:
        work.decisions.append(W, made)
        work.decisions.append(W, decision("doc", act="undo", undoes=made.id))
    with pytest.raises(Conflict), storage.transaction() as work:
        work.decisions.append(W, decision("doc", act="undo", undoes=made.id))


def problem() -> FileProblem:
    return FileProblem(
        id=uuid4().hex, job="job", name="x.pdf", code="damaged_file", message="m", remedy="r", created_at=NOW
    )


def test_dismissed_problems_are_no_longer_open(storage: Storage) -> None:
    with storage.transaction() as work:
        work.problems.add(W, problem())
        assert work.problems.num_open(W) == 1
        assert work.problems.dismiss(W) == 1
        assert work.problems.open(W) == []
        assert work.problems.of_job("job") == 1


def analysis(created: datetime = NOW) -> StoredAnalysis:
    summary = AnalysisSummary(
        id="analysis" if created == NOW else uuid4().hex,
        floor=0.5,
        fingerprint="f",
        num_pairs=1,
        seconds=0.25,
        created_at=created,
    )
    return StoredAnalysis(summary, ("a", "b"), b"\x00\xff")


def test_the_newest_analysis_is_the_latest_and_its_bytes_survive(storage: Storage) -> None:
    newer = analysis(NOW + timedelta(seconds=1))
    with storage.transaction() as work:
        work.analyses.add(W, newer)
        work.analyses.add(W, analysis())
        assert work.analyses.latest(W) == newer.summary
        assert work.analyses.get(W, newer.summary.id) == newer


def job() -> JobRecord:
    return JobRecord(
        id="job",
        workspace=W,
        kind="ingest",
        title="t",
        request={"a": [1]},
        priority=3,
        author="ana",
        created_at=NOW,
    )


@pytest.mark.parametrize(
    ("end", "state", "runs_again"),
    [
        (lambda jobs: jobs.fail("job", "broken", "mend it"), FAILED, True),
        (lambda jobs: jobs.cancel("job"), CANCELLED, True),
        (lambda jobs: jobs.finish("job", {"n": 1}), "done", False),
    ],
)
def test_only_failed_and_cancelled_jobs_run_again(
    storage: Storage, end: Callable[[object], None], state: str, runs_again: bool
) -> None:
    with storage.transaction() as work:
        work.jobs.add(job())
        work.line.take(None, 1, {"ingest": 1})
        work.jobs.progress("job", 3, 10)
        end(work.jobs)
        ended = work.jobs.get("job")
        assert (ended.state, ended.attempts, ended.done, ended.is_open) == (state, 1, 3, False)
        assert work.jobs.redrive("job") is runs_again
        again = work.jobs.get("job")
        assert (again.state == WAITING, again.run) == (runs_again, int(runs_again))


def change(**changes: object) -> TuningChange:
    plain = TuningChange(
        id=uuid4().hex,
        action="apply",
        author="ana",
        created_at=NOW,
        before={"policy": "adaptive"},
        after={"policy": "lru"},
        reason="to compare",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_changes_of_the_engine_are_in_one_order_over_all_workspaces(storage: Storage) -> None:
    first, trial, second = change(), change(action="trial"), change(action="roll_back")
    with storage.transaction() as work:
        assert work.tuning_changes.last() is None
        work.tuning_changes.append(W, first, work.tuning_changes.revision())
        work.tuning_changes.append(W, trial, work.tuning_changes.revision())
        assert work.tuning_changes.last() == first
        work.tuning_changes.append(OTHER, second, work.tuning_changes.revision())
    with storage.transaction() as work:
        assert work.tuning_changes.last() == second
        assert work.tuning_changes.newest_trial() == trial
        assert work.tuning_changes.history(W) == [trial, first]
        assert work.tuning_changes.history(None, limit=2) == [second, trial]
        assert work.tuning_changes.get(None, second.id) == second
        with pytest.raises(NotFound):
            work.tuning_changes.get(W, second.id)
        work.tuning_changes.fill_result(first.id, {"after": {"hit_rate": 0.5}})
        assert work.tuning_changes.get(W, first.id).result == {"after": {"hit_rate": 0.5}}


def test_a_change_on_an_older_revision_is_refused_whatever_was_read_since(storage: Storage) -> None:
    with storage.transaction() as work:
        work.tuning_changes.append(W, change(), work.tuning_changes.revision())
    with pytest.raises(Conflict, match="just changed"), storage.transaction() as work:
        work.tuning_changes.append(W, change(), 0)


def test_a_replay_is_kept_again_with_more_found(storage: Storage) -> None:
    begun = StoredReplay(id="r", created_at=NOW, title="t", findings={"curves": 1})
    with storage.transaction() as work:
        work.replays.keep(W, begun)
        work.replays.keep(W, replace(begun, findings={"curves": 2}))
    with storage.transaction(readonly=True) as work:
        assert work.replays.find(W, "r") == replace(begun, findings={"curves": 2})
        assert work.replays.find(OTHER, "r") is None
