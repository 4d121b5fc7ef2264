"""Prints how much the sample documents share: `python -m samples.measure`. The tests measure with it too.

Words are runs of word characters in lower case; a shingle is three of them in a row; the measure is
Jaccard's, shared shingles over all shingles.
"""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

from samples.build import TRUTH, read_sources


def main() -> None:
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    overlaps = all_overlaps({source.path: source.text for source in read_sources()})
    planned = planned_pairs(truth)
    for pair, kind in sorted(planned.items(), key=lambda item: (item[1], -overlaps[item[0]])):
        print(f"{overlaps[pair]:.3f}  {kind:<11} {'  <->  '.join(sorted(pair))}")
    for pair, overlap in overlaps.items():
        if overlap > 0.2 and pair not in planned:
            print(f"{overlap:.3f}  {'UNPLANNED':<11} {'  <->  '.join(sorted(pair))}")


def planned_pairs(truth: dict[str, Any]) -> dict[frozenset[str], str]:
    """What the truth file says of each pair it names; the first word said holds."""
    groups = [
        *(("exact", group) for group in truth["exact"]),
        *(("edited", [pair["older"], pair["newer"]]) for pair in truth["edited"]),
        *((f"family {family['name']}", family["members"]) for family in truth["template_families"]),
        *(("translated", pair) for pair in truth["translated"]),
        *(("passage", [passage["source"], passage["copy"]]) for passage in truth["passages"]),
        *(("negative", pair) for pair in truth["negatives"]),
    ]
    planned: dict[frozenset[str], str] = {}
    for kind, members in groups:
        for pair in combinations(members, 2):
            planned.setdefault(frozenset(pair), kind)
    return planned


def all_overlaps(texts: dict[str, str]) -> dict[frozenset[str], float]:
    sets = {path: shingles(text) for path, text in texts.items()}
    return {frozenset(pair): jaccard(sets[pair[0]], sets[pair[1]]) for pair in combinations(sets, 2)}


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def jaccard(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0


if __name__ == "__main__":
    main()
