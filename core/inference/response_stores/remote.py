"""Stored answers in Redis, for several replicas of the product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, ClassVar

from core.errors import Invalid
from core.inference.response_stores.store import StoreLost, StoreSize
from kvcache.tiers import TierError
from kvcache.tiers.redis_client import RedisAddress

TIMEOUT_SECONDS = 0.5
SPACE = "{blatam:responses}:"  # one slot of a cluster holds it all, so that a script may touch it all
ORDER, SIZES, TOTAL, USES = (SPACE + name for name in ("order", "sizes", "total", "uses"))

FORGET = """
local function forget(member)
  local size = redis.call('HGET', KEYS[2], member)
  if size then redis.call('DECRBY', KEYS[3], size) end
  redis.call('HDEL', KEYS[2], member)
  redis.call('ZREM', KEYS[1], member)
  redis.call('DEL', ARGV[1] .. member)
end
"""
GET = (
    FORGET
    + """
local value = redis.call('GET', ARGV[1] .. ARGV[2])
if value then redis.call('ZADD', KEYS[1], redis.call('INCR', KEYS[4]), ARGV[2]) else forget(ARGV[2]) end
return value
"""
)
PUT = (
    FORGET
    + """
forget(ARGV[2])
local size, capacity, gone = #ARGV[3], tonumber(ARGV[5]), 0
if size > capacity then return 0 end
redis.call('SET', ARGV[1] .. ARGV[2], ARGV[3], 'PX', ARGV[4])
redis.call('HSET', KEYS[2], ARGV[2], size)
redis.call('ZADD', KEYS[1], redis.call('INCR', KEYS[4]), ARGV[2])
redis.call('INCRBY', KEYS[3], size)
while tonumber(redis.call('GET', KEYS[3])) > capacity do
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
  if not oldest then redis.call('SET', KEYS[3], 0) break end
  forget(oldest)
  gone = gone + 1
end
return gone
"""
)
DISCARD = FORGET + "forget(ARGV[2])"
CLEAR = (
    FORGET
    + """
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do forget(member) end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
"""
)


class RedisResponses:
    """Keeps its own order and sum beside the values, in scripts that run whole or not at all.

    Where Redis drops some of that on its own, the sum is too high for a while and more goes than had to.
    """

    name: ClassVar[str] = "redis"

    def __init__(self, url: str, *, capacity_bytes: int) -> None:
        """Connects at the first call. Raises Invalid for a URL that is none."""
        try:
            self._address = RedisAddress.parse(url)
        except TierError as error:
            raise Invalid(str(error)) from None
        self._capacity_bytes = capacity_bytes
        self._lock = Lock()
        self._client: Any = None
        self._is_closed = False

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._run(GET, key)
        return value

    def put(self, key: bytes, value: bytes, ttl_seconds: float) -> int:
        milliseconds = max(round(ttl_seconds * 1000), 1)
        return int(self._run(PUT, key, value, milliseconds, self._capacity_bytes))

    def discard(self, key: bytes) -> None:
        self._run(DISCARD, key)

    def clear(self) -> None:
        self._run(CLEAR, b"")

    def size(self) -> StoreSize:
        with self._translating():
            client = self._connected()
            return StoreSize(int(client.zcard(ORDER)), int(client.get(TOTAL) or 0))

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            if self._client is not None:
                self._client.close()

    def _run(self, script: str, key: bytes, *arguments: bytes | int) -> Any:
        with self._translating():
            names = (ORDER, SIZES, TOTAL, USES)
            return self._connected().eval(script, len(names), *names, SPACE, key.hex(), *arguments)

    def _connected(self) -> Any:
        with self._lock:
            if self._is_closed:
                raise StoreLost("closed")
            if self._client is None:
                self._client = self._address.connect(TIMEOUT_SECONDS)
            return self._client

    @contextmanager
    def _translating(self) -> Iterator[None]:
        from redis.exceptions import RedisError

        try:
            yield
        except (RedisError, OSError, ValueError) as error:
            raise StoreLost(type(error).__name__) from error
