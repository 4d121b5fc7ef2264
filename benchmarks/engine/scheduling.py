"""How long document sections over one shared context take, and what the look-ahead of the queue is worth.

    python -m benchmarks.engine.scheduling

Prints two tables and writes them to benchmarks/results/engine.md.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from benchmarks.engine.first_token import SECRET, VOCABULARY, make_model
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

CONTEXT_TOKENS, OWN_TOKENS, NEW_TOKENS = 1500, 60, 64
SECTIONS, RUNS = 12, 3
JOBS, SECTIONS_EACH = 4, 6
ROOMY_BLOCKS, SMALL_BLOCKS = 512, 56
DECODED_TOKENS = 32
BATCH_TITLE = "A batch of document sections over one shared context"
DECODE_TITLE = "Tokens a second, several sequences at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One way through the batch."""

    seconds: float
    computed_tokens: int
    answers: tuple[tuple[int, ...], ...]


def main() -> None:
    torch.set_num_threads(1)
    model = make_model()
    shape, fingerprint = shape_of(model), fingerprint_of(model)

    def open_engine(blocks: int, *levels: Level) -> Engine:
        return Engine(model, _store(shape, fingerprint, blocks, list(levels)), shape=shape)

    _report_sections(open_engine)
    _report_decoding(open_engine)


def _report_sections(open_engine: Callable[..., Engine]) -> None:
    one = _sections(1, SECTIONS)
    tables = [_one_job(open_engine, one), _several_jobs(open_engine)]
    body = (
        f"One job of {SECTIONS} sections, median of {RUNS} runs:\n\n{tables[0]}\n\n"
        f"{JOBS} jobs of {SECTIONS_EACH} sections, submitted in turns; at most 2 together and a cache of "
        f"{SMALL_BLOCKS} blocks of 64 tokens, where one context takes {CONTEXT_TOKENS // 64}; one run. Jobs "
        "of one tenant are worked off context by context, tenants take turns:\n\n"
        f"{tables[1]}\n\nEach section has {CONTEXT_TOKENS:,} tokens of its job's context and {OWN_TOKENS} "
        f"of its own, and gets {NEW_TOKENS} new ones, greedy. Llama of 26.7 M random weights, float32, one "
        "thread, policy adaptive.\n\n"
        f"Machine: {describe_machine('torch', 'transformers')}.\n\n"
        "Repeat: `python -m benchmarks.engine.scheduling`"
    )
    print(f"{BATCH_TITLE}\n{body}")
    save_section("engine", BATCH_TITLE, body)


def _one_job(open_engine: Callable[..., Engine], sections: list[GenerationRequest]) -> str:
    ways = {
        "no cache, one after the other": lambda: _apart(open_engine(ROOMY_BLOCKS), sections),
        "no cache, together": lambda: _scheduled(open_engine(1), sections, max_batch=SECTIONS),
        "cache, together": lambda: _scheduled(open_engine(ROOMY_BLOCKS), sections, max_batch=SECTIONS),
    }
    return _table(ways, RUNS, len(sections))


def _several_jobs(open_engine: Callable[..., Engine]) -> str:
    jobs = [_sections(job, SECTIONS_EACH) for job in range(JOBS)]
    mixed = [section for in_turn in zip(*jobs, strict=True) for section in in_turn]
    tenants = [replace(section, tenant=f"{at % JOBS}") for at, section in enumerate(mixed)]

    def small(sections: list[GenerationRequest], look_ahead: int = 64) -> Taken:
        return _scheduled(open_engine(SMALL_BLOCKS), sections, max_batch=2, look_ahead=look_ahead)

    def over_disk(look_ahead: int) -> Taken:
        with tempfile.TemporaryDirectory() as folder:
            level = Level(DiskTier(Path(folder), 4 << 30, SECRET), "raw")
            engine = open_engine(SMALL_BLOCKS, level)
            return _scheduled(engine, tenants, max_batch=2, look_ahead=look_ahead)

    ways = {
        "no cache, one after the other": lambda: _apart(open_engine(ROOMY_BLOCKS), mixed),
        "one tenant": lambda: small(mixed),
        "tenants, no look-ahead": lambda: small(tenants, look_ahead=0),
        "tenants, look-ahead": lambda: small(tenants),
        "tenants, over disk, no look-ahead": lambda: over_disk(0),
        "tenants, over disk, look-ahead": lambda: over_disk(64),
    }
    return _table(ways, 1, len(mixed))


