"""Another tuning, tried on a part of the requests beside the one that runs."""

from __future__ import annotations

import secrets
import shutil
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from core.inference.arm import Arm
from core.inference.cache_tuning import CacheTuning

if TYPE_CHECKING:
    from kvcache.engine.placement import PlacementSnapshot
    from kvcache.engine.request import GenerationRequest
    from kvcache.store_metrics import StoreSnapshot

DRAWN_BITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialState:
    """A trial under way, and what arm b has done since it began: with an empty cache, unlike a."""

    tuning: CacheTuning
    share: float
    begun: datetime
    caches: Mapping[str, StoreSnapshot]
    placement: PlacementSnapshot


class Trial:
    """Arm b, and who goes there.

    Requests of one tenant that begin with the same block are a family, and the family is the unit of
    randomisation: all of it goes to one arm, drawn once for the trial, because its members share what is
    cached for each other. So the number of families, not that of requests, is what a comparison rests on.
    """

    def __init__(self, arm: Arm, *, share: float, block_tokens: int, folder: Path) -> None:
        """`share` of the families go to the arm; `folder` is its own, and is removed at the end."""
        self.arm = arm
        self.begun = datetime.now(UTC)
        self._share = share
        self._block_tokens = block_tokens
        self._folder = folder
        self._key = secrets.token_bytes(16)

    def takes(self, request: GenerationRequest) -> bool:
        """Whether the request is one of arm b. The same for all of its family."""
        family = blake2b(key=self._key, digest_size=DRAWN_BITS // 8, person=b"kvcache trial")
        family.update(f"{len(request.tenant)} {request.tenant}".encode())
        family.update(array("i", request.prompt[: self._block_tokens]).tobytes())
        return bool(int.from_bytes(family.digest(), "little") < self._share * 2**DRAWN_BITS)

    def state(self) -> TrialState:
        return TrialState(
            tuning=self.arm.tuning,
            share=self._share,
            begun=self.begun,
            caches={name: engine.store.snapshot() for name, engine in self.arm.engines.items()},
            placement=self.arm.placement.snapshot(),
        )

    def end(self, *, drain: bool) -> None:
        """With `drain` what is in flight is answered first. No request may come any more."""
        self.arm.close(drain=drain)
        shutil.rmtree(self._folder, ignore_errors=True)
