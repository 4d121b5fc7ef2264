"""Keys, manifests, kept files and reproducible archives."""

from __future__ import annotations

import io
import threading
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFound
from core.exports.artefact_store import ArtefactStore
from core.exports.design import DESIGN_NAMES, designs, laid_out
from core.exports.manifest import signed, verify
from core.exports.reproducible_zip import members, pack
from core.exports.signing import SigningKey, configured_key, kept_key
from core.exports.validation import VALIDATORS
from core.exports.validation.comparison import lost_text
from core.exports.validation.report import LEVELS
from core.exports.validation.validating import rules_of, validate
from core.exports.words import words_of
from core.exports.writers import WRITERS
from core.exports.writers.bundle import FORMATS, Bundle, file_stem, told_apart
from tests.exports.manuscripts import full_manuscript

KEY = SigningKey(b"k" * 32)
_values = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda key: key not in ("signature", "schema")),
    st.one_of(st.integers(), st.text(max_size=8), st.booleans(), st.lists(st.integers(), max_size=3)),
    max_size=5,
)


@given(_values)
def test_a_signature_holds_for_its_values_and_for_no_others(values: dict[str, object]) -> None:
    signature = KEY.sign(values)
    assert KEY.is_of(values, signature)
    assert not KEY.is_of({**values, "more": 1}, signature)
    assert not SigningKey(b"o" * 32).is_of(values, signature)
    assert signed(values, KEY)["signature"]["key"] == KEY.id


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "exports" / "signing.key"
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(kept_key(path).secret)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {path.read_bytes()}
    assert path.stat().st_mode & 0o077 == 0
    assert configured_key("a secret").secret != configured_key("another").secret
    assert "k" * 8 not in repr(KEY)


@given(st.dictionaries(st.text("abc/.", min_size=1, max_size=6), st.binary(max_size=50), max_size=5))
def test_an_archive_gives_its_members_back_and_depends_on_nothing_else(files: dict[str, bytes]) -> None:
    data = pack(files.items())
    assert data == pack(files.items())
    assert dict(members(data)) == {name: held for name, held in files.items() if not name.endswith("/")}


def test_a_name_that_comes_twice_is_no_archive() -> None:
    with pytest.raises(ValueError, match="already"):
        pack([("a", b""), ("a", b"")])


def test_kept_files_are_found_by_their_bytes_and_nothing_else_is(tmp_path: Path) -> None:
    store = ArtefactStore(tmp_path)
    sha256 = store.put(b"bytes")
    assert store.put(b"bytes") == sha256
    assert store.get(sha256) == b"bytes"
    for name in ("../../etc/passwd", "", "0" * 64):
        with pytest.raises(NotFound):
            store.path(name)


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("A: b|c?", "A b c"),
        ("con", "_con"),
        ("\u202eevil\x00", "evil"),
        ("...", "document"),
        ("é" * 200, "é" * 80),
    ],
)
def test_a_title_becomes_a_name_that_every_system_takes(title: str, stem: str) -> None:
    assert file_stem(title) == stem


def test_equal_names_are_told_apart() -> None:
    assert told_apart(["a.md", "A.md", "b.md", "a.md"]) == ["a.md", "A (2).md", "b.md", "a (3).md"]


def test_a_bundle_holds_the_formats_and_a_manifest_of_them() -> None:
    manuscript = full_manuscript()
    data = Bundle().write(manuscript, designs()["report"])
    assert len(members(data)) == len(FORMATS) + 1
    assert verify(data, None, KEY).verdict == "unsigned_here"
    report = validate(data, WRITERS["zip"], manuscript, designs()["report"])
    assert report.has_passed, report.failed


def _without(name: str, data: bytes) -> bytes:
    return pack([(each, held) for each, held in members(data) if each != name])


def _at_another_time(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, held in members(data):
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), held)
    return out.getvalue()


def _damaged(data: bytes) -> bytes:
    """One byte of a member's stream is another."""
    place = data.index(b"PK\x03\x04", 100) + 200
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("zip.opens", lambda data: data[:-40]),
        ("zip.opens", _damaged),
        ("zip.names", lambda data: pack([*members(data), ("../up.txt", b"")])),
        ("zip.manifest", lambda data: pack([*members(data), ("more.txt", b"")])),
        ("zip.manifest", lambda data: _without("manifest.json", data)),
        ("zip.members", lambda data: pack([*members(data), ("broken.json", b"{")])),
        ("zip.times", _at_another_time),
    ],
)
def test_each_rule_of_bundles_finds_what_it_is_for(rule: str, broken: object) -> None:
    manuscript = full_manuscript()
    data = broken(Bundle().write(manuscript, designs()["report"]))  # type: ignore[operator]
    found = {
        each.rule for each in VALIDATORS["zip"].check(data, manuscript, designs()["report"]) if each.issues
    }
    assert rule in found


def test_every_format_has_a_writer_a_checker_and_rules_of_its_own() -> None:
    assert set(WRITERS) == set(VALIDATORS)
    for name, writer in WRITERS.items():
        assert writer.name == name
        assert writer.extension.startswith(".")
        rules = VALIDATORS[name].rules
        assert f"{name}.opens" in rules
        assert not set(rules) & {
            other for each in WRITERS if each != name for other in VALIDATORS[each].rules
        } or (name in ("docx", "pptx", "xlsx"))
        assert all(rule.title and rule.fix and rule.level in LEVELS for rule in rules_of(name).values())


def test_lost_words_are_found_wherever_they_were() -> None:
    manuscript = full_manuscript()
    whole = "\n".join([manuscript.title, manuscript.content.text.replace("\t", "\n")])
    assert not list(lost_text(whole, manuscript, frozenset()))
    for words in ("beyond", "annual", "1,450.00", "sum(rows)", "Measured", "Staff survey"):
        assert len(list(lost_text(whole.replace(words, ""), manuscript, frozenset()))) == 1, words


@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_each_type_of_document_is_named_in_three_languages_and_asks_for_fields_we_have(name: str) -> None:
    design = designs()[name]
    assert set(design.titles) == {"en", "es", "pt"}
    assert set(design.fields) <= set(words_of("es").fields)


def test_a_template_changes_the_page_and_keeps_its_words() -> None:
    made = laid_out(designs()["report"], ["landscape", "numbered_clauses", "charts"])
    assert made.page.width > made.page.height
    assert (made.numbering, made.layout) == ("clauses", ("landscape", "numbered_clauses", "charts"))
