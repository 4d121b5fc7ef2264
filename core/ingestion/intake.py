"""One file in, readings and problems out. Knows which reader comes when; knows nothing of processes."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.content import Content
from core.errors import UnreadableFile
from core.ingestion.archive import Unpacking, members
from core.ingestion.characters import clean_blocks, clean_line
from core.ingestion.detection import ARCHIVES, detect
from core.ingestion.language import identify_language
from core.ingestion.limits import IngestionLimits
from core.ingestion.names import readable_stem, sanitise_name
from core.ingestion.problems import megabytes, problem, unreadable
from core.ingestion.reader import Extract, Source
from core.ingestion.readers import READERS
from core.ingestion.reading import Problem, Reading, Repair
from core.ingestion.text_repair import MAX_REPAIRS, repair_blocks, repair_line

MAX_TITLE_CHARACTERS = 300

# What programs write where nobody gave a title.
_PROGRAM_PREFIX = re.compile(r"^Microsoft (Word|PowerPoint|Excel) - ")
_NO_TITLES = {
    *(
        "untitled",
        "sin título",
        "sem título",
        "sans titre",
        "powerpoint presentation",
        "presentación de powerpoint",
    ),
    *("apresentação do powerpoint", "présentation powerpoint"),
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """Said before a file or an archive member is parsed, so that a watcher knows what it waits for."""

    name: str


def warm_up() -> None:
    """Import and load what almost every file needs."""
    from core.ingestion import language

    for reader in READERS.values():
        warm = getattr(reader, "warm_up", None)
        if warm is not None:
            warm()
    language.warm_up()


def read_file(
    name: str, path: str, limits: IngestionLimits, skip: int = 0
) -> Iterator[Started | Reading | Problem]:
    """Everything in the file, in order. The first `skip` files that would be started are passed over.

    Raises nothing but MemoryError: what to do then is up to the process.
    """
    safe = sanitise_name(name)
    try:
        data = _load(path, limits)
    except UnreadableFile as error:
        yield problem(safe, error)
        return
    yield from _Walk(limits, skip).read(safe, data, Unpacking(limits))


def _load(path: str, limits: IngestionLimits) -> bytes:
    try:
        with open(path, "rb") as file:
            num_bytes = os.fstat(file.fileno()).st_size
            if num_bytes > limits.max_file_bytes:
                size, limit = megabytes(num_bytes), megabytes(limits.max_file_bytes)
                raise unreadable("file_too_large", size=size, limit=limit)
            return file.read(num_bytes)
    except OSError as error:
        raise unreadable("missing_file") from error


class _Walk:
    """Goes through a file and the archives in it, counting what it starts."""

    def __init__(self, limits: IngestionLimits, skip: int) -> None:
        self.limits = limits
        self.skip = skip

    def read(self, name: str, data: bytes, unpacking: Unpacking) -> Iterator[Started | Reading | Problem]:
        try:
            detected = detect(name, data)
            if detected.format not in ARCHIVES.values():
                yield from self._start(name, data, detected.format, detected.warnings, unpacking)
                return
            for member in members(name, data, detected.format, unpacking):
                if isinstance(member, Problem):
                    yield from () if self.skip else (member,)
                else:
                    yield from self.read(member.name, member.data, member.unpacking)
        except UnreadableFile as error:
            if not self.skip:
                yield problem(name, error)

    def _start(
        self, name: str, data: bytes, format_name: str, warnings: tuple[str, ...], unpacking: Unpacking
    ) -> Iterator[Started | Reading | Problem]:
        if self.skip:
            self.skip -= 1
            return
        yield Started(name)
        yield from self._parse(name, data, format_name, warnings, unpacking)

    def _parse(
        self, name: str, data: bytes, format_name: str, warnings: tuple[str, ...], unpacking: Unpacking
    ) -> Iterator[Reading | Problem]:
        source = Source(name=name, data=data, limits=self.limits)
        try:
            for extract in READERS[format_name].read(source):
                if isinstance(extract, Problem):
                    yield extract
                    continue
                yield _finish(source, extract, format_name, warnings)
                yield from self._read_attachments(name, extract, unpacking)
        except UnreadableFile as error:
            yield problem(name, error)
        except MemoryError:
            raise
        except Exception:  # the edge to parsers that are not ours: a damaged file may raise anything
            log.debug("A %s file could not be parsed.", format_name, exc_info=True)
            yield problem(name, unreadable("damaged_file", format=format_name))

    def _read_attachments(
        self, name: str, extract: Extract, unpacking: Unpacking
    ) -> Iterator[Reading | Problem]:
        """They share the clock of the document that carries them, so none of them is started."""
        for attachment in extract.attachments:
            inside = f"{name}/{sanitise_name(attachment.name)}"
            try:
                nested = unpacking.nested(name, len(attachment.data))
                nested.check_depth()
            except UnreadableFile as error:
                yield problem(inside, error)
                continue
            for message in _Walk(self.limits, 0).read(inside, attachment.data, nested):
                if not isinstance(message, Started):
                    yield message


def _finish(source: Source, extract: Extract, format_name: str, warnings: tuple[str, ...]) -> Reading:
    """Clean, repair, name and date the document."""
    if sum(len(block.text) for block in extract.blocks) > source.limits.max_characters:
        raise unreadable("text_too_long", limit=f"{source.limits.max_characters:,}")
    if len(extract.blocks) > source.limits.max_blocks:
        raise unreadable("too_many_blocks", limit=f"{source.limits.max_blocks:,}")
    content, repairs = repair_blocks(clean_blocks(extract.blocks))
    if not content.text.strip():
        raise unreadable("no_text")
    data = source.data if extract.data is None else extract.data
    name = f"{source.name}#{sanitise_name(extract.record)}" if extract.record else source.name
    return Reading(
        name=name,
        format=format_name,
        sha256=hashlib.sha256(data).hexdigest(),
        num_bytes=len(data),
        title=_title(extract, content, name),
        language=identify_language(content),
        modified=in_utc(extract.modified),
        author=repair_line(clean_line(extract.author or "")) or None,
        content=replace(content, media=_media(extract, content)),
        repairs=repairs,
        warnings=(*warnings, *extract.warnings, *_repair_warnings(repairs)),
    )


def _media(extract: Extract, content: Content) -> dict[str, bytes]:
    """The files of those pictures that are still in the content."""
    wanted = {block.picture.sha256 for block in content.blocks if block.picture}
    return {key: data for key, data in extract.media.items() if key in wanted}


def _repair_warnings(repairs: tuple[Repair, ...]) -> tuple[str, ...]:
    if len(repairs) < MAX_REPAIRS:
        return ()
    return (f"Only the first {MAX_REPAIRS:,} damaged words were repaired.",)


def _title(extract: Extract, content: Content, name: str) -> str:
    headings = (block.text for block in content.blocks if block.kind == "heading")
    own = _PROGRAM_PREFIX.sub("", repair_line(clean_line(extract.title)))
    if own.casefold() in _NO_TITLES:
        own = ""
    title = own or clean_line(next(headings, "")) or readable_stem(name)
    return title[:MAX_TITLE_CHARACTERS]


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment without a zone is taken as UTC."""
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
