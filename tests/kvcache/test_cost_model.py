"""What loading costs beside recomputing: learned from measurements, decided block by block."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from kvcache.cost_model import PROBE_EVERY, CostModel, OnlineFit

MEGABYTE = 1_000_000


def teach(model: CostModel, tier: str, latency: float, seconds_per_byte: float) -> None:
    for num_bytes in (100_000, 400_000, 900_000, 200_000, 700_000):
        model.observe_load(tier, num_bytes, latency + seconds_per_byte * num_bytes)


def teach_compute(model: CostModel, seconds_per_token: float, seconds_per_pair: float = 0.0) -> None:
    for num_tokens, depth in ((64, 0), (512, 0), (128, 1024), (1024, 512), (2048, 0)):
        pairs = num_tokens * (depth + num_tokens / 2)
        model.observe_compute(
            num_tokens, depth, seconds_per_token * num_tokens + seconds_per_pair * pairs + 0.001
        )


def test_nothing_is_known_before_there_are_measurements() -> None:
    model = CostModel()
    assert model.load_seconds("disk", MEGABYTE) is None
    assert model.compute_seconds(64, 0) is None
    assert model.plan([("disk", MEGABYTE)] * 4, depth=0, num_tokens=300, block_tokens=64).num_load == 4


def test_prices_follow_the_measurements() -> None:
    model = CostModel()
    teach(model, "disk", latency=0.002, seconds_per_byte=1e-9)
    teach_compute(model, seconds_per_token=1e-3, seconds_per_pair=1e-7)
    load = model.load_seconds("disk", MEGABYTE)
    compute = model.compute_seconds(100, 2000)
    assert load is not None
    assert compute is not None
    assert abs(load - 0.003) < 1e-4
    assert abs(compute - (0.001 + 0.1 + 100 * 2050 * 1e-7)) < 2e-3


def test_a_slow_tier_is_declined_and_a_fast_one_used() -> None:
    model = CostModel()
    teach(model, "disk", latency=0.5, seconds_per_byte=1e-9)
    teach(model, "host", latency=0.0, seconds_per_byte=1e-10)
    teach_compute(model, seconds_per_token=1e-4)
    slow = model.plan([("disk", MEGABYTE)] * 8, depth=0, num_tokens=600, block_tokens=64)
    fast = model.plan([("host", MEGABYTE)] * 8, depth=0, num_tokens=600, block_tokens=64)
    assert (slow.num_load, slow.declined) == (0, 8)
    assert (fast.num_load, fast.declined) == (8, 0)
    assert fast.load_seconds is not None
    assert fast.recompute_seconds is not None
    assert fast.load_seconds < fast.recompute_seconds


def test_the_cheap_leading_blocks_are_loaded_and_the_dear_rest_recomputed() -> None:
    model = CostModel()
    teach(model, "disk", latency=0.5, seconds_per_byte=1e-9)
    teach(model, "host", latency=0.0, seconds_per_byte=1e-10)
    teach_compute(model, seconds_per_token=1e-4)
    offers = [("host", MEGABYTE)] * 3 + [("disk", MEGABYTE)] * 2
    assert model.plan(offers, depth=0, num_tokens=400, block_tokens=64).num_load == 3


def test_a_declined_tier_is_tried_again_now_and_then() -> None:
    model = CostModel()
    teach(model, "disk", latency=0.5, seconds_per_byte=1e-9)
    teach_compute(model, seconds_per_token=1e-4)
    plans = [
        model.plan([("disk", MEGABYTE)], depth=0, num_tokens=100, block_tokens=64).num_load
        for _ in range(3 * PROBE_EVERY)
    ]
    assert sum(plans) == 3


def test_a_tier_that_becomes_fast_is_used_again() -> None:
    model = CostModel()
    teach(model, "disk", latency=0.5, seconds_per_byte=0.0)
    teach_compute(model, seconds_per_token=1e-4)
    for _ in range(400):
        if model.plan([("disk", MEGABYTE)] * 8, depth=0, num_tokens=600, block_tokens=64).num_load:
            for _ in range(8):
                model.observe_load("disk", MEGABYTE, 0.0001)
    assert model.plan([("disk", MEGABYTE)] * 8, depth=0, num_tokens=600, block_tokens=64).num_load == 8


@given(st.integers(0, 2**32 - 1))
def test_a_fit_is_never_negative_and_finds_what_made_the_data(seed: int) -> None:
    choose = random.Random(seed)
    true = [choose.choice([0.0, choose.uniform(0.001, 1.0)]) for _ in range(3)]
    fit = OnlineFit(3)
    for _ in range(40):
        features = (1.0, choose.uniform(0, 4), choose.uniform(0, 16))
        fit.add(features, sum(a * b for a, b in zip(true, features, strict=True)))
    for _ in range(5):
        features = (1.0, choose.uniform(0, 4), choose.uniform(0, 16))
        predicted = fit.predict(features)
        assert predicted is not None
        assert predicted >= 0.0
        assert abs(predicted - sum(a * b for a, b in zip(true, features, strict=True))) < 1e-3
