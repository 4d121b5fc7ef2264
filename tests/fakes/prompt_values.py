"""A stand-in for a model: values of a prompt that depend on every token before them, so mix-ups show."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import torch
from torch import Tensor

from kvcache.block_store import BlockStore
from kvcache.forms.layout import BlockLayout

LAYOUT = BlockLayout(num_layers=2, num_kv_heads=2, block_tokens=16, head_dim=8, dtype="float32")
SECRET = b"sixteen or more bytes"


def values_of(token_ids: Sequence[int]) -> Tensor:
    """Keys and values of a prompt, `(layers, 2, kv_heads, tokens, head_dim)`, about as large as real ones."""
    layers, pair, heads, _, head_dim = LAYOUT.shape
    state = blake2b(digest_size=32)
    columns = []
    for token in token_ids:
        state.update(int(token).to_bytes(4, "little"))
        seed = int.from_bytes(state.digest()[:8], "little")
        columns.append(np.random.default_rng(seed).standard_normal((layers, pair, heads, head_dim)))
    if not columns:
        return torch.empty(layers, pair, heads, 0, head_dim)
    return torch.from_numpy(np.stack(columns, axis=3).astype(np.float32))


def layers_of(values: Tensor) -> list[tuple[Tensor, Tensor]]:
    """As a model's cache hands them over, layer by layer, each `(1, kv_heads, tokens, head_dim)`."""
    return [(layer[0].unsqueeze(0), layer[1].unsqueeze(0)) for layer in values]


def serve(
    store: BlockStore,
    token_ids: Sequence[int],
    tenant: str = "",
    answer: Sequence[int] = (),
    tolerance: float = 0.0,
) -> int:
    """What a model would do with a prompt; how many tokens came out of the cache, after looking at them."""
    with store.open(token_ids, tenant=tenant) as prompt:
        values = values_of([*token_ids, *answer])
        cached = prompt.num_cached_tokens
        restored = prompt.buffer[..., :cached, :]
        assert relative_error(restored, values[..., :cached, :]) <= tolerance, "other values than were kept"
        prompt.keep(layers_of(values), answer=answer, compute_seconds=0.001 * (len(token_ids) - cached))
        return cached


def relative_error(found: Tensor, expected: Tensor) -> float:
    if not expected.numel():
        return 0.0
    return float((found - expected).norm() / expected.norm())
