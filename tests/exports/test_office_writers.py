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
from core.exports.validation.open_document import OpenDocumentCheck
from core.exports.validation.rich_text import RichTextCheck
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


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(manuscripts())
def test_any_text_is_text(manuscript: Manuscript) -> None:
    validator, design = WordPackage(), designs()["memo"]
    data = WordDocument().write(manuscript, design)
    broken = [check for check in validator.check(data, manuscript, design) if check.issues]
    assert [check for check in broken if check.rule != "docx.headings"] == []
    assert list(lost_text(validator.text(data), manuscript, frozenset())) == []


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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


CHECKS = {"odt": (OpenDocument(), OpenDocumentCheck()), "rtf": (RichText(), RichTextCheck())}


@pytest.mark.parametrize("name", DESIGN_NAMES)
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("format", CHECKS)
def test_text_files_of_all_designs_break_no_rule_and_lose_no_text(
    name: str, language: str, format: str
) -> None:
    manuscript, (writer, validator) = full_manuscript(language), CHECKS[format]
    data = writer.write(manuscript, designs()[name])
    checks = list(validator.check(data, manuscript, designs()[name]))
    has_contents = designs()[name].has_contents
    assert {each.rule for each in checks} == {
        rule for rule in validator.rules if rule != "odt.contents" or has_contents
    }
    assert [check for check in checks if check.issues] == []
    assert list(lost_text(validator.text(data), manuscript, frozenset())) == []


@pytest.mark.parametrize("format", CHECKS)
@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(manuscript=manuscripts())
def test_any_text_is_text_in_text_files(format: str, manuscript: Manuscript) -> None:
    writer, validator = CHECKS[format]
    data = writer.write(manuscript, designs()["memo"])
    assert [each for each in validator.check(data, manuscript, designs()["memo"]) if each.issues] == []
    assert list(lost_text(validator.text(data), manuscript, frozenset())) == []


OPEN_BREAKS = {
    "odt.schema": ("content.xml", b"<office:text>", b"<office:text><text:nonsense/>"),
    "odt.manifest": ("META-INF/manifest.xml", b'"image/jpeg"', b'"image/gif"'),
    "odt.active": ("content.xml", b"<office:text>", b"<office:text><text:p><draw:plugin/></text:p>"),
    "odt.outside": ("content.xml", b'"https://example.com', b'"file:///etc'),
    "odt.headings": ("content.xml", b'text:outline-level="1"', b'text:outline-level="3"'),
    "odt.contents": ("content.xml", b"Contents_20_2", b"Standard"),
    "odt.described": ("content.xml", b"svg:desc", b"svg:title"),
    "odt.header_rows": ("content.xml", b"table:table-header-rows", b"table:table-rows"),
    "odt.language": ("styles.xml", b' fo:language="en"', b' fo:language="none"'),
    "odt.title": ("meta.xml", b"dc:title", b"dc:subject"),
}


@pytest.mark.parametrize("rule", sorted(OPEN_BREAKS))
def test_a_broken_open_document_breaks_its_rule(rule: str) -> None:
    name, old, new = OPEN_BREAKS[rule]
    manuscript, design = full_manuscript(), designs()["report"]
    parts = dict(members(OpenDocument().write(manuscript, design)))
    assert old in parts[name]
    if rule == "odt.contents":  # an entry that is gone
        head, _, rest = parts[name].partition(b'<text:p text:style-name="Contents_20_2">')
        parts[name] = head + rest.partition(b"</text:p>")[2]
    else:
        parts[name] = parts[name].replace(old, new)
    data = pack(parts.items(), stored=frozenset({"mimetype"}))
    checks = {each.rule: each for each in OpenDocumentCheck().check(data, manuscript, design)}
    assert checks[rule].issues


@pytest.mark.parametrize("stored", [frozenset(), frozenset({"mimetype", "meta.xml"})])
def test_the_type_of_an_open_document_is_first_and_not_compressed(stored: frozenset[str]) -> None:
    manuscript, design = full_manuscript(), designs()["memo"]
    parts = dict(members(OpenDocument().write(manuscript, design)))
    if stored:
        parts = {"meta.xml": parts.pop("meta.xml"), **parts}
    data = pack(parts.items(), stored=stored)
    checks = {each.rule: each for each in OpenDocumentCheck().check(data, manuscript, design)}
    assert checks["odt.mimetype"].issues


def test_parts_that_the_manifest_does_not_know_are_told() -> None:
    manuscript, design = full_manuscript(), designs()["memo"]
    parts = dict(members(OpenDocument().write(manuscript, design)))
    data = pack({**parts, "Basic/macro.xml": b"<a/>"}.items(), stored=frozenset({"mimetype"}))
    checks = {each.rule: each for each in OpenDocumentCheck().check(data, manuscript, design)}
    assert checks["odt.manifest"].issues
    assert checks["odt.active"].issues


RICH_BREAKS = {
    "rtf.ascii": (b"Report}", b"R\xe9port}"),
    "rtf.groups": (b"\\par}\n", b"\\par\n"),
    "rtf.pictures": (b"49454e44ae426082}", b"}"),
    "rtf.active": (b"{\\pict", b"{\\object\\objdata 00}{\\pict"),
    "rtf.fields": (b"HYPERLINK", b"INCLUDETEXT"),
    "rtf.styles": (b" heading 1;", b" Chapter;"),
    "rtf.header_rows": (b"\\trhdr", b""),
    "rtf.described": (b"wzDescription}{\\sv ", b"wzDescription}{\\sn "),
    "rtf.language": (b"\\deflang1033", b"\\deflang1024"),
    "rtf.title": (b"{\\title ", b"{\\subject "),
}


@pytest.mark.parametrize("rule", sorted(RICH_BREAKS))
def test_a_broken_rich_text_breaks_its_rule(rule: str) -> None:
    old, new = RICH_BREAKS[rule]
    manuscript, design = full_manuscript(), designs()["report"]
    data = RichText().write(manuscript, design)
    assert old in data or rule == "rtf.ascii"
    broken = data.replace(b"Report", b"R\xe9port") if rule == "rtf.ascii" else data.replace(old, new)
    checks = {each.rule: each for each in RichTextCheck().check(broken, manuscript, design)}
    assert checks[rule].issues


@pytest.mark.parametrize("target", [b'"file:///etc/passwd"', b'"javascript:alert(1)"', b"C:"])
def test_a_link_of_rich_text_leads_to_the_web_to_mail_or_inside(target: bytes) -> None:
    manuscript, design = full_manuscript(), designs()["memo"]
    data = RichText().write(manuscript, design).replace(b'"https://example.com/a?b=1&c=2"', target)
    checks = {each.rule: each for each in RichTextCheck().check(data, manuscript, design)}
    assert checks["rtf.fields"].issues


@pytest.mark.parametrize("format", CHECKS)
@pytest.mark.parametrize("data", [b"", b"PK nothing", b"{\\rtf1 }"])
def test_a_damaged_text_file_does_not_open(format: str, data: bytes) -> None:
    checks = list(CHECKS[format][1].check(data, full_manuscript(), designs()["report"]))
    assert [check.rule for check in checks] == [f"{format}.opens"]
    assert checks[0].issues


def test_every_rule_of_text_files_is_broken_by_a_test() -> None:
    broken = {*OPEN_BREAKS, *RICH_BREAKS, "odt.mimetype", "odt.opens", "rtf.opens"}
    assert broken == {rule for _, validator in CHECKS.values() for rule in validator.rules}
