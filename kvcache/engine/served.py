"""What became of one computation, for whoever keeps a record of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kvcache.block import PromptBlocks
from kvcache.engine.ticket import Flight

Outcome: TypeAlias = Literal["answered", "cancelled", "failed", "refused"]
NO_BLOCKS = PromptBlocks([], [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One computation at its end. `places` name where its leading blocks had rested before it came.

    `cached_tokens` were known before it and those that were primed for it; `num_declined` blocks more rested
    somewhere, where they were dearer to load than to compute. `blocks` are the prompt's full blocks, none if
    it never began. `lookup_ms` and `load_ms` are parts of what came before the first token; that one is None
    if there was none. Times count from when it was submitted.
    """

    tenant: str
    label: str
    arm: str
    priority: str
    outcome: Outcome
    prompt: tuple[int, ...]
    blocks: PromptBlocks
    places: tuple[str, ...]
    num_declined: int
    cached_tokens: int
    new_tokens: int
    queue_ms: float
    lookup_ms: float
    load_ms: float
    first_token_ms: float | None
    total_ms: float


Observer: TypeAlias = Callable[[Served], None]


def served(flight: Flight, outcome: Outcome, now: float) -> Served:
    """To be called before the flight is concluded, which lets its generation go."""
    request, generation = flight.request, flight.generation
    block_tokens = 1
    blocks, places, num_declined, lookup, load = NO_BLOCKS, tuple[str, ...](), 0, 0.0, 0.0
    if generation is not None:
        opened = generation.opened
        block_tokens = opened.lease.block_tokens
        num_full = len(flight.prompt) // block_tokens
        known = opened.lease.blocks
        blocks = PromptBlocks(known.keys[:num_full], known.tokens[:num_full])
        places, num_declined = tuple(opened.places), opened.num_declined
        lookup, load = opened.lookup_seconds, opened.load_seconds
    num_primed = min(flight.num_primed, flight.num_reused)
    begun = now if flight.begun_at is None else flight.begun_at
    first = flight.first_token_at
    return Served(
        tenant=request.tenant,
        label=request.label,
        arm=request.arm,
        priority=flight.priority.name.lower(),
        outcome=outcome,
        prompt=flight.prompt,
        blocks=blocks,
        places=places[: len(places) - num_primed // block_tokens],
        num_declined=num_declined,
        cached_tokens=flight.num_reused - num_primed,
        new_tokens=len(flight.tokens),
        queue_ms=(begun - flight.arrived) * 1e3,
        lookup_ms=lookup * 1e3,
        load_ms=load * 1e3,
        first_token_ms=None if first is None else (first - flight.arrived) * 1e3,
        total_ms=(now - flight.arrived) * 1e3,
    )


def ignore(_served: Served) -> None:
    """Nobody keeps a record."""
