"""Word, OpenDocument and RTF files: the same bytes twice, all of the text, nothing that a validator minds."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from core.exports.design import DESIGN_NAMES, designs
from core.exports.manuscript import Manuscript
from core.exports.reproducible_zip import members, pack
from core.exports.validation.comparison import lost_text
from core.exports.validation.office_package import WordPackage
from core.exports.writers.open_document import OpenDocument
from core.exports.writers.rich_text import RichText
from core.exports.writers.word_document import WordDocument
from tests.exports.manuscripts import full_manuscript, manuscripts
from tests.exports.open_xml_sdk import sdk_errors

WRITERS = (WordDocument(), OpenDocument(), RichText())


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_the_same_manuscript_gives_the_same_bytes(writer: WordDocument) -> None:
    design = designs()["report"]
    assert writer.write(full_manuscript(), design) == writer.write(full_manuscript(), design)


@pytest.mark.parametrize("name", DESIGN_NAMES)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_word_documents_of_all_designs_break_no_rule_and_lose_no_text(name: str, language: str) -> None:
    manuscript, validator = full_manuscript(language), WordPackage()
    data = WordDocument().write(manuscript, designs()[name])
    checks = list(validator.check(data, manuscript, designs()[name]))
    assert len(checks) >= 12
    assert [check for check in checks if check.issues] == []
    assert list(lost_text(validator.text(data), manuscript, frozenset())) == []


@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_the_open_xml_sdk_finds_no_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file.docx"
    path.write_bytes(WordDocument().write(full_manuscript(), designs()[name]))
    assert sdk_errors(path) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manuscripts())
def test_any_text_is_text(manuscript: Manuscript) -> None:
    validator, design = WordPackage(), designs()["memo"]
    data = WordDocument().write(manuscript, design)
    broken = [check for check in validator.check(data, manuscript, design) if check.issues]
    assert [check for check in broken if check.rule != "docx.headings"] == []
    assert list(lost_text(validator.text(data), manuscript, frozenset())) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manuscripts())
def test_rich_text_is_ascii_and_its_groups_are_balanced(manuscript: Manuscript) -> None:
    text = RichText().write(manuscript, designs()["memo"]).decode("ascii")
    plain = text.replace("\\\\", "").replace("\\{", "").replace("\\}", "")
    assert plain.count("{") == plain.count("}")


@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_open_documents_are_valid(name: str, tmp_path: Path) -> None:
    from openxml_audit import OdfValidator

    path = tmp_path / "file.odt"
    path.write_bytes(OpenDocument().write(full_manuscript(), designs()[name]))
    assert OdfValidator().validate(path).is_valid
    assert zipfile.ZipFile(io.BytesIO(path.read_bytes())).infolist()[0].filename == "mimetype"


BREAKS = {
    "docx.schema": ("word/document.xml", b"<w:body>", b"<w:body><w:nonsense/>"),
    "docx.relations": ("word/_rels/document.xml.rels", b"styles.xml", b"missing.xml"),
    "docx.outside": ("word/_rels/document.xml.rels", b"https://example.com", b"file://server"),
    "docx.title": ("docProps/core.xml", b"dc:title>", b"dc:source>"),
    "docx.headings": ("word/document.xml", b'<w:pStyle w:val="Heading1"/>', b'<w:pStyle w:val="Heading3"/>'),
    "docx.described": ("word/document.xml", b' descr="', b' title="'),
    "docx.language": ("word/styles.xml", b"<w:lang ", b"<w:lang2 "),
    "docx.fields": ("word/document.xml", b" SEQ Figure", b" INCLUDETEXT x"),
    "docx.header_rows": ("word/document.xml", b"<w:tblHeader/>", b""),
    "docx.contents": ("word/document.xml", b'<w:pStyle w:val="TOC2"/>', b'<w:pStyle w:val="Other"/>'),
    "docx.imitations": ("word/document.xml", b"<w:p><w:pPr></w:pPr>", b""),
    "docx.active": ("word/vbaProject.bin", b"", b"x"),
}


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_a_broken_file_breaks_its_rule(rule: str) -> None:
    manuscript, design = full_manuscript(), designs()["report"]
    name, old, new = BREAKS[rule]
    parts = dict(members(WordDocument().write(manuscript, design)))
    if rule == "docx.imitations":
        large = b'<w:p><w:r><w:rPr><w:sz w:val="40"/></w:rPr><w:t>Big</w:t></w:r></w:p></w:body>'
        old, new = b"<w:sectPr>", b"<w:sectPr>"
        parts[name] = parts[name].replace(b"</w:body>", large)
    parts[name] = parts.get(name, b"").replace(old, new)
    checks = {each.rule: each for each in WordPackage().check(pack(parts.items()), manuscript, design)}
    assert checks[rule].issues


def test_a_damaged_file_does_not_open() -> None:
    checks = list(WordPackage().check(b"PK nothing", full_manuscript(), designs()["report"]))
    assert [check.rule for check in checks] == ["docx.opens"]
    assert checks[0].issues
