"""From 10,000 to 1,000,000 documents in process, on disk and on Spark: what one document more costs.

    python -m benchmarks.redundancy.spark_slopes [--most 1000000] [--only spark] [--sizing]

Each run is a process of its own that reads made-up documents from a file, line by line. Counted from outside:
CPU seconds of the process and everything it starts, memory, and the shuffle that Spark's event log reports.
What was measured is kept in .bench/ and not measured again there; `--sizing` writes the table of
docs/reference/sizing.md from it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks.machine import describe_machine
from benchmarks.redundancy.synthetic import synthetic_texts
from benchmarks.results import as_table, save_section

SIZES = (10_000, 100_000, 1_000_000)
FLOOR = 0.5
TARGET = 10**8
PRICE_PER_CORE_HOUR = 0.05
CLUSTER_CORES = 64
KEPT = Path(__file__).resolve().parents[2] / ".bench" / "slopes"
SIZING = Path(__file__).resolve().parents[2] / "docs" / "reference" / "sizing.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

NAMES = {
    "in_process": "in process",
    "duckdb": "DuckDB, 512 MB",
    "spark": "Spark, prefix filter",
    "spark_minhash": "Spark, MinHash 0.999",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """`megabytes` is the peak of all processes together, shared pages once; shuffle is what was written."""

    documents: int
    pairs: int
    cpu_seconds: float
    wall_seconds: float
    megabytes: float
    shuffle_bytes: int
    shuffle_rows: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="largest number of documents")
    parser.add_argument("--only", choices=NAMES, help="one backend")
    parser.add_argument("--sizing", action="store_true", help="write the table of the sizing page")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        name, documents, folder = arguments.one
        print(json.dumps([_search(name, Path(documents), Path(folder)), *own_use()]))
        return
    for name in [arguments.only] if arguments.only else NAMES:
        for size in SIZES:
            if size <= arguments.most and not _kept(name, size).is_file():
                _kept(name, size).write_text(json.dumps(asdict(_measure(name, size))), encoding="utf-8")
    body = _section()
    print(body)
    save_section("redundancy", "Past one machine: what one document more costs", body)
    if arguments.sizing:
        _write_sizing()


def tree_use(root: psutil.Process) -> tuple[float, float]:
    """CPU seconds so far of a process and all below it, the ended ones included, and its megabytes now."""
    cpu = megabytes = 0.0
    try:
        processes = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0, 0.0
    for process in processes:
        try:
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            megabytes += process.memory_full_info().pss / 2**20
        except psutil.Error:
            continue
    return cpu, megabytes


def own_use() -> tuple[float, float]:
    """CPU seconds and peak megabytes of this process, which looking from outside may miss."""
    return sum(os.times()[:2]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _kept(name: str, size: int) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    return KEPT / f"{name}_{size}.json"


def _measured(name: str) -> list[Measured]:
    files = [_kept(name, size) for size in SIZES if _kept(name, size).is_file()]
    return [Measured(**json.loads(file.read_text(encoding="utf-8"))) for file in files]


def _measure(name: str, size: int) -> Measured:
    print(f"{NAMES[name]}: {size:,} documents", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as made:
        folder = Path(made)
        documents = folder / "documents.txt"
        with documents.open("w", encoding="utf-8") as file:
            file.writelines(f"{text}\n" for text in synthetic_texts(size))
        command = [sys.executable, "-m", "benchmarks.redundancy.spark_slopes", "--one", name]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        began = time.monotonic()
        child = subprocess.Popen(
            [*command, str(documents), made], env=environment, stdout=subprocess.PIPE, text=True
        )
        root, cpu, megabytes = psutil.Process(child.pid), 0.0, 0.0
        while child.poll() is None:
            seconds, memory = tree_use(root)
            cpu, megabytes = max(cpu, seconds), max(megabytes, memory)
            time.sleep(0.5)
        wall = time.monotonic() - began
        if child.returncode:
            sys.exit(f"{name} failed on {size:,} documents.")
        assert child.stdout is not None
        num_pairs, own_cpu, own_megabytes = json.loads(child.stdout.read().splitlines()[-1])
        cpu, megabytes = max(cpu, own_cpu), max(megabytes, own_megabytes)
        num_bytes, num_rows = _shuffled(folder)
    return Measured(size, num_pairs, cpu, wall, megabytes, num_bytes, num_rows)


def _shuffled(folder: Path) -> tuple[int, int]:
    """Bytes and rows that Spark wrote for shuffles, by its event log."""
    num_bytes = num_rows = 0
    for log in (folder / "events").glob("*"):
        for line in log.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
                written = event["Task Metrics"]["Shuffle Write Metrics"]
                num_bytes += written["Shuffle Bytes Written"]
                num_rows += written["Shuffle Records Written"]
    return num_bytes, num_rows


def _search(name: str, documents: Path, folder: Path) -> int:
    from core.redundancy.backends import BackendConfig, open_backend

    events = folder / "events"
    events.mkdir()
    config = BackendConfig(
        scratch=folder,
        memory_mb=512 if name == "duckdb" else 2048,
        spark_master="local[2]",
        candidates="minhash" if name == "spark_minhash" else "prefix",
        spark_options={
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": str(events),
            "spark.eventLog.compress": "false",
            "spark.eventLog.rolling.enabled": "false",
        },
    )
    with closing(open_backend(name.removesuffix("_minhash"), config)) as backend:
        pairs = backend.find_pairs(_lines(documents), FLOOR)
        if not name.startswith("spark"):
            backend.cluster(pairs, 0.7)
    return len(pairs)


def _lines(documents: Path) -> Iterator[str]:
    with documents.open(encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def _section() -> str:
    header = (
        "backend", "documents", "pairs", "CPU s", "wall s", "peak MB", "shuffle MB", "shuffle rows",
    )  # fmt: skip
    rows = [
        (
            NAMES[name],
            f"{each.documents:,}",
            f"{each.pairs:,}",
            f"{each.cpu_seconds:,.0f}" if each.cpu_seconds >= 10 else f"{each.cpu_seconds:.1f}",
            f"{each.wall_seconds:,.0f}" if each.wall_seconds >= 10 else f"{each.wall_seconds:.1f}",
            f"{each.megabytes:,.0f}",
            f"{each.shuffle_bytes / 1e6:,.0f}" if each.shuffle_bytes else "-",
            f"{each.shuffle_rows:,}" if each.shuffle_rows else "-",
        )
        for name in NAMES
        for each in _measured(name)
    ]
    notes = [
        f"Made-up documents of about 150 words, floor {FLOOR}, read line by line from a file. CPU seconds "
        "and memory are those of the process and everything it starts, interpreter and Java included; memory "
        "counts shared pages once. In process it includes the documents. Spark runs as local[2] with 2 GB of "
        "heap, which it fills before it collects. The machine ran other work beside it, so wall seconds are "
        "an upper bound.",
        f"Machine: {describe_machine('numpy', 'duckdb', 'pyspark')}.",
        "Repeat: `python -m benchmarks.redundancy.spark_slopes` (remove .bench/slopes to measure again).",
    ]
    return "\n\n".join([as_table(header, rows), *notes])


def _write_sizing() -> None:
    page = SIZING.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    SIZING.write_text(f"{before}{BEGIN}\n\n{_sizing()}\n\n{END}{after}", encoding="utf-8")


def _sizing() -> str:
    names = [name for name in ("spark", "spark_minhash") if len(_measured(name)) == len(SIZES)]
    header = ("for 10^8 documents", *(NAMES[name] for name in names))
    columns = [_forecast(_measured(name)) for name in names]
    rows = [(label, *(column[label] for column in columns)) for label in columns[0]]
    return as_table(header, rows)


def _forecast(measured: list[Measured]) -> dict[str, str]:
    """What three sizes, each ten times the one before, say of TARGET documents."""
    large = measured[-1]
    cpu = _trend([(each.documents, each.cpu_seconds) for each in measured])
    shuffle = _trend([(each.documents, each.shuffle_bytes) for each in measured])
    hours = [seconds / 3600 for seconds in cpu.ahead]
    return {
        "measured up to": f"{large.documents:,}",
        "CPU ms a document more": f"{cpu.slope * 1e3:.2f}",
        "power of the CPU time": f"{cpu.power:.2f}",
        "shuffle bytes a document more": f"{shuffle.slope:,.0f}",
        "power of the shuffle": f"{shuffle.power:.2f}",
        "shuffle GB": _range([size / 1e9 for size in shuffle.ahead]),
        "core-hours": _range(hours, 1),
        f"wall hours on {CLUSTER_CORES} cores": _range([hour / CLUSTER_CORES for hour in hours], 2),
        f"cost at {PRICE_PER_CORE_HOUR} a core-hour": _range(
            [hour * PRICE_PER_CORE_HOUR for hour in hours], 2
        ),
    }


@dataclass(frozen=True, slots=True)
class _Trend:
    """A cost of start + rate x documents^power through three measurements.

    `ahead` is the cost of TARGET documents with the last slope going on, and by the power.
    """

    slope: float  # of one document more, between the two largest sizes
    power: float
    ahead: tuple[float, float]


def _trend(points: list[tuple[int, float]]) -> _Trend:
    (_, first), (middle, second), (last, third) = points
    power = math.log10((third - second) / (second - first))
    rate = (third - second) / (last**power - middle**power)
    slope = (third - second) / (last - middle)
    straight = third + slope * (TARGET - last)
    return _Trend(slope, power, (straight, third + rate * (TARGET**power - last**power)))


def _range(values: Sequence[float], digits: int = 0) -> str:
    low, high = (f"{value:,.{digits}f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


if __name__ == "__main__":
    main()
