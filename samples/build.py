"""Builds samples/library from the texts in samples/sources: `python -m samples.build`.

A source is markdown (headings, paragraphs, lists, tables, quotes) under a front matter. The suffix of its
`path` says the format. Equal sources give equal bytes.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import textwrap
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCES = HERE / "sources"
LIBRARY = HERE / "library"
TRUTH = HERE / "truth.json"

ORDERED = re.compile(r"(\d+)\. ")
MARKS = re.compile(r"\*\*(.+?)\*\*")
FACTS = ("path", "title", "language", "area", "type", "date", "author")

XHTML_TYPE = 'media-type="application/xhtml+xml"'
CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""
ODT_MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>
</manifest:manifest>
"""
ODT_META = """<?xml version="1.0" encoding="utf-8"?>
<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"><office:meta>
<dc:title>{title}</dc:title><meta:initial-creator>{author}</meta:initial-creator><dc:creator>{author}</dc:creator>
<meta:creation-date>{moment}</meta:creation-date><dc:date>{moment}</dc:date><dc:language>{language}</dc:language>
</office:meta></office:document-meta>
"""
ODT_CONTENT = """<?xml version="1.0" encoding="utf-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3">
<office:automatic-styles>
<style:style style:name="bold" style:family="text"><style:text-properties fo:font-weight="bold"/>
</style:style>
<text:list-style style:name="bullet"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/>
</text:list-style>
<text:list-style style:name="number"><text:list-level-style-number text:level="1" style:num-suffix="."
 style:num-format="1"/></text:list-style>
</office:automatic-styles>
<office:body><office:text>
{body}
</office:text></office:body>
</office:document-content>
"""
PACKAGE = f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">valdenieve:{{name}}</dc:identifier>
<dc:title>{{title}}</dc:title>
<dc:creator>{{author}}</dc:creator>
<dc:language>{{language}}</dc:language>
<dc:date>{{date}}</dc:date>
<meta property="dcterms:modified">{{modified}}</meta>
</metadata>
<manifest><item id="nav" href="nav.xhtml" properties="nav" {XHTML_TYPE}/>{{items}}</manifest>
<spine>{{spine}}</spine>
</package>
"""
PAGE = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}">
<head><title>{title}</title></head>
<body>
{body}</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """One block of a source: a heading, paragraph, bullet, number, table or quote."""

    kind: str
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def plain(self) -> str:
        if self.kind == "table":
            return "\n".join("\t".join(unmarked(cell) for cell in row) for row in self.rows)
        return unmarked(self.text)


@dataclass(frozen=True)
class Source:
    """A document as its author wrote it. `text_of` in the front matter borrows the body of another source."""

    name: str
    facts: dict[str, str]
    body: str

    @property
    def path(self) -> str:
        return self.facts["path"]

    @property
    def date(self) -> date:
        return date.fromisoformat(self.facts["date"])

    @property
    def moment(self) -> datetime:
        return datetime.combine(self.date, time(9, 0), tzinfo=UTC)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        pieces = tuple(parse(self.body))
        if self.path.endswith(".csv"):
            return tuple(piece for piece in pieces if piece.kind == "table")
        return pieces

    @property
    def text(self) -> str:
        """The plain text that a reader of the built file should find."""
        return "\n".join(piece.plain for piece in self.pieces)


def main() -> None:
    sources = read_sources()
    build(sources, LIBRARY)
    write_truth(sources)
    print(f"{len(sources)} documents in {LIBRARY.name}/")


def read_sources(folder: Path = SOURCES) -> list[Source]:
    """All sources by path in the library. Raises ValueError when two want the same path."""
    found = {source.name: source for source in (read_source(file, folder) for file in folder.rglob("*.md"))}
    sources = sorted((with_text(source, found) for source in found.values()), key=lambda source: source.path)
    if len({source.path for source in sources}) != len(sources):
        raise ValueError("Two sources have the same path.")
    return sources


def read_source(file: Path, folder: Path) -> Source:
    _, front, body = file.read_text(encoding="utf-8").split("---\n", 2)
    facts = {
        name: value.strip('"') for name, _, value in (line.partition(": ") for line in front.splitlines())
    }
    return Source(str(file.relative_to(folder)), facts, body.lstrip("\n"))


def with_text(source: Source, found: dict[str, Source]) -> Source:
    lender = source.facts.get("text_of")
    return Source(source.name, source.facts, found[lender].body) if lender else source


def build(sources: list[Source], library: Path) -> None:
    """Write every document; remove what no source asks for."""
    wanted = {library / source.path for source in sources}
    for stale in [file for file in library.rglob("*") if file.is_file() and file not in wanted]:
        stale.unlink()
    for source in sources:
        file = library / source.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(WRITERS[file.suffix](source))


def write_truth(sources: list[Source]) -> None:
    """Refresh the list of documents in the truth file; what is planted there is kept by hand."""
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    truth["documents"] = [{fact: source.facts[fact] for fact in FACTS} for source in sources]
    TRUTH.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def parse(body: str) -> list[Piece]:
    pieces: list[Piece] = []
    for chunk in re.split(r"\n\s*\n", body.strip("\n")):
        lines = chunk.splitlines()
        if lines[0].startswith("|"):
            pieces.append(Piece("table", rows=table_rows(lines)))
        elif lines[0].startswith("#"):
            marks, text = lines[0].split(" ", 1)
            pieces.append(Piece("heading", text, level=len(marks)))
        elif lines[0].startswith("- "):
            pieces += [Piece("bullet", text) for text in items(lines, re.compile("- "))]
        elif ORDERED.match(lines[0]):
            pieces += [Piece("number", text) for text in items(lines, ORDERED)]
        elif lines[0].startswith("> "):
            pieces.append(Piece("quote", " ".join(line.removeprefix("> ") for line in lines)))
        else:
            pieces.append(Piece("paragraph", " ".join(lines)))
    return pieces


def table_rows(lines: list[str]) -> tuple[tuple[str, ...], ...]:
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return (rows[0], *rows[2:])


def items(lines: list[str], marker: re.Pattern[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        match = marker.match(line)
        if match:
            found.append(line[match.end() :])
        else:
            found[-1] += " " + line.strip()
    return found


def unmarked(text: str) -> str:
    return MARKS.sub(r"\1", text)


def runs(text: str) -> list[tuple[str, bool]]:
    """The text cut into (words, is bold)."""
    return [(part, index % 2 == 1) for index, part in enumerate(MARKS.split(text)) if part]


def markdown_bytes(source: Source) -> bytes:
    return source.body.encode()


def txt_bytes(source: Source) -> bytes:
    """Wrapped lines. In the front matter, `encoding` names another one than UTF-8 and `mojibake` damages the
    accents: `whole` keeps both halves of each letter, `lost` drops the half that is an invisible hyphen."""
    text = plain_lines(source.pieces)
    damage = source.facts.get("mojibake")
    if damage:
        text = "".join(misread(byte) for byte in text.encode())
    if damage == "lost":
        text = text.replace("\N{SOFT HYPHEN}", "")
    return text.encode(source.facts.get("encoding", "utf-8"))


def misread(byte: int) -> str:
    """One byte of UTF-8 as a program sees it that takes it for Windows-1252."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return bytes([byte]).decode("latin-1")


