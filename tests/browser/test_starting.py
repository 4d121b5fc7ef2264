"""Every way to start serves the same: the page, /api/health and /metrics."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.fakes.product import APP, running_product

WAYS = {
    "python": [sys.executable, str(APP)],
    "streamlit": [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "{port}"],
    "uvicorn": [sys.executable, "-m", "uvicorn", "app:app", "--port", "{port}", "--log-level", "warning"],
}


@pytest.mark.parametrize("way", [*WAYS])
def test_a_way_to_start_serves_page_health_and_metrics(way: str, tmp_path: Path, visit: Visit) -> None:
    with running_product(tmp_path, samples=False, command=WAYS[way]) as product:
        assert product.get("/api/health")[0] == 200
        status, metrics = product.get("/metrics")
        assert status == 200
        assert "# HELP" in metrics
        visit(product).open("/library", "Library")
