"""The colours of a page, light and dark, each legible on what it stands on (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.exports.charts.palette import channels, contrast
from core.exports.manuscript import Branding

LEGIBLE = 4.5
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shades:
    """`on_primary` stands on `primary`; all others on `paper` and on `tint`."""

    paper: str
    tint: str
    line: str
    ink: str
    faint: str
    primary: str
    accent: str
    on_primary: str

    def pairs(self) -> tuple[tuple[str, str, str], ...]:
        """What is written on what: name, colour, ground."""
        inks = {"ink": self.ink, "faint": self.faint, "primary": self.primary, "accent": self.accent}
        grounds = (self.paper, self.tint)
        on_grounds = tuple((name, ink, ground) for name, ink in inks.items() for ground in grounds)
        return (*on_grounds, ("on_primary", self.on_primary, self.primary))


def light(branding: Branding) -> Shades:
    return _shades(branding, paper="#ffffff", tint="#f4f6f9", line="#d9dee6", ink="#1b2330", faint="#536072")


def dark(branding: Branding) -> Shades:
    return _shades(branding, paper="#10151d", tint="#1a212c", line="#323c4b", ink="#e8ecf2", faint="#a3aebd")


def legible(colour: str, ground: str) -> str:
    """The colour, moved towards black or white until it can be read on the ground."""
    goal = 255 if contrast(ground, "#ffffff") > contrast(ground, "#000000") else 0
    red, green, blue = channels(colour)
    for step in range(21):
        share = step / 20
        mixed = tuple(round(each + (goal - each) * share) for each in (red, green, blue))
        shown = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(shown, ground) >= LEGIBLE:
            return shown
    return "#ffffff" if goal else "#000000"


def _shades(branding: Branding, *, paper: str, tint: str, line: str, ink: str, faint: str) -> Shades:
    primary = legible(legible(_known(branding.primary, Branding().primary), tint), paper)
    accent = legible(legible(_known(branding.accent, Branding().accent), tint), paper)
    on_primary = max(("#ffffff", "#10151d"), key=lambda colour: contrast(colour, primary))
    return Shades(
        paper=paper,
        tint=tint,
        line=line,
        ink=ink,
        faint=faint,
        primary=primary,
        accent=accent,
        on_primary=on_primary,
    )


def _known(colour: str, default: str) -> str:
    return colour if _COLOUR.fullmatch(colour) else default
