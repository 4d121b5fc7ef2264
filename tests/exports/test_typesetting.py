"""PDF, Typst and LaTeX: what is written, how it is checked, and how our reader reads it."""

from __future__ import annotations

import io

import pikepdf
import pytest
from hypothesis import HealthCheck, assume, given, settings

from core.content import Block, Content
from core.errors import ExportFailed
from core.exports import fonts
from core.exports.design import DESIGN_NAMES, designs
from core.exports.manuscript import Manuscript
from core.exports.validation.latex import LatexCheck
from core.exports.validation.portable_document import PortableDocumentCheck
from core.exports.validation.typst_source import TypstSourceCheck
from core.exports.writers.latex import Latex
from core.exports.writers.portable_document import PortableDocument, heading_pages, num_pages
from core.exports.writers.typst_source import TypstSource
from core.ingestion.limits import IngestionLimits
from core.ingestion.reader import Source
from core.ingestion.readers.portable_document import PortableDocument as Reader
from tests.exports.manuscripts import full_manuscript, manuscripts

PAIRS = (
    (PortableDocument(), PortableDocumentCheck()),
    (TypstSource(), TypstSourceCheck()),
    (Latex(), LatexCheck()),
)
REPORT = designs()["report"]
LETTERS = 'formulas =1+1 <script>alert(1)</script> {a} \\input{x} #import "y" $z$ [b](c) `d` &amp; ~ ^ "e" '


def failed(validator, data, manuscript, design=REPORT):
    return [check for check in validator.check(data, manuscript, design) if not check.has_passed]


def read_back(manuscript, design=REPORT):
    data = PortableDocument().write(manuscript, design)
    return next(iter(Reader().read(Source(name="a.pdf", data=data, limits=IngestionLimits())))).blocks


@pytest.mark.parametrize("name", DESIGN_NAMES)
@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_every_design_passes_every_rule_in_every_language(name, language):
    manuscript, design = full_manuscript(language), designs()[name]
    for writer, validator in PAIRS:
        assert not failed(validator, writer.write(manuscript, design), manuscript, design)


@pytest.mark.parametrize("writer", [pair[0] for pair in PAIRS], ids=lambda writer: writer.name)
def test_the_same_manuscript_gives_the_same_bytes(writer):
    assert writer.write(full_manuscript(), REPORT) == writer.write(full_manuscript(), REPORT)


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_any_manuscript_can_be_written_and_passes(manuscript):
    assume(not fonts.missing(manuscript.content.text + manuscript.title))
    for writer, validator in PAIRS[:2]:
        assert not failed(validator, writer.write(manuscript, REPORT), manuscript)


@pytest.mark.parametrize("kind", ["paragraph", "quote", "code", "heading", "list_item"])
def test_hostile_text_comes_back_as_text(kind):
    block = Block(kind, LETTERS.strip(), level=1 if kind == "heading" else 0)
    manuscript = Manuscript(title=LETTERS, content=Content((block,)))
    assert block.text in [found.text for found in read_back(manuscript) if found.kind == kind]
    for writer, validator in PAIRS:
        assert not failed(validator, writer.write(manuscript, REPORT), manuscript)


def test_a_word_of_300_letters_stays_on_the_page_and_whole():
    manuscript = Manuscript(title="Long", content=Content((Block("paragraph", "w" * 300),)))
    data = PortableDocument().write(manuscript, REPORT)
    assert not failed(PortableDocumentCheck(), data, manuscript)
    assert "w" * 300 in [block.text for block in read_back(manuscript)]


def test_notes_and_citations_come_back_with_their_signs():
    paragraph = next(block for block in read_back(full_manuscript()) if block.text.startswith("café"))
    signs = {mark.kind: paragraph.text[: mark.end] for mark in paragraph.marks if mark.kind != "link"}
    assert signs["citation"].endswith("annual report says.")
    assert signs["footnote"].endswith("for more")


def test_pages_of_headings_are_those_of_the_pdf():
    manuscript = full_manuscript(sections=4)
    data = PortableDocument().write(manuscript, REPORT)
    found = heading_pages(manuscript, REPORT)
    places = [at for at, block in enumerate(manuscript.content.blocks) if block.kind == "heading"]
    assert list(found) == places
    assert max(found.values()) <= num_pages(data)
    read = {block.text: block.page for block in read_back(manuscript) if block.kind == "heading"}
    chapters = {at: block.text for at, block in enumerate(manuscript.content.blocks) if block.level == 1}
    assert all(found[at] == read[text] for at, text in chapters.items() if at in found)


def test_characters_that_no_font_draws_are_named():
    manuscript = Manuscript(title="Runes", content=Content((Block("paragraph", "\U000130a7 here"),)))
    if not fonts.missing("\U000130a7"):
        pytest.skip("a font for hieroglyphs is installed")
    with pytest.raises(ExportFailed, match="U\\+130A7") as raised:
        PortableDocument().write(manuscript, REPORT)
    assert "Noto Sans Egyptian" in raised.value.remedy


