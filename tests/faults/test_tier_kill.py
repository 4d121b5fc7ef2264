"""kill -9 of a process that writes blocks: what it was told is kept is there, and nothing is ever wrong."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kvcache.tiers.disk import DiskTier
from tests.conftest import ROOT
from tests.fakes.quick_folder import quick_folder
from tests.fakes.tiers import SECRET, make_key, make_record

CAPACITY = 4 << 20  # some 120 blocks: segments are moved all the time


def write_until_killed(folder: Path, seed: int, seconds: float) -> list[str]:
    """The lines of a writer that ran for this time; a line that was cut is left out."""
    command = [sys.executable, "-m", "tests.fakes.block_writer", str(folder), str(seed), str(CAPACITY)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        rest = writer.stdout.read()
    return (first + rest[: rest.rfind(b"\n") + 1]).decode().splitlines()


def acknowledged(sizes: dict[int, int], lines: list[str]) -> dict[int, int]:
    """Number and size of what must be there, from what was there and what the writer said."""
    for line in lines:
        match line.split():
            case ["+", number, size]:
                sizes[int(number)] = int(size)
            case ["-", number]:
                sizes.pop(int(number), None)
    return sizes


def check(tier: DiskTier, kept: dict[int, int]) -> dict[int, int]:
    """Number and size of what is there, all of it right, and all of `kept` among it."""
    found: dict[int, int] = {}
    for number in range(1000):
        record = tier.get(make_key(number))
        if record is not None:
            assert record.payload == make_record(number, record.num_bytes).payload
            found[number] = record.num_bytes
    lost = {number: size for number, size in kept.items() if number not in found}
    assert lost == {}
    replaced = [number for number, size in kept.items() if found[number] != size]
    assert len(replaced) <= 1, "only the put that was cut may have replaced one"
    taken = tier.snapshot()
    assert (taken.damaged, taken.errors) == (0, 0)
    assert sum(file.stat().st_size for file in tier_files(tier)) <= CAPACITY
    return found


def tier_files(tier: DiskTier) -> list[Path]:
    return list(tier.folder.iterdir())


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.faults)])
def test_a_writer_that_is_killed_loses_nothing_that_was_acknowledged(kills: int) -> None:
    chance = random.Random(kills)
    there: dict[int, int] = {}
    num_written = 0
    with quick_folder() as folder:
        for seed in range(kills):
            lines = write_until_killed(folder, seed, chance.uniform(0.0, 0.3))
            num_written += len(lines)
            tier = DiskTier(folder, CAPACITY, SECRET)
            there = check(tier, acknowledged(there, lines))
            tier.close()
    assert num_written > 20 * kills
