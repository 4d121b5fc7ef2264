from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta, timezone

import pikepdf
import pytest

from benchmarks.ingestion.written_files import Story, typeset, typst_table, write_long_pdf
from core.ingestion.readers.portable_document import pdf_date

PAGES = 106
SENTENCE = "La empresa revisa cada procedimiento una vez al año y anota los cambios en el registro. "


@pytest.fixture(scope="module")
def long_pdf() -> bytes:
    return write_long_pdf(PAGES)


def untagged(data: bytes) -> bytes:
    """The same pages without the structure tree."""
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        del document.Root.StructTreeRoot
        del document.Root.MarkInfo
        document.save(buffer)
    return buffer.getvalue()


def blocks_of(reading, kind: str):
    return [block for block in reading.content.blocks if block.kind == kind]


def test_a_long_tagged_pdf_is_read_completely_and_soon(long_pdf, read_one):
    started = time.perf_counter()
    reading = read_one("libro.pdf", long_pdf)
    assert time.perf_counter() - started < 2.0
    stories = [Story(("es", "en", "pt")[number % 3], number) for number in range(1, PAGES + 1)]
    headings = [(heading, story.number) for story in stories for heading in story.headings]
    assert [(block.text, block.page) for block in blocks_of(reading, "heading")] == [
        (f"{heading} {number}", number) for heading, number in headings
    ]
    assert [block.level for block in blocks_of(reading, "heading")] == [1, 2, 2] * PAGES
    assert [block.rows for block in blocks_of(reading, "table")] == [story.rows for story in stories[:-1]]
    paragraphs = [text * 9 for story in stories for _, text in story.sections]
    assert [block.text for block in blocks_of(reading, "paragraph")] == paragraphs


def test_running_headers_and_page_numbers_are_left_out(long_pdf, read_one):
    reading = read_one("libro.pdf", long_pdf)
    lines = {block.text for block in reading.content.blocks}
    assert "Libro" not in lines
    assert not any(line.isdecimal() for line in lines)


def test_what_runs_over_the_page_stays_one_block(read_one):
    rows = (("Código", "Nombre"), *((f"A-{number}", f"Fila {number}") for number in range(90)))
    text = SENTENCE * 60
    source = f"#set page(height: 12cm)\n= Uno\n{text}\n\n{typst_table(rows)}\n\n= Dos\nFin."
    reading = read_one("a.pdf", typeset(source))
    assert [block.kind for block in reading.content.blocks] == [
        "heading",
        "paragraph",
        "table",
        "heading",
        "paragraph",
    ]
    assert reading.content.blocks[1].text == text.strip()
    assert reading.content.blocks[2].rows == rows
    assert reading.content.blocks[3].page > 3


def test_cells_over_several_columns_keep_the_columns_in_line(read_one):
    source = "#table(columns: 3, table.cell(colspan: 2)[ancho], [c], [1], [2], [3])"
    (table,) = read_one("a.pdf", typeset(source)).content.blocks
    assert table.rows == (("ancho", "", "c"), ("1", "2", "3"))


def test_words_divided_at_a_line_end_are_whole(read_one):
    long_words = "responsabilidades internacionalización procedimientos administrativamente " * 20
    page = "#set page(width: 7cm, height: 20cm)\n#set par(justify: true)\n"
    source = f'{page}#set text(lang: "es", hyphenate: true)\n{long_words}'
    for data in (typeset(source), untagged(typeset(source))):
        reading = read_one("a.pdf", data)
        assert " ".join(reading.content.text.split()) == long_words.strip()


def test_nested_lists_keep_their_depth(read_one):
    reading = read_one("a.pdf", typeset("- uno\n- dos\n  - tres\n    - cuatro\n- cinco\n+ seis"))
    assert [(block.text, block.level) for block in blocks_of(reading, "list_item")] == [
        ("uno", 0), ("dos", 0), ("tres", 1), ("cuatro", 2), ("cinco", 0), ("seis", 0),
    ]  # fmt: skip


