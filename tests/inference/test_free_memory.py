"""Memory that can still be had, as the machine says or the container allows."""

from __future__ import annotations

from pathlib import Path

from core.inference.free_memory import free_memory_bytes


def test_without_a_limit_it_is_what_the_machine_has(tmp_path: Path) -> None:
    free = free_memory_bytes(tmp_path)
    assert free > 0
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert free_memory_bytes(tmp_path) > 0


def test_a_container_may_have_less_and_its_file_cache_is_free(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("5000\n")
    (tmp_path / "memory.current").write_text("4000\n")
    (tmp_path / "memory.stat").write_text("anon 3500\ninactive_file 300\n")
    assert free_memory_bytes(tmp_path) == 1300
    (tmp_path / "memory.current").write_text("6000\n")
    assert free_memory_bytes(tmp_path) == 0
