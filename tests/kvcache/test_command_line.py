"""python -m kvcache, as people and programs call it; and what the library may load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kvcache.__main__ import main
from kvcache.policies import POLICIES
from kvcache.traces import write_trace
from tests.conftest import ROOT
from tests.kvcache.generated_traces import tenant_churn

COLUMNS = [
    "policy",
    "capacity_blocks",
    "max_resident_blocks",
    "requests",
    "tokens",
    "hit_tokens",
    "blocks",
    "hit_blocks",
    "seconds",
]


@pytest.fixture
def trace_file(tmp_path: Path) -> Path:
    write_trace(tenant_churn(41, 200), tmp_path / "trace.jsonl.gz")
    return tmp_path / "trace.jsonl.gz"


def test_replay_prints_one_row_for_each_policy_and_capacity(
    trace_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--policy", "adaptive", "optimum", "--capacity", "0.1", "50", "--json"]
    assert main(["replay", str(trace_file), *arguments]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [list(row) for row in rows] == [COLUMNS] * 4
    assert [row["policy"] for row in rows] == ["adaptive", "adaptive", "optimum", "optimum"]
    assert rows[1]["capacity_blocks"] == rows[3]["capacity_blocks"] == 50
    assert all(row["max_resident_blocks"] <= row["capacity_blocks"] for row in rows)


def test_more_is_hit_when_coming_requests_are_announced(
    trace_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["replay", str(trace_file), "--capacity", "0.05", "--json"])
    main(["replay", str(trace_file), "--capacity", "0.05", "--lookahead", "50", "--json"])
    blind, seeing = (json.loads(line)[0]["hit_blocks"] for line in capsys.readouterr().out.splitlines())
    assert seeing > blind


def test_compare_shows_all_policies_the_optimum_and_the_curve(
    trace_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(trace_file), "--capacity", "0.2"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in [*POLICIES, "optimum", "miss ratio"])


def test_bench_times_the_best_of_some_runs(trace_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["bench", str(trace_file), "--policy", "lru", "--capacity", "0.2", "--repeat", "2", "--json"])
        == 0
    )
    (row,) = json.loads(capsys.readouterr().out)
    assert row["seconds"] > 0


def test_a_file_that_cannot_be_read_is_an_error_of_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.jsonl").write_text("nothing\n")
    assert main(["replay", str(tmp_path / "bad.jsonl")]) == 2
    assert main(["replay", str(tmp_path / "none.jsonl")]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_the_library_loads_nothing_of_the_product_and_starts_nothing() -> None:
    program = (
        "import sys, threading; import kvcache.prefix_cache, kvcache.simulator, kvcache.__main__; "
        "names = ('core', 'pages', 'streamlit', 'sqlalchemy', 'pydantic', 'pandas', 'torch'); "
        "print(threading.active_count(), [name for name in names if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "1 []"
