"""The environment in which RQ runs, apart from ours: made once, in .bench/job_peers."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")
FOLDER = Path(__file__).parents[2] / ".bench" / "job_peers"
PYTHON = FOLDER / "bin" / "python"
_MADE = FOLDER / "made-from.txt"


def make_peers() -> str | None:
    """Make the environment unless it is there already. Returns what went wrong, or None."""
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if _MADE.is_file() and _MADE.read_text(encoding="utf-8") == wanted:
        return None
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
    try:
        venv.create(FOLDER, with_pip=True, clear=True)
        subprocess.run([*install, str(REQUIREMENTS)], check=True, capture_output=True, text=True, timeout=600)
    except subprocess.CalledProcessError as error:
        return (error.stderr or str(error)).strip().splitlines()[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    _MADE.write_text(wanted, encoding="utf-8")
    return None
