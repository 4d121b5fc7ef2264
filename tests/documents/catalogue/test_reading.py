"""A person's own file of a type: what is read, and what is said where it cannot be."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.catalogue import AREAS, FAULTS, faults_of, read_template
from core.documents.catalogue.reading import MOST_BYTES, MOST_SLOTS
from core.errors import Invalid

SMALL = """\
key = "visit_note"
areas = ["sales"]
tone = "friendly"

[names]
es = ["Nota de visita", "informe de visita"]

[purpose]
es = "Cuenta qué se habló en una visita."

[[slots]]
key = "visit"
form = "facts"
max_words = 80
title = { es = "La visita" }
question = { es = "¿A quién se visitó y cuándo?" }
hints = { es = ["visita", "cliente"] }

[[slots.facts]]
key = "date"
kind = "date"
label = { es = "Fecha" }
question = { es = "¿Qué día fue?" }
hints = { es = ["visita", "el día"] }

[[slots]]
key = "agreed"
form = "list"
min_words = 10
max_words = 120
required = false
title = { es = "Lo acordado" }
question = { es = "¿Qué se acordó?" }
hints.es = [
    "acordamos",
    "enviar",
]
"""


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def test_a_file_in_one_language_has_its_words_in_all() -> None:
    template = read_template(SMALL, "visita.toml")

    assert template.name("pt") == template.name("en") == "Nota de visita"
    assert template.slots[0].facts[0].label["en"] == "Fecha"
    assert template.slots[1].hints["pt"] == ("acordamos", "enviar")


def test_what_a_file_leaves_out_is_read_as_the_default() -> None:
    template = read_template(SMALL, "visita.toml")

    assert (template.version, template.layout, template.origin) == (1, (), "visita.toml")
    assert (template.slots[0].min_words, template.slots[0].is_required) == (0, True)
    assert not template.slots[1].is_required


def test_a_language_that_must_be_there_is_missed_at_each_place() -> None:
    faults = faults_of(SMALL, "visita.toml", languages=("es", "pt"))

    assert {fault.kind for fault in faults} == {"missing_language"}
    assert {fault.value for fault in faults} == {"pt"}
    assert [fault.line for fault in faults] == [5, 8, 15, 16, 17, 22, 23, 24, 32, 33, 34]


def test_the_error_names_the_file_the_line_the_fault_and_the_number_of_others() -> None:
    text = changed('form = "list"', 'form = "essay"').replace('kind = "date"', 'kind = "day"')

    with pytest.raises(Invalid) as raised:
        read_template(text, "visita.toml")

    assert raised.value.message.startswith('visita.toml, line 21: "day" is no value of kind.')
    assert raised.value.message.endswith("There is one more fault.")
    assert raised.value.remedy.startswith("Use one of: party, person, place, date")


@pytest.mark.parametrize(
    ("old", "new", "kind", "line"),
    [
        ('key = "visit"', 'key = "Visit one"', "bad_key", 12),
        ('key = "visit"', "key = 3", "wrong_type", 12),
        ('key = "agreed"', 'key = "visit"', "repeated_key", 27),
        ('key = "agreed"\n', "", "missing_key", 26),
        ('areas = ["sales"]', 'areas = [\n  "sales",\n  "magic",\n]', "not_one_of", 4),
        ('areas = ["sales"]', 'areas = ["sales", "sales"]', "repeated_words", 2),
        ('areas = ["sales"]', "areas = []", "too_few", 2),
        ('areas = ["sales"]', 'areas = "sales"', "wrong_type", 2),
        ('tone = "friendly"', 'tone = "angry"', "not_one_of", 3),
        ('tone = "friendly"\n', 'tone = "friendly"\nlayout = ["letterhead", "glitter"]\n', "not_one_of", 4),
        ('tone = "friendly"\n', "", "missing_key", 1),
        ('tone = "friendly"', 'tone = "friendly"\nversion = 0', "out_of_bounds", 4),
        ('tone = "friendly"', 'tone = "friendly"\nmotto = "x"', "unknown_key", 4),
        ('form = "facts"', 'form = "song"', "not_one_of", 13),
        ('form = "list"', 'form = "facts"', "no_facts", 28),
        ("max_words = 80", "max_words = -1", "out_of_bounds", 14),
        ("max_words = 80", "max_words = true", "wrong_type", 14),
        ("min_words = 10", "min_words = 121", "min_over_max", 29),
        ("required = false", 'required = "no"', "wrong_type", 31),
        ('title = { es = "Lo acordado" }', "title = { }", "no_wording", 32),
        ('title = { es = "Lo acordado" }', 'title = { fr = "Accord", es = "x" }', "unknown_language", 32),
        ('title = { es = "Lo acordado" }', 'title = { es = "La visita" }', "repeated_words", 32),
        ('title = { es = "Lo acordado" }', 'title = { es = "  " }', "empty_text", 32),
        ('title = { es = "Lo acordado" }', 'title = { es = """a\nb""" }', "control_character", 32),
        ('title = { es = "Lo acordado" }', f'title.es = "{"a" * 121}"', "text_too_long", 32),
        ('title = { es = "Lo acordado" }', 'title = "Lo acordado"', "wrong_type", 32),
        ('    "enviar",', '    "enviar",\n    "Enviar",', "repeated_words", 37),
        ('    "enviar",', "    7,", "wrong_type", 36),
        ('    "enviar",', "".join(f'    "w{n}",\n' for n in range(40)), "too_many", 75),
        ('    "acordamos",\n    "enviar",\n', "", "too_few", 34),
        ('label = { es = "Fecha" }', 'label = { es = "Fecha" }\nlabels = 1', "unknown_key", 23),
        ('label = { es = "Fecha" }\n', "", "missing_key", 19),
    ],
)
def test_each_fault_is_found_in_its_line(old: str, new: str, kind: str, line: int) -> None:
    (fault,) = faults_of(changed(old, new), "visita.toml")

    assert (fault.kind, fault.line) == (kind, line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('key = "a"\ntone = \n', 2),
        ('key = "a"\n\n[[slots]\n', 3),
        ('key = "a"\nkey = "b"\n', 2),
        ('key = "a"\nareas = [\n"sales"\n', 3),
    ],
)
def test_text_that_is_not_toml_is_told_with_its_line(text: str, line: int) -> None:
    (fault,) = faults_of(text, "x.toml")

    assert (fault.kind, fault.line) == ("syntax", line)
    assert "(at" not in fault.sentence


def test_an_empty_file_lacks_everything() -> None:
    faults = faults_of("", "x.toml")

    assert {fault.name for fault in faults} == {"key", "areas", "tone", "names", "purpose", "slots"}
    assert {fault.line for fault in faults} == {1}


def test_a_type_without_sections_is_refused() -> None:
    text = SMALL[: SMALL.index("[[slots]]")]

    assert [fault.name for fault in faults_of(text, "x.toml")] == ["slots"]
    assert [fault.kind for fault in faults_of(f"slots = []\n{text}", "x.toml")] == ["too_few"]


def test_a_type_has_no_more_sections_than_allowed() -> None:
    start = SMALL.rindex("[[slots]]")
    section = SMALL[start:]
    text = SMALL[:start] + "".join(
        section.replace("agreed", f"agreed_{n}").replace("Lo acordado", f"Acuerdo {n}")
        for n in range(MOST_SLOTS)
    )

    (fault,) = faults_of(text, "x.toml")

    assert (fault.kind, fault.allowed) == ("too_many", str(MOST_SLOTS))
    assert text.splitlines()[fault.line - 1] == "[[slots]]"
    assert text.splitlines()[fault.line] == f'key = "agreed_{MOST_SLOTS - 1}"'


def test_headers_within_text_and_comments_do_not_move_the_lines() -> None:
    text = changed('es = "Cuenta qué se habló en una visita."', 'es = """[[slots]] # "no"\nkey = 1"""')
    text = text.replace('form = "list"', '# form = "facts"\nform = "song"  # [[slots]]')

    assert [(fault.kind, fault.line) for fault in faults_of(text, "x.toml")] == [
        ("control_character", 9),
        ("not_one_of", 30),
    ]