def test_the_alternative_text_of_a_figure_is_read(read_one):
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"
    )
    source = f'Antes.\n\n#image(bytes("{drawing}"), alt: "Ventas por mes")\n\nDespués.'
    reading = read_one("a.pdf", typeset(source))
    assert "Ventas por mes" in {block.text for block in blocks_of(reading, "caption")}


def test_an_untagged_pdf_gives_headings_by_size_and_joins_lines(read_one):
    source = "#set page(header: [Confidencial], footer: context counter(page).display())\n" + "".join(
        f"= Capítulo {number}\n{SENTENCE * 8}\n\n== Parte {number}\n{SENTENCE * 30}\n#pagebreak()\n"
        for number in range(6)
    )
    reading = read_one("a.pdf", untagged(typeset(source)))
    assert [(block.text, block.level, block.page) for block in blocks_of(reading, "heading")] == [
        (f"{name} {number}", level, number + 1)
        for number in range(6)
        for level, name in ((1, "Capítulo"), (2, "Parte"))
    ]
    assert [block.text for block in blocks_of(reading, "paragraph")] == [
        (SENTENCE * times).strip() for _ in range(6) for times in (8, 30)
    ]


def test_headings_of_other_programs_are_told_by_the_size_that_shows(read_one):
    lines = [
        (20, 760, "Ventas"),
        (10, 730, "Primera frase que sigue en"),
        (10, 718, "la segunda linea."),
        (20, 690, "Gastos"),
    ]
    text = "\n".join(f"{size} 0 0 {size} 72 {height} Tm ({line}) Tj" for size, height, line in lines)
    document, buffer = pikepdf.new(), io.BytesIO()
    page = document.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = document.make_stream(f"BT /F1 1 Tf {text} ET".encode())
    document.save(buffer)
    assert [(block.kind, block.text) for block in read_one("a.pdf", buffer.getvalue()).content.blocks] == [
        ("heading", "Ventas"),
        ("paragraph", "Primera frase que sigue en la segunda linea."),
        ("heading", "Gastos"),
    ]


def test_types_of_a_house_are_understood_through_the_role_map(read_one):
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(typeset("= Uno\nTexto."))) as document:
        document.Root.StructTreeRoot.RoleMap = pikepdf.Dictionary(Encabezado=pikepdf.Name.H1)
        headings = [
            part
            for part in document.objects
            if isinstance(part, pikepdf.Dictionary) and part.get("/S") == "/H1"
        ]
        for heading in headings:
            heading.S = pikepdf.Name.Encabezado
        document.save(buffer)
    assert headings
    assert [block.kind for block in read_one("a.pdf", buffer.getvalue()).content.blocks] == [
        "heading",
        "paragraph",
    ]


def test_tags_that_leave_the_text_out_are_not_trusted(read_one):
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(typeset(f"= Uno\n{SENTENCE * 5}"))) as document:
        document.Root.StructTreeRoot.K = pikepdf.Array()
        document.save(buffer)
    assert SENTENCE.strip() in read_one("a.pdf", buffer.getvalue()).content.text


def test_a_pdf_that_is_cut_off_is_read_with_a_warning_or_refused(long_pdf, read):
    outcome = read("a.pdf", long_pdf[: len(long_pdf) // 2])
    if outcome.readings:
        assert "does not end as it should" in outcome.readings[0].warnings[0]
    else:
        assert outcome.problems[0].code in ("damaged_file", "no_text_layer")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("D:20240131120000+01'00'", datetime(2024, 1, 31, 12, tzinfo=timezone(timedelta(hours=1)))),
        ("D:20240131", datetime(2024, 1, 31, tzinfo=UTC)),
        ("D:20241331", None),
        ("yesterday", None),
    ],
)
def test_dates_are_understood_as_pdf_writes_them(text, moment):
    assert pdf_date(text) == moment
