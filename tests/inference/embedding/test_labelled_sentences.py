"""On sentences that people compared, int8 ranks as float32 does."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.inference.embedding import SentenceEmbedder

NUM_PAIRS = 500


@pytest.mark.corpus
def test_int8_ranks_sentence_pairs_of_sts_b_as_float32_does(
    int8: SentenceEmbedder, float32: SentenceEmbedder
) -> None:
    named = Path(os.environ.get("BENCH_DATA") or "no-folder-named")
    files = [place / "stsb-dev.tsv" for place in (named, named / "redundancy")]
    file = next((place for place in files if place.is_file()), None)
    if file is None:
        pytest.skip("BENCH_DATA names no folder with stsb-dev.tsv")
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").split("\n") if line]
    rows = rows[:: len(rows) // NUM_PAIRS]
    scores = np.array([float(row[4]) for row in rows])
    ranked = {}
    for embedder in (int8, float32):
        first, second = (embedder.embed([row[side] for row in rows]) for side in (5, 6))
        ranked[embedder.form] = float(spearmanr((first * second).sum(axis=1), scores).statistic)
    assert ranked["int8"] >= 0.86
    assert abs(ranked["int8"] - ranked["float32"]) <= 0.005
