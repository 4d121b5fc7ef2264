"""What a use case works with. Put together by core.bootstrap; holds no rights and no request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

from core.exports.artefact_store import ArtefactStore
from core.exports.signing import SigningKey
from core.inference import InferenceEngine
from core.ingestion import IngestionLimits, ParserPool
from core.jobs.job import JobQueue
from core.language.embedder import Embedder
from core.observation import History
from core.redundancy import PairTable, Recommendation
from core.redundancy.index_file import IndexShelf
from core.redundancy.passage_shelf import PassageShelf
from core.settings import Settings
from core.storage import Storage
from core.telemetry.monitoring import Monitoring
from core.tuning.engine import TunableEngine
from core.tuning.moded_engine import CurrentMode

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The last few answers to questions whose answer never changes. Thread-safe; two may compute the same."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._capacity:
                self._values.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class AnalysedPairs:
    """The pairs of one analysis and the ids of the documents that they count."""

    documents: tuple[str, ...]
    pairs: PairTable


@dataclass(frozen=True, slots=True)
class Workbench:
    """`parsers` opens the pool of parser processes; jobs call it, pages never do. `engine` answers prompts,
    `history` is what it did, `monitoring` what is known of the whole.

    `indexes` are the similar pairs of each library, kept up to date; the worker alone opens them.
    `passages` are the indexes of shared passages, in memory. `embedder` turns texts into vectors of meaning;
    None where meanings are not looked for.

    `artefacts` keeps exported files; `signing_key` is read when something is to be signed.

    `tunable` is the engine where its cache can be tuned from here, `mode` how it serves.

    The `kept_` fields hold what follows from stored rows that never change, under keys that name them.
    """

    settings: Settings
    storage: Storage
    jobs: JobQueue
    limits: IngestionLimits
    parsers: Callable[[], AbstractContextManager[ParserPool]]
    engine: InferenceEngine
    indexes: IndexShelf
    artefacts: ArtefactStore
    signing_key: Callable[[], SigningKey]
    embedder: Embedder | None = None
    passages: PassageShelf = field(default_factory=PassageShelf)
    history: History = field(default_factory=History)
    tunable: TunableEngine | None = None
    mode: CurrentMode = field(default_factory=CurrentMode)
    monitoring: Monitoring = field(default_factory=Monitoring)
    kept_pairs: Kept[str, AnalysedPairs] = field(default_factory=lambda: Kept(4))
    kept_clusters: Kept[Hashable, Any] = field(default_factory=lambda: Kept(32))
    kept_counts: Kept[tuple[str, int], int] = field(default_factory=lambda: Kept(100))
    kept_advice: Kept[tuple[str, str], Recommendation] = field(default_factory=lambda: Kept(20_000))
    kept_findings: Kept[Hashable, Any] = field(default_factory=lambda: Kept(24))
    kept_drafts: Kept[Hashable, Any] = field(default_factory=lambda: Kept(64))
    kept_shelves: Kept[Hashable, Any] = field(default_factory=lambda: Kept(3))
    kept_previews: Kept[Hashable, Any] = field(default_factory=lambda: Kept(64))
    kept_observations: Kept[Hashable, Any] = field(default_factory=lambda: Kept(64))
