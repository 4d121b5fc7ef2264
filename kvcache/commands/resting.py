"""The commands that look after a tier no process holds: warm, clear, backup, restore, verify."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from kvcache.commands.terminal import Commands, bytes_in_words, positive, say
from kvcache.config import InvalidConfig
from kvcache.tiers import Tier, TierFull
from kvcache.tiers.backup import back_up, restore
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.remote import RedisTier

UNWELL = 1
UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
LEAST_CAPACITY = 2**30


def add_tier_commands(commands: Commands) -> None:
    warming = commands.add_parser("warm", help="copy blocks from one tier to another, first blocks first")
    warming.add_argument("source", metavar="SOURCE", help="folder of a disk tier, or URL of a Redis one")
    warming.add_argument("target", metavar="TARGET", help="the same")
    warming.set_defaults(command=_warm)

    clearing = commands.add_parser("clear", help="let every block of a tier go")
    clearing.add_argument("place", metavar="PLACE", help="folder of a disk tier, or URL of a Redis one")
    clearing.set_defaults(command=_clear)

    saving = commands.add_parser("backup", help="write every block of a tier to one file")
    saving.add_argument("place", metavar="PLACE")
    saving.add_argument("file", type=Path, metavar="FILE")
    saving.set_defaults(command=_back_up)

    restoring = commands.add_parser("restore", help="put the blocks of a backup into a tier")
    restoring.add_argument("file", type=Path, metavar="FILE")
    restoring.add_argument("place", metavar="PLACE")
    restoring.set_defaults(command=_restore)

    verifying = commands.add_parser("verify", help="read every block; exit code 1 if any was damaged")
    verifying.add_argument("place", metavar="PLACE")
    verifying.set_defaults(command=_verify)

    for parser in (warming, clearing, saving, restoring, verifying):
        parser.add_argument(
            "--secret-file", type=Path, required=True, help="file of the 16 to 64 bytes that seal the records"
        )
        parser.add_argument(
            "--capacity", type=_num_bytes, help="most bytes of a folder that is written to, such as 20G"
        )
        parser.add_argument(
            "--ttl", type=positive, default=86_400.0, help="seconds that blocks live in Redis"
        )
        parser.add_argument("--namespace", default="kvcache", help="what names in Redis begin with")
        parser.add_argument("--json", action="store_true", help="JSON instead of a sentence")


def _warm(options: argparse.Namespace) -> None:
    with (
        closing(_open(options.source, options)) as source,
        closing(_open(options.target, options)) as target,
    ):
        copied = missed = 0
        for entry in sorted(source.entries(), key=lambda entry: entry.position):
            if target.holds(entry.key):
                continue
            record = source.get(entry.key)
            if record is None:
                missed += 1
                continue
            try:
                target.put(record)
            except TierFull:
                break
            copied += 1
        target.flush()
        _report(
            options,
            {"copied_blocks": copied, "missed_blocks": missed, "target_blocks": _count(target)},
            f"Copied {copied:,} blocks; {missed:,} could not be read. The target holds {_count(target):,}.",
        )


def _clear(options: argparse.Namespace) -> None:
    with closing(_open(options.place, options)) as tier:
        cleared = sum(tier.discard(entry.key) for entry in tier.entries())
        tier.flush()
    _report(options, {"cleared_blocks": cleared}, f"Cleared {cleared:,} blocks.")


def _back_up(options: argparse.Namespace) -> None:
    with closing(_open(options.place, options)) as tier:
        backup = back_up(tier, options.file, _secret(options))
    _report(
        options,
        asdict(backup),
        f"Backed up {backup.num_blocks:,} blocks, {bytes_in_words(backup.num_bytes)}, to {options.file}; "
        f"{backup.num_skipped:,} could not be read.",
    )


def _restore(options: argparse.Namespace) -> int:
    with closing(_open(options.place, options)) as tier:
        restored = restore(options.file, tier, _secret(options))
    whole = "whole" if restored.is_whole else "NOT whole: it was cut or changed"
    _report(
        options,
        asdict(restored),
        f"Restored {restored.num_blocks:,} blocks; {restored.num_refused:,} did not fit, "
        f"{restored.num_damaged:,} were damaged. The backup is {whole}.",
    )
    return 0 if restored.is_whole and not restored.num_refused else UNWELL


def _verify(options: argparse.Namespace) -> int:
    with closing(_open(options.place, options)) as tier:
        seen = tier.verify()
    _report(
        options,
        asdict(seen),
        f"{seen.sound:,} blocks are sound, {bytes_in_words(seen.bytes_read)} read; {seen.damaged:,} were "
        "damaged and are gone.",
    )
    return UNWELL if seen.damaged else 0


def _open(place: str, options: argparse.Namespace) -> Tier:
    if "://" in place:
        return RedisTier(place, _secret(options), options.namespace, options.ttl)
    folder = Path(place)
    if options.capacity is None and not folder.is_dir():
        raise InvalidConfig(
            f"There is no folder {folder}. To make one, say how large it may get: --capacity 20G."
        )
    return DiskTier(folder, options.capacity or _room_for_all(folder), _secret(options))


def _room_for_all(folder: Path) -> int:
    """A capacity at which opening the folder lets nothing go, and copying into it has some room."""
    return max(2 * sum(file.stat().st_size for file in folder.iterdir() if file.is_file()), LEAST_CAPACITY)


def _secret(options: argparse.Namespace) -> bytes:
    secret: bytes = options.secret_file.read_bytes()
    return secret


def _count(tier: Tier) -> int:
    return tier.snapshot().blocks


def _report(options: argparse.Namespace, figures: dict[str, object], sentence: str) -> None:
    say(json.dumps(figures) if options.json else sentence)


def _num_bytes(text: str) -> int:
    number, unit = text.rstrip("KMGTkmgt"), text[len(text.rstrip("KMGTkmgt")) :].upper()
    try:
        num_bytes = round(float(number) * UNITS[unit])
    except (KeyError, ValueError):
        raise argparse.ArgumentTypeError("a number of bytes, such as 20G or 500M") from None
    if num_bytes <= 0:
        raise argparse.ArgumentTypeError("more than 0 bytes")
    return num_bytes
