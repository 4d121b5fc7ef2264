"""Learns how much each sign in a brief says for each type and area: core/agents/routing/weights.json.

    python -m benchmarks.documents.train_routing

Reads the training part of briefs.tsv, phrases.tsv, the names and purposes of the types and the words of the
agents; never the briefs that are held back. The method is ridge regression on a column for each type and
area. What turns scores into shares is fitted on the briefs of folds that were left out of learning.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

import core.agents.routing as routing
from benchmarks.documents.briefs import LabelledBrief, briefs, phrases
from core.agents import AREAS, load_agents
from core.agents.routing.ballot import count, shares_of
from core.agents.routing.signs import NAME, PAIR, Signed, keyword_table, name_table, signs_of
from core.agents.routing.spelling import AsWritten
from core.agents.routing.weights import Says, Weights
from core.documents.catalogue import load_catalogue

WEIGHTS = Path(routing.__file__).with_name("weights.json")
RIDGE = 0.5
FOLDS = 6
LEAST_WEIGHT = 0.03
"""Smaller ones are left out of the file."""
LEAST_TEXTS = 2
"""Pairs of words that stand in fewer texts are left out."""

_TYPE_TRUST = {"brief": 1.0, "phrase": 0.6, "name": 0.3, "purpose": 0.6}
_AREA_TRUST = {"brief": 1.0, "subject": 1.0, "keyword": 0.4, "description": 0.5}
_PRIOR_BRIEFS, _OTHER_AREA = 3.0, 0.3  # what a type's own list of areas counts beside the briefs
_OWN_NAME = 2.0  # the name of a type of one's own says so much more than that of a learned one

Matrix = NDArray[np.float64]


class Lesson(NamedTuple):
    """A text whose type, area or both are known."""

    kind: str
    signed: Signed
    type: str
    area: str


def main() -> None:
    taught = tuple(briefs("train"))
    others = list(_other_lessons())
    lessons = [_lesson(brief) for brief in taught]
    tuned = _tune(taught, lessons, others)
    weights = replace(learn([*lessons, *others], taught), **tuned)
    WEIGHTS.write_text(weights.to_json(), encoding="utf-8")
    print(f"{len(weights.types)} signs, {WEIGHTS.stat().st_size // 1024} KiB, {tuned}")


def learn(lessons: Sequence[Lesson], taught: Sequence[LabelledBrief]) -> Weights:
    """Weights with the sharpness left at 1."""
    types = _ridge([(each, each.type, _TYPE_TRUST.get(each.kind, 0.0)) for each in lessons])
    areas = _ridge([(each, each.area, _AREA_TRUST.get(each.kind, 0.0)) for each in lessons])
    named = [types.get(NAME + key, {}).get(key, 0.0) for key in load_catalogue()]
    return Weights(
        types=types,
        areas=areas,
        type_areas=_type_areas(taught),
        type_sharpness=1.0,
        area_sharpness=1.0,
        type_trust=1.0,
        own_name=round(_OWN_NAME * sum(named) / len(named), 3),
    )


def _ridge(rows: Sequence[tuple[Lesson, str, float]]) -> dict[str, Says]:
    """Solved in the space of texts, of which there are fewer than signs."""
    used = [(lesson, label, trust) for lesson, label, trust in rows if label and trust]
    columns = {key: at for at, key in enumerate(sorted({label for _, label, _ in used}))}
    signs = {key: at for at, key in enumerate(_common_signs([lesson for lesson, _, _ in used]))}
    texts = np.zeros((len(used), len(signs)))
    wanted = np.full((len(used), len(columns)), -1.0 / len(columns))
    for row, (lesson, label, _) in enumerate(used):
        wanted[row, columns[label]] += 1.0
        for sign in lesson.signed.signs:
            if sign.key in signs:
                texts[row, signs[sign.key]] = sign.strength
    alike = texts @ texts.T + np.diag([RIDGE / trust for _, _, trust in used])
    weights: Matrix = texts.T @ np.linalg.solve(alike, wanted)
    keys = list(columns)
    return {
        sign: {
            keys[at]: float(weights[row, at]) for at in np.flatnonzero(np.abs(weights[row]) >= LEAST_WEIGHT)
        }
        for sign, row in signs.items()
    }


def _common_signs(lessons: Sequence[Lesson]) -> list[str]:
    texts = Counter(sign.key for lesson in lessons for sign in lesson.signed.signs)
    return sorted(key for key, number in texts.items() if number >= LEAST_TEXTS or not key.startswith(PAIR))


def _type_areas(taught: Sequence[LabelledBrief]) -> dict[str, Says]:
    """By the briefs, and by the type's own areas as if they were a few briefs."""
    shares: dict[str, Says] = {}
    for key, template in load_catalogue().items():
        parts = {area: _OTHER_AREA**place for place, area in enumerate(template.areas)}
        scale = _PRIOR_BRIEFS / sum(parts.values())
        counts = {area: part * scale for area, part in parts.items()}
        for brief in taught:
            if brief.type == key:
                counts[brief.area] = counts.get(brief.area, 0.0) + 1.0
        total = sum(counts.values())
        shares[key] = {area: round(number / total, 3) for area, number in sorted(counts.items())}
    return shares


