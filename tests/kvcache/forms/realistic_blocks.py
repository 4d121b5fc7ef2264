"""Blocks that look like those of a model: from a forward pass, and synthetic ones with outlier channels.

Neither is a trained model. Keys of trained models have the offsets and outlier channels of the synthetic ones
(KIVI, arXiv 2402.02750, figure 2); the forward pass has the rotations and nothing else.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from kvcache.forms import BlockLayout

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM

ROPE_BASE = 10_000.0
OUTLIER_SHARE = 1 / 16


def outlier_blocks(layout: BlockLayout, num_blocks: int, seed: int = 1) -> list[Tensor]:
    """A prompt: channels of unlike offset and spread, one in 16 an outlier, rotated; heavy-tailed values."""
    chance = torch.Generator().manual_seed(seed)
    tokens = num_blocks * layout.block_tokens
    lead = (layout.num_layers, layout.num_kv_heads)
    spread = torch.randn(*lead, 1, layout.head_dim, generator=chance).mul(0.4).exp()
    outliers = 1 + 9 * (torch.rand(*lead, 1, layout.head_dim, generator=chance) < OUTLIER_SHARE)
    offset = torch.randn(*lead, 1, layout.head_dim, generator=chance) * outliers
    noise = torch.randn(*lead, tokens, layout.head_dim, generator=chance)
    keys = _rotate(offset + spread * noise)
    loudness = torch.randn(*lead, tokens, 1, generator=chance).mul(0.3).exp()
    values = torch.randn(*lead, tokens, layout.head_dim, generator=chance)
    tails = torch.rand(*lead, tokens, layout.head_dim, generator=chance).clamp_min(0.05).pow(-0.25)
    return _blocks(torch.stack((keys, values * loudness * tails), 1), layout)


def normal_blocks(layout: BlockLayout, num_blocks: int, seed: int = 1) -> list[Tensor]:
    """Independent normal numbers: nothing for a form to exploit."""
    chance = torch.Generator().manual_seed(seed)
    shape = (layout.num_layers, 2, layout.num_kv_heads, num_blocks * layout.block_tokens, layout.head_dim)
    return _blocks(torch.randn(shape, generator=chance), layout)


def llama_blocks(layout: BlockLayout, num_blocks: int, seed: int = 1) -> list[Tensor]:
    """The cache of a LlamaForCausalLM with random weights after a prompt in which words repeat as in text."""
    tokens = num_blocks * layout.block_tokens
    model = _llama(layout.num_layers, layout.num_kv_heads, layout.head_dim, seed)
    torch.manual_seed(seed)
    words = torch.multinomial(1 / torch.arange(1, 4097), tokens, replacement=True)
    with torch.inference_mode():
        cache = model(input_ids=words[None], use_cache=True, logits_to_keep=1).past_key_values
    pairs = [torch.stack((layer.keys[0], layer.values[0])) for layer in cache.layers]
    return _blocks(torch.stack(pairs).clone(), layout)


@cache
def _llama(num_layers: int, num_kv_heads: int, head_dim: int, seed: int) -> LlamaForCausalLM:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=4096,
        hidden_size=2 * num_kv_heads * head_dim,
        intermediate_size=704,
        num_hidden_layers=num_layers,
        num_attention_heads=2 * num_kv_heads,
        num_key_value_heads=num_kv_heads,
        head_dim=head_dim,
        max_position_embeddings=8192,
    )
    return LlamaForCausalLM(config).eval()


def _rotate(keys: Tensor) -> Tensor:
    """RoPE, halves paired as in Llama; a last odd channel is left as it is."""
    half = keys.shape[-1] // 2
    angles = torch.arange(keys.shape[-2])[:, None] * ROPE_BASE ** -(torch.arange(half) / half)
    first, second, rest = keys.split((half, half, keys.shape[-1] - 2 * half), -1)
    turned = (
        first * angles.cos() - second * angles.sin(),
        second * angles.cos() + first * angles.sin(),
        rest,
    )
    return torch.cat(turned, -1)


def _blocks(live: Tensor, layout: BlockLayout) -> list[Tensor]:
    """Cut `(layers, 2, heads, tokens, dim)` into contiguous blocks."""
    pieces = live.to(layout.torch_dtype).split(layout.block_tokens, 3)
    return [piece.contiguous() for piece in pieces]
