"""Which form a block of a prompt takes: the tier's, except at the two ends of the prompt."""

from __future__ import annotations

from dataclasses import dataclass

from kvcache.forms import FORMS


@dataclass(frozen=True, slots=True)
class FormChoice:
    """The form of a tier, and how many blocks at either end of a prompt stay lossless beside it.

    The first tokens are attention sinks (StreamingLLM, arXiv 2309.17453) and the newest are attended to most
    (the residual of KIVI, arXiv 2402.02750): rounding them costs more than it saves.
    """

    form: str
    lossless: str = "split"
    first_blocks: int = 1
    newest_blocks: int = 1

    def __post_init__(self) -> None:
        for name in (self.form, self.lossless):
            if name not in FORMS:
                raise ValueError(f"No form is called {name!r}. Use one of: {', '.join(FORMS)}.")
        if not FORMS[self.lossless].is_lossless:
            raise ValueError(f"{self.lossless!r} is not lossless.")
        if min(self.first_blocks, self.newest_blocks) < 0:
            raise ValueError("The blocks kept lossless are 0 or more.")

    def form_of(self, position: int, num_blocks: int) -> str:
        """The form of the block with `position` blocks before it, in a prompt of `num_blocks` full blocks."""
        is_end = position < self.first_blocks or position >= num_blocks - self.newest_blocks
        return self.form_for(is_end)

    def form_for(self, is_exact: bool) -> str:
        """The form of a block that must not be rounded, or of one that may be."""
        return self.lossless if is_exact and not FORMS[self.form].is_lossless else self.form

    def prompt_bytes(self, num_blocks: int, *, lossless_bytes: int, form_bytes: int) -> int:
        """Bytes of a prompt whose blocks take so many in either form."""
        kept = [self.form_of(position, num_blocks) for position in range(num_blocks)]
        return sum(form_bytes if form == self.form else lossless_bytes for form in kept)