def test_a_table_of_10000_rows_is_written():
    rows = [["Code", "Amount"], *([f"A-{number}", f"{number}.50"] for number in range(10_000))]
    manuscript = Manuscript(title="Rows", content=Content((Block.table(rows, header_rows=1),)))
    assert num_pages(PortableDocument().write(manuscript, REPORT)) > 200


# Files that are broken on purpose


def spoiled(change) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PortableDocument().write(full_manuscript(), REPORT))) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def _without_words(document):
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure" and "/Alt" in each:
            del each["/Alt"]


def _plain_cells(document):
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/TH":
            each.S = pikepdf.Name.TD


def _deep_headings(document):
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/H2":
            each.S = pikepdf.Name.H4


def _loose_links(document):
    for page in document.pages:
        for annotation in page.obj.get("/Annots", []):
            del annotation["/StructParent"]


def _fontless(document):
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor":
            for name in ("/FontFile", "/FontFile2", "/FontFile3"):
                if name in each:
                    del each[name]


def _script(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _unclaimed(document):
    del document.Root["/Metadata"]


def _blank(document):
    document.pages[1].Contents = document.make_stream(b"")


def _boxed(document):
    document.pages[1].contents_add(b"BT <0000> Tj ET")


def _far_out(document):
    document.pages[2].contents_add(b"1 0 0 1 900 0 cm", prepend=True)


def _bookmarkless(document):
    with document.open_outline() as outline:
        outline.root.clear()


BROKEN = {
    "pdf.claims": _unclaimed,
    "pdf.colours": lambda document: document.Root.__delitem__("/OutputIntents"),
    "pdf.safe": _script,
    "pdf.fonts": _fontless,
    "pdf.glyphs": _boxed,
    "pdf.tagged": lambda document: document.Root.__delitem__("/StructTreeRoot"),
    "pdf.language": lambda document: document.Root.__setitem__("/Lang", pikepdf.String("fr")),
    "pdf.title": lambda document: document.docinfo.__setitem__("/Title", pikepdf.String("Other")),
    "pdf.alternatives": _without_words,
    "pdf.header_cells": _plain_cells,
    "pdf.heading_levels": _deep_headings,
    "pdf.links": _loose_links,
    "pdf.bookmarks": _bookmarkless,
    "pdf.page_size": lambda document: document.pages[0].__setitem__("/MediaBox", [0, 0, 300, 300]),
    "pdf.not_blank": _blank,
    "pdf.within_page": _far_out,
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_of_pdf_finds_what_breaks_it(rule):
    found = {
        check.rule for check in failed(PortableDocumentCheck(), spoiled(BROKEN[rule]), full_manuscript())
    }
    assert rule in found


def test_a_cut_or_damaged_pdf_is_told():
    data = PortableDocument().write(full_manuscript(), REPORT)
    assert failed(PortableDocumentCheck(), b"no pdf", full_manuscript())[0].rule == "pdf.opens"
    damaged = data.replace(b"startxref", b"startxxxx")
    assert "pdf.syntax" in {
        check.rule for check in failed(PortableDocumentCheck(), damaged, full_manuscript())
    }


def test_every_rule_of_pdf_is_broken_once():
    assert {*BROKEN, "pdf.opens", "pdf.syntax"} == set(PortableDocumentCheck().rules)


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("typst.opens", "#show: styled", "#show: styled("),
        ("typst.alone", "#front()", "#front()\n#let kept = sys.inputs"),
        ("typst.headings", "Pictures and charts", "Pictures"),
    ],
)
def test_each_rule_of_typst_finds_what_breaks_it(rule, old, new):
    data = TypstSource().write(full_manuscript(), REPORT).decode().replace(old, new).encode()
    assert rule in {check.rule for check in failed(TypstSourceCheck(), data, full_manuscript())}


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("tex.opens", "\\section{", "\\section{{"),
        ("tex.balanced", "\\end{itemize}", ""),
        ("tex.alone", "\\maketitle", "\\maketitle\\input{other}"),
        ("tex.headings", "Pictures and charts", "Pictures"),
        ("tex.pandoc", "\\end{itemize}", "\\end{enumerate}"),
    ],
)
def test_each_rule_of_latex_finds_what_breaks_it(rule, old, new):
    validator = LatexCheck()
    if rule == "tex.pandoc" and any(tool.missing for tool in validator.tools()):
        pytest.skip("pandoc is not installed")
    data = Latex().write(full_manuscript(), REPORT).decode().replace(old, new).encode()
    assert rule in {check.rule for check in failed(validator, data, full_manuscript())}


def test_typst_files_hold_their_pictures():
    source = TypstSource().write(full_manuscript(), REPORT).decode()
    assert source.count("#let picture-") == 2
