"""What names a block: a keyed digest over its tokens and everything before them.

The keys of a prompt form a chain. The first key hangs on a root that mixes in the format version, what the
values depend on (model fingerprint, dtype, codec), the block size, the namespace and the server's salt. So
equal keys mean equal prefixes under equal circumstances of one tenant; nobody without the salt can make one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from kvcache.config import CacheConfig

FORMAT_VERSION = 1
KEY_BYTES = 32
TOKEN_BYTES = 4


@dataclass(frozen=True, slots=True)
class PromptBlocks:
    """The full blocks of a prompt: their keys, and their token ids as little-endian int32."""

    keys: list[bytes]
    tokens: list[bytes]


class BlockKeys:
    """Makes the keys of prompts. Two instances with equal settings make equal keys, in any process.

    The leading blocks that were granted to the public namespace get public keys, the same for every tenant;
    from the first other block on the keys are the tenant's own.
    """

    def __init__(self, config: CacheConfig) -> None:
        self._config = config
        self._roots: dict[str, bytes] = {}
        self._public_root = self._root(b"public", "")
        self._granted: set[bytes] = set()

    def of(self, token_ids: Sequence[int], tenant: str) -> PromptBlocks:
        """Keys of the full blocks of a prompt. O(tokens)."""
        tokens = self._split(token_ids)
        root = self._roots.get(tenant)
        if root is None:
            root = self._roots[tenant] = self._root(b"tenant", tenant)
        keys: list[bytes] = []
        parent = b""
        granted = self._granted
        is_public = bool(granted)
        for block in tokens:
            if is_public:
                key = blake2b(parent + block, key=self._public_root, digest_size=KEY_BYTES).digest()
                is_public = key in granted
            if not is_public:
                key = blake2b(parent + block, key=root, digest_size=KEY_BYTES).digest()
            keys.append(key)
            parent = key
        return PromptBlocks(keys, tokens)

    def grant_public(self, token_ids: Sequence[int]) -> int:
        """Let all tenants share the full blocks of this prefix; how many those are."""
        chain = self._public_chain(token_ids)
        self._granted.update(chain)
        return len(chain)

    def revoke_public(self, token_ids: Sequence[int]) -> None:
        """End a grant. Blocks that another granted prefix begins with stay public only if granted anew."""
        self._granted.difference_update(self._public_chain(token_ids))

    def is_public(self, key: bytes) -> bool:
        """Whether the key belongs to a granted prefix."""
        return key in self._granted

    def _public_chain(self, token_ids: Sequence[int]) -> list[bytes]:
        keys: list[bytes] = []
        parent = b""
        for block in self._split(token_ids):
            parent = blake2b(parent + block, key=self._public_root, digest_size=KEY_BYTES).digest()
            keys.append(parent)
        return keys

    def _split(self, token_ids: Sequence[int]) -> list[bytes]:
        spelt = array("i", token_ids).tobytes()
        size = self._config.block_tokens * TOKEN_BYTES
        return [spelt[at : at + size] for at in range(0, len(spelt) - size + 1, size)]

    def _root(self, namespace: bytes, tenant: str) -> bytes:
        config = self._config
        fields: Iterable[bytes] = (
            str(FORMAT_VERSION).encode(),
            config.fingerprint.encode(),
            config.dtype.encode(),
            config.codec.encode(),
            str(config.block_tokens).encode(),
            namespace,
            tenant.encode(),
        )
        root = blake2b(key=config.salt, digest_size=KEY_BYTES, person=b"kvcache root")
        for field in fields:
            root.update(len(field).to_bytes(4, "little") + field)
        return root.digest()
