"""The slide master and its four layouts, 13.333 x 7.5 inches, in the colours and fonts of the theme.

ECMA-376, part 1, chapter 19. A layout is one line in LAYOUTS: its placeholders and what is drawn behind them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.exports.writers.office.direction import is_right_to_left
from core.exports.writers.slides.boxes import (
    HEIGHT,
    INDENT,
    LEFT,
    RIGHT,
    ROOM,
    TEXT_WIDTH,
    TOP,
    WIDTH,
    LayoutName,
    Place,
)
from core.exports.writers.word.package import OFFICE
from core.exports.xml_text import document, escaped

NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
COLOUR_MAP = (
    'bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" '
    'accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"'
)
DECORATIVE = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
    'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)
EMPTY_TREE = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>'
    '<a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm>'
    "</p:grpSpPr>"
)
_ANY_NUMBER = "‹#›"
BAND_HEIGHT = 318.0


@dataclass(frozen=True, slots=True)
class Holder:
    """A placeholder of a layout. `style` are the levels of its text, empty for the master's."""

    name: str
    kind: str
    index: int
    place: Place
    prompt: str
    anchor: str = "t"
    style: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    title: str
    kind: str
    holders: tuple[Holder, ...]
    drawn: tuple[tuple[Place, str], ...] = ()
    background: str = ""
    edge_colour: str = "tx2"


TITLE_PLACE = Place(LEFT, 22.0, TEXT_WIDTH, 76.0)
SECTION_BAND = 286.0
_RULE = (Place(LEFT, 105.0, 60.0, 4.0), "accent2")
BODY_PLACE = Place(LEFT, TOP, TEXT_WIDTH, ROOM)
_FOOTER = Place(LEFT, 502.0, 640.0, 24.0)
_NUMBER = Place(RIGHT - 120.0, 502.0, 120.0, 24.0)


def letters(size: float, colour: str, *, is_bold: bool = False, align: str = "", font: str = "+mn") -> str:
    """The first level of a text; `align` is a side, empty for that of the language."""
    side = f' algn="{align}"' if align else ""
    return (
        f'<a:lvl1pPr marL="0" indent="0"{side}><a:buNone/><a:defRPr sz="{round(size * 100)}" '
        f'b="{int(is_bold)}">'
        f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill><a:latin typeface="{font}-lt"/>'
        f'<a:ea typeface="{font}-ea"/><a:cs typeface="{font}-cs"/></a:defRPr></a:lvl1pPr>'
    )


LAYOUTS: Mapping[LayoutName, Layout] = {
    "title": Layout(
        "Title slide",
        "title",
        (
            Holder(
                "Title",
                "ctrTitle",
                0,
                Place(64, 92, 832, 200),
                "Title",
                "b",
                letters(44, "bg1", is_bold=True, font="+mj"),
            ),
            Holder(
                "Kicker", "body", 10, Place(64, 52, 832, 30), "Type of document", "ctr", letters(16, "bg1")
            ),
            Holder("Subtitle", "subTitle", 1, Place(64, 346, 620, 84), "Subtitle", "t", letters(22, "tx1")),
            Holder(
                "By-line", "body", 11, Place(64, 446, 620, 46), "Author and date", "b", letters(16, "tx2")
            ),
        ),
        ((Place(0, 0, WIDTH, BAND_HEIGHT), "accent1"), (Place(0, BAND_HEIGHT, WIDTH, 6), "accent2")),
    ),
    "section": Layout(
        "Section",
        "secHead",
        (
            Holder(
                "Title",
                "title",
                0,
                Place(64, 92, 832, 166),
                "Section",
                "b",
                letters(40, "bg1", is_bold=True, font="+mj"),
            ),
            Holder("Lead", "body", 1, Place(64, 316, 832, 170), "First words", "t", letters(20, "tx1")),
        ),
        ((Place(0, 0, WIDTH, SECTION_BAND), "accent1"), (Place(0, SECTION_BAND, WIDTH, 6), "accent2")),
    ),
    "content": Layout(
        "Title and content",
        "obj",
        (
            Holder("Title", "title", 0, TITLE_PLACE, "Title", "b"),
            Holder("Text", "body", 1, BODY_PLACE, "Text"),
        ),
        (_RULE,),
    ),
    "only": Layout(
        "Title only", "titleOnly", (Holder("Title", "title", 0, TITLE_PLACE, "Title", "b"),), (_RULE,)
    ),
}


def transform(place: Place) -> str:
    return (
        f'<a:xfrm><a:off x="{emu(place.x)}" y="{emu(place.y)}"/>'
        f'<a:ext cx="{emu(place.width)}" cy="{emu(place.height)}"/></a:xfrm>'
    )


def emu(points: float) -> int:
    return round(points * 12700)


