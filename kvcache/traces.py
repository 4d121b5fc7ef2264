"""Traces of requests, read from three formats.

The Mooncake format (one JSON object a line: timestamp in milliseconds, input_length, output_length,
hash_ids of 512-token blocks), the Qwen-Bailian format (timestamp in seconds, chat_id, hash_ids of 16-token
blocks) and our own, which is Mooncake's with `block_tokens` and what became of the request beside it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from kvcache.trace_lines import (
    LARGEST_BLOCK_TOKENS,
    MOST_TOKENS,
    BrokenLine,
    LineOrder,
    TraceLimits,
    UnreadableTrace,
    as_row,
    bounded_lines,
    ids,
    moment,
    whole,
)

__all__ = [
    "BrokenLine",
    "CheckedTrace",
    "Trace",
    "TraceLimits",
    "TraceRequest",
    "UnreadableTrace",
    "check_trace",
    "iterate_full_blocks",
    "num_full_blocks",
    "parse_trace",
    "read_trace",
    "write_trace",
]

MOONCAKE_BLOCK_TOKENS = 512
BAILIAN_BLOCK_TOKENS = 16

DEFAULT_LIMITS = TraceLimits()


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """One request: the ids of all blocks of its prompt, the last of which may be partly filled."""

    timestamp_ms: float
    num_tokens: int
    num_output_tokens: int
    block_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Requests in order of arrival, all of one block size."""

    block_tokens: int
    requests: tuple[TraceRequest, ...]

    @property
    def num_blocks(self) -> int:
        return sum(len(request.block_ids) for request in self.requests)

    @property
    def num_distinct_blocks(self) -> int:
        """Distinct ids, partly filled last blocks counted."""
        return len({block for request in self.requests for block in request.block_ids})

    def capacity(self, size: float) -> int:
        """A size below 1 is a share of the distinct blocks, rounded down; from 1 on it counts blocks."""
        return int(self.num_distinct_blocks * size) if size < 1 else int(size)


def read_trace(path: Path, *, block_tokens: int | None = None, limits: TraceLimits = DEFAULT_LIMITS) -> Trace:
    """Read a .jsonl or .jsonl.gz file of any known format. Raises UnreadableTrace, OSError.

    `block_tokens` overrides the block size that the format implies.
    """
    with path.open("rb") as file:
        return parse_trace(bounded_lines(file, limits), block_tokens=block_tokens, limits=limits)


def parse_trace(
    lines: Iterable[str | bytes], *, block_tokens: int | None = None, limits: TraceLimits = DEFAULT_LIMITS
) -> Trace:
    """The trace that the lines spell. Raises UnreadableTrace."""
    return check_trace(lines, block_tokens=block_tokens, limits=limits).trace


@dataclass(frozen=True, slots=True)
class CheckedTrace:
    """A trace, and the lines of its file that were left out because they do not hold."""

    trace: Trace
    broken: tuple[BrokenLine, ...]


def check_trace(
    lines: Iterable[str | bytes], *, block_tokens: int | None = None, limits: TraceLimits = DEFAULT_LIMITS
) -> CheckedTrace:
    """Read lines that nobody vouches for. Raises UnreadableTrace past a limit.

    A line holds if it is a request, comes no earlier than the one before, and its ids name prefixes: none
    twice in a request, each always behind the same one. Lines that do not are left out, up to
    `limits.max_broken`.
    """
    requests: list[TraceRequest] = []
    broken: list[BrokenLine] = []
    order = LineOrder()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            tokens, request = _parse(line)
            order.take(tokens, request.timestamp_ms, request.block_ids)
        except ValueError as error:
            broken.append(BrokenLine(number, str(error)))
            if len(broken) > limits.max_broken:
                raise UnreadableTrace(_faults(broken)) from error
            continue
        requests.append(request)
        if len(requests) > limits.max_requests or order.num_blocks > limits.max_blocks:
            raise UnreadableTrace(
                f"It has more than {limits.max_requests:,} requests or {limits.max_blocks:,} blocks;"
                f" keep its first {number - 1:,} lines."
            )
    found = block_tokens or order.block_tokens or MOONCAKE_BLOCK_TOKENS
    return CheckedTrace(Trace(found, tuple(requests)), tuple(broken))


def write_trace(trace: Trace, path: Path) -> None:
    """Write our own format; .gz in the name compresses it."""
    with _open_text(path) as file:
        for request in trace.requests:
            row = {
                "timestamp": request.timestamp_ms,
                "input_length": request.num_tokens,
                "output_length": request.num_output_tokens,
                "hash_ids": request.block_ids,
                "block_tokens": trace.block_tokens,
            }
            file.write(json.dumps(row, separators=(",", ":")) + "\n")


def iterate_full_blocks(trace: Trace) -> Iterator[tuple[int, ...]]:
    """For each request the ids of its wholly filled blocks."""
    for request in trace.requests:
        yield request.block_ids[
            : num_full_blocks(len(request.block_ids), request.num_tokens, trace.block_tokens)
        ]


def num_full_blocks(num_ids: int, num_tokens: int, block_tokens: int) -> int:
    """How many of a prompt's blocks are wholly filled: all, or all but the last."""
    return num_ids - (num_tokens < num_ids * block_tokens) if num_ids else 0


def _parse(line: str | bytes) -> tuple[int, TraceRequest]:
    """Block size and request of one line. Raises ValueError."""
    row = as_row(line)
    is_bailian = "chat_id" in row
    implied = BAILIAN_BLOCK_TOKENS if is_bailian else MOONCAKE_BLOCK_TOKENS
    block_tokens = whole(row, "block_tokens", LARGEST_BLOCK_TOKENS, implied)
    if not block_tokens:
        raise ValueError("block_tokens is 0")
    request = TraceRequest(
        timestamp_ms=moment(row, "timestamp") * (1000 if is_bailian else 1),
        num_tokens=whole(row, "input_length", MOST_TOKENS),
        num_output_tokens=whole(row, "output_length", MOST_TOKENS, 0),
        block_ids=ids(row, "hash_ids"),
    )
    if len(request.block_ids) > -(-request.num_tokens // block_tokens):
        raise ValueError(f"{request.num_tokens:,} tokens do not fill {len(request.block_ids):,} blocks")
    return block_tokens, request


def _faults(broken: Sequence[BrokenLine]) -> str:
    last = broken[-1]
    earlier = f" ({len(broken) - 1:,} lines before it do not hold either)" if len(broken) > 1 else ""
    return f"Line {last.number:,} is no request of this trace: {last.reason}{earlier}."


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return TextIOWrapper(gzip.GzipFile(path, "w"), encoding="utf-8")
    return path.open("w", encoding="utf-8")
