"""The engine answers as the model alone would, whatever came out of the cache."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from kvcache.engine.engine import Engine
from kvcache.engine.errors import BrokenLogits, InvalidRequest, OutOfDeviceMemory, UnusableModel
from kvcache.engine.generation import Generation
from kvcache.engine.model_shape import changes_in_forward, fingerprint_of, shape_of
from kvcache.engine.request import GenerationRequest, Sampling
from kvcache.level import Level
from kvcache.tiers.disk import DiskTier
from tests.kvcache.engine.conftest import OpenEngine
from tests.kvcache.engine.models import COMMON, HAS_STATES, MODELS, VOCABULARY, make_model

EVERY_MODEL = pytest.mark.parametrize("name", sorted(MODELS))
NEW_TOKENS = 64


def prompt_of(num_tokens: int, seed: int = 1) -> tuple[int, ...]:
    choose = random.Random(seed)
    return tuple(choose.randrange(4, VOCABULARY) for _ in range(num_tokens))


def alone(
    model: PreTrainedModel, prompt: tuple[int, ...], num_new: int
) -> tuple[tuple[int, ...], torch.Tensor]:
    """What the model answers without any of our code, and its logits after the prompt."""
    answer: list[int] = []
    cache = DynamicCache(config=model.config)
    step = list(prompt)
    first: torch.Tensor | None = None
    with torch.inference_mode():
        while len(answer) < num_new:
            logits = model(torch.tensor([step]), past_key_values=cache).logits[0, -1]
            first = logits if first is None else first
            step = [int(logits.argmax())]
            answer += step
    assert first is not None
    return tuple(answer), first


def answer_together(engine: Engine, requests: list[GenerationRequest]) -> list[Generation]:
    """Prefill each, then decode all that are not finished in one batch."""
    generations = [engine.begin(request) for request in requests]
    for generation in generations:
        while not engine.prefill(generation):
            pass
    while unfinished := [each for each in generations if each.finish_reason is None]:
        engine.decode(unfinished)
    for generation in generations:
        engine.finish(generation)
    return generations


@EVERY_MODEL
def test_with_the_cache_and_without_the_same_tokens_come(name: str, open_engine: OpenEngine) -> None:
    engine, prompt = open_engine(name), prompt_of(300)
    expected, _ = alone(engine.model, prompt, NEW_TOKENS)
    request = GenerationRequest(prompt=prompt, max_new_tokens=NEW_TOKENS)
    cold, warm = engine.answer(request), engine.answer(request)
    assert cold.tokens == warm.tokens == expected
    assert (cold.usage.cached_tokens, warm.usage.cached_tokens) == (0, 288)
    engine.store.check_integrity()


@EVERY_MODEL
def test_the_logits_behind_a_restored_prefix_hardly_differ(name: str, open_engine: OpenEngine) -> None:
    engine, prompt = open_engine(name), prompt_of(290)
    engine.answer(GenerationRequest(prompt=prompt[:-10], max_new_tokens=1))
    _, expected = alone(engine.model, prompt, 1)
    generation = engine.begin(GenerationRequest(prompt=prompt, max_new_tokens=1))
    assert generation.num_reused >= 256
    while generation.num_to_prefill:
        logits = engine._prefill_chunk(generation)
    engine.finish(generation)
    assert float((logits - expected).abs().max()) <= 2e-6


@EVERY_MODEL
def test_prompts_of_different_lengths_decode_together_as_alone(name: str, open_engine: OpenEngine) -> None:
    engine = open_engine(name)
    requests = [
        GenerationRequest(prompt=prompt_of(length, length), max_new_tokens=20) for length in (10, 70, 200)
    ]
    expected = [alone(engine.model, request.prompt, 20)[0] for request in requests]
    assert [tuple(each.answer) for each in answer_together(engine, requests)] == expected
    assert engine._can_batch == (name not in HAS_STATES)


@EVERY_MODEL
def test_the_next_turn_of_a_conversation_reuses_prompt_and_answer(name: str, open_engine: OpenEngine) -> None:
    engine, prompt = open_engine(name), prompt_of(100)
    first = engine.answer(GenerationRequest(prompt=prompt, max_new_tokens=60))
    turn = (*prompt, *first.tokens, *prompt_of(20, 7))
    second = engine.answer(GenerationRequest(prompt=turn, max_new_tokens=8))
    assert second.tokens == alone(engine.model, turn, 8)[0]
    assert second.usage.cached_tokens >= (96 if name in HAS_STATES else 144)


def test_blocks_on_disk_serve_a_new_process(open_engine: OpenEngine, tmp_path: Path) -> None:
    request = GenerationRequest(prompt=prompt_of(300), max_new_tokens=16)
    answers = []
    for _ in range(2):
        tier = DiskTier(tmp_path, 50_000_000, b"sixteen or more bytes")
        engine = open_engine(levels=[Level(tier, "split")])
        answers.append(engine.answer(request))
        engine.store.close()
    assert answers[0].tokens == answers[1].tokens
    assert answers[1].usage.cached_tokens == 288


def test_a_prompt_is_computed_in_chunks_that_can_be_interleaved(open_engine: OpenEngine) -> None:
    engine = open_engine(chunk_tokens=32)
    generation = engine.begin(GenerationRequest(prompt=prompt_of(100), max_new_tokens=4))
    steps = 1
    while not engine.prefill(generation):
        steps += 1
    engine.finish(generation)
    assert steps == 4
    assert generation.answer == list(alone(engine.model, prompt_of(100), 1)[0])


def test_equal_seeds_choose_alike_alone_and_in_company(open_engine: OpenEngine) -> None:
    engine = open_engine()
    sampling = Sampling(temperature=1.0, top_p=0.9, top_k=50, repetition_penalty=1.2, seed=7)
    request = GenerationRequest(prompt=prompt_of(50), max_new_tokens=30, sampling=sampling)
    other = GenerationRequest(prompt=prompt_of(90), max_new_tokens=30, sampling=Sampling(temperature=1.0))
    apart = engine.answer(request).tokens
    together = answer_together(engine, [other, request])
    assert tuple(together[1].answer) == apart


def test_a_cancelled_request_keeps_what_it_computed(open_engine: OpenEngine) -> None:
    engine, prompt = open_engine(), prompt_of(100)
    pieces = engine.generate(GenerationRequest(prompt=prompt, max_new_tokens=50), is_cancelled=lambda: True)
    assert list(pieces)[-1] == ""
    reader = engine.generate(GenerationRequest(prompt=prompt_of(200, 9), max_new_tokens=50))
    next(reader)
    reader.close()
    assert engine.store.match(prompt_of(200, 9)) == 192
    engine.store.check_integrity()


def test_stop_tokens_end_an_answer_and_are_not_part_of_it(open_engine: OpenEngine) -> None:
    engine, prompt = open_engine(), prompt_of(40)
    expected, _ = alone(engine.model, prompt, 20)
    stop = expected[10]
    answer = engine.answer(GenerationRequest(prompt=prompt, max_new_tokens=20, stop_tokens=(stop,)))
    assert answer.tokens == expected[: expected.index(stop)]
    assert answer.finish_reason == "stop"


@pytest.mark.parametrize(
    ("request_settings", "message"),
    [
        ({"prompt": ()}, "empty"),
        ({"prompt": prompt_of(2040), "max_new_tokens": 100}, "at most 1,948"),
        ({"prompt": (1, VOCABULARY)}, "Token ids are 0 to 299"),
        ({"prompt": (1, -1)}, "Token ids are 0 to 299"),
        ({"prompt": (1,), "max_new_tokens": 0}, "1 or more"),
        ({"prompt": (1,), "max_new_tokens": 5000}, "no room for a prompt"),
        ({"prompt": (1,), "stop": ("",)}, "stop text"),
    ],
)
def test_bad_requests_are_refused_with_what_to_do(
    request_settings: dict[str, Any], message: str, open_engine: OpenEngine
) -> None:
    engine = open_engine()
    with pytest.raises(InvalidRequest, match=message):
        engine.answer(GenerationRequest(**request_settings))
    assert engine.store.index.snapshot().leases == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": -1.0},
        {"top_p": 0.0},
        {"top_k": -1},
        {"repetition_penalty": 0.0},
        {"seed": -1},
        {"seed": 2**63},
    ],
)
def test_sampling_out_of_bounds_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        Sampling(**settings)


def test_a_long_prompt_loses_its_beginning_only_when_allowed(open_engine: OpenEngine) -> None:
    engine, prompt = open_engine(), prompt_of(2100)
    answer = engine.answer(GenerationRequest(prompt=prompt, max_new_tokens=8, may_truncate=True))
    assert answer.tokens == alone(engine.model, prompt[-2040:], 8)[0]
    assert answer.usage.truncated_tokens == 60


def test_logits_that_are_no_numbers_end_the_request_and_keep_nothing(open_engine: OpenEngine) -> None:
    engine = open_engine()
    model = make_model("llama")
    torch.nn.init.constant_(model.lm_head.weight, float("nan"))
    broken = Engine(model, engine.store)
    with pytest.raises(BrokenLogits):
        broken.answer(GenerationRequest(prompt=prompt_of(50), max_new_tokens=4))
    assert engine.store.index.snapshot().leases == 0
    assert engine.store.match(prompt_of(50)) == 0


class Crowded:
    """A model on a device that has room for so many tokens at once."""

    def __init__(self, model: PreTrainedModel, most_tokens: int) -> None:
        self.model, self.most_tokens = model, most_tokens

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def __call__(self, **inputs: Any) -> Any:
        output = self.model(**inputs)
        if inputs["input_ids"].shape[1] > self.most_tokens:
            raise torch.OutOfMemoryError("no room")
        return output


def test_where_memory_is_short_the_prompt_is_computed_in_smaller_pieces(open_engine: OpenEngine) -> None:
    engine, prompt = open_engine(chunk_tokens=128), prompt_of(200)
    whole = engine.model
    engine.model = Crowded(whole, 40)  # type: ignore[assignment]
    answer = engine.answer(GenerationRequest(prompt=prompt, max_new_tokens=8))
    assert answer.tokens == alone(whole, prompt, 8)[0]
    assert engine.counters.out_of_memory == 2
    engine.model = Crowded(whole, 1)  # type: ignore[assignment]
    with pytest.raises(OutOfDeviceMemory):
        engine.answer(GenerationRequest(prompt=prompt_of(90, 3), max_new_tokens=8))
    assert engine.store.index.snapshot().leases == 0


@pytest.mark.parametrize("name", sorted(set(MODELS) - HAS_STATES))
def test_continuations_are_scored_as_the_model_alone_would(name: str, open_engine: OpenEngine) -> None:
    engine, prompt = open_engine(name), prompt_of(100)
    continuations = [[5], [7, 8, 9], list(prompt_of(70, 4))]
    expected = []
    for continuation in continuations:
        whole = torch.tensor([[*prompt, *continuation]])
        with torch.inference_mode():
            chances = torch.log_softmax(engine.model(whole).logits[0], dim=-1)
        places = range(len(prompt) - 1, len(prompt) + len(continuation) - 1)
        expected.append(sum(float(chances[at, whole[0, at + 1]]) for at in places))
    for _ in range(2):
        assert engine.score(prompt, continuations) == pytest.approx(expected, abs=1e-3)
    assert engine.store.match(prompt) == 96
    assert engine.store.index.snapshot().leases == 0


@pytest.mark.parametrize("continuations", [[], [[]], [[1], []], [[VOCABULARY]]])
def test_what_cannot_be_scored_is_refused(continuations: list[list[int]], open_engine: OpenEngine) -> None:
    with pytest.raises(InvalidRequest):
        open_engine().score(prompt_of(20), continuations)


def test_a_store_for_another_model_is_refused(open_engine: OpenEngine) -> None:
    with pytest.raises(UnusableModel, match="another model"):
        Engine(make_model("gpt2"), open_engine("llama").store)


def test_other_weights_have_another_fingerprint_and_the_same_have_the_same() -> None:
    assert fingerprint_of(make_model("llama")) == fingerprint_of(make_model("llama"))
    assert fingerprint_of(make_model("llama")) != fingerprint_of(make_model("llama", seed=1))
    half = make_model("llama").to(torch.bfloat16)
    assert fingerprint_of(half) != fingerprint_of(make_model("llama"))
    assert shape_of(half).dtype == "bfloat16"


@pytest.mark.parametrize(
    ("rope", "changes"),
    [("default", False), ("llama3", False), ("yarn", False), ("dynamic", True), ("longrope", True)],
)
def test_a_model_whose_rotary_embedding_stretches_is_driven_in_turns(rope: str, changes: bool) -> None:
    parameters = {
        "rope_type": rope,
        "rope_theta": 10_000.0,
        "factor": 2.0,
        "original_max_position_embeddings": 1024,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "short_factor": [1.0] * 8,
        "long_factor": [2.0] * 8,
    }
    model = LlamaForCausalLM(LlamaConfig(**COMMON, rope_parameters=parameters))
    assert changes_in_forward(model) is changes
