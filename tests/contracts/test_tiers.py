"""The promises of a tier, kept by every member of the table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvcache.record import BlockRecord
from kvcache.tiers import TIERS, Tier, TierError, TierFull
from tests.conftest import ROOT
from tests.fakes.tiers import PLACES, Place, make_key, open_place

MODULES_WITHOUT_TIER = {"__init__", "backup", "circuit_breaker", "redis_client", "segment", "tier"}


MARKS = {"remote": [pytest.mark.redis]}


@pytest.fixture(params=[pytest.param(name, marks=MARKS.get(name, [])) for name in PLACES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with open_place(request.param, tmp_path) as opened:
        yield opened


def test_the_table_names_every_tier_of_the_folder() -> None:
    modules = {file.stem for file in (ROOT / "kvcache" / "tiers").glob("*.py")} - MODULES_WITHOUT_TIER
    assert {tier.__module__.rsplit(".", 1)[1] for tier in TIERS.values()} == modules == set(TIERS)
    assert {name.split(" ")[0] for name in PLACES} == set(TIERS)
    assert all(tier.name == name for name, tier in TIERS.items())


def equal(one: BlockRecord | None, other: BlockRecord) -> bool:
    return one is not None and (
        (one.key, one.tokens, one.position, one.form, one.exact, bytes(one.payload))
        == (other.key, other.tokens, other.position, other.form, other.exact, bytes(other.payload))
    )


def test_a_record_comes_back_as_it_was_put(place: Place) -> None:
    record = place.record(1)
    place.tier.put(record)
    assert place.tier.holds(record.key)
    assert equal(place.tier.get(record.key), record)


def test_what_was_never_put_is_a_miss(place: Place) -> None:
    assert place.tier.get(make_key(1)) is None
    assert not place.tier.holds(make_key(1))
    assert not place.tier.discard(make_key(1))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_record_makes_the_round_trip(place: Place, data: st.DataObject) -> None:
    size = place.block_bytes
    record = BlockRecord(
        key=data.draw(st.binary(min_size=32, max_size=32)),
        tokens=data.draw(st.binary(max_size=64)),
        position=data.draw(st.integers(0, 2**40)),
        form="raw" if size else data.draw(st.text(max_size=8)),
        payload=data.draw(st.binary(min_size=size or 0, max_size=size or 4096)),
        exact=data.draw(st.booleans()),
    )
    place.tier.put(record)
    assert equal(place.tier.get(record.key), record)
    place.tier.discard(record.key)


def test_a_payload_without_tokens_and_tokens_without_payload_are_records_too(place: Place) -> None:
    size = place.block_bytes or 0
    for number, tokens in enumerate((b"", b"1234")):
        record = BlockRecord(make_key(number), tokens, 0, "raw", b"x" * size)
        place.tier.put(record)
        assert equal(place.tier.get(record.key), record)


def test_a_large_record_makes_the_round_trip(place: Place) -> None:
    record = place.record(1, size=600_000)
    place.tier.put(record)
    assert equal(place.tier.get(record.key), record)


def test_what_happens_to_the_buffer_after_put_does_not_change_the_record(place: Place) -> None:
    record = place.record(1)
    buffer = bytearray(record.payload)
    place.tier.put(BlockRecord(record.key, record.tokens, record.position, "raw", memoryview(buffer)))
    buffer[:] = bytes(len(buffer))
    assert equal(place.tier.get(record.key), record)


def test_an_equal_key_is_replaced_and_counted_once(place: Place) -> None:
    place.tier.put(place.record(1))
    place.tier.put(place.record(2))
    again = place.record(1, size=128, fill=9)
    place.tier.put(again)
    assert equal(place.tier.get(again.key), again)
    assert place.tier.snapshot().blocks == 2
    assert [entry.key for entry in place.tier.entries()] == [make_key(2), make_key(1)]


def test_a_discarded_record_is_gone(place: Place) -> None:
    place.tier.put(place.record(1))
    place.tier.put(place.record(2))
    assert place.tier.discard(make_key(1))
    assert not place.tier.discard(make_key(1))
    assert place.tier.get(make_key(1)) is None
    assert equal(place.tier.get(make_key(2)), place.record(2))


def test_another_size_keeps_what_rests_and_bounds_what_comes(place: Place) -> None:
    if not place.is_bounded:
        with pytest.raises(TierError):
            place.tier.resize(1 << 16)
        return
    records = fill(place, size=2_000)[:-1]
    before = place.tier.snapshot()
    with pytest.raises(TierFull):
        place.tier.resize(before.capacity_bytes // 2)
    assert place.tier.snapshot() == before
    for record in records[4:]:
        place.tier.discard(record.key)
    place.tier.resize(before.capacity_bytes // 2)
    assert place.tier.snapshot().capacity_bytes == before.capacity_bytes // 2
    num_more = len(fill(place, size=2_000)) - 5
    assert len(records) // 2 - 4 <= num_more + 4 <= len(records) // 2 + 1
    place.tier.resize(before.capacity_bytes)
    assert len(fill(place, size=2_000)) - 1 == len(records)
    assert all(equal(place.tier.get(record.key), record) for record in records)


def fill(place: Place, size: int = 20_000) -> list[BlockRecord]:
    """Put records until the tier is full; the record that did not fit is the last."""
    records: list[BlockRecord] = []
    with pytest.raises(TierFull):
        for number in range(10_000):
            records.append(place.record(number, size))
            place.tier.put(records[-1])
    return records


def test_a_full_tier_says_so_and_keeps_what_it_had(place: Place) -> None:
    if not place.is_bounded:
        pytest.skip("this tier has no bound of its own")
    *kept, refused = fill(place)
    assert len(kept) > 5
    assert place.tier.get(refused.key) is None
    assert all(equal(place.tier.get(record.key), record) for record in kept)
    assert place.tier.snapshot().held_bytes <= place.tier.snapshot().capacity_bytes


def test_a_replacement_that_does_not_fit_leaves_the_old_record(place: Place) -> None:
    if not place.is_bounded or place.block_bytes:
        pytest.skip("every record of this tier fits in the place of another")
    *kept, _ = fill(place)
    larger = place.record(0, size=900_000, fill=1)
    with pytest.raises(TierFull):
        place.tier.put(larger)
    assert equal(place.tier.get(kept[0].key), kept[0])


def test_the_bytes_of_a_discarded_record_are_free_for_another(place: Place) -> None:
    if not place.is_bounded:
        pytest.skip("this tier has no bound of its own")
    *kept, _ = fill(place)
    for step in range(200):
        assert place.tier.discard(kept.pop(step * 7 % len(kept)).key)
        kept.append(place.record(20_000 + step * 5, 20_000))
        place.tier.put(kept[-1])
        taken = place.tier.snapshot()
        assert taken.held_bytes <= taken.capacity_bytes
    assert all(equal(place.tier.get(record.key), record) for record in kept)


def test_entries_come_in_the_order_they_were_put_and_changes_meanwhile_do_no_harm(place: Place) -> None:
    for number in range(6):
        place.tier.put(place.record(number))
    found = []
    for entry in place.tier.entries():
        found.append((entry.key, entry.position))
        place.tier.discard(entry.key)
        place.tier.put(place.record(100 + len(found)))
    assert found == [(make_key(number), number) for number in range(6)]


def test_the_snapshot_counts_what_is_there(place: Place) -> None:
    for number in range(5):
        place.tier.put(place.record(number))
    place.tier.discard(make_key(3))
    taken = place.tier.snapshot()
    listed = list(place.tier.entries())
    assert taken.name == place.tier.name
    assert (taken.blocks, taken.damaged, taken.errors) == (4, 0, 0)
    assert taken.stored_bytes == sum(entry.num_bytes for entry in listed)
    assert taken.stored_bytes <= taken.held_bytes
    assert all(entry.num_bytes >= place.record(0).num_bytes for entry in listed)


def test_verifying_reads_every_record(place: Place) -> None:
    for number in range(5):
        place.tier.put(place.record(number))
    place.tier.flush()
    seen = place.tier.verify()
    assert (seen.sound, seen.damaged) == (5, 0)
    assert seen.bytes_read >= 5 * place.record(0).num_bytes


def test_threads_never_see_a_mixture(place: Place) -> None:
    wrong: list[object] = []

    def work(seed: int) -> None:
        for step in range(150):
            number = (seed + step * 3) % 11
            record = place.record(number, size=3000)
            try:
                place.tier.put(record)
            except TierFull:
                place.tier.discard(make_key((number + 1) % 11))
            found = place.tier.get(make_key((step * 5) % 11))
            if found is not None and not equal(found, place.record((step * 5) % 11, size=3000)):
                wrong.append(found.key)
            if step % 4 == 0:
                place.tier.discard(make_key((step * 7) % 11))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    taken = place.tier.snapshot()
    assert (taken.damaged, taken.errors) == (0, 0)
    assert taken.blocks == len(list(place.tier.entries()))
    assert taken.stored_bytes == sum(entry.num_bytes for entry in place.tier.entries())


def test_a_closed_tier_refuses_every_call(place: Place) -> None:
    record = place.record(1)
    place.tier.put(record)
    place.tier.close()
    place.tier.close()
    for call in calls(place.tier, record):
        with pytest.raises(TierError):
            call()


def calls(tier: Tier, record: BlockRecord) -> list[Callable[[], object]]:
    return [
        lambda: tier.put(record),
        lambda: tier.get(record.key),
        lambda: tier.holds(record.key),
        lambda: tier.discard(record.key),
        lambda: tier.entries(),
        tier.flush,
        tier.verify,
        tier.snapshot,
    ]


def test_what_outlives_its_closing_is_there_again(place: Place) -> None:
    if place.outlives_close is None:
        pytest.skip("this tier is gone when it is closed")
    records = [place.record(number, size=1000 + number) for number in range(20)]
    for record in records:
        place.tier.put(record)
    place.tier.discard(make_key(4))
    place.tier.close()
    tier = place.outlives_close()
    assert tier.get(make_key(4)) is None
    assert all(equal(tier.get(record.key), record) for record in records if record.key != make_key(4))
    assert [entry.key for entry in tier.entries()] == [r.key for r in records if r.key != make_key(4)]
    tier.close()
