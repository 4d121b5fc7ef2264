"""The folder of the disk tier: restarts, torn ends, compaction, limits, other processes, other secrets."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kvcache.config import InvalidConfig
from kvcache.sealed_record import SEALED_BYTES
from kvcache.tiers import TierError, TierFull, TierInUse
from kvcache.tiers.disk import DiskTier
from tests.conftest import ROOT
from tests.fakes.quick_folder import quick_folder
from tests.fakes.tiers import SECRET, make_key, make_record

CAPACITY = 1 << 20
Opens = Callable[..., DiskTier]


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as parent:
        yield parent / "blocks"


@pytest.fixture
def opens(folder: Path) -> Iterator[Opens]:
    """Opens the folder again; what was opened before is closed."""
    opened: list[DiskTier] = []

    def open_tier(capacity_bytes: int = CAPACITY, secret: bytes = SECRET, **options: int) -> DiskTier:
        for tier in opened:
            tier.close()
        opened.append(DiskTier(folder, capacity_bytes, secret, **options))
        return opened[-1]

    yield open_tier
    for tier in opened:
        tier.close()


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.segment"))


def real_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def served(tier: DiskTier, numbers: range) -> list[int]:
    """The numbers whose record is here; each must be exactly as it was put."""
    found = []
    for number in numbers:
        record = tier.get(make_key(number))
        if record is not None:
            wanted = make_record(number, record.num_bytes)
            assert (record.tokens, record.position, bytes(record.payload)) == (
                wanted.tokens, wanted.position, wanted.payload,
            )  # fmt: skip
            found.append(number)
    return found


def test_a_replaced_record_stays_replaced_after_a_restart(opens: Opens) -> None:
    tier = opens()
    tier.put(make_record(1, 500))
    tier.put(make_record(1, 700, fill=2))
    record = opens().get(make_key(1))
    assert record is not None
    assert record.payload == make_record(1, 700, fill=2).payload


def test_a_torn_end_is_cut_and_written_over(opens: Opens, folder: Path) -> None:
    tier = opens()
    for number in range(3):
        tier.put(make_record(number, 1000))
    tier.close()
    (segment,) = segments(folder)
    sound = segment.stat().st_size
    for cut in (1, 17, 500, 1000, 1100):
        os.truncate(segment, sound - cut)
        tier = opens()
        assert served(tier, range(3)) == [0, 1]
        assert tier.snapshot().damaged == 0
        tier.put(make_record(2, 1000))
        assert served(opens(), range(3)) == [0, 1, 2]


def test_an_end_whose_bytes_never_reached_the_medium_is_dropped_when_the_folder_is_opened(
    opens: Opens, folder: Path
) -> None:
    tier = opens()
    tier.put(make_record(1, 1000))
    tier.put(make_record(2, 1000))
    tier.close()
    (segment,) = segments(folder)
    with segment.open("r+b") as file:
        file.seek(-900, os.SEEK_END)
        file.write(bytes(900))
    tier = opens()
    assert not tier.holds(make_key(2))
    assert served(tier, range(3)) == [1]


def test_damage_in_the_middle_costs_only_the_records_it_touches(opens: Opens, folder: Path) -> None:
    tier = opens()
    for number in range(10):
        tier.put(make_record(number, 1000))
    tier.close()
    (segment,) = segments(folder)
    with segment.open("r+b") as file:
        file.seek(
            3 * (1000 + SEALED_BYTES)
        )  # tokens make it a little more: inside the record before the next
        file.write(bytes(200))
    assert len(served(opens(), range(10))) >= 8


def test_another_secret_is_refused_and_costs_nothing(opens: Opens) -> None:
    tier = opens()
    tier.put(make_record(1))
    tier.put(make_record(2))
    with pytest.raises(TierError, match="another secret"):
        opens(secret=b"another secret of 32 bytes here.")
    assert served(opens(), range(3)) == [1, 2]


def test_a_mark_of_the_owner_that_was_cut_is_written_again(opens: Opens, folder: Path) -> None:
    opens().put(make_record(1))
    (folder / "kvcache.owner").write_bytes(b"half")
    assert served(opens(), range(3)) == [1]
    assert len((folder / "kvcache.owner").read_bytes()) == 32


def test_a_secret_that_is_too_short_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidConfig, match="16 to 64"):
        DiskTier(folder, CAPACITY, b"short")


def test_a_record_of_another_folder_with_another_secret_is_not_served(
    opens: Opens, folder: Path, tmp_path: Path
) -> None:
    foreign = DiskTier(tmp_path / "foreign", CAPACITY, b"another secret of 32 bytes here.")
    foreign.put(make_record(1))
    foreign.close()
    (planted,) = segments(tmp_path / "foreign")
    tier = opens()
    tier.put(make_record(2))
    tier.close()
    with segments(folder)[0].open("ab") as file:
        file.write(planted.read_bytes())
    shutil.copy(planted, folder / "0000000009.segment")
    tier = opens()
    assert served(tier, range(3)) == [2]
    assert [entry.key for entry in tier.entries()] == [make_key(2)]


def test_a_record_under_the_key_of_another_is_not_served(opens: Opens, folder: Path) -> None:
    tier = opens()
    tier.put(make_record(1, 1000))
    tier.put(make_record(6, 1000))
    tier.close()
    (segment,) = segments(folder)
    data = segment.read_bytes()
    renamed = data.replace(make_key(1), make_key(3))
    assert renamed != data
    segment.write_bytes(renamed)
    assert served(opens(), range(7)) == [6]
    half = len(data) // 2  # the two records are of one size: each now lies where the other was
    segment.write_bytes(data)
    tier = opens()
    with segment.open("r+b") as file:
        file.write(data[half:] + data[:half])
    assert served(tier, range(7)) == []
    assert tier.snapshot().damaged == 2


def test_what_compaction_was_killed_at_is_counted_once(opens: Opens, folder: Path) -> None:
    tier = opens(segment_bytes=10_000)
    for number in range(40):
        tier.put(make_record(number, 1000))
    for number in range(0, 40, 4):
        tier.discard(make_key(number))
    before = {file.name: file.read_bytes() for file in segments(folder)}
    for number in range(1, 40, 4):
        tier.discard(make_key(number))
    for number in range(2, 40, 4):
        tier.discard(make_key(number))
    tier.compact()
    tier.close()
    removed = set(before) - {file.name for file in segments(folder)}
    assert removed
    for name in removed:  # as if the process had died before it removed them
        (folder / name).write_bytes(before[name])
    tier = opens()
    assert set(range(3, 40, 4)) <= set(served(tier, range(40)))
    taken = tier.snapshot()
    assert taken.blocks == len(list(tier.entries())) == len(served(tier, range(40)))
    assert taken.held_bytes <= CAPACITY


def test_compaction_frees_the_bytes_of_dead_records(opens: Opens, folder: Path) -> None:
    tier = opens(segment_bytes=10_000)
    for number in range(60):
        tier.put(make_record(number, 1000))
    for number in range(60):
        if number % 4:
            tier.discard(make_key(number))
    full = real_bytes(folder)
    tier.compact()
    assert real_bytes(folder) < full / 2
    assert served(tier, range(60)) == list(range(0, 60, 4))
    assert [entry.key for entry in tier.entries()] == [make_key(number) for number in range(0, 60, 4)]
    assert served(opens(), range(60)) == list(range(0, 60, 4))


def test_reading_goes_on_while_segments_are_moved(opens: Opens) -> None:
    tier = opens(segment_bytes=20_000)
    kept = range(0, 200, 4)
    for number in range(200):
        tier.put(make_record(number, 2000))
    stopped = threading.Event()
    missed: list[int] = []

    def read() -> None:
        chance = random.Random(1)
        while not stopped.is_set():
            number = chance.choice(kept)
            if served(tier, range(number, number + 1)) != [number]:
                missed.append(number)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(200):
        if number % 4:
            tier.discard(make_key(number))
            tier.compact()
    stopped.set()
    for reader in readers:
        reader.join()
    assert missed == []
    assert tier.snapshot().damaged == 0


@pytest.mark.parametrize("seed", range(6))
def test_the_files_never_exceed_the_capacity(opens: Opens, folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    capacity = 200_000
    tier = opens(capacity)
    here: list[int] = []
    for number in range(1500):
        try:
            tier.put(make_record(number, chance.randrange(12_000)))
            here.append(number)
        except TierFull:
            for _ in range(chance.randrange(1, 6)):
                assert tier.discard(make_key(here.pop(chance.randrange(len(here)))))
        assert real_bytes(folder) <= capacity
        if chance.random() < 0.01:
            tier = opens(capacity)
            assert real_bytes(folder) <= capacity
    assert sorted(served(tier, range(1500))) == sorted(here)
    assert tier.snapshot().held_bytes >= real_bytes(folder) - 32


def test_a_lowered_capacity_drops_the_deepest_blocks(opens: Opens, folder: Path) -> None:
    tier = opens()
    for number in range(100):
        tier.put(make_record(number, 5000))
    tier = opens(300_000)
    assert real_bytes(folder) <= 300_000
    found = served(tier, range(100))
    assert 30 < len(found) < 60
    kept = max(make_record(number).position for number in found)
    dropped = min(make_record(number).position for number in set(range(100)) - set(found))
    assert kept <= dropped


def test_a_block_larger_than_a_segment_has_one_of_its_own(opens: Opens) -> None:
    tier = opens()
    tier.put(make_record(1, 700_000))
    with pytest.raises(TierFull):
        tier.put(make_record(2, 700_000))
    assert served(opens(), range(3)) == [1]
    assert opens().discard(make_key(1))


@pytest.mark.parametrize("capacity", [0, 31, 100])
def test_a_capacity_that_holds_nothing_is_always_full(opens: Opens, capacity: int) -> None:
    with pytest.raises(TierFull):
        opens(capacity).put(make_record(1))


def test_puts_that_wait_for_the_medium_keep_the_same_promises(opens: Opens) -> None:
    tier = opens(sync_each_put=True)
    for number in range(10):
        tier.put(make_record(number, 2000))
    assert served(tier, range(10)) == list(range(10))
    assert served(opens(), range(10)) == list(range(10))


def test_a_second_process_is_told_who_holds_the_folder(opens: Opens, folder: Path) -> None:
    opens()
    program = (
        "import sys; from pathlib import Path; from kvcache.tiers.disk import DiskTier\n"
        f"DiskTier(Path(sys.argv[1]), {CAPACITY}, bytes(32))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode != 0
    assert f"held by process {os.getpid()}. Stop that process" in ran.stderr
    with pytest.raises(TierInUse):
        DiskTier(folder, CAPACITY, SECRET)


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(TierError, match="cannot be used"):
        DiskTier(tmp_path / "file", CAPACITY, SECRET)


def test_links_and_foreign_files_in_the_folder_are_left_alone(
    opens: Opens, folder: Path, tmp_path: Path
) -> None:
    folder.mkdir()
    (tmp_path / "target").write_bytes(b"something else")
    (folder / "0000000001.segment").symlink_to(tmp_path / "target")
    (folder / "0000000002.segment").mkdir()
    (folder / "notes.txt").write_text("keep")
    tier = opens()
    for number in range(5):
        tier.put(make_record(number))
    assert len(served(opens(), range(5))) >= 3
    assert (tmp_path / "target").read_bytes() == b"something else"
    assert (folder / "notes.txt").read_text() == "keep"


WRITE_UNTIL_FULL = """
import resource, sys
from pathlib import Path
from kvcache.tiers import TierFull
from kvcache.tiers.disk import DiskTier
from tests.fakes.tiers import SECRET, make_key, make_record

