"""samples/library is what samples/build.py makes of samples/sources."""

from __future__ import annotations

import email
import email.policy
import io
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from samples.build import LIBRARY, WRITERS, Source, build, parse, read_sources

SOURCES = read_sources()
TEXT_FORMATS = (".md", ".txt", ".html", ".csv", ".eml")
FORMATS = sorted(WRITERS)


def of_format(suffix: str) -> list[Source]:
    return [source for source in SOURCES if source.path.endswith(suffix)]


@pytest.mark.parametrize("suffix", TEXT_FORMATS)
def test_a_text_file_is_rebuilt_byte_for_byte(suffix: str) -> None:
    for source in of_format(suffix):
        assert (LIBRARY / source.path).read_bytes() == WRITERS[suffix](source), source.path


@pytest.mark.parametrize("suffix", FORMATS)
def test_building_twice_gives_the_same_bytes(suffix: str) -> None:
    source = of_format(suffix)[0]
    assert WRITERS[suffix](source) == WRITERS[suffix](source)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_built_file_says_what_its_source_says(suffix: str) -> None:
    for source in of_format(suffix):
        missing = words(source.text) - words(READERS[suffix](LIBRARY / source.path))
        if source.facts.get("mojibake"):
            assert missing, "the accents of this file are damaged on purpose"
        else:
            assert not missing, source.path


def test_the_library_stays_small() -> None:
    sizes = [file.stat().st_size for file in LIBRARY.rglob("*") if file.is_file()]
    assert sum(sizes) < 3_000_000
    assert max(sizes) < 300_000


def test_building_removes_what_no_source_asks_for(tmp_path: Path) -> None:
    (tmp_path / "left over.md").write_text("old", encoding="utf-8")
    source = of_format(".md")[0]
    build([source], tmp_path)
    assert [file.name for file in tmp_path.rglob("*.md")] == [Path(source.path).name]


def test_a_source_is_read_as_blocks() -> None:
    table = "| A | B |\n|---|---|\n| 1 | 2 |"
    body = f"# Title\n\nOne **bold** word.\n\n- first\n- second\n\n1. step\n\n{table}\n\n> said\n"
    kinds = [(piece.kind, piece.plain) for piece in parse(body)]
    assert kinds == [
        ("heading", "Title"),
        ("paragraph", "One bold word."),
        ("bullet", "first"),
        ("bullet", "second"),
        ("number", "step"),
        ("table", "A\tB\n1\t2"),
        ("quote", "said"),
    ]


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def decoded(file: Path) -> str:
    content = file.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252")


def html_text(markup: str) -> str:
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(markup)
    return " ".join(found)


def archive_text(file: Path, pattern: str) -> str:
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist() if re.search(pattern, name)]
    broken = re.sub(r"</(w:p|a:p|text:p|text:h|p|li|td|th|h\d)>", " ", " ".join(parts))
    return html_text(re.sub(r"<[^>]+>", "", broken))


def mail_text(file: Path) -> str:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return f"{message['Subject']} {body.get_content()}"


def workbook_text(file: Path) -> str:
    from openpyxl import load_workbook

    book = load_workbook(file)
    cells = [value for sheet in book for row in sheet.values for value in row if value is not None]
    return " ".join(str(value) for value in (*book.sheetnames, *cells))


def pdf_text(file: Path) -> str:
    from pypdfium2 import PdfDocument

    document = PdfDocument(file)
    return " ".join(page.get_textpage().get_text_bounded() for page in document)


READERS = {
    **dict.fromkeys((".md", ".txt", ".csv"), decoded),
    ".html": lambda file: html_text(file.read_text(encoding="utf-8")),
    ".eml": mail_text,
    ".docx": lambda file: archive_text(file, "word/document.xml"),
    ".pptx": lambda file: archive_text(file, r"ppt/(slides|notesSlides)/[^/]+\.xml"),
    ".xlsx": workbook_text,
    ".odt": lambda file: archive_text(file, "content.xml"),
    ".epub": lambda file: archive_text(file, r"chapter\d+\.xhtml"),
    ".pdf": pdf_text,
}
