"""Templates that are made to do harm: refused, or harmless, and always within limits."""

from __future__ import annotations

import io
import resource
import time
import zipfile
from threading import BoundedSemaphore

import pytest

from core.documents.word_templates import FillingLimits, check_template, limited_process, render
from core.documents.word_templates.filling import check
from core.errors import Invalid, Unavailable, WorkbenchError
from tests.documents.word_templates.builders import (
    DAY,
    EVERY_KIND,
    filled,
    lines,
    parts_of,
    replaced,
    template,
    with_part,
    with_relationship,
    zipped,
)

TIGHT = FillingLimits(seconds=40, cpu_seconds=2)
GOOD = template("{{ title }}")
TYPES = "[Content_Types].xml"
DOCUMENT = "word/document.xml"
HERE = b"<w:body>"


def field(code: str) -> bytes:
    """The file with a field of this code, in two runs."""
    half = len(code) // 2
    runs = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in (code[:half], code[half:]))
    return replaced(GOOD, DOCUMENT, HERE, HERE + f"<w:p>{runs}</w:p>".encode())


def bomb() -> bytes:
    """A document with 400 MB of zeros inside, in a file of less than half a megabyte."""
    out = io.BytesIO(GOOD)
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/zeros.xml", "w") as part,
    ):
        for _ in range(400):
            part.write(bytes(1024**2))
    return out.getvalue()


def many_parts() -> bytes:
    return zipped(parts_of(GOOD) | {f"word/media/{number}.png": b"" for number in range(2_000)})


