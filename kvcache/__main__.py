"""Command line over the library: replay traces, watch a running store, look after tiers at rest."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from kvcache.commands.replaying import add_trace_commands
from kvcache.commands.resting import add_tier_commands
from kvcache.commands.running import add_status_commands
from kvcache.config import InvalidConfig
from kvcache.status import UnreadableStatus
from kvcache.tiers.tier import TierError
from kvcache.traces import UnreadableTrace


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the command did what it says, 1 when what it looked at is not well, 2 when it could not run."""
    options = build_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int | None] = options.command
    try:
        return command(options) or 0
    except (UnreadableTrace, UnreadableStatus, TierError, InvalidConfig, OSError) as error:
        sys.stderr.write(f"kvcache: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 0


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kvcache", description=__doc__)
    commands = parser.add_subparsers(required=True)
    add_trace_commands(commands)
    add_status_commands(commands)
    add_tier_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
