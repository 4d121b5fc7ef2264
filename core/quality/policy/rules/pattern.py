"""A regular expression that must not, or must, fit. RE2 runs it, so that no pattern can hang the product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar, Self

from core.errors import Invalid
from core.quality.policy.parameters import Given, Value
from core.quality.policy.rule import MOST_PLACES, Breach, PolicyDocument
from core.redundancy.evidence import Span

LONGEST_PATTERN = 1_000
MOST_MATCHES = 1_000
MOST_MEMORY = 8 << 20  # bytes that one compiled pattern may take


@dataclass(frozen=True, slots=True)
class Pattern:
    """`must` is "not_occur" or "occur". Matches are counted up to MOST_MATCHES.

    Time is linear in the text: https://github.com/google/re2/wiki/Syntax says what a pattern may hold.
    """

    kind: ClassVar[str] = "pattern"
    pattern: str
    must: str
    ignore_case: bool

    @classmethod
    def read(cls, given: Given) -> Self:
        pattern = given.text("pattern", LONGEST_PATTERN)
        must = given.choice("must", ("not_occur", "occur"), "not_occur")
        made = cls(pattern, must, given.flag("ignore_case", True))
        if not pattern:
            raise Invalid("The rule names no pattern.", remedy=r"Write one, such as \bdraft\b.")
        if _compiled(pattern, made.ignore_case).search("") is not None:
            raise Invalid("The pattern fits an empty text.", remedy="Write + in place of *, or add a word.")
        return made

    def parameters(self) -> dict[str, Value]:
        return {"pattern": self.pattern, "must": self.must, "ignore_case": self.ignore_case}

    def breaches(self, document: PolicyDocument) -> Iterator[Breach]:
        found = _compiled(self.pattern, self.ignore_case).finditer(document.text)
        places = [Span(*match.span()) for match in islice(found, MOST_MATCHES)]
        if self.must == "occur" and not places:
            yield Breach("pattern_missing")
        if self.must == "not_occur" and places:
            yield Breach("pattern_found", {"num_places": len(places)}, tuple(places[:MOST_PLACES]))


@lru_cache(maxsize=64)
def _compiled(pattern: str, ignore_case: bool) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise Invalid(f"The pattern cannot be used: {said}.", remedy=_remedy(said)) from None


def _remedy(said: str) -> str:
    if "perl operator" in said:
        return "Looking ahead or back is not possible; write out what stands around, or use two rules."
    if "escape sequence" in said:
        return "Repeating what a group found (\\1) is not possible; write a sign as itself after one \\."
    if "repetition size" in said or "too large" in said:
        return "Repeat at most 1,000 times, nested repeats multiplied."
    return "Close every bracket, and write \\ before a sign that is meant as it stands."
