"""Counters of processes without a port, through a file each in one folder.

The file is Prometheus text. A process of the same name goes on from what its predecessor had counted, so that
the sum over all files never falls.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from core.telemetry.metrics import Metrics, added_up, as_text

log = logging.getLogger(__name__)

SAVE_SECONDS = 1.0
SUFFIX = ".prom"
KINDS = ("counter", "histogram")


class CounterFile:
    """Writes what a process counts once a second while it changes. A kill loses that second at most."""

    def __init__(self, folder: Path, name: str, metrics: Metrics) -> None:
        self._file = folder / f"{name}{SUFFIX}"
        self._before = _read(self._file)
        self._metrics = metrics
        self._written = b""

    def start(self) -> None:
        """Save from now on, in a thread that lives as long as the process."""
        Thread(target=self._save_for_ever, name="counter-file", daemon=True).start()

    def save(self) -> None:
        """Replace the file in one step, if anything changed. Raises OSError."""
        families = added_up([self._before, self._metrics.families()])
        text = as_text(family for family in families if family.type in KINDS)
        if text == self._written:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_name(f".{self._file.name}")
        beside.write_bytes(text)
        beside.replace(self._file)
        self._written = text

    def _save_for_ever(self) -> None:
        pause = Event()
        while not pause.wait(SAVE_SECONDS):
            try:
                self.save()
            except OSError as error:
                log.warning("The counters cannot be written: %s", error)


def read_counter_files(folder: Path) -> Iterator[list[Metric]]:
    """What each process counted, those that have ended too."""
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        yield _read(file)


def _read(file: Path) -> list[Metric]:
    """The families of a file; none of one that is absent or is no such text."""
    try:
        return list(text_string_to_metric_families(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.warning("The counters in %s cannot be read: %s", file.name, error)
        return []
