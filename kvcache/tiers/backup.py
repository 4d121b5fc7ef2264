"""All blocks of a tier in one file, and back into any tier: sealed records between a front and an end."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from kvcache.record import BlockRecord
from kvcache.sealed_record import TAG_BYTES, RecordSeal
from kvcache.tiers.tier import Tier, TierError

MAGIC, END_MAGIC = b"KVBACKUP", b"KVBACKED"
VERSION = 1
_FRONT = struct.Struct("<8sQ16s")  # magic, version, tag
_END = struct.Struct("<8sQ16s")  # magic, number of records, tag over it and over the tags of the records


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds. `num_skipped` blocks were listed by the tier but gone or damaged when read."""

    num_blocks: int
    num_skipped: int
    num_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came back. `num_refused` blocks did not fit into the tier, `num_damaged` were not sound.

    `is_whole` if the file is to the bit what `back_up` wrote. If its end is lost, nobody knows how many
    blocks are lost with it, and `num_damaged` counts only those that were found.
    """

    num_blocks: int
    num_refused: int
    num_damaged: int
    is_whole: bool


def back_up(tier: Tier, file: Path, secret: bytes) -> Backup:
    """Write all that rests in a tier to a file, which takes its name when it is whole and on the medium.

    Raises TierError if it cannot be written; a file that was there before is then untouched.
    """
    seal = RecordSeal(secret)
    tags: list[bytes] = []
    num_skipped = 0
    try:
        with _appearing_whole(file) as target:
            target.write(_front(secret))
            for entry in tier.entries():
                record = tier.get(entry.key)
                if record is None:
                    num_skipped += 1
                    continue
                sealed = seal.seal(record, len(tags) + 1)
                target.writelines(sealed)
                tags.append(bytes(sealed[-1]))
            target.write(_end(secret, tags))
            num_bytes = target.tell()
    except OSError as error:
        raise TierError(f"The backup cannot be written to {file}: {error.strerror}.") from error
    return Backup(num_blocks=len(tags), num_skipped=num_skipped, num_bytes=num_bytes)


def restore(file: Path, tier: Tier, secret: bytes) -> Restored:
    """Put every sound record of a backup into a tier, in the order of the backup, and flush the tier.

    Raises TierError if the file cannot be read, or is no backup made with this secret.
    """
    try:
        with _opened(file) as source:
            return _restore(source, tier, secret, file)
    except OSError as error:
        raise TierError(f"The backup {file} cannot be read: {error.strerror}.") from error


def _restore(source: int, tier: Tier, secret: bytes, file: Path) -> Restored:
    front = os.pread(source, _FRONT.size, 0)
    if not compare_digest(front, _front(secret)):
        raise TierError(f"{file} is no backup made with this secret; name another file or secret.")
    size = os.fstat(source).st_size
    tags: list[bytes] = []
    num_damaged = num_refused = 0
    for record, tag in _records(source, size, RecordSeal(secret)):
        if record is None:
            num_damaged += 1
            continue
        tags.append(tag)
        try:
            tier.put(record)
        except TierError:
            num_refused += 1
    tier.flush()
    is_whole = compare_digest(os.pread(source, _END.size, size - _END.size), _end(secret, tags))
    return Restored(
        num_blocks=len(tags) - num_refused,
        num_refused=num_refused,
        num_damaged=num_damaged,
        is_whole=is_whole,
    )


def _records(source: int, end: int, seal: RecordSeal) -> Iterator[tuple[BlockRecord | None, bytes]]:
    """Each record with its tag, None in the place of one that is damaged."""
    for offset, header, _ in seal.walk(source, _FRONT.size, end):
        sealed = os.pread(source, header.num_bytes, offset)
        yield seal.open(sealed), sealed[-TAG_BYTES:]


def _front(secret: bytes) -> bytes:
    return _FRONT.pack(MAGIC, VERSION, _tag(secret, MAGIC + VERSION.to_bytes(8, "little")))


def _end(secret: bytes, tags: list[bytes]) -> bytes:
    return _END.pack(END_MAGIC, len(tags), _tag(secret, END_MAGIC + b"".join(tags)))


def _tag(secret: bytes, data: bytes) -> bytes:
    return blake2b(data, key=secret, digest_size=TAG_BYTES, person=b"kvcache backup").digest()


@contextmanager
def _appearing_whole(file: Path) -> Iterator[BinaryIO]:
    """A file beside, for its owner only, that takes the name when it is written and synced."""
    descriptor, name = mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    """The file for reading; only a plain one, since a pipe or a device would never end."""
    source = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise TierError(f"{file} is no file with a backup.")
        yield source
    finally:
        os.close(source)
