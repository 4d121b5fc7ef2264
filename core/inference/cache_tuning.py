"""What can be changed of a running engine: its cache and the order in which it computes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from core.errors import Invalid

Policy: TypeAlias = Literal["lru", "lfu", "fifo", "slru", "arc", "tlru", "adaptive"]
Form: TypeAlias = Literal["raw", "split", "int8", "k8v4", "int4"]
WritePattern: TypeAlias = Literal["cache-aside", "write-through", "write-back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTuning:
    """Every knob of one engine. Sizes in MiB, shared out where there are several replicas, but for
    `device_mb`, which each has on its device.

    `look_ahead` is how many waiting prompts are announced to the cache, `prefetch_mb` the room for what is
    fetched ahead of them. A prompt computes at most `prefill_tokens` before the others get a token each.
    """

    policy: Policy = "adaptive"
    device_mb: int = 256
    host_mb: int = 256
    host_form: Form = "raw"
    disk_mb: int = 1024
    disk_form: Form = "split"
    write: WritePattern = "write-back"
    loss_window_seconds: float = 5.0
    look_ahead: int = 64
    prefetch_mb: int = 256
    max_batch: int = 8
    prefill_tokens: int = 512
    max_waiting: int = 1024

    def __post_init__(self) -> None:
        """Raises Invalid, naming the knob and its bounds."""
        for field in fields(self):
            value = getattr(self, field.name)
            bounds = BOUNDS.get(field.name)
            if bounds is None:
                _check_choice(field.name, value)
            elif isinstance(value, bool) or not isinstance(value, int | float):
                raise Invalid(f"{field.name} is a number.")
            elif not bounds[0] <= value <= bounds[1]:
                raise Invalid(f"{field.name} is {bounds[0]:,} to {bounds[1]:,}, not {value:,}.")

    @property
    def memory_mb(self) -> int:
        """What it may take of memory, blocks on the device counted."""
        return self.device_mb + self.host_mb + self.prefetch_mb


BOUNDS: MappingProxyType[str, tuple[float, float]] = MappingProxyType(
    {
        "device_mb": (1, 1_048_576),
        "host_mb": (0, 1_048_576),
        "disk_mb": (0, 104_857_600),
        "loss_window_seconds": (0.0, 3600.0),
        "look_ahead": (0, 1024),
        "prefetch_mb": (0, 1_048_576),
        "max_batch": (1, 256),
        "prefill_tokens": (16, 32_768),
        "max_waiting": (1, 1_000_000),
    }
)
"""The least and the most of every number."""

CHOICES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "policy": get_args(Policy),
        "host_form": get_args(Form),
        "disk_form": get_args(Form),
        "write": get_args(WritePattern),
    }
)
"""The names that the other knobs may take."""


def _check_choice(name: str, value: Any) -> None:
    if value not in CHOICES[name]:
        raise Invalid(f"{name} is one of: {', '.join(CHOICES[name])}.")
