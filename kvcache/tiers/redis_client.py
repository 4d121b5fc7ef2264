"""How to reach Redis: one server, a server found by Sentinel, or a cluster. Knows nothing of blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from kvcache.tiers.tier import TierError

SCHEMES = ("redis", "rediss", "unix")
SENTINEL = ("redis+sentinel", "rediss+sentinel")
CLUSTER = ("redis+cluster", "rediss+cluster")
REMEDY = (
    "Write redis://host:port/db, rediss://host:port/db, unix:///path?db=0, "
    "redis+sentinel://host:port,host:port/service?db=0 or redis+cluster://host:port,host:port."
)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where Redis is. Shows itself without user, password and options."""

    url: str = field(repr=False)
    shown: str

    @classmethod
    def parse(cls, url: str) -> RedisAddress:
        """Raises TierError, which names no part of the URL: there may be a password anywhere in it."""
        try:
            parts = urlsplit(url)
            where = parts.path if parts.scheme == "unix" else parts.netloc.rpartition("@")[2]
            known = parts.scheme in SCHEMES + SENTINEL + CLUSTER and where
            if known and parts.scheme not in SCHEMES:
                _hosts(parts)
        except ValueError:
            known = ""
        if not known:
            raise TierError(f"This is no address of Redis. {REMEDY}")
        if parts.scheme in SENTINEL and not parts.path.strip("/"):
            raise TierError(f"A Sentinel's address ends in the name of the service. {REMEDY}")
        return cls(url, f"{parts.scheme}://{where}")

    def __str__(self) -> str:
        return self.shown

    def connect(self, timeout_seconds: float) -> Any:
        """A client that gives up after the time. NOTE: a cluster is asked at once and may not answer."""
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.exceptions import ConnectionError as Disconnected
        from redis.retry import Retry

        options = {
            "socket_timeout": timeout_seconds,
            "socket_connect_timeout": timeout_seconds,
            "retry": Retry(NoBackoff(), 1, (Disconnected,)),  # a connection that was closed while it was idle
            "socket_read_size": 1 << 18,
            "protocol": 2,
        }
        parts = urlsplit(self.url)
        if parts.scheme in SENTINEL:
            return self._find_by_sentinel(parts, options)
        if parts.scheme in CLUSTER:
            return self._join_cluster(parts, options)
        return Redis.from_url(self.url, **options)

    @staticmethod
    def _find_by_sentinel(parts: SplitResult, options: dict[str, Any]) -> Any:
        from redis.sentinel import Sentinel

        given = _credentials(parts)
        asked = options | (
            {"password": given.pop("sentinel_password")} if "sentinel_password" in given else {}
        )
        service = unquote(parts.path.strip("/"))
        return Sentinel(_hosts(parts), sentinel_kwargs=asked, **options, **given).master_for(service)

    @staticmethod
    def _join_cluster(parts: SplitResult, options: dict[str, Any]) -> Any:
        from redis.cluster import ClusterNode, RedisCluster

        nodes = [ClusterNode(host, port) for host, port in _hosts(parts)]
        return RedisCluster(
            startup_nodes=nodes, dynamic_startup_nodes=False, **options, **_credentials(parts)
        )


def _hosts(parts: SplitResult) -> list[tuple[str, int]]:
    """Raises ValueError if a port is no number."""
    found = []
    for place in parts.netloc.rpartition("@")[2].split(","):
        host, _, port = place.rpartition(":")
        found.append((host.strip("[]"), int(port)))
    return found


def _credentials(parts: SplitResult) -> dict[str, Any]:
    """User, password and the options after the question mark, as the client takes them."""
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    given: dict[str, Any] = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if "db" in given:
        given["db"] = int(given["db"])
    if parts.scheme.startswith("rediss"):
        given["ssl"] = True
    if user:
        given["username"] = unquote(user)
    if password:
        given["password"] = unquote(password)
    return given
