"""Traces: three formats in, ours out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache.traces import (
    Trace,
    TraceLimits,
    TraceRequest,
    UnreadableTrace,
    check_trace,
    parse_trace,
    read_trace,
    write_trace,
)

TRACE = Trace(64, (TraceRequest(0.0, 130, 5, (1, 2, 3)), TraceRequest(7.5, 64, 1, (1,))))


@pytest.mark.parametrize("name", ["ours.jsonl", "ours.jsonl.gz"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    write_trace(TRACE, tmp_path / name)
    assert read_trace(tmp_path / name) == TRACE


def test_mooncake_blocks_have_512_tokens() -> None:
    line = '{"timestamp": 3000, "input_length": 600, "output_length": 9, "hash_ids": [0, 4]}'
    assert parse_trace([line]) == Trace(512, (TraceRequest(3000.0, 600, 9, (0, 4)),))


def test_bailian_counts_seconds_and_blocks_of_16_tokens() -> None:
    line = (
        '{"chat_id": 7, "parent_chat_id": -1, "timestamp": 1.5, "input_length": 33, "output_length": 2,'
        ' "type": "text", "turn": 1, "hash_ids": [5, 6, 7]}'
    )
    assert parse_trace([line]) == Trace(16, (TraceRequest(1500.0, 33, 2, (5, 6, 7)),))


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1]",
        '{"timestamp": 0, "input_length": 3}',
        '{"timestamp": 0, "input_length": -1, "hash_ids": []}',
    ],
)
def test_a_line_that_is_no_request_is_named(line: str) -> None:
    good = json.dumps({"timestamp": 0, "input_length": 1, "hash_ids": [1]})
    with pytest.raises(UnreadableTrace, match="Line 2"):
        parse_trace([good, line])


def test_a_broken_archive_is_an_unreadable_trace(tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"timestamp": 0}\n' * 100)[:-12])
    with pytest.raises(UnreadableTrace):
        read_trace(file)


GOOD = '{"timestamp": 5, "input_length": 600, "hash_ids": [1, 2]}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"timestamp": NaN, "input_length": 600, "hash_ids": [1, 2]}', "not finite"),
        ('{"timestamp": Infinity, "input_length": 600, "hash_ids": [1, 2]}', "not finite"),
        ('{"timestamp": -5, "input_length": 600, "hash_ids": [1, 2]}', "negative"),
        ('{"timestamp": 1e300, "input_length": 600, "hash_ids": [1, 2]}', "too large"),
        ('{"timestamp": 6, "input_length": NaN, "hash_ids": [1, 2]}', "input_length"),
        ('{"timestamp": 6, "input_length": -1, "hash_ids": []}', "input_length"),
        ('{"timestamp": 6, "input_length": 1e400, "hash_ids": []}', "input_length"),
        ('{"timestamp": 6, "input_length": true, "hash_ids": []}', "input_length"),
        ('{"timestamp": 6, "input_length": 99999999999, "hash_ids": []}', "input_length"),
        ('{"timestamp": 6, "input_length": 600, "hash_ids": [1, -2]}', "hash_ids"),
        ('{"timestamp": 6, "input_length": 600, "hash_ids": [1, 1.5]}', "hash_ids"),
        ('{"timestamp": 6, "input_length": 600, "hash_ids": [1, "2"]}', "hash_ids"),
        ('{"timestamp": 6, "input_length": 600, "hash_ids": "12"}', "hash_ids"),
        ('{"timestamp": 6, "input_length": 600, "hash_ids": [1, 99999999999999999999999]}', "2\\^64"),
        ('{"timestamp": 6, "input_length": ' + "9" * 5000 + "}", "JSON"),
        ('{"timestamp": 6, "input_length": 3, "hash_ids": [1, 2, 3]}', "do not fill"),
        ('{"timestamp": 6, "input_length": 1200, "hash_ids": [1, 2, 1]}', "twice"),
        ('{"timestamp": 6, "input_length": 600, "hash_ids": [2, 1]}', "follows another block"),
        ('{"timestamp": 4, "input_length": 600, "hash_ids": [1, 2]}', "sort the lines"),
        ('{"timestamp": 6, "input_length": 600, "hash_ids": [1, 2], "block_tokens": 0}', "block_tokens"),
        ('{"timestamp": 6, "input_length": 600, "hash_ids": [1], "block_tokens": 1024}', "blocks of 1024"),
        ("[" * 100_000, "nested|JSON"),
        (b"\xff{}", "UTF-8"),
        ("", None),
    ],
)
def test_every_fault_is_told_with_its_line_and_can_be_left_out(line: str | bytes, reason: str | None) -> None:
    last = GOOD.replace("5", "9", 1)
    if reason is None:
        assert len(parse_trace([GOOD, line, last]).requests) == 2
        return
    with pytest.raises(UnreadableTrace, match=f"Line 2 .*({reason})"):
        parse_trace([GOOD, line, last])
    checked = check_trace([GOOD, line, last], limits=TraceLimits(max_broken=1))
    assert [request.timestamp_ms for request in checked.trace.requests] == [5.0, 9.0]
    assert [each.number for each in checked.broken] == [2]
    with pytest.raises(UnreadableTrace, match="1 lines before it"):
        check_trace([GOOD, line, line, last], limits=TraceLimits(max_broken=1))


def test_ten_million_lines_end_at_the_first_that_is_too_many() -> None:
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for _ in range(10**7):
            taken += 1
            yield GOOD

    with pytest.raises(UnreadableTrace, match="keep its first 1,000 lines"):
        parse_trace(lines(), limits=TraceLimits(max_requests=1000))
    assert taken == 1001


def test_a_small_file_that_unpacks_to_much_is_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.jsonl.gz"
    bomb.write_bytes(gzip.compress((GOOD + "\n").encode() * 200_000))
    assert bomb.stat().st_size < 100_000
    with pytest.raises(UnreadableTrace, match="larger than 1,000,000 bytes unpacked"):
        read_trace(bomb, limits=TraceLimits(max_bytes=1_000_000))
    endless = tmp_path / "endless.jsonl.gz"
    endless.write_bytes(gzip.compress(b"[" * 20_000_000))
    with pytest.raises(UnreadableTrace, match="Line 1 is longer than 1,000 bytes"):
        read_trace(endless, limits=TraceLimits(max_line_bytes=1000))


@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([GOOD.encode()])), max_size=8))
def test_no_bytes_raise_anything_else(lines: list[bytes]) -> None:
    try:
        trace = parse_trace(lines)
    except UnreadableTrace:
        return
    for request in trace.requests:
        assert request.num_tokens > (len(request.block_ids) - 1) * trace.block_tokens