def plain_lines(pieces: tuple[Piece, ...]) -> str:
    lines: list[str] = []
    number = 0
    previous = ""
    for piece in pieces:
        if lines and not (piece.kind == previous and piece.kind in ("bullet", "number")):
            lines.append("")
            number = 0
        previous = piece.kind
        if piece.kind == "heading":
            lines += [piece.plain, ("=" if piece.level == 1 else "-") * len(piece.plain)]
        elif piece.kind == "table":
            lines += aligned(piece)
        elif piece.kind == "bullet":
            lines += textwrap.wrap(piece.plain, 78, initial_indent="- ", subsequent_indent="  ")
        elif piece.kind == "number":
            number += 1
            lines += textwrap.wrap(piece.plain, 78, initial_indent=f"{number}. ", subsequent_indent="   ")
        else:
            lines += textwrap.wrap(piece.plain, 78)
    return "\n".join(lines) + "\n"


def aligned(table: Piece) -> list[str]:
    rows = [[unmarked(cell) for cell in row] for row in table.rows]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def csv_bytes(source: Source) -> bytes:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows(source.pieces[0].rows)
    return sheet.getvalue().encode()


def html_bytes(source: Source) -> bytes:
    language, title, author = (html.escape(source.facts[name]) for name in ("language", "title", "author"))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="author" content="{author}">\n<meta name="date" content="{source.date}">\n'
        f"</head>\n<body>\n{html_body(source.pieces)}</body>\n</html>\n"
    ).encode()


