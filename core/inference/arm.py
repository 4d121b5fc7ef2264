"""The replicas of a model with their caches and queues by one tuning: what runs, or is tried beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Invalid
from core.inference.cache_tuning import CacheTuning

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from kvcache.block_store import BlockStore
    from kvcache.engine.engine import Engine
    from kvcache.engine.model_shape import ModelShape
    from kvcache.engine.served import Observer
    from kvcache.engine.snapshots import Snapshots
    from kvcache.forms.layout import BlockLayout
    from kvcache.level import Level, LevelSettings

MIB = 2**20
LEAST_STATES_MB = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A model on each of its devices, by the replicas' names, and what all of them have in common."""

    models: Mapping[str, PreTrainedModel]
    tokenizer: PreTrainedTokenizerBase
    shape: ModelShape
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How blocks are cut and sealed, and where they rest beside memory. Each replica has its own folder."""

    folder: Path
    secret: bytes
    block_tokens: int
    redis_url: str | None = None
    redis_form: str = "int8"
    redis_ttl_seconds: float = 86_400.0


class Arm:
    """Engines that share their weights with other arms, and nothing else.

    Each replica has `device_mb` on its device; host, disk and prefetch are shared out among them.
    """

    def __init__(
        self,
        weights: Weights,
        places: Places,
        tuning: CacheTuning,
        *,
        observe: Observer,
        beside: Arm | None = None,
    ) -> None:
        """Where the model's forward pass changes the model, it takes turns with that of the arm `beside`.

        Raises Invalid where the tuning cannot be had here.
        """
        from kvcache.engine.placement import Placement

        self.tuning = tuning
        self._weights = weights
        self._places = places
        self._snapshots: list[Snapshots] = []
        self.engines: dict[str, Engine] = {}
        with _refused_as_invalid(), ExitStack() as opened:
            for number, name in enumerate(weights.models):
                self.engines[name] = self._open_engine(number, name, beside)
                opened.callback(self.engines[name].store.close)
            opened.pop_all()
        self.placement = Placement(
            self.engines,
            max_batch=tuning.max_batch,
            prefill_tokens=tuning.prefill_tokens,
            max_waiting=tuning.max_waiting,
            look_ahead=tuning.look_ahead,
            observe=observe,
        )

    def tune(self, tuning: CacheTuning) -> None:
        """Go on by another tuning, while requests are answered.

        Raises Invalid; then all goes on as before.
        """
        with _refused_as_invalid(), self._levels_of_all(tuning) as levels:
            self._grow(tuning)
            for store in self.stores:
                self._reconfigure(store, levels[store], tuning)
        for snapshots in self._snapshots:
            snapshots.resize(self._states_bytes(tuning))
        self.placement.reconfigure(
            max_batch=tuning.max_batch,
            prefill_tokens=tuning.prefill_tokens,
            max_waiting=tuning.max_waiting,
            look_ahead=tuning.look_ahead,
        )
        self.tuning = tuning

    @property
    def stores(self) -> list[BlockStore]:
        return [engine.store for engine in self.engines.values()]

    def held_memory_bytes(self) -> int:
        """What its blocks take of the machine's memory now."""
        held = 0
        for store, model in zip(self.stores, self._weights.models.values(), strict=True):
            if model.device.type == "cpu":
                held += store.index.num_resident * store.layout.num_bytes
            held += sum(
                level.snapshot().held_bytes for level in store.hierarchy.levels if not level.is_durable
            )
        return held

    def close(self, *, drain: bool) -> None:
        """Take no more. With `drain` answer all that were taken. What is not written yet is written."""
        self.placement.close(drain=drain)
        for store in self.stores:
            store.close()

    def _open_engine(self, number: int, name: str, beside: Arm | None) -> Engine:
        from kvcache.block_store import BlockStore
        from kvcache.config import CacheConfig
        from kvcache.engine.engine import Engine
        from kvcache.engine.model_shape import changes_in_forward
        from kvcache.engine.snapshots import Snapshots
        from kvcache.level import Level
        from kvcache.tiers import HostTier

        tuning, places, weights = self.tuning, self._places, self._weights
        model, layout = weights.models[name], weights.shape.layout(places.block_tokens)
        config = CacheConfig(
            capacity_blocks=_num_blocks(layout, tuning),
            salt=places.secret,
            fingerprint=weights.fingerprint,
            block_tokens=places.block_tokens,
            policy=tuning.policy,
            bytes_per_block=layout.num_bytes,
        )
        with self._levels(number, [], tuning) as levels:
            store = BlockStore(
                config,
                layout,
                levels=[*(each.level for each in levels), *self._shared_levels()],
                device=str(model.device),
                write=tuning.write,
                loss_window_seconds=tuning.loss_window_seconds,
                prefetch_bytes=self._share(tuning.prefetch_mb),
                status_file=places.folder / f"kvcache_status{_mark(number)}.json",
            )
        self._snapshots.append(Snapshots([Level(HostTier(self._states_bytes(tuning)), "raw")]))
        return Engine(
            model,
            store,
            tokenizer=weights.tokenizer,
            shape=weights.shape,
            snapshots=self._snapshots[-1],
            turns=beside.engines[name].turns if beside and changes_in_forward(model) else None,
        )

    def _grow(self, tuning: CacheTuning) -> None:
        """Only a device can be too small for what is asked: ask all of them before anything else changes."""
        grown: list[BlockStore] = []
        try:
            for store in self.stores:
                if _num_blocks(store.layout, tuning) > store.config.capacity_blocks:
                    store.reconfigure(capacity_blocks=_num_blocks(store.layout, tuning))
                    grown.append(store)
        except ValueError:
            for store in grown:
                store.reconfigure(capacity_blocks=_num_blocks(store.layout, self.tuning))
            raise

    def _reconfigure(self, store: BlockStore, levels: list[LevelSettings], tuning: CacheTuning) -> None:
        store.reconfigure(
            policy=tuning.policy,
            capacity_blocks=_num_blocks(store.layout, tuning),
            levels=levels,
            write=tuning.write,
            loss_window_seconds=tuning.loss_window_seconds,
            prefetch_bytes=self._share(tuning.prefetch_mb),
        )

    @contextmanager
    def _levels_of_all(self, tuning: CacheTuning) -> Iterator[dict[BlockStore, list[LevelSettings]]]:
        """What the levels of each store are to be; all that is new is opened before anything changes."""
        with ExitStack() as opened:
            yield {
                store: opened.enter_context(self._levels(number, store.hierarchy.levels, tuning))
                for number, store in enumerate(self.stores)
            }

    @contextmanager
    def _levels(self, number: int, there: list[Level], tuning: CacheTuning) -> Iterator[list[LevelSettings]]:
        """The levels below one device that the tuning gives room to, and those shared with other machines.

        What was opened for it is closed where an error comes of it.
        """
        from kvcache.level import LevelSettings

        found = {level.tier.name: level for level in there}
        levels = []
        with ExitStack() as opened:
            for name, megabytes, form in (
                ("host", tuning.host_mb, tuning.host_form),
                ("disk", tuning.disk_mb, tuning.disk_form),
            ):
                if not megabytes:
                    continue
                level = found.get(name)
                if level is None:
                    level = self._open_level(name, number, self._share(megabytes), form)
                    opened.callback(level.tier.close)
                levels.append(LevelSettings(level=level, form=form, capacity_bytes=self._share(megabytes)))
            yield [
                *levels,
                *(LevelSettings(level=level) for name, level in found.items() if name == "remote"),
            ]
            opened.pop_all()

    def _open_level(self, name: str, number: int, capacity_bytes: int, form: str) -> Level:
        from kvcache.level import Level
        from kvcache.tiers import DiskTier, HostTier

        if name == "host":
            return Level(HostTier(capacity_bytes), form)
        folder = self._places.folder / f"kvcache{_mark(number)}"
        return Level(DiskTier(folder, capacity_bytes, self._places.secret), form)

    def _shared_levels(self) -> list[Level]:
        from kvcache.level import Level
        from kvcache.tiers import RedisTier

        places = self._places
        if places.redis_url is None:
            return []
        tier = RedisTier(places.redis_url, places.secret, "blatam", places.redis_ttl_seconds)
        return [Level(tier, places.redis_form)]

    def _share(self, megabytes: int) -> int:
        return megabytes * MIB // len(self._weights.models)

    def _states_bytes(self, tuning: CacheTuning) -> int:
        return max(self._share(tuning.host_mb), LEAST_STATES_MB * MIB)


@contextmanager
def _refused_as_invalid() -> Iterator[None]:
    """What the cache cannot be, as the product says it."""
    from kvcache.config import InvalidConfig
    from kvcache.tiers import TierError

    try:
        yield
    except (InvalidConfig, TierError) as error:
        raise Invalid(str(error), remedy="Ask for less, or give the cache another place.") from error


def _num_blocks(layout: BlockLayout, tuning: CacheTuning) -> int:
    return max(tuning.device_mb * MIB // layout.num_bytes, 1)


def _mark(number: int) -> str:
    return f"_{number}" if number else ""
