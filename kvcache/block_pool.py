"""The slots that blocks rest in: which are free, and which tokens lie in each. Holds no tensors."""

from __future__ import annotations


class BlockPool:
    """`capacity_blocks` slots, numbered from 0. Taking costs O(slots); to give back, add to `free`."""

    def __init__(self, capacity_blocks: int) -> None:
        self.capacity_blocks = capacity_blocks
        self.free = list(range(capacity_blocks - 1, -1, -1))
        self.tokens: dict[int, bytes] = {}
        self._num_numbers = capacity_blocks

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

    def resize(self, capacity_blocks: int) -> None:
        """Add slots, under numbers that were never used, or take away free ones as far as there are such."""
        if capacity_blocks >= self.capacity_blocks:
            first, self._num_numbers = (
                self._num_numbers,
                self._num_numbers + capacity_blocks - self.capacity_blocks,
            )
            self.free[:0] = range(self._num_numbers - 1, first - 1, -1)
            self.capacity_blocks = capacity_blocks
            return
        num_gone = min(self.capacity_blocks - capacity_blocks, len(self.free))
        del self.free[:num_gone]
        self.capacity_blocks -= num_gone

    def forget_tokens(self, slots: list[int]) -> None:
        """Forget what lay in slots that are free again."""
        for slot in slots:
            self.tokens.pop(slot, None)

    def remember_tokens(self, slot: int, tokens: bytes) -> None:
        self.tokens[slot] = tokens

    def holds_tokens(self, slot: int, tokens: bytes) -> bool:
        """Whether exactly these tokens lie in the slot, byte for byte."""
        return self.tokens.get(slot) == tokens