def html_body(pieces: tuple[Piece, ...]) -> str:
    lines: list[str] = []
    for kind, group in groupby(pieces, key=lambda piece: piece.kind):
        parts = [html_piece(piece) for piece in group]
        tag = {"bullet": "ul", "number": "ol"}.get(kind)
        lines += [f"<{tag}>", *parts, f"</{tag}>"] if tag else parts
    return "\n".join(lines) + "\n"


def html_piece(piece: Piece) -> str:
    if piece.kind == "table":
        head, *rows = piece.rows
        body = [f"<tr>{''.join(f'<td>{html_runs(cell)}</td>' for cell in row)}</tr>" for row in rows]
        header = "".join(f'<th scope="col">{html_runs(cell)}</th>' for cell in head)
        return "\n".join(
            ["<table>", f"<thead><tr>{header}</tr></thead>", "<tbody>", *body, "</tbody>", "</table>"]
        )
    text = html_runs(piece.text)
    tag = {"heading": f"h{piece.level}", "paragraph": "p", "quote": "blockquote"}.get(piece.kind, "li")
    return f"<{tag}>{text}</{tag}>"


def html_runs(text: str) -> str:
    return "".join(
        f"<strong>{html.escape(part)}</strong>" if bold else html.escape(part) for part, bold in runs(text)
    )


