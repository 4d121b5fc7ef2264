"""What a running store says of itself in a file, for whoever watches from another process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kvcache.store_metrics import StoreSnapshot, as_plain

STATUS_VERSION = 1
STALE_SECONDS = 10.0


class UnreadableStatus(Exception):
    """There is no status file there, or not one that this version can read; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A store's snapshot as dictionaries, the process that wrote it, and the seconds since it did."""

    pid: int
    age_seconds: float
    snapshot: Mapping[str, object]

    @property
    def is_stale(self) -> bool:
        """Whether the store has stopped writing, or hangs."""
        return self.age_seconds > STALE_SECONDS


def write_status(file: Path, snapshot: StoreSnapshot) -> None:
    """Replace the file in one step. It holds counters only: no tokens, keys or secrets."""
    content = {
        "version": STATUS_VERSION,
        "pid": os.getpid(),
        "written_at": time.time(),
        "snapshot": as_plain(snapshot),
    }
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(json.dumps(content), encoding="utf-8")
    beside.replace(file)


def read_status(file: Path) -> Status:
    """Raises UnreadableStatus."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnreadableStatus(
            f"There is no status file {file}. Start a store with status_file={str(file)!r}."
        ) from None
    except (OSError, ValueError) as error:
        raise UnreadableStatus(f"The status file {file} cannot be read: {error}.") from error
    if not isinstance(content, dict) or content.get("version") != STATUS_VERSION:
        raise UnreadableStatus(f"{file} is not a status file of this version.")
    return Status(
        pid=int(content["pid"]),
        age_seconds=max(time.time() - float(content["written_at"]), 0.0),
        snapshot=content["snapshot"],
    )
