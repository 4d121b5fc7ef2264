"""Text out of tokens as they come: only whole characters, and nothing of a stop text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

UNFINISHED = "\N{REPLACEMENT CHARACTER}"
CONTEXT_TOKENS = 6


class Tokenizer(Protocol):
    """What the engine needs of a tokenizer."""

    def decode(self, token_ids: list[int], skip_special_tokens: bool = False) -> Any:
        """The text that the tokens spell."""


class TextStream:
    """Gives out what is certain. With no tokenizer there is no text, and no stop text is seen."""

    def __init__(self, tokenizer: Tokenizer | None, stop: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._stop = tuple(stop)
        self._longest = max(map(len, stop), default=0)
        self._tokens: list[int] = []
        self._spelt_from = 0
        self._num_spelt = 0
        self._held = ""
        self.text = ""
        self.is_stopped = False

    def add(self, token: int) -> str:
        """Another token; the text that is certain by now."""
        if self._tokenizer is None or self.is_stopped:
            return ""
        self._tokens.append(token)
        before = self._decode(self._spelt_from, self._num_spelt)
        after = self._decode(self._spelt_from, len(self._tokens))
        if after.endswith(UNFINISHED) and len(self._tokens) - self._num_spelt < CONTEXT_TOKENS:
            return ""
        self._spelt_from = max(self._num_spelt - CONTEXT_TOKENS, 0)
        self._num_spelt = len(self._tokens)
        return self._give_out(after[len(before) :])

    def end(self) -> str:
        """The rest, when no more tokens come."""
        if self._tokenizer is None or self.is_stopped:
            return ""
        rest = self._decode(self._spelt_from, len(self._tokens))
        rest = rest[len(self._decode(self._spelt_from, self._num_spelt)) :]
        self._held, given = "", self._held + rest
        self.text += given
        return given

    def _decode(self, begin: int, end: int) -> str:
        assert self._tokenizer is not None
        text: str = self._tokenizer.decode(self._tokens[begin:end], skip_special_tokens=True)
        return text

    def _give_out(self, fresh: str) -> str:
        text = self._held + fresh
        places = [at for stop in self._stop if (at := text.find(stop)) >= 0]
        if places:
            self.is_stopped = True
            given, self._held = text[: min(places)], ""
        else:
            held = self._num_held(text)
            given, self._held = text[: len(text) - held], text[len(text) - held :]
        self.text += given
        return given

    def _num_held(self, text: str) -> int:
        """How many last characters may be the beginning of a stop text."""
        for length in range(min(self._longest - 1, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stop):
                return length
        return 0
