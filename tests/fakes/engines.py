"""Every engine of the table, opened on what a test can have: the double itself, or a server of our own."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from fastapi import FastAPI
from pydantic import SecretStr

from core.inference import (
    Deterministic,
    EngineDoor,
    GenerateText,
    HttpEngine,
    InferenceEngine,
    Local,
    LocalModel,
    OpenAiCompatible,
    OpenAiServer,
    Piece,
    Prompt,
)
from core.inference.engine import never
from core.inference.engine_door import build_engine_door
from tests.fakes import openai_server
from tests.fakes.serving import serving
from tests.fakes.small_model import write_small_model

KEY = SecretStr("the-key-of-this-test-door")
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


@contextmanager
def http() -> Iterator[InferenceEngine]:
    with serving(door_app(Deterministic(ANSWERS, context_tokens=200))) as address:
        engine = HttpEngine(EngineDoor(url=address + "/engine", key=KEY))
        yield engine
        engine.close()


@contextmanager
def local() -> Iterator[InferenceEngine]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        lessons = [("Where is Paris?", SAID), ("Red is best.", "So it is.")]
        write_small_model(folder / "model", lessons, context_tokens=200, num_merges=20)
        engine = Local(LocalModel(folder=folder / "model", state_dir=folder / "var", block_tokens=16))
        engine.identity()
        yield engine
        engine.close()


def door_app(engine: InferenceEngine, **limits: float) -> FastAPI:
    """An application with the engine's door at /engine."""
    app = FastAPI()
    app.include_router(build_engine_door(engine, KEY, **limits), prefix="/engine")  # type: ignore[arg-type]
    return app


class HeldEngine(Deterministic):
    """Gives two pieces of each answer, then waits until it is released or cancelled."""

    def __init__(self) -> None:
        super().__init__([("", SAID)])
        self.released = Event()
        self.is_cancelled = Event()
        self.requests: list[GenerateText] = []
        self.announced: list[GenerateText] = []
        self.withdrawn: list[GenerateText] = []

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self.requests.append(request)
        for number, piece in enumerate(super().generate(request, is_cancelled=is_cancelled)):
            while number == 2 and not self.released.wait(0.01) and not is_cancelled():
                pass
            if is_cancelled():
                self.is_cancelled.set()
            yield piece

    def announce(self, requests: Sequence[GenerateText]) -> None:
        self.announced += requests

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        self.withdrawn += requests


class FailingEngine(Deterministic):
    """Raises this after two pieces, and wherever else it is asked."""

    def __init__(self, error: Exception) -> None:
        super().__init__([("", SAID)])
        self.error = error

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        yield from [Piece("Par"), Piece("is")]
        raise self.error

    def count_tokens(self, prompt: Prompt) -> int:
        raise self.error


class UnendedEngine(Deterministic):
    """Forgets the last piece of its answers."""

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        yield Piece("Par")


OPENERS: dict[str, Callable[[], AbstractContextManager[InferenceEngine]]] = {
    "deterministic": deterministic,
    "http": http,
    "local": local,
    "openai": openai,
}
