from __future__ import annotations

import numpy as np
import pytest

from core.redundancy.backends.arrow_batches import read_rows, read_sets, rows_batch, sets_batch
from core.redundancy.backends.keyed_sets import keyed_sets
from core.redundancy.backends.meeting_rows import prefix_rows
from core.redundancy.backends.rarity import Rarity

TEXTS = ["one two three four", "?", "a", "five six seven eight nine", "ten eleven twelve", "a b"]


@pytest.mark.parametrize(("begin", "length"), [(0, 5), (1, 3), (3, 2), (4, 0)])
def test_sets_come_back_from_any_part_of_a_batch(begin: int, length: int) -> None:
    sets = keyed_sets(np.arange(10, 16), TEXTS)
    batch = sets_batch(sets)
    part = batch.slice(begin, length)
    read = read_sets(part.column("document"), part.column("keys"))
    assert read.documents.tolist() == sets.documents.tolist()[begin : begin + length]
    expected = [keys.tolist() for keys in sets.each()][begin : begin + length]
    assert [keys.tolist() for keys in read.each()] == expected


def test_rows_come_back_with_all_64_bits() -> None:
    sets = keyed_sets(np.arange(len(TEXTS)), TEXTS)
    rows = prefix_rows(sets, Rarity.of(sets.keys), 0.5)
    read = read_rows(rows_batch(rows))
    assert int(rows.keys.max()) >= 2**63
    for column in ("keys", "places", "documents"):
        assert getattr(read, column).tolist() == getattr(rows, column).tolist()
