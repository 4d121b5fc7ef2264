"""What every reader promises, for each member of the family's table."""

from __future__ import annotations

import pkgutil
from datetime import UTC
from hashlib import sha256

import pytest

from benchmarks.ingestion.written_files import WRITERS, Story
from core.content import Content
from core.ingestion import READERS, readers
from core.ingestion.problems import PROBLEMS

STORIES = {language: Story(language, 7) for language in ("es", "en", "pt")}
STORY = STORIES["es"]
WITHOUT_HEADINGS = {"txt", "csv", "tsv", "jsonl"}
WITHOUT_TABLES = {"txt", "jsonl", "eml"}
WITHOUT_PROSE = {"csv", "tsv"}
WITH_PAGES = {"pdf", "pptx", "xlsx"}
WITH_OWN_TITLE = set(READERS) - {"txt", "csv", "tsv", "jsonl"}

every_format = pytest.mark.parametrize("name", sorted(READERS))


def test_the_table_and_the_folder_agree():
    modules = {module.name for module in pkgutil.iter_modules(readers.__path__)}
    assert {type(reader).__module__.rpartition(".")[2] for reader in READERS.values()} == modules
    assert set(WRITERS) == set(READERS)
    assert all(reader.name == name for name, reader in READERS.items())


def test_no_two_formats_share_an_extension():
    extensions = [extension for reader in READERS.values() for extension in reader.extensions]
    assert len(extensions) == len(set(extensions))
    assert all(extension == extension.lower() and extension.startswith(".") for extension in extensions)


@every_format
def test_text_headings_and_tables_come_out_as_they_were_written(name, read):
    outcome = read(f"a.{name}", WRITERS[name](STORY))
    assert not outcome.problems
    readings = [reading for reading in outcome.readings if reading.format == name]
    blocks = [block for reading in readings for block in reading.content.blocks]
    everything = "\n".join(" ".join(block.text.split()) for block in blocks)
    if name not in WITHOUT_PROSE:
        assert all(text in everything for _, text in STORY.sections)
    if name not in WITHOUT_HEADINGS | {"eml"}:
        headings = [block.text for block in blocks if block.kind == "heading"]
        assert [heading for heading in headings if heading != "tabla"] == list(STORY.headings)
    if name not in WITHOUT_TABLES:
        tables = [block for block in blocks if block.kind == "table"]
        assert STORY.rows == tables[0].rows[-len(STORY.rows) :]


@every_format
def test_blocks_are_never_empty_and_can_be_located(name, read):
    for reading in read(f"a.{name}", WRITERS[name](STORY)).readings:
        assert reading.content.blocks
        assert all(block.text.strip() for block in reading.content.blocks)
        place = reading.content.locate(0, len(reading.content.text))
        assert (place.block, place.start) == (0, 0)
        pages = [block.page for block in reading.content.blocks]
        assert (None not in pages and pages[0] == 1) if reading.format in WITH_PAGES else set(pages) == {None}
        assert Content.from_json(reading.content.to_json()) == reading.content


@every_format
def test_facts_about_the_document_are_told(name, read):
    data = WRITERS[name](STORY)
    reading = read(f"carpeta/mi_informe.{name}", data).readings[0]
    assert reading.format == name
    assert reading.language == "es"
    assert reading.warnings == ()
    assert reading.repairs == ()
    if name != "jsonl":
        assert (reading.sha256, reading.num_bytes) == (sha256(data).hexdigest(), len(data))
        assert reading.name == f"carpeta/mi_informe.{name}"
        assert reading.title == (STORY.title if name in WITH_OWN_TITLE else "mi informe")
    assert reading.modified is None or reading.modified.tzinfo is UTC


@pytest.mark.parametrize("language", STORIES)
@pytest.mark.parametrize("name", sorted(set(READERS) - WITHOUT_PROSE))
def test_the_language_is_recognised_in_every_format(name, language, read):
    readings = read(f"a.{name}", WRITERS[name](STORIES[language])).readings
    assert {reading.language for reading in readings if reading.format == name} == {language}


@every_format
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95, 0.999])
def test_a_file_that_is_cut_off_gives_a_problem_or_a_part(name, share, read):
    data = WRITERS[name](STORY)
    outcome = read(f"a.{name}", data[: int(len(data) * share)])
    assert outcome.readings or outcome.problems
    assert all(problem.code in PROBLEMS for problem in outcome.problems)
    if name in ("docx", "pptx", "xlsx", "odt", "epub"):
        assert [problem.code for problem in outcome.problems] == ["damaged_file"]


@every_format
@pytest.mark.parametrize("step", [97, 1009])
def test_a_file_with_bytes_turned_over_never_raises(name, step, read):
    data = bytearray(WRITERS[name](STORY))
    for position in range(step // 2, len(data), step):
        data[position] ^= 0xFF
    outcome = read(f"a.{name}", bytes(data))
    assert outcome.readings or outcome.problems


@every_format
def test_a_reader_gives_the_same_in_a_parser_process(name, read, pooled):
    data = WRITERS[name](STORY)
    assert pooled(f"a.{name}", data) == read(f"a.{name}", data)
