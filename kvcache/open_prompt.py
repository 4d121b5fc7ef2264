"""A prompt being served: the values known of it, and the keeping of those that were computed."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypeAlias

import torch
from torch import Tensor

from kvcache.cost_model import CostModel
from kvcache.prefix_cache import PromptLease
from kvcache.residence import Residence

LayerValues: TypeAlias = Sequence[tuple[Tensor, Tensor]]


class OpenPrompt:
    """The values of a prompt's known prefix, which stays where it is until `share` or `close`.

    `num_cached_tokens` tokens need not be computed: at most all but the last, because a model has to run at
    least one to say what comes next. `buffer` `(layers, 2, kv_heads, room, head_dim)` holds their values from
    its beginning; a model may write those that follow into it, or keep its own. `places` name where the known
    blocks had rested, in prompt order; `num_declined` more rested somewhere, where they were dearer to load
    than to compute.
    """

    def __init__(
        self,
        residence: Residence,
        costs: CostModel,
        lease: PromptLease,
        token_ids: Sequence[int],
        buffer: Tensor,
        *,
        newest_blocks: int,
    ) -> None:
        self.lease = lease
        self.buffer = buffer
        self.num_known = 0
        self.num_cached_tokens = 0
        self.places: list[str] = []
        self.num_declined = 0
        self.lookup_seconds = 0.0
        self.load_seconds = 0.0
        self._residence = residence
        self._costs = costs
        self._token_ids = token_ids
        self._newest_blocks = newest_blocks
        self._num_filled = 0
        self._num_kept = 0
        self._is_shared = False
        self.is_kept = False
        self.is_closed = False

    def layers(self) -> list[tuple[Tensor, Tensor]]:
        """Keys and values of the cached tokens, layer by layer, each `(1, kv_heads, tokens, head_dim)`."""
        known = self.buffer[:, :, :, : self.num_cached_tokens]
        return [(layer[0].unsqueeze(0), layer[1].unsqueeze(0)) for layer in known]

    def keep(
        self,
        layers: LayerValues | None = None,
        *,
        answer: Sequence[int] = (),
        num_tokens: int | None = None,
        compute_seconds: float | None = None,
    ) -> int:
        """Keep the values of the prompt, and of the answer that followed it; how many tokens rest now.

        `layers` are keys and values of all tokens from the first, each `(1, kv_heads, tokens, head_dim)`;
        without them the buffer is read, whose first `num_tokens` are true. Full blocks only. Told how long
        the missing tokens took to compute, the cost model learns. To be called once, and once more after each
        `share`.

        Raises ValueError when values are fewer than what was cached, or of another shape.
        """
        if self.is_kept or self.is_closed:
            raise ValueError("A prompt is kept once, before it is shared or closed.")
        given = self._num_given(layers, num_tokens)
        if given < self.num_cached_tokens:
            raise ValueError(
                f"keep() was given the values of {given} tokens; it needs all from the first, and "
                f"{self.num_cached_tokens} were cached."
            )
        self.is_kept = True
        self._hold()
        if compute_seconds is not None:
            num_computed = len(self._token_ids) - self.num_cached_tokens
            self._costs.observe_compute(num_computed, self.num_cached_tokens, compute_seconds)
        if len(answer):
            self._residence.index.lengthen(self.lease, [*self._token_ids, *answer])
        block_tokens = self.lease.block_tokens
        num_blocks = min(len(self.lease.blocks.keys), max(given // block_tokens, self.num_known))
        num_hit = len(self.lease.slots)
        num_resident = self._residence.keep(
            self.lease,
            num_blocks,
            lambda position: self._values_at(position, layers),
            num_known=max(self.num_known, self._num_kept),
            newest=self._newest_blocks,
            num_counted=self._num_kept,
        )
        self._num_filled = max(num_resident - num_hit, 0)
        self._num_kept = max(num_blocks, self._num_kept)
        return num_resident * block_tokens

    def share(self) -> None:
        """Let others hit what was kept, and let its slots go: the buffer stays as it is, and so does `keep`.

        For a prompt that goes on for long, with its answer.
        """
        if not self.is_closed and not self._is_shared:
            self._is_shared, self.is_kept = True, False
            self._residence.release(self.lease, self._num_filled)
            self._num_filled = 0

    def values_at(self, position: int) -> Tensor:
        """The place of one block in the buffer, `(layers, 2, kv_heads, block_tokens, head_dim)`, strided."""
        block_tokens = self.lease.block_tokens
        return self.buffer[:, :, :, position * block_tokens : (position + 1) * block_tokens]

    def close(self) -> None:
        """The prompt is done; what was not kept is given up. Closing again changes nothing."""
        if not self.is_closed:
            self.is_closed = True
            self._residence.release(self.lease, self._num_filled)  # changes nothing if it is shared

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hold(self) -> None:
        if self._is_shared:
            self._is_shared = False
            self._residence.resume(self.lease)

    def _num_given(self, layers: LayerValues | None, num_tokens: int | None) -> int:
        num_layers, _, heads, room, head_dim = self.buffer.shape
        if layers is None:
            given = self.num_cached_tokens if num_tokens is None else num_tokens
            if given > room:
                raise ValueError(f"The buffer has room for {room} tokens, not {given}.")
            return given
        if len(layers) != num_layers:
            raise ValueError(f"The store keeps {num_layers} layers, keep() was given {len(layers)}.")
        for keys, values in layers:
            if keys.shape != values.shape or keys.shape[:2] != (1, heads) or keys.shape[3] != head_dim:
                raise ValueError(
                    f"Keys {tuple(keys.shape)} and values {tuple(values.shape)} are not "
                    f"(1, {heads}, tokens, {head_dim})."
                )
        return min(keys.shape[2] for keys, _ in layers)

    def _values_at(self, position: int, layers: LayerValues | None) -> Tensor:
        if layers is None or position < self.num_known:
            return self.values_at(position)
        at = position * self.lease.block_tokens
        span = slice(at, at + self.lease.block_tokens)
        return torch.stack([torch.stack((keys[0, :, span], values[0, :, span])) for keys, values in layers])
