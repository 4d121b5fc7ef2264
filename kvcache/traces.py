"""Traces of requests: recorded without text and with salted ids, read from three formats.

The Mooncake format (one JSON object a line: timestamp in milliseconds, input_length, output_length,
hash_ids of 512-token blocks), the Qwen-Bailian format (timestamp in seconds, chat_id, hash_ids of 16-token
blocks) and our own, which is Mooncake's with `block_tokens` and what became of the request beside it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Literal, TextIO

from kvcache.run import BlockId

MOONCAKE_BLOCK_TOKENS = 512
BAILIAN_BLOCK_TOKENS = 16


class UnreadableTrace(ValueError):
    """The file is no trace that is known here; the message says which line and why."""


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


def read_trace(path: Path, *, block_tokens: int | None = None) -> Trace:
    """Read a .jsonl or .jsonl.gz file of any known format. Raises UnreadableTrace, OSError.

    `block_tokens` overrides the block size that the format implies.
    """
    with _open_text(path) as lines:
        try:
            return parse_trace(lines, block_tokens=block_tokens)
        except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
            raise UnreadableTrace(f"{path.name} is not readable text: {error}") from error


def parse_trace(lines: Iterable[str], *, block_tokens: int | None = None) -> Trace:
    """The trace that the lines spell. Raises UnreadableTrace."""
    requests: list[TraceRequest] = []
    found_tokens: int | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            tokens, request = _parse(row)
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableTrace(f"Line {number} is no request: {type(error).__name__} {error}.") from error
        if found_tokens not in (None, tokens):
            raise UnreadableTrace(
                f"Line {number} has blocks of {tokens} tokens after blocks of {found_tokens}."
            )
        found_tokens = tokens
        requests.append(request)
    return Trace(block_tokens or found_tokens or MOONCAKE_BLOCK_TOKENS, tuple(requests))


def write_trace(trace: Trace, path: Path) -> None:
    """Write our own format; .gz in the name compresses it."""
    with _open_text(path, "w") as file:
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


class TraceRecorder:
    """Appends one record a request to segments in a folder: lengths, salted ids and counts, never text.

    Ids and tenants are keyed digests under `salt`, so records of one salt can be compared with each other
    and with nothing else. When the segments pass `max_bytes` the oldest is deleted. Not thread-safe: the
    engine has one writer.
    """

    def __init__(self, folder: Path, salt: bytes, *, block_tokens: int, max_bytes: int = 64 * 2**20) -> None:
        self._folder = folder
        self._salt = salt
        self._block_tokens = block_tokens
        self._segment_bytes = max(max_bytes // 8, 4096)
        self._max_bytes = max_bytes
        self._file: TextIO | None = None
        self._written = 0
        folder.mkdir(parents=True, exist_ok=True)

    def record(
        self,
        block_ids: Sequence[BlockId],
        *,
        timestamp_ms: float,
        num_tokens: int,
        num_output_tokens: int = 0,
        num_hit_blocks: int = 0,
        tenant: str = "",
    ) -> None:
        row = {
            "timestamp": timestamp_ms,
            "input_length": num_tokens,
            "output_length": num_output_tokens,
            "hash_ids": [self._salted(block) for block in block_ids],
            "block_tokens": self._block_tokens,
            "hit_blocks": num_hit_blocks,
            "tenant": self._salted(tenant.encode()),
        }
        line = json.dumps(row, separators=(",", ":")) + "\n"
        if self._file is None or self._written + len(line) > self._segment_bytes:
            self._begin_segment()
        assert self._file is not None
        self._file.write(line)
        self._written += len(line)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def segments(self) -> list[Path]:
        """The segments there are, oldest first."""
        return sorted(self._folder.glob("trace-*.jsonl"))

    def __enter__(self) -> TraceRecorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _salted(self, value: BlockId) -> int:
        spelt = value if isinstance(value, bytes) else str(value).encode()
        digest = blake2b(spelt, key=self._salt[:64], digest_size=7).digest()
        return int.from_bytes(digest, "little")

    def _begin_segment(self) -> None:
        self.close()
        segments = self.segments()
        number = int(segments[-1].stem.split("-")[1]) + 1 if segments else 1
        kept = sum(segment.stat().st_size for segment in segments)
        while segments and kept + self._segment_bytes > self._max_bytes:
            oldest = segments.pop(0)
            kept -= oldest.stat().st_size
            oldest.unlink()
        self._file = (self._folder / f"trace-{number:08d}.jsonl").open("w", encoding="utf-8")
        self._written = 0


def _parse(row: object) -> tuple[int, TraceRequest]:
    """Block size and request of one line."""
    if not isinstance(row, dict):
        raise TypeError("not an object")
    is_bailian = "chat_id" in row
    implied = BAILIAN_BLOCK_TOKENS if is_bailian else MOONCAKE_BLOCK_TOKENS
    block_tokens = int(row.get("block_tokens", implied))
    num_tokens = int(row["input_length"])
    block_ids = tuple(int(block) for block in row["hash_ids"])
    if block_tokens < 1 or num_tokens < 0:
        raise ValueError("negative lengths")
    request = TraceRequest(
        timestamp_ms=float(row["timestamp"]) * (1000 if is_bailian else 1),
        num_tokens=num_tokens,
        num_output_tokens=int(row.get("output_length", 0)),
        block_ids=block_ids,
    )
    return block_tokens, request


def _open_text(path: Path, mode: Literal["r", "w"] = "r") -> TextIO:
    if path.suffix == ".gz":
        return TextIOWrapper(gzip.GzipFile(path, mode), encoding="utf-8")
    return path.open(mode, encoding="utf-8")
