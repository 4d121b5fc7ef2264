"""Sorted rows become candidates: the documents of a run of equal keys, each with each it may be like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.redundancy.arrays import pack, ranges, unpack
from core.redundancy.backends.meeting_rows import MeetingRows, least_shared
from core.redundancy.sets import ROUNDING

_Positions = NDArray[np.int64]

_BLOCK = 1 << 20


def whole_runs(batches: Iterable[MeetingRows]) -> Iterator[MeetingRows]:
    """The same rows, cut where the key changes. They come sorted by key; a run is held until its end."""
    held: list[MeetingRows] = []
    for batch in batches:
        if not len(batch.keys):
            continue
        cut = int(np.searchsorted(batch.keys.view(np.int64), batch.keys.view(np.int64)[-1]))
        if cut or (held and held[-1].keys[-1] != batch.keys[-1]):
            yield _joined([*held, _part(batch, 0, cut)])
            held = []
        held.append(_part(batch, cut, len(batch.keys)))
    if held:
        yield _joined(held)


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Pairs one < other of documents, each once, with the number of rows they met in.

    A pair that may be similar although it shares fewer than `num_matches` elements counts as if it met often.
    """

    one: _Positions  # (num_pairs,)
    other: _Positions  # (num_pairs,)
    count: _Positions  # (num_pairs,)


def meetings(rows: MeetingRows, floor: float, num_matches: int) -> Iterator[Meetings]:
    """Pairs that meet and whose sizes and positions allow the floor, in blocks of fixed size.

    Rows come sorted by key, then place. Over all blocks, the counts of a similar pair add up to `num_matches`
    or more. Bounds as in core.redundancy.join: the smaller set is looked up by its shorter prefix.
    """
    rows = _met(rows)
    sizes, positions = unpack(rows.places)
    run = np.cumsum(np.diff(rows.keys.view(np.int64), prepend=rows.keys.view(np.int64)[:1]) != 0)
    shorter = sizes - least_shared(2 * floor / (1 + floor), sizes) + num_matches
    looked_up = np.flatnonzero(positions < shorter)
    low = np.searchsorted(pack(run[looked_up], sizes[looked_up]), pack(run, least_shared(floor, sizes)))
    count = np.maximum(np.searchsorted(looked_up, np.arange(len(run))) - low, 0)
    for begin, end in pairwise(_cuts(count)):
        partners = looked_up[ranges(low[begin:end], count[begin:end])]
        rows_of = np.repeat(np.arange(begin, end), count[begin:end])
        most = np.minimum(positions[rows_of], positions[partners]) + np.minimum(
            sizes[rows_of] - positions[rows_of], sizes[partners] - positions[partners]
        )
        least = (sizes[rows_of] + sizes[partners]) * (floor / (1 + floor) * (1 - ROUNDING))
        possible = most >= least
        weights = np.where(least[possible] > num_matches, 1, num_matches)
        yield _counted(rows.documents[rows_of[possible]], rows.documents[partners[possible]], weights)


def _met(rows: MeetingRows) -> MeetingRows:
    """The rows that are not alone under their key."""
    same = np.concatenate(([False], rows.keys[1:] == rows.keys[:-1], [False]))
    met = np.flatnonzero(same[1:] | same[:-1])
    return MeetingRows(rows.keys[met], rows.places[met], rows.documents[met])


def _cuts(count: _Positions) -> list[int]:
    """Where to cut rows so that about _BLOCK pairs lie between."""
    reached = np.concatenate(([0], np.cumsum(count)))
    cuts = np.searchsorted(reached, np.arange(0, int(reached[-1]), _BLOCK))
    return [*np.unique(cuts).tolist(), len(count)] if reached[-1] else []


def _counted(one: _Positions, other: _Positions, weights: _Positions) -> Meetings:
    pairs = pack(np.minimum(one, other), np.maximum(one, other))
    order = np.argsort(pairs)
    pairs = pairs[order]
    begins = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1]))[: len(pairs)])
    counts = np.add.reduceat(weights[order], begins) if len(begins) else weights[:0]
    return Meetings(*unpack(pairs[begins]), counts.astype(np.int64))


def _part(rows: MeetingRows, begin: int, end: int) -> MeetingRows:
    return MeetingRows(rows.keys[begin:end], rows.places[begin:end], rows.documents[begin:end])


def _joined(parts: list[MeetingRows]) -> MeetingRows:
    return MeetingRows(
        np.concatenate([part.keys for part in parts]),
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.documents for part in parts]),
    )
