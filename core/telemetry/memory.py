"""How much of the memory that processes here may take is in use: of the machine, or of the container."""

from __future__ import annotations

from pathlib import Path

import psutil

CGROUP = Path("/sys/fs/cgroup")


def memory_usage_ratio(cgroup: Path = CGROUP) -> float:
    """The larger share of the two. What the kernel gives back when asked (its file cache) is not in use."""
    machine = psutil.virtual_memory()
    return max(1 - machine.available / machine.total, _of_container(cgroup) or 0.0)


def _of_container(cgroup: Path) -> float | None:
    """By cgroup version 2; None where no limit is set."""
    try:
        limit = (cgroup / "memory.max").read_text(encoding="ascii").strip()
        used = int((cgroup / "memory.current").read_text(encoding="ascii"))
        counts = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
        return None if limit == "max" else (used - int(counts.get("inactive_file", 0))) / int(limit)
    except (OSError, ValueError):
        return None
