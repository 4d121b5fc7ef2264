"""Reads the lines of a trace that somebody else wrote: bounded in every direction, faults by line."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

GZIP_MAGIC = b"\x1f\x8b"
MOST_TOKENS = 2**31
"""Longest prompt or answer that a line may claim, in tokens."""
MOST_ID = 2**64
LATEST_MS = 1e15
LARGEST_BLOCK_TOKENS = 65_536


class UnreadableTrace(ValueError):
    """The file is no trace that is known here; the message says which line and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLimits:
    """How much of a file is read at most, unpacked, and how many of its lines may be broken and left out."""

    max_requests: int = 1_000_000
    max_blocks: int = 50_000_000
    max_bytes: int = 8 * 2**30
    max_line_bytes: int = 8 * 2**20
    max_broken: int = 0


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that was left out, counted from 1."""

    number: int
    reason: str


@dataclass(slots=True)
class LineOrder:
    """What a line has to agree with: the time, the block size and the prefixes of the lines before it."""

    block_tokens: int | None = None
    timestamp_ms: float = -math.inf
    num_blocks: int = 0
    parents: dict[int, int | None] = field(default_factory=dict)

    def take(self, block_tokens: int, timestamp_ms: float, block_ids: tuple[int, ...]) -> None:
        """The line holds. Raises ValueError, taking nothing."""
        if self.block_tokens not in (None, block_tokens):
            raise ValueError(f"it has blocks of {block_tokens} tokens after blocks of {self.block_tokens}")
        if timestamp_ms < self.timestamp_ms:
            raise ValueError("its timestamp is before that of the line before; sort the lines by timestamp")
        self._check_prefix(block_ids)
        self.parents.update(zip(block_ids, (None, *block_ids), strict=False))
        self.block_tokens = block_tokens
        self.timestamp_ms = timestamp_ms
        self.num_blocks += len(block_ids)

    def _check_prefix(self, block_ids: tuple[int, ...]) -> None:
        if len(set(block_ids)) < len(block_ids):
            raise ValueError("an id occurs twice in it: ids name prefixes, so none can follow itself")
        parents = self.parents
        before: int | None = None
        for block in block_ids:
            if parents.get(block, before) != before:
                raise ValueError(f"block {block} follows another block here than in a line before")
            before = block


def bounded_lines(file: BinaryIO, limits: TraceLimits) -> Iterator[bytes]:
    """The lines, unpacked if they are gzip by their first bytes. Raises UnreadableTrace past a limit."""
    magic = file.read(2)
    file.seek(-len(magic), 1)
    source: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=file) if magic == GZIP_MAGIC else file
    num_bytes = number = 0
    try:
        while line := source.readline(limits.max_line_bytes + 1):
            number += 1
            num_bytes += len(line)
            if len(line) > limits.max_line_bytes:
                raise UnreadableTrace(f"Line {number} is longer than {limits.max_line_bytes:,} bytes.")
            if num_bytes > limits.max_bytes:
                raise UnreadableTrace(
                    f"It is larger than {limits.max_bytes:,} bytes unpacked;"
                    f" keep its first {number - 1:,} lines."
                )
            yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableTrace(f"Its compressed data breaks off after line {number}: {error}") from error


def as_row(line: bytes | str) -> dict[str, object]:
    """The JSON object of the line. Raises ValueError for anything else."""
    try:
        row = json.loads(line if isinstance(line, str) else line.decode())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("it is not text in UTF-8") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON ({str(error)[:80]})") from None
    if not isinstance(row, dict):
        raise ValueError("it is not a JSON object")
    return row


def whole(row: dict[str, object], name: str, most: int, default: int | None = None) -> int:
    """A number of the row from 0 to `most`. Raises ValueError."""
    value = row.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} is missing or not a whole number")
    if not 0 <= value <= most:
        raise ValueError(f"{name} is not from 0 to {most:,}")
    return value


def moment(row: dict[str, object], name: str) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} is missing or no number")
    if not 0 <= value <= LATEST_MS:  # NaN fails every comparison
        raise ValueError(f"{name} is negative, not finite or too large")
    return float(value)


def ids(row: dict[str, object], name: str) -> tuple[int, ...]:
    value = row.get(name)
    if not isinstance(value, list):
        raise ValueError(f"{name} is missing or no list")
    if not all(type(block) is int and 0 <= block < MOST_ID for block in value):
        raise ValueError(f"{name} has something else than whole numbers from 0 to 2^64")
    return tuple(value)
