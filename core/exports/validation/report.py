"""What was checked on a file, and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from core.exports.design import Design
from core.exports.manuscript import Manuscript

Axis = Literal["formatting", "content", "accessibility", "professional"]
AXES: tuple[Axis, ...] = ("formatting", "content", "accessibility", "professional")

Level = Literal["basic", "standard", "professional", "premium", "enterprise"]
LEVELS: tuple[Level, ...] = ("basic", "standard", "professional", "premium", "enterprise")
"""Quality levels: each asks for the rules of the ones before it and its own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a file must fulfil from `level` on. `title` states it as fulfilled; `fix` says what to do if not.

    Both are plain English sentences without values, so that they can be translated.
    """

    axis: Axis
    level: Level
    title: str
    fix: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One place where a rule is broken. `detail` is what the checker said, `place` where."""

    detail: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that was checked on the file. It passed without issues. `by` is the tool and its version."""

    rule: str
    by: str
    issues: tuple[Issue, ...] = ()

    @property
    def has_passed(self) -> bool:
        return not self.issues


@dataclass(frozen=True, slots=True)
class Tool:
    """A reader or checker. `missing` says why it cannot work here; empty if it can."""

    name: str
    version: str
    missing: str = ""


class Validator(Protocol):
    """Checks the bytes of one format. It reads the file with something that did not write it.

    `check` yields a Check for each of its rules that applies to this manuscript, passed or not, and raises
    nothing for a damaged file: that is an issue of its first rule, "FORMAT.opens". Rules of a tool that is
    missing are left out, never passed.
    """

    @property
    def formats(self) -> tuple[str, ...]: ...

    @property
    def rules(self) -> Mapping[str, Rule]:
        """By name: "docx.schema". The prefix is the format, or the family for rules that formats share."""
        ...

    def tools(self) -> tuple[Tool, ...]: ...

    def text(self, data: bytes) -> str:
        """All text of the file in reading order, as an independent reader finds it."""
        ...

    def check(self, data: bytes, manuscript: Manuscript, design: Design) -> Iterator[Check]: ...
