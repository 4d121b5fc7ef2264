"""Why something is proposed, in English sentences that can be translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ReasonKey = Literal[
    "language_wished",
    "language_of_brief",
    "language_of_sources",
    "language_of_page",
    "audience_said",
    "audience_named",
    "audience_of_area",
    "tone_wished",
    "tone_of_company",
    "tone_of_type",
    "extent_wished",
    "extent_of_asks",
    "extent_of_type",
    "priority_said",
    "priority_due",
    "priority_of_area",
    "brief_cut",
    "no_sign",
    "language_not_written",
]

REASONS: Mapping[ReasonKey, str] = {
    "language_wished": "The brief asks for it: “{words}”.",
    "language_of_brief": "The brief is written in it.",
    "language_of_sources": "The brief does not show its language; the sources are in this one.",
    "language_of_page": "The brief does not show its language, so it is that of the page.",
    "audience_said": "The brief says for whom: “{words}”.",
    "audience_named": "It goes to whom the brief names: “{words}”.",
    "audience_of_area": "The brief does not say for whom; these are the usual readers.",
    "tone_wished": "The brief asks for it: “{words}”.",
    "tone_of_company": "It is the tone of the company.",
    "tone_of_type": "It is the usual tone of this type of document.",
    "extent_wished": "The brief asks for this length: “{words}”.",
    "extent_of_asks": "The brief names many things that should be in it: {count}.",
    "extent_of_type": "It is usual for this type of document. Required sections: {count}.",
    "priority_said": "The brief says how urgent it is: “{words}”.",
    "priority_due": "The brief says when it is due: “{words}”.",
    "priority_of_area": "It is the usual priority of this area.",
    "brief_cut": "The brief is long. Of its {total} characters the first and most telling {read} were read.",
    "no_sign": "No word of the brief says which type of document is meant. A report is proposed.",
    "language_not_written": "Documents are not written in the language that the brief asks for: “{words}”.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """`sentence` is one of REASONS; its places in braces are filled with `parameters`."""

    sentence: str
    parameters: Mapping[str, str | int | float] = field(default_factory=dict)


def reason(key: ReasonKey, **parameters: str | int | float) -> Reason:
    return Reason(REASONS[key], parameters)
