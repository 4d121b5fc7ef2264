"""The promise of every tier: a place where blocks rest. Blocks are opaque bytes here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from kvcache.record import BlockRecord


class TierError(Exception):
    """A tier cannot do what was asked; the message says what to do."""


class TierFull(TierError):
    """There is no room for the block; nothing was changed."""


class TierInUse(TierError):
    """Another process holds this tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierEntry:
    """A block that rests in a tier: its key, its place in its prompt, the bytes it takes with its header."""

    key: bytes
    position: int
    num_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSnapshot:
    """A tier at one moment. `stored_bytes` are those of the entries, `held_bytes` what the place takes.

    `capacity_bytes` is the most that `held_bytes` can be, 0 where the place has no bound of its own; a tier
    may need some of it to work in, so whoever fills it goes by TierFull. `damaged` counts records that failed
    their tag, `errors` calls that the place did not answer; both were misses, or puts that were dropped.
    """

    name: str
    blocks: int
    stored_bytes: int
    held_bytes: int
    capacity_bytes: int
    damaged: int
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What reading every record of a tier showed."""

    sound: int
    damaged: int
    bytes_read: int


class Tier(Protocol):
    """Keeps records by key until they are discarded. It chooses no victims: whoever fills it does.

    * A record comes back exactly as it was put, or not at all: a damaged one is counted and is a miss.
    * Any thread may call anything at any time; two calls never mix.
    * A place that does not answer is a miss or a dropped put, and an error counted, never an exception.
    * Many processes may share a place: then a block can go or come at any time by another's act.
    * After `close` every call but `close` raises TierError.
    """

    name: ClassVar[str]
    is_durable: ClassVar[bool]
    """Whether blocks here outlive the process."""

    def put(self, record: BlockRecord) -> None:
        """Keep the record. An equal key is replaced. Raises TierFull, and keeps what it had.

        A tier may take one form only: then it raises TierError for any other.
        """

    def get(self, key: bytes) -> BlockRecord | None:
        """The record, or None if it is not here, or no longer sound."""

    def holds(self, key: bytes) -> bool:
        """Whether the key rests here, as far as can be said without reading the record."""

    def discard(self, key: bytes) -> bool:
        """Let the record go; whether it was here. Its bytes are free for others from now on."""

    def entries(self) -> Iterator[TierEntry]:
        """What rests here, in the order it was put. A list made at once: changes meanwhile do no harm."""

    def resize(self, capacity_bytes: int) -> None:
        """Take so many bytes at most from now on. Raises TierFull, changing nothing, while more rests here.

        Raises TierError where there is no more room to be had, or where the place has no bound of its own.
        """

    def flush(self) -> None:
        """When this returns, all that was put survives whatever the place is made to survive.

        Raises TierError if the place did not take it; what was put is served all the same.
        """

    def verify(self) -> Verification:
        """Read every record; damaged ones are discarded."""

    def snapshot(self) -> TierSnapshot:
        """Counts at this moment."""

    def close(self) -> None:
        """Flush and let the place go. Closing again changes nothing."""
