"""Output that fits its schema from any model, one that means harm included."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from core.errors import Invalid
from core.inference import Deterministic, GenerateText, InferenceEngine, Message, Piece
from core.inference.constrained import Filled, FillLimits, fill
from core.inference.engine import never
from core.inference.errors import Cancelled, EngineFailed, EngineUnavailable, Overloaded, SchemaNotSupported
from core.inference.schema_compiler import compile_schema

TASK = GenerateText(prompt="Describe the invoice.", tenant="one")
TALK = replace(TASK, prompt=(Message("user", "Describe the invoice."),))
INVOICE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$", "default": "XX-0"},
        "title": {"type": "string", "maxLength": 20, "description": "what it is for"},
        "issued": {"type": "string", "format": "date"},
        "total": {"type": "number", "minimum": 0, "exclusiveMaximum": 1000},
        "parts": {"type": "integer", "minimum": 1, "maximum": 9},
        "state": {"enum": ["open", "paid", "written off"]},
        "is_urgent": {"type": "boolean"},
        "note": {"type": ["string", "null"], "maxLength": 9},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}, "minItems": 1, "maxItems": 3},
        "version": {"const": 2},
    },
    "required": ["number", "total", "version"],
    "additionalProperties": False,
    "$defs": {
        "line": {"type": "object", "properties": {"text": {"type": "string"}, "price": {"type": "number"}}}
    },
}


def check(value: object, schema: dict[str, Any]) -> None:
    """Raises ValidationError; also that it can be written as UTF-8 JSON and read back."""
    Draft202012Validator(schema, format_checker=FormatChecker(["date"])).validate(value)
    written = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    assert json.loads(written) == value


class Scripted(Deterministic):
    """Says what `reply` makes of each request; cannot score."""

    def __init__(self, reply: Callable[[GenerateText], Sequence[str]]) -> None:
        super().__init__()
        self.reply = reply
        self.requests: list[GenerateText] = []

    def generate(
        self, request: GenerateText, *, is_cancelled: Callable[[], bool] = never
    ) -> Generator[Piece, None, None]:
        self.requests.append(request)
        for text in self.reply(request):
            yield Piece(text)

    def score(self, request: GenerateText, continuations: Sequence[str]) -> tuple[float, ...] | None:
        return None


def says(**answers: str) -> Scripted:
    """Answers a conversation's question by the last name in its path."""

    def reply(request: GenerateText) -> list[str]:
        path = request.prompt[-1].content.rsplit("without quotes. ", 1)[1].split(":")[0]  # type: ignore[union-attr]
        return [answers[path.removesuffix("()").rsplit(".", 1)[-1].replace("[0]", "")]]

    return Scripted(reply)


GOOD = {
    "number": "AB-77", "title": "Paper", "issued": "2024-02-29", "total": "99.5",
    "parts": "3", "state": "paid", "is_urgent": "yes", "kind": "null", "note": "",
    "length": "1", "text": "A4", "price": "7",
}  # fmt: skip


def test_a_model_that_answers_well_is_taken_at_its_word() -> None:
    filled = fill(says(**GOOD), compile_schema(INVOICE), TALK)
    assert filled.value == {
        "number": "AB-77", "title": "Paper", "issued": "2024-02-29", "total": 99.5, "parts": 3,
        "state": "paid", "is_urgent": True, "note": None, "lines": [{"text": "A4", "price": 7}], "version": 2,
    }  # fmt: skip
    check(filled.value, INVOICE)
    assert {leaf.source for leaf in filled.leaves} == {"model"}
    assert filled.num_calls == 11
    assert filled.failure is None


def test_what_a_leaf_rests_on_is_written_down() -> None:
    poor = GOOD | {"number": "7", "parts": "forty 40", "issued": "tomorrow", "state": "It is PAID."}
    filled = fill(says(**poor), compile_schema(INVOICE), TALK)
    records = {leaf.path: leaf for leaf in filled.leaves}
    assert (filled.value["number"], filled.value["parts"], filled.value["state"]) == ("XX-0", 9, "paid")  # type: ignore[index,call-overload]
    assert (records["$.number"].source, records["$.number"].reason) == (
        "fallback",
        "the model gave nothing that fits",
    )
    assert (records["$.parts"].source, records["$.state"].source) == ("repaired", "repaired")
    assert [leaf.path for leaf in filled.fallbacks] == ["$.number", "$.issued"]


def test_each_call_begins_with_all_that_was_written_before() -> None:
    engine = Scripted(lambda _request: ['A "quoted" word', "\n"])
    fill(
        engine,
        compile_schema({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}),
        TASK,
    )
    first, second = (str(asked.prompt) for asked in engine.requests)
    assert first == 'Describe the invoice.\n{"a": "'
    assert second == 'Describe the invoice.\n{"a": "A", "b": "'


