"""What a validator found, as the checks of its rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from core.exports.validation.report import Check, Issue, Tool

MOST_ISSUES = 50


def checks(by: Tool, found: Mapping[str, Sequence[Issue]]) -> Iterator[Check]:
    """A check for each rule, passed where nothing was found."""
    name = f"{by.name} {by.version}".strip()
    return (Check(rule, name, tuple(issues[:MOST_ISSUES])) for rule, issues in found.items())


def package(name: str) -> Tool:
    return Tool(name, version(name))
