"""Each tier in a size that a test can fill, and records that it takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import pytest

from kvcache.record import BlockRecord
from kvcache.tiers.device import DeviceTier
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.host import HostTier
from kvcache.tiers.remote import RedisTier
from kvcache.tiers.tier import Tier
from tests.fakes.redis_servers import one_server

SECRET = b"a secret of the tests, 32 bytes."
CAPACITY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """A tier under test. `block_bytes` is the only size it takes, None if it takes any."""

    tier: Tier
    block_bytes: int | None = None
    is_bounded: bool = True
    outlives_close: Callable[[], Tier] | None = None

    def record(self, number: int, size: int = 256, fill: int | None = None) -> BlockRecord:
        return make_record(number, self.block_bytes or size, fill)


def make_key(number: int) -> bytes:
    return blake2b(number.to_bytes(8, "little"), digest_size=32).digest()


def make_record(number: int, size: int = 256, fill: int | None = None) -> BlockRecord:
    """The record of this number: everything in it follows from the number, the size and the fill."""
    chance = random.Random(number if fill is None else f"{number} {fill}")
    tokens = chance.randbytes(4 * (number % 5))
    return BlockRecord(make_key(number), tokens, number % 7, "raw", chance.randbytes(size))


def _device(device: str) -> Place:
    import torch

    return Place(DeviceTier((2, 2, 1, 4, 4), torch.float32, 32, device), block_bytes=256)


def _cpu(folder: Path, exits: ExitStack) -> Place:
    return _device("cpu")


def _cuda(folder: Path, exits: ExitStack) -> Place:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return _device("cuda")


def _host(folder: Path, exits: ExitStack) -> Place:
    return Place(HostTier(CAPACITY_BYTES))


def _disk(folder: Path, exits: ExitStack) -> Place:
    def open_again() -> Tier:
        return DiskTier(folder / "blocks", CAPACITY_BYTES, SECRET)

    return Place(open_again(), outlives_close=open_again)


def _remote(folder: Path, exits: ExitStack) -> Place:
    server = exits.enter_context(one_server())

    def open_again() -> Tier:
        return RedisTier(f"unix://{server.socket}", SECRET, "tests", ttl_seconds=600)

    return Place(open_again(), is_bounded=False, outlives_close=open_again)


PLACES: dict[str, Callable[[Path, ExitStack], Place]] = {
    "device": _cpu,
    "device on cuda": _cuda,
    "host": _host,
    "disk": _disk,
    "remote": _remote,
}


@contextmanager
def open_place(name: str, folder: Path) -> Iterator[Place]:
    with ExitStack() as exits:
        place = PLACES[name](folder, exits)
        exits.callback(place.tier.close)
        yield place
