"""Formats of pandoc, where it is installed."""

from __future__ import annotations

import pytest

from core.errors import ExportFailed
from core.exports.design import designs
from core.exports.validation import OTHERS
from core.exports.validation.validating import validate
from core.exports.writers import WRITERS, offered, writer_of
from core.exports.writers.long_tail import LONG_TAIL, is_installed
from tests.exports.manuscripts import full_manuscript

needs_pandoc = pytest.mark.skipif(not is_installed(), reason="pandoc is not installed")


@needs_pandoc
@pytest.mark.parametrize("name", LONG_TAIL)
def test_every_word_arrives_the_same_twice(name: str) -> None:
    manuscript, design = full_manuscript(), designs()["report"]
    data = writer_of(name).write(manuscript, design)
    assert writer_of(name).write(manuscript, design) == data
    report = validate(data, writer_of(name), manuscript, design)
    assert report.has_passed, report.failed
    checker = OTHERS[name]
    lost = data.replace(b"Collect", b"C")
    assert any(
        each.issues for each in checker.check(lost, manuscript, design) if each.rule == f"{name}.words"
    )
    broken = data[:-30] + b"\xff"
    assert any(
        each.issues for each in checker.check(broken, manuscript, design) if each.rule == f"{name}.opens"
    )


def test_without_pandoc_the_formats_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert offered() == WRITERS
    with pytest.raises(ExportFailed, match="needs pandoc"):
        writer_of("rst").write(full_manuscript(), designs()["report"])
