"""A store that goes on otherwise: nothing is lost on the way, and nothing has changed after a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest

from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig, InvalidConfig
from kvcache.level import Level, LevelSettings
from kvcache.policies import POLICIES
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.host import HostTier
from tests.fakes.prompt_values import LAYOUT, SECRET, serve

PROMPTS = [list(range(at, at + 70)) for at in range(0, 8000, 1000)]
CACHED = 64
HOST_BYTES, DISK_BYTES = 400_000, 4_000_000


class Places:
    """A store on host and disk, and levels to give it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds = 0.0
        config = CacheConfig(capacity_blocks=32, salt=SECRET, block_tokens=16, policy="lru")
        self.store = BlockStore(
            config, LAYOUT, levels=[self.host(), self.disk()], in_background=False, clock=lambda: self.seconds
        )

    def host(self) -> Level:
        return Level(HostTier(HOST_BYTES), "raw")

    def disk(self) -> Level:
        return Level(DiskTier(self.folder, DISK_BYTES, SECRET), "split")

    def serve_all(self) -> list[int]:
        return [serve(self.store, prompt) for prompt in PROMPTS]

    @property
    def levels(self) -> list[Level]:
        return self.store.hierarchy.levels


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    opened = Places(tmp_path)
    yield opened
    opened.store.check_integrity()
    opened.store.close()


def test_more_slots_keep_every_block_and_take_more(places: Places) -> None:
    places.serve_all()
    places.store.reconfigure(capacity_blocks=64)
    assert places.store.index.num_resident == 32
    assert places.serve_all() == [CACHED] * 8
    assert places.store.snapshot().index.capacity_blocks == 64


def test_fewer_slots_send_blocks_down_before_the_call_returns(places: Places) -> None:
    places.serve_all()
    places.store.reconfigure(capacity_blocks=5, levels=[LevelSettings(level=places.levels[0])])
    assert places.store.index.num_resident <= 5
    assert places.levels[0].tier.snapshot().blocks >= 27
    assert places.serve_all() == [CACHED] * 8


def test_blocks_in_use_keep_their_slots_until_they_are_released(places: Places) -> None:
    places.serve_all()
    prompts = [places.store.open(prompt) for prompt in PROMPTS[:3]]
    places.store.reconfigure(capacity_blocks=2)
    assert places.store.index.capacity_blocks == 12
    places.store.tend()
    assert places.store.index.capacity_blocks == 12
    for prompt in prompts:
        prompt.keep()
        prompt.close()
    places.store.tend()
    assert places.store.index.capacity_blocks == places.store.index.num_resident == 2
    assert places.serve_all() == [CACHED] * 8


def test_another_form_holds_for_what_comes_and_what_rests_stays_readable(places: Places) -> None:
    places.serve_all()
    places.store.flush()
    places.store.evict(32)
    host, disk = places.levels
    written = places.store.snapshot().levels["disk split"].written_blocks
    places.store.reconfigure(
        levels=[LevelSettings(level=host), LevelSettings(level=disk, form="int8")], capacity_blocks=4
    )
    assert places.store.snapshot().levels["disk int8"].written_blocks == written > 0
    places.store.reconfigure(levels=[LevelSettings(level=disk)])
    assert places.serve_all() == [CACHED] * 8
    serve(places.store, range(9000, 9100))
    places.store.flush()
    forms = [record.form for entry in disk.tier.entries() if (record := disk.get(entry.key)) is not None]
    assert {"split", "int8"} <= set(forms)


def test_two_levels_that_change_forms_keep_each_their_own_counts(places: Places) -> None:
    places.store.reconfigure(
        levels=[LevelSettings(level=places.host()), LevelSettings(level=Level(HostTier(50_000), "int8"))]
    )
    places.serve_all()
    places.store.evict(32)
    places.store.tend()
    near, far = places.levels
    before = {name: each.demoted_blocks for name, each in places.store.snapshot().levels.items()}
    places.store.reconfigure(
        levels=[LevelSettings(level=near, form="int8"), LevelSettings(level=far, form="raw")]
    )
    after = {name: each.demoted_blocks for name, each in places.store.snapshot().levels.items()}
    assert after == {"host int8": before["host raw"], "host raw": before["host int8"]}


def test_a_level_that_is_taken_away_gives_its_blocks_to_the_one_below(places: Places) -> None:
    host, disk = places.levels
    places.store.reconfigure(write="cache-aside")
    places.serve_all()
    places.store.reconfigure(capacity_blocks=1)
    assert host.tier.snapshot().blocks == 31
    places.store.reconfigure(write="write-back")
    assert disk.tier.snapshot().blocks == 0
    places.store.reconfigure(levels=[LevelSettings(level=disk)])
    assert places.levels == [disk]
    assert not host.holds(b"x" * 32)
    assert places.serve_all() == [CACHED] * 8


def test_a_level_that_comes_back_is_used_again(places: Places) -> None:
    host, _ = places.levels
    places.serve_all()
    places.store.reconfigure(levels=[LevelSettings(level=host)])
    assert places.store.snapshot().unwritten_blocks == 0
    disk = places.disk()
    assert disk.tier.snapshot().blocks == 0
    places.store.reconfigure(levels=[LevelSettings(level=host), LevelSettings(level=disk)])
    assert places.store.snapshot().unwritten_blocks == 32, "the new one lacks what rests in the device"
    places.store.flush()
    assert disk.tier.snapshot().blocks == 32


