"""Runs and paragraphs of one story: the body, or the footnotes. Each has relations of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.content import Run, Sign
from core.exports.writers.office.direction import is_right_to_left, stretches
from core.exports.writers.word.package import Relations
from core.exports.xml_text import escaped

_NAME = re.compile(r"[A-Za-z][\w-]{0,33}", re.ASCII)
_BREAKS = re.compile("([\n\t])")


def bookmark(key: str, kind: str = "") -> str:
    """The name that a key has inside the file: at most 40 characters, a letter first."""
    name = f"{kind}-{key}" if kind else key
    if _NAME.fullmatch(name) and (kind or not name.startswith(("ref-", "note-"))):
        return name
    return f"{kind or 'key'}-{hashlib.sha256(key.encode()).hexdigest()[:24]}"


@dataclass(slots=True)
class Notes:
    """Which footnotes were cited so far, by their numbers in the file."""

    numbers: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    """Writes text. `places` are the bookmarks of keys; `labels` are the numbers of sources."""

    language: str
    places: Mapping[str, str]
    labels: Mapping[str, str]
    notes: Notes
    relations: Relations = field(default_factory=Relations)
    holds_notes: bool = False
    num_bookmarks: int = 0

    def paragraph(
        self,
        style: str,
        runs: str,
        *,
        language: str = "",
        settings: str = "",
        before: str = "",
        after: str = "",
    ) -> str:
        """`before` are settings that come before the numbering in the schema's order, `after` after it."""
        is_turned = is_right_to_left(language or self.language)
        bidi = "<w:bidi/>" if is_turned else ""
        inside = f"{before}{settings}{bidi}{after}"
        name = f'<w:pStyle w:val="{style}"/>' if style else ""
        return f"<w:p><w:pPr>{name}{inside}</w:pPr>{runs}</w:p>" if name or inside else f"<w:p>{runs}</w:p>"

    def runs(self, runs: Sequence[Run], language: str = "") -> str:
        return "".join(self._run(run, run.language or language) for run in runs)

    def _run(self, run: Run, language: str) -> str:
        written = text_run(run.text, _look(run), language, self.language) if run.text else ""
        if run.link and written:
            written = self._link(run, language)
        return written + "".join(self._sign(sign) for sign in run.signs)

    def _link(self, run: Run, language: str) -> str:
        style = "" if "code" in run.styles else '<w:rStyle w:val="Hyperlink"/>'
        written = text_run(run.text, style + _look(run), language, self.language)
        if not run.link.startswith("#"):
            number = self.relations.add("hyperlink", run.link, is_external=True)
            return f'<w:hyperlink r:id="{number}" w:history="1">{written}</w:hyperlink>'
        place = self.places.get(run.link[1:])
        return _anchored(place, written) if place else written

    def _sign(self, sign: Sign) -> str:
        if sign.kind == "citation":
            label = self.labels.get(sign.key, "")
            written = text_run(f"[{label}]", '<w:rStyle w:val="CitationSign"/>', "", self.language)
            return _anchored(self.places[sign.key], written) if label else ""
        number = self.notes.numbers.get(sign.key)
        if number is not None:
            look = '<w:rStyle w:val="FootnoteReference"/>'
            return _anchored(bookmark(sign.key, "note"), text_run(str(number), look, "", self.language))
        if self.holds_notes:
            return ""  # a note cannot hold the first sign of another
        number = self.notes.numbers[sign.key] = len(self.notes.numbers) + 1
        mark = (
            f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference '
            f'w:id="{number}"/></w:r>'
        )
        return self.marked(bookmark(sign.key, "note"), mark)

    def marked(self, name: str, runs: str) -> str:
        """The runs inside a bookmark."""
        self.num_bookmarks += 1
        number = self.num_bookmarks
        return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{runs}<w:bookmarkEnd w:id="{number}"/>'


def text_run(text: str, look: str = "", language: str = "", base: str = "") -> str:
    """Runs of the text, cut where its direction turns."""
    made = []
    for piece, is_turned in stretches(text):
        tail = _tongue(language, base, is_turned)
        settings = f"<w:rPr>{look}{tail}</w:rPr>" if look or tail else ""
        made.append(f"<w:r>{settings}{_letters(piece)}</w:r>")
    return "".join(made)


def field_run(instruction: str, shown: str, look: str = "") -> str:
    """A field that Word can refresh, with what it shows until then."""
    settings = f"<w:rPr>{look}</w:rPr>" if look else ""
    return (
        f'<w:r>{settings}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{settings}<w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
        f'<w:r>{settings}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"<w:r>{settings}<w:t>{escaped(shown)}</w:t></w:r>"
        f'<w:r>{settings}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def _anchored(place: str, runs: str) -> str:
    return f'<w:hyperlink w:anchor="{place}" w:history="1">{runs}</w:hyperlink>'


def _letters(text: str) -> str:
    pieces = []
    for piece in _BREAKS.split(text):
        if piece == "\n":
            pieces.append("<w:br/>")
        elif piece == "\t":
            pieces.append("<w:tab/>")
        elif piece:
            pieces.append(f'<w:t xml:space="preserve">{escaped(piece)}</w:t>')
    return "".join(pieces)


def _tongue(language: str, base: str, is_turned: bool) -> str:
    """The direction of a run and the language that it is checked in."""
    told = language if language and language != base else ""
    rtl = "<w:rtl/>" if is_turned else ""
    if not told:
        return rtl
    if is_right_to_left(told):
        return f'{rtl}<w:lang w:bidi="{escaped(told)}"/>'
    if told.partition("-")[0] in ("zh", "ja", "ko"):
        return f'{rtl}<w:lang w:eastAsia="{escaped(told)}"/>'
    return f'{rtl}<w:lang w:val="{escaped(told)}"/>'


def _look(run: Run) -> str:
    """In the order of the schema."""
    styles = run.styles
    return (
        ('<w:rStyle w:val="CodeText"/>' if "code" in styles else "")
        + ("<w:b/><w:bCs/>" if "strong" in styles else "")
        + ("<w:i/><w:iCs/>" if "emphasis" in styles else "")
        + ("<w:strike/>" if "strike" in styles else "")
        + ('<w:highlight w:val="yellow"/>' if "highlight" in styles else "")
        + ('<w:u w:val="single"/>' if "underline" in styles else "")
        + ('<w:vertAlign w:val="superscript"/>' if "superscript" in styles else "")
        + (
            '<w:vertAlign w:val="subscript"/>'
            if "subscript" in styles and "superscript" not in styles
            else ""
        )
    )
