"""What a template and a draft become."""

from __future__ import annotations

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.draft import Draft, DraftBlock, Gap
from core.documents.word_templates import starter_template
from core.documents.word_templates.passages import plain_text
from tests.documents.word_templates.builders import (
    EVERY_KIND,
    draft,
    filled,
    lines,
    opened,
    own,
    parts_of,
    replaced,
    row,
    saved,
    styled,
    template,
)


def test_every_kind_of_block_comes_in_the_styles_of_the_template() -> None:
    data = filled(template("{{ body }}", "{{ sources }}")).data
    assert styled(data) == [
        ("Heading 1", "Trains"),
        ("Heading 2", "Before the trip"),
        ("Normal", "Book ten days before. [1] Keep receipts. [2] [1]"),
        ("List Bullet", "first item"),
        ("List Bullet 2", "inner item"),
        ("Normal", ""),
        ("Quote", "Second class only."),
        ("macro", "if late:\n\tcall()"),
        ("Caption", "Table 1: limits"),
        ("Normal", "Owner: Marta Ruiz [1] Nobody says so. [?]"),
        ("Normal", "[1] Travel policy (policy.md)"),
        ("Normal", "[2] Handbook (handbook.pdf)"),
    ]
    [table] = opened(data).tables
    assert [[cell.text for cell in line.cells] for line in table.rows] == [
        ["City", "Limit"],
        ["Lima", "120"],
        ["alone", ""],
    ]
    assert table.style is not None
    assert table.style.name == "Table Grid"


def test_plain_paragraphs_take_the_style_of_the_one_they_replace() -> None:
    document = Document()
    document.styles.add_style("House text", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("{{ body }}", style="House text")
    kinds = {text: style for style, text in styled(filled(saved(document)).data)}
    assert kinds["Book ten days before. Keep receipts."] == "House text"
    assert kinds["Trains"] == "Heading 1"


def test_a_template_without_styles_still_tells_headings_lists_and_tables_apart() -> None:
    bare = template("{{ body }}")
    for name in (
        b"heading 1",
        b"List Bullet",
        b"Table Grid",
        b"macro",
        b"caption",
        b"Quote",
        b"Intense Quote",
    ):
        bare = replaced(bare, "word/styles.xml", b'<w:name w:val="%s"/>' % name, b'<w:name w:val="gone"/>')
    document = opened(filled(bare).data)
    texts = {each.text: each for each in document.paragraphs}
    assert texts["Trains"].runs[0].bold
    assert "•\u00a0first item" in texts
    assert texts["Second class only."].runs[0].italic
    assert "tblBorders" in document.tables[0]._tbl.xml


def test_numbers_of_sources_stand_only_where_the_sources_are_listed() -> None:
    assert "Book ten days before. Keep receipts." in lines(filled(template("{{ body }}")).data)


def test_what_no_source_says_is_marked_whatever_the_template_asks_for() -> None:
    [paragraph] = [p for p in opened(filled(template("{{ body }}")).data).paragraphs if "Nobody" in p.text]
    assert paragraph.text.endswith("Nobody says so. [?]")
    assert [run.text for run in paragraph.runs if run.font.highlight_color] == ["Nobody says so."]


def test_single_names_sections_and_facts_are_found() -> None:
    said = lines(
        filled(
            template(
                "{{ title }} / {{ language }} / {{ date }} / {{ author }}",
                "{{ company.name }} / {{ company.industry }}",
                "{{ facts.owner }}",
                "{% for section in sections %}{{ section.title }}: {{ section.text }}{% endfor %}",
                "{{ sections.trains.title }}",
                "{% for source in sources %}{{ source.number }}={{ source.title }};{% endfor %}",
                "{% for gap in gaps %}{{ gap }}{% endfor %}",
                "In short: {{ summary }} That is all.",
            )
        ).data
    )
    assert said[0] == "Rules for trips / English / November 23, 2026 / Ana"
    assert said[1:3] == ["Acme / Logistics", "Marta Ruiz"]
    assert said[3].startswith("Trains: Before the trip\nBook ten days before. [1] Keep receipts. [2] [1]")
    assert "City\tLimit\nLima\t120" in said[3]
    assert said[4:] == [
        "Trains",
        "1=Travel policy;2=Handbook;",
        "Who pays for taxis?",
        "In short: Trains first. That is all.",
    ]


def test_a_section_stands_by_its_key_with_its_blocks() -> None:
    data = filled(template("Before", "{{ sections.trains }}", "{{p sections.trains.body }}", "After")).data
    kinds = styled(data)
    assert kinds[0] == ("Normal", "Before")
    assert kinds.count(("Heading 2", "Before the trip")) == 2
    assert kinds[-1] == ("Normal", "After")
    assert len(opened(data).tables) == 2


def test_own_names_take_texts_lines_and_a_yes_or_no() -> None:
    file = template(
        "{{ client.name }} of {{ client }}",
        "{%p for step in steps %}",
        "{{ loop.index }}. {{ step }}",
        "{%p endfor %}",
        "{% if is_secret %}Secret{% else %}Open{% endif %}",
    )
    values = {"client.name": "Eva", "client": "Hanover", "steps": ("ask", "wait"), "is_secret": True}
    result = filled(file, EVERY_KIND, **values)
    assert lines(result.data) == ["Eva of Hanover", "1. ask", "2. wait", "Secret"]
    assert result.missing == ()


def test_a_name_without_a_value_stands_marked_and_is_told() -> None:
    file = template(
        "Dear {{ client.name }},",
        "{{ facts.budget }} {{ sections.space }}",
        "{% for s in steps %}{{ s }}{% endfor %}",
    )
    result = filled(file)
    assert lines(result.data) == ["Dear ⟦client.name⟧,", "⟦facts.budget⟧ ⟦sections.space⟧", "⟦steps⟧"]
    assert result.missing == ("client.name", "facts.budget", "sections.space", "steps")
    assert (
        filled(template("{{ client|default('whom it concerns') }} {% if other %}x{% endif %}")).missing == ()
    )


def test_a_name_below_one_that_is_given_is_told_in_full() -> None:
    result = filled(template("{{ client }} {{ client.city }} {{ client.site.gate }}"), client="Hanover")
    assert lines(result.data) == ["Hanover ⟦client.city⟧ ⟦client.site.gate⟧"]
    assert result.missing == ("client.city", "client.site.gate")


def test_tags_alone_in_their_paragraphs_leave_no_empty_lines() -> None:
    file = template(
        "{% for step in steps %}",
        "{% if step == 'ask' %}",
        "first {{ step }}",
        "{% else %}",
        "then {{ step }}",
        "{% endif %}",
        "{% endfor %}",
        "{% if is_secret %}",
        "Secret {% else %}Open{% endif %} to all",
    )
    result = filled(file, steps=("ask", "wait"))
    assert lines(result.data) == ["first ask", "then wait", "Open to all"]


def test_headers_footers_cells_and_properties_are_filled() -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ company.name }}"
    document.sections[0].footer.paragraphs[0].text = "{{ date }}"
    document.core_properties.title = "{{ title }}"
    document.add_table(1, 2).rows[0].cells[1].text = "{{ body }}"
    result = opened(filled(saved(document)).data)
    assert result.sections[0].header.paragraphs[0].text == "Acme"
    assert result.sections[0].footer.paragraphs[0].text == "November 23, 2026"
    assert result.core_properties.title == "Rules for trips"
    cell = result.tables[0].rows[0].cells[1]
    assert cell.paragraphs[0].text == "Trains"
    assert cell._tc[-1].tag.endswith("}p")
    assert len(cell.tables) == 1


