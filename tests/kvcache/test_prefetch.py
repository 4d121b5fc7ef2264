"""Records fetched ahead: in the order they are wanted, within bounds, and counted truly."""

from __future__ import annotations

from threading import Event

from kvcache.prefetch import Prefetcher
from kvcache.record import BlockRecord


def fetch(key: bytes) -> BlockRecord | None:
    return None if key.startswith(b"absent") else BlockRecord(key, b"", 0, "raw", bytes(100))


def test_what_is_wanted_is_staged_and_taken_once() -> None:
    ahead = Prefetcher(fetch, capacity_bytes=1000, num_threads=0)
    ahead.want(b"p", [b"1", b"2", b"absent"])
    ahead.run_pending()
    taken = ahead.take(b"1")
    assert taken is not None
    assert taken.key == b"1"
    assert ahead.take(b"1") is None
    assert ahead.take(b"absent") is None
    ahead.drop([b"1", b"2", b"absent"])
    counts = ahead.snapshot()
    assert (counts.loaded_blocks, counts.useful_blocks, counts.wasted_blocks) == (2, 1, 1)
    assert counts.staged_blocks == 0


def test_what_is_overtaken_is_cancelled() -> None:
    ahead = Prefetcher(fetch, capacity_bytes=1000, num_threads=0)
    ahead.want(b"p", [b"1", b"2"])
    ahead.want(b"q", [b"3"])
    ahead.cancel(b"p")
    ahead.run_pending()
    assert not ahead.has(b"1")
    assert ahead.has(b"3")
    assert ahead.snapshot().cancelled_blocks == 2


def test_a_full_stage_fetches_no_more_until_there_is_room() -> None:
    ahead = Prefetcher(fetch, capacity_bytes=150, num_threads=0)
    ahead.want(b"p", [b"1", b"2", b"3"])
    ahead.run_pending()
    assert [ahead.has(key) for key in (b"1", b"2", b"3")] == [True, True, False]
    ahead.take(b"1")
    ahead.run_pending()
    assert ahead.has(b"3")


def test_a_block_wanted_by_two_prompts_stays_for_the_second() -> None:
    ahead = Prefetcher(fetch, capacity_bytes=1000, num_threads=0)
    ahead.want(b"p", [b"1"])
    ahead.want(b"q", [b"1"])
    ahead.run_pending()
    ahead.drop([b"1"])
    assert ahead.has(b"1")
    ahead.drop([b"1"])
    assert not ahead.has(b"1")


def test_taking_waits_for_a_record_on_its_way() -> None:
    asked, go_on = Event(), Event()

    def slow(key: bytes) -> BlockRecord | None:
        asked.set()
        go_on.wait()
        return fetch(key)

    ahead = Prefetcher(slow, capacity_bytes=1000, num_threads=1)
    ahead.want(b"p", [b"1"])
    asked.wait()
    go_on.set()
    assert ahead.take(b"1") is not None
    ahead.close()


def test_a_fetch_that_fails_leaves_nobody_waiting() -> None:
    def fail(key: bytes) -> BlockRecord | None:
        raise OSError(key)

    ahead = Prefetcher(fail, capacity_bytes=1000, num_threads=1)
    ahead.want(b"p", [b"1"])
    ahead.close()
    assert ahead.take(b"1") is None
