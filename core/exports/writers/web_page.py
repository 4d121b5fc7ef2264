"""A web page in one file: pictures and styles inside, no script, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Callable

from core.content import Block, BlockKind, Picture
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.words import words_of
from core.exports.writers.markup.body import Body, Places
from core.exports.writers.markup.escaping import attributes, escaped
from core.exports.writers.markup.front import data_uri, edge, front, signatures
from core.exports.writers.markup.outline import contents, sections
from core.exports.writers.markup.stylesheet import page_style

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
FIRST_HEADING = 2


class WebPage:
    name = "html"
    extension = ".html"
    media_type = "text/html"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        body = Body(manuscript, design, Places(_embedded(manuscript)))
        inner = _sections(body, manuscript.content.blocks)
        notes = body.notes(body.note_keys(range(len(manuscript.content.blocks))))
        page = "\n".join(
            filter(
                None,
                (
                    "<!DOCTYPE html>",
                    f"<html{attributes(lang=manuscript.language, dir=_direction(manuscript))}>",
                    _head(manuscript, design),
                    f"<body{attributes(class_=_classes(design))}>",
                    f'<a class="skip" href="#text" data-role="apart">{escaped(manuscript.title)}</a>',
                    edge(manuscript.branding.header, "top"),
                    '<div class="sheet">',
                    front(manuscript, design, _logo(manuscript)),
                    '<div class="beside">',
                    _contents(body, manuscript) if design.has_contents else "",
                    f'<main id="text" data-first-heading="{FIRST_HEADING}">',
                    inner,
                    notes,
                    signatures(manuscript, design),
                    "</main>\n</div>\n</div>",
                    edge(manuscript.branding.footer, "bottom"),
                    "</body>\n</html>\n",
                ),
            )
        )
        return page.encode("utf-8")


def _head(manuscript: Manuscript, design: Design) -> str:
    facts = {
        "author": manuscript.author,
        "description": manuscript.subtitle,
        "keywords": ", ".join(manuscript.keywords),
        "dcterms.modified": manuscript.written.isoformat() if manuscript.written else "",
        "version": manuscript.version,
    }
    metas = "\n".join(
        f"<meta{attributes(name=key, content=value)}/>" for key, value in facts.items() if value
    )
    return f"""<head>
<meta charset="utf-8"/>
<meta{attributes(http_equiv="Content-Security-Policy", content=POLICY)}/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>{escaped(manuscript.title)}</title>
{metas}
<style>{page_style(manuscript.branding, design)}</style>
</head>"""


def _classes(design: Design) -> str:
    names = [design.name]
    names += ["has-contents"] if design.has_contents else []
    names += ["parted"] if design.breaks_before_sections else []
    return " ".join(names)


def _direction(manuscript: Manuscript) -> str:
    return "rtl" if manuscript.is_right_to_left else "ltr"


def _logo(manuscript: Manuscript) -> str:
    logo = manuscript.branding.logo
    return data_uri("image/png", logo) if logo else ""


def _embedded(manuscript: Manuscript) -> Callable[[Picture], str]:
    return lambda picture: data_uri(picture.media_type, manuscript.content.media[picture.sha256])


def _sections(body: Body, blocks: tuple[Block, ...]) -> str:
    parts = []
    for opening, places in sections(blocks):
        inner = body.markup(places)
        if opening is not None:
            inner = (
                f"<section{attributes(aria_labelledby=body.heading_anchor(opening))}>\n{inner}\n</section>"
            )
        parts.append(inner)
    return "\n".join(filter(None, parts))


def _contents(body: Body, manuscript: Manuscript) -> str:
    items = contents(body)
    if not items:
        return ""
    title = f'<h2 id="contents-title">{escaped(words_of(manuscript.language).contents)}</h2>'
    return f'<nav class="contents" data-role="apart" aria-labelledby="contents-title">{title}{items}</nav>'
