from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.redundancy import Subject, find_redundancy, judge
from tests.redundancy.test_recommendation import HEATING, LEASE, PARKING, TEMPLATES

TEMPLATE, ONE, OTHER = TEMPLATES["es"]


def library() -> list[Subject]:
    texts = {
        "lease": (LEASE, 2023),
        "lease copy": (LEASE.upper(), 2021),
        "with parking": (f"{LEASE} {PARKING}", 2022),
        "minutes": ("Nothing here is like anything else in this small library of texts.", 2020),
        "letter 1": (TEMPLATE.format(**ONE), 2024),
        "letter 2": (TEMPLATE.format(**OTHER), 2025),
        "empty": ("", 2025),
    }
    return [Subject.of(id, text, id, datetime(year, 1, 1, tzinfo=UTC)) for id, (text, year) in texts.items()]


def test_the_report_names_clusters_canonical_documents_and_acts():
    found = find_redundancy(library(), threshold=0.5, rule="longest")
    assert [cluster.members for cluster in found.clusters] == [(0, 1, 2), (4, 5)]
    leases, letters = found.clusters
    assert [advice.reason_code for advice in leases.recommendations] == ["subset", "subset", "canonical"]
    assert leases.canonical == 2
    assert not leases.is_template_family
    assert letters.is_template_family


def test_savings_count_dropped_documents_and_the_shared_words_of_merged_ones():
    subjects = library()
    dropped = find_redundancy(subjects, threshold=0.5, rule="longest").savings
    assert (dropped.num_documents, dropped.num_automatic) == (2, 2)
    assert dropped.num_words == 2 * subjects[0].num_words
    assert dropped.num_bytes == 2 * len(LEASE.encode())

    pair = [Subject.of("a", f"{LEASE} {PARKING}"), Subject.of("b", f"{LEASE} {HEATING}")]
    merged = find_redundancy(pair, floor=0.3, threshold=0.3, rule="first").savings
    assert merged.num_documents == 0
    assert subjects[0].num_words <= merged.num_words <= subjects[0].num_words + 4


def test_another_threshold_or_rule_needs_no_new_search():
    subjects = library()
    found = find_redundancy(subjects, threshold=0.5, rule="newest")
    assert found.clusters[0].canonical == 0
    for threshold in (0.5, 0.8, 1.0):
        again = judge(subjects, found.pairs, threshold=threshold, rule="longest")
        assert again.clusters == find_redundancy(subjects, threshold=threshold, rule="longest").clusters


def test_progress_rises_to_one():
    told: list[float] = []
    find_redundancy(library(), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_a_library_without_repetition_has_an_empty_report():
    found = find_redundancy([Subject.of("a", LEASE), Subject.of("b", HEATING)])
    assert found.clusters == ()
    assert found.savings.num_documents == found.savings.num_words == 0
