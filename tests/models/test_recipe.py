"""The recipe of the small model: text in, resumable training, a model out that the engine loads."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import zstandard
from safetensors.torch import load_file

from kvcache.engine.loading import load_model
from models.text import read_texts
from models.tokenizer import END, VOCABULARY, train_tokenizer
from tests.conftest import ROOT

WORDS = ("la casa the house año 12 34", "análisis report — informe", "«cita» 東京 🎉")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    choose = random.Random(1)
    folder = tmp_path / "texts"
    folder.mkdir()
    lines = [
        json.dumps({"id": f"doc {number}", "text": " ".join(choose.choices(WORDS, k=400))})
        for number in range(400)
    ]
    (folder / "made_up.jsonl.zst").write_bytes(zstandard.compress("\n".join(lines).encode()))
    return folder


def train(texts: Path, work: Path, tokens: int, *more: str) -> None:
    command = [sys.executable, "-m", "models.train", str(texts), "--work", str(work), "--tokens", str(tokens)]
    subprocess.run([*command, *more], cwd=ROOT, check=True, capture_output=True)


def test_some_documents_are_kept_out_and_always_the_same(texts: Path) -> None:
    held_out = [text.source for text in read_texts(texts) if text.is_held_out]
    assert 0 < len(held_out) < 40
    assert held_out == [text.source for text in read_texts(texts) if text.is_held_out]


def test_the_tokenizer_spells_every_text_and_every_digit_alone(texts: Path) -> None:
    tokenizer = train_tokenizer(text.text for text in read_texts(texts))
    for text in ("año 2024, 34.5 %", "東京 🎉 \x00\n\t", "Ünïcode — «ção»", ""):
        ids = tokenizer(text).input_ids
        assert tokenizer.decode(ids) == text
        assert all(number < VOCABULARY for number in ids)
    assert [tokenizer.decode([each]) for each in tokenizer("2024").input_ids] == list("2024")
    assert tokenizer.convert_tokens_to_ids(END) == 0


@pytest.mark.slow
def test_training_goes_on_where_it_was_cut_and_ends_in_a_model(texts: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    train(texts, whole, 12_288)
    train(texts, cut, 4_096)
    train(texts, cut, 12_288)
    one, other = (load_file(work / "checkpoint.safetensors") for work in (whole, cut))
    assert one["place"].tolist() == other["place"].tolist() == [12_288, 3]
    for name, weight in one.items():
        torch.testing.assert_close(weight, other[name], rtol=1e-3, atol=1e-4)
    train(texts, cut, 12_288, "--anneal", "--out", str(tmp_path / "model"))
    model, tokenizer = load_model(tmp_path / "model")
    assert str(model.dtype) == "torch.bfloat16"
    assert 5_000_000 < sum(weight.numel() for weight in model.parameters()) < 6_000_000
    assert len(tokenizer) <= VOCABULARY
    curve = (cut / "loss_curve.csv").read_text().splitlines()
    assert curve[0] == "tokens,stage,training_loss,held_out_bits_per_byte"
    assert "annealed" in curve[-1]


def test_a_folder_without_texts_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="jsonl"):
        list(read_texts(tmp_path))