def master(language: str) -> bytes:
    ids = "".join(f'<p:sldLayoutId id="{2147483649 + at}" r:id="rId{at + 1}"/>' for at in range(len(LAYOUTS)))
    tree = (
        _holder(2, Holder("Title", "title", 0, TITLE_PLACE, "Title", "b"), language)
        + _holder(3, Holder("Text", "body", 1, BODY_PLACE, "Text"), language)
        + edges(4, "", language)
    )
    return document(
        f'<p:sldMaster {NAMESPACES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:schemeClr val="bg1"/></a:solidFill>'
        f"<a:effectLst/></p:bgPr></p:bg><p:spTree>{EMPTY_TREE}{tree}</p:spTree></p:cSld>"
        f"<p:clrMap {COLOUR_MAP}/><p:sldLayoutIdLst>{ids}</p:sldLayoutIdLst>"
        '<p:hf hdr="0" dt="0"/>'
        f"<p:txStyles><p:titleStyle>{_title_style(language)}</p:titleStyle>"
        f"<p:bodyStyle>{_body_style(language)}</p:bodyStyle>"
        f"<p:otherStyle>{_other_style(language)}</p:otherStyle></p:txStyles></p:sldMaster>"
    )


def layout(name: LayoutName, language: str, footer: str) -> bytes:
    made = LAYOUTS[name]
    drawn = "".join(
        _drawn(20 + at, _sided_place(place, language), colour)
        for at, (place, colour) in enumerate(made.drawn)
    )
    held = "".join(_holder(2 + at, holder, language) for at, holder in enumerate(made.holders))
    background = (
        f'<p:bg><p:bgPr><a:solidFill><a:schemeClr val="{made.background}"/></a:solidFill><a:effectLst/>'
        "</p:bgPr></p:bg>"
        if made.background
        else ""
    )
    foot = edges(12, footer, language, made.edge_colour) if name != "title" else ""
    return document(
        f'<p:sldLayout {NAMESPACES} type="{made.kind}" preserve="1"><p:cSld name="{made.title}">{background}'
        f"<p:spTree>{EMPTY_TREE}{drawn}{held}{foot}</p:spTree></p:cSld>"
        "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>"
    )


def edges(first: int, footer: str, language: str, colour: str = "tx2", number: str = _ANY_NUMBER) -> str:
    """The line of the company at the foot and the number of the slide."""
    turned = is_right_to_left(language)
    sides = ("r", "l") if turned else ("l", "r")
    rtl = ' rtl="1"' if turned else ""
    lang = escaped(language)
    text = f'<a:r><a:rPr lang="{lang}"/><a:t>{escaped(footer)}</a:t></a:r>' if footer else ""
    places = (_mirrored(_FOOTER), _mirrored(_NUMBER)) if turned else (_FOOTER, _NUMBER)
    made = ""
    for at, (kind, index, place, side, inside) in enumerate(
        (
            ("ftr", 11, places[0], sides[0], text),
            (
                "sldNum",
                12,
                places[1],
                sides[1],
                '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum">'
                f'<a:rPr lang="{lang}"/><a:t>{number}</a:t></a:fld>',
            ),
        )
    ):
        if kind == "ftr" and not footer and number != _ANY_NUMBER:
            continue  # a slide has no empty placeholder
        name = "Footer" if kind == "ftr" else "Slide number"
        made += (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{first + at}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/>'
            f"</p:cNvSpPr>"
            f'<p:nvPr><p:ph type="{kind}" sz="quarter" idx="{index}"/></p:nvPr></p:nvSpPr>'
            f"<p:spPr>{transform(place)}"
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
            f'<p:txBody><a:bodyPr vert="horz" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/><a:lstStyle>'
            f"{letters(12, colour, align=side)}</a:lstStyle>"
            f'<a:p><a:pPr{rtl}/>{inside}<a:endParaRPr lang="{lang}"/></a:p></p:txBody></p:sp>'
        )
    return made


def _sided_place(place: Place, language: str) -> Place:
    return _mirrored(place) if is_right_to_left(language) else place


def _mirrored(place: Place) -> Place:
    return Place(WIDTH - place.x - place.width, place.y, place.width, place.height)


def _holder(number: int, holder: Holder, language: str) -> str:
    index = f' idx="{holder.index}"' if holder.index else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{holder.name}"/><p:cNvSpPr><a:spLocks noGrp="1"/>'
        f'</p:cNvSpPr><p:nvPr><p:ph type="{holder.kind}"{index}/></p:nvPr></p:nvSpPr>'
        f"<p:spPr>{transform(_sided_place(holder.place, language))}"
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f'<p:txBody><a:bodyPr vert="horz" wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" '
        f'anchor="{holder.anchor}"><a:noAutofit/></a:bodyPr>'
        f"<a:lstStyle>{_sided(holder.style, language)}</a:lstStyle>"
        f'<a:p><a:r><a:rPr lang="{escaped(language)}"/><a:t>{holder.prompt}</a:t></a:r></a:p></p:txBody>'
        f"</p:sp>"
    )


