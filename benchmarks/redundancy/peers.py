"""The environment in which the peers run, apart from ours: made once, in .bench/peers.

python -m benchmarks.redundancy.peers
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")
FOLDER = Path(__file__).parents[2] / ".bench" / "peers"
PYTHON = FOLDER / "bin" / "python"
_MADE = FOLDER / "made-from.txt"


def make_peers() -> str | None:
    """Make the environment unless it is there already. Returns what went wrong, or None."""
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if _MADE.is_file() and _MADE.read_text(encoding="utf-8") == wanted:
        return None
    try:
        venv.create(FOLDER, with_pip=True, clear=True)
        install = [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            REQUIREMENTS,
        ]
        subprocess.run(install, check=True, capture_output=True, text=True, timeout=600)
    except subprocess.CalledProcessError as error:
        return (error.stderr or str(error)).strip().splitlines()[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    _MADE.write_text(wanted, encoding="utf-8")
    return None


if __name__ == "__main__":
    problem = make_peers()
    if problem:
        sys.exit(f"The peers could not be installed: {problem}")
    print(f"The peers are in {FOLDER.relative_to(Path.cwd())}.")
