"""Colours made from those of the company: dark enough to be read, light enough to lie under text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.exports.charts.palette import contrast, tint, visible
from core.exports.manuscript import Branding

READABLE = 4.5  # WCAG 2.2, 1.4.3
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Palette:
    """Each as RRGGBB. `primary` and `accent` are readable on white; `on_band` is readable on `band`."""

    band: str
    on_band: str
    primary: str
    accent: str
    tint: str
    ink: str = "1F2937"
    muted: str = "4B5563"
    line: str = "CBD5E1"
    wash: str = "F4F6F9"


def palette(branding: Branding) -> Palette:
    default = Branding()
    primary = branding.primary if _HEX.fullmatch(branding.primary) else default.primary
    accent = branding.accent if _HEX.fullmatch(branding.accent) else default.accent
    on_band = "#ffffff" if contrast(primary, "#ffffff") >= READABLE else "#111827"
    shades = (primary, on_band, visible(primary, READABLE), visible(accent, READABLE), tint(primary, 0.1))
    return Palette(*(shade[1:].upper() for shade in shades))
