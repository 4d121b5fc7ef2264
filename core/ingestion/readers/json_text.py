"""JSON and JSON Lines: records that have a text are documents, everything else is shown as an outline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias, get_args

from core.content import Block, Content
from core.content.blocks import BlockKind
from core.errors import UnreadableFile
from core.ingestion.office_package import moment
from core.ingestion.pictures import PictureStore
from core.ingestion.problems import problem, unreadable
from core.ingestion.reader import Extract, Source
from core.ingestion.readers.plain_text import paragraphs
from core.ingestion.reading import Problem
from core.ingestion.text_decoding import decode

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

TEXTS = ("text", "body", "content")
TITLES = ("title", "subject", "headline", "name")
AUTHORS = ("author", "by", "from")
DATES = ("modified", "updated", "date", "created", "timestamp")
IDS = ("id", "_id", "key", "uuid")
MANUSCRIPT = "urn:workbench:manuscript:1"  # what our own files name as their schema
MAX_REPORTED_RECORDS = 100
MAX_DEPTH = 50


class JsonText:
    """One value. A list of records with texts gives one document for each."""

    name = "json"
    extensions = (".json",)

    def read(self, source: Source) -> Iterator[Extract]:
        decoded = decode(source.data)
        value = _parse(decoded.text)
        if isinstance(value, dict) and value.get("$schema") == MANUSCRIPT:
            yield _manuscript(value, decoded.warnings)
            return
        records = value if isinstance(value, list) else []
        if records and all(_text_of(record) for record in records):
            for number, record in enumerate(records, start=1):
                assert isinstance(record, dict)
                data = json.dumps(record, ensure_ascii=False).encode("utf-8", errors="replace")
                yield _document(record, str(number), data, decoded.warnings)
        elif isinstance(value, dict) and _text_of(value):
            yield _document(value, "", None, decoded.warnings)
        else:
            yield Extract(blocks=tuple(outline(value)), title=_title_of(value), warnings=decoded.warnings)


class JsonLines:
    """One record a line, one document a record. A line that cannot be read is a Problem of its own."""

    name = "jsonl"
    extensions = (".jsonl", ".ndjson")

    def read(self, source: Source) -> Iterator[Extract | Problem]:
        decoded = decode(source.data)
        num_refused = 0
        for number, line in enumerate(decoded.text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                yield _record(line, number, decoded.warnings)
            except UnreadableFile as error:
                num_refused += 1
                if num_refused <= MAX_REPORTED_RECORDS:
                    yield problem(f"{source.name}#{number}", error)
        if num_refused > MAX_REPORTED_RECORDS:
            rest = num_refused - MAX_REPORTED_RECORDS
            yield problem(source.name, unreadable("more_bad_records", count=rest))


def _record(line: str, number: int, warnings: tuple[str, ...]) -> Extract:
    try:
        record = _parse(line)
    except UnreadableFile as error:
        raise unreadable("bad_record", line=number) from error
    if not isinstance(record, dict) or not _text_of(record):
        raise unreadable("record_without_text", line=number)
    return _document(record, str(number), line.encode("utf-8", errors="replace"), warnings)


def _parse(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unreadable("damaged_file", format="JSON") from error
    return value


def _document(record: dict[str, Json], number: str, data: bytes | None, warnings: tuple[str, ...]) -> Extract:
    """`number` stands in for an id; where it is empty the record is the whole file."""
    return Extract(
        blocks=paragraphs(_text_of(record)),
        title=_first(record, TITLES),
        author=_first(record, AUTHORS) or None,
        modified=_date(record),
        warnings=warnings,
        record=(_first(record, IDS) or number) if number else "",
        data=data,
    )


def _manuscript(value: dict[str, Json], warnings: tuple[str, ...]) -> Extract:
    """A document that was written here, as it was."""
    written, blocks, files = value.get("written"), value.get("blocks"), value.get("media")
    if not isinstance(blocks, list):
        raise unreadable("damaged_file", format="JSON")
    try:
        found = Content.from_json([block for block in blocks if isinstance(block, dict)]).blocks
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable("damaged_file", format="JSON") from error
    if not all(block.kind in get_args(BlockKind) and isinstance(block.text, str) for block in found):
        raise unreadable("damaged_file", format="JSON")
    return Extract(
        blocks=found,
        title=_first(value, ("title",)),
        author=_first(value, ("author",)) or None,
        modified=moment(written) if isinstance(written, str) else None,
        warnings=warnings,
        media=_media(found, files if isinstance(files, dict) else {}),
    )


def _media(blocks: tuple[Block, ...], files: dict[str, Json]) -> dict[str, bytes]:
    """The files of the pictures, if each is what its name says and none is too large."""
    store = PictureStore()
    for block in blocks:
        data = files.get(block.picture.sha256) if block.picture else None
        if isinstance(data, str):
            store.block(f"data:image/png;base64,{data}", "", False)
    return store.media


def _text_of(value: Json) -> str:
    if not isinstance(value, dict):
        return ""
    texts = (value.get(key) for key in TEXTS)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _first(record: dict[str, Json], keys: tuple[str, ...]) -> str:
    values = (record.get(key) for key in keys)
    return next((str(value) for value in values if isinstance(value, str | int) and str(value).strip()), "")


def _date(record: dict[str, Json]) -> datetime | None:
    return next((found for key in DATES if (found := moment(str(record.get(key, ""))))), None)


def _title_of(value: Json) -> str:
    return _first(value, TITLES) if isinstance(value, dict) else ""


def outline(value: Json, depth: int = 1) -> Iterator[Block]:
    """Keys of nested values are headings, lists of flat records are tables, the rest is "key: value"."""
    if depth > MAX_DEPTH:
        raise unreadable("damaged_file", format="JSON")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(key, inner, depth)
    elif isinstance(value, list):
        yield from _list(value, depth)
    elif value is not None:
        yield Block("paragraph", _plain(value))


def _entry(key: str, value: Json, depth: int) -> Iterator[Block]:
    if isinstance(value, dict | list):
        if value:
            yield Block("heading", key, level=min(6, depth))
            yield from outline(value, depth + 1)
    else:
        yield Block("paragraph", f"{key}: {_plain(value)}")


def _list(values: list[Json], depth: int) -> Iterator[Block]:
    rows = [value for value in values if isinstance(value, dict)]
    if len(rows) == len(values) > 0 and all(_is_flat(row) for row in rows):
        keys = list(dict.fromkeys(key for row in rows for key in row))
        yield Block.table([keys, *([_plain(row.get(key)) for key in keys] for row in rows)])
        return
    for value in values:
        if isinstance(value, dict | list):
            yield from outline(value, depth + 1)
        else:
            yield Block("list_item", _plain(value))


def _is_flat(row: dict[str, Json]) -> bool:
    return not any(isinstance(value, dict | list) for value in row.values())


def _plain(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
