"""The part of JSON Schema whose values can be promised from any model, checked before a model is asked.

| type | keywords |
|---|---|
| object | `properties`, `required`, `additionalProperties` (nothing is ever added) |
| array | `items`, `minItems`, `maxItems` |
| string | `minLength`, `maxLength`, `format: date`, `pattern` with a `default` or an example that fits it |
| integer, number | `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum` |
| boolean, null | |
| any | `enum`, `const`, `anyOf`, a list of types, `$ref` to `#`, `#/$defs/...` or `#/definitions/...` |

`title`, `description` and `default` may stand anywhere; a default is what a leaf falls back to. A `$ref` may
lead back to where it came from if there is a way out: an optional property, an empty array, another choice.
Every other keyword is refused, because ignoring it would break the promise.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from core.inference.errors import SchemaNotSupported
from core.inference.output_schema import (
    ENDLESS,
    AnyOfNode,
    ArrayNode,
    ChoiceLeaf,
    Fixed,
    Json,
    Node,
    Number,
    NumberLeaf,
    ObjectNode,
    OutputSchema,
    Property,
    Reference,
    TextLeaf,
    clamp,
    fits_number,
    fits_text,
    least_costs,
)

ANNOTATIONS = frozenset(
    ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
     "$schema", "$id", "$comment", "$defs", "definitions"),
)  # fmt: skip
BOUNDS = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"))
KEYWORDS: dict[str, frozenset[str]] = {
    "object": frozenset(("properties", "required", "additionalProperties")),
    "array": frozenset(("items", "minItems", "maxItems")),
    "string": frozenset(("minLength", "maxLength", "format", "pattern")),
    "integer": BOUNDS,
    "number": BOUNDS,
    "boolean": frozenset(),
    "null": frozenset(),
}
MAX_DEPTH = 48
MAX_VALUES = 1000
NO_DATE = "1970-01-01"


def compile_schema(schema: Mapping[str, Any], *, max_items: int = 8) -> OutputSchema:
    """The schema, ready to be filled. `max_items` bounds arrays that do not say.

    Raises SchemaNotSupported, which names the place.

    >>> compile_schema({"type": "integer", "minimum": 3}).root.fallback
    3
    """
    _check_json(schema)
    compiler = _Compiler(schema, max_items)
    root = compiler.node(schema, "#", 0)
    costs = least_costs(compiler.definitions)
    compiled = OutputSchema(root, compiler.definitions, costs)
    least = compiled.least_cost(root)
    if least == ENDLESS:
        raise SchemaNotSupported("The schema has no end.", remedy="Make a property that leads back optional.")
    if least.num_values > MAX_VALUES or least.depth > MAX_DEPTH:
        raise SchemaNotSupported(
            f"The smallest value has {least.num_values:,} parts, {least.depth} deep.",
            remedy=f"At most {MAX_VALUES:,} parts and {MAX_DEPTH} levels are filled; ask for less at a time.",
        )
    return compiled


def _check_json(schema: Mapping[str, Any]) -> None:
    try:
        json.dumps(schema, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise _unsupported("#", "cannot be written as JSON, or is nested too deeply") from None


class _Compiler:
    def __init__(self, schema: Mapping[str, Any], max_items: int) -> None:
        self._schema = schema
        self._max_items = max_items
        self._depth_of_references = 0
        self.definitions: dict[str, Node] = {}

    def node(self, found: Any, path: str, depth: int) -> Node:
        if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
            raise _unsupported(path, "is no schema with a type")
        if depth > MAX_DEPTH:
            raise _unsupported(path, "is nested too deeply")
        if "$ref" in found:
            _only(found, {"$ref"}, path)
            return self._reference(found["$ref"], path, depth)
        if "enum" in found or "const" in found:
            return _choice(found, path)
        if "anyOf" in found:
            _only(found, {"anyOf"}, path)
            return self._any_of(found, _list(found["anyOf"], f"{path}/anyOf"), path, depth)
        kind = found.get("type", _implied_type(found))
        if isinstance(kind, list):
            return self._any_of(found, _by_type(found, kind, path), path, depth)
        if kind not in KEYWORDS:
            raise _unsupported(path, "has no type that is known")
        _only(found, KEYWORDS[kind] | {"type"}, path)
        return self._of_type(kind, found, path, depth)

    def _of_type(self, kind: str, found: Mapping[str, Any], path: str, depth: int) -> Node:
        if kind == "object":
            return self._object(found, path, depth)
        if kind == "array":
            return self._array(found, path, depth)
        if kind == "string":
            return _text(found, path)
        if kind == "boolean":
            return _leaf_of([False, True], found, path)
        if kind == "null":
            return Fixed(None)
        return _number(found, path, is_integer=kind == "integer")

    def _reference(self, target: Any, path: str, depth: int) -> Node:
        if not isinstance(target, str) or not re.fullmatch(r"#|#/(\$defs|definitions)/[^/]+", target):
            raise _unsupported(f"{path}/$ref", "leads outside of $defs")
        if target not in self.definitions:
            self.definitions[target] = Reference(target)
            self.definitions[target] = self.node(self._find(target, path), target, depth + 1)
        return Reference(target)

    def _find(self, target: str, path: str) -> Any:
        if target == "#":
            return self._schema
        _, section, name = target.split("/")
        name = unquote(name).replace("~1", "/").replace("~0", "~")
        sections = self._schema.get(section)
        if not isinstance(sections, Mapping) or name not in sections:
            raise _unsupported(f"{path}/$ref", "leads nowhere")
        return sections[name]

    def _object(self, found: Mapping[str, Any], path: str, depth: int) -> ObjectNode:
        properties, required = found.get("properties", {}), found.get("required", [])
        if not isinstance(properties, Mapping):
            raise _unsupported(f"{path}/properties", "is no object")
        if not isinstance(required, list) or not all(name in properties for name in required):
            raise _unsupported(f"{path}/required", "names something that is not in properties")
        if not isinstance(found.get("additionalProperties", True), bool | Mapping):
            raise _unsupported(f"{path}/additionalProperties", "is no schema")
        return ObjectNode(
            hint=_hint(found),
            properties=tuple(
                Property(name, self.node(child, f"{path}/properties/{name}", depth + 1), name in required)
                for name, child in properties.items()
            ),
        )

    def _array(self, found: Mapping[str, Any], path: str, depth: int) -> ArrayNode:
        if "items" not in found:
            raise _unsupported(path, "does not say what its items are")
        least = _length(found, "minItems", path) or 0
        most = _length(found, "maxItems", path)
        most = max(self._max_items, least) if most is None else most
        if least > most or least > MAX_VALUES:
            raise _unsupported(path, "has bounds that nothing fits")
        items = self.node(found["items"], f"{path}/items", depth + 1)
        return ArrayNode(hint=_hint(found), items=items, min_items=least, max_items=min(most, MAX_VALUES))

    def _any_of(self, found: Mapping[str, Any], options: Sequence[Any], path: str, depth: int) -> Node:
        if not options:
            raise _unsupported(path, "offers nothing to choose from")
        nodes = [self.node(option, f"{path}/anyOf/{at}", depth + 1) for at, option in enumerate(options)]
        if len(nodes) == 1:
            return nodes[0]
        labels = _distinct(_option_label(option) for option in options)
        return AnyOfNode(hint=_hint(found), options=tuple(nodes), labels=labels)


def _choice(found: Mapping[str, Any], path: str) -> Node:
    _only(found, {"enum", "const", "type"}, path)
    values = [found["const"]] if "const" in found else _list(found["enum"], f"{path}/enum")
    if "const" in found and "enum" in found:
        raise _unsupported(path, "has both enum and const")
    kinds = found.get("type")
    if kinds is not None:
        allowed = kinds if isinstance(kinds, list) else [kinds]
        values = [value for value in values if any(_has_type(value, kind) for kind in allowed)]
    if not values:
        raise _unsupported(path, "offers nothing to choose from")
    return _leaf_of(values, found, path)


def _leaf_of(values: list[Any], found: Mapping[str, Any], path: str) -> Node:
    if len(values) == 1:
        return Fixed(values[0])
    fallback = found.get("default", values[0])
    if not any(_is_same(fallback, value) for value in values):
        raise _unsupported(f"{path}/default", "is not one of the choices")
    return ChoiceLeaf(
        hint=_hint(found), values=tuple(values), labels=_distinct(map(_label, values)), fallback=fallback
    )


def _text(found: Mapping[str, Any], path: str) -> TextLeaf:
    pattern = found.get("pattern")
    if found.get("format", "date") != "date":
        raise _unsupported(f"{path}/format", "is not date")
    leaf = TextLeaf(
        hint=_hint(found),
        min_length=_length(found, "minLength", path) or 0,
        max_length=_length(found, "maxLength", path),
        pattern=None if pattern is None else _compiled(pattern, f"{path}/pattern"),
        is_date="format" in found,
    )
    fallback = _text_fallback(leaf, found, path)
    return TextLeaf(
        hint=leaf.hint,
        min_length=leaf.min_length,
        max_length=leaf.max_length,
        pattern=leaf.pattern,
        is_date=leaf.is_date,
        fallback=fallback,
    )


def _text_fallback(leaf: TextLeaf, found: Mapping[str, Any], path: str) -> str:
    """A text that fits: the default, else the first example that does, else the smallest one."""
    if leaf.min_length > MAX_VALUES * 10:
        raise _unsupported(f"{path}/minLength", "is too long to promise")
    given = found.get("default")
    if given is not None:
        if not isinstance(given, str) or not fits_text(given, leaf):
            raise _unsupported(f"{path}/default", "does not fit")
        return given
    examples = found.get("examples")
    known = examples if isinstance(examples, list) else []
    smallest = NO_DATE if leaf.is_date else "-" * leaf.min_length
    for text in [*known, smallest]:
        if isinstance(text, str) and fits_text(text, leaf):
            return text
    raise _unsupported(path, "needs a default that fits: no other text can be promised")


def _number(found: Mapping[str, Any], path: str, *, is_integer: bool) -> NumberLeaf:
    lowest = _highest_of(_bound(found, "minimum", path), _beyond(found, "exclusiveMinimum", path, is_integer))
    highest = _lowest_of(_bound(found, "maximum", path), _beyond(found, "exclusiveMaximum", path, is_integer))
    if is_integer:
        lowest = None if lowest is None else math.ceil(lowest)
        highest = None if highest is None else math.floor(highest)
    leaf = NumberLeaf(hint=_hint(found), is_integer=is_integer, lowest=lowest, highest=highest)
    if lowest is not None and highest is not None and lowest > highest:
        raise _unsupported(path, "has bounds that nothing fits")
    given = found.get("default")
    if given is not None and not (_has_type(given, _number_type(is_integer)) and fits_number(given, leaf)):
        raise _unsupported(f"{path}/default", "does not fit")
    fallback: Number = clamp(0, leaf) if given is None else given
    return NumberLeaf(
        hint=leaf.hint, is_integer=is_integer, lowest=lowest, highest=highest, fallback=fallback
    )


def _number_type(is_integer: bool) -> str:
    return "integer" if is_integer else "number"


def _bound(found: Mapping[str, Any], keyword: str, path: str) -> Number | None:
    value = found.get(keyword)
    if value is None:
        return None
    if not _has_type(value, "number") or abs(value) > 1e300:
        raise _unsupported(f"{path}/{keyword}", "is no number that can be used")
    return value  # type: ignore[no-any-return]


def _beyond(found: Mapping[str, Any], keyword: str, path: str, is_integer: bool) -> Number | None:
    """The first number beyond the bound."""
    value = _bound(found, keyword, path)
    if value is None:
        return None
    is_minimum = keyword == "exclusiveMinimum"
    if is_integer:
        return math.floor(value) + 1 if is_minimum else math.ceil(value) - 1
    return math.nextafter(float(value), math.inf if is_minimum else -math.inf)


def _highest_of(one: Number | None, other: Number | None) -> Number | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _lowest_of(one: Number | None, other: Number | None) -> Number | None:
    return min((value for value in (one, other) if value is not None), default=None)


def _compiled(pattern: Any, path: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, TypeError):
        raise _unsupported(path, "is no pattern that can be read") from None
    return str(pattern)


def _length(found: Mapping[str, Any], keyword: str, path: str) -> int | None:
    value = found.get(keyword)
    if value is None:
        return None
    if not _has_type(value, "integer") or value < 0:
        raise _unsupported(f"{path}/{keyword}", "is no count")
    return int(value)


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _unsupported(path, "is no list")
    return value


def _only(found: Mapping[str, Any], known: Iterable[str], path: str) -> None:
    unknown = sorted(set(found) - set(known) - ANNOTATIONS)
    if unknown:
        raise _unsupported(f"{path}/{unknown[0]}", "is a keyword that is not supported here")


def _by_type(found: Mapping[str, Any], kinds: list[Any], path: str) -> list[dict[str, Any]]:
    """One schema for each type, with the keywords that mean something there."""
    if not all(isinstance(kind, str) and kind in KEYWORDS for kind in kinds):
        raise _unsupported(f"{path}/type", "names a type that is not known")
    _only(found, frozenset({"type"}).union(*(KEYWORDS[kind] for kind in kinds)), path)
    kept = {key: value for key, value in found.items() if key not in ("title", "description", "default")}
    return [
        {key: value for key, value in kept.items() if key in KEYWORDS[kind] or key in ANNOTATIONS}
        | {"type": kind}
        for kind in kinds
    ]


def _implied_type(found: Mapping[str, Any]) -> str | None:
    return "object" if "properties" in found else "array" if "items" in found else None


def _has_type(value: Any, kind: Any) -> bool:
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if kind == "integer":
        return _has_type(value, "number") and value == math.floor(value)
    kinds = {"string": str, "boolean": bool, "null": type(None), "array": list, "object": dict}
    return isinstance(kind, str) and kind in kinds and isinstance(value, kinds[kind])


def _is_same(one: Any, other: Any) -> bool:
    """Equal in JSON, where true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _hint(found: Mapping[str, Any]) -> str:
    said = [found.get("title"), found.get("description")]
    return ". ".join(text.strip() for text in said if isinstance(text, str) and text.strip())


def _label(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "yes" if value is True else "no" if value is False else repr(value)


def _option_label(option: Any) -> str:
    """What the model reads of an option: its title, or what kind of thing it is."""
    said = option if isinstance(option, Mapping) else {}
    if isinstance(said.get("title"), str) and said["title"].strip():
        return str(said["title"])
    if isinstance(said.get("properties"), Mapping):
        return "object with " + ", ".join(map(str, said["properties"]))
    reference = said.get("$ref")
    return str(reference).rpartition("/")[2] if reference else str(said.get("type", "value"))


def _distinct(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels that can be told apart, whatever case and space they are repeated in."""
    given: dict[str, None] = {}
    for label in labels:
        plain = " ".join(label.split()).casefold() or "nothing"
        number, name = 1, plain
        while name in given:
            number += 1
            name = f"{plain} {number}"
        given[name] = None
    return tuple(given)


def _unsupported(path: str, what: str) -> SchemaNotSupported:
    return SchemaNotSupported(
        f"In the schema, {path} {what}.", remedy="docs/reference/engine.md lists what can be asked for."
    )
