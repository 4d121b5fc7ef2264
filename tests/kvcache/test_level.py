"""A tier in its place: watermarks, who goes first, and what happens to those that go."""

from __future__ import annotations

import pytest

from kvcache.level import Level
from kvcache.record import BlockRecord
from kvcache.tiers.host import OVERHEAD_BYTES, HostTier

SIZE = 100 + OVERHEAD_BYTES


def record(name: str, size: int = 100, position: int = 0) -> BlockRecord:
    return BlockRecord(name.encode().ljust(32, b"."), b"", position, "raw", bytes(size))


def keys(*names: str) -> list[bytes]:
    return [name.encode().ljust(32, b".") for name in names]


def open_level(capacity: int, high: float = 1.0, low: float = 0.5) -> Level:
    level = Level(HostTier(capacity), "raw", high=high, low=low)
    level.spills = True
    return level


def test_past_the_high_watermark_blocks_go_down_to_the_low_one() -> None:
    level = open_level(10 * SIZE, high=0.8, low=0.4)
    spilled = [gone.key for name in "abcdefgh" for gone in level.put(record(name))]
    assert spilled == []
    gone = [gone.key for gone in level.put(record("i"))]
    assert gone == keys("a", "b", "c", "d", "e")
    assert [level.holds(key) for key in keys("e", "f", "i")] == [False, True, True]
    level.check_integrity()


def test_the_last_block_of_a_prompt_goes_before_its_first() -> None:
    level = open_level(3 * SIZE, low=1.0)
    for name in "abc":
        level.put(record(name))
    level.touch(keys("a", "b", "c"))
    assert [gone.key for gone in level.put(record("d"))] == keys("c")
    assert [gone.key for gone in level.put(record("e"))] == keys("b")


def test_a_record_larger_than_the_tier_is_turned_away_whole() -> None:
    level = open_level(3 * SIZE)
    huge = record("huge", size=5000)
    assert level.put(huge)[-1] == huge
    assert not level.holds(huge.key)
    level.check_integrity()


def test_a_tier_that_is_reopened_lets_late_blocks_of_prompts_go_first() -> None:
    tier = HostTier(10 * SIZE)
    for position in range(8):
        tier.put(record(f"block {position}", position=position))
    level = Level(tier, "raw", high=1.0, low=1.0)
    level.check_integrity()
    assert level.size_of(*keys("block 0"), 0) > 0
    level.put(record("large", size=7 * SIZE))
    assert level.holds(keys("block 0")[0])
    assert not level.holds(keys("block 7")[0])


def test_discarded_and_cleared_blocks_are_gone_and_uncounted() -> None:
    level = open_level(10 * SIZE)
    for name in "abc":
        level.put(record(name))
    assert level.discard(keys("b")[0])
    assert not level.discard(keys("b")[0])
    assert level.clear() == 2
    level.check_integrity()


@pytest.mark.parametrize(("high", "low"), [(0.5, 0.9), (1.5, 0.5), (0.5, 0.0)])
def test_watermarks_out_of_order_are_refused(high: float, low: float) -> None:
    with pytest.raises(ValueError, match="watermarks"):
        Level(HostTier(10), "raw", high=high, low=low)


def test_an_unknown_form_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="raw"):
        Level(HostTier(10), "mp3")


def test_a_retired_level_has_given_all_on_and_takes_nothing() -> None:
    level = open_level(10 * SIZE)
    for name in "abc":
        level.put(record(name))
    level.touch(keys("a", "b", "c"))
    given: list[bytes] = []
    level.retire(lambda gone: given.append(gone.key))
    assert given == keys("c", "b", "a")
    assert level.put(record("d")) == [record("d")]
    assert not level.holds(keys("d")[0])
    assert level.get(keys("a")[0]) is None
    assert level.snapshot().name == "host"


def test_a_level_of_another_size_keeps_its_watermarks() -> None:
    level = open_level(10 * SIZE, high=0.8, low=0.4)
    for name in "abcdefgh":
        level.put(record(name))
    given: list[bytes] = []
    level.resize(5 * SIZE, lambda gone: given.append(gone.key))
    assert given == keys("a", "b", "c", "d", "e", "f")
    level.resize(20 * SIZE, lambda gone: given.append(gone.key))
    assert [level.put(record(name)) for name in "ijklmnopqrst"] == [[]] * 12
    assert len(given) == 6
    level.check_integrity()
