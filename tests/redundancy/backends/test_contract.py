from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.errors import Invalid
from core.redundancy import cluster, find_pairs
from core.redundancy.backends import BACKENDS, BackendConfig, DedupBackend, EmbedderFactory, open_backend
from core.redundancy.pair_spread import LARGE_GROUP
from tests.redundancy.backends.corpora import assert_same, tricky_texts

WORDS = st.sampled_from(["a", "b", "c", "d", "the", "niño", "ação", "ß", "Σας", "İ", "x_1", "42"])
TEXTS = st.lists(
    st.one_of(st.lists(WORDS, max_size=12).map(" ".join), st.text(max_size=8), st.just("a b c d e f")),
    max_size=14,
)
FLOORS = st.one_of(st.sampled_from([0.01, 1 / 3, 0.5, 2 / 3, 0.7, 0.9, 1.0]), st.floats(0.01, 1.0))


def test_a_tricky_corpus_gives_the_same_table_everywhere(backend: DedupBackend) -> None:
    texts = tricky_texts()
    expected = find_pairs(texts, 0.5)
    assert len(expected.large_groups[0]) == LARGE_GROUP + 1
    told: list[float] = []
    found = backend.find_pairs(iter(texts), 0.5, progress=told.append)
    assert_same(found, expected)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert backend.cluster(found, 0.9) == cluster(expected, 0.9)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, FLOORS)
def test_any_few_texts_give_the_same_table_on_disk(
    duckdb: DedupBackend, texts: list[str], floor: float
) -> None:
    assert_same(duckdb.find_pairs(texts, floor), find_pairs(texts, floor))


def test_no_documents_are_no_pairs_and_no_clusters(backend: DedupBackend) -> None:
    found = backend.find_pairs(iter(["", "?"]), 0.7)
    assert_same(found, find_pairs(["", "?"], 0.7))
    assert backend.cluster(found, 0.7) == ()


@pytest.mark.parametrize("floor", [0.0, 1.01, float("nan")])
def test_a_floor_that_makes_no_sense_is_refused(backend: DedupBackend, floor: float) -> None:
    with pytest.raises(Invalid, match="cannot be asked for"):
        backend.find_pairs(["a b c"], floor)


def test_more_pairs_than_allowed_is_an_error_and_never_a_shorter_list(backend: DedupBackend) -> None:
    with pytest.raises(Invalid) as refused:
        backend.find_pairs(tricky_texts(), 0.5, max_pairs=1_000)
    assert refused.value.code == "too_many_pairs"


def test_clusters_below_the_floor_are_refused(backend: DedupBackend) -> None:
    with pytest.raises(Invalid, match="complete from"):
        backend.cluster(find_pairs(["a b c"], 0.5), 0.4)


def test_vectors_come_in_the_order_of_the_documents_from_one_model_a_worker(backend: DedupBackend) -> None:
    texts = [f"{'word ' * (number % 7)}" for number in range(40)]
    for _ in range(2):
        vectors = backend.embed(iter(texts), embedder_factory())
        assert (vectors.shape, vectors.dtype) == ((40, 3), np.float32)
        assert vectors[:, 0].tolist() == [number % 7 for number in range(40)]
        process, num_made = vectors[:, 1], vectors[:, 2]
        for worker in set(process.tolist()):
            assert len(set(num_made[process == worker].tolist())) == 1


def embedder_factory() -> EmbedderFactory:
    """Of an embedder whose vectors are: number of words, the process, how many were made in it."""

    class Counting:
        fingerprint, dim = "counting", 3

        def __init__(self) -> None:
            import_module("core.inference.embedding")  # what the real one needs is there, too
            self.number = int(os.environ.get("NUM_MADE", "0")) + 1
            os.environ["NUM_MADE"] = str(self.number)

        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            rows = [(len(text.split()), os.getpid() % 2**20, self.number) for text in texts]
            return np.array(rows, np.float32).reshape(-1, 3)

    return Counting


def test_a_backend_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Invalid, match="no backend 'hadoop'") as refused:
        open_backend("hadoop")
    assert all(name in refused.value.remedy for name in BACKENDS)


def test_the_files_of_a_search_are_gone_after_it(tmp_path, duckdb: DedupBackend) -> None:
    backend = open_backend("duckdb", BackendConfig(scratch=tmp_path))
    backend.find_pairs(["a b c d", "a b c d e"], 0.5)
    assert backend.embed(["a"], embedder_factory()).shape == (1, 3)
    assert not any(tmp_path.iterdir())


@pytest.mark.corpus
@pytest.mark.parametrize(("floor", "truth", "num_pairs"), [(0.7, "070", 652)])
def test_reuters_gives_exactly_the_known_pairs(
    backend: DedupBackend, reuters, floor: float, truth: str, num_pairs: int
) -> None:
    """652 of 652, counted by two independent exhaustive programs."""
    found = backend.find_pairs(reuters.texts, floor)
    assert_same(found, find_pairs(reuters.texts, floor))
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == set(reuters.truth(f"reuters_pairs_j{truth}.tsv"))
    assert len(pairs) == num_pairs
    assert backend.cluster(found, floor) == cluster(found, floor)
