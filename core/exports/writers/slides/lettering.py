"""Paragraphs and runs of DrawingML (ECMA-376, part 1, 21.1): marks, links, signs, languages, directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.content import Run, Sign
from core.exports.writers.office.direction import is_right_to_left
from core.exports.writers.office.typefaces import CODE_FONT
from core.exports.writers.slides.boxes import INDENT, Paragraph
from core.exports.writers.slides.master import emu
from core.exports.writers.word.package import Relations
from core.exports.xml_text import escaped

_BREAKS = re.compile("\n")
_MADE = ' noProof="1"'
"""On what the writer puts beside the text: signs of notes, numbers, brackets. A reader leaves it out."""

_COLOUR_OF_TEXT = (
    '<a:extLst><a:ext uri="{A12FA001-AC4F-418D-AE19-62706E023703}"><ahyp:hlinkClr '
    'xmlns:ahyp="http://schemas.microsoft.com/office/drawing/2018/hyperlinkcolor" val="tx"/></a:ext>'
    "</a:extLst>"
)


@dataclass(slots=True)
class Pen:
    """Writes the text of one slide. `slide_of` finds the slide that a key or a source is on."""

    language: str
    labels: Mapping[str, str]
    notes: Mapping[str, int]
    slide_of: Callable[[str], int | None]
    relations: Relations = field(default_factory=Relations)

    def paragraph(self, paragraph: Paragraph, *, colour: str = "") -> str:
        language = paragraph.language or self.language
        inside = self.label(paragraph.label, paragraph, colour) if paragraph.label else ""
        inside += self.runs(
            paragraph.runs, paragraph.size, language, colour, is_mono=paragraph.kind == "code"
        )
        settings = self._settings(paragraph, language)
        return f"<a:p>{settings}{inside}{self._end(paragraph, language)}</a:p>"

    def label(self, text: str, paragraph: Paragraph, colour: str = "") -> str:
        tail = "\t" if paragraph.kind == "reference" else " "
        is_bold = ' b="1"' if paragraph.kind in ("caption", "paragraph") else ""
        fill = _fill(colour or "tx2")
        return (
            f'<a:r><a:rPr lang="{escaped(self.language)}" '
            f'sz="{round(paragraph.size * 100)}"{is_bold}{_MADE}>{fill}'
            f"</a:rPr><a:t>{escaped(text)}{tail}</a:t></a:r>"
        )

    def runs(
        self,
        runs: Sequence[Run],
        size: float,
        language: str = "",
        colour: str = "",
        *,
        is_bold: bool = False,
        is_mono: bool = False,
    ) -> str:
        base = language or self.language
        return "".join(
            self._run(run, size, run.language or base, colour, is_bold, is_mono)
            + "".join(self._sign(sign, size, base, colour) for sign in run.signs)
            for run in runs
        )

    def made(self, text: str, size: float, colour: str = "") -> str:
        """Words of the writer's own."""
        return (
            f'<a:r><a:rPr lang="{escaped(self.language)}" sz="{round(size * 100)}"{_MADE}>{_fill(colour)}'
            f"</a:rPr>"
            f"<a:t>{escaped(text)}</a:t></a:r>"
        )

    def _run(self, run: Run, size: float, language: str, colour: str, is_bold: bool, is_mono: bool) -> str:
        if not run.text:
            return ""
        styles = run.styles
        looks = ' b="1"' if is_bold or "strong" in styles else ""
        looks += ' i="1"' if "emphasis" in styles else ""
        looks += ' u="sng"' if "underline" in styles else ""
        looks += ' strike="sngStrike"' if "strike" in styles else ""
        if "superscript" in styles:
            looks += ' baseline="30000"'
        elif "subscript" in styles:
            looks += ' baseline="-25000"'
        colour = "tx1" if "highlight" in styles else colour
        inner = _fill(colour)
        inner += '<a:highlight><a:srgbClr val="FEF08A"/></a:highlight>' if "highlight" in styles else ""
        if is_mono or "code" in styles:
            inner += f'<a:latin typeface="{CODE_FONT}"/><a:cs typeface="{CODE_FONT}"/>'
        inner += self._link(run.link, is_plain=colour == "bg1" or "highlight" in styles)
        settings = f'<a:rPr lang="{escaped(language)}" sz="{round(size * 100)}"{looks}>{inner}</a:rPr>'
        pieces = [
            f"<a:r>{settings}<a:t>{escaped(piece)}</a:t></a:r>" if piece else ""
            for piece in _BREAKS.split(run.text)
        ]
        return f"<a:br>{settings}</a:br>".join(pieces)

    def _link(self, target: str, *, is_plain: bool) -> str:
        """A plain one has the colour of the text: on a dark ground nobody could read that of links."""
        if not target:
            return ""
        end = f">{_COLOUR_OF_TEXT}</a:hlinkClick>" if is_plain else "/>"
        if not target.startswith("#"):
            number = self.relations.add("hyperlink", target, is_external=True)
            return f'<a:hlinkClick r:id="{number}"{end}'
        place = self.slide_of(target[1:])
        if place is None:
            return ""
        number = self.relations.add("slide", f"slide{place}.xml")
        return f'<a:hlinkClick r:id="{number}" action="ppaction://hlinksldjump"{end}'

    def _sign(self, sign: Sign, size: float, language: str, colour: str) -> str:
        head = f'<a:r><a:rPr lang="{escaped(language)}" sz="{round(size * 100)}"'
        if sign.kind == "citation":
            label = self.labels.get(sign.key)
            return (
                f"{head}{_MADE}>{_fill(colour)}{self._link('#' + sign.key, is_plain=colour == 'bg1')}</a:rPr>"
                f"<a:t>[{escaped(label)}]</a:t></a:r>"
                if label
                else ""
            )
        number = self.notes.get(sign.key)
        return (
            f'{head} baseline="30000"{_MADE}>{_fill(colour)}</a:rPr><a:t>{number}</a:t></a:r>'
            if number
            else ""
        )

    def _settings(self, paragraph: Paragraph, language: str) -> str:
        side = direction(language)
        after = f'<a:spcAft><a:spcPts val="{round(paragraph.space_after * 100)}"/></a:spcAft>'
        spaces = f'<a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef>{after}'
        if paragraph.kind == "list_item":
            margin = f'marL="{emu(paragraph.indent)}" indent="-{emu(INDENT)}" lvl="{paragraph.level}"'
            return f"<a:pPr {margin}{side}>{spaces}{_bullet(paragraph)}</a:pPr>"
        if paragraph.kind == "reference":
            tab = f'<a:tabLst><a:tab pos="{emu(paragraph.indent)}" algn="l"/></a:tabLst>'
            margin = f'marL="{emu(paragraph.indent)}" indent="-{emu(paragraph.indent)}"'
            return f"<a:pPr {margin}{side}>{spaces}<a:buNone/>{tab}</a:pPr>"
        left = ' algn="l" rtl="0"' if paragraph.kind == "code" else side
        return f'<a:pPr marL="0" indent="0"{left}>{spaces}<a:buNone/></a:pPr>'

    def _end(self, paragraph: Paragraph, language: str) -> str:
        return f'<a:endParaRPr lang="{escaped(language)}" sz="{round(paragraph.size * 100)}"/>'


def direction(language: str) -> str:
    return ' algn="r" rtl="1"' if is_right_to_left(language) else ' algn="l" rtl="0"'


def _bullet(paragraph: Paragraph) -> str:
    colour = '<a:buClr><a:schemeClr val="accent1"/></a:buClr>'
    if paragraph.is_continued:
        return "<a:buNone/>"
    if paragraph.is_ordered:
        kind = ("arabicPeriod", "alphaLcPeriod", "romanLcPeriod")[paragraph.level % 3]
        start = f' startAt="{paragraph.at}"' if 1 < paragraph.at < 32768 else ""
        return f'{colour}<a:buFont typeface="+mj-lt"/><a:buAutoNum type="{kind}"{start}/>'
    sign = "–" if paragraph.level % 2 else "•"
    return f'{colour}<a:buFont typeface="Arial"/><a:buChar char="{sign}"/>'


def _fill(colour: str) -> str:
    return f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill>' if colour else ""
