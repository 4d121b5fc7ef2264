"""Where a model puts a language as such: what to subtract before passages in two languages are compared."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.redundancy.embedder import Embedder

Centres = dict[str, NDArray[np.float32]]

_FILE = Path(__file__).with_name("reference.toml")


def language_centres(embedder: Embedder) -> Centres:
    """The mean vector, shape (dim,), of the same sentences in each language that is translated."""
    sentences: dict[str, list[str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {language: embedder.embed(own).mean(axis=0) for language, own in sentences.items()}
