"""In a container its limit counts, outside of one the machine's memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.telemetry.memory import memory_usage_ratio


def container(folder: Path, *, limit: str, used: int, inactive_file: int) -> Path:
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {inactive_file}\n")
    return folder


def test_a_container_is_as_full_as_its_limit_says_without_the_file_cache(tmp_path: Path) -> None:
    nearly_full = container(tmp_path, limit="1000", used=1000, inactive_file=1)
    assert memory_usage_ratio(nearly_full) == pytest.approx(0.999)


def test_without_a_limit_the_machine_counts(tmp_path: Path) -> None:
    of_machine = memory_usage_ratio(tmp_path / "absent")
    assert 0 < of_machine < 1
    unlimited = container(tmp_path, limit="max", used=10**15, inactive_file=0)
    assert memory_usage_ratio(unlimited) < 1