def _tune(
    taught: Sequence[LabelledBrief], lessons: Sequence[Lesson], others: Sequence[Lesson]
) -> dict[str, float]:
    """The sharpness that makes the shares of left-out briefs likeliest."""
    judged = list(left_out(taught, lessons, others))
    best_types = min((8.0, 12.0, 15.0, 18.0, 22.0, 27.0), key=lambda each: _loss(judged, each, 1.0, 1.0)[0])
    grid = [(area, trust) for area in (2.0, 4.0, 6.0, 8.0, 10.0) for trust in (0.2, 0.4, 0.6, 0.8, 1.0)]
    area, trust = min(grid, key=lambda each: _loss(judged, best_types, *each)[1])
    return {"type_sharpness": best_types, "area_sharpness": area, "type_trust": trust}


def left_out(
    taught: Sequence[LabelledBrief], lessons: Sequence[Lesson], others: Sequence[Lesson]
) -> Iterator[tuple[LabelledBrief, Signed, Weights]]:
    """Each training brief with weights that were learned without it."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for known, unknown in folds.split(lessons, [brief.type for brief in taught]):
        weights = learn([*(lessons[at] for at in known), *others], [taught[at] for at in known])
        for at in unknown:
            yield taught[at], lessons[at].signed, weights


def _loss(
    judged: Sequence[tuple[LabelledBrief, Signed, Weights]], types: float, areas: float, trust: float
) -> tuple[float, float]:
    """Mean negative logarithm of the share of the right type, and of the right area."""
    names, areas_of = type_names(), area_lists()
    losses = [0.0, 0.0]
    for brief, signed, weights in judged:
        sharp = replace(weights, type_sharpness=types, area_sharpness=areas, type_trust=trust)
        type_shares, area_shares = shares_of(count(signed, names, sharp), areas_of, sharp)
        losses[0] -= math.log(max(1e-9, type_shares[brief.type]))
        losses[1] -= math.log(max(1e-9, area_shares[brief.area]))
    return losses[0] / len(judged), losses[1] / len(judged)


def type_names() -> Mapping[str, tuple[str, ...]]:
    return {
        key: tuple(dict.fromkeys(name for words in each.names.values() for name in words))
        for key, each in load_catalogue().items()
    }


def area_lists() -> Mapping[str, tuple[str, ...]]:
    return {key: each.areas for key, each in load_catalogue().items()}


def _lesson(brief: LabelledBrief) -> Lesson:
    return Lesson("brief", _signed(brief.text), brief.type, brief.area)


def _other_lessons() -> Iterator[Lesson]:
    for phrase in phrases():
        if phrase.type:
            yield Lesson("phrase", _signed(phrase.text), phrase.type, "")
        if phrase.area:
            yield Lesson("subject", _signed(phrase.text), "", phrase.area)
    for key, template in load_catalogue().items():
        for names in template.names.values():
            for name in names:
                yield Lesson("name", _signed(name), key, template.areas[0])
        for purpose in template.purpose.values():
            yield Lesson("purpose", _signed(purpose), key, template.areas[0])
    for area in AREAS:
        agent = load_agents()[area]
        for description in agent.description.values():
            yield Lesson("description", _signed(description), "", area)
        for specialisations in agent.specialisations.values():
            for specialisation in specialisations:
                yield Lesson("keyword", _signed(specialisation), "", area)
        for keywords in agent.keywords.values():
            for keyword in keywords:
                yield Lesson("keyword", _signed(keyword.term), "", area)


_NAMES = name_table(type_names())
_KEYWORDS = keyword_table()


def _signed(text: str) -> Signed:
    return signs_of(text, _NAMES, _KEYWORDS, AsWritten())


if __name__ == "__main__":
    main()