def eml_bytes(source: Source) -> bytes:
    """The first heading is the subject. `alternative: true` adds the same text as HTML."""
    pieces = source.pieces[1:]
    message = EmailMessage()
    message["From"] = source.facts["from"]
    message["To"] = source.facts["to"]
    message["Subject"] = source.pieces[0].plain
    message["Date"] = format_datetime(source.moment)
    message["Message-ID"] = f"<{source.date:%Y%m%d}.{len(source.body)}@mail.valdenieve.example>"
    message.set_content(plain_lines(pieces), cte="quoted-printable")
    if source.facts.get("alternative"):
        page = f'<html lang="{source.facts["language"]}"><body>\n{html_body(pieces)}</body></html>\n'
        message.add_alternative(page, subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_valdenieve_{source.date:%Y%m%d}")
    return message.as_bytes()


def docx_bytes(source: Source) -> bytes:
    from docx import Document

    document = Document()
    properties = document.core_properties
    properties.title, properties.author = source.facts["title"], source.facts["author"]
    properties.language, properties.comments = source.facts["language"], ""
    properties.created = properties.modified = source.moment.replace(tzinfo=None)
    for piece in source.pieces:
        if piece.kind == "heading":
            document.add_heading(piece.plain, piece.level)
        elif piece.kind == "table":
            add_docx_table(document, piece)
        else:
            style = {"bullet": "List Bullet", "number": "List Number", "quote": "Quote"}.get(piece.kind)
            paragraph = document.add_paragraph(style=style)
            for part, bold in runs(piece.text):
                paragraph.add_run(part).bold = bold or None
    return saved(document.save, source)


def add_docx_table(document: Any, piece: Piece) -> None:
    table = document.add_table(rows=len(piece.rows), cols=len(piece.rows[0]), style="Table Grid")
    for row, texts in zip(table.rows, piece.rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = unmarked(text)
    for cell in table.rows[0].cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True


def pptx_bytes(source: Source) -> bytes:
    """A slide for each heading; lists and paragraphs are its lines, a quote is what the speaker says."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    properties = deck.core_properties
    properties.title, properties.author = source.facts["title"], source.facts["author"]
    properties.created = properties.modified = source.moment.replace(tzinfo=None)
    for heading, pieces in sections(source.pieces):
        add_slide(deck, heading, pieces)
    return saved(deck.save, source)


def add_slide(deck: Any, heading: Piece, pieces: list[Piece]) -> None:
    from pptx.util import Inches, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[0 if heading.level == 1 else 1])
    title, body = slide.shapes.title, slide.placeholders[1]
    title.text = heading.plain
    top = 2.2 if heading.level == 1 else 0.4
    title.left, title.top, title.width, title.height = Inches(0.7), Inches(top), Inches(11.9), Inches(1.2)
    body.left, body.top, body.width, body.height = Inches(0.7), Inches(top + 1.4), Inches(11.9), Inches(3)
    lines = [piece for piece in pieces if piece.kind in ("paragraph", "bullet", "number")]
    body.text_frame.text = "\n".join(piece.plain for piece in lines)
    for paragraph in body.text_frame.paragraphs:
        paragraph.font.size = Pt(20)
    if not lines:
        body._element.getparent().remove(body._element)
    for table in (piece for piece in pieces if piece.kind == "table"):
        place = (Inches(0.7), Inches(4.4 if lines else 1.9), Inches(11.9), Inches(0.4 * len(table.rows)))
        grid = slide.shapes.add_table(len(table.rows), len(table.rows[0]), *place).table
        for y, row in enumerate(table.rows):
            for x, cell in enumerate(row):
                grid.cell(y, x).text = unmarked(cell)
                grid.cell(y, x).text_frame.paragraphs[0].font.size = Pt(16)
    for quote in (piece for piece in pieces if piece.kind == "quote"):
        slide.notes_slide.notes_text_frame.text = quote.plain


def sections(pieces: tuple[Piece, ...]) -> list[tuple[Piece, list[Piece]]]:
    """The pieces under each heading."""
    found: list[tuple[Piece, list[Piece]]] = []
    for piece in pieces:
        if piece.kind == "heading":
            found.append((piece, []))
        else:
            found[-1][1].append(piece)
    return found


def xlsx_bytes(source: Source) -> bytes:
    """A sheet for each heading, named by it."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.creator = source.facts["title"], source.facts["author"]
    book.properties.created = source.moment.replace(tzinfo=None)
    for heading, pieces in sections(source.pieces):
        sheet = book.create_sheet(heading.plain[:31])
        for piece in pieces:
            if piece.kind != "table":
                sheet.append([piece.plain])
                continue
            for index, row in enumerate(piece.rows):
                sheet.append([cell_value(unmarked(cell)) for cell in row])
                if index == 0:
                    for cell in sheet[sheet.max_row]:
                        cell.font = Font(bold=True)
                        cell.alignment = Alignment(wrap_text=True)
        for column in "ABCDEFGH":
            sheet.column_dimensions[column].width = 34 if column == "A" else 16
    return saved(book.save, source)


def cell_value(text: str) -> str | int:
    return int(text) if re.fullmatch(r"-?[1-9]\d*|0", text) else text


def odt_bytes(source: Source) -> bytes:
    names = {name: html.escape(source.facts[name]) for name in ("title", "author", "language")}
    entries = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": ODT_MANIFEST,
        "meta.xml": ODT_META.format(**names, moment=f"{source.date}T09:00:00"),
        "content.xml": ODT_CONTENT.format(body=odt_body(source.pieces)),
    }
    return zipped({name: text.encode() for name, text in entries.items()}, source.moment)


def odt_body(pieces: tuple[Piece, ...]) -> str:
    lines: list[str] = []
    for kind, group in groupby(pieces, key=lambda piece: piece.kind):
        parts = [odt_piece(piece) for piece in group]
        if kind in ("bullet", "number"):
            parts = [f'<text:list text:style-name="{kind}">', *parts, "</text:list>"]
        lines += parts
    return "\n".join(lines)


def odt_piece(piece: Piece) -> str:
    if piece.kind == "heading":
        return f'<text:h text:outline-level="{piece.level}">{html.escape(piece.plain)}</text:h>'
    if piece.kind in ("bullet", "number"):
        return f"<text:list-item>{odt_paragraph(piece.text)}</text:list-item>"
    if piece.kind == "table":
        rows = "".join(f"<table:table-row>{odt_cells(row)}</table:table-row>" for row in piece.rows)
        column = f'<table:table-column table:number-columns-repeated="{len(piece.rows[0])}"/>'
        return f"<table:table>{column}{rows}</table:table>"
    return odt_paragraph(piece.text)


def odt_cells(row: tuple[str, ...]) -> str:
    return "".join(f"<table:table-cell>{odt_paragraph(cell)}</table:table-cell>" for cell in row)


def odt_paragraph(text: str) -> str:
    parts = [
        f'<text:span text:style-name="bold">{html.escape(part)}</text:span>' if bold else html.escape(part)
        for part, bold in runs(text)
    ]
    return f"<text:p>{''.join(parts)}</text:p>"


def epub_bytes(source: Source) -> bytes:
    """A chapter for each heading, and a table of contents."""
    names = {name: html.escape(source.facts[name]) for name in ("title", "author", "language")}
    chapters = {
        f"chapter{number:02}.xhtml": (html.escape(heading.plain), html_body((heading, *pieces)))
        for number, (heading, pieces) in enumerate(sections(source.pieces), 1)
    }
    links = "".join(f'<li><a href="{file}">{title}</a></li>' for file, (title, _) in chapters.items())
    contents = f'<nav epub:type="toc"><ol>{links}</ol></nav>\n'
    entries = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/content.opf": PACKAGE.format(
            **names,
            name=Path(source.name).stem,
            date=source.date,
            modified=f"{source.moment:%Y-%m-%dT%H:%M:%SZ}",
            items="".join(f'<item id="{file}" href="{file}" {XHTML_TYPE}/>' for file in chapters),
            spine="".join(f'<itemref idref="{file}"/>' for file in chapters),
        ),
        "OEBPS/nav.xhtml": PAGE.format(language=names["language"], title=names["title"], body=contents),
    }
    for file, (title, body) in chapters.items():
        entries[f"OEBPS/{file}"] = PAGE.format(language=names["language"], title=title, body=body)
    return zipped({name: text.encode() for name, text in entries.items()}, source.moment)


