from __future__ import annotations

import gzip
import io
import stat
import zipfile
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ingestion.written_files import WRITERS, Story, zipped
from core.ingestion import IngestionLimits
from core.ingestion.archive import is_unsafe

STORY = Story("es", 1)


def nested(depth: int) -> bytes:
    data, name = b"Texto del fondo.", "fondo.txt"
    for _ in range(depth):
        data, name = zipped({name: data}), "dentro.zip"
    return data


def with_entries(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return buffer.getvalue()


def codes(outcome) -> dict[str, str]:
    return {problem.name: problem.code for problem in outcome.problems}


def test_every_member_is_a_document_of_its_own(read):
    data = zipped({f"carpeta/a.{name}": write(STORY) for name, write in WRITERS.items() if name != "jsonl"})
    outcome = read("todo.zip", data)
    assert not outcome.problems
    names = [reading.name for reading in outcome.readings]
    assert names[:2] == ["todo.zip/carpeta/a.pdf", "todo.zip/carpeta/a.docx"]
    assert names[-1] == "todo.zip/carpeta/a.eml/importes.csv"


def test_one_bad_member_is_one_problem_and_the_others_are_read(read):
    outcome = read(
        "a.zip", zipped({"a.txt": "Uno.", "b.docx": b"PK\x03\x04broken", "c.txt": "", "d.txt": "Dos."})
    )
    assert [reading.name for reading in outcome.readings] == ["a.zip/a.txt", "a.zip/d.txt"]
    assert codes(outcome) == {"a.zip/b.docx": "damaged_file", "a.zip/c.txt": "empty_file"}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "C:\\windows\\a.txt", "a/../../b.txt", "..\\b.txt"]
)
def test_a_member_that_leads_out_is_refused(name, read):
    outcome = read(
        "a.zip", with_entries((zipfile.ZipInfo(name), b"text"), (zipfile.ZipInfo("ok.txt"), b"text"))
    )
    assert [problem.code for problem in outcome.problems] == ["unsafe_member_name"]
    assert ".." not in PurePosixPath(outcome.problems[0].name).parts
    assert [reading.name for reading in outcome.readings] == ["a.zip/ok.txt"]


def test_a_link_is_refused(read):
    link = zipfile.ZipInfo("a.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert codes(read("a.zip", with_entries((link, b"/etc/passwd")))) == {"a.zip/a.txt": "member_is_link"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_of_one_name_the_first_is_read(read):
    data = with_entries((zipfile.ZipInfo("a.txt"), b"Uno."), (zipfile.ZipInfo("a.txt"), b"Dos."))
    outcome = read("a.zip", data)
    assert codes(outcome) == {"a.zip/a.txt": "duplicate_member"}
    assert len(outcome.readings) == 1


def test_an_encrypted_member_is_refused(read):
    data = bytearray(zipped({"a.txt": "secret"}))
    data[6] |= 1  # the flag in the member's own header
    data[data.rindex(b"PK\x01\x02") + 8] |= 1  # and in the directory
    assert codes(read("a.zip", bytes(data))) == {"a.zip/a.txt": "encrypted_member"}


def test_archives_are_opened_to_the_depth_that_is_allowed(read, code_of):
    assert read("a.zip", nested(3)).readings[0].name == "a.zip/dentro.zip/dentro.zip/fondo.txt"
    assert code_of("a.zip", nested(4)) == "archive_too_deep"
    assert code_of("a.zip", nested(2), IngestionLimits(max_archive_nesting=0)) == "archive_too_deep"


def test_too_many_members_are_refused_before_any_is_opened(code_of):
    data = zipped({f"{number}.txt": "x" for number in range(11)})
    assert code_of("a.zip", data, IngestionLimits(max_archive_members=10)) == "archive_too_many_members"


def test_an_archive_that_unpacks_to_too_much_is_refused(code_of):
    data = zipped({f"{number}.txt": bytes(range(256)) * 40 for number in range(10)})
    assert code_of("a.zip", data, IngestionLimits(max_archive_bytes=100_000)) == "archive_too_large"


def test_what_nested_archives_unpack_to_is_counted_together(read):
    inner = zipped({"a.txt": "palabra " * 1000})
    data = zipped({f"{number}.zip": inner for number in range(10)})
    outcome = read("a.zip", data, IngestionLimits(max_archive_bytes=30_000))
    assert len(outcome.readings) == 3
    assert {problem.code for problem in outcome.problems} == {"archive_too_large"}


@pytest.mark.parametrize("name", ["a.docx", "a.zip"])
def test_a_bomb_is_refused_by_its_ratio(name, code_of):
    bomb = zipped({"[Content_Types].xml": "<a/>", "word/document.xml": b" " * 40_000_000})
    if name == "a.zip":
        bomb = zipped({"a.txt": b" " * 40_000_000})
    assert len(bomb) < 50_000
    assert code_of(name, bomb) == "archive_ratio"


def test_a_gzip_bomb_is_refused_while_it_is_unpacked(code_of):
    assert code_of("a.jsonl.gz", gzip.compress(b" " * 40_000_000)) == "archive_ratio"


def test_joined_gzip_files_are_read_as_one(read):
    data = gzip.compress(b'{"text": "Uno."}\n') + gzip.compress(b'{"text": "Dos."}\n')
    assert [reading.name for reading in read("a.jsonl.gz", data).readings] == [
        "a.jsonl.gz/a.jsonl#1",
        "a.jsonl.gz/a.jsonl#2",
    ]


def test_a_name_without_the_utf8_flag_is_decoded(read):
    data = zipped({"XX.txt": "Texto."}).replace(b"XX.txt", "é.txt".encode()[:2] + b".txt")
    assert read("a.zip", data).readings[0].name == "a.zip/é.txt"


def test_what_systems_leave_in_archives_is_passed_over(read):
    outcome = read("a.zip", zipped({"__MACOSX/._a.txt": b"\x00", ".DS_Store": b"\x00", "a.txt": "Uno."}))
    assert [reading.name for reading in outcome.readings] == ["a.zip/a.txt"]
    assert not outcome.problems


@given(st.lists(st.sampled_from(["..", ".", "a", "b.txt", "", "C:", "\\", "/"]), max_size=6))
def test_a_name_that_is_not_unsafe_stays_in_its_folder(parts):
    name = "/".join(parts)
    if is_unsafe(name):
        return
    depth = 0
    for part in name.replace("\\", "/").split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        assert depth >= 0
    assert not name.startswith("/")
