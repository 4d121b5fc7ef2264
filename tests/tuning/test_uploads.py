"""Traces that people bring are checked, few, found by what they hold, and leave no trace when they go."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.tuning import uploads
from core.tuning.uploads import Uploads
from kvcache.traces import TraceLimits


def lines(num: int = 3, start: int = 0) -> bytes:
    rows = [
        {"timestamp": 1000 * n, "input_length": 1024, "output_length": 1, "hash_ids": [start, start + n + 1]}
        for n in range(num)
    ]
    return "\n".join(json.dumps(each) for each in rows).encode()


def add(kept: Uploads, data: bytes, name: str = "a.jsonl", **options: int) -> uploads.UploadedTrace:
    return kept.add(name, io.BytesIO(data), "ana", **options)


@pytest.fixture
def kept(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path, "default")


def test_plain_and_packed_are_one_trace_under_one_name(kept: Uploads) -> None:
    plain = add(kept, lines())
    packed = add(kept, gzip.compress(lines()), "b.jsonl.gz")
    assert plain.id == packed.id
    assert len(kept.all()) == 1
    assert (packed.num_requests, packed.num_blocks, packed.block_tokens) == (3, 6, 512)
    assert packed.span_seconds == 2.0
    assert [each.block_ids for each in kept.read(plain.id).requests] == [(0, 1), (0, 2), (0, 3)]


def test_a_broken_line_is_named_with_what_to_do_and_can_be_left_out(kept: Uploads, tmp_path: Path) -> None:
    broken = lines() + b'\n{"timestamp": NaN}\n'
    with pytest.raises(Invalid, match=r"Line 4 .*timestamp") as refused:
        add(kept, broken)
    assert "left out" in refused.value.remedy
    assert refused.value.code == "unreadable_trace"
    assert kept.all() == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    taken = add(kept, broken, max_broken=1)
    assert (taken.num_broken, taken.broken[0].number) == (1, 4)
    with pytest.raises(Invalid, match="At most"):
        add(kept, broken, max_broken=10**9)


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\x1f\x8b broken", b"\x00" * 100, b"PK\x03\x04", gzip.compress(b"")]
)
def test_what_is_no_trace_is_refused(kept: Uploads, data: bytes) -> None:
    with pytest.raises(Invalid):
        add(kept, data)


def test_a_bomb_is_refused_before_it_is_unpacked(kept: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LIMITS", TraceLimits(max_bytes=100_000, max_requests=1000))
    with pytest.raises(Invalid, match="100,000 bytes unpacked"):
        add(kept, gzip.compress(lines(1) * 1 + b"\n" * 50_000_000))
    with pytest.raises(Invalid, match="1,000 requests"):
        add(
            kept,
            gzip.compress(
                b'{"timestamp": 0, "input_length": 1}\n'.replace(b"}", b', "hash_ids": []}') * 1500
            ),
        )


def test_workspaces_are_apart_and_a_name_is_no_path(tmp_path: Path) -> None:
    evil = Uploads(tmp_path, "../../etc")
    taken = add(evil, lines(), "../../passwd\n\x00")
    assert taken.name == "../../passwd"
    assert all(path.is_relative_to(tmp_path / "traces" / "uploads") for path in tmp_path.rglob("*.json*"))
    other = Uploads(tmp_path, "default")
    assert other.all() == []
    for act in (other.get, other.read, other.remove, other.packed):
        with pytest.raises(NotFound):
            act(taken.id)
    for name in ("../x", "", "g" * 32, "/etc/passwd"):
        with pytest.raises(NotFound):
            evil.get(name)


def test_there_is_a_number_of_them_and_each_can_be_removed(
    kept: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_UPLOADS", 2)
    first = add(kept, lines(start=0))
    add(kept, lines(start=100))
    with pytest.raises(Conflict, match="2 traces"):
        add(kept, lines(start=200))
    add(kept, lines(start=0))
    kept.remove(first.id)
    assert len(kept.all()) == 1
    add(kept, lines(start=200))
    assert [each.num_requests for each in kept.all()] == [3, 3]
