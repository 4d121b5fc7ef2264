"""Tiers by name: one file each, one entry in the table."""

from __future__ import annotations

from kvcache.tiers.device import DeviceTier
from kvcache.tiers.disk import DiskTier
from kvcache.tiers.host import HostTier
from kvcache.tiers.remote import RedisTier
from kvcache.tiers.tier import (
    Tier,
    TierEntry,
    TierError,
    TierFull,
    TierInUse,
    TierSnapshot,
    Verification,
)

TIERS: dict[str, type[Tier]] = {tier.name: tier for tier in (DeviceTier, HostTier, DiskTier, RedisTier)}

__all__ = [
    "TIERS",
    "DeviceTier",
    "DiskTier",
    "HostTier",
    "RedisTier",
    "Tier",
    "TierEntry",
    "TierError",
    "TierFull",
    "TierInUse",
    "TierSnapshot",
    "Verification",
]
