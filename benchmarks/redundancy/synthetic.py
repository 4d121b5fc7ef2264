"""Documents made up by a seed: words by Zipf's law, one document in ten a changed copy of an earlier one."""

from __future__ import annotations

import numpy as np

NUM_WORDS = 30_000
WORDS_PER_DOCUMENT = 150
COPIED_SHARE = 0.1
CHANGED_SHARE = 0.05


def synthetic_texts(num_documents: int, seed: int = 7) -> list[str]:
    """About 150 words each. A copy has 5 % of its words changed, and so a similarity of about 0.75."""
    rng = np.random.default_rng(seed)
    vocabulary = np.array([f"{_syllables(number)}" for number in range(NUM_WORDS)])
    chances = 1 / np.arange(1, NUM_WORDS + 1)
    chances /= chances.sum()
    reached = np.cumsum(chances)
    texts: list[str] = []
    drawn: list[np.ndarray] = []
    for number in range(num_documents):
        if number > 10 and rng.random() < COPIED_SHARE:
            words = drawn[rng.integers(len(drawn))].copy()
            changed = rng.random(len(words)) < CHANGED_SHARE
            words[changed] = np.searchsorted(reached, rng.random(int(changed.sum())))
        else:
            length = max(20, int(rng.normal(WORDS_PER_DOCUMENT, 40)))
            words = np.searchsorted(reached, rng.random(length))
        words = np.minimum(words, NUM_WORDS - 1)
        if len(drawn) < 20_000:
            drawn.append(words)
        texts.append(" ".join(vocabulary[words]))
    return texts


def _syllables(number: int) -> str:
    """A pronounceable word of its own for each number."""
    consonants, vowels = "bcdfghjklmnprstvz", "aeiou"
    word = ""
    while True:
        number, place = divmod(number, len(consonants) * len(vowels))
        word += consonants[place % len(consonants)] + vowels[place // len(consonants)]
        if not number:
            return word
        number -= 1