if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
tier = DiskTier(Path(sys.argv[1]), int(sys.argv[3]), SECRET, segment_bytes=20_000)
try:
    for number in range(1000):
        tier.put(make_record(number, 3000))
    sys.exit("never full")
except TierFull:
    pass
for kept in range(number):
    assert bytes(tier.get(make_key(kept)).payload) == make_record(kept, 3000).payload
for gone in range(20):
    assert tier.discard(make_key(gone))
tier.put(make_record(2000, 500))
try:
    tier.close()
except Exception:
    pass
print(number)
"""


def write_until_full(folder: Path, how: str, capacity_bytes: int) -> int:
    ran = subprocess.run(
        [sys.executable, "-c", WRITE_UNTIL_FULL, str(folder), how, str(capacity_bytes)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


def test_a_file_that_may_not_grow_is_a_full_tier_and_nothing_breaks(opens: Opens, folder: Path) -> None:
    written = write_until_full(folder, "limit", 1 << 30)
    tier = opens(1 << 30)
    assert served(tier, range(1000)) == list(range(20, written))
    assert served(tier, range(2000, 2001)) == [2000]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(mounted)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs more rights than this process has")
    yield mounted
    subprocess.run(["umount", str(mounted)], check=True)


def test_a_full_disk_is_a_full_tier_and_nothing_breaks(small_disk: Path) -> None:
    written = write_until_full(small_disk / "blocks", "disk", 1 << 22)
    tier = DiskTier(small_disk / "blocks", 1 << 22, SECRET)
    assert served(tier, range(1000)) == list(range(20, written))
    tier.close()
