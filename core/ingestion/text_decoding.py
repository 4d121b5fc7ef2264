"""Bytes to text: byte order mark, then UTF-8, then the likeliest European code page."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from core.ingestion.problems import unreadable

_BYTE_ORDER_MARKS = (  # the longer ones first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CODE_PAGES = ("cp1252", "iso8859_15", "cp1250", "cp1254", "cp850", "cp437", "mac_roman")
SAMPLE_BYTES = 200_000
FEW = 0.02  # share of characters that may be unreadable in a text that is still taken for text

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_EXPECTED = set("áéíóúñüçãõàâêôèëîïûùœæÁÉÍÓÚÑÜÇÃÕÀÂÊÔÈËÎÏÛÙŒÆ¿¡«»“”‘’„–—…•·€£§©®™°ºª²³½¼\u00a0")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")


class Decoded(NamedTuple):
    text: str
    warnings: tuple[str, ...]


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of the bytes, line ends as "\\n". `declared` is a hint from the document (charset=...).

    Raises UnreadableFile with nul_bytes or invalid_encoding.
    """
    decoded = _decode(data, declared)
    if "\x00" in decoded.text:
        raise unreadable("nul_bytes")
    if len(_CONTROLS.findall(decoded.text)) > FEW * len(decoded.text) + 2:
        raise unreadable("invalid_encoding")
    return Decoded(decoded.text.replace("\r\n", "\n").replace("\r", "\n"), decoded.warnings)


def _decode(data: bytes, declared: str | None) -> Decoded:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_marked(data, encoding)
    try:
        return Decoded(data.decode("utf-8"), ())
    except UnicodeDecodeError as error:
        if b"\x00" in data[:SAMPLE_BYTES]:
            raise unreadable("nul_bytes") from error
        if _is_nearly_utf8(data):
            return _replace(data, "utf-8")
    return _decode_code_page(data, declared)


def _decode_marked(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), ())
    except UnicodeDecodeError:
        return _replace(data, encoding)


def _is_nearly_utf8(data: bytes) -> bool:
    """A few bad bytes in a text whose other letters are UTF-8 are damage, not another code page."""
    sample = data[:SAMPLE_BYTES]
    text = sample.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(1 for character in text if ord(character) > 127) - bad
    return good > 4 * bad


def _replace(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    return Decoded(text, (f"{text.count(chr(0xFFFD))} characters could not be decoded and were replaced.",))


def _decode_code_page(data: bytes, declared: str | None) -> Decoded:
    for encoding in (declared, _guess(data)):
        if encoding is None:
            continue
        try:
            return Decoded(data.decode(encoding), (f"The text is not UTF-8; it was read as {encoding}.",))
        except (UnicodeDecodeError, LookupError):
            continue
    return _replace(data, "cp1252")


def _guess(data: bytes) -> str | None:
    """Windows-1252 if that gives nothing but what our languages write; else what the statistics say."""
    from charset_normalizer import from_bytes

    text = data[:SAMPLE_BYTES].decode("cp1252", errors="replace")
    if not set(_NOT_ASCII.findall(text)) - _EXPECTED:
        return "cp1252"
    best = from_bytes(data[:SAMPLE_BYTES], cp_isolation=list(CODE_PAGES), explain=False).best()
    return best.encoding if best else None