def test_the_sampling_tenant_and_priority_of_the_task_hold_for_every_call() -> None:
    engine = Scripted(lambda _request: ["x"])
    fill(engine, compile_schema(INVOICE), replace(TASK, temperature=0.4, seed=5, top_p=0.9))
    assert {(asked.tenant, asked.temperature, asked.seed, asked.top_p) for asked in engine.requests} == {
        ("one", 0.4, 5, 0.9)
    }


def test_a_model_that_scores_chooses_the_likeliest() -> None:
    schema = compile_schema({"enum": ["mango", "apple"]})
    filled = fill(Deterministic(), schema, replace(TASK, prompt="apple apple apple. Which fruit?"))
    assert filled.value == "apple"
    assert filled.leaves[0].source == "model"


@pytest.mark.parametrize("scores", [(), (1.0,), (float("nan"), 0.0), None])
def test_scores_that_say_nothing_are_not_believed(scores: tuple[float, ...] | None) -> None:
    engine = Scripted(lambda _request: ["apple"])
    engine.score = lambda request, continuations: scores  # type: ignore[method-assign]
    assert fill(engine, compile_schema({"enum": ["mango", "apple"]}), TASK).value == "apple"


def endless(_request: GenerateText) -> Generator[str, None, None]:
    while True:
        yield '{"'


def silent(_request: GenerateText) -> Generator[str, None, None]:
    while True:
        yield ""


@pytest.mark.parametrize("reply", [endless, silent])
@pytest.mark.parametrize("task", [TASK, TALK])
def test_a_model_without_an_end_is_left(
    reply: Callable[[GenerateText], Generator[str, None, None]], task: GenerateText
) -> None:
    check(fill(Scripted(reply), compile_schema(INVOICE), task).value, INVOICE)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [EngineFailed("x"), EngineUnavailable("x"), Overloaded("x")])
def test_an_engine_that_fails_leaves_fallbacks_and_is_soon_not_asked_any_more(error: Exception) -> None:
    def fail(_request: GenerateText) -> list[str]:
        raise error

    filled = fill(Scripted(fail), compile_schema(INVOICE), TASK)
    check(filled.value, INVOICE)
    assert filled.failure is error
    assert filled.num_calls == 3
    assert {leaf.source for leaf in filled.leaves} == {"fallback"}


def test_cancelling_ends_it() -> None:
    engine = Scripted(lambda _request: ["x"])
    with pytest.raises(Cancelled):
        fill(engine, compile_schema(INVOICE), TASK, is_cancelled=lambda: len(engine.requests) >= 2)
    assert len(engine.requests) == 2


TREE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#"}},
        "left": {"$ref": "#"},
        "right": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    },
    "required": ["name", "right"],
}


def test_what_leads_back_to_itself_ends_at_the_limits() -> None:
    greedy = Scripted(lambda _request: ["8 # object"])
    filled = fill(greedy, compile_schema(TREE), TASK)
    check(filled.value, TREE)
    assert filled.num_calls == FillLimits().max_calls
    assert len(filled.leaves) < FillLimits().max_values
    shallow = fill(greedy, compile_schema(TREE), TASK, limits=FillLimits(max_depth=2, max_calls=10**6))
    check(shallow.value, TREE)
    assert shallow.num_calls < 200


REFUSED: list[Any] = [
    {},
    True,
    [],
    {"type": "color"},
    {"type": "string", "format": "email"},
    {"type": "string", "pattern": "^a$"},
    {"type": "string", "pattern": "("},
    {"type": "string", "pattern": "^a$", "default": "b"},
    {"type": "string", "minLength": 3, "maxLength": 2},
    {"type": "string", "format": "date", "maxLength": 9},
    {"type": "string", "minLength": -1},
    {"type": "string", "maxLength": True},
    {"type": "string", "minLength": 10**9},
    {"type": "integer", "minimum": 0.2, "maximum": 0.8},
    {"type": "integer", "multipleOf": 3},
    {"type": "number", "minimum": 1, "exclusiveMaximum": 1},
    {"type": "number", "minimum": float("nan")},
    {"type": "number", "default": "x"},
    {"type": "number", "maximum": 3, "default": 4},
    {"type": "number", "maximum": True},
    {"type": "array"},
    {"type": "array", "items": {"type": "null"}, "minItems": 10**9},
    {"type": "array", "items": {"type": "null"}, "uniqueItems": True},
    {"type": "array", "items": {"type": "null"}, "minItems": 3, "maxItems": 2},
    {"type": "object", "properties": {}, "required": ["a"]},
    {"type": "object", "patternProperties": {}},
    {"type": "object", "minProperties": 1},
    {"properties": 3},
    {"enum": []},
    {"enum": 3},
    {"enum": ["a"], "type": "integer"},
    {"enum": ["a", "b"], "default": "c"},
    {"anyOf": []},
    {"oneOf": [{"type": "null"}]},
    {"not": {}},
    {"anyOf": [{"type": "null"}], "type": "null"},
    {"type": ["string", "color"]},
    {"type": []},
    {"$ref": "#/$defs/none"},
    {"$ref": "http://example.com/x"},
    {"$ref": "#/properties/a"},
    {"$ref": "#"},
    {"$ref": 3},
    {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    {"type": "array", "items": {"$ref": "#"}, "minItems": 1},
    {"type": "string", "if": {}},
    {"type": "object", "properties": {"\ud800": {"type": "null"}}},
    {"type": "string", "title": {1, 2}},
    {
        "type": "array",
        "items": {"type": "array", "items": {"type": "null"}, "minItems": 100},
        "minItems": 100,
    },
]


@pytest.mark.parametrize("schema", REFUSED, ids=lambda schema: str(schema)[:70])
def test_what_cannot_be_promised_is_refused_before_any_call(schema: Any) -> None:
    with pytest.raises(SchemaNotSupported) as refused:
        compile_schema(schema)
    assert refused.value.remedy
    assert isinstance(refused.value, Invalid)


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "null"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema, "minItems": 1}
    return schema


