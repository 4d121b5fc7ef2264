"""What processes without a port count reaches /metrics, and never falls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core.telemetry.counter_files import CounterFile, read_counter_files
from core.telemetry.metrics import Metrics
from tests.conftest import ROOT


def runs(metrics: Metrics) -> dict[str, float]:
    """Job runs by kind."""
    return {
        sample.labels["kind"]: sample.value
        for family in metrics.families()
        for sample in family.samples
        if sample.name == "system_job_runs_total"
    }


def worker(folder: Path, name: str, *, times: int) -> None:
    """A process that counts so many runs, saves, and is gone."""
    program = (
        "import os, sys, pathlib\n"
        "from core.telemetry.counter_files import CounterFile\n"
        "from core.telemetry.metrics import Metrics\n"
        "metrics = Metrics()\n"
        "file = CounterFile(pathlib.Path(sys.argv[1]), sys.argv[2], metrics)\n"
        "for _ in range(int(sys.argv[3])):\n"
        "    metrics.observe_job('ingest', 'ok', 0.2)\n"
        "file.save()\n"
        "os._exit(9)\n"
    )
    command = [sys.executable, "-c", program, str(folder), name, str(times)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 9


def test_two_processes_are_added_up_and_one_that_starts_again_goes_on(tmp_path: Path) -> None:
    app = Metrics()
    app.include(lambda: read_counter_files(tmp_path))
    assert runs(app) == {}
    worker(tmp_path, "worker-1", times=3)
    worker(tmp_path, "worker-2", times=4)
    assert runs(app) == {"ingest": 7}
    worker(tmp_path, "worker-1", times=2)
    assert runs(app) == {"ingest": 9}
    text = app.text().decode()
    assert 'system_job_run_duration_seconds_count{kind="ingest"} 9.0' in text
    assert text.count("# TYPE system_job_runs_total") == 1
    assert "_created" not in text


def test_gauges_of_other_processes_are_not_kept(tmp_path: Path) -> None:
    from prometheus_client.core import GaugeMetricFamily

    metrics = Metrics()
    metrics.watch(lambda: [GaugeMetricFamily("momentary", "Now.", value=1)])
    CounterFile(tmp_path, "w", metrics).save()
    assert "momentary" not in (tmp_path / "w.prom").read_text()


def test_a_file_that_is_no_such_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "torn.prom").write_bytes(b"\xff{{{ not text")
    metrics = Metrics()
    metrics.include(lambda: read_counter_files(tmp_path))
    metrics.observe_job("ingest", "ok", 1)
    assert runs(metrics) == {"ingest": 1}
