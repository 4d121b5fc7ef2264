"""The traffic that the engine has recorded: what can be replayed of it, and how long its requests took."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kvcache.request_log import RequestLog
from kvcache.trace_lines import MOST_TOKENS, as_row, ids, moment, whole
from kvcache.traces import MOONCAKE_BLOCK_TOKENS, Trace, TraceRequest

FOLDER, NAME = "traces", "trace"
MOST_REQUESTS = 50_000
MOST_BLOCKS = 2_000_000
"""No more of the recorded traffic is replayed: the newest."""
TAKEN_AWAY = (
    "timestamp",
    "input_length",
    "output_length",
    "hash_ids",
    "block_tokens",
    "tenant",
    "arm",
    "priority",
    "outcome",
    "cached_tokens",
    "possible_tokens",
    "queue_ms",
    "lookup_ms",
    "load_ms",
    "first_token_ms",
    "total_ms",
)
"""Fields of a record that may leave: lengths, times and salted ids, no labels."""


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request that had begun. Its first token came after `first_token_ms`, `queue_ms` of which it waited
    for its turn; None if there was none.
    """

    request: TraceRequest
    block_tokens: int
    arm: str = ""
    cached_tokens: int = 0
    first_token_ms: float | None = None
    queue_ms: float = 0.0

    @property
    def computing_ms(self) -> float | None:
        """From its turn to its first token."""
        return None if self.first_token_ms is None else max(self.first_token_ms - self.queue_ms, 0.0)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests in order of time, and what was measured of these or, of a trace that was brought, of others
    on this machine. `is_cut` if there were older ones.
    """

    trace: Trace
    measured: tuple[RecordedRequest, ...] = ()
    is_cut: bool = False


class TenantNames:
    """How records name tenants. `secret` is that of the engine's cache."""

    def __init__(self, secret: bytes) -> None:
        self._log = RequestLog(secret, model="", block_tokens=MOONCAKE_BLOCK_TOKENS)

    def id(self, tenant: str) -> int:
        return self._log.tenant_id(tenant)


def read_traffic(folder: Path, *, tenant: int | None = None, since_ms: float = 0.0) -> Traffic:
    """The newest recorded requests, of one tenant or of all, back to `since_ms`. What was cut or is no record
    is left out.
    """
    newest: list[RecordedRequest] = []
    num_blocks = 0
    for row in _newest_first(folder):
        if tenant is not None and row.get("tenant") != tenant:
            continue
        found = _recorded(row)
        if found is None:
            continue
        if found.request.timestamp_ms < since_ms:
            break
        if newest and found.block_tokens != newest[0].block_tokens:
            break  # the engine was set up anew: older blocks cannot be compared with these
        num_blocks += len(found.request.block_ids)
        if len(newest) == MOST_REQUESTS or num_blocks > MOST_BLOCKS:
            return _traffic(newest, is_cut=True)
        newest.append(found)
    return _traffic(newest, is_cut=False)


def pack_rows(folder: Path, *, tenant: int | None) -> tuple[bytes, int]:
    """The recorded rows of one tenant or of all, oldest first, without labels: gzip, and how many."""
    packed = io.BytesIO()
    num = 0
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        for path in _segments(folder):
            for row in _rows(path):
                if tenant is None or row.get("tenant") == tenant:
                    shown = {name: row[name] for name in TAKEN_AWAY if name in row}
                    file.write(json.dumps(shown, separators=(",", ":")).encode() + b"\n")
                    num += 1
    return packed.getvalue(), num


def _traffic(newest: list[RecordedRequest], *, is_cut: bool) -> Traffic:
    ordered = sorted(newest, key=lambda each: each.request.timestamp_ms)
    block_tokens = ordered[0].block_tokens if ordered else MOONCAKE_BLOCK_TOKENS
    trace = Trace(block_tokens, tuple(each.request for each in ordered))
    return Traffic(trace, tuple(ordered), is_cut)


def _newest_first(folder: Path) -> Iterator[dict[str, object]]:
    for path in reversed(_segments(folder)):
        yield from reversed(list(_rows(path)))


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{NAME}-*.jsonl"))


def _rows(path: Path) -> Iterator[dict[str, object]]:
    """The rows of a segment that another thread may be writing, or that was dropped a moment ago."""
    try:
        lines: Iterable[bytes] = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield as_row(line)
        except ValueError:
            continue


def _recorded(row: dict[str, object]) -> RecordedRequest | None:
    """None for a row that cannot be replayed: refused before it began, or none of ours."""
    try:
        block_tokens = whole(row, "block_tokens", MOST_TOKENS)
        request = TraceRequest(
            timestamp_ms=moment(row, "timestamp"),
            num_tokens=whole(row, "input_length", MOST_TOKENS),
            num_output_tokens=whole(row, "output_length", MOST_TOKENS, 0),
            block_ids=ids(row, "hash_ids"),
        )
        cached = whole(row, "cached_tokens", MOST_TOKENS, 0)
    except ValueError:
        return None
    if not block_tokens or not request.num_tokens:
        return None
    arm = str(row.get("arm", ""))
    first = _milliseconds(row, "first_token_ms")
    return RecordedRequest(request, block_tokens, arm, cached, first, _milliseconds(row, "queue_ms") or 0.0)


def _milliseconds(row: dict[str, object], name: str) -> float | None:
    try:
        return moment(row, name)
    except ValueError:
        return None
