"""Which format a file has: its bytes decide, its name only between formats that look alike."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from typing import NamedTuple

from core.errors import UnreadableFile
from core.ingestion.problems import unreadable
from core.ingestion.readers import READERS

ARCHIVES = {".zip": "zip", ".gz": "gzip"}
HEAD_BYTES = 4096

_BINARY_KINDS = (
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG (a picture)"),
    (b"\xff\xd8\xff", "JPEG (a picture)"),
    (b"GIF8", "GIF (a picture)"),
    (b"II*\x00", "TIFF (a picture)"),
    (b"MM\x00*", "TIFF (a picture)"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF (a program)"),
    (b"MZ", "EXE (a program)"),
    (b"OggS", "Ogg (sound)"),
    (b"ID3", "MP3 (sound)"),
    (b"%!PS", "PostScript"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MIME_TYPES = {b"application/epub+zip": "epub", b"application/vnd.oasis.opendocument.text": "odt"}
_OOXML_FOLDERS = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_HTML = re.compile(
    rb"^\s*(<!--.*?-->\s*)*(<\?xml[^>]*>\s*)?(<!doctype\s+html|<html|<head|<body)", re.I | re.S
)
_MAIL = re.compile(
    rb"^(received|return-path|from|to|subject|date|message-id|mime-version|delivered-to):", re.I
)
_MAIL_NEEDS = re.compile(rb"^(mime-version|message-id|received|from):", re.I | re.M)


class Detected(NamedTuple):
    """`format` is a key of READERS, "zip" or "gzip"."""

    format: str
    warnings: tuple[str, ...] = ()


def supported_formats() -> str:
    """For a sentence: "pdf, docx, ..."."""
    return ", ".join((*READERS, "zip"))


def detect(name: str, data: bytes) -> Detected:
    """Raises UnreadableFile when the bytes are of no format that is read here.

    A name that promises another format gives a warning, not a refusal.
    """
    if not data:
        raise unreadable("empty_file")
    promised = _promised(name)
    found = _binary_format(data, promised) or _text_format(data, promised)
    if promised in (None, found):
        return Detected(found)
    ending = PurePosixPath(name).suffix.lower()
    return Detected(
        found, (f"The name ends in {ending}, but the content is {found}; it was read as {found}.",)
    )


def _promised(name: str) -> str | None:
    suffix = PurePosixPath(name).suffix.lower()
    for reader in READERS.values():
        if suffix in reader.extensions:
            return reader.name
    return ARCHIVES.get(suffix)


def _binary_format(data: bytes, promised: str | None) -> str | None:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(data, promised)
    if data.startswith(b"\x1f\x8b"):
        return "gzip"
    if data.startswith(_OLE):
        raise unreadable("password_protected" if _ENCRYPTED_PACKAGE in data else "legacy_office")
    for start, kind in _BINARY_KINDS:
        if data.startswith(start) and (b"\x00" in data[:HEAD_BYTES] or kind in ("RTF", "PostScript")):
            raise unreadable("unsupported_format", kind=kind, formats=supported_formats())
    return None


def _zip_format(data: bytes, promised: str | None) -> str:
    """Reads the directory of the archive, unpacks nothing but the few bytes of `mimetype`."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            kind = _first_bytes(archive, "mimetype") if "mimetype" in names else b""
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise _damaged(promised or "zip") from error
    if kind:
        if kind in _MIME_TYPES:
            return _MIME_TYPES[kind]
        shown = kind.decode("ascii", errors="replace")
        raise unreadable("unsupported_format", kind=shown, formats=supported_formats())
    if "[Content_Types].xml" in names:
        for folder, found in _OOXML_FOLDERS.items():
            if any(name.startswith(folder) for name in names):
                return found
    return "zip"


def _first_bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(100).strip()


def _text_format(data: bytes, promised: str | None) -> str:
    head = data[:HEAD_BYTES]
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        is_text = promised in TEXT_FORMATS and not _looks_binary(head.replace(b"\x00", b""))
        raise unreadable("nul_bytes") if is_text else _unknown_binary(promised)
    if _HTML.match(head) and promised != "md":
        return "html"
    if promised in TEXT_FORMATS:
        return str(promised)
    if promised is not None and _looks_binary(head):
        raise _unknown_binary(promised)
    if _looks_binary(head):
        raise _unknown_binary(None)
    return _guess_text_format(head)


TEXT_FORMATS = ("html", "md", "txt", "csv", "tsv", "json", "jsonl", "eml")


def _unknown_binary(promised: str | None) -> UnreadableFile:
    if promised in (None, *TEXT_FORMATS):
        return unreadable("unknown_binary", formats=supported_formats())
    return _damaged(str(promised))


def _damaged(promised: str) -> UnreadableFile:
    if promised in ARCHIVES.values():
        return unreadable("damaged_archive")
    return unreadable("damaged_file", format=promised)


def _looks_binary(head: bytes) -> bool:
    controls = sum(1 for byte in head if byte < 9 or 13 < byte < 32)
    return controls > len(head) // 50


def _guess_text_format(head: bytes) -> str:
    """For a name that promises nothing: only formats that no plain text looks like."""
    if _MAIL.match(head) and len(_MAIL_NEEDS.findall(head)) > 1:
        return "eml"
    start = head.lstrip()[:1]
    if start == b"{":
        lines = [line for line in head.splitlines() if line.strip()]
        is_lines = len(lines) > 1 and all(line.rstrip().endswith(b"}") for line in lines[:-1])
        return "jsonl" if is_lines else "json"
    if head.lstrip().startswith((b"<?xml", b"<svg")):
        raise unreadable("unsupported_format", kind="XML", formats=supported_formats())
    return "json" if re.match(rb"\s*\[\s*[\[{\"]", head) else "txt"
