"""Past one machine: the same search on Spark, from a list of documents or from a table of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from core.redundancy.backends import spark_steps as steps
from core.redundancy.backends.arrow_batches import Batch, batch_of, binary_column, read_sets
from core.redundancy.backends.backend import BackendConfig, EmbedderFactory
from core.redundancy.backends.extras import require
from core.redundancy.backends.group_table import Followers, check_floor, pair_table
from core.redundancy.backends.keyed_sets import chunks
from core.redundancy.backends.meeting_rows import NUM_MATCHES, Bands
from core.redundancy.backends.rarity import Rarity
from core.redundancy.backends.spark_session import open_session, send_package
from core.redundancy.backends.star_components import star_components
from core.redundancy.backends.verification import LeaderPairs
from core.redundancy.pair_spread import MAX_PAIRS
from core.redundancy.pairs import PairTable
from core.redundancy.shingles import Progress

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SAMPLED_KEYS = 1 << 23
KEYS_PER_PARTITION = 1 << 22
DOCUMENTS_PER_EMBEDDING_TASK = 2_000

_PARTITIONS = "spark.sql.shuffle.partitions"

_SHARES = {"documents": 0.1, "sets": 0.3, "candidates": 0.8, "pairs": 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class SimilarFrames:
    """What a search over a table leaves in the cluster. `release` lets go of what was kept for it.

    `pairs` (one, other, jaccard) are pairs of leaders, one < other, each once; `followers` (document, leader)
    are the documents whose shingles equal those of an earlier one.
    """

    pairs: DataFrame
    followers: DataFrame
    kept: tuple[DataFrame, ...]

    @property
    def edges(self) -> DataFrame:
        """one, other: the pairs, and every follower with its leader; what `components` takes."""
        followers = self.followers.selectExpr("leader AS one", "document AS other")
        return self.pairs.select("one", "other").unionAll(followers)

    def release(self) -> None:
        for frame in self.kept:
            frame.unpersist()


class SparkBackend:
    """Keeps the promises of DedupBackend on a Spark cluster; `master` local[*] is this machine.

    The session starts at the first question and stops with `close`, except one that is handed in. With a
    cluster of several machines `scratch` must be a folder that all of them see. For tables that no driver
    could read, `similar` and `components` take and give DataFrames.
    """

    name = "spark"

    def __init__(self, config: BackendConfig, session: SparkSession | None = None) -> None:
        require("pyspark")
        self._config = config
        self._handed_in = session
        self._folder: Path | None = None
        self._session: SparkSession | None = None

    @property
    def session(self) -> SparkSession:
        """Started when it is first asked for."""
        if self._session is None:
            self._folder = Path(tempfile.mkdtemp(prefix="spark-", dir=self._config.scratch))
            self._session = self._handed_in or open_session(self._config, self._folder)
            if self._handed_in:
                send_package(self._session, self._folder)
        return self._session

    def find_pairs(
        self,
        documents: Iterable[str],
        floor: float = 0.5,
        *,
        max_pairs: int = MAX_PAIRS,
        progress: Progress | None = None,
    ) -> PairTable:
        check_floor(floor)
        report = progress or _ignore
        with self._spoken(), self._frame(documents) as (frame, num_documents):
            report(_SHARES["documents"])
            found = self.similar(frame, floor, report)
            pairs = found.pairs.limit(max_pairs + 1).toArrow()
            followers = found.followers.toArrow()
            found.release()
        one, other, jaccard = (column.to_numpy() for column in pairs.columns)
        document, leader = (column.to_numpy() for column in followers.columns)
        table = pair_table(
            LeaderPairs(one, other, jaccard), Followers(document, leader), floor, num_documents, max_pairs
        )
        report(_SHARES["pairs"])
        return table

    def similar(self, documents: DataFrame, floor: float, progress: Progress | None = None) -> SimilarFrames:
        """The pairs of a table with columns document (bigint, from 0, each once) and text (string or UTF-8).

        `document` should be dense: a bit is broadcast for each number up to the largest. Raises Invalid for a
        floor outside (0, 1].
        """
        check_floor(floor)
        report = progress or _ignore
        sets = self._on_disk(documents.select("document", "text").mapInArrow(steps.make_sets, steps.SETS))
        num_keys, last_document = _extent(sets)
        self._cut(num_keys)
        report(_SHARES["sets"])
        followers = self._on_disk(_followers(sets))
        bits = self._broadcast(_bits(followers.select("document"), last_document + 1))
        candidates = self._on_disk(self._candidates(sets, bits, num_keys, floor))
        wanted = self._broadcast(_bits(_involved(candidates), last_document + 1))
        report(_SHARES["candidates"])
        involved = sets.select("document", "keys").mapInArrow(steps.make_wanted(wanted), steps.WANTED)
        pairs = _with_keys(candidates, involved).mapInArrow(steps.make_pairs(floor), steps.PAIRS)
        return SimilarFrames(pairs, followers, (sets, followers, candidates))

    def components(self, edges: DataFrame) -> DataFrame:
        """node, component (its smallest node) for every node of the columns one and other."""
        return star_components(edges)

    def cluster(self, pairs: PairTable, threshold: float) -> tuple[tuple[int, ...], ...]:
        similar = pairs.at_least(threshold)
        if not len(similar):
            return ()
        edges = batch_of(one=similar.first.astype(np.int64), other=similar.second.astype(np.int64))
        table = require("pyarrow").Table.from_batches([edges])
        with self._spoken():
            return _clusters(self.components(self.session.createDataFrame(table)).toArrow())

    def embed(self, documents: Iterable[str], make_embedder: EmbedderFactory) -> NDArray[np.float32]:
        pickled = require("pyspark.cloudpickle").dumps(make_embedder)
        with self._spoken(), self._frame(documents) as (frame, num_documents):
            if not num_documents:
                return np.empty((0, make_embedder().dim), np.float32)
            fewest = self.session.sparkContext.defaultParallelism
            spread = frame.repartition(max(fewest, num_documents // DOCUMENTS_PER_EMBEDDING_TASK))
            found = spread.mapInPandas(steps.make_vectors(pickled), steps.VECTORS).toArrow()
        order = np.argsort(found.column(0).to_numpy())
        flat = np.frombuffer(b"".join(found.column(1).to_pylist()), np.float32)
        vectors: NDArray[np.float32] = flat.reshape(num_documents, -1)[order]
        return vectors

    def close(self) -> None:
        if self._session is not None and not self._handed_in:
            self._session.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._session = self._folder = None

    def _cut(self, num_keys: int) -> None:
        """Shuffles in partitions of a size that a worker sorts in memory, unless the configuration says."""
        if _PARTITIONS not in self._config.spark_options:
            fewest = self.session.sparkContext.defaultParallelism
            self.session.conf.set(_PARTITIONS, str(max(fewest, num_keys // KEYS_PER_PARTITION)))

    def _candidates(self, sets: DataFrame, followers: Any, num_keys: int, floor: float) -> DataFrame:
        """one, other: every pair of leaders that meets often enough, each once."""
        if self._config.candidates == "minhash":
            num_matches = 1
            step = steps.make_band_rows(Bands.for_recall(floor, self._config.recall), followers)
        else:
            num_matches = NUM_MATCHES
            levels = self._broadcast(_rarity(sets, num_keys).levels)
            step = steps.make_prefix_rows(levels, followers, floor)
        rows = sets.select("document", "keys").mapInArrow(step, steps.ROWS)
        ordered = rows.repartition("key").sortWithinPartitions("key", "place")
        met = ordered.mapInArrow(steps.make_meetings(floor, num_matches), steps.MEETINGS)
        counted = met.groupBy("one", "other").sum("count")
        return counted.where(counted[2] >= num_matches).select("one", "other")

    def _broadcast(self, value: NDArray[Any]) -> Any:
        return self.session.sparkContext.broadcast(value)

    def _on_disk(self, frame: DataFrame) -> DataFrame:
        from pyspark import StorageLevel

        kept: DataFrame = frame.persist(StorageLevel.DISK_ONLY)
        return kept

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """What goes wrong in the cluster becomes Unavailable."""
        try:
            yield
        except require("pyspark.errors").PySparkException as error:
            raise Unavailable(
                f"The work on Spark failed: {_cause(str(error))}",
                remedy="Look into the log of Spark; workers need the Python packages of requirements.txt.",
                code="backend_failed",
            ) from error

    @contextmanager
    def _frame(self, documents: Iterable[str]) -> Iterator[tuple[DataFrame, int]]:
        """The documents as a table in files that the workers read, and their number."""
        session = self.session
        assert self._folder is not None
        folder = Path(tempfile.mkdtemp(prefix="documents-", dir=self._folder))
        try:
            num_documents = _write_documents(folder, documents)
            yield session.read.schema("document long, text binary").parquet(str(folder)), num_documents
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _cause(message: str) -> str:
    """The line that says it: the last of a worker's traceback, else the first."""
    lines = message.strip().splitlines() or [""]
    return lines[-1] if "Traceback" in message else lines[0]


