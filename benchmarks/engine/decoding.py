"""What a token costs once the prompt is known: the engine beside a bare DynamicCache, run by run in turns.

    python -m benchmarks.engine.decoding

Prints a table and writes it to benchmarks/results/engine.md.
"""

from __future__ import annotations

import gc
import random
import statistics
import time

import torch
from transformers import DynamicCache, PreTrainedModel

from benchmarks.engine.first_token import VOCABULARY, make_model
from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.engine.engine import Engine
from kvcache.engine.model_shape import shape_of
from kvcache.engine.request import GenerationRequest

DEPTHS = (512, 2048)
NEW_TOKENS = 32
RUNS = 20
TITLE = "Decoding a token"


def main() -> None:
    torch.set_num_threads(1)
    model = make_model()
    shape = shape_of(model)
    config = CacheConfig(capacity_blocks=256, salt=b"the secret of a benchmark", policy="lru")
    engine = Engine(model, BlockStore(config, shape.layout(64), in_background=False), shape=shape)
    rows = [_compare(engine, make_model(), depth) for depth in DEPTHS]
    table = as_table(("tokens before", "bare ms", "engine ms", "engine / bare"), rows)
    body = (
        f"{table}\n\nProcessor time of a token, {NEW_TOKENS} tokens a run, median of {RUNS} runs in turns; "
        "the ratio is the median of the ratios of neighbouring runs. Bare: the model with its DynamicCache, "
        "sdpa and argmax; engine: with sampler, checks and counters. The 26.7 M Llama of the first-token "
        f"benchmark, float32, one thread.\n\nMachine: {describe_machine('torch', 'transformers')}.\n\n"
        "Repeat: `python -m benchmarks.engine.decoding`"
    )
    print(f"{TITLE}\n{body}")
    save_section("engine", TITLE, body)


def _compare(engine: Engine, model: PreTrainedModel, depth: int) -> tuple[str, ...]:
    choose = random.Random(depth)
    prompt = tuple(choose.randrange(VOCABULARY) for _ in range(depth))
    engine.answer(GenerationRequest(prompt=prompt, max_new_tokens=1))
    bare, ours = [], []
    gc.collect()
    gc.disable()
    for _ in range(RUNS):
        bare.append(_bare(model, prompt))
        ours.append(_ours(engine, prompt))
    gc.enable()
    ratio = statistics.median(mine / other for mine, other in zip(ours, bare, strict=True))
    milliseconds = [f"{statistics.median(each) * 1e3:.2f}" for each in (bare, ours)]
    return f"{depth:,}", *milliseconds, f"{ratio:.3f}"


def _bare(model: PreTrainedModel, prompt: tuple[int, ...]) -> float:
    cache = DynamicCache(config=model.config)
    with torch.inference_mode():
        logits = model(torch.tensor([prompt]), past_key_values=cache, logits_to_keep=1).logits
        begun = time.process_time()
        for _ in range(NEW_TOKENS):
            token = int(logits[0, -1].argmax())
            logits = model(torch.tensor([[token]]), past_key_values=cache, logits_to_keep=1).logits
    return (time.process_time() - begun) / NEW_TOKENS


def _ours(engine: Engine, prompt: tuple[int, ...]) -> float:
    generation = engine.begin(GenerationRequest(prompt=prompt, max_new_tokens=NEW_TOKENS + 1))
    while not engine.prefill(generation):
        pass
    begun = time.process_time()
    for _ in range(NEW_TOKENS):
        engine.decode([generation])
    taken = (time.process_time() - begun) / NEW_TOKENS
    engine.finish(generation)
    return taken


if __name__ == "__main__":
    main()
