"""What a place for stored answers promises. Keys and values are opaque bytes here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol


class StoreLost(Exception):
    """The store does not answer, or was damaged. Nothing is known of what it kept."""


@dataclass(frozen=True, slots=True)
class StoreSize:
    """How much is kept, those included whose time has run out and who were not looked for since."""

    entries: int
    num_bytes: int


class ResponseStore(Protocol):
    """Keeps values for a while, in at most so many bytes. Safe for threads and for several processes.

    Each call may raise StoreLost; a later one may succeed again.
    """

    name: ClassVar[str]
    """The same as its key in RESPONSE_STORES."""

    def get(self, key: bytes) -> bytes | None:
        """The value, which is now the one used last; None if there is none or its time has run out."""

    def put(self, key: bytes, value: bytes, ttl_seconds: float) -> int:
        """Keep the value in the place of what the key had; how many others had to go for it.

        Those go first that were used longest ago. A value larger than the whole store is not kept.
        """

    def discard(self, key: bytes) -> None:
        """Keep it no longer."""

    def clear(self) -> None:
        """Keep nothing."""

    def size(self) -> StoreSize:
        """What is kept now."""

    def close(self) -> None:
        """Let go of connections. Closing again changes nothing; any other call raises StoreLost."""