REFUSED = {
    "no archive": (b"%PDF-1.7", "template_not_word"),
    "another archive": (zipped({"a.txt": b"x"}), "template_not_word"),
    "a broken archive": (GOOD[: len(GOOD) // 2], "damaged_file"),
    "a spreadsheet": (
        replaced(GOOD, TYPES, b"wordprocessingml.document.main", b"spreadsheetml.sheet.main"),
        "template_not_word",
    ),
    "a file that is too large": (b"PK" + bytes(10 * 1024**2), "template_too_large"),
    "a bomb": (bomb(), "archive_ratio"),
    "too many parts": (many_parts(), "archive_too_many_members"),
    "a macro": (with_part(GOOD, "word/vbaProject.bin", b"x"), "template_macros"),
    "a document with macros": (
        replaced(
            GOOD,
            TYPES,
            b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            b"application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
        "template_macros",
    ),
    "a picture from outside": (
        with_relationship(GOOD, "image", "https://evil.example/a.png"),
        "template_outside",
    ),
    "a template from outside": (
        with_relationship(GOOD, "attachedTemplate", "file:///server/a.dotm"),
        "template_outside",
    ),
    "an address that says it is inside": (
        with_relationship(GOOD, "image", "http://evil.example/a.png", "Internal"),
        "template_outside",
    ),
    "a link that runs something": (
        with_relationship(GOOD, "hyperlink", "file:///c:/x.exe"),
        "template_outside",
    ),
    "a share": (with_relationship(GOOD, "image", "\\\\server\\a.png", "Internal"), "template_outside"),
    "an old drawing": (
        replaced(
            GOOD,
            DOCUMENT,
            HERE,
            HERE + b'<v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="http://evil.example/a.png"/>',
        ),
        "template_outside",
    ),
    "an embedded object": (with_part(GOOD, "word/embeddings/oleObject1.bin", b"x"), "template_embedded"),
    "another document inside": (
        with_relationship(GOOD, "aFChunk", "other.html", "Internal"),
        "template_embedded",
    ),
    "an external entity": (
        replaced(
            GOOD,
            DOCUMENT,
            b"<w:document",
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document',
        ),
        "forbidden_xml",
    ),
    "a program in a field": (field('DDEAUTO c:\\cmd.exe "/k calc"'), "template_field"),
    "a picture in a field": (field('INCLUDEPICTURE "http://evil.example/a.png"'), "template_field"),
    "a class": (template("{{ ''.__class__.__mro__ }}"), "template_forbidden"),
    "a class by index": (template("{{ ''['__class__'] }}"), "template_forbidden"),
    "a class by a filter": (template("{{ ''|attr('__class__') }}"), "template_syntax"),
    "an include": (template("{% include '/etc/passwd' %}"), "template_forbidden"),
    "an import": (template("{% import 'os' as os %}"), "template_forbidden"),
    "a base": (template("{% extends 'a' %}"), "template_forbidden"),
    "text as XML": (template("{{ title|safe }}"), "template_syntax"),
    "no escaping": (template("{% autoescape false %}{{ title }}{% endautoescape %}"), "template_forbidden"),
    "an unknown filter": (template("{{ title|evil }}"), "template_syntax"),
    "no end": (template("{% if a %}"), "template_syntax"),
    "too many levels": (template("{% if a %}" * 10_000 + "{% endif %}" * 10_000), "template_nesting"),
    "too many names": (
        template(*(f"{{{{ name_{number} }}}}" for number in range(201))),
        "template_open_names",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_template_is_refused_with_what_to_do(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(WorkbenchError) as caught:
        check(data)
    assert caught.value.code == code
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["a bomb", "a picture from outside", "a class", "too many levels"])
def test_what_is_refused_is_told_across_the_processes_and_never_filled(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(Invalid) as caught:
        check_template(data)
    assert caught.value.code == code
    assert caught.value.remedy
    with pytest.raises(Invalid):
        render(data, EVERY_KIND, {}, day=DAY)


def test_a_mistake_is_told_with_the_paragraph_where_it_stands() -> None:
    with pytest.raises(Invalid, match=r"stands in “The price is \{\{ price \+ \}\}”"):
        check(template("All is well.", "The price is {{ price + }}", "The end."))


def test_a_loop_over_the_edges_of_a_cell_is_refused() -> None:
    torn = replaced(
        template("{{ a }}"),
        DOCUMENT,
        b"</w:body>",
        b"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{% for x in y %}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        b"<w:p><w:r><w:t>{% endfor %}</w:t></w:r></w:p></w:body>",
    )
    with pytest.raises(Invalid) as caught:
        check(torn)
    assert caught.value.code == "template_torn"


ENDLESS = {
    "a long loop in a loop": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "a long text": "{{ 'a' * 10**9 }}",
    "a huge number": "{{ 10 ** (10 ** 9) }}",
    "a wide field": "{{ '%2000000000d' % 1 }}",
    "a wide text": "{{ 'a'.center(3000000000) }}",
    "doubling": "{% set x = ['a' * 10**6] * 4000 %}{{ x|join }}",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_template_without_end_is_stopped_and_costs_us_nothing(name: str) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(Invalid) as caught:
        check_template(template(ENDLESS[name]), TIGHT)
    assert caught.value.code == "template_costs"
    assert time.monotonic() - began < TIGHT.seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB


def test_a_range_beyond_the_limit_is_told() -> None:
    file = template("{% for i in range(10**9) %}x{% endfor %}")
    with pytest.raises(Invalid, match="Range too big"):
        render(file, EVERY_KIND, {}, day=DAY)


def test_a_bomb_costs_the_process_that_asks_nothing() -> None:
    data = REFUSED["a bomb"][0]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Invalid):
        check_template(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize(
    "reach",
    [
        "{{ title.format.__globals__ }}",
        "{{ '{0.__class__}'.format(title) }}",
        "{{ ['title']|map(attribute='__class__')|list }}",
        "{{ [title]|groupby('__class__')|list }}",
        "{{ sections._values }}",
        "{{ title['_' ~ '_class_' ~ '_'] }}",
        "{% set a = '__class__' %}{{ title[a] }}",
        "{{ self.__init__ }}",
        "{{ lipsum.__globals__ }} {{ cycler.__init__ }}",
        "{{ sections.append('x') }}",
    ],
)
def test_no_way_leads_out_of_the_sandbox(reach: str) -> None:
    try:
        said = "\n".join(lines(filled(template(reach)).data))
    except Invalid:
        return
    assert "<class" not in said
    assert "<function" not in said
    assert "builtins" not in said


def test_a_value_cannot_bring_a_field_in() -> None:
    file = replaced(
        GOOD,
        DOCUMENT,
        HERE,
        HERE + b"<w:p><w:r><w:instrText>{{ client }}</w:instrText></w:r></w:p>",
    )
    assert filled(file, client="PAGE").data
    with pytest.raises(Invalid, match="DDEAUTO"):
        filled(file, client='DDEAUTO c:\\cmd.exe "/k calc"')


def test_plain_links_of_the_text_stay() -> None:
    for target in ("https://example.org/", "http://example.org/", "mailto:a@example.org"):
        assert check(with_relationship(GOOD, "hyperlink", target)).own == ("title",)


def test_a_process_of_its_own_gives_the_same_bytes() -> None:
    file = template(
        "{{ title }}", "{{ body }}", "{{ client }}", "{% for each in steps %}{{ each }}{% endfor %}"
    )
    values = {"client": "Acme \ud800", "steps": ("one", "two")}
    alone = render(file, EVERY_KIND, values, day=DAY)
    assert alone == filled(file, **values)
    assert lines(alone.data)[-2:] == ["Acme ", "onetwo"]
    assert alone.missing == ()


def test_a_process_that_does_not_answer_in_time_is_stopped() -> None:
    with pytest.raises(Invalid) as caught:
        check_template(GOOD, FillingLimits(seconds=0.01))
    assert caught.value.code == "template_costs"


def test_only_so_many_templates_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_process, "_seats", BoundedSemaphore(1))
    with limited_process._seats, pytest.raises(Unavailable, match="Too many"):
        check_template(GOOD, FillingLimits(seconds=0.01))
    assert check_template(GOOD).own == ("title",)
