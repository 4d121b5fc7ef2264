"""A block as it travels between tiers: its key, its tokens, and its values as opaque bytes in some form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """The values of one full block.

    `key` is the block's key of 32 bytes, `tokens` its token ids as little-endian int32, `position` how many
    blocks of the prompt come before it. `payload` is what the form named `form` makes of the values; only
    that form reads it. `exact` says that the values are not to be rounded in any tier: those of a prompt's
    first block and of its newest.
    """

    key: bytes
    tokens: bytes
    position: int
    form: str
    payload: bytes | memoryview
    exact: bool = False

    @property
    def num_bytes(self) -> int:
        """Bytes of the payload."""
        return memoryview(self.payload).nbytes
