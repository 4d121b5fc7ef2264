"""Every alert, one way in Prometheus and the same way here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.core import Metric

from core.__main__ import main
from core.settings import Settings
from core.telemetry.alerts.alert import Alert
from core.telemetry.alerts.prometheus import rules_file
from core.telemetry.alerts.rules import RULES, Rule
from core.telemetry.alerts.watch import AlertWatch
from tests.conftest import ROOT
from tests.telemetry.alerts.cases import CASES, STEP, Case, Series
from tests.telemetry.conftest import run

RULES_FILE = ROOT / "deploy" / "prometheus" / "rules.yml"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}


def families(series: Mapping[str, Series], seconds: float) -> Iterable[Metric]:
    for written, (start, growth) in series.items():
        name, _, labels = written.partition("{")
        family = Metric(name.removesuffix("_total"), "", "untyped")
        family.add_sample(name, dict(re.findall(r'(\w+)="([^"]*)"', labels)), start + growth * seconds)
        yield family


class Forgetful:
    """A log that keeps nothing."""

    def firing(self) -> list[Alert]:
        return []

    def fire(self, alert: Alert) -> None: ...

    def resolve(self, alert: str, moment: datetime, value: float) -> None: ...


def fired_here(case: Case) -> set[str]:
    """The rules that fire in this process at the end."""
    now = 0

    def clock() -> datetime:
        return EPOCH + timedelta(seconds=now)

    watch = AlertWatch(Settings(), lambda: families(case.series, now), Forgetful(), clock=clock)
    for now in range(0, case.seconds + 1, STEP):  # noqa: B007
        watch.look()
    return {alert.rule for alert in watch.firing()}


def as_promtool_test(case: Case) -> dict[str, object]:
    rule = BY_NAME[case.rule]
    expected = {
        "exp_labels": {"severity": rule.severity, **case.labels},
        "exp_annotations": {"summary": rule.summary, "description": rule.remedy},
    }
    num = case.seconds // STEP
    return {
        "interval": f"{STEP}s",
        "name": f"{case.rule}: {case.when}",
        "input_series": [
            {"series": name, "values": f"{start}+{growth * STEP}x{num}"}
            for name, (start, growth) in case.series.items()
        ],
        "alert_rule_test": [
            {
                "eval_time": f"{num * STEP}s",
                "alertname": case.rule,
                "exp_alerts": [expected] if case.fires else [],
            }
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.when}")
def test_the_product_raises_it_when_it_should(case: Case) -> None:
    assert (case.rule in fired_here(case)) is case.fires


@pytest.mark.prometheus
@pytest.mark.parametrize("rule", BY_NAME)
def test_prometheus_raises_it_at_the_same_figures(rule: str, promtool: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    tests = [as_promtool_test(case) for case in CASES if case.rule == rule]
    content = {"rule_files": [str(RULES_FILE)], "evaluation_interval": f"{STEP}s", "tests": tests}
    file.write_text(json.dumps(content))
    run([promtool, "test", "rules", str(file)])


def test_every_alert_has_a_case_that_fires_and_one_that_does_not() -> None:
    assert {(case.rule, case.fires) for case in CASES} == {
        (name, fires) for name in BY_NAME for fires in (True, False)
    }


def test_the_rules_file_is_that_of_the_default_settings() -> None:
    assert RULES_FILE.read_text(encoding="utf-8") == rules_file(Settings())


def test_the_command_line_prints_it_for_the_settings_of_the_machine(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLATAM_ALERT_BACKUP_HOURS", "1")
    assert main(["alert-rules"]) == 0
    assert capsys.readouterr().out == rules_file(Settings(alert_backup_hours=1))


@pytest.mark.prometheus
def test_rules_and_configuration_are_what_prometheus_reads(promtool: str) -> None:
    run([promtool, "check", "config", str(RULES_FILE.parent / "prometheus.yml")])


def test_a_threshold_is_a_setting_in_both_places() -> None:
    settings = Settings(alert_throughput_rps=7, alert_least_rps=3)
    assert "kv_cache_throughput_rps < 7" in rules_file(settings)
    assert ">= 3)" in rules_file(settings)
    assert BY_NAME["LowThroughput"].is_beyond(6, settings)
    assert not BY_NAME["LowThroughput"].is_beyond(8, settings)
