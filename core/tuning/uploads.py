"""Traces that people bring: checked as if written by an enemy, kept by what they hold, few and removable."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from core.errors import Conflict, Invalid, NotFound, StorageFull
from core.tuning.recorded import FOLDER
from kvcache.trace_lines import bounded_lines
from kvcache.traces import (
    BrokenLine,
    Trace,
    TraceLimits,
    UnreadableTrace,
    check_trace,
    read_trace,
    write_trace,
)

MOST_UPLOADS = 20
MOST_BROKEN_LINES = 1_000
LIMITS = TraceLimits(
    max_requests=100_000, max_blocks=2_000_000, max_bytes=128 * 2**20, max_line_bytes=4 * 2**20
)
LONGEST_NAME = 200
NUM_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedTrace:
    """A trace that was taken in. `id` is a digest of its requests: equal traces are one.

    `num_broken` lines were left out; `broken` are the first of them.
    """

    id: str
    name: str
    num_requests: int
    num_blocks: int
    block_tokens: int
    span_seconds: float
    num_broken: int
    broken: tuple[BrokenLine, ...]
    author: str
    added_at: datetime


class Uploads:
    """The uploaded traces of one workspace. Nothing of a file is kept but lengths, times and ids."""

    def __init__(self, data_dir: Path, workspace: str) -> None:
        # NOTE: a workspace may be called anything; its digest is a name for a folder anywhere.
        folder = hashlib.sha256(workspace.encode()).hexdigest()[:16]
        self._folder = data_dir / FOLDER / "uploads" / folder

    def add(self, name: str, file: BinaryIO, author: str, *, max_broken: int = 0) -> UploadedTrace:
        """Raises Invalid naming line and reason, Conflict when there are too many, StorageFull."""
        trace, broken = self._read(file, max_broken)
        building = self._folder / f"{os.getpid()}-{id(file)}.part.gz"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_trace(trace, building)
            digest = _digest(building)
            if len(self.all()) >= MOST_UPLOADS and not self._file(digest).exists():
                raise Conflict(
                    f"There are {MOST_UPLOADS} traces already.", remedy="Remove one that is not needed."
                )
            taken = _described(digest, name, trace, broken, author)
            building.replace(self._file(digest))
            self._about(digest).write_text(_as_json(taken), encoding="utf-8")
        except OSError as error:
            raise StorageFull(
                f"The trace could not be kept: {error.strerror}.", remedy="Free some space, then try again."
            ) from error
        finally:
            building.unlink(missing_ok=True)
        return taken

    def all(self) -> list[UploadedTrace]:
        """Newest first."""
        found = [_from_json(path.read_text(encoding="utf-8")) for path in self._folder.glob("*.json")]
        return sorted(found, key=lambda each: each.added_at, reverse=True)

    def get(self, upload: str) -> UploadedTrace:
        """Raises NotFound."""
        if not _is_digest(upload) or not self._about(upload).exists():
            raise NotFound("There is no such trace.", remedy="Look at the list of traces.")
        return _from_json(self._about(upload).read_text(encoding="utf-8"))

    def read(self, upload: str) -> Trace:
        """Raises NotFound."""
        self.get(upload)
        return read_trace(self._file(upload))

    def packed(self, upload: str) -> bytes:
        """As it is kept: our own format, gzip. Raises NotFound."""
        self.get(upload)
        return self._file(upload).read_bytes()

    def remove(self, upload: str) -> None:
        """Raises NotFound. A replay that has begun has read it already."""
        self.get(upload)
        self._about(upload).unlink(missing_ok=True)
        self._file(upload).unlink(missing_ok=True)

    def _read(self, file: BinaryIO, max_broken: int) -> tuple[Trace, tuple[BrokenLine, ...]]:
        if not 0 <= max_broken <= MOST_BROKEN_LINES:
            raise Invalid(f"At most {MOST_BROKEN_LINES:,} lines can be left out.", remedy="Mend the file.")
        limits = TraceLimits(**(asdict(LIMITS) | {"max_broken": max_broken}))
        try:
            checked = check_trace(bounded_lines(file, limits), limits=limits)
        except UnreadableTrace as error:
            raise Invalid(
                f"The file is no trace that can be replayed. {error}",
                remedy="Change the file as it says, or allow some lines to be left out."
                " Known are the traces of Mooncake, Qwen-Bailian and this product, as .jsonl or .jsonl.gz.",
                code="unreadable_trace",
            ) from error
        if not checked.trace.requests:
            raise Invalid(
                "The file holds no request.", remedy="Choose another file.", code="unreadable_trace"
            )
        return checked.trace, checked.broken

    def _file(self, upload: str) -> Path:
        return self._folder / f"{upload}.jsonl.gz"

    def _about(self, upload: str) -> Path:
        return self._folder / f"{upload}.json"


def _digest(file: Path) -> str:
    """Over the unpacked lines: the packed ones carry the time they were packed at."""
    digest = hashlib.sha256()
    with file.open("rb") as packed:
        for line in bounded_lines(packed, TraceLimits()):
            digest.update(line)
    return digest.hexdigest()[:32]


def _is_digest(text: str) -> bool:
    return len(text) == 32 and set(text) <= set("0123456789abcdef")


def _described(
    digest: str, name: str, trace: Trace, broken: tuple[BrokenLine, ...], author: str
) -> UploadedTrace:
    printable = "".join(character for character in name if character.isprintable())
    span_ms = trace.requests[-1].timestamp_ms - trace.requests[0].timestamp_ms
    return UploadedTrace(
        id=digest,
        name=printable.strip()[:LONGEST_NAME] or "trace",
        num_requests=len(trace.requests),
        num_blocks=trace.num_blocks,
        block_tokens=trace.block_tokens,
        span_seconds=span_ms / 1e3,
        num_broken=len(broken),
        broken=broken[:NUM_SHOWN],
        author=author,
        added_at=datetime.now(UTC),
    )


def _as_json(upload: UploadedTrace) -> str:
    return json.dumps(asdict(upload), default=lambda value: value.isoformat())


def _from_json(text: str) -> UploadedTrace:
    row = json.loads(text)
    row["broken"] = tuple(BrokenLine(**line) for line in row["broken"])
    row["added_at"] = datetime.fromisoformat(row["added_at"])
    return UploadedTrace(**row)
