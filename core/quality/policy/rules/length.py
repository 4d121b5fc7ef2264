"""Documents with too few or too many words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from core.errors import Invalid
from core.quality.policy.folding import WORD
from core.quality.policy.parameters import Given, Value
from core.quality.policy.rule import Breach, PolicyDocument

MOST_WORDS = 10_000_000


@dataclass(frozen=True, slots=True)
class Length:
    """`least` and `most` words; None where there is no such bound."""

    kind: ClassVar[str] = "length"
    least: int | None
    most: int | None

    @classmethod
    def read(cls, given: Given) -> Self:
        least, most = given.whole("least", 1, MOST_WORDS), given.whole("most", 1, MOST_WORDS)
        if least is None and most is None:
            raise Invalid("The rule names no number of words.", remedy="Fill in the least or the most words.")
        if least is not None and most is not None and least > most:
            raise Invalid("The least words are more than the most.", remedy="Change one of the two.")
        return cls(least, most)

    def parameters(self) -> dict[str, Value]:
        return {"least": self.least, "most": self.most}

    def breaches(self, document: PolicyDocument) -> Iterator[Breach]:
        num_words = sum(1 for _word in WORD.finditer(document.text))
        if self.least is not None and num_words < self.least:
            yield Breach("too_short", {"num_words": num_words, "least": self.least})
        if self.most is not None and num_words > self.most:
            yield Breach("too_long", {"num_words": num_words, "most": self.most})
