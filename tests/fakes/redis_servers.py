"""Real Redis servers of our own: one, a pair under a Sentinel, a cluster of three."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.fakes.product import free_port
from tests.fakes.waiting import wait_until

BINARY = "redis-server"


class RedisServer:
    """A server that keeps nothing on disk, on a port and a Unix socket of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.socket = folder / f"{self.port}.sock"
        self.bus_port = free_port()  # where the nodes of a cluster talk to each other
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> RedisServer:
        command = [
            BINARY, "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", str(self.socket),
            "--save", "", "--appendonly", "no", "--dir", str(self.folder), *self._options,
            "--cluster-port", str(self.bus_port),
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self.answers)
        return self

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, retry=Retry(NoBackoff(), 0))

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.AuthenticationError:
            return True
        except redis.ConnectionError:
            return False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def redis_folder() -> Iterator[Path]:
    """A folder with a name short enough for sockets. Skips the test where there is no server to run."""
    if shutil.which(BINARY) is None:
        pytest.skip("no redis-server on this machine: apt-get install redis-server")
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        yield Path(folder)


@contextmanager
def one_server(*options: str) -> Iterator[RedisServer]:
    with redis_folder() as folder:
        server = RedisServer(folder, *options).start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def sentinel_with_pair() -> Iterator[tuple[str, RedisServer]]:
    """The address of the service, and the server that serves it until it is killed."""
    with redis_folder() as folder:
        first = RedisServer(folder).start()
        second = RedisServer(folder, "--replicaof", "127.0.0.1", str(first.port)).start()
        watch = folder / "sentinel.conf"
        watch.write_text(
            f"sentinel monitor blocks 127.0.0.1 {first.port} 1\n"
            "sentinel down-after-milliseconds blocks 300\n"
            "sentinel failover-timeout blocks 2000\n"
        )
        port = free_port()
        sentinel = subprocess.Popen(
            [BINARY, str(watch), "--sentinel", "--port", str(port), "--bind", "127.0.0.1"],
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: _follows(second) and _watches(port))
            yield f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{port}/blocks?db=0", first
        finally:
            sentinel.kill()
            sentinel.wait()
            second.kill()
            first.kill()


@contextmanager
def cluster() -> Iterator[list[RedisServer]]:
    """Three nodes that share the slots among them."""
    with redis_folder() as folder:
        nodes = [
            RedisServer(
                folder, "--cluster-enabled", "yes",
                "--cluster-config-file", f"nodes-{number}.conf", "--cluster-require-full-coverage", "no",
            )
            for number in range(3)
        ]  # fmt: skip
        try:
            for node, (first, last) in zip(nodes, [(0, 5460), (5461, 10922), (10923, 16383)], strict=True):
                node.start().client().execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            _introduce(nodes)
            wait_until(lambda: all(_is_whole(node) for node in nodes))
            yield nodes
        finally:
            for node in nodes:
                node.kill()


def _follows(replica: RedisServer) -> bool:
    return replica.client().info("replication").get("master_link_status") == "up"


def _watches(port: int) -> bool:
    try:
        (watched,) = redis.Redis(port=port).sentinel_masters().values()
    except redis.ConnectionError:
        return False
    return int(watched["num-slaves"]) == 1


def _introduce(nodes: list[RedisServer]) -> None:
    for node in nodes[1:]:
        nodes[0].client().execute_command("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus_port)


def _is_whole(node: RedisServer) -> bool:
    told = node.client().execute_command("CLUSTER", "INFO")
    return b"cluster_state:ok" in told and b"cluster_slots_ok:16384" in told
