"""Stretches of words, (begin, end) with the end not included: joined, counted and cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Stretch = tuple[int, int]


def joined(stretches: Iterable[Stretch], gap: int = 0) -> list[Stretch]:
    """In order, those that touch, overlap or lie at most `gap` words apart as one."""
    found: list[Stretch] = []
    for begin, end in sorted(stretches):
        if found and begin <= found[-1][1] + gap:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def num_covered(stretches: Iterable[Stretch]) -> int:
    """How many words stand in at least one of them."""
    return sum(end - begin for begin, end in joined(stretches))


def covered_by(several: Iterable[Iterable[Stretch]], least: int) -> list[Stretch]:
    """Where at least `least` of the groups of stretches lie over each other."""
    edges: list[tuple[int, int]] = []
    for stretches in several:
        for begin, end in joined(stretches):
            edges += [(begin, 1), (end, -1)]
    found: list[Stretch] = []
    depth, begin = 0, 0
    for place, change in sorted(edges):
        if depth < least <= depth + change:
            begin = place
        elif depth + change < least <= depth and place > begin:
            found.append((begin, place))
        depth += change
    return joined(found)


def without(stretch: Stretch, taken: Iterable[Stretch]) -> list[Stretch]:
    """The parts of the stretch that nothing taken lies over."""
    return [(begin, end) for begin, end, inside in _pieces(stretch, joined(taken)) if not inside]


def cut(stretch: Stretch, marked: Iterable[Stretch], least: int) -> list[tuple[Stretch, bool]]:
    """The stretch in pieces inside and outside what is marked; a piece below `least` words joins the last.

    With one piece, it counts as marked if most of it is.
    """
    pieces: list[tuple[Stretch, bool]] = []
    for begin, end, inside in _pieces(stretch, joined(marked)):
        if pieces and (end - begin < least or pieces[-1][1] == inside):
            pieces[-1] = ((pieces[-1][0][0], end), pieces[-1][1])
        else:
            pieces.append(((begin, end), inside))
    if len(pieces) > 1 and pieces[0][0][1] - pieces[0][0][0] < least:
        (first, _), (second, inside) = pieces[0], pieces[1]
        pieces[:2] = [((first[0], second[1]), inside)]
    return pieces


def _pieces(stretch: Stretch, marked: Iterable[Stretch]) -> Iterator[tuple[int, int, bool]]:
    place, last = stretch
    for begin, end in marked:
        begin, end = max(begin, place), min(end, last)
        if begin >= end:
            continue
        if begin > place:
            yield place, begin, False
        yield begin, end, True
        place = end
    if place < last:
        yield place, last, False
