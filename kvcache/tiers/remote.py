"""Blocks in a Redis server that several processes share. Records are sealed: the server is not trusted."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from hashlib import blake2b
from threading import Lock
from time import monotonic, time_ns
from typing import Any, ClassVar, TypeVar

from kvcache.record import BlockRecord
from kvcache.sealed_record import HEADER_BYTES, RecordHeader, RecordSeal
from kvcache.tiers.circuit_breaker import CircuitBreaker
from kvcache.tiers.redis_client import RedisAddress
from kvcache.tiers.tier import TierEntry, TierError, TierSnapshot, Verification

LOG = logging.getLogger(__name__)
NAMESPACE = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
HEADERS_AT_ONCE = 500
# What the client's parser raises where the server does not speak its protocol.
NONSENSE = (ValueError, TypeError, LookupError, AttributeError)
Answer = TypeVar("Answer")


class RedisTier:
    """Keeps records in Redis under `namespace`, for `ttl_seconds` after each was last put or read.

    A server that does not answer within `timeout_seconds` costs misses, dropped puts and counted errors,
    never an exception, and is asked again after a pause. Whoever can write to the server but lacks the
    secret can remove blocks, not plant them. Every command names one key, so a cluster serves as well.

    The room is the server's: `capacity_bytes` is 0, a server without memory drops puts, and the bytes are
    those of the sealed records. `entries`, `verify` and `snapshot` scan the whole server: ask them seldom.
    """

    name: ClassVar[str] = "remote"
    is_durable: ClassVar[bool] = True

    def __init__(
        self,
        url: str,
        secret: bytes,
        namespace: str,
        ttl_seconds: float,
        *,
        timeout_seconds: float = 0.5,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Does not connect yet. Raises TierError if the URL or the namespace cannot be used."""
        if not NAMESPACE.fullmatch(namespace):
            raise TierError("A namespace is up to 100 letters, digits and the signs _ . : -")
        self._address = RedisAddress.parse(url)
        self._seal = RecordSeal(secret)
        owner = blake2b(key=secret, digest_size=8, person=b"kvcache redis").hexdigest()
        self._prefix = f"{namespace}:{owner}:".encode()  # who has another secret finds other names
        self._ttl_ms = max(1, round(ttl_seconds * 1000))
        self._timeout_seconds = timeout_seconds
        self._breaker = CircuitBreaker(clock=clock)
        self._client: Any = None
        self._damaged = 0
        self._errors = 0
        self._is_closed = False
        self._lock = Lock()
        self._connecting = Lock()

    def __repr__(self) -> str:
        return f"RedisTier({str(self._address)!r})"

    def put(self, record: BlockRecord) -> None:
        """Dropped and counted if the server does not take it; what was there then stays."""
        sealed = b"".join(self._seal.seal(record, time_ns()))
        self._ask(lambda redis: redis.set(self._name(record.key), sealed, px=self._ttl_ms), None)

    def get(self, key: bytes) -> BlockRecord | None:
        name = self._name(key)
        sealed: object = self._ask(lambda redis: redis.getex(name, px=self._ttl_ms), None)
        if not isinstance(sealed, bytes):
            return None
        record = self._seal.open(sealed)
        if record is None or record.key != key:
            self._drop_damaged(name)
            return None
        return record

    def holds(self, key: bytes) -> bool:
        return bool(self._ask(lambda redis: redis.exists(self._name(key)), 0))

    def discard(self, key: bytes) -> bool:
        return bool(self._ask(lambda redis: redis.unlink(self._name(key)), 0))

    def entries(self) -> Iterator[TierEntry]:
        """Of all processes that share the namespace; the order is that of their clocks."""
        headers = sorted(self._headers(), key=lambda header: header.ordinal)
        return iter([TierEntry(key=h.key, position=h.position, num_bytes=h.num_bytes) for h in headers])

    def resize(self, capacity_bytes: int) -> None:
        raise TierError("The room here is the server's: set maxmemory there.")

    def flush(self) -> None:
        """Whether blocks survive a restart of the server is the server's to say."""
        self._check_open()

    def verify(self) -> Verification:
        before = self._damaged
        read = [entry.num_bytes for entry in self.entries() if self.get(entry.key) is not None]
        return Verification(sound=len(read), damaged=self._damaged - before, bytes_read=sum(read))

    def snapshot(self) -> TierSnapshot:
        stored = [header.num_bytes for header in self._headers()]
        return TierSnapshot(
            name=self.name, blocks=len(stored), stored_bytes=sum(stored), held_bytes=sum(stored),
            capacity_bytes=0, damaged=self._damaged, errors=self._errors,
        )  # fmt: skip

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            client, self._client = self._client, None
        if client is not None:
            client.close()

    # -- the server

    def _name(self, key: bytes) -> bytes:
        return self._prefix + key.hex().encode()

    def _ask(self, question: Callable[[Any], Answer], otherwise: Answer) -> Answer:
        """The answer, or `otherwise` and an error counted if there is none."""
        from redis.exceptions import ClusterError, RedisClusterException, RedisError, ResponseError

        self._check_open()
        if not self._breaker.admit():
            self._count_error()
            return otherwise
        try:
            answer = question(self._connected())
        except (RedisError, RedisClusterException, OSError, *NONSENSE) as error:
            self._count_error()
            if isinstance(error, ResponseError) and not isinstance(error, ClusterError):
                self._breaker.succeeded()  # it answers, if only that it will not
            else:
                self._breaker.failed()
            LOG.warning("%s did not do as asked: %s", self._address, type(error).__name__)
            return otherwise
        self._breaker.succeeded()
        return answer

    def _connected(self) -> Any:
        with self._connecting:
            if self._client is None:
                self._client = self._address.connect(self._timeout_seconds)
            return self._client

    def _headers(self) -> list[RecordHeader]:
        """The headers of all records of the namespace, without their payloads."""
        no_names: list[bytes] = []
        names = self._ask(lambda redis: list(set(redis.scan_iter(self._prefix + b"*", count=1000))), no_names)
        headers: list[RecordHeader] = []
        for start in range(0, len(names), HEADERS_AT_ONCE):
            headers += self._read_headers(names[start : start + HEADERS_AT_ONCE])
        return headers

    def _read_headers(self, names: list[bytes]) -> list[RecordHeader]:
        def read(redis: Any) -> list[object]:
            pipeline = redis.pipeline(transaction=False)
            for name in names:
                pipeline.getrange(name, 0, HEADER_BYTES - 1)
            return list(pipeline.execute(raise_on_error=False))

        nothing: list[object] = [None] * len(names)
        found = [
            (name, self._seal.read_header(data))
            for name, data in zip(names, self._ask(read, nothing), strict=False)
            if isinstance(data, bytes)
        ]
        return [header for name, header in found if header is not None and name == self._name(header.key)]

    def _drop_damaged(self, name: bytes) -> None:
        with self._lock:
            self._damaged += 1
        self._ask(lambda redis: redis.unlink(name), 0)

    def _count_error(self) -> None:
        with self._lock:
            self._errors += 1

    def _check_open(self) -> None:
        if self._is_closed:
            raise TierError("This tier was closed; open another one.")
