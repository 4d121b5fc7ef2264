"""A process that serves a held engine at its door, and prints the address."""

from __future__ import annotations

import sys
import time

from tests.fakes.engines import HeldEngine, door_app
from tests.fakes.serving import serving

if __name__ == "__main__":
    with serving(door_app(HeldEngine(), keep_alive_seconds=0.1)) as address:
        sys.stdout.write(address + "\n")
        sys.stdout.flush()
        time.sleep(60)
