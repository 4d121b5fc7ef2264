"""How much each sign says for each type and area, as learned by benchmarks/documents/train_routing.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

UNIT = 1000
"""Weights are whole numbers in the file: thousandths."""

Says = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """`types` and `areas` say for each sign what it says for which; a sign may be missing.

    `type_areas` is the share of the briefs for a type that an area writes. Shares of types are those of
    exp(score * type_sharpness); shares of areas those of exp(score * area_sharpness) times what the types
    say to the power of `type_trust`. `own_name` is what the name of a type says that was not learned.
    """

    types: Mapping[str, Says]
    areas: Mapping[str, Says]
    type_areas: Mapping[str, Says]
    type_sharpness: float
    area_sharpness: float
    type_trust: float
    own_name: float
    known_words: frozenset[str] = field(default_factory=frozenset)

    def to_json(self) -> str:
        """One sign a line, so that changes can be read."""
        types, areas = _columns(self.types), _columns(self.areas)
        rows = {
            sign: [_row(self.types.get(sign, {}), types), _row(self.areas.get(sign, {}), areas)]
            for sign in sorted({*self.types, *self.areas})
        }
        head = {
            "type_sharpness": self.type_sharpness,
            "area_sharpness": self.area_sharpness,
            "type_trust": self.type_trust,
            "own_name": self.own_name,
            "type_areas": self.type_areas,
            "types": types,
            "areas": areas,
        }
        lines = [f"{json.dumps(name)}:{json.dumps(value, sort_keys=True)}" for name, value in head.items()]
        lines_of_signs = [
            f"{json.dumps(sign, ensure_ascii=False)}:{json.dumps(row, separators=(',', ':'))}"
            for sign, row in rows.items()
            if row[0] or row[1]
        ]
        return "{" + ",\n".join([*lines, '"signs":{\n' + ",\n".join(lines_of_signs) + "}"]) + "}\n"


def read_weights(text: str) -> Weights:
    values = json.loads(text)
    signs: dict[str, list[list[int]]] = values["signs"]
    columns_of_types, columns_of_areas = values["types"], values["areas"]
    return Weights(
        types={sign: _says(says[0], columns_of_types) for sign, says in signs.items() if says[0]},
        areas={sign: _says(says[1], columns_of_areas) for sign, says in signs.items() if says[1]},
        type_areas=values["type_areas"],
        type_sharpness=values["type_sharpness"],
        area_sharpness=values["area_sharpness"],
        type_trust=values["type_trust"],
        own_name=values["own_name"],
        known_words=frozenset(sign[2:] for sign in signs if sign.startswith("w:")),
    )


@cache
def learned_weights() -> Weights:
    """Those that the product ships with; read once."""
    return read_weights((files(__package__) / "weights.json").read_text(encoding="utf-8"))


def _columns(says: Mapping[str, Says]) -> list[str]:
    return sorted({key for each in says.values() for key in each})


def _row(says: Says, columns: list[str]) -> list[int]:
    """Number of the column and weight, in turn."""
    row: list[int] = []
    for at, key in enumerate(columns):
        if whole := round(says.get(key, 0.0) * UNIT):
            row += [at, whole]
    return row


def _says(row: list[int], columns: list[str]) -> Says:
    return {columns[at]: whole / UNIT for at, whole in zip(row[::2], row[1::2], strict=True)}
