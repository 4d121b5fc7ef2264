"""What a lossy form does to a model: perplexity, divergence and agreement behind a rounded prefix."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from kvcache.engine.errors import UnusableModel
from kvcache.engine.layers import buffered
from kvcache.engine.model_shape import ModelShape, shape_of
from kvcache.forms import FORMS
from kvcache.forms.choice import FormChoice
from kvcache.forms.layout import BlockLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class FormQuality:
    """One form on some texts. All figures are means over the scored tokens behind rounded prefixes.

    `perplexity_change` is a share of the exact perplexity, `divergence` the Kullback-Leibler divergence from
    the exact distribution in nats, `agreement` the share of tokens whose likeliest successor stays the same.
    `ratio` counts scales and the blocks kept exact, against 16 bits a number.
    """

    form: str
    num_tokens: int
    exact_perplexity: float
    perplexity: float
    divergence: float
    agreement: float
    key_error: float
    ratio: float

    @property
    def perplexity_change(self) -> float:
        return self.perplexity / self.exact_perplexity - 1.0


@dataclass(slots=True)
class _Sums:
    num_tokens: int = 0
    exact_loss: float = 0.0
    loss: float = 0.0
    divergence: float = 0.0
    agreed: int = 0
    lost: float = 0.0
    norm: float = 0.0
    stored_bytes: int = 0
    sixteen_bit_bytes: int = 0


def measure_forms(
    model: PreTrainedModel,
    texts: Iterable[Sequence[int]],
    forms: Sequence[str],
    *,
    block_tokens: int = 64,
    prefix_blocks: int = 24,
    scored_tokens: int = 256,
) -> list[FormQuality]:
    """Round a prefix of each text in each form, and score the tokens behind it.

    Texts are token ids; those shorter than prefix and scored tokens are left out. Raises ValueError when none
    is long enough, UnusableModel for models with states, which have no rounded form.
    """
    shape = shape_of(model)
    if shape.has_states:
        raise UnusableModel("Layers with states are never rounded; there is nothing to measure.")
    layout = shape.layout(block_tokens)
    length = prefix_blocks * block_tokens + scored_tokens
    sums = {form: _Sums() for form in forms}
    for text in texts:
        for at in range(0, len(text) - length, length):
            piece = torch.tensor([text[at : at + length + 1]], device=model.device)
            _add(sums, model, shape, layout, piece, prefix_blocks)
    if not any(each.num_tokens for each in sums.values()):
        raise ValueError(f"No text has the {length:,} tokens that are needed; give longer ones.")
    return [_quality(form, each) for form, each in sums.items()]


def _add(
    sums: dict[str, _Sums],
    model: PreTrainedModel,
    shape: ModelShape,
    layout: BlockLayout,
    piece: Tensor,
    prefix_blocks: int,
) -> None:
    """Compute the prefix once, and score what follows behind it in every form."""
    prefix = prefix_blocks * layout.block_tokens
    with torch.inference_mode():
        buffer = _room(shape, layout, piece)
        model(piece[:, :prefix], past_key_values=_cache(shape, buffer, 0), logits_to_keep=1)
        exact = _scores(model, shape, buffer.clone(), piece, prefix)
        for form, each in sums.items():
            rounded = buffer.clone()
            _round(each, layout, rounded, form, prefix_blocks)
            _compare(each, exact, _scores(model, shape, rounded, piece, prefix), piece[0, prefix + 1 :])


def _round(sums: _Sums, layout: BlockLayout, buffer: Tensor, form: str, num_blocks: int) -> None:
    """Encode the blocks of a prefix and decode them in their place."""
    for position, block in enumerate(_blocks(buffer, layout, num_blocks)):
        coder = FORMS[FormChoice(form).form_of(position, num_blocks)]
        exact = block.contiguous()
        payload = coder.encode(exact.cpu(), layout)
        decoded = torch.empty(layout.shape, dtype=layout.torch_dtype)
        coder.decode(payload, layout, decoded)
        block.copy_(decoded)
        sums.lost += float((block[:, 0].float() - exact[:, 0].float()).square().sum())
        sums.norm += float(exact[:, 0].float().square().sum())
        sums.stored_bytes += len(payload)
        sums.sixteen_bit_bytes += layout.sixteen_bit_bytes


def _scores(model: PreTrainedModel, shape: ModelShape, buffer: Tensor, piece: Tensor, prefix: int) -> Tensor:
    """Log-likelihoods of every token after each of those behind the prefix, `(tokens, vocabulary)`."""
    places = torch.arange(prefix, piece.shape[1] - 1, device=piece.device).unsqueeze(0)
    output = model(
        piece[:, prefix:-1],
        position_ids=places,
        past_key_values=_cache(shape, buffer, prefix),
        use_cache=True,
    )
    return torch.log_softmax(output.logits[0].float(), dim=-1)


def _compare(sums: _Sums, exact: Tensor, rounded: Tensor, targets: Tensor) -> None:
    rows = torch.arange(len(targets), device=targets.device)
    sums.num_tokens += len(targets)
    sums.exact_loss -= float(exact[rows, targets].sum())
    sums.loss -= float(rounded[rows, targets].sum())
    sums.divergence += float((exact.exp() * (exact - rounded)).sum())
    sums.agreed += int((exact.argmax(-1) == rounded.argmax(-1)).sum())


def _quality(form: str, sums: _Sums) -> FormQuality:
    num = sums.num_tokens
    return FormQuality(
        form=form,
        num_tokens=num,
        exact_perplexity=math.exp(sums.exact_loss / num),
        perplexity=math.exp(sums.loss / num),
        divergence=sums.divergence / num,
        agreement=sums.agreed / num,
        key_error=math.sqrt(sums.lost / sums.norm),
        ratio=sums.sixteen_bit_bytes / sums.stored_bytes,
    )


def _room(shape: ModelShape, layout: BlockLayout, piece: Tensor) -> Tensor:
    layers, pair, heads, _, head_dim = layout.shape
    room = (layers, pair, heads, piece.shape[1], head_dim)
    return torch.empty(room, dtype=layout.torch_dtype, device=piece.device)


def _cache(shape: ModelShape, buffer: Tensor, num_tokens: int) -> Cache:
    windows = [shape.layers[number].window for number in shape.attention_layers]
    return Cache(
        layers=[buffered(row, num_tokens, window) for row, window in zip(buffer, windows, strict=True)]
    )


def _blocks(buffer: Tensor, layout: BlockLayout, num_blocks: int) -> Iterator[Tensor]:
    for at in range(0, num_blocks * layout.block_tokens, layout.block_tokens):
        yield buffer[:, :, :, at : at + layout.block_tokens]
