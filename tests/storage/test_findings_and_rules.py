"""Findings, vectors, facts, labels, exclusions and rules come back as they went in, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from core.errors import Conflict, NotFound
from core.storage import Storage
from core.storage.analyses import AnalysisSummary, StoredAnalysis
from core.storage.exclusions import Exclusion
from core.storage.findings import StoredFindings
from core.storage.labels import Label
from core.storage.policy_rules import StoredRule
from tests.storage.test_repositories import NOW, OTHER, W, _other_workspace, document, put

__all__ = ["_other_workspace"]

ANALYSIS = AnalysisSummary(id="a" * 32, floor=0.5, fingerprint="f", num_pairs=0, seconds=0.1, created_at=NOW)
RULE = StoredRule(
    id=uuid4().hex,
    name="No drafts",
    kind="terms",
    severity="high",
    parameters={"terms": ["draft", "borrador"]},
    is_active=False,
    revision=1,
    author="ann",
    changed_at=NOW,
)


def test_findings_belong_to_an_analysis_and_a_kind(storage: Storage) -> None:
    found = StoredFindings(kind="passages", num_findings=2, seconds=0.5, body=b"\x00\xff")
    with storage.transaction() as work:
        work.analyses.add(W, StoredAnalysis(ANALYSIS, (), b""))
        work.findings.add(W, ANALYSIS.id, found)
        work.findings.add(W, ANALYSIS.id, replace(found, num_findings=9))
        assert work.findings.find(W, ANALYSIS.id, "passages") == found
        assert work.findings.find(W, ANALYSIS.id, "meanings") is None
        assert work.findings.find(OTHER, ANALYSIS.id, "passages") is None
        assert work.findings.counts(W, ANALYSIS.id) == {"passages": 2}
        assert work.findings.counts(OTHER, ANALYSIS.id) == {}


def test_vectors_and_facts_are_those_of_documents_that_are_there(storage: Storage) -> None:
    kept, gone = document("kept.md"), document("gone.md")
    put(storage, kept, gone)
    ids = [kept.summary.id, gone.summary.id]
    with storage.transaction() as work:
        work.embeddings.add(W, "model", dict.fromkeys(ids, b"one"))
        work.embeddings.add(W, "model", {ids[0]: b"two"})
        work.document_facts.add(W, "v1", {each: {"words": 3} for each in ids})
        work.documents.remove(W, [ids[1]])
        assert work.embeddings.of_workspace(W, "model") == {ids[0]: b"one"}
        assert work.embeddings.of_workspace(W, "other model") == {}
        assert work.embeddings.of_workspace(OTHER, "model") == {}
        assert work.document_facts.of_workspace(W, "v1") == {ids[0]: {"words": 3}}
        assert work.document_facts.get(W, "v1", ids[0]) == {"words": 3}
        assert work.document_facts.get(W, "v2", ids[0]) is None
        assert work.document_facts.get(OTHER, "v1", ids[0]) is None


def test_the_newest_label_of_a_pair_counts(storage: Storage) -> None:
    label = Label(
        id=uuid4().hex, first="a", second="b", similarity=0.7, verdict="same", author="ann", created_at=NOW
    )
    with storage.transaction() as work:
        work.labels.append(W, label)
        work.labels.append(W, replace(label, id=uuid4().hex, second="c"))
        work.labels.append(W, replace(label, id=uuid4().hex, verdict="different"))
        work.labels.append(OTHER, replace(label, id=uuid4().hex))
        current = work.labels.current(W)
    assert [(pair, each.verdict) for pair, each in current.items()] == [
        (("a", "c"), "same"),
        (("a", "b"), "different"),
    ]


def test_an_exclusion_holds_until_it_is_revoked(storage: Storage) -> None:
    exclusion = Exclusion(
        id=uuid4().hex, digest="d", excerpt="All rights", reason="boilerplate", note="", author="ann",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    with storage.transaction() as work:
        work.exclusions.add(W, exclusion)
        assert work.exclusions.current(W) == [exclusion]
        assert work.exclusions.current(OTHER) == []
        with pytest.raises(NotFound):
            work.exclusions.revoke(OTHER, exclusion.id)
        work.exclusions.revoke(W, exclusion.id)
        assert work.exclusions.current(W) == []
        with pytest.raises(NotFound):
            work.exclusions.revoke(W, exclusion.id)


def test_a_rule_changes_from_its_last_revision_only(storage: Storage) -> None:
    with storage.transaction() as work:
        work.policy_rules.add(W, RULE)
        work.policy_rules.replace(W, replace(RULE, is_active=True, revision=2))
        with pytest.raises(Conflict, match="Somebody else"):
            work.policy_rules.replace(W, replace(RULE, severity="low", revision=2))
        assert work.policy_rules.all(W) == [replace(RULE, is_active=True, revision=2)]
        assert work.policy_rules.all(OTHER) == []
        with pytest.raises(NotFound):
            work.policy_rules.remove(OTHER, RULE.id)
        work.policy_rules.remove(W, RULE.id)
        assert work.policy_rules.all(W) == []


def test_two_rules_of_a_workspace_have_two_names(storage: Storage) -> None:
    with storage.transaction() as work:
        work.policy_rules.add(W, RULE)
        work.policy_rules.add(OTHER, replace(RULE, id=uuid4().hex))
        with pytest.raises(Conflict, match="Another rule"):
            work.policy_rules.add(W, replace(RULE, id=uuid4().hex))
