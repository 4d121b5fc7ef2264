"""Where a source is typeset, what stays of it in memory, and what is said where it fails."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import ExportFailed
from core.exports import typesetter
from core.exports.design import designs
from core.exports.writers.portable_document import PortableDocument, heading_pages
from tests.exports.manuscripts import full_manuscript

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
HEAD = '#set document(title: "A")\n#set text(lang: "en")\n'


def test_a_process_of_its_own_gives_the_same_bytes(monkeypatch):
    manuscript, design = full_manuscript(), designs()["report"]
    here, pages = PortableDocument().write(manuscript, design), heading_pages(manuscript, design)
    monkeypatch.setattr(typesetter, "LONGEST_HERE", 0)
    assert PortableDocument().write(manuscript, design) == here
    assert heading_pages(manuscript, design) == pages


@pytest.mark.parametrize("longest", [0, 10**6])
def test_a_source_at_fault_is_told_in_the_same_words(longest, monkeypatch):
    monkeypatch.setattr(typesetter, "LONGEST_HERE", longest)
    with pytest.raises(ExportFailed) as raised:
        typesetter.pdf(HEAD + "#nothing", WHEN)
    assert raised.value.message == "The document could not be typeset: unknown variable: nothing"
    assert raised.value.remedy


def test_a_process_that_does_not_end_is_stopped_and_told(monkeypatch):
    monkeypatch.setattr(typesetter, "LONGEST_HERE", 0)
    monkeypatch.setattr(typesetter, "TIMEOUT_SECONDS", 0.01)
    with pytest.raises(ExportFailed, match="not typeset within"):
        typesetter.pdf(HEAD + "text", WHEN)


def test_a_process_that_breaks_off_is_told(monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nkill -9 $$\n")
    broken.chmod(0o755)
    monkeypatch.setattr(typesetter, "LONGEST_HERE", 0)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(ExportFailed, match="broke off with code -9") as raised:
        typesetter.pdf(HEAD + "text", WHEN)
    assert "memory" in raised.value.remedy


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="there is no /proc here")
def test_one_file_after_the_other_leaves_little_in_memory():
    for number in range(3):
        typesetter.pdf(_long(number), WHEN)
    before = _resident_mebibytes()
    for number in range(3, 9):
        typesetter.pdf(_long(number), WHEN)
    assert _resident_mebibytes() - before < 100


def _long(number: int) -> str:
    lines = (f"#par([Paragraph {number}-{each} says it once and plainly.])" for each in range(7000))
    return HEAD + "\n".join(lines)


def _resident_mebibytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
