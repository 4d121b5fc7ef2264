"""The key that signs manifests and download links (HMAC-SHA256, RFC 2104), and what is signed with it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`id` tells keys apart without telling the key."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(b"key id" + self.secret).hexdigest()[:16]

    def sign(self, values: Mapping[str, Any]) -> str:
        """Hex. Equal values give equal signatures, in whatever order they stand."""
        return hmac.new(self.secret, canonical(values), hashlib.sha256).hexdigest()

    def is_of(self, values: Mapping[str, Any], signature: str) -> bool:
        """Takes as long for a wrong signature as for a right one."""
        return hmac.compare_digest(self.sign(values).encode(), signature.encode())


def canonical(values: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and without blanks, in UTF-8."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def configured_key(secret: str) -> SigningKey:
    return SigningKey(hashlib.sha256(secret.encode()).digest())


def kept_key(path: Path) -> SigningKey:
    """The key of this file, which is made at first need and readable by its owner alone. Safe to race."""
    with suppress(FileExistsError):
        building = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            if not path.exists():
                os.link(building, path)
        finally:
            building.unlink()
    return SigningKey(path.read_bytes())
