"""Answers that were given before, in front of any engine: the exact same question is not computed twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import ClassVar, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.errors import Invalid
from core.inference.circuit_breaker import CircuitBreaker
from core.inference.engine import (
    EngineHealth,
    EngineIdentity,
    GenerateText,
    InferenceEngine,
    Piece,
    Prompt,
    Usage,
    never,
)
from core.inference.response_stores import ResponseStore, StoreLost, StoreSize

LOG = logging.getLogger(__name__)
Result = TypeVar("Result")
FORMAT = 1
SEAL_BYTES = 32
LEAST_SECRET_BYTES = 16
KEPT_ENDS = ("stop", "length")


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The pieces of an answer as they came, and what it took."""

    pieces: tuple[tuple[str, int], ...]
    usage: Usage


STORED = TypeAdapter(StoredAnswer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCacheSnapshot:
    """Counts since the start; `entries` and `num_bytes` are None while the store does not answer.

    `bypassed` were requests that another run may answer differently. `damaged` entries were not what was
    put; `errors` are calls that the store did not answer, or was spared. Both count as misses too.
    """

    hits: int
    misses: int
    bypassed: int
    stored: int
    evictions: int
    damaged: int
    errors: int
    entries: int | None
    num_bytes: int | None


class ResponseCache:
    """Keeps answers under a keyed digest of everything that was asked, of whom, and for whom.

    Nobody without the secret can name an entry or make one up. A store that is lost is a miss, and after
    some failures is left alone for a while. Safe for threads.
    """

    def __init__(
        self,
        store: ResponseStore,
        *,
        secret: bytes,
        ttl_seconds: float = 7 * 86_400.0,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """Raises Invalid for a secret that could be guessed. Another secret finds none of the old entries."""
        if len(secret) < LEAST_SECRET_BYTES:
            raise Invalid(f"The secret of the response cache has at least {LEAST_SECRET_BYTES} bytes.")
        self._store = store
        self._secret = hashlib.blake2b(secret, digest_size=64).digest()
        self._ttl_seconds = ttl_seconds
        self._breaker = breaker or CircuitBreaker(most_failures=3)
        self._lock = Lock()
        self._counts = dict.fromkeys(
            ("hits", "misses", "bypassed", "stored", "evictions", "damaged", "errors"), 0
        )

    def key(self, request: GenerateText, identity: EngineIdentity) -> bytes:
        """Differs when any field of the request or of the engine's identity does, but for the label."""
        inputs = asdict(replace(request, label=""))
        asked = json.dumps([FORMAT, asdict(identity), inputs], sort_keys=True).encode()
        return hashlib.blake2b(asked, key=self._secret, digest_size=32).digest()

    def get(self, key: bytes) -> StoredAnswer | None:
        found = self._ask(lambda: self._store.get(key))
        answer = None if found is None else self._opened(key, found)
        self._count("hits" if answer is not None else "misses")
        return answer

    def put(self, key: bytes, answer: StoredAnswer) -> None:
        sealed = self._sealed(key, json.dumps(asdict(answer)).encode())
        num_gone = self._ask(lambda: self._store.put(key, sealed, self._ttl_seconds))
        if num_gone is not None:
            self._count("stored")
            self._count("evictions", num_gone)

    def bypass(self) -> None:
        """Count a request that is not looked for."""
        self._count("bypassed")

    def clear(self) -> None:
        """Forget every answer. Raises StoreLost where that cannot be promised."""
        self._store.clear()

    def snapshot(self) -> ResponseCacheSnapshot:
        size: StoreSize | None = self._ask(self._store.size)
        with self._lock:
            counts = dict(self._counts)
        return ResponseCacheSnapshot(
            **counts,
            entries=None if size is None else size.entries,
            num_bytes=None if size is None else size.num_bytes,
        )

    def close(self) -> None:
        self._store.close()

    def _ask(self, act: Callable[[], Result]) -> Result | None:
        """What the store says; None if it is lost."""
        if not self._breaker.admit():
            self._count("errors")
            return None
        try:
            found = act()
        except StoreLost as error:
            self._breaker.failed()
            self._count("errors")
            LOG.warning("The store of answers does not work: %s", error)
            return None
        self._breaker.succeeded()
        return found

    def _opened(self, key: bytes, sealed: bytes) -> StoredAnswer | None:
        body = sealed[SEAL_BYTES:]
        try:
            if hmac.compare_digest(sealed, self._sealed(key, body)):
                return STORED.validate_json(body)
        except ValidationError:
            pass
        self._count("damaged")
        self._ask(lambda: self._store.discard(key))
        return None

    def _sealed(self, key: bytes, body: bytes) -> bytes:
        return hashlib.blake2b(key + body, key=self._secret, digest_size=SEAL_BYTES).digest() + body

    def _count(self, name: str, number: int = 1) -> None:
        with self._lock:
            self._counts[name] += number


class CachedEngine:
    """Looks for the answer before it asks the engine. Stored answers are streamed piece by piece as well.

    Only answers that another run would repeat are kept: greedy ones and those with a seed, and only whole
    ones. Everything else is the engine's own.
    """

    name: ClassVar[str] = "cached"

    def __init__(
        self,
        engine: InferenceEngine,
        cache: ResponseCache,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.engine = engine
        self.cache = cache
        self._clock = clock

    def identity(self) -> EngineIdentity:
        return self.engine.identity()

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        if not request.is_repeatable:
            self.cache.bypass()
            yield from self.engine.generate(request, is_cancelled=is_cancelled)
            return
        begun = self._clock()
        key = self.cache.key(request, self.engine.identity())
        stored = self.cache.get(key)
        if stored is None:
            yield from self._computed(key, request, is_cancelled)
        else:
            yield from self._repeated(stored, begun, is_cancelled)

    def count_tokens(self, prompt: Prompt) -> int:
        return self.engine.count_tokens(prompt)

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        return self.engine.score(request, continuations)

    def announce(self, requests: Sequence[GenerateText]) -> None:
        self.engine.announce(requests)

    def withdraw(self, requests: Sequence[GenerateText]) -> None:
        self.engine.withdraw(requests)

    def health(self) -> EngineHealth:
        return self.engine.health()

    def close(self) -> None:
        self.engine.close()
        self.cache.close()

    def _computed(
        self, key: bytes, request: GenerateText, is_cancelled: Callable[[], bool]
    ) -> Generator[Piece, None, None]:
        pieces = []
        for piece in self.engine.generate(request, is_cancelled=is_cancelled):
            pieces.append((piece.text, piece.num_tokens))
            if piece.usage is not None and piece.usage.finish_reason in KEPT_ENDS:
                self.cache.put(key, StoredAnswer(tuple(pieces), piece.usage))
            yield piece

    def _repeated(
        self, stored: StoredAnswer, begun: float, is_cancelled: Callable[[], bool]
    ) -> Generator[Piece, None, None]:
        first_piece_seconds = self._clock() - begun
        usage = replace(stored.usage, first_piece_seconds=first_piece_seconds, is_stored_answer=True)
        *pieces, last = stored.pieces
        for text, num_tokens in pieces:
            if is_cancelled():
                last, usage = ("", 0), replace(usage, finish_reason="cancelled")
                break
            yield Piece(text, num_tokens)
        yield Piece(*last, replace(usage, seconds=self._clock() - begun))
