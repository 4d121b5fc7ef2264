"""Archives, opened only after their directory was checked, unpacked only with the bytes counted.

An office document, an e-book and an OpenDocument file are archives too and go through the same checks.
"""

from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from core.errors import UnreadableFile
from core.ingestion.limits import MIB, IngestionLimits
from core.ingestion.names import sanitise_name
from core.ingestion.problems import megabytes, problem, unreadable
from core.ingestion.reading import Problem

HARMLESS_BYTES = 8 * MIB  # below this no ratio is a danger; a page of zeros compresses a thousandfold
CHUNK_BYTES = 256 * 1024
LEFT_BY_SYSTEMS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)


class Unpacking:
    """Counts what one file unpacks to, over all archives inside it, and how deep it goes."""

    def __init__(self, limits: IngestionLimits, depth: int = 0, spent: list[int] | None = None) -> None:
        self.limits = limits
        self.depth = depth
        self._spent = [0] if spent is None else spent  # shared by all depths of one file

    @property
    def left_bytes(self) -> int:
        return self.limits.max_archive_bytes - self._spent[0]

    def spend(self, num_bytes: int) -> None:
        self._spent[0] += num_bytes
        if self.left_bytes < 0:
            raise unreadable("archive_too_large", limit=megabytes(self.limits.max_archive_bytes))

    def nested(self, name: str, num_bytes: int = 0) -> Unpacking:
        """The account for what lies inside the archive or the mail of this name."""
        self.spend(num_bytes)
        return Unpacking(self.limits, self.depth + 1, self._spent)

    def check_depth(self) -> None:
        if self.depth > self.limits.max_archive_nesting:
            raise unreadable("archive_too_deep", limit=self.limits.max_archive_nesting)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. `name` is safe and begins with the name of the archive."""

    name: str
    data: bytes
    unpacking: Unpacking


def members(name: str, data: bytes, kind: str, unpacking: Unpacking) -> Iterator[Member | Problem]:
    """The files of a "zip" or "gzip" archive, unpacked one at a time, and a Problem for each that is refused.

    Raises UnreadableFile when the archive as a whole is refused.
    """
    unpacking.check_depth()
    if kind == "gzip":
        yield _gunzip(name, data, unpacking)
    else:
        yield from _unzip(name, data, unpacking)


class Package:
    """The parts of a document that is a ZIP file: OOXML, OpenDocument, EPUB.

    Raises UnreadableFile if the directory breaks a limit; nothing is unpacked until a part is read.
    """

    def __init__(self, data: bytes, limits: IngestionLimits) -> None:
        self._unpacking = Unpacking(limits)
        self._archive = _open(data, "damaged_file")
        self._entries = {entry.filename.lstrip("/"): entry for entry in self._archive.infolist()}
        check_directory(self._archive.infolist(), len(data), limits)
        if any(entry.flag_bits & 1 for entry in self._archive.infolist()):
            raise unreadable("password_protected")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """Raises UnreadableFile if the part is missing or damaged, or if the package unpacks to too much."""
        entry = self._entries.get(name)
        if entry is None:
            raise unreadable("damaged_file", format="document")
        try:
            return _unpack(self._archive, entry, self._unpacking)
        except NotImplementedError as error:
            raise unreadable("unsupported_compression") from error
        except DAMAGE as error:
            raise unreadable("damaged_file", format="document") from error


def check_directory(entries: list[zipfile.ZipInfo], packed_bytes: int, limits: IngestionLimits) -> None:
    """What the directory declares. The bytes are counted again when they are unpacked, as it may lie."""
    if len(entries) > limits.max_archive_members:
        raise unreadable("archive_too_many_members", count=len(entries), limit=limits.max_archive_members)
    declared = sum(entry.file_size for entry in entries)
    if declared > HARMLESS_BYTES and declared > limits.max_archive_ratio * max(1, packed_bytes):
        raise unreadable("archive_ratio", ratio=declared // max(1, packed_bytes))
    if declared > limits.max_archive_bytes:
        raise unreadable("archive_too_large", limit=megabytes(limits.max_archive_bytes))


def is_unsafe(name: str) -> bool:
    """Whether a member of this name could be written outside the folder that it is unpacked to."""
    plain = name.replace("\\", "/")
    is_drive = len(plain) > 1 and plain[1] == ":"
    return plain.startswith("/") or is_drive or "\x00" in name or ".." in PurePosixPath(plain).parts


def _open(data: bytes, damage_code: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(BytesIO(data))
    except (*DAMAGE, NotImplementedError) as error:
        raise unreadable(damage_code, format="document") from error


def _unzip(name: str, data: bytes, unpacking: Unpacking) -> Iterator[Member | Problem]:
    archive = _open(data, "damaged_archive")
    check_directory(archive.infolist(), len(data), unpacking.limits)
    files = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_left_over(entry)]
    if not files:
        raise unreadable("empty_archive")
    seen: set[str] = set()
    for entry in files:
        inside = f"{name}/{sanitise_name(_member_name(entry))}"
        try:
            _check_entry(entry, seen, unpacking.limits)
            content = _unpack(archive, entry, unpacking)
        except UnreadableFile as error:
            yield problem(inside, error)
            if error.code == "archive_too_large":
                return
            continue
        except NotImplementedError:
            yield problem(inside, unreadable("unsupported_compression"))
            continue
        except DAMAGE:
            yield problem(inside, unreadable("damaged_archive"))
            continue
        yield Member(inside, content, unpacking.nested(name))


def _is_left_over(entry: zipfile.ZipInfo) -> bool:
    """Files that systems put into archives without being asked."""
    return entry.filename.startswith(LEFT_BY_SYSTEMS[0]) or entry.filename.endswith(LEFT_BY_SYSTEMS[1:])


def _member_name(entry: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag are given as code page 437, though most were UTF-8 or code page 850."""
    if entry.flag_bits & 0x800:
        return entry.filename
    for encoding in ("utf-8", "cp850"):
        try:
            return entry.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return entry.filename


