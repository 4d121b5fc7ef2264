"""Least recently used first."""

from __future__ import annotations

from typing import ClassVar

from kvcache.policies.policy import Ordered


class Lru(Ordered):
    """Use renews all blocks of the prefix; of one prefix, the tail goes first."""

    name: ClassVar[str] = "lru"
