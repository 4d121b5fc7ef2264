"""The settings of a prefix cache, checked when they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kvcache.policies import POLICIES

LEAST_BLOCK_TOKENS, MOST_BLOCK_TOKENS = 16, 512


class InvalidConfig(ValueError):
    """A setting is out of its bounds; the message names it and them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheConfig:
    """What a cache is made with.

    `fingerprint` stands for everything that KV values depend on: weights, configuration, RoPE, adapters.
    `salt` is a secret of the server: without it nobody can compute a block's key. It is never taken from a
    caller. `bytes_per_block` turns the quotas, which are bytes, into blocks. `recompute_doubling_tokens` is
    the depth at which a token costs twice the first one to recompute, as attention makes it; 0 weighs all
    alike.
    """

    capacity_blocks: int
    salt: bytes
    fingerprint: str = ""
    dtype: str = "float32"
    codec: str = "raw"
    block_tokens: int = 64
    bytes_per_block: int = 1
    policy: str = "adaptive"
    quota_bytes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    recompute_doubling_tokens: int = 0
    thread_safe: bool = True

    def __post_init__(self) -> None:
        if self.capacity_blocks < 1:
            raise InvalidConfig("capacity_blocks is at least 1.")
        if not LEAST_BLOCK_TOKENS <= self.block_tokens <= MOST_BLOCK_TOKENS:
            raise InvalidConfig(f"block_tokens is {LEAST_BLOCK_TOKENS} to {MOST_BLOCK_TOKENS}.")
        if not 16 <= len(self.salt) <= 64:
            raise InvalidConfig("salt is 16 to 64 secret bytes.")
        if self.bytes_per_block < 1:
            raise InvalidConfig("bytes_per_block is at least 1.")
        if self.recompute_doubling_tokens < 0:
            raise InvalidConfig("recompute_doubling_tokens is 0 or more.")
        if self.policy not in POLICIES:
            raise InvalidConfig(f"policy is one of: {', '.join(POLICIES)}.")
        if any(quota < 0 for quota in self.quota_bytes.values()):
            raise InvalidConfig("a quota is 0 bytes or more.")
