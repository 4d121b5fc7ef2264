"""Whether any pattern or text can hang a check: seconds for a text and for one four times as long.

    python -m benchmarks.policy.linear_time

Prints one table and writes it to benchmarks/results/policy.md. Fails where time grows faster than the text.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from core.quality.policy import IDENTIFIERS, PolicyDocument, PolicyRule, check, read_rule

LENGTH, TIMES = 50_000, 4
MOST_GROWTH = 2.0 * TIMES  # of the seconds; a square would be TIMES times TIMES
FEWEST_SECONDS = 0.02  # below, the clock says little about growth
PATIENCE_SECONDS = 5

NASTY_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"(a+)+$", "a"),
    (r"(a|aa)+$", "a"),
    (r"(.*a){20}$", "a"),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a"),
    (r"(\w+\s?)+:$", "word "),
    (r"([a-zA-Z0-9_.+-]+)+@x$", "a.b-"),
    (r"(x+x+)+y", "x"),
    (r"\b(\d+[ -]?)+\b#", "12 "),
)
NASTY_TEXTS: dict[str, str] = {
    "digits": "1",
    "digits and spaces": "12 34 ",
    "digits and dots": "1.",
    "groups of four": "4111 1111 1111 1111 ",
    "parentheses": "(11) ",
    "plus signs": "+1 ",
    "letters of an IBAN": "ES91",
    "mail addresses": "a.b@c.de ",
    "at signs": "a@",
    "dots of a mail": "a.b.",
    "colons": "1:",
    "labels": "dni nif cpf cuit ",
    "cells": "DNI\t12345678Z\t",
    "rows": "12345678Z\t\n",
    "hosts": "a.b.c.d.",
    "words": "act now click here ",
    "shouting": "ABCD!! ",
}


def main() -> int:
    rows, has_failed = [], False
    for pattern, unit in NASTY_PATTERNS:
        rule = read_rule(name="nasty", kind="pattern", severity="low", parameters={"pattern": pattern})
        short, long = _seconds(rule, unit)
        has_failed |= _grows(short, long)
        rows.append(
            (f"`{pattern}`".replace("|", "\\|"), f"{short:.3f}", f"{long:.3f}", _backtracking(pattern, unit))
        )
    for name, unit in NASTY_TEXTS.items():
        for rule in _OWN_RULES:
            short, long = _seconds(rule, unit)
            has_failed |= _grows(short, long)
            rows.append((f"{rule.kind}, {name}", f"{short:.3f}", f"{long:.3f}", "-"))
    header = ("pattern or text", f"s at {LENGTH:,}", f"s at {LENGTH * TIMES:,}", "Python's re at 30")
    notes = [
        "Seconds of one check of a text of so many characters made of what hurts. The last column is the "
        f"same pattern in Python's own engine on 30 characters, stopped after {PATIENCE_SECONDS} s.",
        f"Machine: {describe_machine('google-re2')}.",
        "Repeat: `python -m benchmarks.policy.linear_time`",
    ]
    body = "\n\n".join([as_table(header, rows), *notes])
    print(body)
    save_section("policy", "Patterns and texts made to hang a check", body)
    return int(has_failed)


_OWN_RULES: tuple[PolicyRule, ...] = tuple(
    read_rule(name=kind, kind=kind, severity="low", parameters=parameters)
    for kind, parameters in (
        ("personal_data", {"identifiers": list(IDENTIFIERS)}),
        ("domains", {"blocked": ["example.com"]}),
        ("terms", {"blocked": ["act now", "dni nif cpf", "confid*"]}),
        ("spam", {"least_score": 0.01}),
    )
)


def _seconds(rule: PolicyRule, unit: str) -> tuple[float, float]:
    return _timed(lambda: _check(rule, unit, LENGTH)), _timed(lambda: _check(rule, unit, LENGTH * TIMES))


def _check(rule: PolicyRule, unit: str, length: int) -> None:
    check(rule, PolicyDocument("nasty", unit * (length // len(unit))))


def _timed(act: Callable[[], None]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def _grows(short: float, long: float) -> bool:
    return long > FEWEST_SECONDS and long > MOST_GROWTH * max(short, FEWEST_SECONDS / TIMES)


def _backtracking(pattern: str, unit: str) -> str:
    """In a process of its own, because nothing else stops it."""
    program = f"import re; re.compile({pattern!r}).search({(unit * 30)[:30] + '!'!r})"
    begun = time.monotonic()
    try:
        subprocess.run([sys.executable, "-c", program], timeout=PATIENCE_SECONDS, check=True)
    except subprocess.TimeoutExpired:
        return f"over {PATIENCE_SECONDS} s"
    except re.error:
        return "-"
    return f"{time.monotonic() - begun:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
