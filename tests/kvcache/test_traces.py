"""Traces: three formats in, ours out, nothing readable in what is recorded."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kvcache.traces import (
    Trace,
    TraceRecorder,
    TraceRequest,
    UnreadableTrace,
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


def test_a_recorded_trace_is_salted_and_can_be_replayed(tmp_path: Path) -> None:
    with TraceRecorder(tmp_path, b"one salt", block_tokens=64) as recorder:
        recorder.record([b"first key", b"second key"], timestamp_ms=1.0, num_tokens=128, tenant="acme")
        recorder.record([b"first key"], timestamp_ms=2.0, num_tokens=64, tenant="acme", num_hit_blocks=1)
    (segment,) = recorder.segments()
    text = segment.read_text()
    assert "acme" not in text
    assert "key" not in text
    trace = read_trace(segment)
    assert trace.block_tokens == 64
    assert trace.requests[0].block_ids[0] == trace.requests[1].block_ids[0]
    with TraceRecorder(tmp_path / "other", b"other salt", block_tokens=64) as other:
        other.record([b"first key"], timestamp_ms=1.0, num_tokens=64)
    assert read_trace(other.segments()[0]).requests[0].block_ids[0] != trace.requests[0].block_ids[0]


def test_the_oldest_segments_are_dropped(tmp_path: Path) -> None:
    with TraceRecorder(tmp_path, b"salt", block_tokens=64, max_bytes=64_000) as recorder:
        for number in range(2_000):
            recorder.record([number], timestamp_ms=number, num_tokens=64)
    assert sum(segment.stat().st_size for segment in recorder.segments()) <= 64_000
    assert read_trace(recorder.segments()[-1]).requests[-1].timestamp_ms == 1999.0
    assert recorder.segments()[0].name != "trace-00000001.jsonl"
