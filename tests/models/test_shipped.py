"""The model that ships: whole, named, and as good as its card says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.engine_selection import SHIPPED_MODEL
from core.inference import GenerateText, Local, LocalModel, answer
from kvcache.engine.loading import load_model


def test_it_answers_in_the_product_and_the_same_each_time(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "other"):
        engine = Local(LocalModel(folder=SHIPPED_MODEL, state_dir=tmp_path / name))
        for prompt in ("The purchase order", "El pedido de compra"):
            said = answer(engine, GenerateText(prompt=prompt, max_new_tokens=30, temperature=0.7, seed=3))
            assert said.usage.new_tokens > 3
            texts.append(said.text)
        engine.close()
    assert texts[:2] == texts[2:]


def test_its_tokenizer_spells_every_text() -> None:
    _, tokenizer = load_model(SHIPPED_MODEL)
    for text in ("año 2026 — «ação» 東京 🎉 \x00", "1234567890", "\n\n\t x"):
        ids = tokenizer(text).input_ids
        assert tokenizer.decode(ids) == text


def test_its_card_and_its_curve_agree_and_its_sources_are_named() -> None:
    card = (SHIPPED_MODEL / "README.md").read_text(encoding="utf-8")
    last = (SHIPPED_MODEL / "loss_curve.csv").read_text().splitlines()[-1].split(",")
    assert int(last[0]) >= 10_000_000
    (claimed,) = re.findall(r"\| ([0-9.]+) bits per byte", card)
    assert float(claimed) == pytest.approx(float(last[3]), abs=0.001)
    notice = (SHIPPED_MODEL / "NOTICE.md").read_text(encoding="utf-8")
    assert "Microsoft Corporation" in notice
    assert "CC BY 4.0" in notice
