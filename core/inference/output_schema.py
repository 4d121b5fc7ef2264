"""What a leaf, an array, an object and a choice of an output may be: a schema after it was checked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Number: TypeAlias = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLeaf:
    hint: str = ""
    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    is_date: bool = False
    fallback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLeaf:
    """`lowest` and `highest` belong to what is allowed."""

    hint: str = ""
    is_integer: bool = False
    lowest: Number | None = None
    highest: Number | None = None
    fallback: Number = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLeaf:
    """One of several values. `labels` are what the model reads and writes."""

    hint: str = ""
    values: tuple[Json, ...]
    labels: tuple[str, ...]
    fallback: Json


@dataclass(frozen=True, slots=True)
class Fixed:
    """The only value that fits."""

    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayNode:
    hint: str = ""
    items: Node
    min_items: int = 0
    max_items: int


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    node: Node
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectNode:
    hint: str = ""
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOfNode:
    hint: str = ""
    options: tuple[Node, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    name: str


Leaf: TypeAlias = TextLeaf | NumberLeaf | ChoiceLeaf
Written: TypeAlias = Leaf | Fixed | ArrayNode | ObjectNode | AnyOfNode
Node: TypeAlias = Written | Reference


class Cost(NamedTuple):
    """How many values the smallest value of a node holds, and how deep it goes."""

    num_values: float
    depth: float


ENDLESS = Cost(math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """A schema that was checked: whatever a model says, `core.inference.constrained` makes a value of it."""

    root: Node
    definitions: Mapping[str, Node]
    costs: Mapping[str, Cost] = field(repr=False)

    def target(self, node: Node) -> Written:
        """The node itself, or what the reference names."""
        while isinstance(node, Reference):
            node = self.definitions[node.name]
        return node

    def least_cost(self, node: Node) -> Cost:
        return _cost(node, self.costs)


def clamp(value: Number, leaf: NumberLeaf) -> Number:
    """The nearest number that is allowed."""
    if leaf.lowest is not None and value < leaf.lowest:
        return leaf.lowest
    if leaf.highest is not None and value > leaf.highest:
        return leaf.highest
    return value


def fits_text(text: str, leaf: TextLeaf) -> bool:
    if len(text) < leaf.min_length or (leaf.max_length is not None and len(text) > leaf.max_length):
        return False
    if leaf.is_date and not is_date(text):
        return False
    return leaf.pattern is None or re.search(leaf.pattern, text) is not None


def fits_number(value: Number, leaf: NumberLeaf) -> bool:
    return (leaf.lowest is None or value >= leaf.lowest) and (leaf.highest is None or value <= leaf.highest)


def is_date(text: str) -> bool:
    """Whether it is a day written YYYY-MM-DD."""
    try:
        return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None and bool(
            date.fromisoformat(text)
        )
    except ValueError:
        return False


def least_costs(definitions: Mapping[str, Node]) -> dict[str, Cost]:
    """Costs get smaller until none does: as often as there are names, at most."""
    costs = dict.fromkeys(definitions, ENDLESS)
    for _ in range(len(definitions) + 1):
        found = {name: _cost(node, costs) for name, node in definitions.items()}
        if found == costs:
            break
        costs = found
    return costs


def _cost(node: Node, costs: Mapping[str, Cost]) -> Cost:
    if isinstance(node, Reference):
        return costs[node.name]
    if isinstance(node, AnyOfNode):
        return min(_cost(option, costs) for option in node.options)
    if isinstance(node, ObjectNode):
        return _sum(_cost(each.node, costs) for each in node.properties if each.is_required)
    if isinstance(node, ArrayNode) and node.min_items:
        return _sum([_cost(node.items, costs)] * node.min_items)
    return Cost(1, 1)


def _sum(costs: Iterable[Cost]) -> Cost:
    parts = list(costs)
    return Cost(
        1 + sum(part.num_values for part in parts), 1 + max((part.depth for part in parts), default=0)
    )
