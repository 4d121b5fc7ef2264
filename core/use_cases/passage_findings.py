"""What an analysis found of shared passages, as it is stored: with words to show and names to exclude by."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from core.redundancy import Span
from core.redundancy.passages import EXCLUSIONS, PassageReport, SharedPassage

PASSAGES = "passages"
EXCERPT = 240


@dataclass(frozen=True, slots=True)
class KeptPassage:
    """A passage of a link with its beginning in `a`; `digest` names its words in whatever document."""

    kind: str
    a: Span
    b: Span
    num_words: int
    similarity: float
    exclusion: str | None
    digest: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class KeptLink:
    """As PassageLink; `words_a` and `words_b` are all words of the documents."""

    a_id: str
    b_id: str
    passages: tuple[KeptPassage, ...]
    share_a: float
    share_b: float
    exclusion: str | None


@dataclass(frozen=True, slots=True)
class KeptBoilerplate:
    """Text that stands in three or more documents, with where it stands in each."""

    documents: tuple[str, ...]
    places: tuple[Span, ...]
    num_words: int
    digest: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class PassageFindings:
    links: tuple[KeptLink, ...]
    boilerplate: tuple[KeptBoilerplate, ...]


def kept_findings(report: PassageReport, texts: Mapping[str, str]) -> PassageFindings:
    """The report with the words that people will see."""
    links = tuple(
        KeptLink(
            link.a_id,
            link.b_id,
            tuple(_kept(passage, texts[link.a_id]) for passage in link.passages),
            link.share_a,
            link.share_b,
            link.exclusion,
        )
        for link in report.links
    )
    boilerplate = tuple(
        KeptBoilerplate(
            tuple(place.id for place in found.places),
            tuple(place.span for place in found.places),
            found.num_words,
            digest(texts[found.places[0].id][slice(*found.places[0].span)]),
            excerpt(texts[found.places[0].id], found.places[0].span),
        )
        for found in report.boilerplate
    )
    return PassageFindings(links, boilerplate)


def _kept(passage: SharedPassage, text: str) -> KeptPassage:
    return KeptPassage(
        passage.kind,
        passage.a,
        passage.b,
        passage.num_words,
        passage.similarity,
        passage.exclusion if passage.exclusion in EXCLUSIONS else None,
        digest(text[slice(*passage.a)]),
        excerpt(text, passage.a),
    )


def digest(passage: str) -> str:
    """A name for these words, whatever their case, punctuation and spacing."""
    return hashlib.sha256(" ".join(re.findall(r"\w+", passage.casefold())).encode()).hexdigest()


def excerpt(text: str, span: Span) -> str:
    """The beginning of the passage on one line."""
    words = " ".join(text[slice(*span)].split())
    return words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(" ", 1)[0] + " …"


_FORM = TypeAdapter(PassageFindings)


def encode(findings: PassageFindings) -> bytes:
    return zlib.compress(_FORM.dump_json(findings), level=3)


def decode(body: bytes) -> PassageFindings:
    return _FORM.validate_json(zlib.decompress(body))
