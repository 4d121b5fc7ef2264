"""Two texts beside each other, pasted or of the library."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Invalid, NotFound
from core.gateway.roles import Principal
from core.use_cases import BrowseLibrary, CompareTexts, browse_library, compare_texts
from core.workbench import Workbench
from tests.use_cases.conftest import POLICY, add
from tests.use_cases.test_review_meanings_and_conflicts import ANSWERS, SAME, WARM, TwoMeanings


def test_two_pasted_texts_are_compared_word_by_word(workbench: Workbench, analyst: Principal) -> None:
    found = compare_texts(
        CompareTexts(a_text=POLICY, b_text=POLICY.replace("ten days", "twelve days")), analyst, workbench
    )
    assert (found.a.id, found.a.language) == (None, "en")
    assert 0.8 < found.jaccard < 1
    assert [each.fact.text for each in found.facts] == ["ten days", "twelve days"]
    assert not found.advice.automatic
    assert found.evidence is None


def test_a_document_is_compared_with_a_pasted_text(
    workbench: Workbench, analyst: Principal, stranger: Principal
) -> None:
    add(workbench, analyst, {"faq.md": ANSWERS})
    (document,) = browse_library(BrowseLibrary(), analyst, workbench).documents
    pasted = "Claims for travel reach accounting within ten working days after the return."
    request = CompareTexts(a_document=document.id, b_text=pasted)
    found = compare_texts(request, analyst, workbench)
    assert found.a.name == "faq.md"
    assert [(each.a.value, each.b.value) for each in found.conflicts] == [("30 day", "10 working day")]
    with pytest.raises(NotFound):
        compare_texts(request, stranger, workbench)


def test_meaning_is_compared_where_there_is_a_model(workbench: Workbench, analyst: Principal) -> None:
    bench = replace(workbench, embedder=TwoMeanings())
    found = compare_texts(CompareTexts(a_text=WARM, b_text=SAME), analyst, bench)
    assert found.means_the_same
    assert found.meaning is not None
    assert found.meaning.act == "review"
    other = compare_texts(CompareTexts(a_text=WARM, b_text=POLICY), analyst, bench)
    assert other.means_the_same is False
    plain = compare_texts(CompareTexts(a_text=WARM, b_text=SAME, with_meaning=False), analyst, bench)
    assert plain.evidence is plain.meaning is plain.means_the_same is None


def test_a_side_without_text_or_the_same_twice_is_refused(workbench: Workbench, analyst: Principal) -> None:
    with pytest.raises(Invalid, match="no text"):
        compare_texts(CompareTexts(a_text=POLICY, b_text=" "), analyst, workbench)
    with pytest.raises(Invalid, match="itself"):
        compare_texts(CompareTexts(a_document="x", b_document="x"), analyst, workbench)
    with pytest.raises(Invalid, match="several parts"):
        compare_texts(CompareTexts(a_text=POLICY, b_text="word " * 90_000), analyst, workbench)
