"""How much memory can still be had: of the machine, or of the container where that has less."""

from __future__ import annotations

from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")


def free_memory_bytes(cgroup: Path = CGROUP) -> int:
    """What the kernel gives back when asked, its file cache, is free."""
    left = int(psutil.virtual_memory().available)
    try:
        limit = int((cgroup / "memory.max").read_text(encoding="ascii"))
        used = int((cgroup / "memory.current").read_text(encoding="ascii"))
        counts = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return left  # no container, or one without a limit ("max")
    return max(min(left, limit - used + int(counts.get("inactive_file", 0))), 0)
