"""How far prompts agree, in full blocks."""

from __future__ import annotations

from collections.abc import Iterable


def longest_shared_prefix(
    prompt: tuple[int, ...], others: Iterable[tuple[int, ...]], block_tokens: int
) -> int:
    """Tokens of the longest prefix, in full blocks, that the prompt shares with any of the others.

    At most all but the last token: one has to be computed behind it. O(tokens) for each of the others.
    """
    longest = 0
    most = (len(prompt) - 1) // block_tokens * block_tokens
    for other in others:
        if other[:longest] == prompt[:longest]:
            longest = _shared(prompt, other, longest, min(most, len(other)), block_tokens)
    return longest


def _shared(prompt: tuple[int, ...], other: tuple[int, ...], begin: int, end: int, block_tokens: int) -> int:
    """Both agree up to `begin`, a multiple of the block; how far up to `end`. Halves what is unsure."""
    fewest, most = begin // block_tokens, end // block_tokens
    while fewest < most:
        middle = (fewest + most + 1) // 2
        span = slice(fewest * block_tokens, middle * block_tokens)
        if prompt[span] == other[span]:
            fewest = middle
        else:
            most = middle - 1
    return max(fewest * block_tokens, begin)
