"""Every token of a request is accounted for: where it came from, or why it was computed."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvcache.block import BlockKeys
from kvcache.config import CacheConfig
from kvcache.engine.served import NO_BLOCKS, Served
from kvcache.request_log import (
    CHEAPER,
    EVICTED,
    MODEL_CHANGED,
    NEVER_SEEN,
    OTHER_TENANT,
    TAIL,
    RequestLog,
    RequestRecord,
    SeenBlocks,
    as_row,
    from_row,
    read_records,
)
from kvcache.segments import Segments
from kvcache.traces import read_trace

SALT = b"sixteen or more bytes"
SIZE = 16


def served(
    prompt: list[int],
    *,
    tenant: str = "ann",
    model: str = "model",
    cached: int = 0,
    places: tuple[str, ...] = (),
    **changes: object,
) -> Served:
    config = CacheConfig(capacity_blocks=1, salt=SALT, block_tokens=SIZE, fingerprint=model)
    told = Served(
        tenant=tenant,
        label="template:memo",
        arm="",
        priority="normal",
        outcome="answered",
        prompt=tuple(prompt),
        blocks=BlockKeys(config).of(prompt, tenant),
        places=places,
        num_declined=0,
        cached_tokens=cached,
        new_tokens=3,
        queue_ms=1.0,
        lookup_ms=0.25,
        load_ms=0.5,
        first_token_ms=7.0,
        total_ms=9.0,
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def open_log(
    records: list[RequestRecord],
    model: str = "model",
    segments: Segments | None = None,
    salt: bytes = SALT,
) -> RequestLog:
    return RequestLog(
        salt,
        model=model,
        block_tokens=SIZE,
        segments=segments,
        hand_on=records.append,
        clock=lambda: 1000.0 + len(records),
    )


def test_what_is_new_was_never_seen_and_what_fills_no_block_is_the_tail() -> None:
    records: list[RequestRecord] = []
    open_log(records).observe(served(list(range(40))))
    (record,) = records
    assert record.missed_tokens == {NEVER_SEEN: 32, TAIL: 8}
    assert (record.prompt_tokens, record.cached_tokens, record.possible_tokens) == (40, 0, 0)
    assert len(record.block_ids) == 3
    assert (record.at, record.label, record.first_token_ms) == (1000.0, "template:memo", 7.0)


def test_hits_are_told_by_where_they_rested_and_the_last_token_is_computed() -> None:
    records: list[RequestRecord] = []
    log = open_log(records)
    log.observe(served(list(range(32))))
    log.observe(served(list(range(32)), cached=31, places=("device", "disk split")))
    assert records[1].hit_tokens == {"device": 16, "disk split": 15}
    assert records[1].missed_tokens == {TAIL: 1}
    assert records[1].possible_tokens == 31


def test_the_cause_of_a_miss_is_told() -> None:
    records: list[RequestRecord] = []
    log, prompt = open_log(records), list(range(64))
    log.observe(served(prompt))
    log.observe(served(prompt))
    assert records[-1].missed_tokens == {EVICTED: 64}
    assert records[-1].possible_tokens == 63
    log.observe(served(prompt, tenant="bob"))
    assert records[-1].missed_tokens == {OTHER_TENANT: 64}
    assert records[-1].possible_tokens == 0
    log.observe(served(prompt, cached=16, places=("device",), num_declined=2))
    assert records[-1].missed_tokens == {CHEAPER: 32, EVICTED: 16}


def test_after_a_restart_what_was_seen_is_known_and_another_model_is_a_cause(tmp_path: Path) -> None:
    records: list[RequestRecord] = []
    prompt = list(range(32))
    first = open_log(records, segments=Segments(tmp_path, "trace", max_bytes=100_000))
    first.observe(served(prompt))
    first.close()
    again = open_log(records, segments=Segments(tmp_path, "trace", max_bytes=100_000))
    again.observe(served(prompt))
    again.close()
    assert records[-1].missed_tokens == {EVICTED: 32}
    other = open_log(records, model="another", segments=Segments(tmp_path, "trace", max_bytes=100_000))
    other.observe(served(prompt, model="another"))
    assert records[-1].missed_tokens == {MODEL_CHANGED: 32}
    other.close()
    assert read_records(Segments(tmp_path, "trace", max_bytes=100_000)) == records


def test_what_was_refused_or_failed_has_no_tokens() -> None:
    records: list[RequestRecord] = []
    log = open_log(records)
    log.observe(served([1] * 20, outcome="refused", blocks=NO_BLOCKS, first_token_ms=None))
    log.observe(served([1] * 20, outcome="failed", blocks=NO_BLOCKS, first_token_ms=None))
    assert [(each.prompt_tokens, each.block_ids, dict(each.missed_tokens)) for each in records] == [
        (0, (), {})
    ] * 2


def test_the_log_is_a_trace_without_text_or_names(tmp_path: Path) -> None:
    records: list[RequestRecord] = []
    log = open_log(records, segments=Segments(tmp_path, "trace", max_bytes=100_000))
    log.observe(served(list(range(40)), tenant="a secret name"))
    log.close()
    (file,) = tmp_path.iterdir()
    trace = read_trace(file)
    assert trace.block_tokens == SIZE
    assert trace.requests[0].block_ids == records[0].block_ids
    assert trace.requests[0].num_tokens == 40
    assert "secret" not in file.read_text()


def test_ids_under_another_salt_have_nothing_in_common() -> None:
    records: list[RequestRecord] = []
    for salt in (SALT, SALT, b"another salt of this length"):
        open_log(records, salt=salt).observe(served(list(range(40))))
    first, equal, other = records
    assert (first.block_ids, first.tenant) == (equal.block_ids, equal.tenant)
    assert not {*first.block_ids, first.tenant} & {*other.block_ids, other.tenant}


def test_a_full_disk_costs_the_line_and_no_request(tmp_path: Path) -> None:
    class Full(Segments):
        def append(self, line: str) -> None:
            raise OSError("no space left")

    records: list[RequestRecord] = []
    log = open_log(records, segments=Full(tmp_path, "trace", max_bytes=1))
    log.observe(served(list(range(40))))
    assert (len(records), log.num_unwritten) == (1, 1)


def test_the_oldest_segment_goes_and_a_line_that_was_cut_is_left_out(tmp_path: Path) -> None:
    segments = Segments(tmp_path, "trace", max_bytes=40_000)
    records: list[RequestRecord] = []
    log = open_log(records, segments=segments)
    for number in range(200):
        log.observe(served(list(range(number, number + 40))))
    assert sum(file.stat().st_size for file in segments.files()) <= 40_000
    log.close()
    newest = segments.files()[-1]
    newest.write_text(newest.read_text()[:-30])
    kept = read_records(segments)
    assert kept == records[-1 - len(kept) : -1]
    assert len(kept) > 20


def test_what_was_seen_longest_ago_is_forgotten_first() -> None:
    seen = SeenBlocks(most=3)
    seen.add([1], [11], 7)
    seen.add([2, 3, 4], [12, 13, 14], 7)
    assert seen.num_leading([1]) == 0
    assert seen.num_leading([2, 3, 4]) == 3
    assert seen.cause(1, 11, 7) == NEVER_SEEN


def test_of_a_prompt_that_is_too_long_the_end_is_forgotten_first() -> None:
    seen = SeenBlocks(most=3)
    seen.add([1, 2, 3, 4], [11, 12, 13, 14], 7)
    assert seen.num_leading([1, 2, 3, 4]) == 3
    assert seen.cause(4, 14, 7) == NEVER_SEEN


@dataclass(frozen=True)
class Prompt:
    """Blocks as letters, and what the log knows them by."""

    tenant: int
    model: int
    blocks: str

    @property
    def prefixes(self) -> list[str]:
        return [self.blocks[:end] for end in range(1, len(self.blocks) + 1)]

    @property
    def keys(self) -> list[int]:
        return [hash((self.tenant, self.model, prefix)) for prefix in self.prefixes]

    @property
    def contents(self) -> list[int]:
        return [hash(prefix) for prefix in self.prefixes]


class EverythingSeen:
    """What SeenBlocks tells, from all that ever came: by content the tenants and models that it came from."""

    def __init__(self) -> None:
        self._owners: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)

    def add(self, prompt: Prompt) -> None:
        for prefix in prompt.prefixes:
            self._owners[prefix].add((prompt.tenant, prompt.model))

    def causes(self, prompt: Prompt) -> list[str]:
        return [self._cause(self._owners[prefix], prompt) for prefix in prompt.prefixes]

    @staticmethod
    def _cause(owners: set[tuple[int, int]], prompt: Prompt) -> str:
        if (prompt.tenant, prompt.model) in owners:
            return EVICTED
        if prompt.tenant in {tenant for tenant, _ in owners}:
            return MODEL_CHANGED
        return OTHER_TENANT if owners else NEVER_SEEN


def causes(seen: SeenBlocks, prompt: Prompt) -> list[str]:
    return [
        seen.cause(key, content, prompt.tenant)
        for key, content in zip(prompt.keys, prompt.contents, strict=True)
    ]


PROMPTS = st.lists(
    st.builds(Prompt, st.integers(1, 3), st.integers(1, 2), st.text("ab", max_size=5)), max_size=30
)


@given(PROMPTS)
def test_why_it_was_not_there_is_told_as_by_one_who_forgets_nothing(prompts: list[Prompt]) -> None:
    seen, everything = SeenBlocks(), EverythingSeen()
    for prompt in prompts:
        expected = everything.causes(prompt)
        assert causes(seen, prompt) == expected
        assert seen.num_leading(prompt.keys) == expected.count(EVICTED)
        seen.add(prompt.keys, prompt.contents, prompt.tenant)
        everything.add(prompt)


@given(PROMPTS, st.integers(1, 12))
def test_who_forgets_knows_no_more_and_no_block_without_those_before_it(
    prompts: list[Prompt], most: int
) -> None:
    seen, everything = SeenBlocks(most), EverythingSeen()
    for prompt in prompts:
        told = causes(seen, prompt)
        assert (
            seen.num_leading(prompt.keys) == told.count(EVICTED) <= everything.causes(prompt).count(EVICTED)
        )
        seen.add(prompt.keys, prompt.contents, prompt.tenant)
        everything.add(prompt)
        assert causes(seen, prompt)[:most] == [EVICTED] * min(most, len(prompt.keys))


@given(
    num_tokens=st.integers(1, 100),
    cached_share=st.floats(0, 1),
    num_declined=st.integers(0, 3),
    times=st.integers(1, 3),
)
def test_every_token_has_one_place_or_one_cause(
    num_tokens: int, cached_share: float, num_declined: int, times: int
) -> None:
    records: list[RequestRecord] = []
    log, prompt = open_log(records), list(range(num_tokens))
    num_known = int(cached_share * (num_tokens // SIZE))
    cached = min(num_known * SIZE, num_tokens - 1)
    for _ in range(times):
        log.observe(served(prompt, cached=cached, places=("device",) * num_known, num_declined=num_declined))
    for record in records:
        assert sum(record.hit_tokens.values()) == record.cached_tokens == cached
        assert sum(record.missed_tokens.values()) + cached == num_tokens
        assert cached <= record.possible_tokens < num_tokens
        assert from_row(json.loads(json.dumps(as_row(record)))) == record


@pytest.mark.parametrize("row", ["{}", "[]", "7", '{"timestamp": "x"}', "not json"])
def test_a_foreign_line_is_no_record(row: str, tmp_path: Path) -> None:
    segments = Segments(tmp_path, "trace", max_bytes=100_000)
    segments.append(row)
    assert read_records(segments) == []
    RequestLog(SALT, model="model", block_tokens=SIZE, segments=segments)
