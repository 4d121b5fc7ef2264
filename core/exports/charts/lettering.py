"""How wide text is in Inter, and how it is shortened and broken to fit. Widths are in pixels."""

from __future__ import annotations

from functools import cache

from core.exports.fonts import SHIPPED

ELLIPSIS = "…"
_WIDE = 0x2E80  # from here on scripts have characters as wide as high
_USUAL, _FULL = 0.62, 1.0  # of the size, for characters that Inter does not draw


def width(text: str, size: float, is_bold: bool = False) -> float:
    advances = _advances(is_bold)
    return size * sum(advances.get(ord(each), _FULL if ord(each) >= _WIDE else _USUAL) for each in text)


def shortened(text: str, size: float, room: float, is_bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis; a single ellipsis if nothing does."""
    if width(text, size, is_bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + ELLIPSIS, size, is_bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def broken(text: str, size: float, room: float, num_lines: int, is_bold: bool = False) -> list[str]:
    """The text on at most so many lines, broken at blanks; what is left over is cut from the last."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < num_lines - 1:
        taken = 1
        while taken < len(words) and width(" ".join(words[: taken + 1]), size, is_bold) <= room:
            taken += 1
        lines.append(shortened(" ".join(words[:taken]), size, room, is_bold))
        words = words[taken:]
    return [*lines, shortened(" ".join(words), size, room, is_bold)] if words else lines


@cache
def _advances(is_bold: bool) -> dict[int, float]:
    """In ems, by code point."""
    from fontTools.ttLib import TTFont

    with TTFont(SHIPPED / ("Inter_700Bold.ttf" if is_bold else "Inter_400Regular.ttf"), lazy=True) as font:
        em, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
        return {code: metrics[name][0] / em for code, name in (font.getBestCmap() or {}).items()}
