"""What people and files may hand in that would act, break or run off in a file that comes out."""

from __future__ import annotations

import csv
import io
import time
import zipfile

import pytest

from core.content import Block, Content
from core.errors import ExportFailed
from core.exports.design import designs
from core.exports.preparation import Around, prepare
from core.exports.validation.validating import validate
from core.exports.writers import WRITERS

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3+cmd", "@SUM(A1)", "\t=1+1", "＝1+1")
MARKUP = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;&#x41;<!ENTITY x SYSTEM 'file:///etc/passwd'>"
)
BRACES = (
    r"{\rtf1 \object} \input{/etc/passwd} \write18{ls} #import $1$ ${x} {{ 7*7 }} %s ~ ^ _ *a* `b` [c](d)"
)
TITLES = (
    MARKUP,
    BRACES,
    "../../etc/passwd",
    "\u202egpj.exe\x00\x1b[2J",
    "x" * 300,
    '=HYPERLINK("http://a.b")',
)
LONG_WORD = "Donaudampfschifffahrt" * 15
BLOCKS = (
    Block("heading", MARKUP, level=1),
    Block("paragraph", BRACES),
    Block("paragraph", MARKUP),
    Block("paragraph", f"{LONG_WORD} and more"),
    Block("list_item", BRACES),
    Block("quote", "]]> --> */ */ </style></title></textarea>"),
    Block("code", "{\n\t\\end{verbatim}\n```\n</code></pre>\n}"),
    Block.table([["Name", "Value"], *([text, text] for text in (*FORMULAS[:5], MARKUP, BRACES, LONG_WORD))]),
)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("name", WRITERS)
def test_text_stays_text(name: str, title: str) -> None:
    """Every rule of every checker holds: nothing acts, nothing is lost, nothing runs off."""
    manuscript = prepare(Content(BLOCKS), Around(title=title, author=MARKUP, subtitle=BRACES)).manuscript
    design = designs()["report"]
    data = WRITERS[name].write(manuscript, design)
    report = validate(data, WRITERS[name], manuscript, design, "standard")
    broken = {each.rule: each.issues[:2] for each in report.checks if each.rule in report.failed}
    assert not {rule: issues for rule, issues in broken.items() if rule != "shared.fillers"}
    assert b"file:///etc/passwd'>" not in data or name not in ("html", "xml", "epub")


def test_no_cell_of_a_spreadsheet_calculates() -> None:
    wide = Block.table([["Name"], ["＝1+1"]])
    manuscript = prepare(Content((*BLOCKS, wide)), Around(title="T")).manuscript
    written = WRITERS["csv"].write(manuscript, designs()["report"]).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert not [
        cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "＝")) or cell.startswith("-2+")
    ]
    with zipfile.ZipFile(io.BytesIO(WRITERS["xlsx"].write(manuscript, designs()["report"]))) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert sheets
    assert not [sheet for sheet in sheets if b"<f>" in sheet or b"<f " in sheet]


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_ten_thousand_rows_are_written_in_bearable_time(name: str) -> None:
    rows = [["Number", "Name", "Sum"], *([str(at), f"Customer {at}", f"{at}.50"] for at in range(10_000))]
    manuscript = prepare(Content((Block.table(rows, header_rows=1),)), Around(title="Rows")).manuscript
    began = time.process_time()
    data = WRITERS[name].write(manuscript, designs()["report"])
    assert time.process_time() - began < 30
    report = validate(data, WRITERS[name], manuscript, designs()["report"], "basic")
    assert report.has_passed, report.failed


def test_a_script_without_a_font_is_refused_by_name_and_written_where_the_reader_has_fonts() -> None:
    manuscript = prepare(Content((Block("paragraph", "𓀀𓂀 hieroglyphs"),)), Around(title="T")).manuscript
    with pytest.raises(ExportFailed, match="𓀀") as caught:
        WRITERS["pdf"].write(manuscript, designs()["report"])
    assert caught.value.remedy
    assert "𓀀" in WRITERS["html"].write(manuscript, designs()["report"]).decode()


def test_signs_and_emoji_have_a_font() -> None:
    text = "→ ✓ ☐ ▲ ∑ ≤ 🎉 ⚠️ 👩‍💻 ★ €"
    manuscript = prepare(Content((Block("paragraph", text),)), Around(title="T")).manuscript
    data = WRITERS["pdf"].write(manuscript, designs()["report"])
    report = validate(data, WRITERS["pdf"], manuscript, designs()["report"], "professional")
    assert not [each for each in report.failed if each.startswith("pdf.")]
