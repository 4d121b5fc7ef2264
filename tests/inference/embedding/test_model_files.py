"""A model folder is checked before it is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import BertModel, XLMRobertaConfig, XLMRobertaModel

from core.errors import Invalid, Unavailable
from core.inference.embedding import model_files
from core.inference.embedding.model_files import read_model_files
from core.inference.embedding.network import load_network
from tests.inference.embedding.conftest import SMALL, write_small_model

IDS = torch.tensor([[0, 5, 6, 7, 2], [0, 9, 2, 1, 1]])
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def test_the_packaged_weights_are_the_pinned_ones() -> None:
    files = read_model_files()
    assert files.is_packaged
    assert files.architecture.pooling == "mean"
    assert files.max_pieces == 256


def test_other_weights_in_the_package_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model_files.PACKAGED_SHA256, "tokenizer.json", "0" * 64)
    with pytest.raises(Unavailable, match=r"tokenizer\.json .* not the one") as found:
        read_model_files()
    assert "requirements-weights.txt" in found.value.remedy


def test_a_package_that_is_not_installed_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(Unavailable, match="not installed"):
        read_model_files()


def test_a_bert_folder_gives_what_transformers_computes(small_model: Path) -> None:
    hidden = BertModel.from_pretrained(small_model).eval()(IDS, MASK).last_hidden_state
    expected = torch.stack([hidden[0].mean(0), hidden[1, :3].mean(0)])
    found = load_network(read_model_files(small_model))(IDS, MASK)
    assert torch.allclose(found, torch.nn.functional.normalize(expected), atol=1e-5)


def test_an_xlm_roberta_folder_with_cls_pooling_gives_what_transformers_computes(tmp_path: Path) -> None:
    config = {**SMALL, "model_type": "xlm-roberta", "type_vocab_size": 1}
    folder = write_small_model(tmp_path / "model", config, pooling="cls_token")
    model = XLMRobertaModel.from_pretrained(folder, config=XLMRobertaConfig(**config)).eval()
    expected = model(IDS, MASK).last_hidden_state[:, 0]
    files = read_model_files(folder)
    assert files.max_pieces == 24 - 2
    found = load_network(files)(IDS, MASK)
    assert torch.allclose(found, torch.nn.functional.normalize(expected), atol=1e-5)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", {**SMALL, "model_type": "t5"}),
        ("config.json", {**SMALL, "hidden_act": "relu"}),
        ("config.json", {key: value for key, value in SMALL.items() if key != "hidden_size"}),
        ("modules.json", [{"type": "sentence_transformers.models.Dense"}]),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}),
        ("1_Pooling/config.json", {}),
    ],
)
def test_a_model_of_another_kind_is_refused(small_model: Path, file: str, content: object) -> None:
    (small_model / file).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Invalid, match="cannot load"):
        read_model_files(small_model)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "tokenizer.json", "config.json", "1_Pooling/config.json"]
)
def test_a_folder_that_lacks_a_file_is_refused_by_its_name(small_model: Path, name: str) -> None:
    (small_model / name).unlink()
    with pytest.raises(Invalid, match=Path(name).name):
        read_model_files(small_model)


def test_weights_of_another_shape_are_refused(small_model: Path) -> None:
    (small_model / "config.json").write_text(json.dumps({**SMALL, "hidden_size": 32}), encoding="utf-8")
    with pytest.raises(Invalid, match="do not fit"):
        load_network(read_model_files(small_model))
