"""Why a shared passage does not count as copied. It stays listed."""

from __future__ import annotations

from typing import Literal

ExclusionCode = Literal["quote", "template", "boilerplate", "listing"]

EXCLUSIONS: dict[ExclusionCode, str] = {
    "quote": "One of the documents quotes the passage: quotation marks, a quote block or a source before it.",
    "template": "Both documents fill in one template: the fixed text is the same, the facts differ.",
    "boilerplate": "The passage stands in three or more documents that are not copies of each other.",
    "listing": "The passage is a list of names and figures, not running text.",
}
"""Every reason by its code, in English; none has parameters."""
