"""Chooses the next token from logits."""

from __future__ import annotations

import secrets

import torch
from torch import Tensor

from kvcache.engine.errors import BrokenLogits
from kvcache.engine.request import GREEDY, Sampling


class Sampler:
    """The choices of one request. Same seed, same logits, same tokens, whatever else runs beside it."""

    def __init__(self, sampling: Sampling, vocabulary: int) -> None:
        self._sampling = sampling
        self._seen = torch.zeros(vocabulary, dtype=torch.bool)
        self._random = torch.Generator()
        self._random.manual_seed(secrets.randbits(63) if sampling.seed is None else sampling.seed)

    def has_seen(self, token_ids: list[int] | tuple[int, ...]) -> None:
        """These stand in the text already."""
        if self._sampling.repetition_penalty != 1.0 and token_ids:
            self._seen[torch.tensor(token_ids, dtype=torch.long)] = True

    def choose(self, logits: Tensor) -> int:
        """The next token, from logits `(vocabulary,)` on any device. Raises BrokenLogits."""
        scores = logits.detach().to("cpu", torch.float32)
        if not bool(torch.isfinite(scores).all()):
            raise BrokenLogits("The model's logits are not finite; check its weights, or use float32.")
        scores = self._penalise(scores)
        if self._sampling.temperature == GREEDY:
            chosen = int(scores.argmax())
        else:
            chosen = int(torch.multinomial(self._chances(scores), 1, generator=self._random))
        self.has_seen([chosen])
        return chosen

    def _penalise(self, scores: Tensor) -> Tensor:
        penalty = self._sampling.repetition_penalty
        if penalty == 1.0:
            return scores
        lowered = torch.where(scores > 0, scores / penalty, scores * penalty)
        return torch.where(self._seen[: len(scores)], lowered, scores)

    def _chances(self, scores: Tensor) -> Tensor:
        scores = scores / self._sampling.temperature
        top_k = self._sampling.top_k
        if 0 < top_k < len(scores):
            least = torch.topk(scores, top_k).values[-1]
            scores = scores.masked_fill(scores < least, -torch.inf)
        chances = torch.softmax(scores, dim=-1)
        if self._sampling.top_p < 1.0:
            ordered, places = torch.sort(chances, descending=True)
            beyond = ordered.cumsum(0) - ordered >= self._sampling.top_p
            chances[places[beyond]] = 0.0
        return chances
