"""What the semantic tier keeps of a document: its passages, their vectors, their marks, its figures.

A profile knows nothing of other documents, so one is made when a document comes and dropped when it goes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.language.embedder import Embedder
from core.language.glossary import gloss, terms
from core.redundancy.semantic.cognates import figures, marks
from core.redundancy.semantic.passages import cut_passages

PROFILE_VERSION = 1
"""Changes with the cutting of passages and with marks and figures."""

_DOCUMENTS_AT_A_TIME = 16


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One document. Passages are in reading order; a text without words has none.

    Vectors have length 1 but for rounding to 16 bits, which moves a cosine by less than 0.001.
    """

    language: str
    fingerprint: str
    spans: NDArray[np.int32]  # (passages, 2), characters
    vectors: NDArray[np.float16]  # (passages, dim)
    marks: tuple[NDArray[np.uint32], ...]  # one array a passage, ascending
    figures: NDArray[np.uint32]  # in reading order

    @property
    def lengths(self) -> NDArray[np.float32]:
        """Characters of each passage."""
        return (self.spans[:, 1] - self.spans[:, 0]).astype(np.float32)


GLOSSED = ("es", "pt")
"""Languages that a model of English reads word by word in English."""


def profile_fingerprint(embedder: Embedder, *, is_multilingual: bool = False) -> str:
    """Profiles of equal fingerprints may be compared; a stored one of another is to be made again.

    Changes with the model, the glossary and the way profiles are made.
    """
    reading = "as-written" if is_multilingual else "glossed"
    return f"{embedder.fingerprint}+{PROFILE_VERSION}-{reading}-{_glossary_digest():08x}"


def embedded_form(text: str, language: str, *, is_multilingual: bool = False) -> str:
    """The text as the model shall read it: Spanish and Portuguese word by word in English, the rest as it is.

    The packaged model knows English only; so glossed, translations meet (benchmarks/results/semantic.md). A
    multilingual model reads everything as written.
    """
    return gloss(text, language) if language in GLOSSED and not is_multilingual else text


def make_profiles(
    texts: Sequence[str],
    languages: Sequence[str],
    embedder: Embedder,
    *,
    is_multilingual: bool = False,
    progress: Callable[[float], None] | None = None,
) -> list[Profile]:
    """One profile for each text. `languages` are codes of two letters, empty where not known.

    `is_multilingual` says whether the model was trained on all three languages, not on English alone. Almost
    all of the time is the model's.
    """
    fingerprint = profile_fingerprint(embedder, is_multilingual=is_multilingual)
    profiles: list[Profile] = []
    for begin in range(0, len(texts), _DOCUMENTS_AT_A_TIME):
        batch = slice(begin, begin + _DOCUMENTS_AT_A_TIME)
        profiles += _profiles(texts[batch], languages[batch], embedder, fingerprint, is_multilingual)
        if progress is not None:
            progress(len(profiles) / len(texts))
    return profiles


def _profiles(
    texts: Sequence[str],
    languages: Sequence[str],
    embedder: Embedder,
    fingerprint: str,
    is_multilingual: bool,
) -> list[Profile]:
    cuts = [cut_passages(text) for text in texts]
    passages = [[text[slice(*span)] for span in spans] for text, spans in zip(texts, cuts, strict=True)]
    read = [
        embedded_form(passage, language, is_multilingual=is_multilingual)
        for own, language in zip(passages, languages, strict=True)
        for passage in own
    ]
    vectors = embedder.embed(read).astype(np.float16)
    ends = np.cumsum([len(own) for own in passages])
    return [
        Profile(
            language,
            fingerprint,
            np.array(spans, np.int32).reshape(-1, 2),
            own_vectors,
            tuple(_ascending(marks(passage, language)) for passage in own),
            np.array(figures(text, language), np.uint32),
        )
        for text, language, spans, own, own_vectors in zip(
            texts, languages, cuts, passages, np.split(vectors, ends[:-1]), strict=True
        )
    ]


def _ascending(found: frozenset[int]) -> NDArray[np.uint32]:
    return np.array(sorted(found), np.uint32)


@cache
def _glossary_digest() -> int:
    return zlib.crc32(repr(terms()).encode())
