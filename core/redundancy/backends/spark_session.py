"""A Spark session whose workers can import this code, wherever they run."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Unavailable
from core.redundancy.backends.backend import BackendConfig
from core.redundancy.backends.extras import require, require_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ROOT = Path(__file__).resolve().parents[3]
_PACKAGES = ("core", "kvcache")

_DEFAULTS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "4096",
    "spark.sql.session.timeZone": "UTC",
    "spark.log.level": "ERROR",
}


def open_session(config: BackendConfig, folder: Path) -> SparkSession:
    """A new session that keeps its files in `folder`, with our packages sent to the workers.

    Raises Unavailable without PySpark or Java. The workers need Python of the same version with numpy,
    pyarrow, pandas and rapidfuzz.
    """
    sql = require("pyspark.sql")
    require_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the only way to tell Spark which Python
    builder = sql.SparkSession.builder.master(config.spark_master).appName("redundancy")
    options = _DEFAULTS | {
        "spark.driver.memory": f"{config.memory_mb}m",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    for name, value in (options | dict(config.spark_options)).items():
        builder = builder.config(name, value)
    session: SparkSession = _started(builder, config.spark_master)
    send_package(session, folder)
    return session


def send_package(session: SparkSession, folder: Path) -> None:
    """Makes our packages importable for the workers, through an archive written to `folder`."""
    session.sparkContext.addPyFile(str(_archive(folder / f"{folder.name}.zip")))


def _started(builder: Any, master: str) -> Any:
    py4j, errors = require("py4j.protocol"), require("pyspark.errors")
    try:
        return builder.getOrCreate()
    except (py4j.Py4JError, errors.PySparkException) as error:
        raise Unavailable(
            f"Spark at {master} does not start: {str(error).splitlines()[0]}",
            remedy="Check the address of the master and that Java 17 or newer runs here.",
            code="backend_failed",
        ) from error


def _archive(file: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in _PACKAGES:
            for path in sorted((_ROOT / package).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(_ROOT))
    return file
