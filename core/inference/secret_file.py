"""A secret of this installation, drawn once and readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SECRET_BYTES = 32


def read_or_draw(file: Path) -> bytes:
    """The secret in the file; a new one if there is none yet. Each other file has another."""
    if file.is_file():
        return file.read_bytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    drawn = secrets.token_bytes(SECRET_BYTES)
    beside = file.with_suffix(".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as new:
        new.write(drawn)
        new.flush()
        os.fsync(handle)
    beside.replace(file)
    return drawn
