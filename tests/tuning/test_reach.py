"""What a tuning can keep, each token counted once."""

from __future__ import annotations

import pytest

from core.inference.cache_tuning import CacheTuning
from core.tuning.reach import MIB, BlockCosts, reach

COSTS = BlockCosts(bytes_per_token=MIB / 100)  # 100 tokens a MiB


@pytest.mark.parametrize(
    ("knobs", "device", "total"),
    [
        ({"device_mb": 10, "host_mb": 0, "disk_mb": 0}, 1000, 1000),
        ({"device_mb": 10, "host_mb": 20, "disk_mb": 0}, 1000, 3000),
        ({"device_mb": 10, "host_mb": 20, "host_form": "int4", "disk_mb": 0}, 1000, 7600),
        ({"device_mb": 10, "host_mb": 0, "disk_mb": 80, "disk_form": "raw"}, 1000, 7000),
        ({"device_mb": 90, "host_mb": 0, "disk_mb": 80, "disk_form": "raw"}, 9000, 9000),
        (
            {"device_mb": 10, "host_mb": 0, "disk_mb": 80, "disk_form": "raw", "write": "cache-aside"},
            1000,
            8000,
        ),
    ],
)
def test_levels_add_up_but_for_copies(knobs: dict[str, object], device: int, total: int) -> None:
    found = reach(CacheTuning(**knobs), COSTS)  # type: ignore[arg-type]
    assert (found.device_tokens, found.total_tokens) == (device, total)


def test_what_was_measured_of_a_form_counts() -> None:
    measured = BlockCosts(bytes_per_token=MIB / 100, smaller_by={"int8": 3.0})
    tuning = CacheTuning(device_mb=10, host_mb=10, host_form="int8", disk_mb=0)
    assert reach(tuning, measured).total_tokens == 4000
    assert reach(tuning, COSTS).total_tokens == 2800


def test_there_is_always_a_block() -> None:
    tiny = reach(CacheTuning(device_mb=1, host_mb=0, disk_mb=0), BlockCosts(bytes_per_token=10 * MIB))
    assert tiny.in_blocks(512) == (1, 1)
