"""The engine on a large model of random weights in bfloat16, on whatever device there is.

    python -m benchmarks.engine.large_model --device cuda            # the largest of the sizes that fits
    python -m benchmarks.engine.large_model --device cpu --size tiny # tries the script itself, writes nothing

Prints a table and writes it to benchmarks/results/engine.md.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from dataclasses import dataclass

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel

from benchmarks.machine import describe_machine
from benchmarks.results import as_table, save_section
from kvcache.block_store import BlockStore
from kvcache.config import CacheConfig
from kvcache.engine.engine import Engine
from kvcache.engine.model_shape import shape_of
from kvcache.engine.request import GenerationRequest
from kvcache.level import Level
from kvcache.tiers.host import HostTier

PROMPT_TOKENS, KNOWN_TOKENS, NEW_TOKENS, RUNS = 8192, 7744, 64, 5
VOCABULARY = 32_000
SECRET = b"the secret of a benchmark"


@dataclass(frozen=True, slots=True)
class Size:
    """Layers, width and heads of a Llama; `gigabytes` are those of its weights in 16 bits."""

    layers: int
    width: int
    heads: int
    kv_heads: int
    gigabytes: float


SIZES = {
    "8b": Size(32, 4096, 32, 8, 14.5),
    "3b": Size(28, 3072, 24, 8, 6.2),
    "1b": Size(16, 2048, 32, 8, 2.2),
    "tiny": Size(2, 128, 4, 2, 0.02),
}


def main() -> None:
    options = _parse()
    device = torch.device(options.device)
    name = options.size or _largest_that_fits(device)
    scale = 8 if name == "tiny" else 1
    model = _make_model(SIZES[name], device)
    rows = _measure(model, device, PROMPT_TOKENS // scale, KNOWN_TOKENS // scale)
    table = as_table(("", "median"), rows)
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    title = f"A model of {name.upper()} random weights on {where}"
    body = (
        f"{table}\n\nLlama in bfloat16, prompts of {PROMPT_TOKENS // scale:,} tokens of which "
        f"{KNOWN_TOKENS // scale:,} are known, {RUNS} runs.\n\n"
        f"Machine: {where}; {describe_machine('torch', 'transformers')}.\n\n"
        f"Repeat: `python -m benchmarks.engine.large_model --device {device.type} --size {name}`"
    )
    print(f"{title}\n{body}")
    if name != "tiny":
        save_section("engine", title, body)


def _measure(
    model: PreTrainedModel, device: torch.device, prompt_tokens: int, known_tokens: int
) -> list[tuple[str, ...]]:
    shape = shape_of(model)
    layout = shape.layout(64)
    config = CacheConfig(capacity_blocks=4 * prompt_tokens // 64, salt=SECRET, policy="lru")
    level = Level(HostTier(8 * prompt_tokens // 64 * layout.num_bytes), "raw")
    store = BlockStore(config, layout, levels=[level], device=str(device), in_background=False)
    engine = Engine(model, store, shape=shape, chunk_tokens=2048)
    choose = random.Random(1)
    known = [choose.randrange(VOCABULARY) for _ in range(known_tokens)]

    def prompt(num_known: int) -> tuple[int, ...]:
        rest = [choose.randrange(VOCABULARY) for _ in range(prompt_tokens - num_known)]
        return (*known[:num_known], *rest)

    _first_token(engine, prompt(known_tokens), device)
    cold = [_first_token(engine, prompt(0), device) for _ in range(RUNS)]
    hit = [_first_token(engine, prompt(known_tokens), device) for _ in range(RUNS)]
    below = []
    for _ in range(RUNS):
        store.evict(config.capacity_blocks)
        store.tend()
        below.append(_first_token(engine, prompt(known_tokens), device))
    step = [_decode_step(engine, prompt(known_tokens), device) for _ in range(RUNS)]
    middle = {
        "cold": statistics.median(cold),
        "device": statistics.median(hit),
        "host": statistics.median(below),
    }
    return [
        ("first token, nothing known", f"{middle['cold'] * 1e3:.0f} ms"),
        (
            "first token, blocks on the device",
            f"{middle['device'] * 1e3:.0f} ms ({middle['cold'] / middle['device']:.1f}x)",
        ),
        (
            "first token, blocks in host memory",
            f"{middle['host'] * 1e3:.0f} ms ({middle['cold'] / middle['host']:.1f}x)",
        ),
        ("one more token", f"{statistics.median(step) * 1e3:.1f} ms"),
        ("bytes of a block", f"{layout.num_bytes / 2**20:.1f} MiB"),
    ]


def _first_token(engine: Engine, prompt: tuple[int, ...], device: torch.device) -> float:
    _wait(device)
    begun = time.perf_counter()
    generation = engine.begin(GenerationRequest(prompt=prompt, max_new_tokens=1))
    while not engine.prefill(generation):
        pass
    _wait(device)
    taken = time.perf_counter() - begun
    engine.finish(generation)
    return taken


def _decode_step(engine: Engine, prompt: tuple[int, ...], device: torch.device) -> float:
    generation = engine.begin(GenerationRequest(prompt=prompt, max_new_tokens=NEW_TOKENS + 1))
    while not engine.prefill(generation):
        pass
    _wait(device)
    begun = time.perf_counter()
    for _ in range(NEW_TOKENS):
        engine.decode([generation])
    _wait(device)
    taken = (time.perf_counter() - begun) / NEW_TOKENS
    engine.finish(generation)
    return taken


def _make_model(size: Size, device: torch.device) -> PreTrainedModel:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=size.width,
        intermediate_size=7 * size.width // 2,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.kv_heads,
        max_position_embeddings=2 * PROMPT_TOKENS,
        bos_token_id=None,
        eos_token_id=None,
    )
    with torch.device(device):
        return LlamaForCausalLM(config).to(torch.bfloat16).eval()


def _largest_that_fits(device: torch.device) -> str:
    """With room for float32 while the weights are drawn, and for the cache."""
    if device.type != "cuda":
        return "1b"
    room = torch.cuda.get_device_properties(device).total_memory / 1e9
    return next(name for name, size in SIZES.items() if 2.6 * size.gigabytes < room)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine.large_model")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--size", choices=list(SIZES), help="else the largest that fits")
    return parser.parse_args()


if __name__ == "__main__":
    main()
