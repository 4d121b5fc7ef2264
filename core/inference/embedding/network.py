"""A BERT encoder with pooling, as torch modules: what weights are loaded into and ONNX is exported from.

Devlin et al. 2019 (BERT), Reimers and Gurevych 2019 (mean pooling). XLM-RoBERTa is the same network whose
positions begin behind the padding index.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.errors import Invalid

if TYPE_CHECKING:
    from core.inference.embedding.model_files import Architecture, ModelFiles


def load_network(files: ModelFiles) -> SentenceNetwork:
    """The network with its weights, in float32 on the CPU. Raises Invalid where they do not fit its shape."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    network = SentenceNetwork(files.architecture).eval()
    try:
        weights = {name: values.float() for name, values in load_file(files.weights).items()}
        network.load_state_dict(own_names(weights), assign=True)
    except (SafetensorError, RuntimeError) as error:
        raise Invalid(
            f"The weights in {files.weights} do not fit the config.json beside them.",
            remedy="Name a whole sentence-transformers folder.",
            code="embedding_model_incomplete",
        ) from error
    return network.requires_grad_(False)


class SentenceNetwork(nn.Module):
    """Piece numbers and a mask, both (texts, pieces), to unit vectors (texts, dim)."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.embeddings = _Embeddings(shape)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.num_layers))
        self.pooling = shape.pooling

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        hidden = self.embeddings(ids, mask)
        hindered = (1.0 - mask[:, None, None, :].to(hidden.dtype)) * -10_000.0
        for layer in self.layers:
            hidden = layer(hidden, hindered)
        return nn.functional.normalize(self._pooled(hidden, mask), dim=-1)

    def _pooled(self, hidden: Tensor, mask: Tensor) -> Tensor:
        if self.pooling == "cls":
            return hidden[:, 0]
        weights = mask[:, :, None].to(hidden.dtype)
        return (hidden * weights).sum(1) / weights.sum(1)


def own_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights under the names of this network. A prefix such as `bert.` and the unused pooler go."""
    named = {}
    for name, values in weights.items():
        short = name.partition("embeddings.")[1:] if "embeddings." in name else name.partition("layer.")[1:]
        own = "".join(short).replace("layer.", "layers.", 1).replace("attention.self.", "attention.")
        own = own.replace("attention.output.dense", "attention.out").replace(
            "attention.output.LayerNorm", "attention_norm"
        )
        own = own.replace("intermediate.dense", "widen").replace("output.dense", "narrow")
        own = own.replace("output.LayerNorm", "norm").replace("LayerNorm", "norm")
        if own and not own.endswith("position_ids"):
            named[own] = values
    return named


class _Embeddings(nn.Module):
    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(shape.num_pieces, shape.dim)
        self.position_embeddings = nn.Embedding(shape.num_positions, shape.dim)
        self.token_type_embeddings = nn.Embedding(shape.num_types, shape.dim)
        self.norm = nn.LayerNorm(shape.dim, eps=shape.norm_epsilon)
        self.first_position = shape.first_position

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        positions = torch.cumsum(mask, dim=1) * mask + (self.first_position - 1)
        positions = positions.clamp(min=0)  # padding; nobody looks at it
        words = self.word_embeddings(ids) + self.token_type_embeddings.weight[0]
        normed: Tensor = self.norm(words + self.position_embeddings(positions))
        return normed


class _Layer(nn.Module):
    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.attention = _Attention(shape)
        self.attention_norm = nn.LayerNorm(shape.dim, eps=shape.norm_epsilon)
        self.widen = nn.Linear(shape.dim, shape.inner_dim)
        self.narrow = nn.Linear(shape.inner_dim, shape.dim)
        self.norm = nn.LayerNorm(shape.dim, eps=shape.norm_epsilon)

    def forward(self, hidden: Tensor, hindered: Tensor) -> Tensor:
        hidden = self.attention_norm(hidden + self.attention(hidden, hindered))
        inner = nn.functional.gelu(self.widen(hidden))
        normed: Tensor = self.norm(hidden + self.narrow(inner))
        return normed


class _Attention(nn.Module):
    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.num_heads = shape.num_heads
        self.head_dim = shape.dim // shape.num_heads
        self.query = nn.Linear(shape.dim, shape.dim)
        self.key = nn.Linear(shape.dim, shape.dim)
        self.value = nn.Linear(shape.dim, shape.dim)
        self.out = nn.Linear(shape.dim, shape.dim)

    def forward(self, hidden: Tensor, hindered: Tensor) -> Tensor:
        query, key, value = (self._heads(part(hidden)) for part in (self.query, self.key, self.value))
        scores = query @ key.transpose(-1, -2) / math.sqrt(self.head_dim) + hindered
        mixed = (scores.softmax(-1) @ value).transpose(1, 2)
        joined: Tensor = self.out(mixed.reshape(hidden.shape[0], hidden.shape[1], -1))
        return joined

    def _heads(self, values: Tensor) -> Tensor:
        return values.view(values.shape[0], values.shape[1], self.num_heads, self.head_dim).transpose(1, 2)
