"""Models out of local folders: whole ones load, damaged ones say what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kvcache.engine.engine import Engine
from kvcache.engine.errors import ModelNotFound, UnusableModel
from kvcache.engine.loading import load_model
from kvcache.engine.model_shape import fingerprint_of
from tests.kvcache.engine.models import VOCABULARY, make_model, save_tokenizer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_model("llama").save_pretrained(tmp_path)
    save_tokenizer(tmp_path, VOCABULARY)
    return tmp_path


def test_a_folder_loads_to_the_model_that_was_saved(folder: Path) -> None:
    model, tokenizer = load_model(folder)
    assert fingerprint_of(model) == fingerprint_of(make_model("llama"))
    assert tokenizer("w5 w7").input_ids == [5, 7]


def test_a_folder_loads_in_another_dtype(folder: Path) -> None:
    model, _ = load_model(folder, dtype="bfloat16")
    assert str(model.dtype) == "torch.bfloat16"


def test_a_missing_model_says_what_a_folder_needs(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"config\.json"):
        load_model(tmp_path / "nothing")


@pytest.mark.parametrize("keep", [0, 100, 5000])
def test_weights_that_were_cut_are_refused(folder: Path, keep: int) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(UnusableModel, match="cannot be loaded"):
        load_model(folder)


def test_a_config_that_is_no_json_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(UnusableModel, match="cannot be loaded"):
        load_model(folder)


def test_a_config_of_another_shape_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["hidden_size"] = 128
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UnusableModel):
        load_model(folder)


def test_a_missing_tokenizer_is_refused(tmp_path: Path) -> None:
    make_model("llama").save_pretrained(tmp_path)
    with pytest.raises(UnusableModel, match="tokenizer"):
        load_model(tmp_path)


def test_a_tokenizer_of_another_model_is_refused(folder: Path) -> None:
    save_tokenizer(folder, VOCABULARY + 50)
    with pytest.raises(UnusableModel, match="do not belong together"):
        load_model(folder)


def test_code_in_a_folder_is_never_run(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModelForCausalLM": "evil.Evil"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text("raise SystemExit('run')")
    model, _ = load_model(folder)
    assert type(model).__name__ == "LlamaForCausalLM"


@pytest.mark.parametrize("settings", [{"device": "cuda:77"}, {"dtype": "int3"}])
def test_an_impossible_device_or_dtype_is_refused(folder: Path, settings: dict[str, str]) -> None:
    with pytest.raises(UnusableModel):
        load_model(folder, **settings)


def test_an_answer_comes_as_text(folder: Path) -> None:
    from kvcache.block_store import BlockStore
    from kvcache.config import CacheConfig
    from kvcache.engine.model_shape import shape_of
    from kvcache.engine.request import GenerationRequest

    model, tokenizer = load_model(folder)
    config = CacheConfig(capacity_blocks=8, salt=b"sixteen or more bytes", block_tokens=16)
    store = BlockStore(config, shape_of(model).layout(16), in_background=False)
    engine = Engine(model, store, tokenizer=tokenizer)
    request = GenerationRequest(prompt=(5, 7), max_new_tokens=5)
    pieces = list(engine.generate(request))
    assert "".join(pieces) == tokenizer.decode(engine.answer(request).tokens)
