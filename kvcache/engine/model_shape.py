"""What a model's cache looks like, found out by running one token, and what names its weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import torch
from blake3 import blake3
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import (
    DummyLayer,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    LinearAttentionLayer,
)

from kvcache.engine.errors import UnusableModel
from kvcache.forms.form import as_bytes
from kvcache.forms.layout import DTYPES, BlockLayout

FULL, SLIDING, LINEAR, NONE = "full", "sliding", "linear", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerShape:
    """One layer: its kind, and the window of a sliding one in tokens."""

    kind: str
    window: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """The layers of a model, and the keys and values of those that have any."""

    layers: tuple[LayerShape, ...]
    num_kv_heads: int
    head_dim: int
    dtype: str
    max_tokens: int
    vocabulary: int

    @property
    def attention_layers(self) -> tuple[int, ...]:
        """The numbers of the layers whose keys and values rest in blocks."""
        return tuple(at for at, layer in enumerate(self.layers) if layer.kind in (FULL, SLIDING))

    @property
    def has_states(self) -> bool:
        """Whether some layers carry a state that only a snapshot brings back."""
        return any(layer.kind == LINEAR for layer in self.layers)

    def layout(self, block_tokens: int) -> BlockLayout:
        """What one block of this model looks like."""
        return BlockLayout(
            num_layers=len(self.attention_layers),
            num_kv_heads=self.num_kv_heads,
            block_tokens=block_tokens,
            head_dim=self.head_dim,
            dtype=self.dtype,
        )


def shape_of(model: PreTrainedModel) -> ModelShape:
    """Run one token and look at what was cached. Raises UnusableModel where blocks cannot hold it."""
    config = model.config.get_text_config(decoder=True)
    cache = DynamicCache(config=model.config)
    with torch.inference_mode():
        model(torch.zeros((1, 1), dtype=torch.long, device=model.device), past_key_values=cache)
    layers = tuple(_layer_shape(layer) for layer in cache.layers)
    kept: list[Any] = [layer for layer in cache.layers if isinstance(layer, DynamicLayer)]
    if not kept:
        raise UnusableModel("No layer of this model has keys and values; there is nothing to keep in blocks.")
    shapes = {(layer.keys.shape, layer.values.shape, layer.keys.dtype) for layer in kept}
    if len(shapes) > 1 or kept[0].keys.shape != kept[0].values.shape:
        raise UnusableModel("The layers of this model keep keys and values of different shapes.")
    names = {dtype: name for name, dtype in DTYPES.items()}
    if kept[0].keys.dtype not in names:
        raise UnusableModel(
            f"The model computes in {kept[0].keys.dtype}; load it in one of: {', '.join(DTYPES)}."
        )
    _, num_kv_heads, _, head_dim = kept[0].keys.shape
    return ModelShape(
        layers=layers,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        dtype=names[kept[0].keys.dtype],
        max_tokens=int(getattr(config, "max_position_embeddings", 0) or 2**31),
        vocabulary=int(config.vocab_size),
    )


def changes_in_forward(model: PreTrainedModel) -> bool:
    """Whether a forward pass changes the model: some rotary embeddings stretch with the longest prompt."""
    return any(
        "dynamic" in rope or rope == "longrope" for module in model.modules() for rope in _rope_types(module)
    )


def fingerprint_of(model: PreTrainedModel) -> str:
    """A digest over everything that keys and values depend on: weights, buffers, configuration, dtype.

    Adapters that were merged or attached are weights too. Reads every weight once: about a second for 4 GB.
    """
    digest = blake3(max_threads=blake3.AUTO)
    config: dict[str, Any] = model.config.to_dict()
    for passing in ("_name_or_path", "transformers_version", "architectures", "torch_dtype", "dtype"):
        config.pop(passing, None)
    digest.update(json.dumps(config, sort_keys=True, default=str).encode())
    for name, weight in [*model.named_parameters(), *model.named_buffers()]:
        digest.update(f"{name} {weight.dtype} {tuple(weight.shape)} ".encode())
        digest.update(as_bytes(weight.detach().cpu()))
    return digest.hexdigest()


def _layer_shape(layer: Any) -> LayerShape:
    if type(layer) is LinearAttentionLayer:
        return LayerShape(kind=LINEAR)
    if type(layer) is DynamicSlidingWindowLayer:
        return LayerShape(kind=SLIDING, window=layer.sliding_window)
    if type(layer) is DynamicLayer:
        return LayerShape(kind=FULL)
    if isinstance(layer, DummyLayer):
        return LayerShape(kind=NONE)
    raise UnusableModel(f"Layers of kind {type(layer).__name__} are not supported.")


def _rope_types(module: torch.nn.Module) -> list[str]:
    found = getattr(module, "rope_type", None)
    if isinstance(found, dict):  # one for each type of layer
        return [str(rope) for rope in found.values()]
    return [found] if isinstance(found, str) else []