def test_a_smaller_host_gives_down_what_it_has_no_room_for(places: Places) -> None:
    places.serve_all()
    host, disk = places.levels
    places.store.evict(32)
    places.store.tend()
    places.store.reconfigure(
        levels=[LevelSettings(level=host, capacity_bytes=20_000), LevelSettings(level=disk)]
    )
    taken = host.tier.snapshot()
    assert 0 < taken.stored_bytes <= 0.85 * taken.capacity_bytes == 17_000
    assert places.serve_all() == [CACHED] * 8


def test_what_was_promised_to_be_written_is_written_under_every_later_pattern(places: Places) -> None:
    disk = places.levels[1]
    serve(places.store, PROMPTS[0])
    places.store.reconfigure(write="cache-aside", loss_window_seconds=60.0)
    assert disk.tier.snapshot().blocks == 0
    places.seconds = 31.0
    places.store.tend()
    assert disk.tier.snapshot().blocks == 4
    serve(places.store, PROMPTS[1])
    places.store.flush()
    assert disk.tier.snapshot().blocks == 4
    places.store.reconfigure(write="write-through")
    places.store.flush()
    assert disk.tier.snapshot().blocks == 8
    serve(places.store, PROMPTS[2])
    assert disk.tier.snapshot().blocks == 12


def test_announcements_outlive_another_capacity(places: Places) -> None:
    places.store.reconfigure(policy="adaptive")
    serve(places.store, PROMPTS[0])
    places.store.announce(PROMPTS[0])
    places.store.reconfigure(capacity_blocks=8)
    for prompt in PROMPTS[1:]:
        serve(places.store, prompt)
    assert places.store.index.match(PROMPTS[0]) == CACHED
    places.store.withdraw(PROMPTS[0])
    for prompt in PROMPTS[1:]:
        serve(places.store, prompt)
    assert places.store.index.match(PROMPTS[0]) < CACHED


@pytest.mark.parametrize(
    "change",
    [
        {"policy": "best"},
        {"capacity_blocks": 0},
        {"capacity_blocks": 2**50},
        {"write": "sometimes"},
        {"loss_window_seconds": -1.0},
        {"device_watermarks": (0.5, 0.9)},
        {"prefetch_bytes": -1},
        {"form": "int2"},
        {"capacity_bytes": 0},
    ],
)
def test_a_refusal_changes_nothing(places: Places, change: dict[str, Any]) -> None:
    places.serve_all()
    host, disk = places.levels
    before = places.store.snapshot()
    of_level = {name: value for name, value in change.items() if name in ("form", "capacity_bytes")}
    of_store = {name: value for name, value in change.items() if name not in of_level}
    good = {"policy": "arc", "capacity_blocks": 3, "write": "write-through"}
    with pytest.raises(InvalidConfig):
        places.store.reconfigure(
            levels=[LevelSettings(level=host, **of_level), LevelSettings(level=disk, form="raw")],
            **{**good, **of_store},
        )
    assert places.store.snapshot() == before
    assert places.store.config.policy == "lru"
    assert places.levels == [host, disk]
    assert places.serve_all() == [CACHED] * 8


def test_two_levels_of_one_name_are_refused(places: Places) -> None:
    with pytest.raises(InvalidConfig, match="different forms"):
        places.store.reconfigure(levels=[LevelSettings(level=places.levels[0])] * 2)


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_prompts_are_served_as_ever_while_everything_changes(tmp_path: Path, policy: str) -> None:
    config = CacheConfig(capacity_blocks=16, salt=SECRET, block_tokens=16, policy=policy)
    failures: list[BaseException] = []

    def ask(seed: int) -> None:
        chance = Random(seed)
        try:
            for _ in range(60):
                prompt = chance.choice(PROMPTS)[: chance.randrange(1, 70)]
                serve(store, prompt, answer=[seed] * chance.randrange(20))
        except BaseException as failure:
            failures.append(failure)

    with BlockStore(
        config, LAYOUT, levels=[Level(HostTier(HOST_BYTES), "raw")], leaving_bytes=8 * LAYOUT.num_bytes
    ) as store:
        threads = [Thread(target=ask, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        chance = Random(policy)
        while any(thread.is_alive() for thread in threads):
            names = chance.choice([("host",), ("disk",), ("host", "disk"), ()])
            there = {level.tier.name: level for level in store.hierarchy.levels}
            made = {
                "host": lambda: Level(HostTier(HOST_BYTES), "raw"),
                "disk": lambda: Level(DiskTier(tmp_path, DISK_BYTES, SECRET), "split"),
            }
            store.reconfigure(
                capacity_blocks=chance.randrange(4, 40),
                policy=chance.choice([policy, policy, "lru"]),
                levels=[
                    LevelSettings(
                        level=there.get(name) or made[name](),
                        capacity_bytes=chance.choice([50_000, HOST_BYTES]),
                    )
                    for name in names
                ],
            )
        for thread in threads:
            thread.join()
        assert not failures
        store.tend()
        store.check_integrity()
