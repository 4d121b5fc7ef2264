"""Drafts the one document that a cluster to be merged becomes. Plain extraction: no word is made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.content import Content
from core.content.blocks import SEPARATOR
from core.redundancy.consolidation.draft import (
    Citation,
    Conflict,
    ConsolidatedDraft,
    Fate,
    Origin,
    SourceDocument,
    Trace,
)
from core.redundancy.consolidation.matching import Match, SentenceIndex, other_reading
from core.redundancy.consolidation.units import Unit, UnitBlock, unit_blocks
from core.redundancy.evidence import Span
from core.redundancy.facts import DifferingFact

_REPEAT_WORDS = 6  # of the canonical document, shorter sentences may stand several times, as labels do


def draft_consolidated(canonical: SourceDocument, members: Sequence[SourceDocument]) -> ConsolidatedDraft:
    """The canonical document with what only the members say, each at the place where its neighbours align.

    A sentence that the draft has already, or nearly so with the same facts, is not repeated. One that states
    other facts at the same place is a conflict: listed with both readings, and the draft keeps the first.
    Every other sentence of every member is inserted: after the sentence that precedes it in the member, in
    the same paragraph if the rest of its paragraph is there, else as a paragraph of its own. Members are
    taken in the order given; the canonical among them is passed over.
    """
    desk = _Desk()
    for block in unit_blocks(canonical.id, canonical.content):
        desk.take_over(block)
    for member in members:
        if member.id != canonical.id:
            desk.merge(list(unit_blocks(member.id, member.content)))
    return desk.draft()


class _Settled(NamedTuple):
    """What became of a sentence; `unit` is the one in the draft."""

    origin: Origin
    fate: Fate
    unit: Unit
    is_exact: bool
    text: str
    differing_facts: tuple[DifferingFact, ...] = ()


class _Desk:
    """The draft while it is put together."""

    def __init__(self) -> None:
        self._blocks: list[UnitBlock] = []
        self._home: dict[int, UnitBlock] = {}  # by identity of the unit
        self._index = SentenceIndex()
        self._settled: list[_Settled] = []

    def take_over(self, block: UnitBlock) -> None:
        """Append a block of the canonical document, without the longer sentences that stand there already."""
        own = UnitBlock(block.kind)
        for unit in block.units:
            match = self._index.match(unit) if len(unit.words) >= _REPEAT_WORDS else None
            self._settle(unit, match)
            if match is None:
                own.units.append(unit)
                self._keep(unit, own)
        if own.units:
            self._blocks.append(own)

    def merge(self, blocks: Sequence[UnitBlock]) -> None:
        """Take what is new in a member, block by block."""
        aligned = self._align([unit for block in blocks for unit in block.units])
        anchor: Unit | None = None
        waiting: list[UnitBlock] = []
        for block in blocks:
            matches = [aligned.get(id(unit)) for unit in block.units]
            first = next((match.unit for match in matches if match), None)
            if first is None:
                waiting.append(block)
                continue
            headings = self._other_headings(waiting, first)
            self._insert_blocks(waiting[: len(waiting) - len(headings)], anchor, first)
            waiting = []
            anchor = self._merge_block(block, matches, first)
        self._insert_blocks(waiting, anchor, None)

    def draft(self) -> ConsolidatedDraft:
        content = Content(tuple(block.block() for block in self._blocks))
        cited = dict(self._citations())
        return ConsolidatedDraft(
            content=content,
            citations=tuple(cited.values()),
            conflicts=tuple(
                Conflict(cited[id(one.unit)], one.unit.text, one.origin, one.text, one.differing_facts)
                for one in self._settled
                if one.fate == "conflict"
            ),
            traces=tuple(
                Trace(one.origin, one.fate, cited[id(one.unit)], one.is_exact) for one in self._settled
            ),
        )

    def _align(self, units: Sequence[Unit]) -> dict[int, Match]:
        """What the draft has of a member's sentences, by identity: by words, then by neighbours."""
        aligned = {id(unit): match for unit in units if (match := self._index.match(unit))}
        drafted = [unit for block in self._blocks for unit in block.units]
        number = {id(unit): place for place, unit in enumerate(drafted)}
        spoken_for = {id(match.unit) for match in aligned.values()}
        places = [number[id(aligned[id(unit)].unit)] if id(unit) in aligned else None for unit in units]
        for at, unit in enumerate(units):
            if places[at] is None:
                before = next((place for place in reversed(places[:at]) if place is not None), -1)
                after = next((place for place in places[at:] if place is not None), len(drafted))
                between = [known for known in drafted[before + 1 : after] if id(known) not in spoken_for]
                if match := other_reading(unit, between):
                    aligned[id(unit)] = match
                    spoken_for.add(id(match.unit))
        return aligned

    def _merge_block(self, block: UnitBlock, matches: Sequence[Match | None], first: Unit) -> Unit:
        """Put the new sentences of a paragraph behind those that they follow; the last place is returned."""
        place, is_before = first, True
        for unit, found in zip(block.units, matches, strict=True):
            match = found or self._index.match(unit)  # the paragraph may say it twice
            self._settle(unit, match)
            if match is not None:
                place, is_before = match.unit, False
                continue
            self._insert_unit(unit, block, place, is_before)
            if not is_before:
                place = unit
        return place

    def _insert_unit(self, unit: Unit, block: UnitBlock, place: Unit, is_before: bool) -> None:
        home = self._home[id(place)]
        if home.is_open_to(block):
            home.units.insert(home.units.index(place) + (not is_before), unit)
            self._keep(unit, home)
            return
        new = UnitBlock(block.kind, [unit])
        self._blocks.insert(self._number(home) + (not is_before), new)
        self._keep(unit, new)

    def _other_headings(self, waiting: Sequence[UnitBlock], first: Unit) -> list[UnitBlock]:
        """Headings directly over what the draft has under a heading of its own: a person chooses."""
        headings: list[UnitBlock] = []
        for block in reversed(waiting):
            if block.kind.kind != "heading":
                break
            headings.append(block)
        above = self._heading_above(self._home[id(first)])
        if above is None:
            return []
        for block in reversed(headings):
            for unit in block.units:
                self._settle(unit, Match(above, False, True))
        return headings

    def _heading_above(self, home: UnitBlock) -> Unit | None:
        over = reversed(self._blocks[: self._number(home)])
        return next((block.units[0] for block in over if block.kind.kind == "heading"), None)

    def _insert_blocks(self, blocks: Sequence[UnitBlock], anchor: Unit | None, first: Unit | None) -> None:
        """Whole blocks behind the anchor, else before what follows them, else at the end."""
        if anchor is not None:
            number = self._number(self._home[id(anchor)]) + 1
        else:
            number = len(self._blocks) if first is None else self._number(self._home[id(first)])
        for block in blocks:
            new = UnitBlock(block.kind)
            for unit in block.units:
                match = self._index.match(unit)
                self._settle(unit, match)
                if match is None:
                    new.units.append(unit)
                    self._keep(unit, new)
            if new.units:
                self._blocks.insert(number, new)
                number += 1

    def _number(self, block: UnitBlock) -> int:
        return next(number for number, other in enumerate(self._blocks) if other is block)

    def _keep(self, unit: Unit, home: UnitBlock) -> None:
        self._home[id(unit)] = home
        self._index.add(unit)

    def _settle(self, unit: Unit, match: Match | None) -> None:
        if match is None:
            self._settled.append(_Settled(unit.origin, "kept", unit, True, unit.text))
            return
        fate: Fate = "conflict" if match.is_conflict else "covered"
        self._settled.append(
            _Settled(unit.origin, fate, match.unit, match.is_exact, unit.text, match.differing_facts)
        )

    def _citations(self) -> Iterator[tuple[int, Citation]]:
        """For each unit of the draft, by identity, its place in the text."""
        begin = 0
        for number, block in enumerate(self._blocks):
            for unit, start in zip(block.units, block.starts(), strict=True):
                span = Span(begin + start, begin + start + len(unit.text))
                yield id(unit), Citation(span, number, unit.origin)
            begin += len(block.block().text) + len(SEPARATOR)