def _write_documents(folder: Path, documents: Iterable[str]) -> int:
    """One file a chunk. Returns the number of documents."""
    arrow, parquet = require("pyarrow"), require("pyarrow.parquet")
    num_documents = 0
    for number, (positions, texts) in enumerate(chunks(documents)):
        num_documents += len(texts)
        written = binary_column([text.encode("utf-8", "surrogatepass") for text in texts])
        parquet.write_table(
            arrow.table({"document": positions, "text": written}),
            folder / f"{number:06}.parquet",
            use_dictionary=False,
        )
    return num_documents


def _extent(sets: DataFrame) -> tuple[int, int]:
    """The number of keys and the largest document, -1 for none. Computes the sets."""
    from pyspark.sql import functions as f

    row = sets.agg(f.sum("size"), f.max("document")).first()
    return (int(row[0]), int(row[1])) if row and row[1] is not None else (0, -1)


def _followers(sets: DataFrame) -> DataFrame:
    """document, leader: the documents whose set equals that of an earlier one."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    leader = f.min("document").over(Window.partitionBy("digest"))
    equal = sets.select("document", leader.alias("leader"))
    return equal.where("document <> leader")


def _rarity(sets: DataFrame, num_keys: int) -> Rarity:
    """From sets chosen by chance, about SAMPLED_KEYS keys of them."""
    sampled = sets.select("document", "keys")
    if num_keys > SAMPLED_KEYS:
        sampled = sampled.sample(fraction=SAMPLED_KEYS / num_keys, seed=1)
    batches = sampled.toArrow().to_batches()
    keys = [read_sets(batch.column(0), batch.column(1)).keys for batch in batches]
    return Rarity.of(np.concatenate([np.empty(0, np.uint64), *keys]))


def _involved(candidates: DataFrame) -> DataFrame:
    both = candidates.selectExpr("one AS document").unionAll(candidates.selectExpr("other AS document"))
    return both.distinct()


def _bits(documents: DataFrame, num_documents: int) -> NDArray[np.uint8]:
    """An array of bits, one for each of all documents, set for those in the table."""
    is_listed = np.zeros(num_documents, np.bool_)
    is_listed[documents.toArrow().column(0).to_numpy()] = True
    return np.packbits(is_listed, bitorder="little")


def _with_keys(candidates: DataFrame, involved: DataFrame) -> DataFrame:
    """one, its keys, other, its keys."""
    ones = involved.selectExpr("document AS one", "keys AS one_keys")
    others = involved.selectExpr("document AS other", "keys AS other_keys")
    both = candidates.join(ones, "one").join(others, "other")
    return both.select("one", "one_keys", "other", "other_keys")


def _clusters(components: Batch) -> tuple[tuple[int, ...], ...]:
    """As core.redundancy.clusters orders them."""
    nodes, labels = (column.to_numpy() for column in components.columns)
    order = np.lexsort((nodes, labels))
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    found = [tuple(part.tolist()) for part in np.split(nodes[order], cuts)]
    return tuple(sorted(found, key=lambda cluster: (-len(cluster), cluster[0])))


def _ignore(done: float) -> None:
    pass
