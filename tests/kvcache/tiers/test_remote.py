"""Redis as a tier: real servers that die, hang, fail over, or are written to by strangers."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from threading import Thread

import pytest

from kvcache.tiers import TierError
from kvcache.tiers.circuit_breaker import CircuitBreaker
from kvcache.tiers.remote import RedisTier
from tests.fakes.redis_servers import RedisServer, cluster, one_server, sentinel_with_pair
from tests.fakes.tiers import SECRET, make_key, make_record
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.redis


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with one_server() as started:
        yield started


Opens = Callable[..., RedisTier]


@pytest.fixture
def opens(clock: Clock) -> Iterator[Opens]:
    opened: list[RedisTier] = []

    def open_tier(url: str, secret: bytes = SECRET, namespace: str = "tests", ttl: float = 60) -> RedisTier:
        opened.append(RedisTier(url, secret, namespace, ttl, timeout_seconds=0.3, clock=clock))
        return opened[-1]

    yield open_tier
    for tier in opened:
        tier.close()


@pytest.fixture
def tier(server: RedisServer, opens: Opens) -> RedisTier:
    return opens(f"redis://127.0.0.1:{server.port}/0")


def is_served(tier: RedisTier, number: int) -> bool:
    record = tier.get(make_key(number))
    if record is None:
        return False
    assert record.payload == make_record(number, record.num_bytes).payload
    return True


def the_name(server: RedisServer) -> bytes:
    (name,) = server.client().keys("*")
    return bytes(name)


def test_two_processes_see_each_others_blocks(server: RedisServer, opens: Opens) -> None:
    one = opens(f"redis://127.0.0.1:{server.port}/0")
    other = opens(f"unix://{server.socket}?db=0")
    one.put(make_record(1))
    assert is_served(other, 1)
    assert [entry.key for entry in other.entries()] == [make_key(1)]
    assert other.discard(make_key(1))
    assert not is_served(one, 1)


def test_neither_another_namespace_nor_another_secret_sees_a_block(server: RedisServer, opens: Opens) -> None:
    url = f"redis://127.0.0.1:{server.port}/0"
    opens(url).put(make_record(1))
    for stranger in (opens(url, namespace="other"), opens(url, secret=b"another secret of 32 bytes here.")):
        assert not stranger.holds(make_key(1))
        assert not is_served(stranger, 1)
        assert stranger.snapshot().blocks == 0


def test_a_block_lives_as_long_as_it_is_read(server: RedisServer, opens: Opens) -> None:
    tier = opens(f"redis://127.0.0.1:{server.port}/0", ttl=40)
    tier.put(make_record(1))
    client = server.client()
    client.pexpire(the_name(server), 5000)
    assert is_served(tier, 1)
    assert client.pttl(the_name(server)) > 30_000
    brief = opens(f"redis://127.0.0.1:{server.port}/0", ttl=0.05)
    brief.put(make_record(2))
    wait_until(lambda: not brief.holds(make_key(2)), 5)
    assert brief.snapshot().blocks == 1


def test_a_killed_server_costs_misses_and_comes_back(
    server: RedisServer, tier: RedisTier, opens: Opens, clock: Clock
) -> None:
    for number in range(20):
        tier.put(make_record(number))
    server.kill()
    for number in range(20):
        assert not is_served(tier, number)
        assert not tier.holds(make_key(number))
        assert not tier.discard(make_key(number))
        tier.put(make_record(number))
    assert list(tier.entries()) == []
    assert tier.snapshot().errors >= 80
    server.start()
    opens(f"unix://{server.socket}").put(make_record(1))
    assert not is_served(tier, 1), "it is not asked before the pause is over"
    clock.seconds += 10
    assert is_served(tier, 1)
    assert not is_served(tier, 2)
    tier.put(make_record(2))
    assert is_served(tier, 2)


def test_a_server_that_was_away_between_two_calls_is_not_even_noticed(
    server: RedisServer, tier: RedisTier
) -> None:
    tier.put(make_record(1))
    server.kill()
    server.start()
    tier.put(make_record(1))
    assert is_served(tier, 1)
    assert tier.snapshot().errors == 0


def test_a_server_that_hangs_is_asked_once_and_then_spared(
    server: RedisServer, tier: RedisTier, clock: Clock
) -> None:
    tier.put(make_record(1))
    server.signal(signal.SIGSTOP)
    started = time.monotonic()
    assert not any(is_served(tier, 1) for _ in range(50))
    assert time.monotonic() - started < 2
    server.signal(signal.SIGCONT)
    clock.seconds += 10
    assert is_served(tier, 1)


def test_a_server_that_is_killed_under_many_calls_never_raises(
    server: RedisServer, tier: RedisTier, clock: Clock
) -> None:
    chance = random.Random(1)
    for _ in range(5):
        for step in range(chance.randrange(50, 150)):
            number = chance.randrange(10)
            chance.choice([lambda n: tier.put(make_record(n)), lambda n: is_served(tier, n)])(number)
            if step == 40:
                os.kill(server.pid, signal.SIGKILL)  # whatever is on its way then
        server.kill()
        server.start()
        clock.seconds += 100
    tier.put(make_record(1))
    assert is_served(tier, 1)


def test_a_server_that_talks_nonsense_costs_misses(opens: Opens, clock: Clock) -> None:
    chance = random.Random(1)
    answers = [
        b"",
        b"+OK\r\n" * 3,
        b"$-5\r\nx",
        b"*2\r\n$1\r\n",
        b":x\r\n",
        b"$99999999999\r\n",
        b"%1\r\n+a\r\n",
    ]
    with nonsense([*answers, *(chance.randbytes(60) for _ in range(60))]) as port:
        tier = opens(f"redis://127.0.0.1:{port}/0")
        for number in range(40):
            tier.put(make_record(number))
            assert not is_served(tier, number)
            assert list(tier.entries()) == []
            clock.seconds += 100


@contextmanager
def nonsense(answers: list[bytes]) -> Iterator[int]:
    """A port where every connection gets the next answer, whatever it asks, and is closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for answer in cycle(answers):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.recv(1 << 16)
                    connection.sendall(answer)

        Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_a_server_without_memory_drops_puts_and_still_answers(opens: Opens) -> None:
    with one_server("--maxmemory", "3mb", "--maxmemory-policy", "noeviction") as small:
        tier = opens(f"redis://127.0.0.1:{small.port}/0")
        for number in range(40):
            tier.put(make_record(number, 100_000))
        held = [number for number in range(40) if is_served(tier, number)]
        assert 5 < len(held) < 40
        taken = tier.snapshot()
        assert (taken.blocks, taken.errors) == (len(held), 40 - len(held))


