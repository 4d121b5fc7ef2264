"""Traffic of kinds that no public trace shows, made from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count

from kvcache.traces import Trace, TraceRequest

BLOCK_TOKENS = 512


def agent_loops(seed: int, num_requests: int = 4000) -> Trace:
    """Agents share a tool prompt, append to their own history each step, and now and then try a branch."""
    chance, fresh = random.Random(seed), count(1)
    tools = [_blocks(fresh, chance.randint(3, 10)) for _ in range(4)]
    agents: list[list[int]] = []
    prompts: list[list[int]] = []
    while len(prompts) < num_requests:
        if len(agents) < 40:
            agents.append(chance.choice(tools) + _blocks(fresh, chance.randint(1, 6)))
        at = min(int(chance.expovariate(1 / 12)), len(agents) - 1)
        history = agents[at]
        if chance.random() < 0.2:
            history = history[: chance.randint(max(1, len(history) - 6), len(history))]
        history = history + _blocks(fresh, chance.randint(1, 4))
        prompts.append(history)
        agents[at] = history
        if len(history) > 80 or chance.random() < 0.03:
            agents.pop(at)
    return _trace(chance, prompts)


def document_sections(seed: int, num_requests: int = 4000) -> Trace:
    """Jobs write 3 to 12 sections each over a shared context; contexts by Zipf, five jobs interleaved."""
    chance, fresh = random.Random(seed), count(1)
    contexts = [_blocks(fresh, chance.randint(8, 60)) for _ in range(300)]
    weights = [1 / rank for rank in range(1, len(contexts) + 1)]
    jobs: list[tuple[list[int], int]] = []
    prompts: list[list[int]] = []
    while len(prompts) < num_requests:
        while len(jobs) < 5:
            context = chance.choices(contexts, weights)[0]
            jobs.append((context + _blocks(fresh, 1), chance.randint(3, 12)))
        at = chance.randrange(len(jobs))
        base, left = jobs.pop(at)
        prompts.append(base + _blocks(fresh, chance.randint(1, 3)))
        if left > 1:
            jobs.append((base, left - 1))
    return _trace(chance, prompts)


def scans_beside_hot_prompts(seed: int, num_requests: int = 4000) -> Trace:
    """Long prompts that never come back run past a set of prompts that do."""
    chance, fresh = random.Random(seed), count(1)
    hot = [_blocks(fresh, chance.randint(4, 20)) for _ in range(60)]
    weights = [1 / rank**0.8 for rank in range(1, len(hot) + 1)]
    prompts: list[list[int]] = []
    while len(prompts) < num_requests:
        if chance.random() < 0.5:
            prompts.append(_blocks(fresh, chance.randint(20, 60)))
        else:
            prompts.append(chance.choices(hot, weights)[0] + _blocks(fresh, chance.randint(1, 3)))
    return _trace(chance, prompts)


def tenant_churn(seed: int, num_requests: int = 4000) -> Trace:
    """Tenants with a system prompt each come, hold conversations for a while, and go."""
    chance, fresh = random.Random(seed), count(1)
    tenants: list[tuple[list[int], list[list[int]]]] = []
    prompts: list[list[int]] = []
    while len(prompts) < num_requests:
        if len(tenants) < 6 or chance.random() < 0.01:
            tenants.append((_blocks(fresh, chance.randint(4, 16)), []))
        if len(tenants) > 8 or chance.random() < 0.005:
            tenants.pop(0)
            continue
        system, talks = chance.choice(tenants)
        if talks and chance.random() < 0.6:
            at = chance.randrange(len(talks))
            talks[at] = talks[at] + _blocks(fresh, chance.randint(1, 5))
        else:
            at = len(talks)
            talks.append(system + _blocks(fresh, chance.randint(1, 8)))
        prompts.append(talks[at])
        if len(talks) > 30:
            talks.pop(0)
    return _trace(chance, prompts)


def conversations(seed: int, num_requests: int = 4000) -> Trace:
    """People who type: a turn comes back after a while, and half of the conversations never do."""
    chance, fresh = random.Random(seed), count(1)
    system = _blocks(fresh, 1)
    coming: list[tuple[float, int, list[int]]] = []
    numbers = count()
    now, rows = 0.0, []
    while len(rows) < num_requests:
        now += chance.expovariate(1 / 300)
        due = sorted(entry for entry in coming if entry[0] <= now)
        prompt = due[0][2] if due else system + _blocks(fresh, int(chance.lognormvariate(2, 1)) + 1)
        if due:
            coming.remove(due[0])
        rows.append((now, prompt))
        if chance.random() < 0.45:
            later = now + chance.lognormvariate(11, 0.8)
            coming.append((later, next(numbers), prompt + _blocks(fresh, chance.randint(1, 4))))
    return Trace(BLOCK_TOKENS, tuple(_request(chance, at, prompt) for at, prompt in rows))


GENERATORS: dict[str, Callable[[int, int], Trace]] = {
    "agent loops": agent_loops,
    "document sections": document_sections,
    "scans": scans_beside_hot_prompts,
    "tenant churn": tenant_churn,
    "conversations": conversations,
}


def _blocks(fresh: Iterator[int], num_blocks: int) -> list[int]:
    return [next(fresh) for _ in range(num_blocks)]


def _trace(chance: random.Random, prompts: list[list[int]]) -> Trace:
    now, requests = 0.0, []
    for prompt in prompts:
        now += chance.expovariate(1 / 300)
        requests.append(_request(chance, now, prompt))
    return Trace(BLOCK_TOKENS, tuple(requests))


def _request(chance: random.Random, now: float, prompt: list[int]) -> TraceRequest:
    """Every other prompt ends in a partly filled block, whose id nothing else has."""
    num_tokens = len(prompt) * BLOCK_TOKENS
    if chance.random() < 0.5:
        prompt = [*prompt, chance.getrandbits(60) | 1 << 60]
        num_tokens += chance.randint(1, BLOCK_TOKENS - 1)
    return TraceRequest(now, num_tokens, 100, tuple(prompt))
