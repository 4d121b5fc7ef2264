"""The intervals hold what they promise, on generated traffic whose true difference is known."""

from __future__ import annotations

import numpy as np
import pytest

from core.tuning.comparison import RUNNING, TRIED, Observation, compare_arms
from core.tuning.estimate import FEWEST_FAMILIES

CASES = 200


def traffic(seed: int, num_families: int, gain: float = 0.0, faster_ms: float = 0.0) -> list[Observation]:
    """Families of 1 to 12 requests, each with a hit rate and a speed of its own, in turns in both arms."""
    random = np.random.default_rng(seed)
    made = []
    for family in range(num_families):
        arm = TRIED if family % 2 else RUNNING
        rate = float(random.uniform(0.1, 0.7)) + (gain if arm == TRIED else 0.0)
        slow = float(random.uniform(50, 150)) - (faster_ms if arm == TRIED else 0.0)
        for _ in range(int(random.integers(1, 13))):
            tokens = int(random.integers(200, 3000))
            cached = int(tokens * min(max(rate + random.normal(0, 0.1), 0.0), 1.0))
            made.append(Observation(family, arm, tokens, cached, slow + float(random.exponential(20))))
    return made


@pytest.mark.parametrize("num_families", [30, 120])
def test_two_equal_arms_have_no_winner_95_times_out_of_100(num_families: int) -> None:
    found = [compare_arms(traffic(seed, num_families), resamples=500) for seed in range(CASES)]
    for name in ("hit_rate", "first_token_ms"):
        quiet = sum(getattr(each, name).winner is None for each in found) / CASES
        assert 0.91 <= quiet <= 0.99, (name, quiet)


def test_the_interval_holds_the_true_difference_95_times_out_of_100() -> None:
    held = 0
    for seed in range(CASES):
        found = compare_arms(traffic(seed, 80, gain=0.1), resamples=500)
        assert found.hit_rate is not None
        low, high = found.hit_rate.estimate.low, found.hit_rate.estimate.high
        assert low is not None
        assert high is not None
        held += low <= 0.1 <= high
    assert 0.91 <= held / CASES <= 0.99


def test_a_plain_difference_names_its_winner() -> None:
    found = compare_arms(traffic(1, 120, gain=0.3, faster_ms=40))
    assert found.hit_rate is not None
    assert found.first_token_ms is not None
    assert (found.hit_rate.winner, found.first_token_ms.winner) == (TRIED, TRIED)
    assert found.first_token_ms.estimate.value < 0
    worse = compare_arms(traffic(1, 120, gain=-0.3, faster_ms=-40))
    assert worse.hit_rate is not None
    assert worse.first_token_ms is not None
    assert (worse.hit_rate.winner, worse.first_token_ms.winner) == (RUNNING, RUNNING)


def test_requests_of_one_family_are_no_independent_observations() -> None:
    """Copying every request tenfold adds no evidence, so it may not narrow the interval."""
    few = traffic(3, 40, gain=0.1)
    once, tenfold = compare_arms(few), compare_arms(few * 10)
    assert once.hit_rate is not None
    assert tenfold.hit_rate is not None
    assert tenfold.hit_rate.estimate.low == pytest.approx(once.hit_rate.estimate.low, abs=0.02)
    assert tenfold.hit_rate.estimate.high == pytest.approx(once.hit_rate.estimate.high, abs=0.02)


def test_families_of_both_arms_are_drawn_for_both() -> None:
    """What makes a family fast makes it fast in both arms: paired, a small difference shows."""
    random = np.random.default_rng(5)
    paired = []
    for family in range(60):
        rate = float(random.uniform(0.1, 0.8))
        paired.append(Observation(family, RUNNING, 1000, int(1000 * rate), None))
        paired.append(Observation(family, TRIED, 1000, int(1000 * rate) + 20, None))
    found = compare_arms(paired)
    assert found.hit_rate is not None
    assert found.hit_rate.winner == TRIED
    assert found.hit_rate.estimate.low == pytest.approx(0.02)
    assert found.first_token_ms is None
    assert found.num_families == 60


def test_few_families_give_figures_but_no_interval() -> None:
    found = compare_arms(traffic(1, FEWEST_FAMILIES, gain=0.3))
    assert not found.has_enough
    assert found.hit_rate is not None
    assert found.hit_rate.estimate.low is None
    assert found.hit_rate.winner is None


def test_an_empty_arm_is_no_error() -> None:
    nothing = compare_arms([])
    assert (nothing.a.num_requests, nothing.b.hit_rate, nothing.hit_rate) == (0, None, None)
    one_arm = compare_arms([Observation(1, RUNNING, 10, 5, None), Observation(2, TRIED, 0, 0, 3.0)])
    assert one_arm.a.hit_rate == 0.5
    assert one_arm.hit_rate is None


def test_equal_observations_give_equal_figures() -> None:
    assert compare_arms(traffic(9, 50)) == compare_arms(traffic(9, 50))