def test_all_sections_may_stand_in_one_list() -> None:
    start = SMALL.index("[[slots]]")
    slots = (
        'slots = [\n  { key = "a", form = "prose", max_words = 9, title.es = "A", question.es = "B",'
        ' hints.es = ["c"] },\n  { key = "b", form = "poem", max_words = 9, title.es = "D",'
        ' question.es = "B", hints.es = ["c"] },\n]\n'
    )

    (fault,) = faults_of(slots + SMALL[:start], "x.toml")

    assert (fault.kind, fault.line) == ("not_one_of", 3)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# " + "á" * (MOST_BYTES // 2), "too_large"),
        ("a = " + "[" * 90_000, "too_deep"),
        ("a" + ".a" * 90_000 + " = 1", "too_deep"),
        ("[" + '"a" . ' * 30_000 + "a]", "too_deep"),
        ("a" * 190_000, "syntax"),
        ('a = "' + "a " * 90_000, "syntax"),
        ("a = { " + "b = { " * 30_000, "too_deep"),
    ],
)
def test_a_hostile_text_is_refused_at_once(text: str, kind: str) -> None:
    started = time.process_time()

    (fault,) = faults_of(text, "x.toml")

    assert fault.kind == kind
    assert time.process_time() - started < 5


def test_what_was_read_is_shown_short_and_without_control_characters() -> None:
    (fault,) = faults_of(changed('tone = "friendly"', f'tone = "\\u202e{"x" * 500}"'), "x.toml")

    assert "\u202e" not in fault.sentence
    assert len(fault.value) == 60