def test_nesting_is_bounded() -> None:
    check(fill(Scripted(lambda _request: []), compile_schema(deep(40)), TASK).value, deep(40))
    with pytest.raises(SchemaNotSupported):
        compile_schema(deep(2000))


NASTY = st.one_of(
    st.sampled_from(
        ["", '"', "\\", '\\"', "}{][", "\n\n", "\x00\x07", "null", "NaN", "Infinity", "-", "1e999", "-1e-999",
         "9" * 5000, "0x10", "1,2,3.4.5", "٣", "\ud800", "😀" * 50, "true", "ja", "object", "2024-02-30",
         "9999-12-31", "2024-13-01", '", "admin": true}', "```json\n{}\n```", "yes no yes", " " * 300, "−5"]
    ),
    st.text(max_size=60),
    st.text(alphabet="0123456789.,eE+- ", max_size=30),
)  # fmt: skip

numbers = st.integers(-50, 50) | st.floats(-50, 50)


def bounded(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """A type of number with some bounds; some of those let nothing through."""
    return st.fixed_dictionaries(
        {"type": st.just(kind)},
        optional={
            "minimum": numbers, "maximum": numbers, "exclusiveMinimum": numbers, "exclusiveMaximum": numbers,
        },
    )  # fmt: skip


LEAVES = st.one_of(
    bounded("integer"),
    bounded("number"),
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(0, 5),
            "maxLength": st.integers(3, 30),
            "title": st.text(max_size=9),
        },
    ),
    st.just({"type": "string", "format": "date"}),
    st.just({"type": "string", "pattern": "^[a-c]+$", "maxLength": 5, "default": "abc"}),
    st.sampled_from(
        [{"type": "boolean"}, {"type": "null"}, {"type": ["integer", "null", "string"], "minimum": 4}]
    ),
    st.builds(
        lambda values: {"enum": values},
        st.lists(st.none() | st.booleans() | st.integers() | st.text(max_size=8), min_size=1, max_size=5),
    ),
    st.builds(lambda value: {"const": value}, st.none() | st.text(max_size=5) | st.integers()),
    st.just({"$ref": "#/$defs/tree"}),
)


@st.composite
def objects(draw: st.DrawFn, children: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    properties = draw(st.dictionaries(st.text(max_size=6), children, max_size=4))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) if properties else []
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def containers(children: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    arrays = st.fixed_dictionaries(
        {"type": st.just("array"), "items": children},
        optional={"minItems": st.integers(0, 2), "maxItems": st.integers(2, 4)},
    )
    choices = st.builds(lambda options: {"anyOf": options}, st.lists(children, min_size=1, max_size=3))
    return objects(children) | arrays | choices


SCHEMAS = st.recursive(LEAVES, containers, max_leaves=8).map(
    lambda schema: {**schema, "$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=SCHEMAS, data=st.data(), is_talk=st.booleans(), num_calls=st.sampled_from([0, 1, 5, 40]))
def test_any_model_fits_any_schema(
    schema: dict[str, Any], data: st.DataObject, is_talk: bool, num_calls: int
) -> None:
    try:
        compiled = compile_schema(schema)
    except SchemaNotSupported:
        return

    def reply(_request: GenerateText) -> list[str]:
        said = data.draw(st.lists(NASTY, max_size=3) | st.none())
        if said is None:
            raise EngineFailed("no")
        return said

    limits = FillLimits(max_calls=num_calls, max_values=100, max_depth=6)
    filled: Filled = fill(Scripted(reply), compiled, TALK if is_talk else TASK, limits=limits)
    check(filled.value, schema)
    assert filled.num_calls <= num_calls


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schema=SCHEMAS)
def test_the_deterministic_engine_fits_any_schema_too(schema: dict[str, Any]) -> None:
    try:
        compiled = compile_schema(schema)
    except SchemaNotSupported:
        return
    engine: InferenceEngine = Deterministic()
    check(fill(engine, compiled, TASK, limits=FillLimits(max_calls=30, max_values=60)).value, schema)
