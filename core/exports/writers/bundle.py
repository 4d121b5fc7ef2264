"""A zip with the document in several formats, and a manifest of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.content import BlockKind
from core.errors import ExportFailed
from core.exports import manifest
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.reproducible_zip import pack
from core.exports.signing import SigningKey

FORMATS = ("pdf", "docx", "html", "md", "json")
"""What goes into the bundle of one document unless somebody chooses."""

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.I)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]+')


class Bundle:
    name = "zip"
    extension = ".zip"
    media_type = "application/zip"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        """The document in those of FORMATS that can be written, with a manifest that nobody signed."""
        from core.exports.writers import WRITERS

        stem = file_stem(manuscript.title)
        files, failed = [], []
        for name in FORMATS:
            try:
                files.append((f"{stem}{WRITERS[name].extension}", WRITERS[name].write(manuscript, design)))
            except ExportFailed as error:
                failed.append({"format": name, "error": error.message, "remedy": error.remedy})
        return pack_files(files, {"title": manuscript.title}, None, failed=failed)


def pack_files(
    files: Iterable[tuple[str, bytes]],
    stated: Mapping[str, Any],
    key: SigningKey | None,
    entries: Mapping[str, Mapping[str, Any]] | None = None,
    failed: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """A zip of the files with a manifest first. `entries` is more to say of a file by its name, `failed`
    tells of those that could not be made. Names must be safe and differ.
    """
    held = list(files)
    members = [manifest.described(name, data) | dict((entries or {}).get(name, {})) for name, data in held]
    values = {**stated, "format": "zip", "members": members, "failed": list(failed)}
    made = manifest.signed(values, key) if key else {"schema": manifest.SCHEMA, **values}
    return pack([(manifest.IN_ZIP, manifest.as_bytes(made)), *held])


def file_stem(title: str) -> str:
    """A name for a file that every system takes: no separators, controls or reserved words; 80 characters."""
    stem = " ".join(_UNSAFE.sub(" ", title).split())[:80].strip(" .")
    return f"_{stem}" if _RESERVED.match(stem) else stem or "document"


def told_apart(names: Iterable[str]) -> list[str]:
    """The names, those that come again with a number before their extension, whatever the case."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        stem, dot, extension = name.rpartition(".")
        number = seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        found.append(name if number == 1 else f"{stem} ({number}){dot}{extension}")
    return found
