"""An engine whose tuning can be changed, which refuses more memory than it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from core.errors import Conflict, Invalid
from core.inference.cache_tuning import CacheTuning


class FakeTunable:
    """Remembers every tuning it was given."""

    def __init__(self, memory_mb: int = 4096) -> None:
        self.given: list[CacheTuning] = [CacheTuning()]
        self.snapshots: Mapping[str, Any] = {}
        self._memory_mb = memory_mb
        self._trial: Any = None

    def tuning(self) -> CacheTuning:
        return self.given[-1]

    def tune(self, tuning: CacheTuning) -> None:
        if self._trial is not None:
            raise Conflict("A trial compares with what runs now.")
        self._check(tuning)
        self.given.append(tuning)

    def start_trial(self, tuning: CacheTuning, *, share: float = 0.5) -> None:
        if self._trial is not None:
            raise Conflict("A trial runs already.")
        self._check(tuning)
        self._trial = SimpleNamespace(tuning=tuning, share=share, begun=datetime.now(UTC))

    def trial(self) -> Any:
        return self._trial

    def end_trial(self) -> None:
        self._trial = None

    def cache_snapshots(self) -> Mapping[str, Any]:
        return self.snapshots

    def load(self, *, block_bytes: int = 64 * 480) -> None:
        """As when a model is loaded: its blocks take so many bytes."""
        self.snapshots = {"cpu": SimpleNamespace(block_bytes=block_bytes, levels={})}

    def _check(self, tuning: CacheTuning) -> None:
        if tuning.memory_mb > self._memory_mb:
            raise Invalid("That takes more memory than is free.", remedy="Lower device_mb.")
