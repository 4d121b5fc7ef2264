"""Eviction policies by name: one file each, one entry in the table."""

from __future__ import annotations

from kvcache.policies.adaptive import Adaptive
from kvcache.policies.arc import Arc
from kvcache.policies.fifo import Fifo
from kvcache.policies.lfu import Lfu
from kvcache.policies.lru import Lru
from kvcache.policies.policy import EvictionPolicy
from kvcache.policies.slru import Slru
from kvcache.policies.tlru import Tlru

POLICIES: dict[str, type[EvictionPolicy]] = {
    policy.name: policy for policy in (Lru, Lfu, Fifo, Slru, Arc, Tlru, Adaptive)
}

__all__ = ["POLICIES", "EvictionPolicy"]
