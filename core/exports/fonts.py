"""Which fonts a file can use, and what they draw: Latin, Greek, Cyrillic, Arabic, Hebrew and signs ship."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "fonts"
FAMILIES: Mapping[str, str] = {"sans": "Inter", "serif": "Source Serif 4"}
"""The family for each typeface of a design."""

FALLBACKS = (
    "Inter",
    "IBM Plex Sans Arabic",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
    "Noto Sans Math",
    "Noto Emoji",
)
SYSTEM = tuple(
    map(
        Path,
        (
            "/usr/share/fonts",
            "/usr/local/share/fonts",
            "/Library/Fonts",
            "/System/Library/Fonts",
            "C:/Windows/Fonts",
        ),
    )
)
_DRAWN_BY_NOBODY = frozenset(
    map(chr, (*range(0x20), *range(0x7F, 0xA0), 0xAD, *range(0x200B, 0x2010), *range(0xFE00, 0xFE10)))
)


def uncovered(text: str) -> str:
    """The characters that no shipped font draws, each once, in order of code point."""
    return "".join(sorted(set(text) - _covered(SHIPPED) - _DRAWN_BY_NOBODY))


def missing(text: str) -> str:
    """The characters for which neither a shipped nor an installed font is there, each once."""
    left = set(uncovered(text))
    for folder in SYSTEM:
        if not left:
            break
        left -= _covered(folder)
    return "".join(sorted(left))


def scripts(characters: Iterable[str]) -> tuple[str, ...]:
    """The writing systems of these characters, by the first word of their Unicode names: "CJK", "THAI"."""
    import unicodedata

    return tuple(sorted({unicodedata.name(each, "UNNAMED").split(" ")[0] for each in characters}))


@cache
def _covered(folder: Path) -> frozenset[str]:
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    found: set[int] = set()
    for path in sorted(folder.rglob("*.[to]t[fc]")) if folder.is_dir() else ():
        try:
            fonts = (
                TTCollection(path, lazy=True).fonts if path.suffix == ".ttc" else [TTFont(path, lazy=True)]
            )
            for font in fonts:
                found |= set(font.getBestCmap() or ())
        except (TTLibError, OSError, KeyError, ValueError):
            continue  # a font file that is damaged draws nothing
    return frozenset(map(chr, found))
