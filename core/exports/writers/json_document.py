"""The whole manuscript as JSON, with its media. What is written can be read back as it was."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from core.content import BlockKind, Content
from core.errors import Invalid
from core.exports.design import Design
from core.exports.manuscript import Branding, Manuscript
from core.exports.schemas import SCHEMA_ID, VERSION

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class JsonDocument:
    name = "json"
    extension = ".json"
    media_type = "application/json"
    leaves_out: frozenset[BlockKind] = frozenset()

    def write(self, manuscript: Manuscript, design: Design) -> bytes:
        values: dict[str, object] = {
            "$schema": SCHEMA_ID,
            "version": VERSION,
            "design": design.name,
            **_facts(manuscript),
        }
        values |= {"blocks": manuscript.content.to_json(), "media": _media(manuscript.content.media)}
        return (json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")


def read_manuscript(data: bytes) -> Manuscript:
    """The inverse of `write`. Raises Invalid for what was not written so."""
    try:
        values = json.loads(data)
        if values["$schema"] != SCHEMA_ID:
            raise ValueError(values["$schema"])
        return _manuscript(values)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise Invalid(
            "This is no manuscript in JSON.", remedy=f"Give a file whose $schema is {SCHEMA_ID}."
        ) from error


def _facts(manuscript: Manuscript) -> dict[str, Json]:
    branding = manuscript.branding
    return {
        "title": manuscript.title,
        "subtitle": manuscript.subtitle,
        "author": manuscript.author,
        "language": manuscript.language,
        "written": manuscript.written.isoformat() if manuscript.written else None,
        "keywords": list(manuscript.keywords),
        "document_version": manuscript.version,
        "fields": [[label, value] for label, value in manuscript.fields],
        "branding": {
            "name": branding.name,
            "logo": _base64(branding.logo),
            "primary": branding.primary,
            "accent": branding.accent,
            "body_font": branding.body_font,
            "heading_font": branding.heading_font,
            "header": branding.header,
            "footer": branding.footer,
        },
    }


def _media(media: Mapping[str, bytes]) -> dict[str, Json]:
    return {key: _base64(media[key]) for key in sorted(media)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _manuscript(values: Mapping[str, object]) -> Manuscript:
    blocks, media, branding = values["blocks"], values["media"], values["branding"]
    keywords, fields, written = values["keywords"], values["fields"], values["written"]
    if not (isinstance(blocks, list) and isinstance(media, dict) and isinstance(branding, dict)):
        raise TypeError("blocks, media or branding")
    if not (isinstance(keywords, list) and isinstance(fields, list)):
        raise TypeError("keywords or fields")
    return Manuscript(
        title=str(values["title"]),
        subtitle=str(values["subtitle"]),
        author=str(values["author"]),
        language=str(values["language"]),
        written=date.fromisoformat(str(written)) if written else None,
        keywords=tuple(map(str, keywords)),
        version=str(values["document_version"]),
        fields=tuple((str(label), str(value)) for label, value in fields),
        content=Content(
            Content.from_json(blocks).blocks,
            {str(key): base64.b64decode(data, validate=True) for key, data in media.items()},
        ),
        branding=Branding(**{**branding, "logo": base64.b64decode(branding["logo"], validate=True)}),
    )
