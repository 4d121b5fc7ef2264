"""Output that fits a schema, from any model: the program writes the JSON, the model fills the leaves.

The text grows from left to right, and each leaf is asked for behind all that was written before it, so that
one call begins where the one before ended and the engine's prefix cache serves the rest.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from core.inference.engine import GenerateText, InferenceEngine, Message, Usage, never
from core.inference.errors import Cancelled, EngineError
from core.inference.leaf_repair import (
    Read,
    read_choice,
    read_number,
    read_text,
    until_quote,
)
from core.inference.output_schema import (
    AnyOfNode,
    ArrayNode,
    ChoiceLeaf,
    Fixed,
    Json,
    Leaf,
    Node,
    NumberLeaf,
    ObjectNode,
    OutputSchema,
    TextLeaf,
)

Source: TypeAlias = Literal["model", "repaired", "fallback"]
NUMBER_TOKENS = 24
LABEL_CHARACTERS = 200
NOT_ASKED = "as many values were asked for as may be"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillLimits:
    """What one output may cost. Beyond it the value stays as small as the schema allows.

    After `max_failures` calls in a row that the engine refused it is not asked any more.
    """

    max_calls: int = 200
    max_values: int = 2000
    max_depth: int = 24
    max_leaf_tokens: int = 256
    max_leaf_characters: int = 4000
    max_failures: int = 3


@dataclass(frozen=True, slots=True)
class LeafRecord:
    """Where a value comes from. `path` is like `$.items[0].name`; the reason is empty for the model's own."""

    path: str
    source: Source
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A value that fits the schema, what each leaf of it rests on, and what that took.

    `failure` is the first error of the engine, if there was one: a caller that would rather try again than
    keep fallbacks raises it.
    """

    value: Json
    leaves: tuple[LeafRecord, ...]
    num_calls: int
    prompt_tokens: int
    cached_tokens: int
    new_tokens: int
    failure: EngineError | None = None

    @property
    def fallbacks(self) -> tuple[LeafRecord, ...]:
        return tuple(leaf for leaf in self.leaves if leaf.source == "fallback")


def fill(
    engine: InferenceEngine,
    schema: OutputSchema,
    task: GenerateText,
    *,
    limits: FillLimits | None = None,
    is_cancelled: Callable[[], bool] = never,
) -> Filled:
    """A value of the schema for the task, whatever the model says. Raises Cancelled and no other EngineError.

    The task's prompt says what to write; its sampling, tenant, priority and deadline hold for every call.

    >>> from core.inference import Deterministic
    >>> from core.inference.schema_compiler import compile_schema
    >>> schema = compile_schema({"type": "object", "properties": {"city": {"type": "string"}}})
    >>> fill(Deterministic([("city", "Paris")]), schema, GenerateText(prompt="The capital of France.")).value
    {'city': 'Paris'}
    """
    walk = _Walk(engine, schema, task, limits or FillLimits(), is_cancelled)
    value = walk.write(schema.root, "$", 0)
    return Filled(
        value=value,
        leaves=tuple(walk.leaves),
        num_calls=walk.num_calls,
        prompt_tokens=sum(usage.prompt_tokens for usage in walk.usages),
        cached_tokens=sum(usage.cached_tokens for usage in walk.usages),
        new_tokens=sum(usage.new_tokens for usage in walk.usages),
        failure=walk.failure,
    )


@dataclass(slots=True)
class _Walk:
    """The way through one schema. `written` is the JSON up to where it stands."""

    engine: InferenceEngine
    schema: OutputSchema
    task: GenerateText
    limits: FillLimits
    is_cancelled: Callable[[], bool]
    leaves: list[LeafRecord] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    failure: EngineError | None = None
    num_calls: int = 0
    written: str = ""
    _num_values: int = 0
    _num_failures: int = 0

    def write(self, named: Node, path: str, depth: int) -> Json:
        self._num_values += 1
        node = self.schema.target(named)
        if isinstance(node, ObjectNode):
            return self._write_object(node, path, depth)
        if isinstance(node, ArrayNode):
            return self._write_array(node, path, depth)
        if isinstance(node, AnyOfNode):
            return self.write(self._option(node, path, depth), path, depth + 1)
        value = node.value if isinstance(node, Fixed) else self._fill_leaf(node, path)
        self.written += json.dumps(value, ensure_ascii=False)
        return value

    def _is_small(self, depth: int) -> bool:
        """Whether only what the schema demands is written from here on."""
        limits = self.limits
        return (
            depth >= limits.max_depth
            or self._num_values >= limits.max_values
            or self.num_calls >= limits.max_calls
        )

    def _write_object(self, node: ObjectNode, path: str, depth: int) -> Json:
        found: dict[str, Json] = {}
        self.written += "{"
        for each in node.properties:
            if each.is_required or not self._is_small(depth + 1):
                self.written += f"{', ' if found else ''}{json.dumps(each.name)}: "
                found[each.name] = self.write(each.node, f"{path}.{each.name}", depth + 1)
        self.written += "}"
        return found

    def _write_array(self, node: ArrayNode, path: str, depth: int) -> Json:
        num_items = self._num_items(node, path, depth)
        found: list[Json] = []
        self.written += "["
        for number in range(num_items):
            if number >= node.min_items and self._is_small(depth + 1):
                break
            self.written += ", " if number else ""
            found.append(self.write(node.items, f"{path}[{number}]", depth + 1))
        self.written += "]"
        return found

    def _num_items(self, node: ArrayNode, path: str, depth: int) -> int:
        if node.min_items == node.max_items or self._is_small(depth + 1):
            return node.min_items
        leaf = NumberLeaf(
            hint=f"number of items, {node.min_items} to {node.max_items}. {node.hint}".strip(),
            is_integer=True,
            lowest=node.min_items,
            highest=node.max_items,
            fallback=node.min_items,
        )
        return int(str(self._fill_leaf(leaf, f"{path}.length()")))

    def _option(self, node: AnyOfNode, path: str, depth: int) -> Node:
        places = tuple(range(len(node.options)))
        smallest = min(places, key=lambda place: self.schema.least_cost(node.options[place]))
        if self._is_small(depth + 1):
            return node.options[smallest]
        leaf = ChoiceLeaf(hint=f"kind. {node.hint}", values=places, labels=node.labels, fallback=smallest)
        return node.options[int(str(self._fill_leaf(leaf, f"{path}.kind()")))]

    def _fill_leaf(self, leaf: Leaf, path: str) -> Json:
        """What the model says, made to fit; else the fallback, with the reason."""
        self._check_cancelled()
        if self.num_calls >= self.limits.max_calls:
            return self._fall_back(leaf, path, NOT_ASKED)
        if self._num_failures >= self.limits.max_failures:
            return self._fall_back(leaf, path, "the engine failed too often")
        self.num_calls += 1
        try:
            read = self._ask(leaf, path)
        except Cancelled:
            raise
        except EngineError as error:
            self._num_failures += 1
            self.failure = self.failure or error
            return self._fall_back(leaf, path, error.message)
        self._check_cancelled()
        self._num_failures = 0
        if read is None:
            return self._fall_back(leaf, path, "the model gave nothing that fits")
        source: Source = "repaired" if read.is_repaired else "model"
        self.leaves.append(LeafRecord(path, source, "made to fit" if read.is_repaired else ""))
        return read.value

    def _check_cancelled(self) -> None:
        if self.is_cancelled():
            raise Cancelled("The output is not wanted any more.")

    def _fall_back(self, leaf: Leaf, path: str, reason: str) -> Json:
        self.leaves.append(LeafRecord(path, "fallback", reason))
        return leaf.fallback

    def _ask(self, leaf: Leaf, path: str) -> Read | None:
        question = self._question(leaf, path)
        if isinstance(leaf, ChoiceLeaf):
            scores = self._scores(question, leaf)
            if scores is not None:
                return Read(leaf.values[scores.index(max(scores))], False)
        said = self._say(question, leaf)
        if isinstance(leaf, TextLeaf):
            return read_text(said, leaf)
        if isinstance(leaf, NumberLeaf):
            return read_number(said, leaf)
        return read_choice(said, leaf)

    def _question(self, leaf: Leaf, path: str) -> GenerateText:
        """The task, the JSON so far and what comes now; plain text ends where the value begins."""
        prompt = self.task.prompt
        asked = f"{path}: {_wanted(leaf)}"
        if isinstance(prompt, str):
            quote = '"' if isinstance(leaf, TextLeaf) else ""
            note = "" if isinstance(leaf, TextLeaf) else f"/* {_wanted(leaf)} */ "
            return self._request(f"{prompt}\n{self.written}{note}{quote}", leaf, ("\n",))
        turn = Message("user", f"{self.written}\n\nThe next value only, without quotes. {asked}")
        return self._request((*prompt, turn), leaf, ())

    def _request(self, prompt: str | tuple[Message, ...], leaf: Leaf, stop: tuple[str, ...]) -> GenerateText:
        return replace(self.task, prompt=prompt, stop=stop, max_new_tokens=self._max_tokens(leaf))

    def _max_tokens(self, leaf: Leaf) -> int:
        most = self.limits.max_leaf_tokens
        if isinstance(leaf, TextLeaf):
            return most if leaf.max_length is None else max(min(most, leaf.max_length + 2), 8)
        if isinstance(leaf, NumberLeaf):
            return min(NUMBER_TOKENS, most)
        return min(max(map(len, leaf.labels)) + 4, most)

    def _max_characters(self, leaf: Leaf) -> int:
        if isinstance(leaf, TextLeaf):
            longest = leaf.max_length
            return self.limits.max_leaf_characters if longest is None else longest + LABEL_CHARACTERS
        return LABEL_CHARACTERS

    def _scores(self, question: GenerateText, leaf: ChoiceLeaf) -> Sequence[float] | None:
        """How likely each label is; None where the engine cannot tell."""
        scores = self.engine.score(question, leaf.labels)
        if scores is None or len(scores) != len(leaf.labels) or any(map(math.isnan, scores)):
            return None
        return scores

    def _say(self, question: GenerateText, leaf: Leaf) -> str:
        """What the model says, as far as it is needed: a model without an end is left."""
        said, is_open = "", isinstance(question.prompt, str) and isinstance(leaf, TextLeaf)
        most = self._max_characters(leaf)
        for text in self._pieces(question):
            said += text
            if len(said) >= most or (is_open and until_quote(said)[1]):
                break
        said = said[:most]
        return until_quote(said)[0] if is_open else said

    def _pieces(self, question: GenerateText) -> Iterator[str]:
        """The texts of an answer, at most twice as many as tokens were asked for."""
        with closing(self.engine.generate(question, is_cancelled=self.is_cancelled)) as pieces:
            for number, piece in enumerate(pieces):
                if piece.usage is not None:
                    self.usages.append(piece.usage)
                yield piece.text
                if piece.usage is not None or number > 2 * question.max_new_tokens:
                    return


def _wanted(leaf: Leaf) -> str:
    """What is wanted, in words for a model."""
    if isinstance(leaf, ChoiceLeaf):
        kind = "one of: " + ", ".join(leaf.labels)
    elif isinstance(leaf, NumberLeaf):
        kind = "whole number" if leaf.is_integer else "number"
    else:
        kind = "date, YYYY-MM-DD" if leaf.is_date else "text"
    return f"{leaf.hint} ({kind})" if leaf.hint else kind
