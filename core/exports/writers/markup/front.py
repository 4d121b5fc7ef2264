"""What stands before and after the body: the title in the design's manner, fields, signatures."""

from __future__ import annotations

import base64

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.words import words_of
from core.exports.writers.markup.escaping import attributes, escaped
from core.exports.writers.office.front_matter import front_matter

PLACES_TO_SIGN = 2


def front(manuscript: Manuscript, design: Design, logo: str) -> str:
    """The head of the document; `logo` is the address of its picture, or empty. Its h1 is the title."""
    head = front_matter(manuscript, design, words_of(manuscript.language))
    name = manuscript.branding.name
    brand = f'<img class="logo"{attributes(src=logo, alt=name)}/>' if logo else escaped(name)
    parts = [f'<p class="brand">{brand}</p>' if brand else ""]
    if design.front not in ("letterhead", "none"):
        parts.append(f'<p class="kicker">{escaped(head.kicker)}</p>')
    parts.append(f"<h1>{escaped(head.title)}</h1>")
    if head.subtitle:
        parts.append(f'<p class="subtitle">{escaped(head.subtitle)}</p>')
    if head.byline:
        items = "".join(f"<li>{escaped(each)}</li>" for each in head.byline)
        parts.append(f'<ul class="byline">{items}</ul>')
    if head.fields:
        rows = "".join(
            f"<div><dt>{escaped(label)}</dt><dd>{escaped(value)}</dd></div>" for label, value in head.fields
        )
        parts.append(f'<dl class="fields">{rows}</dl>')
    inner = "\n".join(filter(None, parts))
    return f'<header class="front {design.front}" data-role="apart">\n{inner}\n</header>'


def signatures(manuscript: Manuscript, design: Design) -> str:
    """Lines to sign on, where the design asks for them."""
    if not design.has_signatures:
        return ""
    words = words_of(manuscript.language)
    labels = (words.signature, words.name, words.position, words.date)
    lines = "".join(f'<p><span class="line"></span>{escaped(label)}</p>' for label in labels)
    block = f'<div class="signer">{lines}</div>'
    which = attributes(class_="signatures", data_role="apart", aria_label=words.signature)
    return f"<section{which}>{block * PLACES_TO_SIGN}</section>"


def edge(text: str, place: str) -> str:
    """The line of the company above or below everything."""
    return f'<div class="edge {place}" data-role="apart">{escaped(text)}</div>' if text else ""


def data_uri(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