def saved(save: Callable[[io.BytesIO], object], source: Source) -> bytes:
    """What an office writer saves, with the document's date in place of the clock's."""
    stream = io.BytesIO()
    save(stream)
    stamp = f"{source.moment:%Y-%m-%dT%H:%M:%SZ}"
    with zipfile.ZipFile(stream) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    pattern = rb"(<dcterms:modified[^>]*>)[^<]*"
    entries["docProps/core.xml"] = re.sub(pattern, rb"\g<1>" + stamp.encode(), entries["docProps/core.xml"])
    return zipped(entries, source.moment)


def zipped(entries: dict[str, bytes], moment: datetime) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, moment.timetuple()[:6])
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return stream.getvalue()


def pdf_bytes(source: Source) -> bytes:
    import typst

    facts, day = source.facts, source.date
    title, author = literal(facts["title"]), literal(facts["author"])
    moment = f"datetime(year: {day.year}, month: {day.month}, day: {day.day})"
    lines = [
        f"#set document(title: {title}, author: {author}, date: {moment})",
        f'#set text(lang: "{facts["language"]}", size: 10.5pt)',
        '#set page(paper: "a4", margin: 2.4cm, numbering: "1")',
        "#set par(justify: false)\n#show heading: set block(above: 1.4em, below: 0.8em)",
        *(typst_piece(piece) for piece in source.pieces),
    ]
    return typst.compile("\n\n".join(lines).encode(), format="pdf", pdf_standards=["ua-1"])


def typst_piece(piece: Piece) -> str:
    if piece.kind == "table":
        cells = [", ".join(f"[{typst_runs(cell)}]" for cell in row) for row in piece.rows]
        body = ",\n".join(cells[1:])
        return f"#table(columns: {len(piece.rows[0])}, table.header({cells[0]}),\n{body})"
    text = typst_runs(piece.text)
    if piece.kind == "heading":
        return f"#heading(level: {piece.level})[{text}]"
    if piece.kind == "quote":
        return f"#quote(block: true)[{text}]"
    return {"bullet": "- ", "number": "+ "}.get(piece.kind, "") + text


def typst_runs(text: str) -> str:
    return "".join(f"#strong({literal(part)})" if bold else f"#{literal(part)}" for part, bold in runs(text))


def literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


WRITERS: dict[str, Callable[[Source], bytes]] = {
    ".md": markdown_bytes,
    ".txt": txt_bytes,
    ".csv": csv_bytes,
    ".html": html_bytes,
    ".eml": eml_bytes,
    ".docx": docx_bytes,
    ".pptx": pptx_bytes,
    ".xlsx": xlsx_bytes,
    ".odt": odt_bytes,
    ".epub": epub_bytes,
    ".pdf": pdf_bytes,
}

if __name__ == "__main__":
    main()
