"""What a document still lacks: text for placeholders, sections, things it refers to, whole letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from core.content import Block
from core.quality.document import AssessedDocument, PlacedBlock, placed_blocks
from core.quality.part import MOST_EVIDENCE, Evidence, Fix, Parameters, QualityPart, clamped
from core.quality.placeholders import find_placeholders
from core.quality.references import broken_references
from core.quality.written_marks import find_mojibake, unbalanced_brackets
from core.redundancy.evidence import Span

COSTS: dict[str, tuple[int, int]] = {
    "placeholder": (10, 60),
    "filler_text": (20, 60),
    "blank_field": (5, 25),
    "empty_section": (20, 40),
    "broken_reference": (8, 24),
    "unbalanced_bracket": (3, 9),
    "mojibake": (5, 30),
    "damaged_text": (5, 20),
    "repaired_text": (10, 10),
    "old_encoding": (5, 5),
}
"""Points that each finding costs, and the most that all of its kind cost."""

FIXES = {
    "placeholder": "fill_placeholders",
    "filler_text": "replace_filler",
    "blank_field": "fill_fields",
    "empty_section": "write_or_remove_section",
    "broken_reference": "correct_reference",
    "unbalanced_bracket": "close_brackets",
    "mojibake": "save_as_utf8",
    "damaged_text": "restore_words",
    "repaired_text": "replace_with_repaired",
    "old_encoding": "save_as_utf8",
}

_NEVER_WRITTEN = frozenset(
    word
    for line in (
        "signatures signature firmas firma assinaturas assinatura contents índice sumário",
        "contenido",
    )
    for word in line.split()
)


def judge_completeness(document: AssessedDocument) -> QualityPart:
    """100 less the COSTS of what is missing. A document without text has no score."""
    blocks = list(placed_blocks(document.content))
    if not document.content.text.strip():
        return QualityPart("completeness", None, (Evidence("no_text"),))
    found = [*_text_findings(blocks), *_reader_findings(document, blocks)]
    counts = Counter(evidence.code for evidence in found)
    cost = sum(min(COSTS[code][0] * number, COSTS[code][1]) for code, number in counts.items())
    shown = _first_of_each(found) or [Evidence("nothing_missing")]
    fixes = [Fix(FIXES[code], {"count": number}) for code, number in counts.items()]
    return QualityPart("completeness", clamped(100 - cost), tuple(shown), tuple(fixes))


def _first_of_each(found: Iterable[Evidence]) -> list[Evidence]:
    """At most MOST_EVIDENCE of a kind."""
    seen = Counter[str]()
    kept = []
    for evidence in found:
        seen[evidence.code] += 1
        if seen[evidence.code] <= MOST_EVIDENCE:
            kept.append(evidence)
    return kept


def _text_findings(blocks: list[PlacedBlock]) -> Iterator[Evidence]:
    for placed in blocks:
        if placed.block.kind != "code":
            yield from find_placeholders(placed)
            yield from find_mojibake(placed)
            yield from unbalanced_brackets(placed)
    yield from empty_sections(blocks)
    yield from broken_references(blocks)


def empty_sections(blocks: list[PlacedBlock]) -> Iterator[Evidence]:
    """Headings with nothing below them but a heading of their own or a higher level, or the end.

    Not the headings before the first body text, which are a title page, nor those of a document that has
    no body text, nor a heading alone on its page, which opens a part of a deck.
    """
    first = next((place for place, one in enumerate(blocks) if one.block.kind != "heading"), len(blocks))
    for place in range(first, len(blocks)):
        placed = blocks[place]
        if placed.block.kind != "heading" or not placed.block.text.strip():
            continue
        after = blocks[place + 1].block if place + 1 < len(blocks) else None
        if _is_followed(placed, after) or _is_alone_on_page(blocks, place):
            continue
        if placed.block.text.strip(" :.").casefold() not in _NEVER_WRITTEN:
            yield Evidence("empty_section", {"heading": placed.block.text.strip()}, placed.span)


def _is_followed(placed: PlacedBlock, after: Block | None) -> bool:
    return after is not None and (after.kind != "heading" or after.level > placed.block.level)


def _is_alone_on_page(blocks: list[PlacedBlock], place: int) -> bool:
    page = blocks[place].block.page
    around = [blocks[other].block.page for other in (place - 1, place + 1) if 0 <= other < len(blocks)]
    return page is not None and page not in around


def _reader_findings(document: AssessedDocument, blocks: list[PlacedBlock]) -> Iterator[Evidence]:
    """What the reader said: damage that it mended or could not mend, and an old encoding."""
    mended = [repair for repair in document.repairs if repair.certain]
    if mended:
        example = mended[0]
        span = _span(blocks, example.block, example.start, len(example.repaired))
        words: Parameters = {"count": len(mended), "original": example.original, "repaired": example.repaired}
        yield Evidence("repaired_text", words, span)
    for repair in document.repairs:
        if not repair.certain:
            span = _span(blocks, repair.block, repair.start, len(repair.repaired))
            yield Evidence("damaged_text", {"word": repair.repaired}, span)
    for warning in document.warnings:
        if "UTF-8" in warning:
            yield Evidence("old_encoding", {"warning": warning})


def _span(blocks: list[PlacedBlock], block: int, start: int, length: int) -> Span | None:
    if not 0 <= block < len(blocks):
        return None
    begin = blocks[block].span.start + start
    return Span(begin, begin + length)
