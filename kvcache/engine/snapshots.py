"""States of layers that carry one: as bytes, and back into a fresh cache.

A layer with keys and values can be restored at every block. One with a state, as linear attention has it,
only where the state was written down: at a snapshot.
"""

from __future__ import annotations

import json
import struct
from hashlib import blake2b
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import LinearAttentionLayer

from kvcache.forms.form import as_bytes, as_tensor
from kvcache.level import Level
from kvcache.record import BlockRecord

FORM = "state"
_FRONT = struct.Struct("<I")


class Snapshots:
    """Keeps the states at boundaries of blocks in levels of their own, under keys made from the block's."""

    def __init__(self, levels: list[Level]) -> None:
        self._levels = levels

    def holds(self, block_key: bytes) -> bool:
        """Whether there is a snapshot after this block."""
        key = _snapshot_key(block_key)
        return any(level.holds(key) for level in self._levels)

    def put(
        self, block_key: bytes, tokens: bytes, position: int, states: dict[int, LinearAttentionLayer]
    ) -> None:
        """Keep the states of the layers, by the layers' numbers, as they are after this block."""
        record = BlockRecord(_snapshot_key(block_key), tokens, position, FORM, pack(states), exact=True)
        for level in self._levels:
            if not level.holds(record.key):
                level.put(record)

    def resize(self, capacity_bytes: int) -> None:
        """Give each level so much; the snapshots that do not fit any more go."""
        for level in self._levels:
            level.resize(capacity_bytes, lambda _gone: None)

    def get(
        self, block_key: bytes, tokens: bytes, device: torch.device
    ) -> dict[int, LinearAttentionLayer] | None:
        """Fresh layers in the state after this block, or None if it is not known."""
        key = _snapshot_key(block_key)
        for level in self._levels:
            record = level.get(key)
            if record is not None and record.tokens == tokens and record.form == FORM:
                level.touch([key])
                return unpack(record.payload, device)
        return None


def pack(states: dict[int, LinearAttentionLayer]) -> bytes:
    """The tensors and counters of layers as bytes."""
    entries: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for number, layer in states.items():
        for state in range(layer.number_of_states):
            for kind, held in (
                ("conv", layer.conv_states[state]),
                ("recurrent", layer.recurrent_states[state]),
            ):
                if held is not None:
                    entries.append(
                        {
                            "layer": number,
                            "states": layer.number_of_states,
                            "state": state,
                            "kind": kind,
                            "dtype": str(held.dtype).removeprefix("torch."),
                            "shape": list(held.shape),
                            "has_previous": layer.has_previous_state[state],
                            "kernel": layer.conv_kernel_size[state],
                        }
                    )
                    parts.append(bytes(as_bytes(held.detach().cpu())))
    front = json.dumps(entries).encode()
    return b"".join([_FRONT.pack(len(front)), front, *parts])


def unpack(payload: bytes | memoryview, device: torch.device) -> dict[int, LinearAttentionLayer]:
    """Fresh layers with what `pack` wrote down."""
    view = memoryview(payload)
    (length,) = _FRONT.unpack_from(view)
    at = _FRONT.size + length
    layers: dict[int, LinearAttentionLayer] = {}
    for entry in json.loads(bytes(view[_FRONT.size : at])):
        dtype = getattr(torch, entry["dtype"])
        num_bytes = dtype.itemsize * torch.Size(entry["shape"]).numel()
        held = as_tensor(view[at : at + num_bytes], dtype).view(entry["shape"]).clone().to(device)
        at += num_bytes
        layer = layers.get(entry["layer"])
        if layer is None:
            layer = layers[entry["layer"]] = LinearAttentionLayer(entry["states"])
        _put_back(layer, entry, held)
    return layers


def _put_back(layer: Any, entry: dict[str, Any], held: Tensor) -> None:
    state = entry["state"]
    layer.device = held.device
    if entry["kind"] == "conv":
        layer.dtype = held.dtype
        layer.conv_states[state] = held
        layer.is_conv_states_initialized[state] = True
        layer.conv_kernel_size[state] = entry["kernel"]
    else:
        layer.recurrent_states[state] = held
        layer.is_recurrent_states_initialized[state] = True
    layer.has_previous_state[state] = entry["has_previous"]


def _snapshot_key(block_key: bytes) -> bytes:
    return blake2b(block_key, digest_size=32, person=b"kvcache state").digest()
