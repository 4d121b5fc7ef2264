"""An e-book (EPUB 3.3): a page for each section, pictures as files, charts drawn in the page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.content import BlockKind, Picture
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.reproducible_zip import pack
from core.exports.words import words_of
from core.exports.writers.markup.body import Body, Places
from core.exports.writers.markup.escaping import attributes, escaped
from core.exports.writers.markup.front import edge, front, signatures
from core.exports.writers.markup.outline import contents, sections
from core.exports.writers.markup.stylesheet import book_style

UNDATED = "2000-01-01"
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}
LOGO = "pictures/logo.png"
_PAGE = "application/xhtml+xml"

_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""


class Ebook:
    name = "epub"
    extension = ".epub"
    media_type = "application/epub+zip"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        book = _Book(manuscript, design)
        pages = book.pages()
        pictures = _pictures(manuscript)
        members = [
            ("mimetype", self.media_type.encode()),
            ("META-INF/container.xml", _CONTAINER.encode()),
            ("book/book.opf", _package(manuscript, design, pages, pictures).encode("utf-8")),
            *((f"book/{page.file}", page.text.encode("utf-8")) for page in pages),
            ("book/style.css", book_style(manuscript.branding, design).encode("utf-8")),
            *((f"book/{name}", data) for name, (_, data) in pictures.items()),
        ]
        return pack(members, stored=frozenset({"mimetype"}))


@dataclass(frozen=True, slots=True)
class _Page:
    """`properties` are those of its entry in the manifest."""

    file: str
    text: str
    properties: str = ""


@dataclass(slots=True)
class _Book:
    manuscript: Manuscript
    design: Design
    _files: dict[int, str] = field(default_factory=dict)

    def pages(self) -> list[_Page]:
        parts = sections(self.manuscript.content.blocks)
        for number, (_, places) in enumerate(parts, start=1):
            self._files |= dict.fromkeys(places, f"section-{number}.xhtml")
        self._place_notes()
        body = Body(self.manuscript, self.design, Places(_picture_file, self._files.__getitem__, True))
        written = [self._section(body, opening, places) for opening, places in parts]
        return [self._cover(), self._navigation(body), *written]

    def _place_notes(self) -> None:
        """A footnote is on the page of its first sign."""
        blocks = self.manuscript.content.blocks
        signs: dict[str, str] = {}
        for at, block in enumerate(blocks):
            for mark in block.marks if block.kind != "footnote" else ():
                if mark.kind == "footnote":
                    signs.setdefault(mark.target, self._files[at])
        for at, block in enumerate(blocks):
            if block.kind == "footnote" and block.key in signs:
                self._files[at] = signs[block.key]

    def _cover(self) -> _Page:
        logo = LOGO if self.manuscript.branding.logo else ""
        inner = front(self.manuscript, self.design, logo)
        which = attributes(epub__type="titlepage", role="region", aria_label=self._kind())
        text = f"<section{which}>{inner}</section>"
        return _Page("title.xhtml", self._document(self.manuscript.title, text))

    def _kind(self) -> str:
        return self.design.titles.get(self.manuscript.language.partition("-")[0], self.design.titles["en"])

    def _navigation(self, body: Body) -> _Page:
        words = words_of(self.manuscript.language)
        first = next(iter(self._files.values()), "title.xhtml")
        listed = contents(body) or f'<ol><li><a href="{first}">{escaped(self.manuscript.title)}</a></li></ol>'
        text = f"""<nav class="contents" epub:type="toc" role="doc-toc" aria-labelledby="contents-title">
<h2 id="contents-title">{escaped(words.contents)}</h2>
{listed}
</nav>
<nav epub:type="landmarks" hidden="hidden"{attributes(aria_label=self.manuscript.title)}>
<ol><li><a epub:type="titlepage" href="title.xhtml">{escaped(self._kind())}</a></li>
<li><a epub:type="toc" href="contents.xhtml">{escaped(words.contents)}</a></li>
<li><a epub:type="bodymatter" href="{first}">{escaped(self.manuscript.title)}</a></li></ol>
</nav>"""
        return _Page("contents.xhtml", self._document(words.contents, text), "nav")

    def _section(self, body: Body, opening: int | None, places: Sequence[int]) -> _Page:
        blocks = self.manuscript.content.blocks
        title = blocks[opening].text if opening is not None else self.manuscript.title
        inner = body.markup(places)
        notes = body.notes(self._first_here(body, places))
        is_last = places[-1] == len(blocks) - 1
        end = signatures(self.manuscript, self.design) if is_last else ""
        name = attributes(aria_labelledby=body.heading_anchor(opening)) if opening is not None else ""
        kind = ' epub:type="chapter" role="doc-chapter"' if opening is not None else ""
        text = f'<section data-first-heading="2"{kind}{name}>\n{inner}\n{notes}\n{end}</section>'
        edges = (self.manuscript.branding.footer,) if is_last else ()
        text += "".join(edge(line, "bottom") for line in edges)
        return _Page(self._files[places[0]], self._document(title, text), "svg" if "<svg" in text else "")

    def _first_here(self, body: Body, places: Sequence[int]) -> list[str]:
        """The notes that belong to this page, whose signs are here before anywhere else."""
        blocks, here = self.manuscript.content.blocks, self._files[places[0]]
        homes = {block.key: self._files[at] for at, block in enumerate(blocks) if block.kind == "footnote"}
        return [key for key in body.note_keys(places) if homes.get(key) == here]

    def _document(self, title: str, inner: str) -> str:
        direction = "rtl" if self.manuscript.is_right_to_left else "ltr"
        language = attributes(
            xml__lang=self.manuscript.language, lang=self.manuscript.language, dir=direction
        )
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"{language}>
<head><meta charset="utf-8"/><title>{escaped(title.replace(chr(10), " "))}</title>
<link rel="stylesheet" type="text/css" href="style.css"/></head>
<body class="{self.design.name}">
{inner}
</body>
</html>
"""


