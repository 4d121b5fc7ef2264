"""The text that the tags of our PDFs give, where scripts run both ways and over pages."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from core.content import Block, Content
from core.exports import fonts
from core.exports.design import DESIGN_NAMES, designs
from core.exports.manuscript import Manuscript
from core.exports.validation.comparison import lost_text
from core.exports.validation.portable_document import tagged_text
from core.exports.validation.validating import validate
from core.exports.writers.latex import Latex
from core.exports.writers.portable_document import PortableDocument
from core.exports.writers.typst_source import TypstSource
from core.page_text import Stretch, in_reading_order
from tests.exports.manuscripts import full_manuscript, manuscripts

REPORT = designs()["report"]


@pytest.mark.parametrize("name", DESIGN_NAMES)
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_no_text_is_lost_in_any_design_and_language(name, language):
    manuscript, design = full_manuscript(language, sections=2), designs()[name]
    for writer in (PortableDocument(), TypstSource(), Latex()):
        report = validate(writer.write(manuscript, design), writer, manuscript, design)
        assert not report.failed


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_no_text_of_any_manuscript_is_lost(manuscript):
    assume(not fonts.missing(manuscript.content.text + manuscript.title))
    text = tagged_text(PortableDocument().write(manuscript, REPORT))
    assert not list(lost_text(text, manuscript, frozenset()))


@pytest.mark.parametrize(
    "text",
    [
        "هذا نص بالعربية مع رقم 42.",
        "تقرير الأعمال: شؤون المحتوى، ضغط ثقة قلق لا إلّا (عقد)",
        "مُحَمَّد كَتَبَ الدَّرْسَ",
        "زادت Revenue (22 %) في 2025، ثم نقصت.",
        "זהו טקסט (בעברית) עם 3 מילים.",
        "گزارش پچ کی",
    ],
)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_arabic_and_hebrew_come_back_letter_by_letter(text, language):
    own = "" if language == "ar" else "ar"
    manuscript = Manuscript(
        title="T", language=language, content=Content((Block("paragraph", text, language=own),))
    )
    assert text in tagged_text(PortableDocument().write(manuscript, designs()["memo"])).split("\n")


def test_a_paragraph_over_a_page_break_is_one_line():
    text = "One sentence after the other goes on and on. " * 200
    manuscript = Manuscript(title="T", content=Content((Block("paragraph", text.strip()),)))
    shown = tagged_text(PortableDocument().write(manuscript, REPORT))
    assert text.strip().replace(" ", "") in shown.replace(" ", "")


def test_a_full_stop_in_latin_text_stays_behind_arabic():
    parts = [Stretch(("ב", "א"), 10, 0, True), Stretch(("ד", "ג"), 20, 0, True), Stretch((".",), 30, 0)]
    assert in_reading_order(parts, is_right_to_left=False) == [1, 0, 2]
    assert in_reading_order(parts, is_right_to_left=True) == [2, 1, 0]


def test_a_sign_in_latin_text_stays_before_arabic():
    parts = [Stretch((":",), 5, 0), Stretch(("ב", "א"), 10, 0, True)]
    assert in_reading_order(parts, is_right_to_left=False) == [0, 1]


def test_what_has_no_place_parts_what_stands_around_it():
    parts = [Stretch(("א",), 10, 0), None, Stretch(("ב",), 20, 0)]
    assert in_reading_order(parts, is_right_to_left=True) == [0, 1, 2]
