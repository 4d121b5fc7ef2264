from __future__ import annotations

import pytest

from core.redundancy.passages import score_copy

SOURCE = (
    "A page rank gives every page a weight, so that pages can be compared. A link from one page to another "
    "counts as a vote for it, and a vote of a heavy page counts for more than that of a light one."
)
CHANGED = (
    "Every page gets a weight by the page rank, so pages can be compared with each other. A link from one "
    "page is a vote for another, and the vote of a heavy page counts for more."
)
FREE = (
    "Search engines have to sort what they find. One way is to ask how many sites point at some result, as "
    "happens with citations in science, where much cited papers are trusted."
)


@pytest.mark.parametrize(("text", "is_copied"), [(SOURCE, True), (CHANGED, True), (FREE, False), ("", False)])
def test_a_changed_copy_scores_above_a_free_answer(text: str, is_copied: bool):
    assert score_copy(text, SOURCE).is_copied == is_copied


def test_the_score_shows_the_shares_it_rests_on():
    evidence = score_copy(SOURCE, SOURCE).evidence
    assert (evidence.vocabulary, evidence.aligned, evidence.alike) == (1.0, 1.0, None)
