"""Importing does nothing: no thread, no connection, no heavy library before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

LIGHT = ("core.use_cases", "core.gateway.door", "core.bootstrap", "core.__main__")
HEAVY = ("torch", "transformers", "streamlit", "docx", "pptx", "openpyxl", "pypdfium2", "xlsxwriter")


@pytest.mark.parametrize("module", LIGHT)
def test_importing_starts_nothing_and_loads_nothing_heavy(module: str) -> None:
    program = (
        f"import sys, threading; import {module}; "
        f"print(threading.active_count(), [name for name in {HEAVY!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1 []"