def _picture_file(picture: Picture) -> str:
    return f"pictures/{picture.sha256}.{EXTENSIONS.get(picture.media_type, 'png')}"


def _pictures(manuscript: Manuscript) -> dict[str, tuple[str, bytes]]:
    """Media type and bytes by the name of the file, each picture once."""
    found: dict[str, tuple[str, bytes]] = {}
    if manuscript.branding.logo:
        found[LOGO] = ("image/png", manuscript.branding.logo)
    for block in manuscript.content.blocks:
        if block.picture:
            data = manuscript.content.media[block.picture.sha256]
            found[_picture_file(block.picture)] = (block.picture.media_type, data)
    return found


def _package(
    manuscript: Manuscript, design: Design, pages: Sequence[_Page], pictures: dict[str, tuple[str, bytes]]
) -> str:
    written = manuscript.written.isoformat() if manuscript.written else UNDATED
    facts = [
        f'<dc:identifier id="book-id">{_identifier(manuscript, pages, pictures)}</dc:identifier>',
        f"<dc:title>{escaped(manuscript.title)}</dc:title>",
        f"<dc:language>{escaped(manuscript.language)}</dc:language>",
        *([f"<dc:creator>{escaped(manuscript.author)}</dc:creator>"] if manuscript.author else []),
        *(
            [f"<dc:publisher>{escaped(manuscript.branding.name)}</dc:publisher>"]
            if manuscript.branding.name
            else []
        ),
        *(
            [f"<dc:description>{escaped(manuscript.subtitle)}</dc:description>"]
            if manuscript.subtitle
            else []
        ),
        *(f"<dc:subject>{escaped(word)}</dc:subject>" for word in manuscript.keywords if word),
        *([f"<dc:date>{written}</dc:date>"] if manuscript.written else []),
        f'<meta property="dcterms:modified">{written}T00:00:00Z</meta>',
        *_accessibility(manuscript),
    ]
    items = [_item(f"page-{at}", page.file, _PAGE, page.properties) for at, page in enumerate(pages)]
    items.append(_item("style", "style.css", "text/css"))
    items += [
        _item(f"picture-{at}", name, media_type)
        for at, (name, (media_type, _)) in enumerate(pictures.items())
    ]
    spine = "".join(f'<itemref idref="page-{at}"/>' for at in range(len(pages)))
    direction = "rtl" if manuscript.is_right_to_left else "ltr"
    lines, language = "\n".join, attributes(xml__lang=manuscript.language)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book-id"{language}>
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
{lines(facts)}
</metadata>
<manifest>
{lines(items)}
</manifest>
<spine page-progression-direction="{direction}">{spine}</spine>
</package>
"""


def _item(name: str, file: str, media_type: str, properties: str = "") -> str:
    which = attributes(id=name, href=file, media_type=media_type, properties=properties or None)
    return f"<item{which}/>"


def _accessibility(manuscript: Manuscript) -> list[str]:
    """Schema.org terms that EPUB Accessibility 1.1 asks for, and only those that are true of this book."""
    blocks = manuscript.content.blocks
    modes = ["textual"] + (["visual"] if any(each.picture or each.chart for each in blocks) else [])
    features = ["structuralNavigation", "tableOfContents", "readingOrder", "displayTransformability"]
    features += ["alternativeText"] if any(each.picture for each in blocks) else []
    features += ["longDescription"] if any(each.chart for each in blocks) else []
    values = [("accessMode", mode) for mode in modes]
    values += [("accessModeSufficient", "textual")]
    values += [("accessibilityFeature", each) for each in features]
    values += [("accessibilityHazard", "none")]
    return [f'<meta property="schema:{name}">{value}</meta>' for name, value in values]


def _identifier(
    manuscript: Manuscript, pages: Sequence[_Page], pictures: dict[str, tuple[str, bytes]]
) -> str:
    """A UUID made from the hash of what is in the book (RFC 9562, version 8)."""
    told = [manuscript.title, manuscript.author, manuscript.version, str(manuscript.written)]
    digest = hashlib.sha256(
        json.dumps([told, [page.text for page in pages], sorted(pictures)]).encode()
    ).hexdigest()
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
