"""Writes small documents of every format that is read, from stories whose headings and tables are known."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

SECTIONS = {
    "es": (
        ("Vacaciones", "Cada empleado pide sus vacaciones por escrito con un mes de antelación."),
        ("Gastos de viaje", "La empresa paga los gastos de viaje cuando hay un recibo y una razón clara."),
        ("Información de clientes", "Los datos de los clientes se guardan cinco años y después se borran."),
    ),
    "en": (
        (
            "Annual leave",
            "Staff ask for leave in writing and a month ahead, and the team lead answers in a week.",
        ),
        ("Travel expenses", "The company pays for travel when there is a receipt and a clear reason for it."),
        (
            "Customer records",
            "Records of customers are kept for five years, and after that they are deleted.",
        ),
    ),
    "pt": (
        ("Férias", "Os funcionários pedem as férias por escrito com um mês de antecedência ao chefe."),
        ("Despesas de viagem", "A empresa paga as despesas de viagem quando há recibo e uma razão clara."),
        ("Informações de clientes", "Os dados dos clientes são guardados por cinco anos e depois apagados."),
    ),
}
TITLES = {"es": "Manual de procedimientos", "en": "Handbook of procedures", "pt": "Manual de procedimentos"}
HEADER = ("Código", "Nombre", "Importe")


@dataclass(frozen=True)
class Story:
    """What a written file says: a title, headings with one paragraph each, and one table."""

    language: str
    number: int

    @property
    def title(self) -> str:
        return f"{TITLES[self.language]} {self.number}"

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(heading for heading, _ in SECTIONS[self.language])

    @property
    def sections(self) -> tuple[tuple[str, str], ...]:
        return tuple((heading, f"{text} ({self.number})") for heading, text in SECTIONS[self.language])

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        return (HEADER, *((f"A-{row}", f"Artículo {row}", str(self.number + row)) for row in range(1, 5)))

    @property
    def text(self) -> str:
        return "\n\n".join(f"{heading}\n\n{text}" for heading, text in self.sections)


def write_docx(story: Story) -> bytes:
    import docx

    document = docx.Document()
    document.core_properties.title = story.title
    document.core_properties.author = "Ana Ruiz"
    for heading, text in story.sections:
        document.add_heading(heading, level=1)
        document.add_paragraph(text)
    table = document.add_table(rows=0, cols=len(HEADER))
    for row in story.rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = value
    return _saved(document.save)


def write_pptx(story: Story) -> bytes:
    import pptx
    from pptx.util import Inches

    deck = pptx.Presentation()
    deck.core_properties.title = story.title
    for heading, text in story.sections:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = heading
        slide.placeholders[1].text = text
        slide.notes_slide.notes_text_frame.text = f"Nota: {heading}"
    last = deck.slides.add_slide(deck.slide_layouts[6])
    size = (Inches(1), Inches(1), Inches(6), Inches(3))
    table = last.shapes.add_table(len(story.rows), len(HEADER), *size).table
    for row_number, row in enumerate(story.rows):
        for column, value in enumerate(row):
            table.cell(row_number, column).text = value
    return _saved(deck.save)


def write_xlsx(story: Story) -> bytes:
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.properties.title = story.title
    workbook.remove(workbook.worksheets[0])
    for heading, text in story.sections:
        sheet = workbook.create_sheet(heading)
        sheet.append([text])
        for row in story.rows:
            sheet.append([*row[:2], int(row[2]) if row[2].isdecimal() else row[2]])
    return _saved(workbook.save)


def write_odt(story: Story) -> bytes:
    from odf import dc
    from odf.opendocument import OpenDocumentText
    from odf.table import Table, TableCell, TableRow
    from odf.text import H, P

    document = OpenDocumentText()
    document.meta.addElement(dc.Title(text=story.title))
    for heading, text in story.sections:
        document.text.addElement(H(outlinelevel=1, text=heading))
        document.text.addElement(P(text=text))
    table = Table()
    for row in story.rows:
        line = TableRow()
        for value in row:
            cell = TableCell()
            cell.addElement(P(text=value))
            line.addElement(cell)
        table.addElement(line)
    document.text.addElement(table)
    return _saved(document.save)


def write_pdf(story: Story) -> bytes:
    return typeset(
        f'#set document(title: "{story.title}", author: "Ana Ruiz")\n'
        f'#set text(lang: "{story.language}")\n'
        "#set page(header: [Confidencial], footer: context counter(page).display())\n"
        + "\n\n".join(f"= {heading}\n{text}" for heading, text in story.sections)
        + "\n\n"
        + typst_table(story.rows)
    )


def write_epub(story: Story) -> bytes:
    chapters = [f"<h1>{heading}</h1><p>{text}</p>" for heading, text in story.sections]
    chapters[-1] += _html_table(story.rows)
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{story.title}</dc:title>'
        f"<dc:language>{story.language}</dc:language></metadata><manifest>"
        + "".join(
            f'<item id="c{number}" href="c{number}.xhtml" media-type="application/xhtml+xml"/>'
            for number in range(len(chapters))
        )
        + "</manifest><spine>"
        + "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
        + "</spine></package>"
    )
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        "OEBPS/book.opf": book,
    }
    for number, chapter in enumerate(chapters):
        members[f"OEBPS/c{number}.xhtml"] = (
            '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>'
            f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{chapter}</body></html>'
        )
    return zipped(members)


def write_html(story: Story) -> bytes:
    body = "".join(f"<h1>{heading}</h1><p>{text}</p>" for heading, text in story.sections)
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{story.title}</title>'
        f"<style>p {{ color: red }}</style></head><body><script>alert(1)</script>{body}"
        f"{_html_table(story.rows)}</body></html>"
    ).encode()


def write_md(story: Story) -> bytes:
    body = "\n\n".join(f"# {heading}\n\n{text}" for heading, text in story.sections)
    head, *rows = ("| " + " | ".join(row) + " |" for row in story.rows)
    table = "\n".join([head, "|---" * len(HEADER) + "|", *rows])
    return f"---\ntitle: {story.title}\n---\n\n{body}\n\n{table}\n".encode()


def write_txt(story: Story) -> bytes:
    return story.text.encode()


def write_csv(story: Story) -> bytes:
    return _delimited(story, ";")


def write_tsv(story: Story) -> bytes:
    return _delimited(story, "\t")


def write_json(story: Story) -> bytes:
    outline: dict[str, object] = {"title": story.title}
    outline |= {heading: {"regla": text} for heading, text in story.sections}
    outline["tabla"] = [dict(zip(HEADER, row, strict=True)) for row in story.rows[1:]]
    return json.dumps(outline, ensure_ascii=False).encode()


def write_jsonl(story: Story) -> bytes:
    records = (
        {"id": f"{story.number}-{number}", "title": heading, "text": text}
        for number, (heading, text) in enumerate(story.sections, start=1)
    )
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()


def write_eml(story: Story) -> bytes:
    message = EmailMessage()
    message["Subject"] = story.title
    message["From"] = "Ana Ruiz <ana@example.org>"
    message["To"] = "equipo@example.org"
    message["Date"] = "Mon, 03 Jun 2024 10:00:00 +0200"
    message.set_content(story.text)
    message.add_attachment(write_csv(story), maintype="text", subtype="csv", filename="importes.csv")
    return message.as_bytes()


def write_zip(story: Story) -> bytes:
    return zipped({"carpeta/a.md": write_md(story), "b.txt": write_txt(story)})


def write_gzip(story: Story) -> bytes:
    return gzip.compress(write_jsonl(story))


WRITERS: dict[str, Callable[[Story], bytes]] = {
    "pdf": write_pdf,
    "docx": write_docx,
    "pptx": write_pptx,
    "xlsx": write_xlsx,
    "odt": write_odt,
    "epub": write_epub,
    "html": write_html,
    "md": write_md,
    "txt": write_txt,
    "csv": write_csv,
    "tsv": write_tsv,
    "json": write_json,
    "jsonl": write_jsonl,
    "eml": write_eml,
}
ARCHIVE_WRITERS: dict[str, Callable[[Story], bytes]] = {"zip": write_zip, "jsonl.gz": write_gzip}


def write_long_pdf(num_pages: int = 106) -> bytes:
    """Tagged, with known truth: on each page three headings (levels 1, 2, 2); on all but the last a table."""
    pages = []
    for number in range(1, num_pages + 1):
        story = Story(("es", "en", "pt")[number % 3], number)
        (first, text), (second, more), (third, rest) = story.sections
        page = f"= {first} {number}\n{text * 9}\n\n== {second} {number}\n{more * 9}\n\n"
        page += f"== {third} {number}\n{rest * 9}"
        pages.append(page if number == num_pages else f"{page}\n\n{typst_table(story.rows)}")
    head = (
        '#set document(title: "Libro")\n#set page(header: [Libro], footer: context counter(page).display())\n'
    )
    return typeset(head + "\n\n#pagebreak()\n\n".join(pages))


def typeset(source: str) -> bytes:
    """A tagged PDF: typst writes a structure tree unless it is told not to."""
    import typst

    compiled = typst.compile(source.encode(), format="pdf")
    assert isinstance(compiled, bytes)
    return compiled


def typst_table(rows: tuple[tuple[str, ...], ...]) -> str:
    head, *body = (", ".join(f"[{cell}]" for cell in row) for row in rows)
    return f"#table(columns: {len(rows[0])}, table.header({head}), {', '.join(body)})"


def zipped(members: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _delimited(story: Story, delimiter: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(story.rows)
    return buffer.getvalue().encode()


def _html_table(rows: tuple[tuple[str, ...], ...]) -> str:
    lines = ("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{''.join(lines)}</table>"


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()
