"""Whether a word exists, by the dictionaries of simplemma: Spanish, Portuguese, English."""

from __future__ import annotations

from functools import lru_cache

LANGUAGES = ("es", "pt", "en")


@lru_cache(maxsize=50_000)
def is_known(word: str) -> bool:
    """In lower case or as it stands. The first call loads the dictionaries: a second, and 120 MB."""
    import simplemma

    return any(simplemma.is_known(form, language) for form in {word, word.lower()} for language in LANGUAGES)