def _check_entry(entry: zipfile.ZipInfo, seen: set[str], limits: IngestionLimits) -> None:
    if is_unsafe(entry.orig_filename):
        raise unreadable("unsafe_member_name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise unreadable("member_is_link")
    if entry.flag_bits & 1:
        raise unreadable("encrypted_member")
    if entry.filename in seen:
        raise unreadable("duplicate_member")
    seen.add(entry.filename)
    if entry.file_size > limits.max_file_bytes:
        size, limit = megabytes(entry.file_size), megabytes(limits.max_file_bytes)
        raise unreadable("file_too_large", size=size, limit=limit)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, unpacking: Unpacking) -> bytes:
    """Raises UnreadableFile as soon as the real bytes break the limits."""
    chunks, limits, num_bytes = [], unpacking.limits, 0
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            num_bytes += len(chunk)
            unpacking.spend(len(chunk))
            check_ratio(num_bytes, entry.compress_size, limits)
            chunks.append(chunk)
    return b"".join(chunks)


def check_ratio(num_bytes: int, packed_bytes: int, limits: IngestionLimits) -> None:
    if num_bytes > HARMLESS_BYTES and num_bytes > limits.max_archive_ratio * max(1, packed_bytes):
        raise unreadable("archive_ratio", ratio=num_bytes // max(1, packed_bytes))


def _gunzip(name: str, data: bytes, unpacking: Unpacking) -> Member:
    chunks: list[bytes] = []
    num_bytes = 0
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                num_bytes += len(chunk)
                unpacking.spend(len(chunk))
                check_ratio(num_bytes, len(data), unpacking.limits)
                chunks.append(chunk)
    except DAMAGE as error:
        raise unreadable("damaged_archive") from error
    inside = PurePosixPath(name).stem or "content"
    return Member(f"{name}/{inside}", b"".join(chunks), unpacking.nested(name))
