"""A stand-in for the model with chosen vectors, and the packaged model for what only it can show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.inference.embedding import EmbeddingModel, SentenceEmbedder
from core.redundancy.semantic import Profile


class WordBags:
    """Texts with the same words get the same vector: each word has a direction of its own."""

    fingerprint = "word-bags"
    dim = 64

    def __init__(self) -> None:
        self.num_embedded = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.num_embedded += len(texts)
        return np.array([self._vector(text) for text in texts], np.float32).reshape(-1, self.dim)

    def _vector(self, text: str) -> NDArray[np.float64]:
        words = sorted(set(text.lower().replace(".", " ").split()))
        total = sum((self._direction(word) for word in words), np.zeros(self.dim))
        return total / max(float(np.linalg.norm(total)), 1e-9)

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(word.encode()[:8].ljust(8, b"\0"), "little")
        return np.random.default_rng(seed).standard_normal(self.dim)


@pytest.fixture
def word_bags() -> WordBags:
    return WordBags()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> SentenceEmbedder:
    return SentenceEmbedder(EmbeddingModel(exports=tmp_path_factory.mktemp("exports")))


def profile(vectors: Sequence[Sequence[float]], language: str = "en", length: int = 100) -> Profile:
    """A profile with these vectors, scaled to length 1, and passages of equal length without marks."""
    found = np.array(vectors, np.float64)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    starts = np.arange(len(found)) * length
    return Profile(
        language,
        "chosen",
        np.column_stack((starts, starts + length)).astype(np.int32),
        found.astype(np.float16),
        tuple(np.zeros(0, np.uint32) for _ in found),
        np.zeros(0, np.uint32),
    )


SAMPLES = Path(__file__).resolve().parents[3] / "samples"
