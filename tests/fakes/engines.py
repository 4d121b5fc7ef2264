"""Every engine of the table, opened on what a test can have: the double itself, or a server of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from core.inference import Deterministic, InferenceEngine, OpenAiCompatible, OpenAiServer
from tests.fakes import openai_server
from tests.fakes.serving import serving

SAID = "Paris is the capital of France. It lies on the Seine."
ANSWERS = [("Where is Paris", SAID)]


@contextmanager
def deterministic() -> Iterator[InferenceEngine]:
    yield Deterministic(ANSWERS, context_tokens=200)


@contextmanager
def openai() -> Iterator[InferenceEngine]:
    with serving(openai_server.OpenAiServer(ANSWERS)) as address:
        engine = OpenAiCompatible(OpenAiServer(url=address, model=openai_server.MODEL))
        yield engine
        engine.close()


OPENERS: dict[str, Callable[[], AbstractContextManager[InferenceEngine]]] = {
    "deterministic": deterministic,
    "openai": openai,
}
