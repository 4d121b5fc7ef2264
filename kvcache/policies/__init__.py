"""Eviction policies by name: one file each, one entry in the table."""

from __future__ import annotations

from kvcache.policies.adaptive import Adaptive
from kvcache.policies.lru import Lru
from kvcache.policies.policy import EvictionPolicy

POLICIES: dict[str, type[EvictionPolicy]] = {policy.name: policy for policy in (Lru, Adaptive)}

__all__ = ["POLICIES", "EvictionPolicy"]
