"""What a slide's text looks like in the end: its size, its colour, its ground and the room it has.

Follows a placeholder to its layout and the theme (ECMA-376, part 1, 19.3.1 and 21.1); lengths are in points.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from core.exports.charts.lettering import width
from core.exports.validation.package_rules import Package

_EMU = 12_700.0
_USUAL_SIZE, _INSETS = 1800, {"lIns": 91_440, "tIns": 45_720, "rIns": 91_440, "bIns": 45_720}
_MAPPED = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
_WORDS = re.compile(r"\S+|\s+")
_ONE_BY_ONE = 0x2E80  # from here on lines break between any two characters
_LINE = 1.2


@dataclass(frozen=True, slots=True)
class Letters:
    """A run as it is seen. Colours are #rrggbb."""

    text: str
    size: float
    is_bold: bool
    colour: str
    ground: str


@dataclass(frozen=True, slots=True)
class Room:
    """The height that the text of a box or row needs, and the one it has."""

    name: str
    needed: float
    height: float


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float

    def holds(self, other: _Box) -> bool:
        return (
            self.x <= other.x + 1
            and self.y <= other.y + 1
            and self.x + self.width >= other.x + other.width - 1
            and self.y + self.height >= other.y + other.height - 1
        )


class SlideText:
    """The text of one slide of a package."""

    def __init__(self, package: Package, part: str) -> None:
        self.slide = package.xml(part)
        self._layout = package.xml(_layout_of(package, part))
        self._theme = _theme(package)

    def letters(self) -> Iterator[Letters]:
        for shape in self.slide.iter("{*}sp"):
            ground = self._own_ground(shape.find("{*}spPr")) or self._behind(self._box(shape))
            usual = self._usual(shape)
            yield from self._runs(shape, ground, usual)
        for cell in self.slide.iter("{*}tc"):
            ground = self._own_ground(cell.find("{*}tcPr")) or self._theme["lt1"]
            yield from self._runs(cell, ground, (_USUAL_SIZE, False, self._theme["dk1"]))

    def rooms(self) -> Iterator[Room]:
        for shape in self.slide.iter("{*}sp"):
            body, box = shape.find("{*}txBody"), self._box(shape)
            if body is not None and box is not None:
                left, top, right, bottom = self._insets(shape)
                usual = self._usual(shape)
                needed = _height(body, box.width - left - right, usual[0], is_bold=usual[1])
                yield Room(_name(shape), needed + top + bottom, box.height)
        for number, table in enumerate(self.slide.iter("{*}tbl"), start=1):
            yield from _rows(table, f"table {number}")

    # Colours

    def _runs(self, holder: etree._Element, ground: str, usual: tuple[int, bool, str]) -> Iterator[Letters]:
        for run in holder.iter("{*}r"):
            text, look = str(run.findtext("{*}t") or ""), run.find("{*}rPr")
            if not text.strip() or look is None:
                continue
            colour = self._fill(look) or usual[2]
            click = look.find("{*}hlinkClick")
            if click is not None and not any(each.get("val") == "tx" for each in click.iter("{*}hlinkClr")):
                colour = self._theme["hlink"]
            marked = look.find("{*}highlight/{*}srgbClr")
            under = f"#{marked.get('val')}" if marked is not None else ground
            size = int(look.get("sz", str(usual[0]))) / 100
            yield Letters(text, size, look.get("b", str(int(usual[1]))) == "1", colour, under)

    def _fill(self, element: etree._Element | None) -> str:
        """The colour of its solid fill; empty where it has none."""
        solid = element.find("{*}solidFill") if element is not None else None
        if solid is None or not len(solid):
            return ""
        value = str(solid[0].get("val", ""))
        return self._theme.get(_MAPPED.get(value, value), f"#{value}")

    def _own_ground(self, settings: etree._Element | None) -> str:
        return self._fill(settings)

    def _behind(self, box: _Box | None) -> str:
        """The last shape of the layout on which the box lies whole, else the slide's ground."""
        found = self._theme["lt1"]
        for shape in self._layout.iter("{*}sp"):
            colour, drawn = self._fill(shape.find("{*}spPr")), _frame(shape)
            if box is not None and colour and drawn is not None and drawn.holds(box):
                found = colour
        return found

    # Placeholders

    def _usual(self, shape: etree._Element) -> tuple[int, bool, str]:
        """Size in hundredths, weight and colour where a run says nothing."""
        holder = self._holder(shape)
        look = holder.find(".//{*}lstStyle/{*}lvl1pPr/{*}defRPr") if holder is not None else None
        own = shape.find(".//{*}lstStyle/{*}lvl1pPr/{*}defRPr")
        look = own if own is not None else look
        is_title = any(each.get("type") == "title" for each in shape.iter("{*}ph"))
        size, bold = (2800, True) if is_title else (_USUAL_SIZE, False)
        if look is None:
            return size, bold, self._theme["dk1"]
        colour = self._fill(look) or self._theme["dk1"]
        return int(look.get("sz", str(size))), look.get("b", str(int(bold))) == "1", colour

    def _holder(self, shape: etree._Element) -> etree._Element | None:
        told = next(shape.iter("{*}ph"), None)
        if told is None:
            return None
        for each in self._layout.iter("{*}sp"):
            other = next(each.iter("{*}ph"), None)
            if other is not None and (other.get("idx", "0"), other.get("type")) == (
                told.get("idx", "0"),
                told.get("type"),
            ):
                return each
        return None

    def _box(self, shape: etree._Element) -> _Box | None:
        own = _frame(shape)
        holder = self._holder(shape)
        return own or (_frame(holder) if holder is not None else None)

    def _insets(self, shape: etree._Element) -> tuple[float, float, float, float]:
        holder = self._holder(shape)
        settings = [each.find("{*}txBody/{*}bodyPr") for each in (shape, holder) if each is not None]
        left, top, right, bottom = (
            next((int(each.get(key, "")) for each in settings if each is not None and each.get(key)), usual)
            / _EMU
            for key, usual in _INSETS.items()
        )
        return left, top, right, bottom


