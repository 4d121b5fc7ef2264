"""The rules as the file that Prometheus loads. Strings of JSON are strings of YAML too."""

from __future__ import annotations

import json
from collections.abc import Iterator

from core.settings import Settings
from core.telemetry.alerts.rules import RECORDINGS, RULES, Recording, Rule

HEAD = "# Written by `python -m core alert-rules`, with the thresholds of the settings. Do not edit."


def rules_file(settings: Settings) -> str:
    """Recording and alerting rules with the thresholds of these settings."""
    lines = [HEAD, "groups:", "  - name: blatam_recordings", "    rules:"]
    for recording in RECORDINGS:
        lines += _recording(recording)
    lines += ["  - name: blatam_alerts", "    rules:"]
    for rule in RULES:
        lines += _alert(rule, settings)
    return "\n".join(lines) + "\n"


def expression(rule: Rule, settings: Settings) -> str:
    """When the rule is beyond its threshold, in PromQL."""
    beyond = f"{rule.expression} {rule.comparison} {rule.threshold(settings):g}"
    return beyond if rule.condition is None else f"({beyond}) and {rule.condition(settings)}"


def _recording(recording: Recording) -> Iterator[str]:
    yield f"      - record: {recording.name}"
    yield f"        expr: {json.dumps(recording.expression)}"
    if recording.labels:
        yield "        labels:"
        for name, value in recording.labels:
            yield f"          {name}: {json.dumps(value)}"


def _alert(rule: Rule, settings: Settings) -> Iterator[str]:
    yield f"      - alert: {rule.name}"
    yield f"        expr: {json.dumps(expression(rule, settings))}"
    yield f"        for: {rule.for_seconds:g}s"
    yield "        labels:"
    yield f"          severity: {rule.severity}"
    yield "        annotations:"
    yield f"          summary: {json.dumps(rule.summary)}"
    yield f"          description: {json.dumps(rule.remedy)}"
