"""Pictures inside documents: their bytes, checked and measured without decoding them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from core.content import Block, Picture

MAX_PICTURE_BYTES = 10 * 1024 * 1024
MAX_BYTES = 50 * 1024 * 1024  # of all pictures of one document

_DATA = re.compile(r"data:image/[\w.+-]+((?:;[\w=.-]+)*?)(;base64)?,(.*)", re.I | re.S)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the markers of JPEG that carry a size


def _nothing(address: str) -> bytes | None:
    return None


@dataclass(slots=True)
class PictureStore:
    """The pictures of one document. `find` gives a member of its package; no address is opened."""

    find: Callable[[str], bytes | None] = _nothing
    media: dict[str, bytes] = field(default_factory=dict)

    def block(self, source: str, alt: str, is_decorative: bool, page: int | None = None) -> Block | None:
        """The picture at a data: URI or in the package; None if it is elsewhere, too large or no picture."""
        data = _embedded(source) if source[:5].lower() == "data:" else self.find(source)
        measured = _measured(data) if data and len(data) <= MAX_PICTURE_BYTES else None
        if data is None or measured is None:
            return None
        key = hashlib.sha256(data).hexdigest()
        if key not in self.media:
            if sum(map(len, self.media.values())) + len(data) > MAX_BYTES:
                return None
            self.media[key] = data
        media_type, width, height = measured
        return Block(
            "picture", "", page=page, picture=Picture(key, media_type, width, height, alt, is_decorative)
        )


def _embedded(source: str) -> bytes | None:
    found = _DATA.fullmatch(source.strip())
    if found is None or len(source) > 2 * MAX_PICTURE_BYTES:
        return None
    if not found[2]:
        return unquote_to_bytes(found[3])
    try:
        return base64.b64decode(unquote_to_bytes(found[3]), validate=False)
    except binascii.Error:
        return None


def _measured(data: bytes) -> tuple[str, int, int] | None:
    """Media type, width and height in pixels, from the beginning of the file."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return "image/png", int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return "image/gif", int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return _measured_jpeg(data) if data.startswith(b"\xff\xd8") else None


def _measured_jpeg(data: bytes) -> tuple[str, int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
            return "image/jpeg", width, height
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4])) if marker != 0xFF else 1
    return None
