"""The packaged model, exported once for all tests, and small models in folders of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.inference.embedding import EmbeddingModel, SentenceEmbedder


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@pytest.fixture(scope="session")
def int8(exports: Path) -> SentenceEmbedder:
    return SentenceEmbedder(EmbeddingModel(exports=exports, form="int8"))


@pytest.fixture(scope="session")
def float32(exports: Path) -> SentenceEmbedder:
    return SentenceEmbedder(EmbeddingModel(exports=exports, form="float32"))


SMALL = {
    "model_type": "bert",
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "vocab_size": 40,
    "max_position_embeddings": 24,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 1,
}


@pytest.fixture
def small_model(tmp_path: Path) -> Path:
    """A model folder of a few kilobytes with random weights, as transformers writes one."""
    return write_small_model(tmp_path / "model", SMALL)


def write_small_model(folder: Path, config: dict[str, object], pooling: str = "mean_tokens") -> Path:
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(7)
    is_bert = config["model_type"] == "bert"
    model = BertModel(BertConfig(**config)) if is_bert else XLMRobertaModel(XLMRobertaConfig(**config))
    model.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    words = ["<s>", "<pad>", "</s>", "<unk>", *(f"w{number}" for number in range(36))]
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({f"pooling_mode_{pooling}": True}))
    return folder
