"""The fonts that an office file names: those of the company, or ones that every office has."""

from __future__ import annotations

from dataclasses import dataclass

from core.exports.design import Design
from core.exports.manuscript import Branding

OFFICE_FONTS = {"sans": "Arial", "serif": "Georgia"}
CODE_FONT = "Courier New"
_EAST_ASIAN = {"zh": "Microsoft YaHei", "ja": "Yu Gothic", "ko": "Malgun Gothic"}


@dataclass(frozen=True, slots=True)
class Typefaces:
    body: str
    headings: str
    complex_script: str
    east_asian: str


def typefaces(branding: Branding, design: Design, language: str) -> Typefaces:
    return Typefaces(
        branding.body_font or OFFICE_FONTS[design.body],
        branding.heading_font or OFFICE_FONTS[design.headings],
        "Arial",
        _EAST_ASIAN.get(language.partition("-")[0], "Microsoft YaHei"),
    )
