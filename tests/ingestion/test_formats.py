"""What single formats promise beyond the contract of all readers."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime
from email.message import EmailMessage
from hashlib import sha256

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from odf.opendocument import OpenDocumentText
from odf.style import Style, TextProperties
from odf.text import (
    A,
    H,
    LineBreak,
    List,
    ListItem,
    ListLevelStyleNumber,
    ListStyle,
    Note,
    NoteBody,
    NoteCitation,
    P,
    S,
    Span,
    Tab,
)
from pptx.util import Inches

from benchmarks.ingestion.written_files import WRITERS, Story, zipped
from core.content import Block, Picture
from tests.exports.manuscripts import picture_bytes

STORY = Story("es", 1)
PNG = picture_bytes(90, 60)


def saved(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def shown(reading) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in reading.content.blocks]


# Word


def test_word_headings_lists_quotes_and_captions_are_told_by_style(read_one):
    document = docx.Document()
    document.add_heading("Título", 0)
    document.add_heading("Uno", 1)
    document.add_heading("Dos", 2)
    for style in ("List Bullet", "List Number 2", "Quote", "Caption", "Normal"):
        document.add_paragraph(style, style=style)
    assert shown(read_one("a.docx", saved(document))) == [
        ("heading", 1, "Título"),
        ("heading", 1, "Uno"),
        ("heading", 2, "Dos"),
        ("list_item", 0, "List Bullet"),
        ("list_item", 1, "List Number 2"),
        ("quote", 0, "Quote"),
        ("caption", 0, "Caption"),
        ("paragraph", 0, "Normal"),
    ]


def test_word_styles_of_users_are_headings_through_the_style_they_are_based_on(read_one):
    document = docx.Document()
    style = document.styles.add_style("Capítulo de la casa", 1)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("Uno", style=style)
    assert shown(read_one("a.docx", saved(document))) == [("heading", 2, "Uno")]


def test_word_tables_keep_merged_and_nested_cells_in_place(read_one):
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"{row}{column}"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "ancho"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "alto"
    table.cell(2, 0).add_table(rows=1, cols=1).cell(0, 0).text = "dentro"
    (block,) = read_one("a.docx", saved(document)).content.blocks
    assert block.rows == (("ancho", "", "02"), ("10", "11", "alto"), ("20 dentro", "21", ""))


def test_word_deletions_are_left_out_and_insertions_kept(read_one):
    document = docx.Document()
    paragraph = document.add_paragraph("Se pide ")
    for tag, text_tag, text in (("w:del", "w:delText", "nunca"), ("w:ins", "w:t", "siempre")):
        change, run, element = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        element.text = text
        run.append(element)
        change.append(run)
        paragraph._p.append(change)
    assert read_one("a.docx", saved(document)).content.text == "Se pide siempre"


def test_word_marks_links_and_pictures_of_other_programs_are_read(read_one):
    document = docx.Document()
    paragraph = document.add_paragraph("Uno ")
    paragraph.add_run("dos").bold = True
    paragraph.add_run(" tres").italic = True
    off = paragraph.add_run(" cuatro", style="Strong")
    off.bold = False
    for kind, text in (("begin", ""), ("", ' HYPERLINK "https://example.com/a" '), ("separate", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        paragraph.add_run()._r.append(element)
    paragraph.add_run(" aquí")
    end = OxmlElement("w:fldChar")
    end.set(qn("w:fldCharType"), "end")
    paragraph.add_run(" y fin")._r.insert(0, end)
    picture = io.BytesIO(PNG)
    document.add_picture(picture)
    document.inline_shapes[0]._inline.docPr.set("descr", "Un punto")
    text, shown = read_one("a.docx", saved(document)).content.blocks
    assert text.text == "Uno dos tres cuatro aquí y fin"
    assert [(mark.kind, text.text[mark.start : mark.end], mark.target) for mark in text.marks] == [
        ("strong", "dos", ""),
        ("emphasis", " tres", ""),
        ("link", " aquí", "https://example.com/a"),
    ]
    assert shown.picture == Picture(sha256(PNG).hexdigest(), "image/png", 90, 60, "Un punto")


def test_word_lists_count_where_their_numbering_counts(read_one):
    document = docx.Document()
    for style in ("List Bullet", "List Number"):
        document.add_paragraph(style, style=style)
    blocks = read_one("a.docx", saved(document)).content.blocks
    assert [block.is_ordered for block in blocks] == [False, True]


def test_word_facts_come_from_the_properties(read_one):
    document = docx.Document()
    document.core_properties.title = "Manual"
    document.core_properties.author = "Ana Ruiz"
    document.core_properties.modified = datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001
    document.add_paragraph("Texto.")
    reading = read_one("a.docx", saved(document))
    assert (reading.title, reading.author) == ("Manual", "Ana Ruiz")
    assert reading.modified == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


# Slides


def test_slides_give_the_title_first_and_the_notes_last(read_one):
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1))
    box.text_frame.text = "Un cuadro"
    slide.shapes.title.text = "Título"
    slide.notes_slide.notes_text_frame.text = "Una nota"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "Lista"
    frame = second.placeholders[1].text_frame
    frame.text = "uno"
    frame.add_paragraph().text = "dos"
    frame.paragraphs[1].level = 1
    reading = read_one("a.pptx", saved(deck))
    assert [(block.kind, block.level, block.page, block.text) for block in reading.content.blocks] == [
        ("heading", 1, 1, "Título"),
        ("paragraph", 0, 1, "Un cuadro"),
        ("paragraph", 0, 1, "Una nota"),
        ("heading", 1, 2, "Lista"),
        ("list_item", 0, 2, "uno"),
        ("list_item", 1, 2, "dos"),
    ]
    assert reading.title == "Título"  # not the program's "PowerPoint Presentation"


def test_shapes_in_groups_are_read(read_one):
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "agrupado"
    assert read_one("a.pptx", saved(deck)).content.text == "agrupado"


# Workbooks


def test_cells_are_shown_as_people_see_them(read_one):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Datos"
    sheet.append(["día", "hora", "parte", "número", "cierto", "fórmula", None, "última"])
    sheet.append([date(2024, 5, 6), datetime(2024, 5, 6, 7, 8), 0.25, 0.1 + 0.2, True, "=A1+1", None, 12])  # noqa: DTZ001
    sheet["C2"].number_format = "0%"
    workbook.create_sheet("Vacía")
    workbook.create_sheet("Otra")["C3"] = "lejos"
    reading = read_one("a.xlsx", saved(workbook))
    assert [(block.kind, block.page) for block in reading.content.blocks] == [
        ("heading", 1), ("table", 1), ("heading", 3), ("table", 3),
    ]  # fmt: skip
    assert reading.content.blocks[1].rows[1] == (
        "2024-05-06", "2024-05-06 07:08:00", "25%", "0.3", "TRUE", "=A1+1", "", "12",
    )  # fmt: skip
    assert reading.content.blocks[3].rows == (("lejos",),)


# OpenDocument


def test_opendocument_marks_links_and_lists_of_other_programs_are_read(read_one):
    document = OpenDocumentText()
    bold = Style(name="T1", family="text")
    bold.addElement(TextProperties(fontweight="bold"))
    counted = ListStyle(name="L1")
    counted.addElement(ListLevelStyleNumber(level=1, numformat="1"))
    document.automaticstyles.addElement(bold)
    document.automaticstyles.addElement(counted)
    paragraph = P(text="Uno ")
    paragraph.addElement(Span(stylename=bold, text="dos"))
    paragraph.addElement(A(href="https://example.com/a", text=" aquí"))
    paragraph.addElement(A(href="../otro.odt", text=" no"))
    document.text.addElement(paragraph)
    for style in (counted, None):
        item = ListItem()
        item.addElement(P(text="punto"))
        items = List(stylename=style) if style else List()
        items.addElement(item)
        document.text.addElement(items)
    text, first, second = read_one("a.odt", saved(document)).content.blocks
    assert [(mark.kind, text.text[mark.start : mark.end], mark.target) for mark in text.marks] == [
        ("strong", "dos", ""),
        ("link", " aquí", "https://example.com/a"),
    ]
    assert (first.is_ordered, second.is_ordered) == (True, False)


def test_opendocument_lists_notes_and_spaces(read_one):
    document = OpenDocumentText()
    document.text.addElement(H(outlinelevel=2, text="Uno"))
    paragraph = P(text="Antes")
    note = Note(noteclass="footnote")
    note.addElement(NoteCitation(text="1"))
    body = NoteBody()
    body.addElement(P(text="Al pie."))
    note.addElement(body)
    paragraph.addElement(note)
    paragraph.addElement(S(c=2))
    paragraph.addElement(Span(text="después"))
    paragraph.addElement(Tab())
    paragraph.addElement(Span(text="y"))
    paragraph.addElement(LineBreak())
    paragraph.addElement(Span(text="abajo"))
    document.text.addElement(paragraph)
    outer, inner = List(), List()
    for target, text in ((outer, "uno"), (inner, "dos")):
        item = ListItem()
        item.addElement(P(text=text))
        target.addElement(item)
    outer.childNodes[0].addElement(inner)
    document.text.addElement(outer)
    assert shown(read_one("a.odt", saved(document))) == [
        ("heading", 2, "Uno"),
        ("paragraph", 0, "Antes  después\ty\nabajo"),
        ("footnote", 0, "Al pie."),
        ("list_item", 0, "uno"),
        ("list_item", 1, "dos"),
    ]


# Web pages and Markdown


def test_a_web_page_keeps_structure_and_drops_what_is_for_the_browser(read_one):
    page = """<!doctype html><title> Mi
      página </title><meta name=author content="Ana">
    <meta property="article:modified_time" content="2024-05-06T07:08:09Z">
    <nav>Inicio</nav><script>x()</script><style>p{}</style><noscript>no</noscript>
    <h2>Uno <b>dos</b></h2>suelto<p>línea<br>otra&nbsp;más &amp; fin</p>
    <ul><li>a<ul><li>b</li></ul></li><li>c</ul><blockquote><p>cita</p></blockquote>
    <pre>x = 1
      y</pre><table><caption>Tabla</caption><tr><th colspan=2>ancho<tr><td>1<td>2</table>
    <table role=presentation><tr><td><p>celda</p></table><figure><figcaption>pie</figcaption></figure>"""
    reading = read_one("a.html", page.encode())
    assert shown(reading) == [
        ("paragraph", 0, "Inicio"),
        ("heading", 2, "Uno dos"),
        ("paragraph", 0, "suelto"),
        ("paragraph", 0, "línea\notra\u00a0más & fin"),
        ("list_item", 0, "a"),
        ("list_item", 1, "b"),
        ("list_item", 0, "c"),
        ("quote", 0, "cita"),
        ("code", 0, "x = 1\n      y"),
        ("caption", 0, "Tabla"),
        ("table", 0, "ancho\t\n1\t2"),
        ("paragraph", 0, "celda"),
        ("caption", 0, "pie"),
    ]
    assert (reading.title, reading.author) == ("Mi página", "Ana")
    assert reading.modified == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_a_web_page_in_the_code_page_that_it_declares(read_one):
    page = '<meta charset="iso-8859-1"><p>Política de año</p>'.encode("latin-1")
    assert read_one("a.html", page).content.text == "Política de año"


def test_markdown_is_read_with_its_front_matter(read_one):
    text = """---