def test_a_name_that_word_split_over_runs_is_found() -> None:
    document = Document()
    paragraph = document.add_paragraph("Title: {")
    for piece in ("{ ti", "tle ", "}", "}."):
        paragraph.add_run(piece).bold = True
    assert lines(filled(saved(document)).data) == ["Title: Rules for trips."]


def test_equal_input_gives_equal_bytes() -> None:
    file = starter_template()
    first, second = (filled(file, client="Acme") for _ in range(2))
    assert first == second
    assert filled(file, client="Other").data != first.data


def test_the_text_of_a_draft_is_never_evaluated() -> None:
    hostile = "{{ 7*7 }} {% for x in y %} {_{ }_} {#c#} <w:t>&amp;</w:t> ]]> \ufdd00\ufdd1 \x00\x1b"
    text = draft(DraftBlock("paragraph", (own(hostile),)), title=hostile)
    result = filled(template("{{ title }}", "{{ body }}", "{{ client }}"), text, client=hostile)
    kept = "{{ 7*7 }} {% for x in y %} {_{ }_} {#c#} <w:t>&amp;</w:t> ]]> 0 "
    assert lines(result.data) == [kept, "Trains", kept, kept]


def test_a_section_break_in_the_place_of_the_body_is_kept() -> None:
    document = Document()
    document.add_paragraph("{{ body }}")
    document.add_section()
    assert len(opened(filled(saved(document)).data).sections) == 2


def test_parts_that_hold_no_text_stay_as_they_are() -> None:
    file = template("{{ title }}")
    before, after = parts_of(file), parts_of(filled(file).data)
    assert before.keys() == after.keys()
    assert before["word/styles.xml"] == after["word/styles.xml"]


texts = st.text(min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(title=texts, said=texts, item=texts, cell=texts, given_value=texts)
def test_any_text_survives(title: str, said: str, item: str, cell: str, given_value: str) -> None:
    text = draft(
        DraftBlock("paragraph", (own(said),)),
        DraftBlock("list_item", (own(item),)),
        DraftBlock("table", (row(cell),)),
        title=title,
    )
    result = filled(SURVIVAL, text, client=given_value)
    document = opened(result.data)
    shown = [paragraph.text for paragraph in document.paragraphs]
    assert shown[0] == f"A{plain_text(title)}Z" or not plain_text(title)
    assert shown[1] == f"A{plain_text(given_value)}Z" or not plain_text(given_value)
    assert shown[3] == plain_text(said)
    assert shown[4] == plain_text(item)
    assert document.tables[0].rows[0].cells[0].text == plain_text(cell)


SURVIVAL = template("A{{ title }}Z", "A{{ client }}Z", "{{ body }}")


def test_a_draft_in_spanish_has_its_day_in_spanish() -> None:
    spanish = Draft("Normas", "es", ())
    assert lines(filled(template("{{ language }}, {{ date }}"), spanish).data) == [
        "español, 23 de noviembre de 2026"
    ]


def test_lists_of_what_is_missing_are_items() -> None:
    kinds = styled(filled(template("{{ gaps }}")).data)
    assert kinds == [("List Bullet", Gap("trains", "Who pays for taxis?").question)]