def _layout_of(package: Package, part: str) -> str:
    folder, name = posixpath.split(part)
    for relation in package.xml(f"{folder}/_rels/{name}.rels"):
        if str(relation.get("Type", "")).endswith("/slideLayout"):
            return posixpath.normpath(posixpath.join(folder, str(relation.get("Target", ""))))
    raise ValueError(f"{part} has no layout.")


def _theme(package: Package) -> dict[str, str]:
    scheme = next(package.xml("ppt/theme/theme1.xml").iter("{*}clrScheme"))
    return {str(each.tag).rpartition("}")[2]: f"#{each[0].get('val', '000000')}" for each in scheme}


def _name(shape: etree._Element) -> str:
    told = shape.find("*/{*}cNvPr")
    return str(told.get("name", "")) if told is not None else ""


def _frame(shape: etree._Element) -> _Box | None:
    start, size = shape.find("{*}spPr/{*}xfrm/{*}off"), shape.find("{*}spPr/{*}xfrm/{*}ext")
    if start is None or size is None:
        return None
    told = (start.get("x"), start.get("y"), size.get("cx"), size.get("cy"))
    x, y, wide, tall = (int(each or 0) / _EMU for each in told)
    return _Box(x, y, wide, tall)


def _rows(table: etree._Element, name: str) -> Iterator[Room]:
    widths = [int(each.get("w", "0")) / _EMU for each in table.iterfind("{*}tblGrid/{*}gridCol")]
    rows = list(table.iterfind("{*}tr"))
    heights = [int(each.get("h", "0")) / _EMU for each in rows]
    for at, row in enumerate(rows):
        for column, cell in enumerate(row.iterfind("{*}tc")):
            body, settings = cell.find("{*}txBody"), cell.find("{*}tcPr")
            if body is None or settings is None or "1" in (cell.get("hMerge"), cell.get("vMerge")):
                continue
            sides = [int(settings.get(key, "0")) / _EMU for key in ("marL", "marR", "marT", "marB")]
            wide = sum(widths[column : column + int(cell.get("gridSpan", "1"))]) - sides[0] - sides[1]
            needed = _height(body, wide, _USUAL_SIZE) + sides[2] + sides[3]
            yield Room(f"{name} row {at + 1}", needed, sum(heights[at : at + int(cell.get("rowSpan", "1"))]))


def _height(body: etree._Element, room: float, usual: int, *, is_bold: bool = False) -> float:
    total = after = 0.0
    for paragraph in body.iterfind("{*}p"):
        settings = paragraph.find("{*}pPr")
        margin = int(settings.get("marL", "0")) / _EMU if settings is not None else 0.0
        space = settings.find("{*}spcAft/{*}spcPts") if settings is not None else None
        looks = [*paragraph.iter("{*}rPr")] or [*paragraph.iter("{*}endParaRPr")]
        sizes = [int(each.get("sz", str(usual))) for each in looks] or [usual]
        total += after + _num_lines(paragraph, room - margin, usual, is_bold) * max(sizes) / 100 * _LINE
        after = int(space.get("val", "0")) / 100 if space is not None else 0.0
    return total


def _num_lines(paragraph: etree._Element, room: float, usual: int, is_bold: bool) -> int:
    """Lines of words as they follow each other, whatever run they are in."""
    lines, used = 1, 0.0
    for element in paragraph.iterfind("{*}*"):
        if str(element.tag).endswith("}br"):
            lines, used = lines + 1, 0.0
        look = element.find("{*}rPr")
        size = int(look.get("sz", str(usual))) / 100 if look is not None else usual / 100
        bold = look is not None and look.get("b", str(int(is_bold))) == "1"
        for word in _broken(element.findtext("{*}t") or ""):
            wide = width(word, size, bold)
            if used + wide <= room or word.isspace():
                used += wide
            else:
                more = max(1, -int(-wide // max(1.0, room)))
                lines += more if used else more - 1
                used = wide - (more - 1) * room
    return lines


def _broken(text: str) -> Iterator[str]:
    for found in _WORDS.finditer(text):
        yield from found[0] if any(ord(letter) >= _ONE_BY_ONE for letter in found[0]) else (found[0],)