def test_what_a_stranger_writes_is_not_served(server: RedisServer, opens: Opens, tier: RedisTier) -> None:
    url = f"redis://127.0.0.1:{server.port}/0"
    tier.put(make_record(1))
    name, client = the_name(server), server.client()
    opens(url, secret=b"another secret of 32 bytes here.").put(make_record(1))
    (foreign,) = [other for other in client.keys("*") if other != name]
    for planted in (client.get(foreign), b"", b"x" * 5000, bytes(client.get(name) or b"")[:-1] + b"\0\0"):
        client.set(name, planted or b"")
        assert not is_served(tier, 1)
        assert client.exists(name) == 0
    tier.put(make_record(2))
    client.rename(the_name_of(client, name, foreign), name)
    assert not is_served(tier, 1), "a sound record under another key"
    assert tier.snapshot().damaged == 5
    client.rpush(name, "a list")
    assert not is_served(tier, 1)
    assert tier.snapshot().errors >= 1
    tier.put(make_record(1))
    assert is_served(tier, 1)


def the_name_of(client: object, *others: bytes) -> bytes:
    (name,) = [found for found in client.keys("*") if found not in others]  # type: ignore[attr-defined]
    return bytes(name)


def test_no_garbled_byte_is_ever_served(server: RedisServer, tier: RedisTier) -> None:
    tier.put(make_record(1, 400))
    name, client = the_name(server), server.client()
    sound = bytes(client.get(name) or b"")
    chance = random.Random(1)
    for _ in range(1000):
        garbled = bytearray(sound)
        garbled[chance.randrange(len(garbled))] ^= 1 << chance.randrange(8)
        client.set(name, bytes(garbled[: chance.choice((len(garbled), chance.randrange(len(garbled))))]))
        if is_served(tier, 1):  # the one byte that is not sealed: whether it was discarded on a disk
            assert [at for at in range(len(sound)) if garbled[at] != sound[at]] == [127]
    client.set(name, sound)
    assert is_served(tier, 1)


