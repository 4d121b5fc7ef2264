"""Everything that is checked on a file, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from core.exports.design import Design
from core.exports.manuscript import Manuscript
from core.exports.validation import OTHERS, VALIDATORS, shared
from core.exports.validation.report import AXES, LEVELS, Axis, Check, Level, Rule, Tool, Validator
from core.exports.writer import Writer


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """`score` is the share of checks that passed on the file. `failed` are the rules of the quality level
    that it breaks; it `has_passed` if there are none.
    """

    format: str
    level: Level
    checks: tuple[Check, ...]
    tools: tuple[Tool, ...]

    @property
    def score(self) -> float:
        return fmean(each.has_passed for each in self.checks) if self.checks else 0.0

    @property
    def axes(self) -> dict[Axis, float]:
        """The share that passed on each axis on which something was checked."""
        rules = rules_of(self.format)
        found: dict[Axis, list[bool]] = {}
        for each in self.checks:
            found.setdefault(rules[each.rule].axis, []).append(each.has_passed)
        return {axis: fmean(found[axis]) for axis in AXES if axis in found}

    @property
    def failed(self) -> tuple[str, ...]:
        rules = rules_of(self.format)
        asked = LEVELS[: LEVELS.index(self.level) + 1]
        return tuple(
            each.rule for each in self.checks if not each.has_passed and rules[each.rule].level in asked
        )

    @property
    def has_passed(self) -> bool:
        return not self.failed

    def to_json(self) -> dict[str, Any]:
        """Plain values with the rules' axes, levels and sentences, so that the report reads alone."""
        rules = rules_of(self.format)
        return {
            "format": self.format,
            "level": self.level,
            "score": round(self.score, 4),
            "has_passed": self.has_passed,
            "axes": {axis: round(share, 4) for axis, share in self.axes.items()},
            "failed": list(self.failed),
            "checks": [asdict(rules[each.rule]) | asdict(each) for each in self.checks],
            "tools": [asdict(tool) for tool in self.tools],
        }


def rules_of(format: str) -> Mapping[str, Rule]:
    """Every rule that files of this format are held against, by name."""
    return {**shared.RULES, **_validator(format).rules}


def validate(
    data: bytes,
    writer: Writer,
    manuscript: Manuscript,
    design: Design,
    level: Level = "standard",
    changes: Mapping[str, int] | None = None,
) -> ValidationReport:
    """Read the file again and hold it against every rule of its format. `changes` is what preparation did."""
    validator = _validator(writer.name)
    checks = list(validator.check(data, manuscript, design))
    opens = f"{writer.name}.opens"
    is_open = not any(each.rule == opens and not each.has_passed for each in checks)
    text = validator.text(data) if is_open else ""
    checks += [
        each
        for each in shared.check(text, manuscript, design, writer.leaves_out, changes or {})
        if each.rule != "shared.text" or writer.name in VALIDATORS  # the others are compared word by word
    ]
    return ValidationReport(writer.name, level, tuple(checks), validator.tools())


def _validator(format: str) -> Validator:
    return VALIDATORS.get(format) or OTHERS[format]
