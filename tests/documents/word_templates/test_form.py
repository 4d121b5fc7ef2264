"""What a template asks for."""

from __future__ import annotations

import pytest

from core.documents.word_templates import (
    DRAFT_NAMES,
    STARTER_WORDS,
    FreeVariable,
    TemplateForm,
    check_template,
    read_variable,
    starter_template,
)
from core.documents.word_templates.filling import check
from tests.documents.word_templates.builders import filled, lines, opened, template


def free(*written: str) -> tuple[FreeVariable, ...]:
    return tuple(map(read_variable, written))


def test_names_are_those_of_the_draft_and_those_of_a_person() -> None:
    form = check_template(template("{{ title }} {{ facts.owner }} {{ client.name }} {{ client.city }}"))
    assert form == TemplateForm(("title", "facts.owner"), free("client.name", "client.city"))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("{% for x in steps %}{{ x }}{% endfor %}", ["steps[]"]),
        ("{% for x in client.steps %}{{ x.name }}{{ other }}{% endfor %}", ["client.steps[]", "other"]),
        ("{% if is_secret and not is_open %}a{% endif %}", ["is_secret?", "is_open?"]),
        ("{{ 'a' if is_secret else b }}", ["is_secret?", "b"]),
        ("{% if steps %}{% for x in steps %}{{ x }}{% endfor %}{% endif %}", ["steps[]"]),
        ("{% if client %}{{ client }}{% endif %}", ["client"]),
        ("{% if place == 'Lima' %}a{% endif %}", ["place"]),
        ("{% set x = 1 %}{{ x }} {{ range(3)|list }}", []),
        ("{{ client.upper() }} {{ client['name'] }}", ["client", "client.name"]),
        ("{{ client|default(other) }}", ["client", "other"]),
        ("{% for s in sections %}{{ s.title }}{% endfor %}", []),
    ],
)
def test_the_kind_of_a_name_follows_from_its_use(text: str, asked: list[str]) -> None:
    assert sorted(each.written for each in check(template(text)).free) == sorted(asked)


@pytest.mark.parametrize("written", ["client", "client.steps[]", "is_secret?"])
def test_a_written_name_is_read_again(written: str) -> None:
    assert read_variable(written).written == written


def test_the_starter_passes_the_check_and_shows_every_name() -> None:
    data = starter_template()
    form = check(data)
    assert {each.written for each in form.free} == {"client", "recipients[]", "is_confidential?"}
    roots = {name.partition(".")[0] for name in form.own}
    assert {"title", "author", "date", "company", "summary", "body", "gaps", "sources"} <= roots
    result = filled(data, client="Hanover", recipients=("Eva", "Juan"), is_confidential=True)
    assert result.missing == ()
    said = lines(result.data)
    assert {"Rules for trips", "Confidential", "Hanover", "Eva", "Juan", "Trains"} <= set(said)


def test_the_starter_speaks_the_language_of_its_reader() -> None:
    words = {sentence: f"es: {sentence}" for sentence in (*DRAFT_NAMES.values(), *STARTER_WORDS.values())}
    table = opened(starter_template(words)).tables[-1]
    assert table.rows[0].cells[1].text == "es: The title of the draft"
    assert all(row.cells[1].text.startswith("es: ") for row in table.rows)
    assert [row.cells[0].text for row in table.rows][: len(DRAFT_NAMES)] == list(DRAFT_NAMES)
