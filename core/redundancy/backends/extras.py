"""Engines that are no part of the installation: found where they are installed, else how to get them."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from types import ModuleType

from core.errors import Unavailable

REQUIREMENTS = "requirements-spark.txt"
JAVA_PACKAGE = "openjdk-17-jre-headless"


def require(module: str) -> ModuleType:
    """The module. Raises Unavailable with what to install."""
    try:
        return import_module(module)
    except ImportError as error:
        name = module.split(".")[0]
        raise Unavailable(
            f"{name} is not installed.",
            remedy=f"Run `pip install -r {REQUIREMENTS}`, or set redundancy_backend to in_process.",
            code="backend_missing",
        ) from error


def require_java() -> None:
    """Raises Unavailable where Spark would find no Java."""
    home = os.environ.get("JAVA_HOME")  # read by Spark's own launcher, not a setting of ours
    if not (shutil.which("java") or (home and shutil.which("java", path=f"{home}/bin"))):
        raise Unavailable(
            "Spark needs Java, and there is none.",
            remedy=f"Install Java 17 or newer; on Debian: apt-get install {JAVA_PACKAGE}.",
            code="backend_missing",
        )
