"""How good documents are, through an analysis: judged once, reviewed, filtered, downloaded."""

from __future__ import annotations

import json

import pytest

import core.use_cases.analysis_steps as steps
from core.errors import Invalid, NotFound
from core.gateway.roles import Principal
from core.quality import WEIGHTS
from core.storage.documents import DocumentSummary
from core.use_cases import (
    BrowseLibrary,
    DownloadQuality,
    FindRedundancy,
    ReadQuality,
    ReadTopics,
    ReviewQuality,
    ReviewRedundancy,
    browse_library,
    download_quality,
    find_redundancy,
    read_quality,
    read_topics,
    review_quality,
    review_redundancy,
)
from core.use_cases.review_quality import QualityView
from core.workbench import Workbench
from tests.use_cases.conftest import POLICY, add

CAR = "Whoever travels by car writes down the distance, and claims it on the same form as the rest."
DRAFT = f"# Cars\n\n{CAR}\n\nThe rate is [TBD] and applies from XXX on.\n\n## Parking\n\n## Fuel\n\n{CAR}\n"


@pytest.fixture
def judged(workbench: Workbench, analyst: Principal) -> dict[str, DocumentSummary]:
    add(workbench, analyst, {"policy.md": POLICY, "draft.md": DRAFT})
    found = browse_library(BrowseLibrary(), analyst, workbench).documents
    return {document.name: document for document in found}


def view(bench: Workbench, principal: Principal, **asked: object) -> QualityView:
    return review_quality(ReviewQuality(**asked), principal, bench)


def test_nothing_is_known_before_an_analysis(workbench: Workbench, analyst: Principal) -> None:
    assert not view(workbench, analyst).is_known


def test_the_worst_document_comes_first_with_its_weakest_part(
    workbench: Workbench, analyst: Principal, judged: dict[str, DocumentSummary]
) -> None:
    found = view(workbench, analyst)
    assert [each.document.name for each in found.documents] == ["draft.md", "policy.md"]
    assert found.documents[0].quality.weakest == "completeness"
    assert found.means.keys() <= set(WEIGHTS)
    assert sum(found.ratings.values()) == found.num_documents == 2
    best = view(workbench, analyst, order="best").documents[0]
    assert best.document.name == "policy.md"


def test_filters_narrow_the_list(
    workbench: Workbench, analyst: Principal, judged: dict[str, DocumentSummary]
) -> None:
    rating = view(workbench, analyst).documents[0].quality.rating
    assert rating is not None
    names = [each.document.name for each in view(workbench, analyst, ratings=(rating,)).documents]
    assert "draft.md" in names
    assert view(workbench, analyst, weakest=("completeness",)).num_documents == 1
    assert view(workbench, analyst, search="travel").num_documents == 1
    assert view(workbench, analyst, languages=("pt",)).num_documents == 0
    with pytest.raises(Invalid, match="no such filter"):
        view(workbench, analyst, ratings=("lovely",))
    with pytest.raises(Invalid, match="worst, best, title"):
        view(workbench, analyst, order="random")


def test_one_document_is_shown_with_evidence_fixes_and_what_it_repeats(
    workbench: Workbench, analyst: Principal, stranger: Principal, judged: dict[str, DocumentSummary]
) -> None:
    found = read_quality(ReadQuality(document=judged["draft.md"].id), analyst, workbench)
    codes = {evidence.code for evidence in found.quality.part("completeness").evidence}
    assert {"placeholder", "empty_section"} <= codes
    assert found.quality.part("completeness").fixes
    assert [step.code for step in found.repetition.plan] == ["delete_sentences"]
    with pytest.raises(NotFound):
        read_quality(ReadQuality(document=judged["draft.md"].id), stranger, workbench)


def test_a_document_that_was_not_judged_says_so(workbench: Workbench, analyst: Principal) -> None:
    add(workbench, analyst, {"policy.md": POLICY})
    with workbench.storage.transaction() as work:
        from core.storage.tables import findings

        work.findings._connection.execute(findings.delete())
    (document,) = browse_library(BrowseLibrary(), analyst, workbench).documents
    with pytest.raises(NotFound, match="not judged yet"):
        read_quality(ReadQuality(document=document.id), analyst, workbench)


def test_what_did_not_change_is_not_judged_again(
    workbench: Workbench,
    analyst: Principal,
    judged: dict[str, DocumentSummary],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assessed: list[str] = []
    real = steps.assess

    def counted(document, context, today):  # type: ignore[no-untyped-def]
        assessed.append(document.id)
        return real(document, context, today)

    monkeypatch.setattr(steps, "assess", counted)
    before = view(workbench, analyst).documents
    find_redundancy(FindRedundancy(), analyst, workbench)
    assert assessed == []
    assert view(workbench, analyst).documents == before
    add(workbench, analyst, {"other.md": "# Canteen\n\nOn Fridays there is fish, on other days soup."})
    assert len(assessed) == 1
    assert view(workbench, analyst).num_documents == 3


def test_the_scores_are_downloaded(
    workbench: Workbench, analyst: Principal, judged: dict[str, DocumentSummary]
) -> None:
    request = DownloadQuality(format="json", review=ReviewQuality(search="cars"))
    (row,) = json.loads(download_quality(request, analyst, workbench).data)
    assert row["name"] == "draft.md"
    assert set(WEIGHTS) <= row.keys()


def test_the_best_in_quality_may_be_the_one_that_stays(workbench: Workbench, analyst: Principal) -> None:
    unfinished = POLICY.replace("the daily amount", "[TBD] the daily amount XXX")
    add(workbench, analyst, {"clean.md": POLICY, "unfinished.md": unfinished + " TODO write the rest."})
    view = review_redundancy(ReviewRedundancy(threshold=0.5, rule="best_quality"), analyst, workbench)
    (cluster,) = view.clusters
    names = {document.id: document.name for document in cluster.documents}
    assert (names[cluster.canonical], cluster.choice_code) == ("clean.md", "best_quality")


def test_one_document_is_described_and_the_library_has_topics(
    workbench: Workbench, analyst: Principal, judged: dict[str, DocumentSummary]
) -> None:
    found = read_quality(ReadQuality(document=judged["policy.md"].id), analyst, workbench)
    assert found.facts.language == "en"
    assert found.facts.summary
    assert found.facts.accuracy.num_sentences > 50
    assert read_topics(ReadTopics(), analyst, workbench).topics == ()
    for number in range(12):
        text = (
            f"Trains and hotels are booked early, number {number}. "
            if number % 2
            else "Pumps cool the hall. "
        )
        add(workbench, analyst, {f"{number}.md": f"# {number}\n\n{text * (number + 2)}"})
    view = read_topics(ReadTopics(), analyst, workbench)
    assert view.topics
    assert view.documents.keys() == {each for topic in view.topics for each, _ in topic.documents}
