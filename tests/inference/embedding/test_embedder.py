"""The embedder keeps what core.language.embedder.Embedder promises, in both forms."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid, Unavailable
from core.inference.embedding import EmbeddingModel, SentenceEmbedder
from core.inference.embedding import embedder as embedder_module
from core.language.embedder import Embedder

TEXTS = [
    "The invoice is due within thirty days.",
    "Payment has to be made in a month.",
    "The cat sleeps on the warm roof.",
]


@pytest.fixture(params=["int8", "float32"])
def embedder(request: pytest.FixtureRequest) -> SentenceEmbedder:
    found: SentenceEmbedder = request.getfixturevalue(request.param)
    return found


def test_it_is_an_embedder_as_redundancy_asks_for_one(embedder: SentenceEmbedder) -> None:
    asked: Embedder = embedder
    assert asked.dim == 384
    assert asked.embed(TEXTS).shape == (3, 384)
    assert asked.embed(TEXTS).dtype == np.float32


def test_sentences_of_like_meaning_lie_nearer_than_others(embedder: SentenceEmbedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_a_text_without_words_gets_zeros_and_others_length_one(embedder: SentenceEmbedder) -> None:
    vectors = embedder.embed(["", TEXTS[0], " -- \n", TEXTS[1]])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([0, 1, 0, 1], abs=1e-5)
    assert embedder.embed([]).shape == (0, 384)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from([*TEXTS, "Short.", "A much longer text, " * 12]), min_size=1, max_size=5))
def test_the_vector_of_a_text_does_not_depend_on_its_neighbours(
    int8: SentenceEmbedder, texts: list[str]
) -> None:
    together = int8.embed(texts)
    alone = np.concatenate([int8.embed([text]) for text in texts])
    assert (together == alone).all()


def test_int8_stays_near_float32(int8: SentenceEmbedder, float32: SentenceEmbedder) -> None:
    texts = [*TEXTS, "Employees ask for leave two weeks in advance.", "La factura vence en treinta días."]
    cosines = (int8.embed(texts) * float32.embed(texts)).sum(axis=1)
    assert cosines.min() > 0.96


def test_a_text_is_read_up_to_the_limit_of_pieces(embedder: SentenceEmbedder) -> None:
    assert embedder.max_pieces == 256
    head = "word " * 254
    vectors = embedder.embed([head, head + "and what follows is not read"])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-5)
    assert embedder.count_pieces([head + "more", "word"]) == [257, 3]


def test_fingerprints_differ_by_form_and_model(
    int8: SentenceEmbedder, float32: SentenceEmbedder, small_model: Path, exports: Path
) -> None:
    small = SentenceEmbedder(EmbeddingModel(exports=exports, folder=small_model, form="float32"))
    assert len({int8.fingerprint, float32.fingerprint, small.fingerprint}) == 3
    again = SentenceEmbedder(EmbeddingModel(exports=exports, form="int8"))
    assert again.fingerprint == int8.fingerprint


def test_threads_may_share_it(small_model: Path, tmp_path: Path) -> None:
    shared = SentenceEmbedder(EmbeddingModel(exports=tmp_path, folder=small_model))
    texts = [f"w{number} w{number + 1}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: shared.embed([text])[0], texts))
    assert np.array_equal(np.array(found), shared.embed(texts))


def test_without_the_int8_form_it_runs_in_float32_and_says_why(small_model: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "a file, no folder"
    blocked.touch()
    fallen_back = SentenceEmbedder(EmbeddingModel(exports=blocked, folder=small_model))
    assert fallen_back.embed(["w1"]).shape == (1, 16)
    assert fallen_back.form == "float32"
    assert "int8" in fallen_back.reason


def test_int8_that_was_asked_for_and_cannot_be_had_is_an_error(small_model: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "a file, no folder"
    blocked.touch()
    with pytest.raises(Unavailable, match="int8"):
        SentenceEmbedder(EmbeddingModel(exports=blocked, folder=small_model, form="int8")).embed(["w1"])


def test_a_gpu_that_is_not_there_is_an_error(small_model: Path, tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(Unavailable, match="no GPU"):
        SentenceEmbedder(EmbeddingModel(exports=tmp_path, folder=small_model, device="cuda:0")).embed(["w1"])
    with pytest.raises(Invalid, match="CPU only"):
        SentenceEmbedder(
            EmbeddingModel(exports=tmp_path, folder=small_model, device="cuda:0", form="int8")
        ).embed(["w1"])


def test_a_gpu_gives_the_vectors_of_the_cpu(float32: SentenceEmbedder, exports: Path) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("torch sees no GPU")
    on_gpu = SentenceEmbedder(EmbeddingModel(exports=exports, device="cuda:0"))
    assert on_gpu.embed(TEXTS) == pytest.approx(float32.embed(TEXTS), abs=1e-4)


def test_nothing_heavy_is_imported_before_the_first_question() -> None:
    code = (
        "import sys; from core.inference.embedding import EmbeddingModel, SentenceEmbedder;"
        "from pathlib import Path; SentenceEmbedder(EmbeddingModel(exports=Path('nowhere')));"
        "assert not {'torch', 'onnxruntime', 'tokenizers', 'safetensors'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(embedder_module.__file__).parents[3])
