"""What this package asks of a sentence embedding model. Knows no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Texts in, unit vectors out; the inner product of two is their cosine similarity.

    Equal fingerprints mean that vectors may be compared and kept: the name changes with weights, form and
    cutting of texts. A text is read up to the model's limit of word pieces; what is longer is cut by whoever
    asks.
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dim), each row of length 1; a text without words gets a row of zeros."""
