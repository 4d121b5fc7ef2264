"""From content to a proven file: prepare, write, read again and check, describe and sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from core.content import Content
from core.exports import manifest
from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.preparation import Around, prepare
from core.exports.signing import SigningKey
from core.exports.validation.report import Level
from core.exports.validation.validating import ValidationReport, validate
from core.exports.writers import writer_of

REVISION = 1
"""Grows when the same content comes out as other bytes."""

STAGES = 3

_LIBRARIES = ("typst", "XlsxWriter", "python-pptx", "lxml", "pillow")


@dataclass(frozen=True, slots=True)
class Proven:
    """A file with its proof. `changes` is what preparation had to do to the content."""

    data: bytes
    manuscript: Manuscript
    report: ValidationReport
    changes: Mapping[str, int]


def make(
    content: Content,
    around: Around,
    format: str,
    design: Design,
    level: Level,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Proven:
    """Raises ExportFailed where this content cannot become this format, and what `tell` raises."""
    prepared = prepare(content, around)
    tell(1, STAGES)
    writer = writer_of(format)
    data = writer.write(prepared.manuscript, design)
    tell(2, STAGES)
    report = validate(data, writer, prepared.manuscript, design, level, prepared.changes)
    tell(3, STAGES)
    return Proven(data, prepared.manuscript, report, prepared.changes)


def manifest_of(
    made: Proven, name: str, design: Design, subject: Mapping[str, Any], key: SigningKey
) -> dict[str, Any]:
    """The signed manifest of a file with this name, made of this subject."""
    return manifest.signed(
        {
            "file": manifest.described(name, made.data),
            "format": made.report.format,
            "media_type": writer_of(made.report.format).media_type,
            "title": made.manuscript.title,
            "language": made.manuscript.language,
            "subject": dict(subject),
            "design": {"name": design.name, "revision": design.revision, "layout": list(design.layout)},
            "made_with": tools(),
            "verdict": verdict(made.report),
            "changes": dict(made.changes),
        },
        key,
    )


def verdict(report: ValidationReport) -> dict[str, Any]:
    return {
        "level": report.level,
        "has_passed": report.has_passed,
        "score": round(report.score, 4),
        "axes": {axis: round(share, 4) for axis, share in report.axes.items()},
        "failed": list(report.failed),
        "checked_by": {tool.name: tool.version for tool in report.tools if not tool.missing},
    }


def tools() -> dict[str, str]:
    """The versions of what files are made with."""
    return {"blatam-exports": str(REVISION)} | {name: version(name) for name in _LIBRARIES}
