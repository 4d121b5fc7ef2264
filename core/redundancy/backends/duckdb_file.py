"""On one machine when memory is short: sets, rows and candidates rest in a DuckDB file that sorts on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import StorageFull, Unavailable
from core.redundancy.backends.arrow_batches import (
    Batch,
    batch_of,
    read_rows,
    read_sets,
    rows_batch,
    sets_batch,
)
from core.redundancy.backends.backend import BackendConfig, EmbedderFactory
from core.redundancy.backends.extras import require
from core.redundancy.backends.group_table import Followers, check_floor, pair_table
from core.redundancy.backends.keyed_sets import chunks, keyed_sets
from core.redundancy.backends.meeting_rows import NUM_MATCHES, prefix_rows
from core.redundancy.backends.rarity import Rarity
from core.redundancy.backends.runs import meetings, whole_runs
from core.redundancy.backends.verification import LeaderPairs, verify
from core.redundancy.clusters import cluster
from core.redundancy.pair_spread import MAX_PAIRS
from core.redundancy.pairs import PairTable
from core.redundancy.shingles import Progress

SAMPLED_KEYS = 1 << 22

_SET_ROWS = 4_096  # rows of an Arrow batch that holds whole sets
_PAIR_ROWS = 2_048
_ROWS = 1 << 20  # rows of numbers
_EMBEDDED_AT_ONCE = 256

_SHARES = {"sets": 0.4, "rows": 0.6, "candidates": 0.85, "pairs": 1.0}


class DuckDbBackend:
    """Keeps the promises of DedupBackend. Reads documents as they come and holds a chunk of them.

    Memory is what `memory_mb` allows DuckDB, some 200 MB for Python and the chunks, and the pairs found. The
    disk takes about 2 KB for a document of 150 words, while it runs.
    """

    name = "duckdb"

    def __init__(self, config: BackendConfig) -> None:
        self._config = config
        self._duckdb = require("duckdb")

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
        with tempfile.TemporaryDirectory(prefix="duckdb-", dir=self._config.scratch) as folder:
            try:
                return self._find_pairs(Path(folder), documents, floor, max_pairs, report)
            except self._duckdb.OutOfMemoryException as error:
                raise Unavailable(
                    f"{self._config.memory_mb} MB are too few for DuckDB here.",
                    remedy="Allow it more memory, or name a scratch folder with more room.",
                    code="backend_failed",
                ) from error
            except self._duckdb.IOException as error:
                raise StorageFull(
                    f"The intermediate files did not fit: {error}", remedy="Name a larger scratch folder."
                ) from error

    def cluster(self, pairs: PairTable, threshold: float) -> tuple[tuple[int, ...], ...]:
        return cluster(pairs, threshold)

    def embed(self, documents: Iterable[str], make_embedder: EmbedderFactory) -> NDArray[np.float32]:
        """The rows lie in a file that vanishes with the array."""
        embedder = make_embedder()
        with tempfile.NamedTemporaryFile(dir=self._config.scratch) as file:
            num_documents = 0
            for _, texts in chunks(documents):
                for begin in range(0, len(texts), _EMBEDDED_AT_ONCE):
                    file.write(embedder.embed(texts[begin : begin + _EMBEDDED_AT_ONCE]).tobytes())
                num_documents += len(texts)
            file.flush()
            if not num_documents:
                return np.empty((0, embedder.dim), np.float32)
            return np.memmap(file.name, np.float32, "r", shape=(num_documents, embedder.dim))

    def close(self) -> None:
        pass

    def _find_pairs(
        self, folder: Path, documents: Iterable[str], floor: float, max_pairs: int, report: Progress
    ) -> PairTable:
        work = _Work(self._duckdb, folder, self._config)
        try:
            num_documents = work.write_sets(documents)
            report(_SHARES["sets"])
            work.write_rows(floor)
            report(_SHARES["rows"])
            work.write_candidates(floor)
            report(_SHARES["candidates"])
            table = pair_table(work.pairs(floor), work.followers(), floor, num_documents, max_pairs)
        finally:
            work.close()
        report(_SHARES["pairs"])
        return table


class _Work:
    """One search: the database file, a connection that writes and one that reads."""

    def __init__(self, duckdb: Any, folder: Path, config: BackendConfig) -> None:
        self._file = duckdb.connect(str(folder / "work.duckdb"))
        self._file.execute(f"SET memory_limit = '{config.memory_mb}MB'")
        self._file.execute(f"SET threads = {config.threads}")
        self._file.execute(f"SET temp_directory = '{str(folder / 'spilled').replace(chr(39), chr(39) * 2)}'")
        self._file.execute("PRAGMA disable_checkpoint_on_shutdown")
        self._file.execute("SET preserve_insertion_order = false")
        self._reading = self._file.cursor()

    def close(self) -> None:
        self._reading.close()
        self._file.close()

    def write_sets(self, documents: Iterable[str]) -> int:
        """The distinct shingles of every document. Returns the number of documents."""
        self._file.execute("CREATE TABLE sets (document BIGINT, size BIGINT, digest BLOB, keys BLOB)")
        num_documents = 0
        for positions, texts in chunks(documents):
            num_documents += len(texts)
            self._append("sets", sets_batch(keyed_sets(positions, texts)))
        self._file.execute(
            "CREATE TABLE followers AS SELECT document, leader FROM sets JOIN "
            "(SELECT digest, min(document) AS leader FROM sets GROUP BY digest HAVING count(*) > 1) "
            "USING (digest) WHERE document <> leader"
        )
        return num_documents

    def write_rows(self, floor: float) -> None:
        """The prefixes of all sets that are not equal to an earlier one."""
        rarity = self._rarity()
        self._file.execute("CREATE TABLE rows (key BIGINT, place BIGINT, document BIGINT)")
        leaders = "SELECT document, keys FROM sets ANTI JOIN followers USING (document)"
        for batch in self._read(leaders, _SET_ROWS):
            rows = prefix_rows(read_sets(batch.column(0), batch.column(1)), rarity, floor)
            self._append("rows", rows_batch(rows))

    def write_candidates(self, floor: float) -> None:
        """Pairs of documents that meet in their prefixes, in one order and each once."""
        self._file.execute("CREATE TABLE met (one BIGINT, other BIGINT, count BIGINT)")
        ordered = self._read("SELECT key, place, document FROM rows ORDER BY key, place", _ROWS)
        for rows in whole_runs(read_rows(batch) for batch in ordered):
            for met in meetings(rows, floor, NUM_MATCHES):
                self._append("met", batch_of(one=met.one, other=met.other, count=met.count))
        self._file.execute("DROP TABLE rows")
        self._file.execute(
            "CREATE TABLE candidates AS SELECT one, other FROM met GROUP BY one, other "
            "HAVING sum(count) >= ?",
            [NUM_MATCHES],
        )
        self._file.execute("DROP TABLE met")

    def pairs(self, floor: float) -> LeaderPairs:
        """The candidates that are similar enough."""
        both = (
            "SELECT c.one, a.keys, c.other, b.keys FROM candidates c "
            "JOIN sets a ON a.document = c.one JOIN sets b ON b.document = c.other"
        )
        found = [
            verify(
                read_sets(batch.column(0), batch.column(1)),
                read_sets(batch.column(2), batch.column(3)),
                floor,
            )
            for batch in self._read(both, _PAIR_ROWS)
        ]
        return LeaderPairs(
            np.concatenate([_NO_DOCUMENTS, *(pairs.one for pairs in found)]),
            np.concatenate([_NO_DOCUMENTS, *(pairs.other for pairs in found)]),
            np.concatenate([np.empty(0), *(pairs.jaccard for pairs in found)]),
        )

    def followers(self) -> Followers:
        table = self._reading.sql("SELECT document, leader FROM followers").to_arrow_table()
        return Followers(table.column(0).to_numpy(), table.column(1).to_numpy())

    def _rarity(self) -> Rarity:
        """From sets chosen by chance, about SAMPLED_KEYS keys of them."""
        (num_keys,) = self._file.execute("SELECT coalesce(sum(size), 0) FROM sets").fetchone()
        per_mille = max(1, min(1000, 1000 * SAMPLED_KEYS // max(int(num_keys), 1)))
        sampled = f"SELECT document, keys FROM sets WHERE hash(document) % 1000 < {per_mille}"  # noqa: S608
        keys = [read_sets(batch.column(0), batch.column(1)).keys for batch in self._read(sampled, _SET_ROWS)]
        return Rarity.of(np.concatenate([np.empty(0, np.uint64), *keys]))

    def _read(self, query: str, num_rows: int) -> Iterator[Batch]:
        """Batches of the answer as they come. One query at a time."""
        yield from self._reading.sql(query).to_arrow_reader(num_rows)

    def _append(self, table: str, batch: Batch) -> None:
        self._file.register("batch", batch)
        self._file.execute(f"INSERT INTO {table} SELECT * FROM batch")  # noqa: S608 - names of ours
        self._file.unregister("batch")


_NO_DOCUMENTS = np.empty(0, np.int64)


def _ignore(done: float) -> None:
    pass
