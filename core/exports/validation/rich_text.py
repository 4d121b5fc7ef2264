"""Checks Rich Text Format: striprtf reads the text, the rest are rules on its groups and words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation.findings import checks, package
from core.exports.validation.report import Check, Issue, Rule, Tool

_AGAIN = "Export the document again."
_BRACES = re.compile(r"\\[\\{}]|([{}])")
_DIGITS = re.compile(r"\n[0-9a-f]{64,}(?=\})")
_PICTURE = re.compile(r"\\(png|jpeg)blip\\picwgoal[1-9]\d*\\pichgoal[1-9]\d*\n([0-9a-f]*)\}")
_BEGINNINGS = {"png": "89504e470d0a1a0a", "jpeg": "ffd8ff"}
_ENDS = {"png": "49454e44ae426082", "jpeg": "ffd9"}
_ACTIVE = re.compile(
    r"\\(object|objdata|objclass|objocx|template|dde|ddeauto|bin|subdocument|nextfile)(?![a-z])"
)
_FIELD = re.compile(r"\\fldinst\s+([^{}]*)")
_FIELDS = ("HYPERLINK", "PAGE", "NUMPAGES")
_ADDRESS = re.compile(r'HYPERLINK\s+(?:"(?:https?://|mailto:)|\\\\l\s+")', re.I)
_STYLE = re.compile(r"\{\\s(\d+)[^{};]*? ([^{};\\]+);\}")
_LANGUAGE = re.compile(r"\\deflang(\d+)")
_UNKNOWN_LANGUAGE = ("0", "1024")


class RichTextCheck:
    formats: tuple[str, ...] = ("rtf",)
    rules: Mapping[str, Rule] = {
        "rtf.opens": Rule("formatting", "basic", "Another program opens the file", _AGAIN),
        "rtf.ascii": Rule("formatting", "basic", "The file has ASCII bytes only", _AGAIN),
        "rtf.groups": Rule("formatting", "basic", "Every group that begins ends", _AGAIN),
        "rtf.pictures": Rule("formatting", "basic", "Pictures are whole", _AGAIN),
        "rtf.active": Rule(
            "professional", "basic", "The file holds no objects and loads nothing", "Remove embedded objects."
        ),
        "rtf.fields": Rule(
            "professional",
            "basic",
            "Fields count pages or lead to web pages, mail or places inside",
            "Remove the field.",
        ),
        "rtf.styles": Rule("accessibility", "standard", "Headings have the styles of headings", _AGAIN),
        "rtf.header_rows": Rule(
            "accessibility", "standard", "Header rows of tables are marked and repeat", _AGAIN
        ),
        "rtf.described": Rule(
            "accessibility",
            "standard",
            "Every picture that tells something is described",
            "Describe the pictures and charts.",
        ),
        "rtf.language": Rule(
            "accessibility",
            "standard",
            "The language of the text is stated",
            "State the language of the document.",
        ),
        "rtf.title": Rule(
            "accessibility", "standard", "The file states its title", "Give the document a title."
        ),
    }  # fmt: skip

    def tools(self) -> tuple[Tool, ...]:
        return (package("striprtf"),)

    def text(self, data: bytes) -> str:
        """The text, then what is beside it: notes, and the descriptions of pictures."""
        whole = _DIGITS.sub("\n00", data.decode("ascii", errors="replace"))
        beside = [f"{{\\rtf1 {inside}}}" for inside in _groups(whole, "{\\footnote")]
        beside += [f"{{\\rtf1 {inside}}}" for inside in _groups(whole, "{\\sv ")]
        return "\n".join(map(_stripped, [whole, *beside]))

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        (reader,) = self.tools()
        whole = data.decode("ascii", errors="replace")
        is_rich = whole.startswith("{\\rtf1") and bool(self.text(data).strip())
        yield from checks(reader, {"rtf.opens": [] if is_rich else [Issue("It is no rich text.")]})
        if not is_rich:
            return
        plain = _DIGITS.sub("\n00", whole)
        yield from checks(
            Tool("re", ""),
            {
                "rtf.ascii": [Issue("A byte above 127.", f"byte {at}") for at in _high_bytes(data)],
                "rtf.groups": list(_group_issues(plain)),
                "rtf.pictures": list(_picture_issues(whole)),
                "rtf.active": [Issue(each[0]) for each in _ACTIVE.finditer(plain.replace("\\\\", "  "))],
                "rtf.fields": list(_field_issues(plain)),
                "rtf.styles": list(_style_issues(plain, manuscript)),
                "rtf.header_rows": list(_header_row_issues(plain, manuscript)),
                "rtf.described": list(_described_issues(plain, manuscript)),
                "rtf.language": list(_language_issues(plain)),
                "rtf.title": [] if any(_groups(plain, "{\\title ")) else [Issue("No title is stated.")],
            },
        )


def _stripped(rich: str) -> str:
    from striprtf.striprtf import rtf_to_text

    read: Callable[[str], str] = rtf_to_text
    return read(rich)


def _groups(whole: str, opening: str) -> Iterator[str]:
    """What stands in each group that begins so, to its own end."""
    start = whole.find(opening)
    while start >= 0:
        depth, end = 0, len(whole)
        for brace in _BRACES.finditer(whole, start):
            depth += {"{": 1, "}": -1}.get(brace[1] or "", 0)
            if depth == 0:
                end = brace.start()
                break
        yield whole[start + len(opening) : end]
        start = whole.find(opening, start + len(opening))


def _high_bytes(data: bytes) -> list[int]:
    return [] if data.isascii() else [at for at, each in enumerate(data) if each > 127]


def _group_issues(plain: str) -> Iterator[Issue]:
    depth, last = 0, 0
    for brace in _BRACES.finditer(plain):
        if not brace[1]:
            continue
        depth += 1 if brace[1] == "{" else -1
        last = brace.end()
        if depth == 0:
            break
    if depth:
        yield Issue(f"{depth} groups do not end.")
    elif plain[last:].strip():
        yield Issue("Text after the end of the file's group.")


def _picture_issues(whole: str) -> Iterator[Issue]:
    found = list(_PICTURE.finditer(whole))
    if len(found) != whole.count("{\\pict"):
        yield Issue(f"{len(found)} of {whole.count('{' + chr(92) + 'pict')} pictures have a size and bytes.")
    for number, (kind, digits) in enumerate((each.groups() for each in found), start=1):
        is_whole = digits.startswith(_BEGINNINGS[kind]) and digits.endswith(_ENDS[kind])
        if not is_whole or len(digits) % 2:
            yield Issue("Its bytes are not whole.", f"picture {number}")


def _field_issues(plain: str) -> Iterator[Issue]:
    for each in _FIELD.finditer(plain):
        instruction = each[1].strip()
        name = (instruction.split() or [""])[0].upper()
        if name not in _FIELDS or (name == "HYPERLINK" and not _ADDRESS.match(instruction)):
            yield Issue(instruction[:80])


def _style_issues(plain: str, manuscript: Manuscript) -> Iterator[Issue]:
    """A style for each level, and a paragraph in it for each heading."""
    sheet = next(_groups(plain, "{\\stylesheet"), "")
    numbers = {name: number for number, name in _STYLE.findall(sheet)}
    body = plain.replace(sheet, "") if sheet else plain
    levels = [block.level for block in manuscript.content.blocks if block.kind == "heading"]
    for level in sorted(set(levels)):
        number = numbers.get(f"heading {level}")
        used = 0 if number is None else len(re.findall(rf"\\s{number}(?!\d)", body))
        if used < levels.count(level):
            yield Issue(f"{used} of {levels.count(level)} headings of level {level} have its style.")


def _header_row_issues(plain: str, manuscript: Manuscript) -> Iterator[Issue]:
    wanted = sum(block.header_rows for block in manuscript.content.blocks if block.kind == "table")
    marked = len(re.findall(r"\\trhdr(?![a-z])", plain))
    if marked < wanted:
        yield Issue(f"{marked} of {wanted} header rows are marked.")


def _described_issues(plain: str, manuscript: Manuscript) -> Iterator[Issue]:
    blocks = manuscript.content.blocks
    pictures = (block.picture for block in blocks if block.picture)
    wanted = sum(block.chart is not None for block in blocks)
    wanted += sum(bool(each.alt) and each.sha256 in manuscript.content.media for each in pictures)
    told = sum(bool(each.strip()) for each in _groups(plain, "{\\sv "))
    if told < wanted:
        yield Issue(f"{told} of {wanted} pictures are described.")


def _language_issues(plain: str) -> Iterator[Issue]:
    found = _LANGUAGE.search(plain)
    if found is None or found[1] in _UNKNOWN_LANGUAGE:
        yield Issue("No language, or an unknown one, is stated.")