title: "Política de viajes"
author: Ana Ruiz
date: 2024-05-06
---
# Uno

Un *párrafo* con [enlace](http://x) y `código`.

1. a
   - b

> cita

```python
x = 1
```

<script>no</script><p>html</p>

| A | B |
|---|---|
| 1 | 2 |
"""
    reading = read_one("a.md", text.encode())
    assert shown(reading) == [
        ("heading", 1, "Uno"),
        ("paragraph", 0, "Un párrafo con enlace y código."),
        ("list_item", 0, "a"),
        ("list_item", 1, "b"),
        ("quote", 0, "cita"),
        ("code", 0, "x = 1"),
        ("paragraph", 0, "html"),
        ("table", 0, "A\tB\n1\t2"),
    ]
    assert (reading.title, reading.author) == ("Política de viajes", "Ana Ruiz")
    assert reading.modified == datetime(2024, 5, 6, tzinfo=UTC)


# E-books


def test_chapters_come_in_the_order_of_the_spine_without_the_contents(read_one):
    data = WRITERS["epub"](STORY)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    book = members["OEBPS/book.opf"].decode()
    book = book.replace(
        '<itemref idref="c0"/><itemref idref="c1"/>', '<itemref idref="c1"/><itemref idref="c0"/>'
    )
    book = book.replace('<item id="c2"', '<item properties="nav" id="c2"')
    headings = [
        block.text for block in read_one("a.epub", zipped({**members, "OEBPS/book.opf": book})).content.blocks
    ]
    assert headings[::2] == ["Gastos de viaje", "Vacaciones"]


# Tables, records


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter, read_one):
    rows = (("Código", "Precio, neto; total"), ("A-1", '1,5 "más"'), ("A-2", "2,5\ndos"))
    lines = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    assert read_one("a.csv", "\n".join(lines).encode()).content.blocks[0].rows == rows


def test_each_record_is_a_document_and_each_bad_line_a_problem(read):
    lines = [
        json.dumps(
            {
                "id": "a/../b",
                "title": "Uno",
                "author": "Ana",
                "date": "2024-05-06",
                "text": "Primero.\n\nSegundo.",
            }
        ),
        "{broken",
        json.dumps({"title": "nothing to read"}),
        "",
        json.dumps({"body": "Sin título."}),
    ]
    outcome = read("a.jsonl", "\n".join(lines).encode())
    first, last = outcome.readings
    assert (first.name, first.title, first.author) == ("a.jsonl#a/b", "Uno", "Ana")
    assert first.modified == datetime(2024, 5, 6, tzinfo=UTC)
    assert [block.text for block in first.content.blocks] == ["Primero.", "Segundo."]
    assert first.num_bytes == len(lines[0])
    assert (last.name, last.title) == ("a.jsonl#5", "5")
    assert [(problem.name, problem.code) for problem in outcome.problems] == [
        ("a.jsonl#2", "bad_record"),
        ("a.jsonl#3", "record_without_text"),
    ]


def test_many_bad_records_are_summed_up(read):
    outcome = read("a.jsonl", b"{broken\n" * 1000)
    assert len(outcome.problems) == 101
    assert outcome.problems[-1].message == "Another 900 records could not be read."


def test_a_list_of_records_is_as_many_documents(read):
    outcome = read("a.json", json.dumps([{"id": 1, "text": "Uno."}, {"id": 2, "text": "Dos."}]).encode())
    assert [reading.name for reading in outcome.readings] == ["a.json#1", "a.json#2"]


def test_other_json_is_shown_as_an_outline(read_one):
    value = {"a": 1, "b": {"c": [1, "dos"], "d": None}, "e": [{"x": 1, "y": True}, {"x": 2}]}
    assert shown(read_one("a.json", json.dumps(value).encode())) == [
        ("paragraph", 0, "a: 1"),
        ("heading", 1, "b"),
        ("heading", 2, "c"),
        ("list_item", 0, "1"),
        ("list_item", 0, "dos"),
        ("paragraph", 0, "d: "),
        ("heading", 1, "e"),
        ("table", 0, "x\ty\n1\ttrue\n2\t"),
    ]


# Mail


def test_a_mail_gives_its_text_and_each_attachment(read):
    inner = EmailMessage()
    inner["Subject"] = "Reenviado"
    inner.set_content("Texto de dentro.")
    mail = EmailMessage()
    mail["Subject"] = "Política de año"
    mail["From"] = "Ana Ruiz <ana@example.org>"
    mail["Date"] = "Mon, 06 May 2024 09:08:09 +0200"
    mail.set_content("Hola.\n\n> cita\n> más\n")
    mail.add_alternative("<p>Hola.</p>", subtype="html")
    mail.add_attachment(
        WRITERS["docx"](STORY), maintype="application", subtype="octet-stream", filename="../a.docx"
    )
    mail.add_attachment(inner)
    mail.add_attachment(b"\x89PNG\r\n\x1a\n\x00", maintype="image", subtype="png", filename="foto.png")
    mail.add_attachment(
        b"\x89PNG\r\n\x1a\n\x00", maintype="image", subtype="png", cid="<x>", disposition="inline"
    )
    outcome = read("m.eml", mail.as_bytes())
    assert [(reading.name, reading.format) for reading in outcome.readings] == [
        ("m.eml", "eml"),
        ("m.eml/a.docx", "docx"),
        ("m.eml/message-2.eml", "eml"),
    ]
    assert shown(outcome.readings[0]) == [
        ("heading", 1, "Política de año"),
        ("paragraph", 0, "Hola."),
        ("quote", 0, "cita\nmás"),
    ]
    assert outcome.readings[0].modified == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert [(problem.name, problem.code) for problem in outcome.problems] == [
        ("m.eml/foto.png", "unsupported_format")
    ]


def test_mails_in_mails_are_opened_to_the_depth_that_is_allowed(read):
    mail = EmailMessage()
    mail["Subject"] = "0"
    mail.set_content("Fondo.")
    for number in range(1, 40):
        outer = EmailMessage()
        outer["Subject"] = str(number)
        outer.set_content("Texto.")
        outer.add_attachment(mail)
        mail = outer
    outcome = read("m.eml", mail.as_bytes())
    assert [reading.title for reading in outcome.readings] == ["39", "38", "37"]
    assert [problem.code for problem in outcome.problems] == ["archive_too_deep"]


def test_a_mail_of_html_alone_is_read(read_one):
    mail = EmailMessage()
    mail["Subject"] = "Uno"
    mail.set_content("<h2>Dos</h2><p>Texto.</p>", subtype="html")
    assert shown(read_one("m.eml", mail.as_bytes())) == [
        ("heading", 1, "Uno"), ("heading", 2, "Dos"), ("paragraph", 0, "Texto."),
    ]  # fmt: skip


# Text


def test_paragraphs_are_what_blank_lines_divide(read_one):
    reading = read_one("a.txt", b"uno\r\ndos\r\n\r\n  tres  \n \n\ncuatro\x0ccinco")
    assert reading.content.blocks == tuple(
        Block("paragraph", text) for text in ("uno\ndos", "tres", "cuatro", "cinco")
    )


def test_underlined_lines_are_headings_and_dashed_ones_lists(read_one):
    reading = read_one("a.txt", b"Uno\n===\n\nDos\n---\ntexto\nmas\n\n- a\n  sigue\n- b\n\n---\n\nfin - no")
    assert shown(reading) == [
        ("heading", 1, "Uno"),
        ("heading", 2, "Dos"),
        ("paragraph", 0, "texto\nmas"),
        ("list_item", 0, "a\nsigue"),
        ("list_item", 0, "b"),
        ("paragraph", 0, "---"),
        ("paragraph", 0, "fin - no"),
    ]
    assert reading.title == "Uno"


def test_what_does_not_belong_in_text_is_taken_out(read_one):
    reading = read_one("a.txt", "in\u00adformacio\u0301n\ufeff \x01fin".encode())
    assert reading.content.text == "información fin"
