"""Places for stored answers by name: one file each, one entry in the table."""

from __future__ import annotations

from core.inference.response_stores.embedded import SqliteResponses
from core.inference.response_stores.remote import RedisResponses
from core.inference.response_stores.store import ResponseStore, StoreLost, StoreSize

RESPONSE_STORES: dict[str, type[ResponseStore]] = {
    store.name: store for store in (SqliteResponses, RedisResponses)
}

__all__ = [
    "RESPONSE_STORES",
    "RedisResponses",
    "ResponseStore",
    "SqliteResponses",
    "StoreLost",
    "StoreSize",
]
