"""The text of a PDF page by marked content, as its content stream tells it. Knows no layout.

For pages on which scripts run both ways: there, what a program shows cannot be put back by where it stands.
ISO 32000-2: 14.6 (marked content), 14.8.2.6.3 (reversed characters), 14.9.4 (ActualText), 9.10.3 (ToUnicode).
Fonts of two bytes a character, as typst writes them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pikepdf import Dictionary, Object, Page

RIGHT_TO_LEFT_LANGUAGES = ("ar", "he", "fa", "ur", "yi")
_SAME_LINE = 6.0  # points
_OPERATORS = "q Q cm BT ET Tm Tf Tj TJ BMC BDC EMC"
_RANGES = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one marked content shows: the texts of its glyphs from left to right, and where it begins."""

    glyphs: tuple[str, ...]
    left: float
    baseline: float
    is_reversed: bool = False

    @property
    def text(self) -> str:
        return "".join(reversed(self.glyphs) if self.is_right_to_left else self.glyphs)

    @property
    def is_right_to_left(self) -> bool:
        return self.is_reversed or self.has("R", "AL")

    @property
    def is_left_to_right(self) -> bool:
        return self.has("L", "EN")

    def has(self, *kinds: str) -> bool:
        return any(unicodedata.bidirectional(each) in kinds for glyph in self.glyphs for each in glyph)


def stretches(page: Page) -> dict[int, Stretch]:
    """By the number of the marked content (MCID), in the order in which they are drawn."""
    import pikepdf

    reading = _Reading(page)
    for each in pikepdf.parse_content_stream(page, _OPERATORS):
        reading.take(str(each.operator), list(each.operands))
    return _once(reading.found)


def in_reading_order(parts: Sequence[Stretch | None], is_right_to_left: bool) -> list[int]:
    """The places of the parts of one paragraph as they are read. None stands for what has no place.

    Typst draws the runs of a line in the order in which they are read, but the glyphs of each from left to
    right: what climbs to the right in Arabic or Hebrew is turned round.
    """
    order: list[int] = []
    at = 0
    while at < len(parts):
        end = _run_end(parts, at)
        places = list(range(at, end))
        turned = [place for place in places if _is_turned(parts[place])]
        if turned and not is_right_to_left:  # signs at either end belong to the Latin text around
            places = list(range(turned[0], turned[-1] + 1))
        first, behind = (places[0], places[-1] + 1) if turned else (end, end)
        order += range(at, first)
        order += reversed(range(first, behind))
        order += range(behind, end)
        at = end
    return order


def _is_turned(part: Stretch | None) -> bool:
    return part is not None and part.is_right_to_left


def _run_end(parts: Sequence[Stretch | None], at: int) -> int:
    """Behind the last part that climbs to the right on one line without a Latin letter in it."""
    before, end = parts[at], at + 1
    if before is None or before.is_left_to_right:
        return end
    while end < len(parts):
        part = parts[end]
        if part is None or part.is_left_to_right or not _climbs(before, part):
            break
        before, end = part, end + 1
    return end


def _climbs(before: Stretch, part: Stretch) -> bool:
    return part.left >= before.left - 0.5 and abs(part.baseline - before.baseline) < _SAME_LINE


def _once(found: dict[int, Stretch]) -> dict[int, Stretch]:
    """Without the text of dots and vowel signs that stand off the line: their letter says it too."""
    marks = list(found)
    for at, mark in enumerate(marks):
        part = found[mark]
        if len(part.glyphs) != 1 or not part.is_right_to_left:
            continue
        beside = [found[marks[each]] for each in (at - 1, at + 1) if 0 <= each < len(marks)]
        if any(_says_it_too(other, part) for other in beside):
            found[mark] = Stretch((), part.left, part.baseline)
    return found


def _says_it_too(other: Stretch, part: Stretch) -> bool:
    is_off_line = 0 < abs(other.baseline - part.baseline) < _SAME_LINE
    return is_off_line and part.glyphs[0] in (other.glyphs[:1] + other.glyphs[-1:])


