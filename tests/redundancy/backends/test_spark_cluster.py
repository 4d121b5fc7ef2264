from __future__ import annotations

import numpy as np
import pytest

from core.errors import Unavailable
from core.language.embedder import Embedder
from core.redundancy import PairTable, cluster, find_pairs
from core.redundancy.backends import BackendConfig
from core.redundancy.backends.spark_cluster import SparkBackend
from tests.redundancy.backends.corpora import tricky_texts


def test_long_chains_and_stars_become_the_clusters_of_the_process(spark: SparkBackend) -> None:
    rng = np.random.default_rng(2)
    chain = [(place, place + 1) for place in range(0, 40)]
    star = [(50, other) for other in range(51, 90)]
    some = {(min(pair), max(pair)) for pair in rng.integers(100, 200, (60, 2)).tolist() if pair[0] != pair[1]}
    pairs = np.array(sorted({*chain, *star, *some}), np.int32)
    table = PairTable(pairs[:, 0], pairs[:, 1], rng.choice([0.5, 0.8], len(pairs)), 0.5, 200)
    assert spark.cluster(table, 0.5) == cluster(table, 0.5)


def test_minhash_reports_no_pair_that_is_not_there_and_misses_next_to_none(spark: SparkBackend) -> None:
    texts = tricky_texts()[:400]
    expected = find_pairs(texts, 0.7)
    by_bands = SparkBackend(BackendConfig(candidates="minhash", recall=0.99), spark.session)
    found = by_bands.find_pairs(texts, 0.7)
    by_bands.close()
    rows = zip(expected.first.tolist(), expected.second.tolist(), expected.jaccard.tolist(), strict=True)
    known = {(one, other): jaccard for one, other, jaccard in rows}
    pairs = zip(found.first.tolist(), found.second.tolist(), found.jaccard.tolist(), strict=True)
    assert all(known[one, other] == jaccard for one, other, jaccard in pairs)
    assert len(found) >= 0.95 * len(expected)


def test_a_table_of_the_cluster_is_searched_without_the_driver_reading_it(spark: SparkBackend) -> None:
    texts = [
        "pay within thirty days",
        "Pay within thirty days!",
        "pay within thirty days of it",
        "other",
    ]
    table = spark.session.createDataFrame(list(enumerate(texts)), "document long, text string")
    found = spark.similar(table, 0.5)
    pairs = {(row["one"], row["other"]): row["jaccard"] for row in found.pairs.collect()}
    followers = {(row["document"], row["leader"]) for row in found.followers.collect()}
    components = {row["node"]: row["component"] for row in spark.components(found.edges).collect()}
    found.release()
    assert (pairs, followers) == ({(0, 2): 0.5}, {(1, 0)})
    assert components == {0: 0, 1: 0, 2: 0}


def test_what_fails_on_a_worker_is_said_with_its_cause(spark: SparkBackend) -> None:
    def broken() -> Embedder:
        raise RuntimeError("the weights are not there")

    with pytest.raises(Unavailable, match="the weights are not there") as failed:
        spark.embed(["a"], broken)
    assert failed.value.code == "backend_failed"
