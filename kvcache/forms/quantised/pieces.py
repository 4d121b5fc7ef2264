"""A block piece by piece, as float32 and small enough to stay in a core's cache from one step to the next."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import torch
from torch import Tensor

PIECE_VALUES = 1 << 17

_THREAD = threading.local()

Place = tuple[slice, slice]
"""Some layers and heads of a tensor `(layers, heads, ...)`."""


def as_float32(numbers: Tensor) -> Iterator[tuple[Place, Tensor]]:
    """Copies of all `(layers, heads, tokens, dim)`, one after the other in the same room."""
    room = _room(numbers)
    for place in _places(numbers):
        part = numbers.detach()[place]
        yield place, room[: part.numel()].view(part.shape).copy_(part)


def into_float32(out: Tensor) -> Iterator[tuple[Place, Tensor]]:
    """Pieces to be filled with `(layers, heads, tokens, dim)`; `out` has each when the next is asked for."""
    if out.dtype == torch.float32:
        yield from ((place, out[place]) for place in _places(out))
        return
    room = _room(out)
    for place in _places(out):
        part = out[place]
        piece = room[: part.numel()].view(part.shape)
        yield place, piece
        part.copy_(piece)


def _room(numbers: Tensor) -> Tensor:
    """Room for the largest piece, kept from block to block: fresh memory costs more than the arithmetic."""
    num_values = max(PIECE_VALUES, numbers[0, 0].numel())
    room: Tensor | None = getattr(_THREAD, "room", None)
    if room is None or room.numel() < num_values:
        with torch.inference_mode(False):  # else it could not be written to outside of that mode
            room = _THREAD.room = torch.empty(num_values, dtype=torch.float32)
    return room


def _places(numbers: Tensor) -> Iterator[Place]:
    """Whole layers, or some heads of one."""
    layers, heads = numbers.shape[:2]
    head_values = numbers[0, 0].numel()
    num_heads = max(1, min(heads, PIECE_VALUES // head_values))
    num_layers = max(1, PIECE_VALUES // (head_values * heads))
    for layer in range(0, layers, num_layers):
        for head in range(0, heads, num_heads):
            yield slice(layer, layer + num_layers), slice(head, head + num_heads)