def _table(ways: dict[str, Callable[[], Taken]], runs: int, num_sections: int) -> str:
    rows, first = [], None
    for name, way in ways.items():
        takes = sorted((way() for _ in range(runs)), key=lambda taken: taken.seconds)
        middle = takes[len(takes) // 2]
        first = first or middle
        different = sum(ours != theirs for ours, theirs in zip(middle.answers, first.answers, strict=True))
        print(name, f"{middle.seconds:.1f} s", flush=True)
        rows.append(
            (
                name,
                f"{middle.seconds:.1f}",
                f"{first.seconds / middle.seconds:.1f}x",
                f"{middle.computed_tokens:,}",
                f"{different} of {num_sections}",
            )
        )
    return as_table(("way", "s", "faster", "prompt tokens computed", "answers that differ"), rows)


def _sections(job: int, num: int) -> list[GenerationRequest]:
    choose = random.Random(100 + job)
    context = tuple(choose.randrange(VOCABULARY) for _ in range(CONTEXT_TOKENS))
    return [
        GenerationRequest(
            prompt=context + tuple(choose.randrange(VOCABULARY) for _ in range(OWN_TOKENS)),
            max_new_tokens=NEW_TOKENS,
        )
        for _ in range(num)
    ]


def _apart(engine: Engine, sections: list[GenerationRequest]) -> Taken:
    begun, answers = time.perf_counter(), []
    for section in sections:
        answers.append(engine.answer(section).tokens)
        engine.store.clear()
    return Taken(
        seconds=time.perf_counter() - begun,
        computed_tokens=engine.counters.prefilled_tokens,
        answers=tuple(answers),
    )


def _scheduled(engine: Engine, sections: list[GenerationRequest], **settings: int) -> Taken:
    begun = time.perf_counter()
    with Scheduler(engine, **settings) as scheduler:
        tickets = [scheduler.submit(section) for section in sections]
        answers = tuple(ticket.result().tokens for ticket in tickets)
        seconds = time.perf_counter() - begun
    engine.store.close()
    return Taken(seconds=seconds, computed_tokens=engine.counters.prefilled_tokens, answers=answers)


def _report_decoding(open_engine: Callable[..., Engine]) -> None:
    engine = open_engine(ROOMY_BLOCKS)
    rows = []
    one = 0.0
    for num in (1, 4, 8):
        pace = statistics.median(_decode_pace(engine, num) for _ in range(RUNS))
        one = one or pace
        rows.append((f"{num}", f"{pace:.0f}", f"{pace / one:.2f}x"))
    table = as_table(("sequences", "tokens/s", "of one"), rows)
    body = (
        f"{table}\n\nDecoding behind prompts of {CONTEXT_TOKENS + OWN_TOKENS:,} tokens, {DECODED_TOKENS} "
        f"steps, median of {RUNS}; Llama of 26.7 M random weights, float32, one thread.\n\n"
        f"Machine: {describe_machine('torch', 'transformers')}.\n\n"
        "Repeat: `python -m benchmarks.engine.scheduling`"
    )
    print(f"{DECODE_TITLE}\n{body}")
    save_section("engine", DECODE_TITLE, body)


def _decode_pace(engine: Engine, num: int) -> float:
    generations = [engine.begin(section) for section in _sections(1, num)]
    for generation in generations:
        while not engine.prefill(generation):
            pass
    begun = time.perf_counter()
    for _ in range(DECODED_TOKENS):
        engine.decode(generations)
    pace = num * DECODED_TOKENS / (time.perf_counter() - begun)
    for generation in generations:
        engine.finish(generation)
    return pace


def _store(shape: ModelShape, fingerprint: str, blocks: int, levels: list[Level]) -> BlockStore:
    config = CacheConfig(capacity_blocks=blocks, salt=SECRET, policy="adaptive", fingerprint=fingerprint)
    return BlockStore(config, shape.layout(64), levels=levels)


if __name__ == "__main__":
    main()
