"""The public trace that the questions are asked of."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kvcache.traces import Trace, read_trace

SIZES = (0.01, 0.03, 0.1, 0.3)


def trace_file() -> Path:
    folder = os.environ.get("BENCH_DATA")
    if not folder:
        sys.exit("Set BENCH_DATA to the folder with traces/mooncake_conversation.jsonl.gz.")
    return Path(folder) / "traces" / "mooncake_conversation.jsonl.gz"


def load_trace() -> Trace:
    return read_trace(trace_file())
