"""The real product with a small model of its own, and Debian's Prometheus."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.fakes.product import Product
from tests.fakes.small_model import write_small_model
from tests.fakes.waiting import wait_until


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"no {name} on this machine: apt-get install prometheus")
    return path


@pytest.fixture(scope="session")
def prometheus() -> str:
    return _program("prometheus")


@pytest.fixture(scope="session")
def promtool() -> str:
    return _program("promtool")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with the sample library and a model that is loaded."""
    folder = tmp_path_factory.mktemp("watched")
    model = write_small_model(folder / "model", [("Where is Paris?", "On the Seine.")])
    settings = {"engine": "local", "model_folder": str(model), "find_meanings": "false"}
    started = Product(folder, samples=True, settings=settings)
    try:
        started.start()
        wait_until(lambda: "kv_cache_prompt_tokens_total" in started.get("/metrics")[1], 60)
        yield started
    finally:
        started.stop()


def run(command: list[str], text: str = "") -> str:
    """What the program prints. It must succeed."""
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
