"""Decks that our writer made: the names of shapes say what they hold, and which go on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import etree

from core.content import Block, BlockKind, MarkKind, Run, Sign
from core.content.blocks import CellSpan
from core.content.runs import marked
from core.ingestion.archive import Package
from core.ingestion.office_package import related, relationship_id
from core.ingestion.pictures import PictureStore
from core.ingestion.slides.shapes import chart_block, local, picture_block, spans
from core.ingestion.xml_parts import parse

_OWN = re.compile(r"manuscript \d+")
_HEADING = re.compile(r"Heading ([1-6])")
_TABLE = re.compile(r"Table, header (\d+)( \((?:row )?continued\))?")
_KINDS: dict[str, BlockKind] = {
    "Text": "paragraph",
    "Quote": "quote",
    "Code": "code",
    "Sources": "reference",
    "Caption": "caption",
}
_CONTINUED, _ROW_GOES_ON = " (continued)", "row"
_LOOKS: dict[str, MarkKind] = {"b": "strong", "i": "emphasis", "u": "underline", "strike": "strike"}


def is_own(slide: etree._Element) -> bool:
    common = slide.find("{*}cSld")
    return common is not None and _OWN.fullmatch(str(common.get("name", ""))) is not None


class OwnDeck:
    def __init__(self, package: Package, pictures: PictureStore) -> None:
        self._package, self._pictures = package, pictures
        core = related(package, "", "core-properties")
        told = parse(package.read(core)).findtext("{*}language") if core else None
        self._language = told or "en"
        self._found: list[Block] = []
        self._runs: list[list[Run]] = []
        self._notes: list[Block] = []
        self._cells: list[list[tuple[Run, ...]]] = []

    def blocks(self, parts: Sequence[str]) -> list[Block]:
        for number, part in enumerate(parts, start=1):
            tree = parse(self._package.read(part)).find("{*}cSld/{*}spTree")
            for shape in tree if tree is not None else ():
                self._shape(shape, part, number)
            notes = related(self._package, part, "notesSlide")
            if notes is not None:
                self._footnotes(parse(self._package.read(notes)), number)
        made = [
            _marked(block, cut) if cut else block for block, cut in zip(self._found, self._runs, strict=True)
        ]
        return [*(block for block in made if block is not None), *self._notes]

    def _shape(self, shape: etree._Element, part: str, number: int) -> None:
        told = shape.find("*/{*}cNvPr")
        name = "" if told is None else str(told.get("name", ""))
        tag = local(shape)
        if tag == "pic" and name != "Logo":
            self._add(picture_block(shape, self._package, part, number, self._pictures))
        elif tag == "graphicFrame" and name.startswith("Chart"):
            block = chart_block(shape, self._package, part, number)
            if block and block.chart and name.endswith("described") and told is not None:
                block = replace(block, chart=replace(block.chart, alt=str(told.get("descr", ""))))
            self._add(block)
        elif tag == "graphicFrame" and (found := _TABLE.fullmatch(name)):
            self._table(shape, part, number, int(found[1]), found[2] or "")
        elif heading := _HEADING.fullmatch(name):
            cut = [run for each in shape.iterfind("{*}txBody/{*}p") for run in self._cut(each, part)]
            self._add(Block("heading", "", level=int(heading[1]), page=number), cut)
        elif kind := _KINDS.get(name.removesuffix(_CONTINUED)):
            self._text(shape, part, number, kind, is_continued=name.endswith(_CONTINUED))

    def _add(self, block: Block | None, cut: list[Run] | None = None) -> None:
        if block is not None:
            self._found.append(block)
            self._runs.append(cut or [])

    # Text

    def _text(
        self, shape: etree._Element, part: str, number: int, kind: BlockKind, *, is_continued: bool
    ) -> None:
        paragraphs = list(shape.iterfind("{*}txBody/{*}p"))
        lines = [self._cut(each, part) for each in paragraphs]
        if kind == "code":
            self._code(lines, number, is_continued=is_continued)
            return
        for at, (paragraph, cut) in enumerate(zip(paragraphs, lines, strict=True)):
            if at == 0 and is_continued and self._found:
                self._runs[-1] += cut
            else:
                self._add(self._started(paragraph, kind, number), cut)

    def _code(self, lines: list[list[Run]], number: int, *, is_continued: bool) -> None:
        joined = [run for at, line in enumerate(lines) for run in ([Run("\n")] if at else []) + line]
        if is_continued and self._found:
            self._runs[-1] += [Run("\n"), *joined]
        else:
            self._add(Block("code", "", page=number), joined)

    def _started(self, paragraph: etree._Element, kind: BlockKind, number: int) -> Block:
        settings = paragraph.find("{*}pPr")
        is_bullet = settings is not None and settings.find("{*}buChar") is not None
        is_ordered = settings is not None and settings.find("{*}buAutoNum") is not None
        if kind == "paragraph" and (is_bullet or is_ordered):
            level = int(settings.get("lvl", "0")) if settings is not None else 0
            return Block("list_item", "", level=level, page=number, is_ordered=is_ordered)
        key = re.sub(r"\D", "", next(self._made(paragraph), "")) if kind == "reference" else ""
        return Block(kind, "", page=number, key=key)

    def _made(self, paragraph: etree._Element) -> Iterator[str]:
        for run in paragraph.iterfind("{*}r"):
            if _is_made(run):
                yield run.findtext("{*}t") or ""

    def _cut(self, paragraph: etree._Element, part: str) -> list[Run]:
        found: list[Run] = []
        for element in paragraph:
            text = "\n" if local(element) == "br" else element.findtext("{*}t") or ""
            if local(element) == "r" and _is_made(element):
                sign = _sign(element, text)
                if sign:
                    found.append(Run("", signs=(sign,)))
            elif local(element) in ("r", "br"):
                found.append(self._run(element.find("{*}rPr"), text, part))
        return found

    def _run(self, look: etree._Element | None, text: str, part: str) -> Run:
        if look is None:
            return Run(text)
        styles = {
            mark for name, mark in _LOOKS.items() if look.get(name, "0") not in ("0", "none", "noStrike")
        }
        shift = int(look.get("baseline", "0"))
        if shift:
            styles.add("superscript" if shift > 0 else "subscript")
        if look.find("{*}highlight") is not None:
            styles.add("highlight")
        if look.find("{*}latin") is not None:
            styles.add("code")
        click = look.find("{*}hlinkClick")
        link = "" if click is None else _outside(self._package, part).get(relationship_id(click), "")
        language = str(look.get("lang", ""))
        return Run(text, frozenset(styles), link, "" if language == self._language else language)

    # Tables and notes

    def _table(self, frame: etree._Element, part: str, number: int, header: int, continuation: str) -> None:
        """`header` are the header rows; in a table that goes on, those that were on the slide before."""
        table = next(frame.iter("{*}tbl"), None)
        if table is None:
            return
        rows = [
            [
                tuple(run for each in cell.iterfind("{*}txBody/{*}p") for run in self._cut(each, part))
                for cell in row.iterfind("{*}tc")
            ]
            for row in table.iterfind("{*}tr")
        ]
        merged, before = spans(table), self._found[-1] if self._found else None
        if not continuation or before is None or before.kind != "table":
            self._cells = rows
            self._add(_table(rows, number, header, merged))
            return
        more, known = rows[header:], list(self._cells)
        if _ROW_GOES_ON in continuation and more and known:
            known[-1] = [(*one, *other) for one, other in zip(known[-1], more[0], strict=False)]
            more, header = more[1:], header + 1
        shift = len(before.rows) - header
        merged = before.merged + tuple(
            replace(span, row=span.row + shift) for span in merged if span.row >= header
        )
        self._cells = known + more
        self._found[-1] = replace(_table(self._cells, number, before.header_rows, merged), page=before.page)

    def _footnotes(self, root: etree._Element, number: int) -> None:
        for shape in root.iter("{*}sp"):
            told = shape.find("{*}nvSpPr/{*}cNvPr")
            if told is not None and told.get("name") == "Footnotes":
                for paragraph in shape.iterfind("{*}txBody/{*}p"):
                    key = re.sub(r"\D", "", next(self._made(paragraph), ""))
                    block = _marked(Block("footnote", "", page=number, key=key), self._cut(paragraph, ""))
                    self._notes += [block] if block else []


def _marked(block: Block, cut: Sequence[Run]) -> Block | None:
    """The block with its text. The typeface of code and one language throughout are no marks."""
    languages = {run.language for run in cut if run.text.strip()}
    language = languages.pop() if len(languages) == 1 else ""
    plain = frozenset[MarkKind]({"code"}) if block.kind == "code" else frozenset[MarkKind]()
    told = [
        replace(run, styles=run.styles - plain, language="" if run.language == language else run.language)
        for run in cut
    ]
    text, marks = marked(told)
    is_empty = not text.strip() and block.kind != "code"
    return None if is_empty else replace(block, text=text, marks=marks, language=language)


def _table(
    rows: Sequence[Sequence[tuple[Run, ...]]], number: int, header: int, merged: tuple[CellSpan, ...]
) -> Block:
    joined: list[Run] = []
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            joined += [Run("\t")] if column else [Run("\n")] if at else []
            joined += [
                replace(run, styles=run.styles - {"strong"} if at < header else run.styles, language="")
                for run in cell
            ]
    texts = tuple(tuple("".join(run.text for run in cell) for cell in row) for row in rows)
    text, marks = marked(joined)
    return Block("table", text, page=number, rows=texts, marks=marks, header_rows=header, merged=merged)


def _is_made(run: etree._Element) -> bool:
    look = run.find("{*}rPr")
    return look is not None and look.get("noProof") == "1"


def _sign(run: etree._Element, text: str) -> Sign | None:
    look = run.find("{*}rPr")
    if look is not None and look.get("baseline") and text.isdecimal():
        return Sign("footnote", text)
    found = re.fullmatch(r"\[(\w+)\]", text)
    return Sign("citation", found[1]) if found else None


def _outside(package: Package, part: str) -> dict[str, str]:
    """The addresses outside the file that a slide links to, by id."""
    folder, _, name = part.rpartition("/")
    listing = f"{folder}/_rels/{name}.rels"
    if listing not in package:
        return {}
    return {
        str(each.get("Id", "")): str(each.get("Target", ""))
        for each in parse(package.read(listing))
        if each.get("TargetMode") == "External"
    }
