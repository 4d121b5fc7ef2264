from __future__ import annotations

import subprocess
import sys

import pytest

from core.errors import Unavailable
from core.redundancy.backends import extras
from tests.conftest import ROOT


def test_a_missing_package_says_what_to_install() -> None:
    with pytest.raises(Unavailable) as missing:
        extras.require("surely_not_installed.anywhere")
    assert missing.value.code == "backend_missing"
    assert "pip install -r requirements-spark.txt" in missing.value.remedy


def test_missing_java_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unavailable, match="there is none") as missing:
        extras.require_java()
    assert extras.JAVA_PACKAGE in missing.value.remedy


def test_the_table_of_backends_is_read_without_loading_an_engine() -> None:
    program = (
        "import sys, core.redundancy.backends; "
        "print([name for name in ('pyspark', 'duckdb', 'pyarrow', 'pandas') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
