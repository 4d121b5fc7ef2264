"""What a Word file may hold: text, pictures and styles, and nothing that acts or comes from outside."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from core.documents.word_templates.refusals import refused

if TYPE_CHECKING:
    from lxml import etree

MIB = 1024**2
MAX_TEMPLATE_BYTES = 10 * MIB
MAX_UNPACKED_BYTES = 64 * MIB
MAX_PARTS = 1_000
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_TYPES = "[Content_Types].xml"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TEXT = ("document.main+xml", "header+xml", "footer+xml", "footnotes+xml", "endnotes+xml")
_PROPERTIES = "core-properties+xml"
_PICTURES = "word/media/"
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)
_LINKS = re.compile(r"(https?://|mailto:)", re.I)
_ACTIVE_TYPES = re.compile(r"macroEnabled|vbaProject|vbaData|keyMapCustomizations", re.I)
_EMBEDDED = re.compile(r"^word/(embeddings|activeX|afchunk)|oleObject", re.I)
_EMBEDDING_KINDS = {"oleObject", "package", "control", "activeXControlBinary", "aFChunk", "subDocument"}
_OUTSIDE_KINDS = {"attachedTemplate", "mailMergeSource", "mailMergeHeaderSource", "frame"}
_ADDRESS = re.compile(r"://|^[/\\\\]{2}")
_FIELDS = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DATABASE|RD|MACROBUTTON|EMBED)\b", re.I
)


@dataclass(frozen=True, slots=True)
class WordParts:
    """The parts of a checked file by name, and which of them hold text that can be filled."""

    parts: Mapping[str, bytes]
    main: str
    texts: tuple[str, ...]
    properties: tuple[str, ...]

    @property
    def styles(self) -> bytes | None:
        folder = self.main.rpartition("/")[0]
        return self.parts.get(f"{folder}/styles.xml".lstrip("/"))


def checked_parts(data: bytes, max_bytes: int = MAX_TEMPLATE_BYTES) -> WordParts:
    """Unpacks at most MAX_UNPACKED_BYTES. Raises Invalid, or UnreadableFile for what is no sound package."""
    from core.ingestion.archive import Package
    from core.ingestion.limits import IngestionLimits

    if len(data) > max_bytes:
        raise refused("template_too_large", limit=f"{max_bytes // MIB} MB")
    if not data.startswith(b"PK"):
        raise refused("template_not_word")
    limits = IngestionLimits(max_archive_members=MAX_PARTS, max_archive_bytes=MAX_UNPACKED_BYTES)
    package = Package(data, limits)
    if _TYPES not in package:
        raise refused("template_not_word")
    parts = {name: package.read(name) for name in package.names if not name.endswith("/")}
    types = _content_types(parts[_TYPES])
    _check_kinds(types, parts)
    for name, part in parts.items():
        _check_part(name, part)
    main = next((name for name, kind in types.items() if kind == _MAIN and name in parts), None)
    if main is None:
        raise refused("template_not_word")
    return WordParts(
        parts,
        main,
        tuple(name for name, kind in types.items() if name in parts and kind.endswith(_TEXT)),
        tuple(name for name, kind in types.items() if name in parts and kind.endswith(_PROPERTIES)),
    )


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as a file; equal parts give equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda each: (each != _TYPES, each)):
            entry = zipfile.ZipInfo(name, _FIRST_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, parts[name])
    return out.getvalue()


def check_fields(root: etree._Element) -> None:
    """Fields that fetch or start something when the file is opened are refused, however they are split."""
    for paragraph in root.iter(f"{W}p"):
        code = "".join(each.text or "" for each in paragraph.iter(f"{W}instrText"))
        simple = " ".join(each.get(f"{W}instr", "") for each in paragraph.iter(f"{W}fldSimple"))
        found = _FIELDS.search(f"{_unquoted(code)} {_unquoted(simple)}")
        if found:
            raise refused("template_field", name=found[0].upper())


def _unquoted(code: str) -> str:
    """A field without its arguments, among which any word may stand."""
    return re.sub(r'"[^"]*"', " ", code)


def _content_types(data: bytes) -> dict[str, str]:
    from core.ingestion.xml_parts import parse

    return {
        element.get("PartName", element.get("Extension", "")).lstrip("/"): element.get("ContentType", "")
        for element in parse(data)
    }


def _check_kinds(types: Mapping[str, str], parts: Mapping[str, bytes]) -> None:
    names = " ".join(parts)
    if any(_ACTIVE_TYPES.search(kind) for kind in types.values()) or re.search(r"vba(Project|Data)", names):
        raise refused("template_macros")
    for name in parts:
        if _EMBEDDED.search(name):
            raise refused("template_embedded", name=name)


def _check_part(name: str, part: bytes) -> None:
    from core.ingestion.xml_parts import parse, refuse_entities

    if name.startswith(_PICTURES):
        return
    refuse_entities(part)
    if name.endswith(".rels"):
        _check_relationships(parse(part))
    elif name.endswith(".xml"):
        root = parse(part)
        check_fields(root)
        _check_pictures(root)


def _check_pictures(root: etree._Element) -> None:
    """Old drawings can name a picture by its address instead of a relationship."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if str(name).rpartition("}")[2] in ("src", "href") and _ADDRESS.search(str(value)):
                raise refused("template_outside", target=str(value)[:200])


def _check_relationships(root: etree._Element) -> None:
    for kind, target, is_external in _relationships(root):
        if kind in _EMBEDDING_KINDS:
            raise refused("template_embedded", name=target)
        is_link = kind == "hyperlink" and bool(_LINKS.match(target))
        if kind in _OUTSIDE_KINDS or (is_external and not is_link):
            raise refused("template_outside", target=target[:200])


def _relationships(root: etree._Element) -> Iterator[tuple[str, str, bool]]:
    for element in root:
        kind = element.get("Type", "").rpartition("/")[2]
        target = element.get("Target", "")
        is_outside = element.get("TargetMode", "").lower() == "external" or bool(_ADDRESS.search(target))
        yield kind, target, is_outside
