"""What moving a block costs in each tier: put, get, opening a folder, assembling the live buffer.

    python -m benchmarks.kvcache.tiers

Prints three tables and writes them to benchmarks/results/kvcache.md. Needs 3 GiB on the disk of this folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.record import BlockRecord
from kvcache.restore import assemble
from kvcache.tiers import Tier
from kvcache.tiers.device import DeviceTier
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.host import HostTier
from kvcache.tiers.remote import RedisTier

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
SECRET = b"secret of the benchmark"
SIZES = (64 * KIB, 256 * KIB, 512 * KIB, MIB)
MOVED_BYTES = 256 * MIB
FOLDER_BYTES = 2 * GIB
BLOCK_SHAPE = (8, 2, 2, 64, 64)  # of a model of 30 million parameters, 512 KiB in float32
NUM_BLOCKS = 64
REPEATS = 5


def main() -> None:
    torch.set_num_threads(1)
    with _scratch() as folder:
        moved = [row for size in SIZES for row in _move(size, folder)]
        _publish(
            "Blocks in and out of a tier",
            as_table(("tier", "block", "put GB/s", "get GB/s", "get GB/s, cache dropped"), moved),
            f"{MOVED_BYTES // MIB} MiB of random payloads, one thread, best of {REPEATS}. Disk and remote "
            "records are sealed at put and verified at get. Puts do not wait for the medium (`flush` does), "
            "so the disk's figures are those of the page cache; in the last column posix_fadvise has "
            "dropped it, but the disk may have a cache of its own. The host copies a buffer that it does not "
            "own, as here, and hands records out as they lie. Remote is Redis on a Unix socket, its server "
            "on the other core.",
        )
        _publish(
            "Opening a folder of blocks",
            as_table(("folder", "block", "blocks", "opening ms", "cold ms", "flush s"), list(_open(folder))),
            "The index is built from the headers, each verified; payloads are verified when they are read.",
        )
    _publish(
        "Restoring blocks from memory",
        as_table(("from", "GB/s", "goal GB/s"), list(_restore())),
        f"{NUM_BLOCKS} blocks {BLOCK_SHAPE} in float32 into one live buffer, one thread, best of {REPEATS}, "
        "in shuffled order.",
    )


def _move(size: int, folder: Path) -> Iterator[tuple[str, ...]]:
    records = _records(size, MOVED_BYTES // size)
    block = f"{size // KIB} KiB"
    device = DeviceTier((size,), torch.uint8, len(records))
    yield "device, cpu", block, *_rates(device, records), "-"
    lent = [replace(record, payload=memoryview(bytearray(record.payload))) for record in records]
    put, _ = _rates(HostTier(2 * MOVED_BYTES), lent)
    yield "host", block, put, "no copy", "-"
    disk = DiskTier(folder / block, 4 * MOVED_BYTES, SECRET)
    yield "disk", block, *_rates(disk, records), _rate(lambda: _get(disk, records), lambda: _drop(folder))
    disk.close()
    shutil.rmtree(folder / block)
    if shutil.which("redis-server") is None:
        return
    with _redis(folder) as url:
        remote = RedisTier(url, SECRET, "benchmark", 600, timeout_seconds=5)
        yield "remote", block, *_rates(remote, records), "-"
        remote.close()


def _rates(tier: Tier, records: list[BlockRecord]) -> tuple[str, str]:
    """Gigabytes a second of put and get; each put finds the tier empty."""

    def empty() -> None:
        for record in records:
            tier.discard(record.key)

    put = _rate(lambda: _put(tier, records), empty)
    get = _rate(lambda: _get(tier, records))
    assert tier.snapshot().errors == 0
    return put, get


def _open(folder: Path) -> Iterator[tuple[str, ...]]:
    for size in (64 * KIB, 512 * KIB):
        place = folder / f"opened {size}"
        num, flush = _fill(place, size)
        opening = partial(_reopen, place)
        warm = min(_seconds(opening) for _ in range(REPEATS))
        _drop(place)
        cold = _seconds(opening)
        shutil.rmtree(place)
        block = f"{size // KIB} KiB"
        yield "2 GiB", block, f"{num:,}", f"{warm * 1e3:.0f}", f"{cold * 1e3:.0f}", f"{flush:.1f}"


def _fill(folder: Path, size: int) -> tuple[int, float]:
    """How many blocks the folder got, and the seconds until they were on the medium."""
    tier = DiskTier(folder, 2 * FOLDER_BYTES, SECRET)
    payload = np.random.default_rng(1).bytes(size)
    num = FOLDER_BYTES // size
    for number in range(num):
        tier.put(_record(number, payload))
    flush = _seconds(tier.flush)
    tier.close()
    return num, flush


def _reopen(folder: Path) -> None:
    DiskTier(folder, 2 * FOLDER_BYTES, SECRET).close()


def _restore() -> Iterator[tuple[str, ...]]:
    layers, parts, heads, tokens, width = BLOCK_SHAPE
    live = torch.empty(layers, parts, heads, NUM_BLOCKS * tokens, width)
    payloads = torch.randn(NUM_BLOCKS, *BLOCK_SHAPE).numpy()
    records = [_record(number, payload.tobytes()) for number, payload in enumerate(payloads)]
    device, host = DeviceTier(BLOCK_SHAPE, torch.float32, NUM_BLOCKS), HostTier(GIB)
    for record in np.random.default_rng(1).permutation(np.array(records, dtype=object)):
        device.put(record)
        host.put(record)
    keys = [record.key for record in records]

    def from_views() -> None:
        assemble([view for key in keys if (view := device.view(key)) is not None], live)

    def from_records() -> None:
        assemble([_tensor(found) for key in keys if (found := host.get(key)) is not None], live)

    for name, restored in (("device views", from_views), ("host records", from_records)):
        restored()
        for number, payload in enumerate(payloads):
            assert np.array_equal(live[..., number * tokens : (number + 1) * tokens, :].numpy(), payload)
        yield name, _rate(restored, num_bytes=live.nbytes), "3.00"


def _tensor(record: BlockRecord) -> torch.Tensor:
    from kvcache.forms.form import as_tensor

    return as_tensor(record.payload, torch.float32).view(BLOCK_SHAPE)


# -- moving and timing


def _put(tier: Tier, records: list[BlockRecord]) -> None:
    for record in records:
        tier.put(record)


def _get(tier: Tier, records: list[BlockRecord]) -> None:
    for record in records:
        assert tier.get(record.key) is not None


def _record(number: int, payload: bytes) -> BlockRecord:
    return BlockRecord(number.to_bytes(32, "little"), bytes(256), number, "raw", payload)


def _records(size: int, num: int) -> list[BlockRecord]:
    chance = np.random.default_rng(size)
    return [_record(number, chance.bytes(size)) for number in range(num)]


def _rate(
    work: Callable[[], None], before: Callable[[], None] = lambda: None, num_bytes: int = MOVED_BYTES
) -> str:
    taken = []
    for _ in range(REPEATS):
        before()
        taken.append(_seconds(work))
    return f"{num_bytes / min(taken) / 1e9:.2f}"


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _drop(folder: Path) -> None:
    """Ask the system to forget the pages of all files below."""
    for file in folder.rglob("*.segment"):
        opened = os.open(file, os.O_RDONLY)
        os.fsync(opened)  # what is not on the medium cannot be forgotten
        os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(opened)


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder on the disk of the repository, not on one in memory."""
    parent = Path(__file__).resolve().parents[2] / ".bench"
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    path = Path(tempfile.mkdtemp()) / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        while not path.exists():
            time.sleep(0.01)
        yield f"unix://{path}"
        server.terminate()
    shutil.rmtree(path.parent)


def _publish(title: str, table: str, note: str) -> None:
    machine = describe_machine("torch", "blake3", "redis")
    body = "\n\n".join([table, note, f"Machine: {machine}.", "Repeat: `python -m benchmarks.kvcache.tiers`"])
    print(f"{title}\n\n{body}\n")
    save_section("kvcache", title, body)


if __name__ == "__main__":
    main()
