"""The theme of an Office file: its colours and fonts by name (ECMA-376, part 1, 20.1.6.9)."""

from __future__ import annotations

from core.exports.writers.office.colours import Palette
from core.exports.xml_text import document, escaped

_FORMATS = (
    '<a:fmtScheme name="Plain"><a:fillStyleLst>{fill}{fill}{fill}</a:fillStyleLst>'
    "<a:lnStyleLst>{line}{line}{line}</a:lnStyleLst>"
    "<a:effectStyleLst>{effect}{effect}{effect}</a:effectStyleLst>"
    "<a:bgFillStyleLst>{fill}{fill}{fill}</a:bgFillStyleLst></a:fmtScheme>"
)
_FILL = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
_LINE = f'<a:ln w="9525" cap="flat" cmpd="sng" algn="ctr">{_FILL}<a:prstDash val="solid"/></a:ln>'
_EFFECT = "<a:effectStyle><a:effectLst/></a:effectStyle>"


def theme(palette: Palette, heading_font: str, body_font: str) -> bytes:
    return document(
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Company">'
        f"<a:themeElements>{_colours(palette)}{_fonts(heading_font, body_font)}"
        f"{_FORMATS.format(fill=_FILL, line=_LINE, effect=_EFFECT)}</a:themeElements></a:theme>"
    )


def _colours(palette: Palette) -> str:
    colours = {
        "dk1": palette.ink,
        "lt1": "FFFFFF",
        "dk2": palette.muted,
        "lt2": palette.wash,
        "accent1": palette.primary,
        "accent2": palette.accent,
        "accent3": "B45309",
        "accent4": "7C3AED",
        "accent5": "BE185D",
        "accent6": "4D7C0F",
        "hlink": palette.primary,
        "folHlink": "6B21A8",
    }
    lines = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in colours.items())
    return f'<a:clrScheme name="Company">{lines}</a:clrScheme>'


def _fonts(heading: str, body: str) -> str:
    lines = "".join(
        f'<a:{place}><a:latin typeface="{escaped(font)}"/><a:ea typeface=""/><a:cs typeface=""/></a:{place}>'
        for place, font in (("majorFont", heading), ("minorFont", body))
    )
    return f'<a:fontScheme name="Company">{lines}</a:fontScheme>'
