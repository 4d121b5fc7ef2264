"""Bytes of a folder change under the disk tier: it serves what was put or nothing, and never raises."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvcache.tiers.disk import DiskTier
from tests.fakes.quick_folder import quick_folder
from tests.fakes.tiers import SECRET, make_key, make_record

NUM_RECORDS = 24
CAPACITY = 1 << 20


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made


def build(folder: Path) -> dict[Path, bytes]:
    """A folder of some segments; its files and their bytes."""
    tier = DiskTier(folder, CAPACITY, SECRET, segment_bytes=4000)
    for number in range(NUM_RECORDS):
        tier.put(make_record(number, 100 + 37 * number))
    tier.discard(make_key(3))
    tier.close()
    return {file: file.read_bytes() for file in sorted(folder.glob("*.segment"))}


def restore(folder: Path, pristine: dict[Path, bytes]) -> None:
    for file in folder.glob("*.segment"):
        file.unlink()
    for file, data in pristine.items():
        file.write_bytes(data)


def flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 1, 4, 30))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def truncate(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def overwrite(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[start : start + chance.randrange(400)] = chance.randbytes(chance.randrange(400))


def splice(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[start:start] = data[chance.randrange(len(data)) :][: chance.randrange(1500)]


def garble(data: bytes, chance: random.Random) -> bytes:
    garbled = bytearray(data)
    chance.choice((flip, flip, truncate, overwrite, splice))(garbled, chance)
    return bytes(garbled)


def check(tier: DiskTier) -> int:
    """How many records are served; every one as it was put."""
    num_served = 0
    for number in range(NUM_RECORDS):
        record = tier.get(make_key(number))
        if record is None:
            continue
        wanted = make_record(number, 100 + 37 * number)
        assert (record.tokens, record.position, record.form) == (wanted.tokens, wanted.position, "raw")
        assert record.payload == wanted.payload
        num_served += 1
    return num_served


@pytest.mark.parametrize("rounds", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("is_open", [False, True], ids=["before opening", "while open"])
def test_no_garbled_byte_is_ever_served(folder: Path, rounds: int, is_open: bool) -> None:
    pristine = build(folder)
    assert len(pristine) > 4
    chance = random.Random(rounds + is_open)
    num_served = 0
    for _ in range(rounds):
        file = chance.choice(list(pristine))
        tier = DiskTier(folder, CAPACITY, SECRET) if is_open else None
        in_place = os.open(file, os.O_WRONLY | os.O_TRUNC)
        os.write(in_place, garble(pristine[file], chance))
        os.close(in_place)
        tier = tier or DiskTier(folder, CAPACITY, SECRET)
        num_served += check(tier)
        tier.put(make_record(500, 300))
        assert tier.get(make_key(500)) is not None
        assert tier.verify().damaged == 0
        tier.close()
        restore(folder, pristine)
    assert num_served > 0.5 * rounds * NUM_RECORDS, "damage costs what it touches, not the folder"


def test_a_segment_made_of_false_headers_does_not_hold_up_the_opening(folder: Path) -> None:
    from kvcache.sealed_record import MAGIC

    build(folder)
    (folder / "0000000099.segment").write_bytes(MAGIC * 500_000)
    tier = DiskTier(folder, 8 * CAPACITY, SECRET)
    assert check(tier) == NUM_RECORDS - 1
    tier.close()
