"""What one template may cost before its process is stopped."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class FillingLimits:
    """`cpu_seconds` and `memory_bytes` (address space) come on top of what the process needs to start;
    `seconds` is wall time with the start.
    """

    seconds: float = 60.0
    cpu_seconds: int = 10
    memory_bytes: int = 512 * MIB
    answer_bytes: int = 96 * MIB
