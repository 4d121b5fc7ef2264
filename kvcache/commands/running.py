"""The commands that watch a running store through its status file: stats, health, monitor."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvcache.commands.terminal import Commands, at_least_one, bytes_in_words, positive, say
from kvcache.metrics import HistogramSnapshot
from kvcache.status import Status, UnreadableStatus, read_status

UNWELL = 1
CLEAR_SCREEN = "\033[H\033[J"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a running store that a person should know; what is not `well` needs to be seen to."""

    is_well: bool
    text: str


def add_status_commands(commands: Commands) -> None:
    showing = commands.add_parser("stats", help="the counters of a running store")
    showing.set_defaults(command=_stats)
    checking = commands.add_parser("health", help="whether a running store is well; exit code 1 if not")
    checking.set_defaults(command=_health)
    watching = commands.add_parser("monitor", help="a live table of a running store, until Ctrl-C")
    watching.add_argument("--interval", type=positive, default=1.0, help="seconds between two looks")
    watching.add_argument("--count", type=at_least_one, help="so many looks, then end")
    watching.set_defaults(command=_monitor)
    for parser in (showing, checking, watching):
        parser.add_argument("status", type=Path, metavar="STATUS", help="the store's status_file")
        parser.add_argument("--json", action="store_true", help="JSON instead of a table")


def _stats(options: argparse.Namespace) -> None:
    status = read_status(options.status)
    if options.json:
        say(json.dumps({"pid": status.pid, "age_seconds": status.age_seconds, **status.snapshot}))
        return
    for line in table_of(status):
        say(line)


def _health(options: argparse.Namespace) -> int:
    try:
        findings = look_for_trouble(read_status(options.status))
    except UnreadableStatus as error:
        findings = [Finding(False, str(error))]
    is_well = all(finding.is_well for finding in findings)
    if options.json:
        texts = [finding.text for finding in findings if not finding.is_well]
        say(json.dumps({"healthy": is_well, "findings": texts}))
    else:
        for finding in findings:
            say(f"{'ok  ' if finding.is_well else 'FAIL'}  {finding.text}")
    return 0 if is_well else UNWELL


def _monitor(options: argparse.Namespace) -> None:
    before: Status | None = None
    looks = 0
    while True:
        status = read_status(options.status)
        if options.json:
            say(json.dumps({"pid": status.pid, "age_seconds": status.age_seconds, **status.snapshot}))
        else:
            if sys.stdout.isatty():
                sys.stdout.write(CLEAR_SCREEN)
            for line in table_of(status, before):
                say(line)
        sys.stdout.flush()
        looks += 1
        if looks == options.count:
            return
        before = status
        time.sleep(options.interval)


def look_for_trouble(status: Status) -> list[Finding]:
    """What is well and what is not, the levels one by one."""
    shot: Mapping[str, Any] = status.snapshot
    findings = [
        Finding(not status.is_stale, f"Process {status.pid} reported {status.age_seconds:.0f} seconds ago."),
        Finding(not shot["failed_upkeep"], f"{shot['failed_upkeep']} rounds of upkeep failed."),
        Finding(
            shot["oldest_unwritten_seconds"] <= 2 * shot["loss_window_seconds"] + 1,
            f"{shot['unwritten_blocks']} blocks are not written yet, the oldest for "
            f"{shot['oldest_unwritten_seconds']:.1f} s; promised are {shot['loss_window_seconds']:g} s.",
        ),
        Finding(not shot["index"]["collisions"], f"{shot['index']['collisions']} keys collided."),
        Finding(
            not (shot["wrong_tokens"] or shot["unreadable"]),
            f"{shot['wrong_tokens']} records were of other tokens, {shot['unreadable']} of no known form.",
        ),
    ]
    for name, level in shot["levels"].items():
        tier = level["tier"]
        findings.append(
            Finding(
                not (tier["damaged"] or tier["errors"]),
                f"{name}: {tier['damaged']} damaged records, {tier['errors']} calls unanswered.",
            )
        )
    return findings


def table_of(status: Status, before: Status | None = None) -> list[str]:
    """The store in lines; beside the totals what came since `before`."""
    shot: Mapping[str, Any] = status.snapshot
    index = shot["index"]
    share = shot["cached_tokens"] / shot["requested_tokens"] if shot["requested_tokens"] else 0.0
    lookup = HistogramSnapshot(**{**index["lookup_us"], "counts": tuple(index["lookup_us"]["counts"])})
    lines = [
        f"process {status.pid}, {status.age_seconds:.0f} s ago, policy {index['policy']}, "
        f"{shot['write_pattern']}",
        f"device    {index['resident_blocks']:,} of {index['capacity_blocks']:,} blocks of "
        f"{bytes_in_words(shot['block_bytes'])}, {index['leases']} prompts open",
        f"tokens    {shot['cached_tokens']:,} of {shot['requested_tokens']:,} cached ({share:.1%})"
        f"{_since(before, shot)}",
        f"lookup    p50 {lookup.quantile(0.5):.0f} us, p99 {lookup.quantile(0.99):.0f} us at most",
        f"unwritten {shot['unwritten_blocks']:,} blocks, the oldest for "
        f"{shot['oldest_unwritten_seconds']:.1f} s",
        f"saved     {shot['duplicate_blocks']:,} blocks were there already",
        "",
        f"{'level':<14}{'blocks':>9}{'stored':>12}{'of':>12}{'hits':>9}{'demoted':>9}"
        f"{'written':>9}{'declined':>10}{'evicted':>9}{'load p50':>11}",
    ]
    for name, level in shot["levels"].items():
        tier, load = level["tier"], level["load_us"]
        middle = HistogramSnapshot(counts=tuple(load["counts"]), total=load["total"]).quantile(0.5)
        lines.append(
            f"{name:<14}{tier['blocks']:>9,}{bytes_in_words(tier['stored_bytes']):>12}"
            f"{bytes_in_words(tier['capacity_bytes']):>12}{level['hit_blocks']:>9,}{level['demoted_blocks']:>9,}"
            f"{level['written_blocks']:>9,}{level['declined_blocks']:>10,}{level['evicted_blocks']:>9,}"
            f"{middle:>8.0f} us"
        )
    return lines


def _since(before: Status | None, shot: Mapping[str, Any]) -> str:
    if before is None:
        return ""
    old: Mapping[str, Any] = before.snapshot
    requested = shot["requested_tokens"] - old["requested_tokens"]
    cached = shot["cached_tokens"] - old["cached_tokens"]
    return f", since the last look {cached:,} of {requested:,}"
