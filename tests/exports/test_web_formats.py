"""The web and text formats: same bytes, text that stays text, and validators that see what is broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from core.content import Block, Content
from core.errors import ExportFailed
from core.exports.cell_text import acts, neutralise, restore
from core.exports.charts.palette import contrast
from core.exports.design import designs
from core.exports.manuscript import Branding, Manuscript
from core.exports.reproducible_zip import members, pack
from core.exports.validation.comparison import lost_text
from core.exports.validation.delimited import DelimitedCheck
from core.exports.validation.ebook import EbookCheck, EpubCheck
from core.exports.validation.json_document import JsonCheck
from core.exports.validation.markdown_text import MarkdownCheck
from core.exports.validation.plain_text import PlainTextCheck
from core.exports.validation.web_page import WebPageCheck
from core.exports.validation.xml_document import XmlCheck
from core.exports.writers.delimited import DelimitedTables
from core.exports.writers.ebook import Ebook
from core.exports.writers.json_document import JsonDocument
from core.exports.writers.markdown_text import MarkdownText
from core.exports.writers.markup.shades import LEGIBLE, dark, light
from core.exports.writers.plain_text import PlainText
from core.exports.writers.web_page import WebPage
from core.exports.writers.xml_document import XmlDocument
from tests.exports.manuscripts import full_manuscript, manuscripts, texts

PAIRS = {
    "html": (WebPage(), WebPageCheck()),
    "md": (MarkdownText(), MarkdownCheck()),
    "txt": (PlainText(), PlainTextCheck()),
    "json": (JsonDocument(), JsonCheck()),
    "xml": (XmlDocument(), XmlCheck()),
    "csv": (DelimitedTables(), DelimitedCheck()),
    "epub": (Ebook(), EbookCheck()),
}
every_format = pytest.mark.parametrize("name", PAIRS)
REPORT = designs()["report"]


def issues(name: str, data: bytes, manuscript: Manuscript, design=REPORT) -> dict[str, str]:
    found = PAIRS[name][1].check(data, manuscript, design)
    return {check.rule: check.issues[0].detail for check in found if check.issues}


@every_format
@pytest.mark.parametrize("design", designs())
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_full_manuscript_breaks_no_rule_and_loses_no_text(name, language, design):
    manuscript, (writer, check) = full_manuscript(language, 2), PAIRS[name]
    data = writer.write(manuscript, designs()[design])
    found = list(check.check(data, manuscript, designs()[design]))
    assert {each.rule for each in found} == set(check.rules)
    assert [each for each in found if each.issues] == []
    lost = [each.detail for each in lost_text(check.text(data), manuscript, writer.leaves_out)]
    assert [each for each in lost if name != "csv" or manuscript.title not in each] == []
    assert writer.write(manuscript, designs()[design]) == data


@every_format
@settings(max_examples=50, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_any_manuscript_breaks_no_rule(name, manuscript):
    try:
        data = PAIRS[name][0].write(manuscript, REPORT)
    except ExportFailed as error:
        if name != "csv" or not error.remedy:
            raise
        return
    assert issues(name, data, manuscript) == {}


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), 1)

    return change


def in_book(file: str, old: str, new: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        found = [(name, swap(old, new)(part) if name == file else part) for name, part in members(data)]
        return pack(found, stored=frozenset({"mimetype"}))

    return change


def reordered(data: bytes) -> bytes:
    return pack(reversed(members(data)))


OPF, PAGE = "book/book.opf", "book/section-1.xhtml"
BROKEN = [
    ("html", "html.opens", swap("<main", "<p <main")),
    ("html", "html.no_script", swap("<h1>", "<h1 onclick='x()'>")),
    ("html", "html.self_contained", swap('src="data:', 'src="https://x.example/data:')),
    ("html", "html.policy", swap("default-src 'none'", "default-src *")),
    ("html", "html.language", swap('lang="en"', 'lang="pt"')),
    ("html", "html.title", swap("<h1>", "<h1>Two</h1><h1>")),
    ("html", "html.headings", lambda data: data.replace(b"<h2 ", b"<h4 ").replace(b"</h2>", b"</h4>")),
    ("html", "html.alternatives", swap(' alt="Two bars', ' title="Two bars')),
    ("html", "html.tables", swap(' scope="col"', "")),
    ("html", "html.anchors", swap('href="#note-n1"', 'href="#nowhere"')),
    ("html", "html.contrast", swap("--ink: #1b2330", "--ink: #c0c0c0")),
    ("md", "md.opens", swap("---\n", "***\n")),
    ("md", "md.no_html", swap("And numbered", "<b>And</b> numbered")),
    ("md", "md.headings", swap("# Chapter", "Chapter")),
    ("md", "md.tables", swap("| --- |", "| x |")),
    ("md", "md.notes", swap("[^n1]: ", "n1: ")),
    ("txt", "txt.opens", lambda data: b"\xff" + data),
    ("txt", "txt.characters", swap("And", "A\x07nd")),
    ("txt", "txt.width", swap("And numbered", "and so on " * 12)),
    ("txt", "txt.ends", swap("And numbered:", "And numbered: ")),
    ("json", "json.opens", lambda data: data[:-3]),
    ("json", "json.schema", swap('"kind": "heading"', '"kind": "head"')),
    ("json", "json.lossless", swap("And numbered", "And counted")),
    ("xml", "xml.opens", lambda data: data[:-3]),
    ("xml", "xml.schema", swap('kind="heading"', 'kind="head"')),
    ("xml", "xml.media", swap('<file sha256="', '<file sha256="' + 64 * "0" + '" x="')),
    ("csv", "csv.opens", lambda data: data[3:]),
    ("csv", "csv.formulas", swap("'=SUM", "=SUM")),
    ("csv", "csv.columns", swap("Both,,", "Both,")),
    ("csv", "csv.cells", swap("North", "Nord")),
    ("epub", "epub.opens", lambda data: data[:200]),
    ("epub", "epub.mimetype", reordered),
    ("epub", "epub.manifest", in_book(OPF, '<item id="style" href="style.css" media-type="text/css"/>', "")),
    ("epub", "epub.metadata", in_book(OPF, "<dc:language>en</dc:language>", "")),
    ("epub", "epub.accessibility", in_book(OPF, "schema:accessibilityHazard", "schema:other")),
    ("epub", "epub.navigation", in_book("book/contents.xhtml", "#chapter-1", "#nowhere")),
    ("epub", "epub.links", in_book(PAGE, "#note-n1", "#nowhere")),
    ("epub", "epub.no_script", in_book(PAGE, "<p>", "<script/><p>")),
    ("epub", "epub.alternatives", in_book(PAGE, ' alt="Two bars', ' title="Two bars')),
]


@pytest.mark.parametrize(("name", "rule", "change"), BROKEN, ids=[rule for _, rule, _ in BROKEN])
def test_a_broken_file_breaks_its_rule(name, rule, change):
    manuscript = full_manuscript("en", 1)
    assert rule in issues(name, change(PAIRS[name][0].write(manuscript, REPORT)), manuscript)


def test_every_rule_has_a_file_that_breaks_it():
    assert {rule for _, rule, _ in BROKEN} == {rule for _, check in PAIRS.values() for rule in check.rules}


HOSTILE = (
    "<script>alert(1)</script> ]]> &lt; {{x}} $x$ [a](javascript:alert(1)) ![p](//x) `c` \\ =1+1 " + "w" * 300
)


@every_format
def test_hostile_text_is_text_in_every_place(name):
    rows = [[HOSTILE, "b"], ["=cmd|'/c'!A1", "@x"]]
    kinds = ("heading", "paragraph", "list_item", "quote", "code")
    blocks = [Block(kind, HOSTILE, level=int(kind == "heading")) for kind in kinds]
    manuscript = Manuscript(
        title=HOSTILE, author=HOSTILE, content=Content((*blocks, Block.table(rows, header_rows=1)))
    )
    writer, check = PAIRS[name]
    data = writer.write(manuscript, REPORT)
    assert issues(name, data, manuscript) == {}
    if name != "csv":
        assert list(lost_text(check.text(data), manuscript, writer.leaves_out)) == []


def test_a_document_without_tables_is_refused_as_csv_with_a_remedy():
    manuscript = Manuscript(title="T", content=Content((Block("paragraph", "p"),)))
    with pytest.raises(ExportFailed) as caught:
        DelimitedTables().write(manuscript, REPORT)
    assert caught.value.remedy


@given(text=texts(0))
def test_a_guarded_cell_never_acts_and_can_be_restored(text):
    for each in (text, f"={text}", f"'{text}", f"'={text}", f"-{text}"):
        assert not acts(neutralise(each))
        assert restore(neutralise(each)) == each


@pytest.mark.parametrize("number", ["-5", "-300", "+1,5", "-2.5 %", "-1e9"])
def test_numbers_stay_numbers(number):
    assert neutralise(number) == number


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#ffff00", "#808080", "#ff0000", "nonsense"])
def test_any_colour_of_a_company_is_legible_in_both_schemes(colour):
    branding = Branding(primary=colour, accent=colour)
    for shades in (light(branding), dark(branding)):
        assert [name for name, ink, ground in shades.pairs() if contrast(ink, ground) < LEGIBLE] == []


@pytest.mark.slow
@pytest.mark.parametrize(("language", "design"), [("en", "report"), ("ar", "contract"), ("es", "newsletter")])
def test_epubcheck_finds_nothing_to_say(language, design):
    check = EpubCheck()
    if check.tools()[0].missing:
        pytest.skip(check.tools()[0].missing)
    manuscript = full_manuscript(language, 2)
    (found,) = check.check(Ebook().write(manuscript, designs()[design]), manuscript, designs()[design])
    assert found.issues == ()
