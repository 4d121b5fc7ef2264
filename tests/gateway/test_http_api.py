"""What the API tells of the product's health."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from core.gateway.http_api import build_api
from core.telemetry.health import Health, PartHealth, State, summarised

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Reported:
    """An application in this state."""

    def __init__(self, missing: str = "", **states: State) -> None:
        self._missing = missing
        self._states = states

    def health(self) -> Health:
        parts = tuple(
            PartHealth(kind=kind, state=state, checked_at=NOW, changed_at=NOW)
            for kind, state in self._states.items()
        )
        return summarised(parts, 2)

    def missing(self) -> str:
        return self._missing


@pytest.mark.parametrize(("database", "status"), [("healthy", 200), ("unhealthy", 503)])
def test_health_tells_all_parts_and_fails_with_the_database(database: State, status: int) -> None:
    answer = TestClient(build_api(Reported(database=database, worker="healthy", disk="warning"))).get(
        "/health"
    )
    told = answer.json()
    assert answer.status_code == status
    assert (told["database"], told["worker_restarts"]) == (database, 2)
    assert [(part["kind"], part["state"]) for part in told["parts"]] == [
        ("database", database),
        ("worker", "healthy"),
        ("disk", "warning"),
    ]
    assert told["parts"][0]["changed_at"] == "2026-03-01T00:00:00Z"


def test_ready_says_what_is_missing() -> None:
    answer = TestClient(build_api(Reported("engine: The model is being loaded."))).get("/ready")
    assert (answer.status_code, answer.json()) == (
        503,
        {"ready": False, "cause": "engine: The model is being loaded."},
    )
    answer = TestClient(build_api(Reported())).get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "cause": ""})
