"""Whether a document can be found one's way in: title, headings, sections, paragraphs, lists and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.language.syllables import WORD
from core.quality.document import AssessedDocument, PlacedBlock, placed_blocks
from core.quality.part import MOST_EVIDENCE, Evidence, Fix, Parameters, QualityPart, clamped
from core.redundancy.evidence import Span

MIN_WORDS = 80
HEADINGS_FROM = 300  # words from which a text needs headings
LONG_SECTION = 600
WALL_OF_TEXT = 150  # words in one paragraph
DEEP = 4  # levels of headings that people still tell apart
MOSTLY = 0.7  # share of words in lists that no longer reads as a text
TABULAR = 0.9

COSTS: dict[str, tuple[int, int]] = {
    "no_title": (10, 10),
    "no_headings": (40, 40),
    "skipped_level": (10, 30),
    "deep_headings": (10, 10),
    "long_section": (10, 30),
    "wall_of_text": (8, 40),
    "lone_subsection": (3, 9),
    "mostly_lists": (10, 10),
}
"""Points that each finding costs, and the most that all of its kind cost."""

_FIXES = {
    "no_title": "add_title",
    "no_headings": "add_headings",
    "skipped_level": "close_level_gap",
    "deep_headings": "flatten_headings",
    "long_section": "divide_section",
    "wall_of_text": "divide_paragraph",
    "lone_subsection": "join_subsection",
    "mostly_lists": "write_connections",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the words up to the next heading of any level."""

    heading: PlacedBlock
    num_words: int


def judge_structure(document: AssessedDocument) -> QualityPart:
    """100 less the COSTS of what is wrong. No score for a short text or one that is a table."""
    blocks = list(placed_blocks(document.content))
    words = Counter[str]()
    for placed in blocks:
        words[placed.block.kind] += _num_words(placed)
    total = words.total()
    if total < MIN_WORDS:
        return QualityPart("structure", None, (Evidence("too_short", {"words": total, "least": MIN_WORDS}),))
    if words["table"] >= TABULAR * total:
        return QualityPart("structure", None, (Evidence("only_tables", {"words": total - words["table"]}),))
    shape = {"headings": sum(placed.block.kind == "heading" for placed in blocks), "words": total}
    found = list(_findings(document, blocks, words))
    counts = Counter(evidence.code for evidence in found)
    cost = sum(min(COSTS[code][0] * number, COSTS[code][1]) for code, number in counts.items())
    return QualityPart(
        "structure",
        clamped(100 - cost),
        (Evidence("outline", shape), *found[:MOST_EVIDENCE]),
        tuple(Fix(_FIXES[code], {"count": number}) for code, number in counts.items()),
    )


def _num_words(placed: PlacedBlock) -> int:
    return len(WORD.findall(placed.block.text))


def _findings(
    document: AssessedDocument, blocks: list[PlacedBlock], words: Counter[str]
) -> Iterator[Evidence]:
    headings = [placed for placed in blocks if placed.block.kind == "heading"]
    if not document.title.strip() and not any(placed.block.level == 1 for placed in headings):
        yield Evidence("no_title")
    if words.total() >= HEADINGS_FROM and len(headings) < 2:
        yield Evidence("no_headings", {"words": words.total()})
    yield from _level_findings(headings)
    yield from _length_findings(blocks)
    if words["list_item"] >= MOSTLY * words.total():
        yield Evidence("mostly_lists", {"share": words["list_item"] / words.total()})


def _level_findings(headings: list[PlacedBlock]) -> Iterator[Evidence]:
    before = headings[0].block.level if headings else 1
    for placed in headings:
        level = placed.block.level
        if level > before + 1:
            yield Evidence("skipped_level", {"above": before, "level": level}, placed.span)
        before = level
    deepest = max(headings, key=lambda placed: placed.block.level, default=None)
    if deepest is not None and deepest.block.level > DEEP:
        yield Evidence("deep_headings", {"levels": deepest.block.level}, deepest.span)
    for placed in _lone(headings):
        yield Evidence("lone_subsection", {"heading": placed.block.text}, placed.span)


def _lone(headings: list[PlacedBlock]) -> Iterator[PlacedBlock]:
    """Headings that are the only one of their level below their parent; below a title that is usual."""
    top = min((placed.block.level for placed in headings), default=1)
    for position, placed in enumerate(headings):
        level = placed.block.level
        if level <= top + 1:
            continue
        earlier = (other.block.level for other in reversed(headings[:position]) if other.block.level <= level)
        later = (other.block.level for other in headings[position + 1 :] if other.block.level <= level)
        if next(earlier, 0) < level and next(later, 0) < level:
            yield placed


def _length_findings(blocks: list[PlacedBlock]) -> Iterator[Evidence]:
    for section in _sections(blocks):
        if section.num_words > LONG_SECTION:
            heading = section.heading
            parameters: Parameters = {"heading": heading.block.text, "words": section.num_words}
            yield Evidence("long_section", parameters, heading.span)
    for placed in blocks:
        if placed.block.kind == "paragraph" and (num_words := _longest_paragraph(placed)) > WALL_OF_TEXT:
            yield Evidence("wall_of_text", {"words": num_words}, Span(*placed.span))


def _sections(blocks: list[PlacedBlock]) -> Iterator[Section]:
    heading: PlacedBlock | None = None
    num_words = 0
    for placed in blocks:
        if placed.block.kind != "heading":
            num_words += _num_words(placed) if placed.block.kind != "table" else 0
            continue
        if heading is not None:
            yield Section(heading, num_words)
        heading, num_words = placed, 0
    if heading is not None:
        yield Section(heading, num_words)


def _longest_paragraph(placed: PlacedBlock) -> int:
    """Words between blank lines: a reader without paragraphs gives several in one block."""
    return max(len(WORD.findall(part)) for part in placed.block.text.split("\n\n"))
