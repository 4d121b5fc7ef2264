"""Parts, their relations and their types: the package around a Word document (ECMA-376, part 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.exports.xml_text import document, escaped

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{OFFICE}" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


@dataclass(slots=True)
class Relations:
    """The relations of one part. An equal one is not written twice."""

    _ids: dict[tuple[str, str, bool], str] = field(default_factory=dict)

    def add(self, kind: str, target: str, *, is_external: bool = False) -> str:
        """The id. `kind` is the last part of an office relation, or a whole type."""
        whole = kind if ":" in kind else f"{OFFICE}/{kind}"
        return self._ids.setdefault((whole, target, is_external), f"rId{len(self._ids) + 1}")

    def __len__(self) -> int:
        return len(self._ids)

    def xml(self) -> bytes:
        lines = (
            f'<Relationship Id="{name}" Type="{kind}" Target="{escaped(target)}"'
            + (' TargetMode="External"/>' if is_external else "/>")
            for (kind, target, is_external), name in self._ids.items()
        )
        return document(f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(lines)}</Relationships>')


def content_types(overrides: Iterable[tuple[str, str]]) -> bytes:
    """The types of all parts: `overrides` are part names and their types."""
    defaults = (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
        ("png", "image/png"),
        ("jpeg", "image/jpeg"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )
    lines = [f'<Default Extension="{extension}" ContentType="{kind}"/>' for extension, kind in defaults]
    lines += [f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in overrides]
    return document(f'<Types xmlns="{PACKAGE}/content-types">{"".join(lines)}</Types>')
