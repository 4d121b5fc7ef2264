"""Where uploaded bytes wait for their job: one folder a job, complete or absent."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import StorageFull
from core.ingestion import sanitise_name

MANIFEST = "manifest.json"
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file somebody hands in: its name as they call it, and its bytes, held, on disk or readable."""

    name: str
    source: bytes | Path | BinaryIO


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file in the inbox. Too large a one has no bytes there, and unless `is_whole` it is larger still."""

    ordinal: int
    name: str
    path: Path
    num_bytes: int
    is_too_large: bool
    is_whole: bool


def put_in(inbox: Path, job: str, files: Iterable[IncomingFile], max_bytes: int) -> list[WaitingFile]:
    """Copy the files in. On any error nothing of them stays; a full disk raises StorageFull."""
    folder, building = inbox / job, inbox / f"{job}.part"
    try:
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
        entries = [_store(building, ordinal, file, max_bytes) for ordinal, file in enumerate(files)]
        (building / MANIFEST).write_text(json.dumps(entries), encoding="utf-8")
        building.rename(folder)
    except OSError as error:
        shutil.rmtree(building, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                "The disk is full; none of these files were taken in.",
                remedy="Free some space, then add the files again.",
            ) from error
        raise
    return waiting(inbox, job)


def waiting(inbox: Path, job: str) -> list[WaitingFile]:
    """The files of the job in the order they were handed in; none when the job has cleared them."""
    manifest = inbox / job / MANIFEST
    if not manifest.exists():
        return []
    entries = json.loads(manifest.read_text(encoding="utf-8"))
    return [
        WaitingFile(
            ordinal=ordinal,
            name=entry["name"],
            path=inbox / job / f"{ordinal:06d}",
            num_bytes=entry["num_bytes"],
            is_too_large=entry["is_too_large"],
            is_whole=entry["is_whole"],
        )
        for ordinal, entry in enumerate(entries)
    ]


def clear(inbox: Path, job: str) -> None:
    shutil.rmtree(inbox / job, ignore_errors=True)


def sweep(inbox: Path, is_wanted: Callable[[str], bool]) -> int:
    """Remove what no job wants any more: half-copied uploads and the files of jobs that have ended well.

    Only for a moment when nothing is being put in; how many folders went.
    """
    gone = [folder for folder in inbox.iterdir() if folder.suffix == ".part" or not is_wanted(folder.name)]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def _store(folder: Path, ordinal: int, file: IncomingFile, max_bytes: int) -> dict[str, str | int | bool]:
    target = folder / f"{ordinal:06d}"
    num_bytes = _copy(file.source, target, max_bytes)
    return {
        "name": sanitise_name(file.name),
        "num_bytes": num_bytes,
        "is_too_large": num_bytes > max_bytes,
        "is_whole": isinstance(file.source, bytes | Path) or num_bytes <= max_bytes,
    }


def _copy(source: bytes | Path | BinaryIO, target: Path, max_bytes: int) -> int:
    """The size of the source, of a stream over the limit as far as it was read; such a one is not kept."""
    if isinstance(source, bytes):
        if len(source) <= max_bytes:
            target.write_bytes(source)
        return len(source)
    if isinstance(source, Path):
        size = source.stat().st_size
        if size <= max_bytes:
            shutil.copyfile(source, target)
        return size
    return _copy_stream(source, target, max_bytes)


def _copy_stream(source: BinaryIO, target: Path, max_bytes: int) -> int:
    copied = 0
    with target.open("wb") as out:
        while piece := source.read(_PIECE):
            copied += len(piece)
            if copied > max_bytes:
                break
            out.write(piece)
    if copied > max_bytes:
        target.unlink()
    return copied
