"""Zip files whose bytes depend on their members alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(members: Iterable[tuple[str, bytes]], stored: frozenset[str] = frozenset()) -> bytes:
    """A zip of the members in this order, those of `stored` without compression. Raises ValueError for a name
    that comes twice.
    """
    out, seen = io.BytesIO(), set[str]()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members:
            if name in seen:
                raise ValueError(f"{name!r} is in the archive already.")
            seen.add(name)
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compress_type=method, compresslevel=6)
    return out.getvalue()


def members(data: bytes) -> list[tuple[str, bytes]]:
    """What is in the archive, in its order. For our own files: nothing guards against a bomb here."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist() if not entry.is_dir()]
