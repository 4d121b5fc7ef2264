"""PowerPoint and Excel files in all designs: no fault found, no text lost, and each rule broken once."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from core.content import Block, CellSpan, Content, Mark
from core.exports.design import DESIGN_NAMES, designs
from core.exports.manuscript import Branding, Manuscript
from core.exports.reproducible_zip import members, pack
from core.exports.validation.comparison import lost_text
from core.exports.validation.libreoffice import LibreOffice
from core.exports.validation.package_rules import Package
from core.exports.validation.slide_deck import SlideDeckCheck
from core.exports.validation.slide_text import SlideText
from core.exports.validation.workbook import WorkbookCheck
from core.exports.writers.sheets.typed_cells import typed
from core.exports.writers.slide_deck import SlideDeck
from core.exports.writers.workbook import Workbook
from core.ingestion import READERS, IngestionLimits
from core.ingestion.reader import Source
from tests.exports.manuscripts import full_manuscript, manuscripts
from tests.exports.open_xml_sdk import sdk_errors

FORMATS = {"pptx": (SlideDeck(), SlideDeckCheck()), "xlsx": (Workbook(), WorkbookCheck())}
every_format = pytest.mark.parametrize("name", FORMATS)


@every_format
@pytest.mark.parametrize("design", DESIGN_NAMES)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_files_of_all_designs_break_no_rule_and_come_out_the_same_twice(name, design, language):
    (writer, validator), manuscript = FORMATS[name], full_manuscript(language)
    data = writer.write(manuscript, designs()[design])
    assert data == writer.write(full_manuscript(language), designs()[design])
    checks = list(validator.check(data, manuscript, designs()[design]))
    assert len(checks) >= 10
    assert [check for check in checks if check.issues] == []


@every_format
@pytest.mark.parametrize("language", ["en", "es", "pt", "ar"])
def test_no_text_is_lost(name, language):
    manuscript, (writer, validator) = full_manuscript(language, 2), FORMATS[name]
    text = validator.text(writer.write(manuscript, designs()["report"]))
    assert list(lost_text(text, manuscript, frozenset())) == []


@pytest.mark.parametrize("document", ["en", "es"])
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("1.234,50", "es"),
        ("1,234.50", "en"),
        ("1 234 567,5", "pt"),
        ("1\u202f234", "fr"),
        ("12 %", "es"),
        ("0,07%", "pt"),
        ("−1,234.5", "en"),
        ("-5", "ar"),
        ("2026-03-01", "en"),
    ],
)
def test_a_number_is_shown_as_it_was_written(text, language, document):
    table = replace(Block.table([["A"], [text]], header_rows=1), language=language)
    manuscript = Manuscript(title="Numbers", content=Content((table,)), language=document)
    data = Workbook().write(manuscript, designs()["report"])
    cell = openpyxl.load_workbook(io.BytesIO(data)).worksheets[1]["A4"]
    assert not isinstance(cell.value, str)
    assert text in WorkbookCheck().text(data).split("\n")


SLOW_BUT_ONE = [
    pytest.param(name, marks=[] if name == "report" else pytest.mark.slow) for name in DESIGN_NAMES
]


@every_format
@pytest.mark.parametrize("design", SLOW_BUT_ONE)
def test_the_open_xml_sdk_finds_no_error(name, design, tmp_path: Path):
    path = tmp_path / f"file.{name}"
    path.write_bytes(FORMATS[name][0].write(full_manuscript(), designs()[design]))
    assert sdk_errors(path) == []


@every_format
@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_any_text_is_text(name, manuscript: Manuscript):
    writer, validator = FORMATS[name]
    data = writer.write(manuscript, designs()["memo"])
    checks = list(validator.check(data, manuscript, designs()["memo"]))
    assert [check for check in checks if check.issues] == []


SLIDE, BOOK = "ppt/slides/slide4.xml", "xl/workbook.xml"
BREAKS = {
    "pptx.schema": (SLIDE, b"<p:spTree>", b"<p:spTree><p:nonsense/>"),
    "pptx.relations": ("ppt/_rels/presentation.xml.rels", b"presProps.xml", b"missing.xml"),
    "pptx.outside": ("ppt/slides/_rels/slide3.xml.rels", b"https://example.com", b"file://server"),
    "pptx.active": ("ppt/vbaProject.bin", b"", b"x"),
    "pptx.title": ("docProps/core.xml", b"dc:title>", b"dc:source>"),
    "pptx.titles": (SLIDE, b'type="title"', b'type="body"'),
    "pptx.placeholders": (SLIDE, b"Internal", b" "),
    "pptx.inside": (SLIDE, b'<a:off x="609600"', b'<a:off x="11609600"'),
    "pptx.overlaps": ("ppt/slides/slide5.xml", b'<a:off x="609600"', b'<a:off x="609601"'),
    "pptx.sizes": (SLIDE, b' sz="2400"', b' sz="800"'),
    "pptx.contrast": ("ppt/slides/slide1.xml", b'schemeClr val="bg1"', b'schemeClr val="accent1"'),
    "pptx.fits": (SLIDE, b' sz="2400"', b' sz="7200"'),
    "pptx.described": ("ppt/slides/slide5.xml", b' descr="', b' title="'),
    "pptx.language": (SLIDE, b'<a:rPr lang="en"', b"<a:rPr"),
    "pptx.charts": ("ppt/charts/chart1.xml", b"c:externalData", b"c:other"),
    "pptx.notes": ("ppt/notesSlides/notesSlide3.xml", b"Measured", b"Other"),
    "xlsx.schema": ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<nonsense/><sheetData>"),
    "xlsx.relations": ("xl/_rels/workbook.xml.rels", b"styles.xml", b"missing.xml"),
    "xlsx.outside": ("xl/worksheets/_rels/sheet2.xml.rels", b"https://example.com", b"file://server"),
    "xlsx.active": ("xl/vbaProject.bin", b"", b"x"),
    "xlsx.title": ("docProps/core.xml", b"dc:title>", b"dc:source>"),
    "xlsx.formulas": ("xl/worksheets/sheet3.xml", b"<v>1200.5</v>", b"<f>1+1</f><v>1200.5</v>"),
    "xlsx.cells": ("xl/worksheets/sheet3.xml", b"<v>1200.5</v>", b"<v>1200.6</v>"),
    "xlsx.names": (BOOK, b'name="Text"', b'name="A report with a name that is too long"'),
    "xlsx.described": ("xl/drawings/drawing1.xml", b' descr="', b' title="'),
    "xlsx.header_rows": (BOOK, b"_xlnm.Print_Titles", b"_xlnm.Print_Area"),
}


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_a_broken_file_breaks_its_rule(rule):
    (writer, validator), design = FORMATS[rule[:4]], designs()["report"]
    name, old, new = BREAKS[rule]
    parts = dict(members(writer.write(full_manuscript(), design)))
    if rule == "pptx.overlaps":
        old = b'y="' + parts[name].split(b'<p:xfrm><a:off x="609600" y="')[1].split(b'"')[0] + b'"'
        new = b'y="1574800"'
    assert old in parts.get(name, b"")
    parts[name] = parts.get(name, b"").replace(old, new)
    checks = {each.rule: each for each in validator.check(pack(parts.items()), full_manuscript(), design)}
    assert checks[rule].issues


@every_format
def test_a_damaged_file_does_not_open(name):
    checks = list(FORMATS[name][1].check(b"PK nothing", full_manuscript(), designs()["report"]))
    assert [check.rule for check in checks] == [f"{name}.opens"]
    assert checks[0].issues


LONG_CELL = " ".join(f"word{number}" for number in range(900))


def checked(name, manuscript, design="report"):
    writer, validator = FORMATS[name]
    data = writer.write(manuscript, designs()[design])
    issues = [check for check in validator.check(data, manuscript, designs()[design]) if check.issues]
    return data, issues, list(lost_text(validator.text(data), manuscript, frozenset()))


def tables_of(data):
    (extract,) = READERS["pptx"].read(Source(name="a.pptx", data=data, limits=IngestionLimits()))
    return [(block.rows, block.header_rows) for block in extract.blocks if block.kind == "table"]


@pytest.mark.parametrize("header", ["Remarks", LONG_CELL[:1500], LONG_CELL])
def test_a_row_taller_than_a_slide_goes_on_and_comes_back_whole(header):
    rows = (("Number", header), ("1", LONG_CELL), (LONG_CELL, "two\nlines"), ("3", "short"))
    table = Block.table(rows, header_rows=1)
    data, issues, lost = checked("pptx", Manuscript(title="Long rows", content=Content((table,))))
    assert (issues, lost) == ([], [])
    assert tables_of(data) == [(table.rows, 1)]


def test_a_tall_merged_cell_has_the_height_that_it_needs():
    rows = [["Group", "Item"], *(["", f"Item {number}"] for number in range(30))]
    rows[1][0], rows[4][0] = LONG_CELL[:400], "Few words"
    merged = (CellSpan(1, 0, 3, 1), CellSpan(4, 0, 27, 1))
    table = Block.table(rows, header_rows=1, merged=merged)
    data, issues, lost = checked("pptx", Manuscript(title="Merged", content=Content((table,))))
    assert (issues, lost) == ([], [])
    assert tables_of(data) == [(table.rows, 1)]


@pytest.mark.parametrize("kind", ["paragraph", "list_item", "quote", "code", "reference", "footnote"])
def test_a_text_longer_than_a_slide_is_all_there(kind):
    blocks = (Block("heading", "Long", level=1), Block(kind, LONG_CELL, key="1"), Block("paragraph", "End"))
    _, issues, lost = checked("pptx", Manuscript(title="Texts", content=Content(blocks)))
    assert (issues, lost) == ([], [])


@pytest.mark.parametrize("words", [10, 40, 60, 120])
def test_a_long_title_is_smaller_and_whole(words):
    title = " ".join(LONG_CELL.split()[:words])
    _, issues, lost = checked("pptx", Manuscript(title=title, content=Content((Block("paragraph", "x"),))))
    assert (issues, lost) == ([], [])


def test_links_and_signs_can_be_read_on_every_ground():
    marks = (Mark("link", 0, 4, "https://example.com"), Mark("highlight", 2, 8))
    header = replace(Block.table([["Linked", "B"], ["c", "d"]], header_rows=1), marks=marks)
    blocks = [replace(Block(kind, "Linked words"), marks=marks) for kind in ("paragraph", "quote")]
    heading = Block("heading", "Linked heading", level=1, marks=marks)
    pale = Branding(name="Pale", primary="#ffe680", accent="#a7f3d0")
    manuscript = Manuscript(title="Pale", content=Content((heading, *blocks, header)), branding=pale)
    for design in ("report", "catalog", "proposal"):
        assert checked("pptx", manuscript, design)[1:] == ([], [])


@pytest.mark.parametrize("letter", ["x", "é", "𝔘"])
@pytest.mark.parametrize("length", [32_766, 32_767, 32_768, 100_000])
def test_a_text_longer_than_a_cell_goes_on_below(letter, length):
    long = letter * (length // len(letter.encode("utf-16-le")) * 2)
    table = Block.table([["A", "B"], ["one", long], ["two", "2"]], header_rows=1)
    manuscript = Manuscript(title="Long", content=Content((table, Block("paragraph", "p" + long))))
    data, issues, lost = checked("xlsx", manuscript)
    assert (issues, lost) == ([], [])
    for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets:
        for row in sheet.iter_rows(values_only=True):
            assert all(len(str(value).encode("utf-16-le")) <= 2 * 32_767 for value in row)


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("007", "en", None),
        ("+34 600 123 456", "es", None),
        ("1.234,50", "es", 1234.5),
        ("1.234,50", "en", None),
        ("1,234.50", "en", 1234.5),
        ("12 %", "en", 0.12),
        ("2026-03-01", "en", date(2026, 3, 1)),
        ("2026-02-30", "en", None),
        ("=SUM(A1)", "en", None),
        ("-5", "en", -5.0),
        ("-0", "en", None),
        ("1e5", "en", None),
        ("12/03/2026", "en", None),
        ("€ 5", "en", None),
        ("1234567890123456", "en", None),
    ],
)
def test_in_doubt_a_cell_is_text(text, language, value):
    assert typed(text, language).value == value


HOSTILE_NAMES = (
    *("Costs", "costs", "x" * 31, "x" * 32, "[]:*?/\\", "'quoted'", "History", "a & <b>", "𝔘" * 20),
    *("", "Text", "Overview"),
)


def test_hostile_captions_give_sheets_with_names_that_are_allowed():
    blocks = [
        block
        for name in HOSTILE_NAMES
        for block in ([Block("caption", name)] if name else [])
        + [Block.table([["A", "B"], [name, "1"]], header_rows=1)]
    ]
    manuscript = Manuscript(title="Names", content=Content(tuple(blocks)))
    data, issues, lost = checked("xlsx", manuscript)
    assert (issues, lost) == ([], [])
    names = openpyxl.load_workbook(io.BytesIO(data)).sheetnames
    assert len({name.casefold() for name in names}) == len(HOSTILE_NAMES) + 2
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in names)
    assert not any(set("[]:*?/\\") & set(name) or name.casefold() == "history" for name in names)


@pytest.mark.slow
@every_format
@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_the_open_xml_sdk_finds_no_error_in_any_text(name, tmp_path: Path, manuscript: Manuscript):
    path = tmp_path / f"any.{name}"
    path.write_bytes(FORMATS[name][0].write(manuscript, designs()["report"]))
    assert sdk_errors(path) == []


@pytest.mark.slow
def test_a_workbook_of_twenty_thousand_rows_takes_three_seconds():
    rows = [["Number", "Name", "Amount", "Day"]]
    rows += [[str(at), f"Name {at}", f"{at:,}.50", "2026-03-01"] for at in range(20_000)]
    manuscript = Manuscript(title="Many", content=Content((Block.table(rows, header_rows=1),)))
    started = perf_counter()
    Workbook().write(manuscript, designs()["report"])
    assert perf_counter() - started <= 3.0


@pytest.mark.slow
@pytest.mark.skipif(not LibreOffice().is_installed, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_shows_as_many_pages_as_there_are_slides():
    data = SlideDeck().write(full_manuscript(sections=2), designs()["report"])
    slides = sum(name.startswith("ppt/slides/slide") for name, _ in members(data))
    assert LibreOffice().open(data, ".pptx").num_pages == slides


@pytest.mark.slow
def test_ten_thousand_boxes_fit():
    blocks = [Block("paragraph", f"{LONG_CELL[: 40 + at % 900]} {at}") for at in range(10_000)]
    blocks = [each for at, one in enumerate(blocks) for each in (Block("heading", f"H{at}", level=2), one)]
    data = SlideDeck().write(Manuscript(title="Many", content=Content(tuple(blocks))), designs()["memo"])
    package = Package(data)
    slides = [name for name in package.parts if name.startswith("ppt/slides/slide")]
    rooms = [room for name in slides for room in SlideText(package, name).rooms()]
    assert len(rooms) >= 10_000
    assert [room for room in rooms if room.needed > room.height + 1] == []
