"""Watching a running store from another process: stats, health, monitor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kvcache.__main__ import main
from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.level import Level
from kvcache.status import read_status
from kvcache.tiers.disk import DiskTier
from tests.fakes.prompt_values import LAYOUT, SECRET, serve


@pytest.fixture
def status_file(tmp_path: Path) -> Path:
    return tmp_path / "status.json"


@pytest.fixture
def store(tmp_path: Path, status_file: Path) -> Iterator[BlockStore]:
    config = CacheConfig(capacity_blocks=8, salt=SECRET, block_tokens=16)
    level = Level(DiskTier(tmp_path / "blocks", 4_000_000, SECRET), "int8")
    with BlockStore(
        config, LAYOUT, levels=[level], status_file=status_file, in_background=False, clock=iter_clock()
    ) as store:
        yield store


def iter_clock() -> Callable[[], float]:
    seconds = iter(range(1_000_000))
    return lambda: float(next(seconds))


def test_stats_show_what_was_counted(
    store: BlockStore, status_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(store, list(range(70)))
    serve(store, list(range(70)))
    store.tend()
    assert main(["stats", str(status_file)]) == 0
    shown = capsys.readouterr().out
    assert "64 of 140 cached (45.7%)" in shown
    assert "disk int8" in shown
    assert main(["stats", str(status_file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["requested_tokens"], told["cached_tokens"], told["kept_blocks"]) == (140, 64, 8)


def test_the_monitor_tells_what_came_since_the_last_look(
    store: BlockStore, status_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.tend()
    assert main(["monitor", str(status_file), "--count", "2", "--interval", "0.001"]) == 0
    assert "since the last look 0 of 0" in capsys.readouterr().out


def test_a_store_that_is_well_is_healthy(
    store: BlockStore, status_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.tend()
    assert main(["health", str(status_file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"healthy": True, "findings": []}


def test_health_names_what_is_wrong(
    store: BlockStore, status_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.counters.failed_upkeep = 3
    store.tend()
    assert main(["health", str(status_file)]) == 1
    assert "FAIL  3 rounds of upkeep failed." in capsys.readouterr().out


def test_a_store_that_stopped_reporting_is_not_healthy(
    store: BlockStore, status_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.tend()
    told = json.loads(status_file.read_text())
    told["written_at"] -= 60
    status_file.write_text(json.dumps(told))
    assert read_status(status_file).is_stale
    assert main(["health", str(status_file)]) == 1
    assert "reported 60 seconds ago" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "[]", '{"version": 99}', "{"])
def test_a_file_that_is_no_status_says_so(
    content: str, status_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status_file.write_text(content)
    assert main(["stats", str(status_file)]) == 2
    assert str(status_file) in capsys.readouterr().err
    assert main(["health", str(status_file)]) == 1


def test_a_missing_status_file_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stats", str(tmp_path / "nothing.json")]) == 2
    assert "status_file=" in capsys.readouterr().err
