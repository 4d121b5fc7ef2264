"""Time to the first token when 95 % of a prompt of 2,048 tokens is known, beside Hugging Face's own ways.

    python -m benchmarks.engine.first_token

Prints a table and writes it to benchmarks/results/engine.md.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.engine.engine import Engine
from kvcache.engine.model_shape import ModelShape, fingerprint_of, shape_of
from kvcache.engine.request import GenerationRequest
from kvcache.engine.scheduler import Scheduler
from kvcache.level import Level
from kvcache.tiers.disk import DiskTier

PROMPT_TOKENS, KNOWN_TOKENS = 2048, 1936
VOCABULARY = 8192
RUNS, NEW_TOKENS = 15, 4
SECRET = b"the secret of a benchmark"
OUR_COLD, OUR_HIT = "ours, through the scheduler, cold", "ours, through the scheduler, blocks in RAM"
THEIR_COLD = "Hugging Face continuous batching, cold"
THEIR_HIT = "Hugging Face continuous batching, hit"
TITLE = "Time to the first token, 95 % of 2,048 tokens known"


def main() -> None:
    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    model = make_model()
    with tempfile.TemporaryDirectory() as folder:
        seconds = _measure(model, Path(folder))
    middles = {name: statistics.median(each) for name, each in seconds.items()}
    cold, hit = middles["cold, plain model"], middles[THEIR_HIT]
    rows = [
        (name, f"{middle * 1e3:.0f}", f"{cold / middle:.1f}x", f"{hit / middle:.2f}x")
        for name, middle in middles.items()
    ]
    table = as_table(("way", "ms", "faster than cold", "faster than HF's hit"), rows)
    num_weights = sum(weight.numel() for weight in model.parameters())
    body = (
        f"{table}\n\nLlama of {num_weights / 1e6:.1f} M random weights, 8 layers, 8 heads over 2 KV heads "
        f"of 64, float32, one thread; {KNOWN_TOKENS:,} of {PROMPT_TOKENS:,} tokens known; median of {RUNS} "
        "runs, the ways taking turns. Continuous batching streams 4 tokens, the fewest with which it shares, "
        "and its first is timed when its manager delivers it; ours through the scheduler likewise, when the "
        "ticket delivers it. The others are timed when the first token is chosen. Against Hugging Face's, "
        f"manager to scheduler, median of the runs' ratios: hit {_ratio(seconds, THEIR_HIT, OUR_HIT):.2f}x, "
        f"cold {_ratio(seconds, THEIR_COLD, OUR_COLD):.2f}x as fast.\n\n"
        f"Load average at the start: {load:.1f} on {os.cpu_count()} cores. "
        f"Machine: {describe_machine('torch', 'transformers')}.\n\n"
        "Repeat: `python -m benchmarks.engine.first_token`"
    )
    print(f"{TITLE}\n{body}")
    save_section("engine", TITLE, body)


def make_model() -> PreTrainedModel:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=512,
        intermediate_size=1408,
        num_hidden_layers=8,
        num_attention_heads=8,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
    )
    return LlamaForCausalLM(config).eval()


def _ratio(seconds: dict[str, list[float]], theirs: str, ours: str) -> float:
    return statistics.median(one / other for one, other in zip(seconds[theirs], seconds[ours], strict=True))


def _measure(model: PreTrainedModel, folder: Path) -> dict[str, list[float]]:
    """The seconds of each run, by way."""
    choose = random.Random(3)
    known = [choose.randrange(VOCABULARY) for _ in range(KNOWN_TOKENS)]

    def fresh() -> list[int]:
        return known + [choose.randrange(VOCABULARY) for _ in range(PROMPT_TOKENS - KNOWN_TOKENS)]

    def unknown() -> list[int]:
        return [choose.randrange(VOCABULARY) for _ in range(PROMPT_TOKENS)]

    shape, fingerprint = shape_of(model), fingerprint_of(model)
    in_memory = Engine(model, _store(shape, fingerprint, []), shape=shape)
    on_disk = Engine(model, _store(shape, fingerprint, [_disk(folder)]), shape=shape)
    for engine in (in_memory, on_disk):
        engine.answer(GenerationRequest(prompt=tuple(known), max_new_tokens=1))
    on_disk.store.flush()
    ways: dict[str, Callable[[], float]] = {
        "cold, plain model": lambda: _plain(model, unknown()),
        "cold, ours": lambda: _ours(in_memory, unknown()),
        "ours, blocks in RAM": lambda: _ours(in_memory, fresh()),
        "ours, disk, page cache warm": lambda: _from_disk(on_disk, fresh(), folder, drop=False),
        "ours, disk, page cache dropped": lambda: _from_disk(on_disk, fresh(), folder, drop=True),
    }
    gc.collect()
    gc.freeze()
    with _ContinuousBatching(model) as batching, Scheduler(in_memory) as scheduler:
        batching.first_token(known)
        ways |= {
            OUR_COLD: lambda: _scheduled(scheduler, unknown()),
            OUR_HIT: lambda: _scheduled(scheduler, fresh()),
            THEIR_COLD: lambda: batching.first_token(unknown()),
            THEIR_HIT: lambda: batching.first_token(fresh()),
        }
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(RUNS):
            for name, way in ways.items():
                taken[name].append(way())
    return taken


def _plain(model: PreTrainedModel, prompt: list[int]) -> float:
    begun = time.perf_counter()
    with torch.inference_mode():
        model(torch.tensor([prompt]), past_key_values=DynamicCache(config=model.config), logits_to_keep=1)
    return time.perf_counter() - begun


def _ours(engine: Engine, prompt: list[int]) -> float:
    generation = engine.begin(GenerationRequest(prompt=tuple(prompt), max_new_tokens=1))
    while not engine.prefill(generation):
        pass
    taken = time.perf_counter() - generation.begun_at
    engine.finish(generation)
    return taken


def _scheduled(scheduler: Scheduler, prompt: list[int]) -> float:
    begun = time.perf_counter()
    ticket = scheduler.submit(GenerationRequest(prompt=tuple(prompt), max_new_tokens=NEW_TOKENS))
    next(ticket.tokens())
    taken = time.perf_counter() - begun
    ticket.result()
    return taken


def _from_disk(engine: Engine, prompt: list[int], folder: Path, *, drop: bool) -> float:
    engine.store.evict(1000)
    engine.store.tend()
    assert engine.store.index.num_resident == 0
    if drop:
        for file in folder.iterdir():
            descriptor = os.open(file, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
    return _ours(engine, prompt)


def _store(shape: ModelShape, fingerprint: str, levels: list[Level]) -> BlockStore:
    config = CacheConfig(capacity_blocks=256, salt=SECRET, policy="lru", fingerprint=fingerprint)
    return BlockStore(config, shape.layout(64), levels=levels, in_background=False, loss_window_seconds=0.0)


def _disk(folder: Path) -> Level:
    return Level(DiskTier(folder, 4 << 30, SECRET), "raw")


class _ContinuousBatching:
    """Hugging Face's own scheduler with its prefix sharing, in this process, on the CPU."""

    def __init__(self, model: PreTrainedModel) -> None:
        from transformers import ContinuousBatchingConfig, GenerationConfig

        copy = make_model()
        copy.load_state_dict(model.state_dict())
        copy.set_attn_implementation("sdpa")
        self._manager = copy.init_continuous_batching(
            generation_config=GenerationConfig(max_new_tokens=NEW_TOKENS, do_sample=False, eos_token_id=-1),
            continuous_batching_config=ContinuousBatchingConfig(
                page_size=64,
                num_blocks=256,
                max_batch_tokens=2304,
                use_cuda_graph=False,
                use_async_batching=False,
            ),
        )

    def __enter__(self) -> _ContinuousBatching:
        self._manager.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._manager.stop(block=True)

    def first_token(self, prompt: list[int]) -> float:
        """Seconds until the manager delivers it; the rest of the answer is waited for and not counted."""
        begun = time.perf_counter()
        name = self._manager.add_request(prompt, max_new_tokens=NEW_TOKENS, streaming=True)
        taken = 0.0
        for result in self._manager.request_id_iter(name):
            assert result.error is None, result.error
            if not taken and result.generated_tokens:
                taken = time.perf_counter() - begun
                assert len(result.generated_tokens) == 1, "the first token was not delivered alone"
        return taken


if __name__ == "__main__":
    main()
