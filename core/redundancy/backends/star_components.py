"""Connected components of a graph that fits on no machine: alternating large-star and small-star.

Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii, Connected Components in MapReduce and Beyond (SoCC
2014): O(log² n) rounds, in practice a few, each one shuffle of the edges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, WindowSpec


def star_components(edges: DataFrame) -> DataFrame:
    """node, component for every node of `edges` (columns one, other); the component is its smallest node."""
    from pyspark.sql import functions as f

    stars = _kept(
        edges.select(f.greatest("one", "other").alias("node"), f.least("one", "other").alias("least"))
        .where("node <> least")
        .distinct()
    )
    seen = _fingerprint(stars)
    while True:
        earlier, stars = stars, _kept(_small_star(_large_star(stars)))
        earlier.unpersist()
        if (now := _fingerprint(stars)) == seen:
            break
        seen = now
    members = stars.select("node", f.col("least").alias("component"))
    leaders = stars.select(f.col("least").alias("node"), f.col("least").alias("component")).distinct()
    return members.unionAll(leaders)


def _large_star(stars: DataFrame) -> DataFrame:
    """Every neighbour larger than a node is tied to the least among the node and its neighbours."""
    from pyspark.sql import functions as f

    back = stars.select(f.col("least").alias("node"), f.col("node").alias("least"))
    return (
        stars.unionAll(back)
        .select("node", "least", f.least("node", f.min("least").over(_by_node())).alias("centre"))
        .where("least > node")
        .select(f.col("least").alias("node"), f.col("centre").alias("least"))
    )


def _small_star(stars: DataFrame) -> DataFrame:
    """A node and its smaller neighbours are tied to the least of them."""
    from pyspark.sql import functions as f

    centred = stars.select("node", "least", f.min("least").over(_by_node()).alias("centre"))
    neighbours = centred.select(f.col("least").alias("node"), f.col("centre").alias("least"))
    own = centred.select("node", f.col("centre").alias("least"))
    return neighbours.unionAll(own).where("node <> least").distinct()


def _by_node() -> WindowSpec:
    from pyspark.sql import Window

    return Window.partitionBy("node")


def _kept(frame: DataFrame) -> DataFrame:
    """Computed now and kept, without the history of how: it would double every round."""
    kept: DataFrame = frame.localCheckpoint(eager=True)
    return kept


def _fingerprint(stars: DataFrame) -> tuple[int, int]:
    """Equal for equal sets of edges; for others with a chance of 2⁻⁶⁴."""
    from pyspark.sql import functions as f

    row = stars.agg(f.count("*"), f.bit_xor(f.xxhash64("node", "least"))).first()
    return (int(row[0]), int(row[1] or 0)) if row else (0, 0)
