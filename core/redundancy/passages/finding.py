"""The passages that the documents of a library share, with boilerplate, quotes and templates set apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.errors import Invalid
from core.language.embedder import Embedder
from core.redundancy.evidence import Span
from core.redundancy.passages.boilerplate import MarkedTexts
from core.redundancy.passages.chains import MIN_WORDS, Chain, between
from core.redundancy.passages.components import components
from core.redundancy.passages.coverage import cut
from core.redundancy.passages.index import PassageIndex
from core.redundancy.passages.library import NumberedLibrary, Pair, find_chains
from core.redundancy.passages.link import Boilerplate, PassageLink, PassageReport, Place
from core.redundancy.passages.link_writer import LinkWriter, Piece
from core.redundancy.shingles import Progress
from core.redundancy.subject import Subject

_LARGE_GROUP = 32  # of more documents with equal words, only the first is linked to the others


def find_passages(
    subjects: Sequence[Subject],
    *,
    index: PassageIndex | None = None,
    min_words: int = MIN_WORDS,
    embedder: Embedder | None = None,
    quotes: Mapping[str, Sequence[Span]] | None = None,
    progress: Progress | None = None,
) -> PassageReport:
    """Every pair of documents that share at least `min_words` words in a row, small gaps bridged.

    `index` saves reading the texts again; it holds these subjects and no others, else Invalid is raised.
    With an embedder, sentences next to a copied passage that mean the same are passages of kind
    "paraphrase". `quotes` are the stretches of a document, by its id, that stand in quote blocks. `progress`
    goes to 1. Fewer words than SURE_WORDS are found only where a chosen phrase lies among them.
    """
    texts = {subject.id: subject for subject in subjects}
    library = NumberedLibrary.of(_matching(index, texts) if index is not None else PassageIndex(subjects))
    _tell(progress, 0.3)
    found = find_chains(library, min_words)
    marked = MarkedTexts.of(library, found, min_words)
    pieces = {pair: list(_pieces(library, marked, pair, found[pair], min_words)) for pair in sorted(found)}
    _tell(progress, 0.6)
    writer = LinkWriter(texts, quotes or {}, embedder)
    links = [*_links(library, marked, writer, pieces), *_links_of_equals(library, writer, min_words)]
    links.sort(key=lambda link: (-link.num_words, -link.num_excluded_words, link.a_id, link.b_id))
    boilerplate = _boilerplate(library, marked, pieces, writer)
    _tell(progress, 1.0)
    return PassageReport(tuple(links), boilerplate, min_words)


def _matching(index: PassageIndex, texts: Mapping[str, Subject]) -> PassageIndex:
    if {text.id for text in index} != texts.keys():
        raise Invalid(
            "The passage index does not hold exactly these documents.",
            remedy="Add and remove documents in the index as in the library, or search without an index.",
        )
    return index


def _tell(progress: Progress | None, done: float) -> None:
    if progress is not None:
        progress(done)


def _pieces(
    library: NumberedLibrary, marked: MarkedTexts, pair: Pair, own: Sequence[Chain], min_words: int
) -> Iterator[Piece]:
    """The passages of a pair, cut where boilerplate begins and ends. Copies have no boilerplate."""
    one, other = pair
    boilerplate = [] if marked.are_copies(one, other) else marked.boilerplate.get(one, [])
    for chain in own:
        parts = cut((chain.begin_one, chain.end_one), boilerplate, min_words)
        for part, is_boilerplate in parts:
            piece = chain
            if len(parts) > 1:
                piece = between(library.texts[one].keys, library.texts[other].keys, chain, *part)
            if piece.num_equal:
                yield Piece(piece, is_boilerplate)


def _links(
    library: NumberedLibrary, marked: MarkedTexts, writer: LinkWriter, pieces: Mapping[Pair, Sequence[Piece]]
) -> Iterator[PassageLink]:
    for (one, other), own in pieces.items():
        ids_one, ids_other = library.ids[one], library.ids[other]
        are_copies = marked.are_copies(one, other)
        is_template = are_copies and writer.is_template_pair(ids_one[0], ids_other[0])
        for one_id in ids_one:
            for other_id in ids_other:
                yield writer.link(one_id, other_id, own, are_copies=are_copies, is_template=is_template)


def _links_of_equals(library: NumberedLibrary, writer: LinkWriter, min_words: int) -> Iterator[PassageLink]:
    for text, ids in zip(library.texts, library.ids, strict=True):
        whole = Chain(0, len(text.keys), 0, len(text.keys), len(text.keys))
        if len(text.keys) >= min_words:
            for number, one_id in enumerate(ids[:1] if len(ids) > _LARGE_GROUP else ids, 1):
                for other_id in ids[number:]:
                    yield writer.link(one_id, other_id, [Piece(whole, False)], are_copies=True)


def _boilerplate(
    library: NumberedLibrary, marked: MarkedTexts, pieces: Mapping[Pair, Sequence[Piece]], writer: LinkWriter
) -> tuple[Boilerplate, ...]:
    """Stretches that share a passage are one boilerplate with several places."""
    alike = list(marked.alike)
    for (one, other), own in pieces.items():
        for chain, is_boilerplate in own:
            if is_boilerplate:
                here = marked.stretch_at(one, chain.begin_one, chain.end_one)
                there = marked.stretch_at(other, chain.begin_other, chain.end_other)
                alike += [(here, there)] if here and there else []
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for stretch, first in sorted(components(alike).items()):
        groups.setdefault(first, []).append(stretch)
    found = [_one_boilerplate(library, marked, stretches, writer) for stretches in groups.values()]
    return tuple(sorted(found, key=lambda one: (-one.num_words * len(one.places), one.places)))


def _one_boilerplate(
    library: NumberedLibrary, marked: MarkedTexts, stretches: Sequence[tuple[int, int]], writer: LinkWriter
) -> Boilerplate:
    places = []
    for number, place in stretches:
        begin, end = marked.boilerplate[number][place]
        places += [Place(id, writer.words(id).span(begin, end)) for id in library.ids[number]]
    first = marked.boilerplate[stretches[0][0]][stretches[0][1]]
    return Boilerplate(tuple(sorted(places, key=lambda place: (place.id, place.span))), first[1] - first[0])
