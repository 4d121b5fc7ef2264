"""Blocks as slots of one tensor on the device that computes: read in place, without a copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from kvcache.record import BlockRecord
from kvcache.tiers.tier import TierEntry, TierError, TierFull, TierSnapshot, Verification

if TYPE_CHECKING:
    import torch

FORM = "raw"
SHEET_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class _Held:
    slot: int
    tokens: bytes
    position: int
    exact: bool = False


class DeviceTier:
    """Keeps `num_slots` blocks of one shape; only records in raw form and of that size.

    The slots lie in sheets of 64 MiB, so that to change their number takes no second copy of them all. A slot
    is filled when the call that fills it returns, whatever stream then reads it. Bytes of the snapshot are
    those of the slots; token ids stay in the memory of the host beside them.
    """

    name: ClassVar[str] = "device"
    is_durable: ClassVar[bool] = False

    def __init__(
        self,
        block_shape: tuple[int, ...],
        dtype: torch.dtype,
        num_slots: int,
        device: torch.device | str = "cpu",
        *,
        sheet_bytes: int = SHEET_BYTES,
    ) -> None:
        """Raises TierError if the device has no room for all slots."""
        import torch

        self.device = torch.device(device)
        self._shape, self._dtype = torch.Size(block_shape), dtype
        self.slot_bytes = prod(block_shape) * dtype.itemsize
        self._sheet_slots = max(sheet_bytes // self.slot_bytes, 1)
        self._sheets = self._new_sheets(num_slots)
        self._num_slots = num_slots
        self._staging = self._make_staging()
        self._held: dict[bytes, _Held] = {}
        self._free = list(reversed(range(num_slots)))
        self._is_closed = False
        self._lock = Lock()

    def put(self, record: BlockRecord) -> None:
        if record.form != FORM or record.num_bytes != self.slot_bytes:
            raise TierError(
                f"The block is {record.num_bytes} bytes in form {record.form!r}; this tier keeps "
                f"{self.slot_bytes} bytes in form {FORM!r}, so decode it first."
            )
        with self._lock:
            self._fill_slot(self._take(record.key), record.payload)
            self._keep(record.key, record.tokens, record.position, exact=record.exact)

    def write(self, key: bytes, tokens: bytes, position: int, values: torch.Tensor) -> None:
        """Fill a slot from a tensor of the block's shape and dtype: any device, any strides, no detour.

        Raises TierError if shape or dtype differ, TierFull if no slot is free.
        """
        import torch

        if values.shape != self._shape or values.dtype != self._dtype:
            raise TierError(
                f"The values are {values.dtype} {tuple(values.shape)}, the slots are {self._dtype} "
                f"{tuple(self._shape)}."
            )
        with self._lock, torch.no_grad():
            self._slot(self._take(key)).copy_(values)
            self._wait()
            self._keep(key, tokens, position)

    def view(self, key: bytes) -> torch.Tensor | None:
        """The slot itself, or None. NOTE: valid while the owner keeps the key from being discarded or put
        again, until all that reads it, on any stream, has finished.
        """
        with self._lock:
            self._check_open()
            held = self._held.get(key)
            return None if held is None else self._slot(held.slot)

    def get(self, key: bytes) -> BlockRecord | None:
        with self._lock:
            self._check_open()
            held = self._held.get(key)
            if held is None:
                return None
            payload = self._read_slot(held.slot)
            return BlockRecord(key, held.tokens, held.position, FORM, payload, held.exact)

    def holds(self, key: bytes) -> bool:
        with self._lock:
            self._check_open()
            return key in self._held

    def discard(self, key: bytes) -> bool:
        with self._lock:
            self._check_open()
            held = self._held.pop(key, None)
            if held is None:
                return False
            self._free.append(held.slot)
            return True

    def entries(self) -> Iterator[TierEntry]:
        with self._lock:
            self._check_open()
            held = list(self._held.items())
        return iter(
            [TierEntry(key=key, position=h.position, num_bytes=self.slot_bytes) for key, h in held]
        )  # fmt: skip

    def resize(self, capacity_bytes: int) -> None:
        """As many slots as fit. A view that was given out stays true, and keeps the old slot's memory."""
        import torch

        num_slots = capacity_bytes // self.slot_bytes
        with self._lock, torch.no_grad():
            self._check_open()
            if len(self._held) > num_slots:
                raise TierFull(f"{len(self._held)} blocks rest here; discard others first.")
            num_whole = min(num_slots, self._num_slots) // self._sheet_slots
            sheets = [*self._sheets[:num_whole], *self._new_sheets(num_slots - num_whole * self._sheet_slots)]
            self._move_into(sheets, num_whole * self._sheet_slots, num_slots)

    def flush(self) -> None:
        """Nothing here outlives the process."""
        with self._lock:
            self._check_open()

    def verify(self) -> Verification:
        """Device memory is trusted: every record is sound."""
        taken = self.snapshot()
        return Verification(sound=taken.blocks, damaged=0, bytes_read=taken.stored_bytes)

    def snapshot(self) -> TierSnapshot:
        with self._lock:
            self._check_open()
            allocated = self._num_slots * self.slot_bytes
            return TierSnapshot(
                name=self.name, blocks=len(self._held), stored_bytes=len(self._held) * self.slot_bytes,
                held_bytes=allocated, capacity_bytes=allocated, damaged=0, errors=0,
            )  # fmt: skip

    def close(self) -> None:
        """The memory goes back once the last view is gone."""
        with self._lock:
            self._is_closed = True
            self._held.clear()
            self._free.clear()
            self._sheets, self._num_slots = [], 0

    def _take(self, key: bytes) -> int:
        """The slot of the key, or a free one; it is the key's once `_keep` was called."""
        self._check_open()
        held = self._held.get(key)
        if held is not None:
            return held.slot
        if not self._free:
            raise TierFull("Every slot of the device is taken; discard a block first.")
        return self._free[-1]

    def _keep(self, key: bytes, tokens: bytes, position: int, *, exact: bool = False) -> None:
        old = self._held.pop(key, None)  # put again is put last
        slot = self._free.pop() if old is None else old.slot
        self._held[key] = _Held(slot, tokens, position, exact)

    # -- sheets

    def _slot(self, slot: int) -> torch.Tensor:
        return self._sheets[slot // self._sheet_slots][slot % self._sheet_slots]

    def _slot_as_bytes(self, slot: int) -> torch.Tensor:
        import torch

        return self._slot(slot).view(-1).view(torch.uint8)

    def _new_sheets(self, num_slots: int) -> list[torch.Tensor]:
        import torch

        try:
            if self.device.type == "cpu":  # which gives each sheet an address, until they are written to
                torch.empty(num_slots * self.slot_bytes, dtype=torch.uint8)
            with torch.inference_mode(False):  # so that the slots may be written in any mode
                return [
                    torch.empty(
                        (min(self._sheet_slots, num_slots - first), *self._shape),
                        dtype=self._dtype,
                        device=self.device,
                    )
                    for first in range(0, num_slots, self._sheet_slots)
                ]
        except (RuntimeError, MemoryError) as error:
            raise TierError(
                f"{self.device} has no room for {num_slots} blocks of {self.slot_bytes} bytes; ask for fewer."
            ) from error

    def _move_into(self, sheets: list[torch.Tensor], num_same: int, num_slots: int) -> None:
        """Go on with these sheets; the slots before `num_same` are the same as before."""
        taken = {held.slot for held in self._held.values()}
        free = [slot for slot in reversed(range(num_slots)) if slot >= num_same or slot not in taken]
        for key, held in self._held.items():
            if held.slot >= num_same:
                values, slot = self._slot(held.slot), free.pop()
                sheets[slot // self._sheet_slots][slot % self._sheet_slots].copy_(values)
                self._held[key] = replace(held, slot=slot)
        self._wait()
        self._sheets, self._num_slots, self._free = sheets, num_slots, free

    # -- bytes of a slot

    def _make_staging(self) -> torch.Tensor | None:
        """Pinned memory of one block, through which bytes reach a device that the CPU cannot address."""
        import torch

        if self.device.type == "cpu":
            return None
        return torch.empty(self.slot_bytes, dtype=torch.uint8, pin_memory=self.device.type == "cuda")

    def _fill_slot(self, slot: int, payload: bytes | memoryview) -> None:
        target = self._slot_as_bytes(slot) if self._staging is None else self._staging
        np.copyto(target.numpy(), np.frombuffer(payload, np.uint8))
        if self._staging is not None:
            self._slot_as_bytes(slot).copy_(self._staging, non_blocking=True)
            self._wait()  # before the staging is used again

    def _read_slot(self, slot: int) -> bytes:
        source = self._slot_as_bytes(slot)
        if self._staging is not None:
            self._staging.copy_(source, non_blocking=True)
            self._wait()  # before the staging is read
            source = self._staging
        return source.numpy().tobytes()

    def _wait(self) -> None:
        """Until what this stream was given is done."""
        if self.device.type == "cuda":
            import torch

            torch.cuda.current_stream(self.device).synchronize()

    def _check_open(self) -> None:
        if self._is_closed:
            raise TierError("This tier was closed; open another one.")
