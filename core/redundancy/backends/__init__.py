"""Where documents are compared: in this process, on its disk, or on a cluster, with the same answers."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import Invalid
from core.redundancy.backends.backend import BackendConfig, DedupBackend, EmbedderFactory
from core.redundancy.backends.duckdb_file import DuckDbBackend
from core.redundancy.backends.in_process import InProcessBackend
from core.redundancy.backends.spark_cluster import SparkBackend

BACKENDS: dict[str, Callable[[BackendConfig], DedupBackend]] = {
    backend.name: backend for backend in (InProcessBackend, DuckDbBackend, SparkBackend)
}


def open_backend(name: str, config: BackendConfig | None = None) -> DedupBackend:
    """The backend of this name, to be closed after use (`contextlib.closing`).

    Raises Invalid for a name that is not in the table, Unavailable when its engine is not installed.
    """
    if name not in BACKENDS:
        raise Invalid(f"There is no backend {name!r}.", remedy=f"Use one of: {', '.join(BACKENDS)}.")
    return BACKENDS[name](config or BackendConfig())


__all__ = ["BACKENDS", "BackendConfig", "DedupBackend", "EmbedderFactory", "open_backend"]
