"""Blocks in the memory of this process: the quickest tier without a device, gone when the process goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Lock
from typing import ClassVar

from kvcache.record import BlockRecord
from kvcache.tiers.tier import TierEntry, TierError, TierFull, TierSnapshot, Verification

# What Python keeps for one record beside its bytes: the record, its key, the slot in the table.
OVERHEAD_BYTES = 512


class HostTier:
    """Keeps records in RAM.

    A payload of immutable `bytes` is kept as it is, anything else is copied, so nobody changes a record
    after it was put.
    """

    name: ClassVar[str] = "host"
    is_durable: ClassVar[bool] = False

    def __init__(self, capacity_bytes: int) -> None:
        self._capacity_bytes = capacity_bytes
        self._records: dict[bytes, BlockRecord] = {}
        self._stored_bytes = 0
        self._is_closed = False
        self._lock = Lock()

    def put(self, record: BlockRecord) -> None:
        kept = _immutable(record)
        with self._lock:
            self._check_open()
            old = self._records.get(kept.key)
            stored = self._stored_bytes + _num_bytes(kept) - (_num_bytes(old) if old else 0)
            if stored > self._capacity_bytes:
                raise TierFull(f"The block of {_num_bytes(kept)} bytes does not fit; discard others first.")
            self._records.pop(kept.key, None)  # put again is put last
            self._records[kept.key] = kept
            self._stored_bytes = stored

    def get(self, key: bytes) -> BlockRecord | None:
        with self._lock:
            self._check_open()
            return self._records.get(key)

    def holds(self, key: bytes) -> bool:
        return self.get(key) is not None

    def discard(self, key: bytes) -> bool:
        with self._lock:
            self._check_open()
            record = self._records.pop(key, None)
            if record is None:
                return False
            self._stored_bytes -= _num_bytes(record)
            return True

    def entries(self) -> Iterator[TierEntry]:
        with self._lock:
            self._check_open()
            records = list(self._records.values())
        return iter(
            [TierEntry(key=r.key, position=r.position, num_bytes=_num_bytes(r)) for r in records]
        )  # fmt: skip

    def resize(self, capacity_bytes: int) -> None:
        with self._lock:
            self._check_open()
            if self._stored_bytes > capacity_bytes:
                raise TierFull(f"{self._stored_bytes} bytes rest here; discard others first.")
            self._capacity_bytes = capacity_bytes

    def flush(self) -> None:
        """Nothing here outlives the process."""
        with self._lock:
            self._check_open()

    def verify(self) -> Verification:
        """Memory is trusted: every record is sound."""
        with self._lock:
            self._check_open()
            return Verification(sound=len(self._records), damaged=0, bytes_read=self._stored_bytes)

    def snapshot(self) -> TierSnapshot:
        with self._lock:
            self._check_open()
            return TierSnapshot(
                name=self.name, blocks=len(self._records), stored_bytes=self._stored_bytes,
                held_bytes=self._stored_bytes, capacity_bytes=self._capacity_bytes, damaged=0, errors=0,
            )  # fmt: skip

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._records.clear()
            self._stored_bytes = 0

    def _check_open(self) -> None:
        if self._is_closed:
            raise TierError("This tier was closed; open another one.")


def _immutable(record: BlockRecord) -> BlockRecord:
    if isinstance(record.payload, bytes):
        return record
    return replace(record, payload=bytes(record.payload))


def _num_bytes(record: BlockRecord) -> int:
    return OVERHEAD_BYTES + len(record.tokens) + record.num_bytes
