"""The int8 form is made once, verified, and made again when it is damaged."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.inference.embedding import onnx_file
from core.inference.embedding.model_files import read_model_files
from core.inference.embedding.onnx_file import MANIFEST, quantised_file


def test_it_is_made_once(small_model: Path, tmp_path: Path) -> None:
    files = read_model_files(small_model)
    made = quantised_file(files, tmp_path / "exports")
    stamp = made.stat().st_mtime_ns
    assert quantised_file(files, tmp_path / "exports") == made
    assert made.stat().st_mtime_ns == stamp


def test_a_damaged_file_is_made_again(small_model: Path, tmp_path: Path) -> None:
    files = read_model_files(small_model)
    made = quantised_file(files, tmp_path)
    whole = made.read_bytes()
    made.write_bytes(whole[:-100])
    assert quantised_file(files, tmp_path).read_bytes() == whole
    (made.parent / MANIFEST).write_text("{")
    assert quantised_file(files, tmp_path).read_bytes() == whole


def test_of_two_that_make_it_at_once_one_wins_and_nothing_is_left_over(
    small_model: Path, tmp_path: Path
) -> None:
    files = read_model_files(small_model)
    place = tmp_path / f"{files.digest[:16]}-int8-{onnx_file.FORM_VERSION}"
    first = tmp_path / ".first"
    first.mkdir()
    onnx_file._make(files, first)
    stamp = quantised_file(files, tmp_path).stat().st_ino  # another process finishes meanwhile
    onnx_file._put_in_place(first, place)
    assert (place / onnx_file.MODEL).stat().st_ino == stamp
    assert [name for name in os.listdir(tmp_path) if name.startswith((".making", ".stale"))] == []


def test_concurrent_askers_get_the_same_file(small_model: Path, tmp_path: Path) -> None:
    files = read_model_files(small_model)
    quantised_file(files, tmp_path)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: quantised_file(files, tmp_path), range(8)))
    assert len(found) == 1
