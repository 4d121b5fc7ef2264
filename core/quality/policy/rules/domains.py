"""Domains that links and mail addresses must not lead to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from core.errors import Invalid
from core.quality.policy.parameters import Given, Value
from core.quality.policy.rule import MOST_PLACES, Breach, PolicyDocument
from core.redundancy.evidence import Span

MOST_DOMAINS = 1_000
LONGEST_DOMAIN = 253
HOST = re.compile(r"(?<![\w.-])(?:[\w-]{1,63}\.){1,9}[^\W\d_][\w-]{1,62}")


@dataclass(frozen=True, slots=True)
class Domains:
    """A domain stands for itself and all below it: "example.com" blocks "mail.example.com".

    International names may be written in letters or as xn--; both forms are found.
    """

    kind: ClassVar[str] = "domains"
    blocked: tuple[str, ...]

    @classmethod
    def read(cls, given: Given) -> Self:
        written = given.texts("blocked", most=MOST_DOMAINS, longest=LONGEST_DOMAIN)
        if not written:
            raise Invalid("The rule names no domain.", remedy="Write one domain on each line.")
        return cls(tuple(dict.fromkeys(map(_domain, written))))

    def parameters(self) -> dict[str, Value]:
        return {"blocked": list(self.blocked)}

    def breaches(self, document: PolicyDocument) -> Iterator[Breach]:
        blocked = {_ascii(domain): domain for domain in self.blocked}
        found: dict[str, list[Span]] = defaultdict(list)
        for match in HOST.finditer(document.text):
            for parent in _parents(_ascii(match[0].lower())):
                if parent in blocked:
                    found[blocked[parent]].append(Span(*match.span()))
        for domain in self.blocked:
            if places := found.get(domain):
                yield Breach(
                    "blocked_domain",
                    {"domain": domain, "num_places": len(places)},
                    tuple(places[:MOST_PLACES]),
                )


def _domain(written: str) -> str:
    host = written.lower().removeprefix("https://").removeprefix("http://").split("/")[0]
    host = host.rsplit("@", 1)[-1].removeprefix("*.").strip(".")
    if not HOST.fullmatch(host):
        raise Invalid(f"“{written}” is no domain.", remedy="Write it like example.com.")
    return host


def _parents(host: str) -> Iterator[str]:
    labels = host.split(".")
    return (".".join(labels[first:]) for first in range(len(labels) - 1))


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
