"""Runs of equal words that follow each other closely in both texts become one passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from core.redundancy.passages.runs import Run
from core.redundancy.passages.word_keys import Keys

MIN_WORDS = 12
GAP_WORDS = 6

_STEP_WORDS = 3  # equal words that carry a passage over a gap where no phrase was chosen
_STEP_GAP = 3  # words of such a gap at the most


class Chain(NamedTuple):
    """Words begin to end of both texts, of which `num_equal` are equal and in the same order."""

    begin_one: int
    end_one: int
    begin_other: int
    end_other: int
    num_equal: int


def chains(
    one: Keys, other: Keys, runs: Sequence[Run], min_words: int = MIN_WORDS, gap_words: int = GAP_WORDS
) -> tuple[Chain, ...]:
    """The passages of two texts: at least `min_words` equal words, gaps of at most `gap_words` in either.

    Where two passages lie over each other in both texts, only the longer one counts. In the order of the
    first text.
    """
    grown = [
        _grown(one, other, chain, gap_words)
        for chain in _linked(runs, gap_words)
        if chain.num_equal >= min_words // 2
    ]
    kept: list[Chain] = []
    for chain in sorted(set(grown), key=lambda chain: (-chain.num_equal, chain)):
        if chain.num_equal >= min_words and not any(_lies_in(chain, longer) for longer in kept):
            kept.append(chain)
    return tuple(sorted(kept))


def between(one: Keys, other: Keys, chain: Chain, begin: int, end: int) -> Chain:
    """The part of a chain whose words of the first text lie from `begin` to `end`; `num_equal` may be 0."""
    words_one = one[chain.begin_one : chain.end_one].tolist()
    words_other = other[chain.begin_other : chain.end_other].tolist()
    equal = [
        (chain.begin_one + code.src_start + step, chain.begin_other + code.dest_start + step)
        for code in Indel.opcodes(words_one, words_other)
        if code.tag == "equal"
        for step in range(code.src_end - code.src_start)
        if begin <= chain.begin_one + code.src_start + step < end
    ]
    if not equal:
        return Chain(begin, begin, chain.begin_other, chain.begin_other, 0)
    return Chain(equal[0][0], equal[-1][0] + 1, equal[0][1], equal[-1][1] + 1, len(equal))


def _linked(runs: Sequence[Run], gap_words: int) -> list[Chain]:
    """Each run continues the nearest chain that it can; words that both claim go to the earlier."""
    open_chains: list[Chain] = []
    done: list[Chain] = []
    for run in sorted(runs):
        still_open = [chain for chain in open_chains if run.one - chain.end_one <= gap_words]
        done += [chain for chain in open_chains if run.one - chain.end_one > gap_words]
        open_chains = still_open
        nearest = min(
            (chain for chain in open_chains if _can_follow(chain, run, gap_words)),
            key=lambda chain: abs((run.other - run.one) - (chain.end_other - chain.end_one)),
            default=None,
        )
        if nearest is None:
            open_chains.append(
                Chain(run.one, run.one + run.length, run.other, run.other + run.length, run.length)
            )
        else:
            open_chains[open_chains.index(nearest)] = _followed(nearest, run)
    return done + open_chains


def _can_follow(chain: Chain, run: Run, gap_words: int) -> bool:
    overlap = max(chain.end_one - run.one, chain.end_other - run.other, 0)
    return (
        overlap < run.length
        and run.other - chain.end_other <= gap_words
        and run.other >= chain.begin_other
        and run.one + overlap - chain.end_one <= gap_words
        and run.other + overlap - chain.end_other <= gap_words
    )


def _followed(chain: Chain, run: Run) -> Chain:
    overlap = max(chain.end_one - run.one, chain.end_other - run.other, 0)
    return Chain(
        chain.begin_one,
        run.one + run.length,
        chain.begin_other,
        run.other + run.length,
        chain.num_equal + run.length - overlap,
    )


def _grown(one: Keys, other: Keys, chain: Chain, gap_words: int) -> Chain:
    """The chain carried on at both ends over small gaps, as long as a few equal words follow."""
    forward_one, forward_other, num_after = _reach(one[chain.end_one :], other[chain.end_other :], gap_words)
    back_one, back_other, num_before = _reach(
        one[: chain.begin_one][::-1], other[: chain.begin_other][::-1], gap_words
    )
    return Chain(
        chain.begin_one - back_one,
        chain.end_one + forward_one,
        chain.begin_other - back_other,
        chain.end_other + forward_other,
        chain.num_equal + num_before + num_after,
    )


def _reach(one: Keys, other: Keys, gap_words: int) -> tuple[int, int, int]:
    """How far the words go on to be equal but for small gaps: (words of one, of other, equal words)."""
    at_one = at_other = num_equal = 0
    while step := _next_step(one, other, at_one, at_other, gap_words):
        at_one, at_other = step[0], step[1]
        while at_one < len(one) and at_other < len(other) and one[at_one] == other[at_other]:
            at_one, at_other = at_one + 1, at_other + 1
        num_equal += at_one - step[0]
    return at_one, at_other, num_equal


def _next_step(one: Keys, other: Keys, at_one: int, at_other: int, gap_words: int) -> tuple[int, int] | None:
    """The nearest place where _STEP_WORDS words are equal again."""
    most = min(gap_words, _STEP_GAP)
    window = most + _STEP_WORDS
    ahead_one, ahead_other = (
        one[at_one : at_one + window].tolist(),
        other[at_other : at_other + window].tolist(),
    )
    for distance in range(2 * most + 1):
        for skip in range(max(0, distance - most), min(distance, most) + 1):
            phrase = ahead_one[skip : skip + _STEP_WORDS]
            other_skip = distance - skip
            if len(phrase) == _STEP_WORDS and phrase == ahead_other[other_skip : other_skip + _STEP_WORDS]:
                return at_one + skip, at_other + other_skip
    return None


def _lies_in(chain: Chain, longer: Chain) -> bool:
    """Whether most of the chain lies within the longer one in both texts."""
    in_one = min(chain.end_one, longer.end_one) - max(chain.begin_one, longer.begin_one)
    in_other = min(chain.end_other, longer.end_other) - max(chain.begin_other, longer.begin_other)
    return 2 * in_one > chain.end_one - chain.begin_one and 2 * in_other > chain.end_other - chain.begin_other
