"""Where values stand in a TOML text."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.catalogue import TYPES, load_catalogue, write_template
from core.toml_lines import find_lines, line_of


def test_each_table_of_a_list_has_its_own_lines() -> None:
    lines = find_lines("[[a]]\nb = 1\n\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]\nf = 4\n[a.e.g]\nh = 5\n")

    assert lines["a", 0, "b"] == 2
    assert lines["a", 1] == 4
    assert lines["a", 1, "c", "d"] == 7
    assert lines["a", 1, "e", 0, "f"] == 9
    assert lines["a", 1, "e", 0, "g", "h"] == 11


def test_items_tables_in_line_and_dotted_keys_are_found() -> None:
    lines = find_lines('a.b = [\n  1,\n  { c = "]", "d.e" = [2,\n 3] },\n]\n')

    assert lines["a", "b", 0] == 2
    assert lines["a", "b", 1, "c"] == lines["a", "b", 1, "d.e"] == 3
    assert lines["a", "b", 1, "d.e", 1] == 4


def test_long_text_is_passed_over() -> None:
    text = 'a = """x\n[b]\nc = 1 \\""" \n"""\nd = \'\'\'\n[[e]]\'\'\'\nf = 1979-05-27 # [g]\nh = 1\n'
    assert set(tomllib.loads(text)) == {"a", "d", "f", "h"}

    lines = find_lines(text)

    assert set(lines) == {("a",), ("d",), ("f",), ("h",)}
    assert lines["h",] == 8


def test_what_is_missing_has_the_line_of_what_is_around_it() -> None:
    lines = find_lines("a = 1\n[[b]]\nc = 2\n")

    assert line_of(lines, ("b", 0, "d", "en")) == 2
    assert line_of(lines, ("z",)) == 1


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=8), st.integers(0, 3))
def test_headers_in_any_order_are_found_where_they_stand(names: list[str], blank: int) -> None:
    text = "".join(f"[[{name}]]\n" + "\n" * blank for name in names)
    lines = find_lines(text)

    for number, name in enumerate(names):
        assert lines[name, names[:number].count(name)] == number * (blank + 1) + 1


@pytest.mark.parametrize("key", TYPES)
def test_every_section_and_fact_of_a_built_in_type_is_found_where_it_stands(key: str) -> None:
    template = load_catalogue()[key]
    text = write_template(template)
    lines, written = find_lines(text), text.splitlines()

    for number, slot in enumerate(template.slots):
        path = ("slots", number)
        assert written[lines[path] - 1] == "[[slots]]"
        assert written[lines[*path, "key"] - 1] == f'key = "{slot.key}"'
        assert slot.title["pt"] in written[lines[*path, "title", "pt"] - 1]
        for place, fact in enumerate(slot.facts):
            assert written[lines[*path, "facts", place, "kind"] - 1] == f'kind = "{fact.kind}"'
