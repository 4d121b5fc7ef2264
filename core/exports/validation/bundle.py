"""Zip bundles: that they open, that the manifest tells the truth, and that each file in them is right."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from core.exports.design import Design
from core.exports.manifest import IN_ZIP
from core.exports.manuscript import Manuscript
from core.exports.reproducible_zip import EPOCH, members
from core.exports.validation.report import Check, Issue, Rule, Tool


class BundleCheck:
    formats = ("zip",)
    rules: Mapping[str, Rule] = {
        "zip.opens": Rule(
            "formatting", "basic", "The zip opens and no file in it is damaged", "Export it again."
        ),
        "zip.names": Rule(
            "formatting",
            "basic",
            "No name in it leaves its folder or comes twice",
            "Export it again with another title.",
        ),
        "zip.manifest": Rule(
            "content", "basic", "Its manifest lists each file with its digest", "Export it again."
        ),
        "zip.members": Rule(
            "formatting", "standard", "Each file in it opens", "Export the formats one by one to see which."
        ),
        "zip.times": Rule(
            "professional", "professional", "Nothing in it tells when it was packed", "Export it again."
        ),
    }

    def tools(self) -> tuple[Tool, ...]:
        return (Tool("zipfile", platform.python_version()),)

    def text(self, data: bytes) -> str:
        """That of the Markdown file in it."""
        from core.exports.validation import VALIDATORS

        found = next((held for name, held in members(data) if name.endswith(".md")), b"")
        return VALIDATORS["md"].text(found)

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                damaged = archive.testzip()
                entries = archive.infolist()
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError) as error:
            yield self._found("zip.opens", [Issue(str(error))])
            return
        yield self._found("zip.opens", [Issue("It is damaged.", damaged)] if damaged else [])
        if damaged:
            return
        held = members(data)
        yield self._found("zip.names", list(_names([entry.filename for entry in entries])))
        yield self._found("zip.manifest", list(_manifest(dict(held))))
        yield self._found("zip.members", list(_members(held, manuscript, design)))
        late = [each.filename for each in entries if each.date_time != EPOCH]
        yield self._found("zip.times", [Issue("It has a time of its own.", name) for name in late])

    def _found(self, rule: str, issues: list[Issue]) -> Check:
        return Check(rule, f"zipfile {platform.python_version()}", tuple(issues))


def _names(names: list[str]) -> Iterator[Issue]:
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or not name.strip():
            yield Issue("This name is not safe.", name)
    counted = Counter(name.casefold() for name in names)
    yield from (Issue("This name comes twice.", name) for name, count in counted.items() if count > 1)


def _manifest(held: Mapping[str, bytes]) -> Iterator[Issue]:
    try:
        stated = json.loads(held[IN_ZIP])
        listed = {str(each["name"]): each["sha256"] for each in stated["members"]}
    except (KeyError, ValueError, TypeError) as error:
        yield Issue(f"It cannot be read: {error}", IN_ZIP)
        return
    for name, data in held.items():
        if name != IN_ZIP and listed.get(name) != hashlib.sha256(data).hexdigest():
            yield Issue("Its digest is missing or another.", name)
    yield from (Issue("It is listed and not there.", name) for name in listed if name not in held)


def _members(held: list[tuple[str, bytes]], manuscript: Manuscript, design: Design) -> Iterator[Issue]:
    """The first rule of each format: that the file opens."""
    from core.exports.validation import VALIDATORS
    from core.exports.writers import WRITERS

    formats = {writer.extension: name for name, writer in WRITERS.items()}
    for name, data in held:
        format = formats.get(PurePosixPath(name).suffix)
        if name == IN_ZIP or format not in VALIDATORS:
            continue
        for check in VALIDATORS[format].check(data, manuscript, design):
            if check.rule == f"{format}.opens":
                yield from (Issue(each.detail, f"{name} {each.place}".strip()) for each in check.issues)
                break
