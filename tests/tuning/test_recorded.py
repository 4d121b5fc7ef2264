"""Recorded traffic is read as it is: torn, mixed, of several tenants, and never more than is worth."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from core.tuning import recorded
from core.tuning.recorded import TenantNames, pack_rows, read_traffic
from core.tuning.workload import describe_traffic
from kvcache.engine.served import Served
from kvcache.request_log import RequestLog
from kvcache.segments import Segments

OURS, THEIRS = 11, 22


def row(number: int, tenant: int = OURS, **changes: object) -> dict[str, object]:
    return {
        "timestamp": 1000.0 * number,
        "input_length": 128,
        "output_length": 4,
        "hash_ids": [1, number + 10],
        "block_tokens": 64,
        "tenant": tenant,
        "label": "document:secret",
        "content_ids": [5, 6],
        "arm": "b",
        "cached_tokens": 64,
        "queue_ms": 5.0,
        "first_token_ms": 25.0,
        "something": {"new": True},
    } | changes


def write(folder: Path, number: int, *rows: dict[str, object] | str) -> None:
    lines = [each if isinstance(each, str) else json.dumps(each) for each in rows]
    (folder / f"trace-{number:08d}.jsonl").write_text("\n".join(lines))


def test_all_segments_are_read_in_order_and_a_torn_line_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, 1, row(1), row(2))
    write(tmp_path, 2, row(3), "", '{"timestamp": 4000.0, "input_le')
    write(tmp_path, 3, "\x00\x00", "[1]", row(5, timestamp=-1), row(6, block_tokens=0))
    found = read_traffic(tmp_path)
    assert [each.timestamp_ms for each in found.trace.requests] == [1000.0, 2000.0, 3000.0]
    first = found.measured[0]
    assert (first.arm, first.cached_tokens, first.computing_ms) == ("b", 64, 20.0)
    assert not found.is_cut
    assert read_traffic(tmp_path / "absent").trace.requests == ()


def test_what_the_engine_writes_is_what_is_read(tmp_path: Path) -> None:
    from tests.kvcache.test_request_log import served  # the log's own example

    segments = Segments(tmp_path, "trace", max_bytes=2**20)
    log = RequestLog(b"s" * 32, model="m", block_tokens=16, segments=segments)
    made: Served = served(list(range(40)), tenant="acme")
    log.observe(made)
    log.close()
    (found,) = read_traffic(tmp_path, tenant=TenantNames(b"s" * 32).id("acme")).measured
    assert found.request.num_tokens == 40
    assert found.block_tokens == 16
    assert read_traffic(tmp_path, tenant=TenantNames(b"s" * 32).id("other")).measured == ()


def test_only_the_newest_are_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 1, *(row(number) for number in range(1, 30)))
    monkeypatch.setattr(recorded, "MOST_REQUESTS", 10)
    found = read_traffic(tmp_path)
    assert found.is_cut
    assert [each.timestamp_ms for each in found.trace.requests] == [1000.0 * n for n in range(20, 30)]


def test_what_is_older_than_asked_for_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, 1, row(1), row(2))
    write(tmp_path, 2, row(3), row(4))
    found = read_traffic(tmp_path, since_ms=2000.0)
    assert [each.timestamp_ms for each in found.trace.requests] == [2000.0, 3000.0, 4000.0]


def test_blocks_of_another_size_are_of_another_time(tmp_path: Path) -> None:
    write(tmp_path, 1, row(1, block_tokens=32), row(2))
    assert len(read_traffic(tmp_path).trace.requests) == 1


def test_a_file_to_take_away_has_own_rows_and_no_labels(tmp_path: Path) -> None:
    write(tmp_path, 1, row(1), row(2, THEIRS), row(3))
    data, num = pack_rows(tmp_path, tenant=OURS)
    rows = [json.loads(line) for line in gzip.decompress(data).splitlines()]
    assert num == len(rows) == 2
    assert {each["tenant"] for each in rows} == {OURS}
    text = gzip.decompress(data).decode()
    assert "secret" not in text
    assert "content_ids" not in text
    assert pack_rows(tmp_path, tenant=None)[1] == 3
    assert pack_rows(tmp_path, tenant=OURS)[0] == data, "equal rows are an equal file"


def test_traffic_in_figures(tmp_path: Path) -> None:
    write(tmp_path, 1, *(row(number) for number in range(1, 31)))
    found = describe_traffic(read_traffic(tmp_path))
    assert found is not None
    assert (found.num_requests, found.prompt_tokens, found.working_set_tokens) == (30, 128, 64)
    assert found.possible_hit_rate == pytest.approx(29 * 64 / (30 * 128))
    assert found.requests_per_minute == pytest.approx(30 / (29 / 60))
    assert describe_traffic(read_traffic(tmp_path / "absent")) is None
