"""The numbers of a document: of headings and clauses, of lists, captions, sources and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.content import Block
from core.exports.design import Design
from core.exports.manuscript import Manuscript, caption_owners
from core.exports.words import Words

MAX_LIST_LEVEL = 8


def heading_numbers(manuscript: Manuscript, design: Design) -> dict[int, str]:
    """The number of each heading, and of each clause, by its place in the blocks: "2.1"."""
    if design.numbering == "none":
        return {}
    counts, depth, numbers = [0] * 7, 0, dict[int, str]()
    for place, block in enumerate(manuscript.content.blocks):
        if block.kind == "heading":
            depth = block.level
            numbers[place] = _count(counts, depth)
        elif block.kind == "paragraph" and design.numbering == "clauses" and depth:
            numbers[place] = _count(counts, depth + 1)
    return numbers


def _count(counts: list[int], level: int) -> str:
    counts[level] += 1
    counts[level + 1 :] = [0] * (len(counts) - level - 1)
    return ".".join(str(max(1, number)) for number in counts[1 : level + 1])


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Which list an item is in, counted from 1 over the document, its level there, and its number."""

    list: int
    level: int
    number: int


def list_places(blocks: tuple[Block, ...]) -> dict[int, ListPlace]:
    """By place in the blocks. A list ends where an item of another kind or another block stands."""
    places: dict[int, ListPlace] = {}
    stack: list[tuple[int, bool, int, int]] = []
    num_lists = 0
    for at, block in enumerate(blocks):
        if block.kind != "list_item":
            stack.clear()
            continue
        level = min(MAX_LIST_LEVEL, block.level)
        while stack and stack[-1][0] > level:
            stack.pop()
        if stack and stack[-1][:2] == (level, block.is_ordered):
            _, _, number_of_list, count = stack.pop()
        else:
            if stack and stack[-1][0] == level:
                stack.pop()
            num_lists += 1
            number_of_list, count = num_lists, 0
        stack.append((level, block.is_ordered, number_of_list, count + 1))
        places[at] = ListPlace(number_of_list, level, count + 1)
    return places


def reference_labels(manuscript: Manuscript) -> dict[str, str]:
    """The number that stands for each source: its key if all keys are numbers, else its place among them."""
    keys = [each.key for each in manuscript.content.blocks if each.kind == "reference"]
    if all(key.isdecimal() for key in keys):
        return {key: key for key in keys}
    return {key: str(at) for at, key in enumerate(keys, start=1)}


def caption_labels(manuscript: Manuscript, words: Words) -> dict[int, tuple[str, int]]:
    """The word and number before each caption, by its place: ("Figure", 2)."""
    blocks = manuscript.content.blocks
    counts: dict[str, int] = {}
    labels: dict[int, tuple[str, int]] = {}
    owners = caption_owners(blocks)
    for place, owner in sorted(owners.items()):
        word = words.table if blocks[owner].kind == "table" else words.figure
        counts[word] = counts.get(word, 0) + 1
        labels[place] = word, counts[word]
    return labels


def note_numbers(blocks: tuple[Block, ...]) -> Mapping[str, int]:
    """The number of each footnote in the order in which signs come."""
    numbers: dict[str, int] = {}
    for block in blocks:
        if block.kind != "footnote":
            for mark in sorted(block.marks, key=lambda mark: mark.end):
                if mark.kind == "footnote":
                    numbers.setdefault(mark.target, len(numbers) + 1)
    return numbers
