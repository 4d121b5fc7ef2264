"""One file with all blocks of a tier: from any tier to any tier, whole, cut, garbled or foreign."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvcache.record import BlockRecord
from kvcache.sealed_record import SEALED_BYTES
from kvcache.tiers import Tier, TierError
from kvcache.tiers.backup import back_up, restore
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.host import HostTier
from tests.fakes.tiers import PLACES, SECRET, Place, make_record, open_place

SIZE = 256  # what the device tier of the tests takes
NUM_BLOCKS = 20
MARKS = {"remote": [pytest.mark.redis]}
ANY_PLACE = [pytest.param(name, marks=MARKS.get(name, [])) for name in PLACES]


@pytest.fixture(params=ANY_PLACE)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with open_place(request.param, tmp_path / "source") as place:
        yield place


@pytest.fixture(params=ANY_PLACE)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with open_place(request.param, tmp_path / "target") as place:
        yield place


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "blocks.backup"


@pytest.fixture
def backup(file: Path) -> bytes:
    """The bytes of a backup of twenty blocks."""
    tier = HostTier(1 << 20)
    fill(tier)
    back_up(tier, file, SECRET)
    return file.read_bytes()


def fill(tier: Tier) -> None:
    for number in range(NUM_BLOCKS):
        tier.put(make_record(number, SIZE))


def contents(tier: Tier) -> list[BlockRecord]:
    found = [tier.get(entry.key) for entry in tier.entries()]
    return [BlockRecord(r.key, r.tokens, r.position, r.form, bytes(r.payload)) for r in found if r]


def test_any_tier_comes_back_in_any_other(source: Place, target: Place, file: Path) -> None:
    fill(source.tier)
    written = back_up(source.tier, file, SECRET)
    assert (written.num_blocks, written.num_skipped) == (NUM_BLOCKS, 0)
    assert written.num_bytes == file.stat().st_size
    restored = restore(file, target.tier, SECRET)
    assert (restored.num_blocks, restored.num_refused, restored.num_damaged) == (NUM_BLOCKS, 0, 0)
    assert restored.is_whole
    assert contents(target.tier) == contents(source.tier)


def test_an_empty_tier_makes_a_whole_backup(file: Path) -> None:
    assert back_up(HostTier(1), file, SECRET).num_blocks == 0
    assert restore(file, HostTier(1), SECRET).is_whole


def test_a_tier_that_is_too_small_takes_what_fits(backup: bytes, file: Path) -> None:
    restored = restore(file, HostTier(8000), SECRET)
    assert 0 < restored.num_blocks < NUM_BLOCKS
    assert restored.num_blocks + restored.num_refused == NUM_BLOCKS
    assert restored.is_whole


def test_a_cut_backup_gives_what_is_left_and_says_so(backup: bytes, file: Path) -> None:
    for length in range(32, len(backup), 97):
        file.write_bytes(backup[:length])
        tier = HostTier(1 << 20)
        restored = restore(file, tier, SECRET)
        assert not restored.is_whole
        assert restored.num_blocks >= (length - 32) // 416
        assert contents(tier) == [make_record(number, SIZE) for number in range(restored.num_blocks)]


@pytest.mark.parametrize("rounds", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_garbled_byte_comes_back(backup: bytes, file: Path, rounds: int) -> None:
    chance = random.Random(rounds)
    sound = [make_record(number, SIZE) for number in range(NUM_BLOCKS)]
    for _ in range(rounds):
        garbled = bytearray(backup)
        for _ in range(chance.choice((1, 1, 5))):
            garbled[chance.randrange(32, len(garbled))] ^= 1 << chance.randrange(8)
        file.write_bytes(garbled)
        tier = HostTier(1 << 20)
        restored = restore(file, tier, SECRET)
        assert all(record in sound for record in contents(tier))
        assert restored.num_blocks >= NUM_BLOCKS - 5
        if restored.is_whole:  # only the one byte of a header that is not sealed may differ
            assert restored.num_blocks == NUM_BLOCKS


def test_records_left_out_or_in_another_order_are_noticed(backup: bytes, file: Path) -> None:
    one, two = (SEALED_BYTES + SIZE + len(make_record(number).tokens) for number in (0, 1))
    front, first, second, rest = (
        backup[:32],
        backup[32:][:one],
        backup[32 + one :][:two],
        backup[32 + one + two :],
    )
    for arranged, num_blocks in (
        (front + second + rest, NUM_BLOCKS - 1),
        (front + second + first + rest, NUM_BLOCKS),
    ):
        file.write_bytes(arranged)
        restored = restore(file, HostTier(1 << 20), SECRET)
        assert (restored.num_blocks, restored.num_damaged) == (num_blocks, 0)
        assert not restored.is_whole


@pytest.mark.parametrize("content", [b"", b"KVBACKUP", b"something else" * 100])
def test_what_is_no_backup_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(TierError, match="is no backup"):
        restore(file, HostTier(1), SECRET)


def test_another_secret_is_refused(backup: bytes, file: Path) -> None:
    with pytest.raises(TierError, match="with this secret"):
        restore(file, HostTier(1), b"another secret of 32 bytes here.")


def test_a_folder_a_pipe_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in (".", "pipe", "missing"):
        with pytest.raises(TierError):
            restore(tmp_path / name, HostTier(1), SECRET)


def test_a_backup_that_fails_leaves_the_one_before_and_nothing_beside(
    backup: bytes, file: Path, tmp_path: Path
) -> None:
    tier = HostTier(1 << 20)
    fill(tier)
    closing = DiskTier(tmp_path / "blocks", 1 << 20, SECRET)
    fill(closing)
    closing.close()
    with pytest.raises(TierError):
        back_up(closing, file, SECRET)
    with pytest.raises(TierError, match="cannot be written"):
        back_up(tier, tmp_path / "no folder" / "blocks.backup", SECRET)
    assert file.read_bytes() == backup
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blocks", "blocks.backup"]
    assert file.stat().st_mode & 0o077 == 0


def test_a_damaged_block_is_left_out_of_the_backup(tmp_path: Path, file: Path) -> None:
    tier = DiskTier(tmp_path / "blocks", 1 << 20, SECRET)
    fill(tier)
    (segment,) = (tmp_path / "blocks").glob("*.segment")
    with segment.open("r+b") as opened:
        opened.seek(200)
        opened.write(b"damage")
    written = back_up(tier, file, SECRET)
    tier.close()
    assert (written.num_blocks, written.num_skipped) == (NUM_BLOCKS - 1, 1)
    restored = restore(file, HostTier(1 << 20), SECRET)
    assert restored.is_whole
