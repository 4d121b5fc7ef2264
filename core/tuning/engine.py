"""What this package asks of an engine whose cache can be tuned while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from core.inference.cache_tuning import CacheTuning

if TYPE_CHECKING:
    from core.inference.trial import TrialState
    from kvcache.store_metrics import StoreSnapshot


class TunableEngine(Protocol):
    """The model in this process. Any thread may call; a change that is refused leaves all as it was."""

    def tuning(self) -> CacheTuning:
        """What runs now, a trial aside."""

    def tune(self, tuning: CacheTuning) -> None:
        """Run under it from now on; requests that are being answered go on. Raises WorkbenchError."""

    def start_trial(self, tuning: CacheTuning, *, share: float = 0.5) -> None:
        """Let arm b serve a share of the families of requests. Raises WorkbenchError."""

    def trial(self) -> TrialState | None:
        """The trial under way."""

    def end_trial(self) -> None:
        """Ending when there is none changes nothing."""

    def cache_snapshots(self) -> Mapping[str, StoreSnapshot]:
        """What the cache of each replica has done; none before the model is loaded."""
