"""The response cache: what is the same question, what is kept, and what happens when the store is lost."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.inference import Deterministic, EngineIdentity, GenerateText, Message, Piece, answer
from core.inference.circuit_breaker import CircuitBreaker
from core.inference.engine import never
from core.inference.errors import EngineUnavailable
from core.inference.response_cache import CachedEngine, ResponseCache
from core.inference.response_stores import (
    RESPONSE_STORES,
    RedisResponses,
    ResponseStore,
    SqliteResponses,
    StoreLost,
)
from core.priority import Priority
from tests.conftest import ROOT
from tests.fakes.engines import SAID, FailingEngine
from tests.fakes.redis_servers import RedisServer, one_server

SECRET = b"a secret of these tests"
QUESTION = GenerateText(prompt="Where is Paris?", tenant="one")
CAPACITY = 100_000


@dataclass
class Place:
    """A store, another view of the same, and how to lose it."""

    store: ResponseStore
    again: Callable[[], ResponseStore]
    lose: Callable[[], None]


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with one_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=pytest.mark.redis)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        path = tmp_path / "deep" / "responses.sqlite"

        def again() -> ResponseStore:
            return SqliteResponses(path, capacity_bytes=CAPACITY)

        found = Place(again(), again, lambda: path.write_bytes(b"garbage " * 2000) and None)
    else:
        server = request.getfixturevalue("redis_server")
        server.client().flushall()

        def again() -> ResponseStore:
            return RedisResponses(f"redis://127.0.0.1:{server.port}/0", capacity_bytes=CAPACITY)

        found = Place(again(), again, server.client().flushall)
    yield found
    found.store.close()


@pytest.fixture
def cache(place: Place) -> ResponseCache:
    return ResponseCache(place.store, secret=SECRET)


class Counting(Deterministic):
    """Counts what it is asked."""

    def __init__(self) -> None:
        super().__init__([("", SAID)])
        self.num_asked = 0

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self.num_asked += 1
        yield from super().generate(request, is_cancelled=is_cancelled)


@pytest.fixture
def engine(cache: ResponseCache) -> CachedEngine:
    return CachedEngine(Counting(), cache)


def num_asked(engine: CachedEngine) -> int:
    assert isinstance(engine.engine, Counting)
    return engine.engine.num_asked


IDENTITY = EngineIdentity(engine="e", model="m", fingerprint="f")
LOST: SqliteResponses = SqliteResponses(Path("/proc/nowhere/responses"), capacity_bytes=1)
FIELDS: dict[str, st.SearchStrategy[object]] = {
    "prompt": st.text(min_size=1)
    | st.lists(
        st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text()), min_size=1
    ).map(tuple),
    "max_new_tokens": st.integers(1, 10**6),
    "temperature": st.floats(0, 10),
    "top_p": st.floats(0.01, 1),
    "top_k": st.integers(0, 1000),
    "repetition_penalty": st.floats(0.1, 10),
    "seed": st.none() | st.integers(0, 2**63 - 1),
    "stop": st.lists(st.text(min_size=1), max_size=3).map(tuple),
    "priority": st.sampled_from(Priority),
    "deadline_seconds": st.none() | st.floats(0.001, 1e6),
    "tenant": st.text(),
    "may_truncate": st.booleans(),
}
CHANGES_NO_ANSWER = {"label"}


def test_the_property_below_knows_every_field() -> None:
    assert set(FIELDS) == {field.name for field in fields(GenerateText)} - CHANGES_NO_ANSWER


def test_what_a_request_is_for_changes_no_key() -> None:
    cache = ResponseCache(LOST, secret=SECRET)
    assert cache.key(QUESTION, IDENTITY) == cache.key(replace(QUESTION, label="document:1"), IDENTITY)


@given(data=st.data(), name=st.sampled_from(sorted(FIELDS)))
def test_a_request_that_differs_in_any_field_has_another_key(data: st.DataObject, name: str) -> None:
    cache = ResponseCache(LOST, secret=SECRET)
    values = {field: data.draw(strategy, label=field) for field, strategy in FIELDS.items()}
    other = values | {name: data.draw(FIELDS[name].filter(lambda value: value != values[name]))}
    one, two = GenerateText(**values), GenerateText(**other)  # type: ignore[arg-type]
    assert cache.key(one, IDENTITY) == cache.key(replace(one), replace(IDENTITY))
    assert cache.key(one, IDENTITY) != cache.key(two, IDENTITY)


@pytest.mark.parametrize("name", [field.name for field in fields(EngineIdentity)])
def test_another_engine_or_model_or_its_weights_have_another_key(name: str) -> None:
    cache = ResponseCache(LOST, secret=SECRET)
    other = replace(IDENTITY, **{name: 7 if name == "context_tokens" else True})
    assert cache.key(QUESTION, IDENTITY) != cache.key(QUESTION, other)


def test_another_secret_has_other_keys_and_a_short_one_is_refused() -> None:
    keys = {ResponseCache(LOST, secret=secret).key(QUESTION, IDENTITY) for secret in (SECRET, SECRET * 2)}
    assert len(keys) == 2
    with pytest.raises(Invalid):
        ResponseCache(LOST, secret=b"short")


def test_the_same_question_is_computed_once_and_streamed_again(engine: CachedEngine) -> None:
    first, second = list(engine.generate(QUESTION)), list(engine.generate(QUESTION))
    assert num_asked(engine) == 1
    assert [(piece.text, piece.num_tokens) for piece in first] == [
        (piece.text, piece.num_tokens) for piece in second
    ]
    one, two = first[-1].usage, second[-1].usage
    assert one is not None
    assert two is not None
    assert not one.is_stored_answer
    assert two == replace(
        one, is_stored_answer=True, seconds=two.seconds, first_piece_seconds=two.first_piece_seconds
    )


def test_another_tenant_is_answered_anew(engine: CachedEngine) -> None:
    answer(engine, QUESTION)
    assert not answer(engine, replace(QUESTION, tenant="two")).usage.is_stored_answer
    assert num_asked(engine) == 2


def test_what_another_run_may_answer_differently_is_not_kept(engine: CachedEngine) -> None:
    chance = replace(QUESTION, temperature=0.7)
    for _ in range(2):
        assert not answer(engine, chance).usage.is_stored_answer
    assert answer(engine, replace(chance, seed=3)).text == answer(engine, replace(chance, seed=3)).text
    found = engine.cache.snapshot()
    assert (found.bypassed, found.stored, found.hits) == (2, 1, 1)


def test_an_answer_that_was_cancelled_left_or_broken_is_not_kept(cache: ResponseCache) -> None:
    engine = CachedEngine(Counting(), cache)
    seen: list[Piece] = []
    seen += engine.generate(QUESTION, is_cancelled=lambda: len(seen) > 1)
    left = engine.generate(QUESTION)
    next(left)
    left.close()
    with pytest.raises(EngineUnavailable):
        answer(CachedEngine(FailingEngine(EngineUnavailable("gone")), cache), QUESTION)
    assert (cache.snapshot().stored, cache.snapshot().entries) == (0, 0)


def test_cancelling_ends_a_stored_answer_too(engine: CachedEngine) -> None:
    answer(engine, QUESTION)
    seen: list[Piece] = []
    seen += engine.generate(QUESTION, is_cancelled=lambda: len(seen) >= 2)
    assert len(seen) == 3
    assert seen[-1].usage is not None
    assert seen[-1].usage.finish_reason == "cancelled"


def test_the_snapshot_counts(engine: CachedEngine) -> None:
    for _ in range(3):
        answer(engine, QUESTION)
    found = engine.cache.snapshot()
    assert (found.hits, found.misses, found.stored, found.entries) == (2, 1, 1, 1)
    assert found.num_bytes is not None
    assert found.num_bytes > len(SAID)
    engine.cache.clear()
    assert (engine.cache.snapshot().entries, engine.cache.snapshot().num_bytes) == (0, 0)


def test_answers_outlive_the_process(place: Place) -> None:
    answer(CachedEngine(Counting(), ResponseCache(place.store, secret=SECRET)), QUESTION)
    place.store.close()
    again = CachedEngine(Counting(), ResponseCache(place.again(), secret=SECRET))
    assert answer(again, QUESTION).usage.is_stored_answer
    again.close()


def test_an_entry_that_somebody_changed_is_a_miss_and_goes(place: Place, cache: ResponseCache) -> None:
    engine = CachedEngine(Counting(), cache)
    answer(engine, QUESTION)
    key = cache.key(QUESTION, engine.identity())
    value = place.store.get(key)
    assert value is not None
    for forged in (value.replace(b"Paris", b"Peril"), b"", value[:40], b"\x00" * 32 + value[32:]):
        place.store.put(key, forged, 60)
        assert cache.get(key) is None
        assert place.store.get(key) is None
    assert cache.snapshot().damaged == 4


def test_the_entry_of_one_question_does_not_pass_for_another(place: Place, cache: ResponseCache) -> None:
    engine = CachedEngine(Counting(), cache)
    answer(engine, QUESTION)
    other = cache.key(replace(QUESTION, tenant="two"), engine.identity())
    place.store.put(other, place.store.get(cache.key(QUESTION, engine.identity())) or b"", 60)
    assert cache.get(other) is None


def test_a_store_that_was_lost_is_a_miss_and_then_works_again(place: Place) -> None:
    engine = CachedEngine(Counting(), ResponseCache(place.store, secret=SECRET))
    answer(engine, QUESTION)
    place.lose()
    assert answer(engine, QUESTION).text == SAID
    answer(engine, QUESTION)
    assert answer(engine, QUESTION).usage.is_stored_answer


def test_a_store_that_cannot_be_reached_costs_nothing_but_the_hit() -> None:
    now = [0.0]
    breaker = CircuitBreaker(most_failures=3, first_pause_seconds=5, clock=lambda: now[0])
    engine = CachedEngine(Counting(), ResponseCache(LOST, secret=SECRET, breaker=breaker))
    for _ in range(3):
        assert answer(engine, QUESTION).text == SAID
    found = engine.cache.snapshot()
    assert (found.misses, found.errors, found.entries) == (3, 7, None)


@pytest.mark.redis
def test_a_redis_that_died_costs_nothing_but_the_hit() -> None:
    with one_server() as server:
        store = RedisResponses(f"redis://127.0.0.1:{server.port}/0", capacity_bytes=CAPACITY)
        engine = CachedEngine(Counting(), ResponseCache(store, secret=SECRET))
        answer(engine, QUESTION)
        server.kill()
        assert answer(engine, QUESTION).text == SAID
        assert engine.cache.snapshot().errors > 0


def test_an_address_that_is_none_is_refused_without_repeating_it() -> None:
    with pytest.raises(Invalid) as refused:
        RedisResponses("http://user:password@host", capacity_bytes=1)
    assert "password" not in str(refused.value)


def name(number: int) -> bytes:
    return hashlib.blake2b(b"%d" % number, digest_size=32).digest()


def test_every_store_of_the_table_is_tested_and_bears_its_name() -> None:
    modules = {file.stem for file in (ROOT / "core/inference/response_stores").glob("*.py")}
    assert modules == {"__init__", "store", "embedded", "remote"}
    assert {store.name for store in RESPONSE_STORES.values()} == set(RESPONSE_STORES) == {"sqlite", "redis"}


def test_the_bound_holds_and_what_was_used_longest_ago_goes_first(place: Place) -> None:
    for number in range(10):
        assert place.store.put(name(number), bytes(CAPACITY // 10), 60) == 0
    assert place.store.get(name(0)) is not None
    assert place.store.put(name(10), bytes(CAPACITY // 10), 60) == 1
    assert place.store.get(name(1)) is None
    assert place.store.get(name(0)) is not None
    assert place.store.put(name(11), bytes(CAPACITY // 5), 60) == 2
    assert [number for number in range(12) if place.store.get(name(number))] == [0, 4, 5, 6, 7, 8, 9, 10, 11]
    assert (place.store.size().entries, place.store.size().num_bytes) == (9, CAPACITY)


def test_a_value_larger_than_the_store_is_not_kept_nor_what_it_replaced(place: Place) -> None:
    place.store.put(name(1), b"small", 60)
    place.store.put(name(2), b"other", 60)
    assert place.store.put(name(1), bytes(CAPACITY + 1), 60) == 0
    assert (place.store.get(name(1)), place.store.get(name(2))) == (None, b"other")


def test_replacing_and_discarding_keep_the_sum_right(place: Place) -> None:
    place.store.put(name(1), bytes(100), 60)
    place.store.put(name(1), bytes(30), 60)
    place.store.put(name(2), bytes(50), 60)
    place.store.discard(name(2))
    place.store.discard(name(2))
    assert (place.store.size().entries, place.store.size().num_bytes) == (1, 30)


def test_time_runs_out_in_the_file(tmp_path: Path) -> None:
    now = [100.0]
    store = SqliteResponses(tmp_path / "r.sqlite", capacity_bytes=CAPACITY, clock=lambda: now[0])
    store.put(name(1), b"value", 10)
    now[0] = 109.9
    assert store.get(name(1)) == b"value"
    now[0] = 110.0
    assert store.get(name(1)) is None
    assert store.size().entries == 0
    store.close()


@pytest.mark.redis
def test_time_runs_out_in_redis_and_the_sum_follows(redis_server: RedisServer) -> None:
    client = redis_server.client()
    client.flushall()
    store = RedisResponses(f"redis://127.0.0.1:{redis_server.port}/0", capacity_bytes=CAPACITY)
    store.put(name(1), b"value", 1000)
    (key,) = (key for key in client.scan_iter() if key.endswith(name(1).hex().encode()))
    assert 990_000 < client.pttl(key) <= 1_000_000
    client.delete(key)  # as when its time had run out
    assert store.get(name(1)) is None
    assert (store.size().entries, store.size().num_bytes) == (0, 0)
    store.close()


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    store = SqliteResponses(path, capacity_bytes=CAPACITY)
    store.put(name(1), b"value", 10)
    assert path.stat().st_mode & 0o077 == 0
    store.close()


def test_a_file_that_another_process_holds_is_lost_for_now_and_not_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    store = SqliteResponses(path, capacity_bytes=CAPACITY, busy_seconds=0.05)
    store.put(name(1), b"value", 10)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreLost):
        store.get(name(1))
    other.execute("ROLLBACK")
    assert store.get(name(1)) == b"value"
    other.close()
    store.close()


def test_threads_and_processes_share_a_store(place: Place) -> None:
    others = [place.again() for _ in range(3)]
    wrong: list[object] = []

    def work(store: ResponseStore, seed: int) -> None:
        for step in range(40):
            number = (seed * 7 + step * 3) % 13
            store.put(name(number), b"%d" % number * 500, 60)
            found = store.get(name((step * 5) % 13))
            if found not in (None, b"%d" % ((step * 5) % 13) * 500):
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(store, seed)) for seed, store in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    size = place.store.size()
    kept = [value for number in range(13) if (value := place.store.get(name(number)))]
    assert (size.entries, size.num_bytes) == (len(kept), sum(map(len, kept)))
    for store in others:
        store.close()


def test_a_closed_store_refuses_every_call(place: Place) -> None:
    place.store.close()
    place.store.close()
    calls: list[Callable[[], object]] = [
        lambda: place.store.get(name(1)),
        lambda: place.store.put(name(1), b"", 1),
        lambda: place.store.discard(name(1)),
        place.store.clear,
        place.store.size,
    ]
    for call in calls:
        with pytest.raises(StoreLost):
            call()