class _Reading:
    """The state of a content stream, as far as text needs it."""

    def __init__(self, page: Page) -> None:
        import pikepdf

        self.found: dict[int, Stretch] = {}
        self._fonts = {name: _characters(font) for name, font in _fonts(page)}
        self._font: dict[bytes, str] = {}
        self._matrix = pikepdf.Matrix()
        self._kept = [self._matrix]
        self._text_matrix = pikepdf.Matrix()
        self._open: list[tuple[int | None, str | None, bool]] = []  # MCID, ActualText, whether reversed
        self._said = 0  # how deep the ActualText is that was said already

    def take(self, operator: str, operands: list[Object]) -> None:
        import pikepdf

        if operator == "q":
            self._kept.append(self._matrix)
        elif operator == "Q":
            self._matrix = self._kept.pop() if self._kept else self._matrix
        elif operator == "cm":
            self._matrix = pikepdf.Matrix(*map(float, operands)) @ self._matrix
        elif operator == "Tm":
            self._text_matrix = pikepdf.Matrix(*map(float, operands))
        elif operator == "Tf":
            self._font = self._fonts.get(str(operands[0]), {})
        elif operator in ("BMC", "BDC"):
            self._begin(str(operands[0]), operands[1] if len(operands) > 1 else None)
        elif operator == "EMC" and self._open:
            self._open.pop()
            self._said = self._said if self._said <= len(self._open) else 0
        elif operator in ("Tj", "TJ"):
            self._show(operands[0])

    def _begin(self, tag: str, facts: Object | None) -> None:
        import pikepdf

        mark, actual = None, None
        if isinstance(facts, pikepdf.Dictionary):
            mark = int(facts.MCID) if "/MCID" in facts else None
            actual = str(facts.ActualText) if "/ActualText" in facts else None
        self._open.append((mark, actual, tag == "/ReversedChars"))

    def _show(self, shown: Object) -> None:
        import pikepdf

        mark = next((mark for mark, _, _ in reversed(self._open) if mark is not None), None)
        if mark is None:
            return
        pieces = list(shown) if isinstance(shown, pikepdf.Array) else [shown]
        codes = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
        glyphs = [self._font.get(codes[at : at + 2], "") for at in range(0, len(codes), 2)]
        depth = next((at for at, (_, actual, _) in enumerate(self._open, 1) if actual is not None), 0)
        if depth:
            glyphs = [] if self._said else [self._open[depth - 1][1] or ""]
            self._said = depth
        is_reversed = any(each for _, _, each in self._open)
        place = self._text_matrix @ self._matrix
        before = self.found.get(mark, Stretch((), place.e, place.f, is_reversed))
        self.found[mark] = Stretch(
            (*before.glyphs, *glyphs), before.left, before.baseline, is_reversed or before.is_reversed
        )


def _fonts(page: Page) -> Iterator[tuple[str, Dictionary]]:
    import pikepdf

    fonts = page.resources.get("/Font")
    if isinstance(fonts, pikepdf.Dictionary):
        for name in fonts.keys():  # noqa: SIM118  # iterating gives no names
            font = fonts[name]
            if isinstance(font, pikepdf.Dictionary):
                yield name, font


def _characters(font: Dictionary) -> dict[bytes, str]:
    """The text of each code, from the font's ToUnicode."""
    import pikepdf

    table = font.get("/ToUnicode")
    if not isinstance(table, pikepdf.Stream):
        return {}
    found: dict[bytes, str] = {}
    for kind, body in _RANGES.findall(table.read_bytes()):
        values = [bytes.fromhex(each.decode()) for each in _HEX.findall(body)]
        if kind == b"char":
            found.update(
                (code, _decoded(text)) for code, text in zip(values[::2], values[1::2], strict=False)
            )
        else:
            for first, last, text in zip(values[::3], values[1::3], values[2::3], strict=False):
                found.update(_range(first, last, text))
    return found


def _range(first: bytes, last: bytes, text: bytes) -> Iterator[tuple[bytes, str]]:
    start, begin = int.from_bytes(first), int.from_bytes(text)
    for step in range(min(int.from_bytes(last) - start, 0xFFFF) + 1):
        yield (start + step).to_bytes(len(first)), _decoded((begin + step).to_bytes(len(text)))


def _decoded(text: bytes) -> str:
    return text.decode("utf-16-be", errors="replace")