def _sided(style: str, language: str) -> str:
    if not is_right_to_left(language):
        return style
    return style.replace(' indent="0">', ' indent="0" algn="r" rtl="1">')


def _drawn(number: int, place: Place, colour: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="Band {number}">{DECORATIVE}</p:cNvPr><p:cNvSpPr/>'
        f'<p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr>{transform(place)}'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )


def _title_style(language: str) -> str:
    turned = is_right_to_left(language)
    side = ' algn="r" rtl="1"' if turned else ' algn="l" rtl="0"'
    return (
        f'<a:lvl1pPr{side} eaLnBrk="1" hangingPunct="1"><a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef>'
        '<a:spcPts val="0"/></a:spcBef><a:buNone/><a:defRPr sz="2800" b="1"><a:solidFill><a:schemeClr '
        'val="tx1"/>'
        '</a:solidFill><a:latin typeface="+mj-lt"/><a:ea typeface="+mj-ea"/><a:cs typeface="+mj-cs"/>'
        "</a:defRPr>"
        "</a:lvl1pPr>"
    )


def _body_style(language: str) -> str:
    side = ' algn="r" rtl="1"' if is_right_to_left(language) else ' algn="l" rtl="0"'
    levels = []
    for level in range(1, 10):
        margin = emu(INDENT * level)
        size = 1800 if level == 1 else 1600
        sign = "•" if level % 2 else "–"
        levels.append(
            f'<a:lvl{level}pPr marL="{margin}" indent="-{emu(INDENT)}"{side} eaLnBrk="1" hangingPunct="1">'
            '<a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef>'
            '<a:spcAft><a:spcPts val="600"/></a:spcAft>'
            '<a:buClr><a:schemeClr val="accent1"/></a:buClr><a:buFont typeface="Arial"/>'
            f'<a:buChar char="{sign}"/><a:defRPr sz="{size}"><a:solidFill><a:schemeClr val="tx1"/>'
            f"</a:solidFill>"
            '<a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/></a:defRPr>'
            f"</a:lvl{level}pPr>"
        )
    return "".join(levels)


def _other_style(language: str) -> str:
    side = ' algn="r" rtl="1"' if is_right_to_left(language) else ' algn="l" rtl="0"'
    return (
        f'<a:defPPr><a:defRPr lang="{escaped(language)}"/></a:defPPr>'
        f'<a:lvl1pPr marL="0"{side}><a:defRPr sz="1800"><a:solidFill><a:schemeClr val="tx1"/></a:solidFill>'
        '<a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/><a:cs typeface="+mn-cs"/></a:defRPr>'
        "</a:lvl1pPr>"
    )


def notes_master() -> bytes:
    tree = ""
    for number, (kind, place) in enumerate(
        (("sldImg", Place(54, 66, 432, 243)), ("body", Place(54, 330, 432, 320))), start=2
    ):
        text = (
            '<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="en"/></a:p></p:txBody>'
            if kind == "body"
            else ""
        )
        locks = (
            '<a:spLocks noGrp="1"/>'
            if kind == "body"
            else '<a:spLocks noGrp="1" noRot="1" noChangeAspect="1"/>'
        )
        line = (
            ""
            if kind == "body"
            else '<a:noFill/><a:ln w="9525"><a:solidFill><a:schemeClr val="tx2"/></a:solidFill></a:ln>'
        )
        tree += (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{kind}"/><p:cNvSpPr>{locks}</p:cNvSpPr>'
            f'<p:nvPr><p:ph type="{kind}" idx="{number - 1}"/></p:nvPr></p:nvSpPr><p:spPr>{transform(place)}'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{line}</p:spPr>{text}</p:sp>'
        )
    return document(
        f'<p:notesMaster {NAMESPACES}><p:cSld><p:bg><p:bgPr><a:solidFill><a:schemeClr val="bg1"/>'
        f"</a:solidFill>"
        f"<a:effectLst/></p:bgPr></p:bg><p:spTree>{EMPTY_TREE}{tree}</p:spTree></p:cSld>"
        f'<p:clrMap {COLOUR_MAP}/><p:notesStyle><a:lvl1pPr marL="0"><a:defRPr sz="1200"><a:solidFill>'
        '<a:schemeClr val="tx1"/></a:solidFill><a:latin typeface="+mn-lt"/></a:defRPr></a:lvl1pPr>'
        "</p:notesStyle>"
        "</p:notesMaster>"
    )


def slide_size() -> str:
    return f'<p:sldSz cx="{emu(WIDTH)}" cy="{emu(HEIGHT)}"/><p:notesSz cx="6858000" cy="9144000"/>'
