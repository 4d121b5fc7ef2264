"""A record as bytes that leave the process: framed, and sealed so that only who has the secret can make one.

A sealed record is 128 bytes of header, the payload, the tokens, and 16 bytes of tag. The header holds the
lengths, the key, the place in the prompt, the form and an ordinal, then a tag of its own, then one byte that
says whether the record was discarded. Both tags are keyed BLAKE3 (github.com/BLAKE3-team/BLAKE3-specs), so
they find damage as well as forgery and no second checksum is needed. The header's own tag lets a reader walk
from record to record without the payloads and never follow a garbled length; the tag at the end covers the
whole record but the last byte of its header, which alone may change in place.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest
from typing import TypeAlias

from blake3 import blake3

from kvcache.config import InvalidConfig
from kvcache.record import BlockRecord

MAGIC = b"KVb\xf1"
VERSION = 1
KEY_BYTES = 32
FORM_BYTES = 32
TAG_BYTES = 16
HEADER_BYTES = 128
SEALED_BYTES = HEADER_BYTES + TAG_BYTES  # what a sealed record takes beside its payload and tokens
LIVE, DISCARDED = b"\xa5", b"\x5a"
STATE_OFFSET = HEADER_BYTES - 1

# magic, version, bytes of the form, form, key, ordinal, position, bytes of payload and of tokens, exactness
_FIELDS = struct.Struct(f"<4sBB{FORM_BYTES}s{KEY_BYTES}sQQQI?12x")
_SEARCH_BYTES = 1 << 20
_MOST_FALSE_HEADERS = 10_000

Bytes: TypeAlias = bytes | memoryview


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """What a sealed record says of itself. Of two records with one key the greater `ordinal` is newer."""

    key: bytes
    ordinal: int
    position: int
    form: str
    payload_bytes: int
    tokens_bytes: int
    exact: bool

    @property
    def num_bytes(self) -> int:
        """Bytes of the whole sealed record."""
        return SEALED_BYTES + self.payload_bytes + self.tokens_bytes


class RecordSeal:
    """Seals records and opens them again. Two with equal secrets open each other's, in any process."""

    def __init__(self, secret: bytes) -> None:
        if not 16 <= len(secret) <= 64:
            raise InvalidConfig("secret is 16 to 64 secret bytes.")
        self._header_key = blake2b(key=secret, digest_size=32, person=b"kvcache header").digest()
        self._record_key = blake2b(key=secret, digest_size=32, person=b"kvcache record").digest()

    def seal(self, record: BlockRecord, ordinal: int) -> list[Bytes]:
        """The sealed record in parts, to be written one after the other; the payload is not copied."""
        header = self._header(record, ordinal)
        payload = memoryview(record.payload).cast("B")
        digest = blake3(header, key=self._record_key).update(payload).update(record.tokens)
        return [header + LIVE, payload, record.tokens, digest.digest(TAG_BYTES)]

    def read_header(self, data: Bytes) -> RecordHeader | None:
        """The header that these bytes begin with, or None if they begin with no sound one."""
        if len(data) < HEADER_BYTES or data[:4] != MAGIC:
            return None
        fields, tag = data[: _FIELDS.size], data[_FIELDS.size : STATE_OFFSET]
        if not compare_digest(blake3(fields, key=self._header_key).digest(TAG_BYTES), tag):
            return None
        _, version, form_bytes, form, key, *numbers = _FIELDS.unpack(fields)
        if version != VERSION:
            return None
        ordinal, position, payload_bytes, tokens_bytes, exact = numbers
        return RecordHeader(
            key, ordinal, position, form[:form_bytes].decode(), payload_bytes, tokens_bytes, exact
        )  # fmt: skip

    def open(self, sealed: Bytes) -> BlockRecord | None:
        """The record, its payload a view of these bytes; None if a bit of them is not as it was sealed."""
        view = memoryview(sealed)
        header = self.read_header(view)
        if header is None or len(view) != header.num_bytes:
            return None
        digest = blake3(view[:STATE_OFFSET], key=self._record_key).update(view[HEADER_BYTES:-TAG_BYTES])
        if not compare_digest(digest.digest(TAG_BYTES), view[-TAG_BYTES:]):
            return None
        end = HEADER_BYTES + header.payload_bytes
        tokens = bytes(view[end:-TAG_BYTES])
        payload = view[HEADER_BYTES:end]
        return BlockRecord(header.key, tokens, header.position, header.form, payload, header.exact)

    def walk(self, file: int, start: int, end: int) -> Iterator[tuple[int, RecordHeader, bool]]:
        """Offset and header of each record between two offsets of a file, and whether it is live.

        Payloads are not read. Past a damaged header the search goes on byte by byte for the next sound one,
        so damage costs the records it touches and no others; a stretch made to look like thousands of
        headers ends the walk.
        """
        at: int | None = start
        while at is not None and at + SEALED_BYTES <= end:
            data = os.pread(file, HEADER_BYTES, at)
            header = self.read_header(data)
            if header is None or at + header.num_bytes > end:
                at = self._next_header(file, at + 1, end)
                continue
            yield at, header, data[STATE_OFFSET:] == LIVE
            at += header.num_bytes

    def _header(self, record: BlockRecord, ordinal: int) -> bytes:
        """All of the header but its last byte."""
        form = record.form.encode()
        if len(record.key) != KEY_BYTES or len(form) > FORM_BYTES:
            raise ValueError(f"A key has {KEY_BYTES} bytes, and the name of a form at most {FORM_BYTES}.")
        fields = _FIELDS.pack(
            MAGIC, VERSION, len(form), form, record.key, ordinal, record.position, record.num_bytes,
            len(record.tokens), record.exact,
        )  # fmt: skip
        return fields + blake3(fields, key=self._header_key).digest(TAG_BYTES)

    def _next_header(self, file: int, start: int, end: int) -> int | None:
        """Where the next sound header begins."""
        num_false = 0
        while start + SEALED_BYTES <= end:
            chunk = os.pread(file, min(_SEARCH_BYTES, end - start), start)
            found = chunk.find(MAGIC)
            while found >= 0 and num_false < _MOST_FALSE_HEADERS:
                if self.read_header(os.pread(file, HEADER_BYTES, start + found)) is not None:
                    return start + found
                num_false += 1
                found = chunk.find(MAGIC, found + 1)
            if not chunk or num_false >= _MOST_FALSE_HEADERS:
                return None
            start += max(1, len(chunk) - len(MAGIC) + 1)
        return None
