"""Manuscripts that every writer is tried on: one with everything, and those that hypothesis makes."""

from __future__ import annotations

import hashlib
import io
from datetime import date

from hypothesis import strategies as st
from PIL import Image, ImageDraw

from core.content import Block, CellSpan, Chart, Content, Mark, Picture, Series
from core.exports.manuscript import Branding, Manuscript

LINE = "café ñandú ação ≥ 5 € — “quoted” "


def picture_bytes(width: int = 320, height: int = 180, format: str = "PNG") -> bytes:
    drawn = Image.new("RGB", (width, height), "#e8eefc")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((20, height // 2, width // 3, height - 20), fill="#1d4ed8")
    pen.rectangle((width // 3 + 20, height // 4, width * 2 // 3, height - 20), fill="#0f766e")
    out = io.BytesIO()
    drawn.save(out, format)
    return out.getvalue()


def picture_block(data: bytes, alt: str = "Two bars, the right one higher") -> Block:
    with Image.open(io.BytesIO(data)) as opened:
        width, height, kind = opened.width, opened.height, opened.format
    found = Picture(
        hashlib.sha256(data).hexdigest(), f"image/{str(kind).lower()}", width, height, alt, not alt
    )
    return Block("picture", "", picture=found)


def text_block(kind: str, text: str, *marks: tuple[str, str, str], **more: object) -> Block:
    """Marks as (kind, the words they cover, target); an empty word marks the end of the text."""
    made = []
    for name, words, target in marks:
        start = text.index(words) if words else len(text)
        made.append(Mark(name, start, start + len(words), target))  # type: ignore[arg-type]
    return Block(kind, text, marks=tuple(made), **more)  # type: ignore[arg-type]


def full_manuscript(language: str = "en", sections: int = 1, **more: object) -> Manuscript:
    """Every kind of block and mark, `sections` times over."""
    png, jpeg = picture_bytes(), picture_bytes(200, 200, "JPEG")
    blocks: list[Block] = []
    for number in range(1, sections + 1):
        blocks += _section(number, png, jpeg)
    blocks += [
        Block("heading", "Sources", level=1),
        Block("reference", "Annual report 2025, Example Ltd, page 12", key="1"),
        Block("reference", "Staff survey, March 2026", key="2"),
    ]
    return Manuscript(
        title="The state of the business: 2026 & beyond <draft>",
        subtitle="What changed, and what it costs",
        author="Ana Müller",
        language=language,
        written=date(2026, 3, 14),
        keywords=("business", "costs"),
        version="2",
        content=Content(tuple(blocks), {hashlib.sha256(data).hexdigest(): data for data in (png, jpeg)}),
        branding=Branding(
            name="Example Ltd", header="Example Ltd", footer="Internal", logo=picture_bytes(240, 80)
        ),
        **more,  # type: ignore[arg-type]
    )


def _section(number: int, png: bytes, jpeg: bytes) -> list[Block]:
    note = f"n{number}"
    chart = Chart(
        "column",
        ("2023", "2024", "2025"),
        (Series("Revenue", (10.5, 12.25, 15.0)), Series("Cost", (8.0, None, 9.5))),
        "Year",
        "Million €",
    )
    pie = Chart("pie", ("North", "South", "East"), (Series("Share", (50.0, 30.0, 20.0)),))
    line = Chart("line", ("Jan", "Feb", "Mar"), (Series("Calls", (120.0, 90.0, 150.0)),), "Month", "Calls")
    return [
        Block("heading", f"Chapter {number}: where we stand", level=1, key=f"chapter-{number}"),
        text_block(
            "paragraph",
            f"{LINE}Revenue grew by 22 %, as the annual report says. See our site for more, or H2O and x2.",
            ("strong", "Revenue grew", ""),
            ("emphasis", "annual report", ""),
            ("citation", "as the annual report says.", "1"),
            ("link", "our site", "https://example.com/a?b=1&c=2"),
            ("footnote", "for more", note),
            ("subscript", "2O", ""),
            ("strike", "x2", ""),
        ),
        Block("heading", "Lists", level=2),
        Block("list_item", "First point", level=0),
        text_block("list_item", "A point below it with code_name()", ("code", "code_name()", ""), level=1),
        Block("list_item", "Second point", level=0),
        Block("paragraph", "And numbered:"),
        Block("list_item", "Collect the figures", is_ordered=True),
        Block("list_item", "Check them twice", is_ordered=True),
        Block("list_item", "against the ledger", level=1, is_ordered=True),
        Block("heading", "Tables", level=2),
        Block("caption", f"Figures of chapter {number}"),
        Block.table(
            [
                ["Region", "2024", "2025", "Note"],
                ["North", "1,200.50", "1,450.00", "=SUM(A1:A2)"],
                ["South", "-300", "25 %", "<script>alert(1)</script>"],
                ["Both", "", "2026-03-01", "{brace} \\slash"],
            ],
            header_rows=1,
            merged=(CellSpan(3, 0, 1, 2),),
        ),
        Block("heading", "Pictures and charts", level=2),
        picture_block(png),
        Block("caption", "Sales by year"),
        picture_block(jpeg, ""),
        Block("chart", "Revenue and cost", chart=chart),
        Block("chart", "Share of regions", chart=pie),
        Block("chart", "Calls a month", chart=line),
        Block("heading", "Voices", level=2),
        text_block("quote", "We never had a better year.", ("citation", "", "2")),
        Block("code", "def total(rows):\n    return sum(rows)  # {all} of them\n\nprint(total([1, 2]))"),
        Block("paragraph", "Le chiffre d’affaires progresse.", language="fr"),
        Block("paragraph", "هذا نص بالعربية مع رقم 42.", language="ar"),
        Block("paragraph", "זהו טקסט בעברית.", language="he"),
        Block("footnote", f"Measured on {number} January, before tax.", key=note),
    ]


# What text can be after preparation: no controls, no surrogates, no bidi overrides.
_letters = st.characters(
    min_codepoint=32,
    max_codepoint=0x2FF,
    exclude_categories=("Cc", "Cs"),
    include_characters="=+-@<>&{}\\$%#_^~|`*[]()!\"'€–—“”…Ωжא",
)


def texts(min_size: int = 1, max_size: int = 60) -> st.SearchStrategy[str]:
    """One line without blanks at its ends or doubled ones."""
    made = st.text(_letters, min_size=min_size, max_size=max_size).map(lambda text: " ".join(text.split()))
    return made.filter(lambda text: len(text) >= min_size)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    kind = draw(st.sampled_from(["paragraph", "paragraph", "list_item", "quote", "code", "table", "heading"]))
    if kind == "table":
        width = draw(st.integers(1, 4))
        cells = st.lists(texts(0, 20), min_size=width, max_size=width)
        rows = draw(
            st.lists(cells, min_size=2, max_size=5).filter(lambda rows: any(any(row) for row in rows))
        )
        return Block.table(rows, header_rows=1)
    if kind == "list_item":
        return Block(kind, draw(texts()), level=draw(st.integers(0, 2)), is_ordered=draw(st.booleans()))
    text = draw(texts())
    if kind == "heading":
        return Block(kind, text, level=1)
    if kind == "paragraph" and len(text) > 2:
        start = draw(st.integers(0, len(text) - 2))
        end = draw(st.integers(start + 1, len(text)))
        name = draw(st.sampled_from(["strong", "emphasis", "code", "link"]))
        target = "https://example.com/x" if name == "link" else ""
        return Block(kind, text, marks=(Mark(name, start, end, target),))
    return Block(kind, text)


def manuscripts() -> st.SearchStrategy[Manuscript]:
    return st.builds(
        lambda title, made: Manuscript(title=title, content=Content(tuple(made)), written=date(2026, 1, 2)),
        texts(),
        st.lists(blocks(), min_size=1, max_size=12),
    )
