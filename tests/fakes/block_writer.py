"""A process that puts and discards blocks in a folder and says so, to be killed in the middle of it.

    python -m tests.fakes.block_writer FOLDER SEED CAPACITY

Writes a line when a call has returned: `+ number size` for a put, `- number` before a discard.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from kvcache.tiers import TierFull
from kvcache.tiers.disk import DiskTier
from tests.fakes.tiers import SECRET, make_key, make_record


def main(folder: Path, seed: int, capacity_bytes: int) -> None:
    chance = random.Random(seed)
    tier = DiskTier(folder, capacity_bytes, SECRET)
    keys = {make_key(number): number for number in range(1000)}
    here = [keys[entry.key] for entry in tier.entries()]
    say(f"opened {len(here)}")
    while True:
        number, size = chance.randrange(1000), chance.randrange(1, 60_000)
        try:
            tier.put(make_record(number, size))
        except TierFull:
            gone = here.pop(chance.randrange(len(here)))
            say(f"- {gone}")
            tier.discard(make_key(gone))
            continue
        say(f"+ {number} {size}")
        if number in here:
            here.remove(number)
        here.append(number)


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
