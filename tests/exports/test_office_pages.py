"""How many pages LibreOffice makes of a Word document, beside those that our own pages count."""

from __future__ import annotations

import io

import pypdfium2
import pytest

from core.exports.design import designs
from core.exports.validation.libreoffice import LibreOffice
from core.exports.writers.portable_document import PortableDocument
from core.exports.writers.word_document import WordDocument
from tests.exports.manuscripts import full_manuscript

TOLERANCE = 0.10  # of our pages, and one page at least: fonts and line breaks are each program's own

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LibreOffice().is_installed, reason="LibreOffice (soffice) is not installed"),
]


@pytest.mark.parametrize(("name", "sections"), [("report", 30), ("contract", 5), ("memo", 1)])
def test_libreoffice_counts_the_pages_that_we_count(name: str, sections: int) -> None:
    manuscript, design = full_manuscript(sections=sections), designs()[name]
    ours = len(pypdfium2.PdfDocument(PortableDocument().write(manuscript, design)))
    theirs = LibreOffice().open(WordDocument().write(manuscript, design), ".docx").num_pages
    assert abs(theirs - ours) <= max(1, round(ours * TOLERANCE)), (ours, theirs)


def test_the_contents_of_a_word_document_show_their_page_numbers() -> None:
    """A tab stop beyond the end of the line hides what stands at it."""
    pdf = LibreOffice().open(WordDocument().write(full_manuscript(), designs()["report"]), ".docx").pdf
    text = pypdfium2.PdfDocument(io.BytesIO(pdf))[1].get_textpage().get_text_range()
    entries = [line.strip() for line in text.splitlines() if "...." in line]
    assert len(entries) == 6
    assert all(entry[-1].isdigit() for entry in entries)
