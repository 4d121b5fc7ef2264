"""The slots that blocks rest in: which are free, and which tokens lie in each. Holds no tensors."""

from __future__ import annotations


class BlockPool:
    """`capacity_blocks` slots, numbered from 0. Taking costs O(slots); to give back, add to `free`."""

    def __init__(self, capacity_blocks: int) -> None:
        self.capacity_blocks = capacity_blocks
        self.free = list(range(capacity_blocks - 1, -1, -1))
        self.tokens: dict[int, bytes] = {}

    @property
    def num_free(self) -> int:
        return len(self.free)

    @property
    def num_used(self) -> int:
        return self.capacity_blocks - len(self.free)

    def take(self, num_slots: int) -> list[int]:
        """That many free slots. There must be as many."""
        free = self.free
        at = len(free) - num_slots
        assert at >= 0, "more slots taken than free"
        taken = free[at:]
        del free[at:]
        return taken

    def forget_tokens(self, slots: list[int]) -> None:
        """Forget what lay in slots that are free again."""
        for slot in slots:
            self.tokens.pop(slot, None)

    def remember_tokens(self, slot: int, tokens: bytes) -> None:
        self.tokens[slot] = tokens

    def holds_tokens(self, slot: int, tokens: bytes) -> bool:
        """Whether exactly these tokens lie in the slot, byte for byte."""
        return self.tokens.get(slot) == tokens
