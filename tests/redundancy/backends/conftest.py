"""The backends, each where what it needs is there; what is missing is a skip with its name."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator

import pytest

from core.redundancy.backends import BACKENDS, BackendConfig, DedupBackend, open_backend
from core.redundancy.backends.spark_cluster import SparkBackend

LOCAL_CLUSTER = "local-cluster[2,1,1024]"
"""Two executors, each a process of its own with one core and 1,024 MB."""


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkBackend]:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: pip install -r requirements-spark.txt")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: apt-get install openjdk-17-jre-headless")
    backend = SparkBackend(
        BackendConfig(
            scratch=tmp_path_factory.mktemp("spark"),
            memory_mb=512,
            spark_master=LOCAL_CLUSTER,
            spark_options={"spark.executor.memory": "768m", "spark.sql.shuffle.partitions": "3"},
        )
    )
    yield backend
    backend.close()


@pytest.fixture(scope="session")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> DedupBackend:
    if importlib.util.find_spec("duckdb") is None:
        pytest.skip("duckdb is not installed: pip install -r requirements-spark.txt")
    scratch = tmp_path_factory.mktemp("duckdb")
    return open_backend("duckdb", BackendConfig(scratch=scratch, memory_mb=64))


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> DedupBackend:
    """Every member of the table in turn."""
    return (
        open_backend("in_process")
        if request.param == "in_process"
        else request.getfixturevalue(request.param)
    )
