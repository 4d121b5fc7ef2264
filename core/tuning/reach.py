"""How many tokens a tuning can keep: on the device, and with what rests below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.inference.cache_tuning import CacheTuning

MIB = 2**20
SMALLER_BY: Mapping[str, float] = MappingProxyType(
    {"raw": 1.0, "split": 1.2, "int8": 1.8, "k8v4": 2.4, "int4": 3.3}
)
"""What a form makes of a block where nothing was measured yet; the least of docs/reference/kvcache.md."""
DISK_TO_WORK_IN = 1 / 8
"""Share of its room that the disk tier needs for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCosts:
    """What the running model's blocks take. `smaller_by` holds the forms that were measured."""

    bytes_per_token: float
    smaller_by: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def factor(self, form: str) -> float:
        return self.smaller_by.get(form, SMALLER_BY[form])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Tokens that can rest on the device, and in all levels together, each counted once."""

    device_tokens: int
    total_tokens: int

    def in_blocks(self, block_tokens: int) -> tuple[int, int]:
        """At least one block on the device: an engine without one computes nothing."""
        return max(self.device_tokens // block_tokens, 1), max(self.total_tokens // block_tokens, 1)


def reach(tuning: CacheTuning, costs: BlockCosts) -> Reach:
    """Memory takes what leaves the device. Written to disk is everything that was computed, or, with
    cache-aside, only what leaves memory: then it comes on top, else the larger of the two counts.
    """
    token = costs.bytes_per_token
    device = tuning.device_mb * MIB / token
    host = tuning.host_mb * MIB / token * costs.factor(tuning.host_form)
    disk = tuning.disk_mb * MIB * (1 - DISK_TO_WORK_IN) / token * costs.factor(tuning.disk_form)
    above = device + host
    total = above + disk if tuning.write == "cache-aside" else max(above, disk)
    return Reach(device_tokens=int(device), total_tokens=int(total))
