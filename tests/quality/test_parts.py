"""Structure, boilerplate, uniqueness and freshness: what each finds, and where."""

from __future__ import annotations

from datetime import date

import pytest

from core.quality import QualityPart, Uniqueness, library_context
from core.quality.boilerplate import judge_boilerplate
from core.quality.freshness import judge_freshness
from core.quality.structure import judge_structure
from core.quality.uniqueness import judge_uniqueness
from core.redundancy.evidence import Span
from tests.quality.conftest import TODAY, written

TWENTY = (
    "The crew checks the pump and writes the result into the book that hangs beside the door of the room. "
)


def codes(part: QualityPart) -> list[str]:
    return [evidence.code for evidence in part.evidence]


def test_a_well_divided_text_has_full_marks_for_structure() -> None:
    part = judge_structure(written("# Guide", TWENTY * 3, "## Before", TWENTY * 3, "## After", TWENTY * 3))
    assert part.score == 100
    assert part.fixes == ()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([TWENTY * 2] * 10, "no_headings"),
        (["# A", TWENTY * 3, "### B", TWENTY * 3], "skipped_level"),
        (["# A", TWENTY * 9], "wall_of_text"),
        (["# A", *[TWENTY * 3] * 12], "long_section"),
        (["# A", "## B", TWENTY * 5, "### C", TWENTY, "## D", TWENTY], "lone_subsection"),
        ([f"- {TWENTY}"] * 8, "mostly_lists"),
    ],
)
def test_a_flaw_of_structure_costs_points_and_names_a_fix(lines: list[str], code: str) -> None:
    part = judge_structure(written(*lines))
    assert code in codes(part)
    assert part.score is not None
    assert part.score < 100
    assert part.fixes


def test_boilerplate_counts_overlapping_spans_once() -> None:
    document = written("one two three four five six seven eight nine ten")
    part = judge_boilerplate(document, [Span(0, 13), Span(4, 18)])
    assert part.evidence[0].parameters == {"share": 0.4}
    assert part.score == 67


def test_a_tenth_of_boilerplate_is_free() -> None:
    document = written("one two three four five six seven eight nine ten")
    assert judge_boilerplate(document, [Span(0, 3)]).score == 100
    assert judge_boilerplate(document, None).score is None


def test_text_of_another_document_is_shown_at_its_place() -> None:
    own, shared = "Our garden has nine old trees and a small pond with fish. ", TWENTY.strip()
    context = library_context({"one": own + shared, "other": f"Something else entirely. {shared}"})
    found = context.uniqueness["one"]
    assert [(own + shared)[slice(*span)] for span in found.shared] == [shared[:-1]]
    part = judge_uniqueness(written(own + shared), found)
    assert part.score == round(100 * found.share) == 40


def test_a_copy_has_no_unique_phrase_and_a_lone_document_no_score() -> None:
    assert library_context({"one": TWENTY, "other": TWENTY}).uniqueness["one"].share == 0
    assert library_context({"one": TWENTY}).uniqueness == {}
    assert judge_uniqueness(written(TWENTY), None).score is None
    assert judge_uniqueness(written(TWENTY), Uniqueness(1.0)).score == 100


def test_an_empty_text_shares_nothing() -> None:
    assert library_context({"one": "", "other": TWENTY, "third": ""}).uniqueness["one"].share == 1


@pytest.mark.parametrize(
    ("line", "score"),
    [
        ("Date: 20 November 2026", 100),
        ("Fecha: 23 de noviembre de 2024", 85),
        ("Data: 23/11/2021", 45),
        ("Version of 2010-01-01, date 2010-01-01", 0),
    ],
)
def test_freshness_falls_with_the_stated_date(line: str, score: int) -> None:
    part = judge_freshness(written(line, "It will be seen again in 2027."), TODAY)
    assert part.evidence[0].code == "stated_date"
    assert part.score == pytest.approx(score, abs=2)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Fecha: 3 de mayo de 2020 · Estado: vigente", "in_force_but_old"),
        ("Date: 3 May 2026. Next review: 1 September 2026", "review_passed"),
        ("Data: 3 de maio de 2026. Válido até 31 de agosto de 2026", "validity_passed"),
        ("Date: 3 May 2019", "no_newer_year"),
    ],
)
def test_a_document_is_held_to_what_it_says_of_itself(line: str, code: str) -> None:
    part = judge_freshness(written(line), TODAY)
    assert code in codes(part)
    assert part.fixes


def test_a_document_in_force_that_is_new_is_not_accused() -> None:
    part = judge_freshness(written("Date: 3 May 2026 · Status: in force. Next review: May 2027"), TODAY)
    assert codes(part) == ["stated_date"]
    assert part.score == 100


def test_without_a_date_there_is_no_score() -> None:
    part = judge_freshness(written("No day is named here."), TODAY)
    assert part.score is None
    assert [fix.code for fix in part.fixes] == ["add_date"]
    assert judge_freshness(written("Nothing.", modified=date(2026, 11, 1)), TODAY).score == 100
