"""Equal meanings and contradictions through an analysis, with a model of meaning made for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import Forbidden, Invalid, NotFound
from core.gateway.roles import Principal, Role
from core.use_cases import (
    ReviewConflicts,
    ReviewMeanings,
    SettleConflict,
    SummariseFindings,
    review_conflicts,
    review_meanings,
    settle_conflict,
    summarise_findings,
)
from core.use_cases.review_conflicts import ConflictsView
from core.workbench import Workbench
from tests.conftest import as_role
from tests.use_cases.conftest import add

POLICY = (
    "# Travel policy\n\nClaims reach accounting within ten working days after the return. "
    "Meals in Mexico City are paid up to 45 dollars a day.\n"
)
ANSWERS = (
    "# Frequently asked questions about travel\n\nHow long do I have? Claims for travel reach accounting "
    "within thirty calendar days after the return. Ask your manager when you are unsure.\n"
)
WARM = "# Warm words\n\nThe kettle sings in the kitchen while the rain falls on the roof of the old house.\n"
SAME = "# Other words\n\nWater boils beside the stove as drops drum upon the shingles of an ancient home.\n"


class TwoMeanings:
    """Texts about the kitchen mean one thing, all others something of their own."""

    fingerprint, dim = "two-meanings", 64
    num_embedded = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.num_embedded += len(texts)
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            kitchen = "kettle" in text or "stove" in text
            vectors[row, 0 if kitchen else 1 + sum(map(ord, text)) % (self.dim - 1)] = 1
        return vectors


@pytest.fixture
def embedder() -> TwoMeanings:
    return TwoMeanings()


@pytest.fixture
def bench(workbench: Workbench, embedder: TwoMeanings) -> Workbench:
    made = replace(workbench, embedder=embedder)
    made.jobs.workbench = made  # type: ignore[attr-defined]
    return made


def conflicts(bench: Workbench, principal: Principal, **asked: object) -> ConflictsView:
    return review_conflicts(ReviewConflicts(**asked), principal, bench)


def test_nothing_is_known_before_an_analysis(bench: Workbench, analyst: Principal) -> None:
    assert not review_meanings(ReviewMeanings(), analyst, bench).is_known
    assert not conflicts(bench, analyst).is_known
    assert summarise_findings(SummariseFindings(), analyst, bench).num_conflicts is None


def test_documents_that_say_the_same_are_to_be_looked_at_and_never_dropped(
    bench: Workbench, analyst: Principal
) -> None:
    add(bench, analyst, {"warm.md": WARM, "same.md": SAME, "policy.md": POLICY})
    (pair,) = review_meanings(ReviewMeanings(), analyst, bench).pairs
    assert {pair.a.name, pair.b.name} == {"warm.md", "same.md"}
    assert (pair.advice.act, pair.advice.automatic) == ("review", False)
    assert pair.evidence.matches
    assert review_meanings(ReviewMeanings(kind="translation"), analyst, bench).pairs == ()
    assert review_meanings(ReviewMeanings(search="policy"), analyst, bench).pairs == ()
    with pytest.raises(Invalid, match="same_meaning"):
        review_meanings(ReviewMeanings(kind="other"), analyst, bench)


def test_a_document_is_embedded_once(bench: Workbench, analyst: Principal, embedder: TwoMeanings) -> None:
    add(bench, analyst, {"warm.md": WARM})
    before = embedder.num_embedded
    add(bench, analyst, {"same.md": SAME})
    assert embedder.num_embedded == before + 1
    assert review_meanings(ReviewMeanings(), analyst, bench).num_pairs == 1


def test_without_a_model_meanings_are_not_looked_for(workbench: Workbench, analyst: Principal) -> None:
    add(workbench, analyst, {"warm.md": WARM, "same.md": SAME})
    assert not review_meanings(ReviewMeanings(), analyst, workbench).is_known
    assert conflicts(workbench, analyst).is_known


def test_what_contradicts_is_shown_with_both_statements(bench: Workbench, analyst: Principal) -> None:
    add(bench, analyst, {"policy.md": POLICY, "faq.md": ANSWERS, "warm.md": WARM})
    view = conflicts(bench, analyst)
    (found,) = view.conflicts
    assert {found.a.name, found.b.name} == {"policy.md", "faq.md"}
    assert {found.conflict.found.a.value, found.conflict.found.b.value} == {"10 working day", "30 day"}
    assert "ten working days" in found.conflict.said_a + found.conflict.said_b
    assert view.relations == {"contradicts": 1}
    assert conflicts(bench, analyst, relation="changed").conflicts == ()
    assert conflicts(bench, analyst, kinds=("name",)).conflicts == ()
    assert conflicts(bench, analyst, document=found.a.id).num_conflicts == 1
    assert conflicts(bench, analyst, document="another").num_conflicts == 0
    with pytest.raises(Invalid, match="no such filter"):
        conflicts(bench, analyst, kinds=("colour",))
    assert summarise_findings(SummariseFindings(), analyst, bench).num_conflicts == 1


def test_a_conflict_that_is_settled_is_set_aside_for_every_analysis(
    bench: Workbench, analyst: Principal
) -> None:
    add(bench, analyst, {"policy.md": POLICY, "faq.md": ANSWERS})
    key = conflicts(bench, analyst).conflicts[0].key
    request = SettleConflict(conflict=key, settlement="reconciled", note="thirty days it is")
    settle_conflict(request, analyst, bench)
    add(bench, analyst, {"warm.md": WARM})
    view = conflicts(bench, analyst)
    assert (view.num_conflicts, view.num_settled) == (0, 1)
    settled = conflicts(bench, analyst, with_settled=True).conflicts[0].settled
    assert settled is not None
    assert (settled.reason, settled.note) == ("reconciled", "thirty days it is")
    with pytest.raises(NotFound):
        settle_conflict(replace(request, conflict="unknown"), analyst, bench)
    with pytest.raises(Invalid, match="reconciled"):
        settle_conflict(replace(request, settlement="burnt"), analyst, bench)
    with pytest.raises(Forbidden):
        settle_conflict(request, as_role(Role.VIEWER), bench)


def test_documents_that_are_gone_take_their_findings_along(
    bench: Workbench, analyst: Principal, stranger: Principal
) -> None:
    add(bench, analyst, {"policy.md": POLICY, "faq.md": ANSWERS, "warm.md": WARM, "same.md": SAME})
    assert conflicts(bench, stranger).is_known is False
    with bench.storage.transaction() as work:
        gone = [each.id for each in work.documents.compared_texts("default") if each.name != "same.md"]
        work.documents.remove("default", gone)
    assert conflicts(bench, analyst).conflicts == ()
    assert review_meanings(ReviewMeanings(), analyst, bench).pairs == ()


def test_the_summary_says_what_can_go(bench: Workbench, analyst: Principal) -> None:
    add(bench, analyst, {"policy.md": POLICY, "copy.md": POLICY, "warm.md": WARM, "same.md": SAME})
    summary = summarise_findings(SummariseFindings(), analyst, bench)
    assert (summary.num_safe, summary.num_to_look_at, summary.num_to_merge) == (1, 0, 0)
    assert (summary.num_same_meaning, summary.num_translations) == (1, 0)


def test_a_cell_is_quoted_with_its_row(bench: Workbench, analyst: Principal) -> None:
    rows = "| City | Hotel a night | Food a day |\n|---|---|---|\n| Mexico City | 110 USD | 45 USD |\n"
    table = f"# Travel\n\n{rows}"
    answers = "# Travel answers\n\nFood in Mexico City: up to 55 dollars a day.\n"
    add(bench, analyst, {"table.md": table, "answers.md": answers})
    (found,) = conflicts(bench, analyst).conflicts
    assert "Mexico City · 110 USD · 45 USD" in (found.conflict.said_a, found.conflict.said_b)