@pytest.mark.parametrize(
    "url",
    ["http://h:1", "redis:hunter2", "hunter2", "", "redis+sentinel://:hunter2@h:1", "redis+cluster://:hunter2@h",
     "redis+sentinel://:hunter2@h:hunter2/s", "redis+cluster://"],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(TierError, match="Write redis://") as raised:
        RedisTier(url, SECRET, "tests", 60)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("namespace", ["", "a*", "a{b}", "a b", "x" * 101])
def test_a_namespace_that_would_match_others_is_refused(namespace: str) -> None:
    with pytest.raises(TierError, match="namespace"):
        RedisTier("redis://localhost", SECRET, namespace, 60)


@pytest.mark.parametrize(
    "url",
    ["redis://user:hunter2@127.0.0.1:1/0", "redis+sentinel://user:hunter2@127.0.0.1:1/s?sentinel_password=hunter2",
     "redis+cluster://:hunter2@127.0.0.1:1", "unix://:hunter2@/nowhere.sock?password=hunter2"],
)  # fmt: skip
def test_no_password_is_shown_or_logged(opens: Opens, url: str, caplog: pytest.LogCaptureFixture) -> None:
    tier = opens(url)
    tier.put(make_record(1))
    assert "127.0.0.1:1" in repr(tier) or "nowhere" in repr(tier)
    shown = repr(tier) + repr(vars(tier)) + caplog.text
    assert "did not do as asked" in caplog.text
    assert "hunter2" not in shown
    assert SECRET.decode() not in shown


def test_a_password_is_used(opens: Opens) -> None:
    with one_server("--requirepass", "hunter 2/@") as guarded:
        tier = opens(f"redis://:hunter%202%2F%40@127.0.0.1:{guarded.port}/0")
        tier.put(make_record(1))
        assert is_served(tier, 1)
        locked_out = opens(f"redis://:wrong@127.0.0.1:{guarded.port}/0")
        assert not is_served(locked_out, 1)


def test_a_failover_costs_misses_and_the_replica_serves_on(opens: Opens, clock: Clock) -> None:
    with sentinel_with_pair() as (url, master):
        tier = opens(url)
        tier.put(make_record(1))
        assert is_served(tier, 1)
        assert master.client().wait(1, 5000) == 1
        master.kill()
        assert not is_served(tier, 1)

        def is_back() -> bool:
            clock.seconds += 100
            return is_served(tier, 1)

        wait_until(is_back, 20)
        tier.put(make_record(2))
        assert is_served(tier, 2)


def test_a_cluster_serves_from_all_its_nodes_and_survives_the_loss_of_one(opens: Opens, clock: Clock) -> None:
    with cluster() as nodes:
        tier = opens("redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in nodes))
        for number in range(30):
            tier.put(make_record(number))
        assert all(is_served(tier, number) for number in range(30))
        assert [entry.key for entry in tier.entries()] == [make_key(number) for number in range(30)]
        assert all(node.client().dbsize() for node in nodes)
        assert tier.snapshot().errors == 0
        lost = nodes[1].client().dbsize()
        nodes[1].kill()

        def served() -> int:
            count = 0
            for number in range(30):
                clock.seconds += 100
                count += is_served(tier, number)
            return count

        wait_until(lambda: served() == 30 - lost, 20)


def test_a_breaker_pauses_longer_each_time_and_lets_one_probe_through(clock: Clock) -> None:
    breaker = CircuitBreaker(1, 4, clock)
    assert breaker.admit()
    assert breaker.admit()
    breaker.failed()
    for pause in (1, 2, 4, 4):
        clock.seconds += pause * 0.99
        assert not breaker.admit()
        clock.seconds += pause * 0.02
        assert breaker.admit()
        assert not breaker.admit(), "one probe at a time"
        breaker.failed()
    clock.seconds += 4.1
    assert breaker.admit()
    breaker.succeeded()
    assert breaker.admit()
    assert breaker.admit()
