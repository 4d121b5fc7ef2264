from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
import torch
from transformers import PreTrainedModel

from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.engine.engine import Engine
from kvcache.engine.model_shape import ModelShape, fingerprint_of, shape_of
from kvcache.engine.snapshots import Snapshots
from kvcache.level import Level
from kvcache.tiers.host import HostTier
from tests.kvcache.engine.models import make_model

OpenEngine = Callable[..., Engine]


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Models this small gain nothing from more, and wait long for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def models() -> dict[str, PreTrainedModel]:
    return {}


@pytest.fixture
def open_engine(models: dict[str, PreTrainedModel]) -> OpenEngine:
    """Engines on tiny models, each with a store of its own."""

    def open_engine(
        name: str = "llama",
        *,
        levels: list[Level] | None = None,
        capacity_blocks: int = 64,
        policy: str = "lru",
        quota_bytes: dict[str, int] | None = None,
        **settings: object,
    ) -> Engine:
        if name not in models:
            models[name] = make_model(name)
        model = models[name]
        shape, fingerprint = _described(model)
        config = CacheConfig(
            capacity_blocks=capacity_blocks,
            salt=b"sixteen or more bytes",
            block_tokens=16,
            policy=policy,
            quota_bytes=quota_bytes or {},
            fingerprint=fingerprint,
        )
        store = BlockStore(config, shape.layout(16), levels=levels or [], in_background=False)
        snapshots = Snapshots([Level(HostTier(50_000_000), "raw")])
        return Engine(model, store, shape=shape, snapshots=snapshots, **settings)  # type: ignore[arg-type]

    return open_engine


@cache
def _described(model: PreTrainedModel) -> tuple[ModelShape, str]:
    return shape_of(model), fingerprint_of(model)
