"""Every engine of the table, opened on what a test can have: the double itself, or a server of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from core.inference import Deterministic, InferenceEngine

SAID = "Paris is the capital of France. It lies on the Seine."
ANSWERS = [("Where is Paris", SAID)]


@contextmanager
def deterministic() -> Iterator[InferenceEngine]:
    yield Deterministic(ANSWERS, context_tokens=200)


OPENERS: dict[str, Callable[[], AbstractContextManager[InferenceEngine]]] = {"deterministic": deterministic}