def test_braces_in_a_value_are_shown_as_they_are() -> None:
    (fault,) = faults_of(changed('tone = "friendly"', 'tone = "{name}"'), "x.toml")

    assert fault.sentence == '"{name}" is no value of tone.'


def test_every_remedy_and_sentence_can_be_filled() -> None:
    for said in FAULTS.values():
        for words in said:
            assert "{" not in words.format(name="n", value="v", allowed="a")


def test_every_area_can_be_a_home() -> None:
    for area in AREAS:
        assert read_template(changed('"sales"', f'"{area}"'), "x.toml").areas == (area,)


def test_the_mark_that_some_editors_put_in_front_is_passed_over() -> None:
    assert read_template(f"\ufeff{SMALL}", "x.toml") == read_template(SMALL, "x.toml")


def test_lines_that_end_as_on_windows_are_counted_alike() -> None:
    text = changed('form = "list"', 'form = "essay"')

    assert faults_of(text.replace("\n", "\r\n"), "x.toml") == faults_of(text, "x.toml")


PIECES = st.sampled_from(
    [
        "[[slots]]\n",
        "[slots]\n",
        '"',
        "'",
        '"""',
        "= 1\n",
        "title.es",
        "{",
        "}",
        "[",
        "]",
        "#",
        "\n",
        "\\",
        ",",
    ]
)


@given(st.integers(0, len(SMALL)), st.integers(0, 40), PIECES | st.text(max_size=8))
def test_whatever_is_typed_is_read_or_faulted_within_the_text(start: int, length: int, typed: str) -> None:
    text = SMALL[:start] + typed + SMALL[start + length :]

    faults = faults_of(text, "x.toml")

    assert all(
        1 <= fault.line <= text.count("\n") + 1 and fault.sentence and fault.remedy for fault in faults
    )
    if faults:
        with pytest.raises(Invalid, match=r"^x\.toml, line \d+: "):
            read_template(text, "x.toml")
    else:
        assert read_template(text, "x.toml").slots
