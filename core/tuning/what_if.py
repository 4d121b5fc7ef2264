"""What other settings would have made of traffic that was seen: curves over the size, and predictions.

Requests are replayed one after the other through the index that serves the engine (`kvcache.simulator`), so
a prediction knows nothing of requests that overlap, and of the answers' own tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import TypeAdapter

from core.inference.cache_tuning import CacheTuning
from core.tuning.estimate import Estimate, Floats, Integers, draw_families, in_chunks, interval
from core.tuning.families import number_families
from core.tuning.first_token import (
    FirstTokenModel,
    TimedRequests,
    describe,
    features_of,
    fit,
    refit,
    timed_requests,
    why_unknown,
)
from core.tuning.reach import MIB, BlockCosts, reach
from core.tuning.recorded import Traffic
from kvcache.policies import POLICIES
from kvcache.simulator import OPTIMUM, open_index, replay_optimum
from kvcache.traces import Trace, num_full_blocks

NUM_SIZES = 12
SMALLEST_SHARE = 1 / 1000
"""The smallest size of a curve, of the distinct blocks."""
FIRST_CURVE = "lru"
RESAMPLES = 1_000
NO_MODEL = "The model has not been loaded yet, so what a block takes is not known; nothing can be predicted."
NO_REQUESTS = "There is no request to replay."

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """`capacity_mb` is what so many blocks take on the device; None before the model was loaded."""

    capacity_blocks: int
    capacity_mb: float | None
    hit_rate: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Token hit rate over the size, from small to large. The policy `optimum` is the bound for all."""

    policy: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a tuning would have done. Memory is what blocks come to take, at most `memory_limit_mb`.

    `first_token_ms` is the median over the requests, without waiting for their turn; None where it cannot be
    told. `device_blocks` and `total_blocks` say where it lies on the curves, in blocks of the trace.
    """

    name: str
    tuning: CacheTuning
    device_blocks: int
    total_blocks: int
    hit_rate: Estimate
    first_token_ms: Estimate | None
    memory_mb: Estimate
    memory_limit_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a replay found so far. Curves come one by one, LRU first, predictions last, then `is_done`.

    `notes` are sentences on what could not be told, and why. Intervals hold 95 times out of 100 and rest on
    `num_families` families of requests that begin alike.
    """

    num_requests: int
    num_blocks: int
    num_distinct_blocks: int
    block_tokens: int
    span_seconds: float
    possible_hit_rate: float
    num_families: int
    is_cut: bool
    curves: tuple[Curve, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    first_token_model: FirstTokenModel | None = None
    notes: tuple[str, ...] = ()
    first_curve_seconds: float | None = None
    seconds: float = 0.0
    is_done: bool = False


FINDINGS = TypeAdapter(Findings)
"""Turns findings into plain JSON values and back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which tunings to predict for, by name, such as current and proposed. `costs` None: predict nothing."""

    tunings: tuple[tuple[str, CacheTuning], ...] = ()
    costs: BlockCosts | None = None
    policies: tuple[str, ...] = tuple(POLICIES)
    seed: int = 0


def replay_traffic(traffic: Traffic, question: Question, progress: Progress) -> Iterator[Findings]:
    """The findings as they grow: after each curve, and when all is known. Memory is O(blocks)."""
    started = time.perf_counter()
    work = _Work(traffic, question, progress)
    findings = work.begun()
    if not traffic.trace.requests:
        yield replace(findings, notes=(NO_REQUESTS,), is_done=True)
        return
    for policy in _in_order(question.policies):
        findings = replace(findings, curves=(*findings.curves, work.curve(policy)))
        findings = replace(findings, seconds=time.perf_counter() - started)
        if findings.first_curve_seconds is None:
            findings = replace(findings, first_curve_seconds=findings.seconds)
        yield findings
    findings = work.predicted(findings)
    yield replace(findings, seconds=time.perf_counter() - started, is_done=True)


def sizes(num_distinct: int, marked: Sequence[int]) -> tuple[int, ...]:
    """At most 12 sizes in blocks, growing by a factor up to the distinct blocks, those that are marked among
    them; what lies above is the same as all of them.
    """
    wanted = {min(max(size, 1), num_distinct) for size in marked}
    least = max(num_distinct * SMALLEST_SHARE, 1.0)
    for num in range(NUM_SIZES - len(wanted), NUM_SIZES + 1):
        spaced = {round(size) for size in np.geomspace(least, num_distinct, max(num, 1))} | {num_distinct}
        if len(spaced | wanted) >= NUM_SIZES:
            break
    ordered = sorted(spaced | wanted)
    surplus = [size for size in ordered if size not in wanted and size not in (ordered[0], ordered[-1])]
    for size in surplus[: len(ordered) - NUM_SIZES]:
        ordered.remove(size)
    return tuple(ordered)


def replay_requests(
    trace: Trace, policy: str, capacity_blocks: int, progress: Callable[[int], None]
) -> Integers:
    """For each request how many of its leading blocks were there. `progress` gets the requests done."""
    index = open_index(policy, capacity_blocks, block_tokens=trace.block_tokens)
    hits = np.zeros(len(trace.requests), dtype=np.int64)
    for place, request in enumerate(trace.requests):
        hits[place] = index.access(request.block_ids, request.timestamp_ms, request.num_tokens)
        if not place % 1000:
            progress(place)
    return hits


def _in_order(policies: Sequence[str]) -> list[str]:
    """LRU first, then what nobody can pass, then the others."""
    others = [policy for policy in policies if policy != FIRST_CURVE]
    return [FIRST_CURVE, OPTIMUM, *others]


class _Work:
    """One trace and what is known of it while it is replayed."""

    def __init__(self, traffic: Traffic, question: Question, progress: Progress) -> None:
        self._traffic = traffic
        self._trace = traffic.trace
        self._question = question
        self._progress = progress
        requests = self._trace.requests
        self._tokens = np.array([each.num_tokens for each in requests], dtype=np.float64)
        self._num_tokens = max(float(self._tokens.sum()), 1.0)
        self._distinct = max(self._trace.num_distinct_blocks, 1)
        self._families = number_families([each.block_ids for each in requests])
        self._num_families = int(self._families.max()) + 1 if requests else 0
        self._reaches = [
            reach(tuning, question.costs).in_blocks(self._trace.block_tokens)
            for _, tuning in question.tunings
            if question.costs is not None
        ]
        self._sizes = sizes(self._distinct, [total for _, total in self._reaches])
        num_curves = len(_in_order(question.policies))
        self._num_replays = len(self._sizes) * num_curves + 2 * len(self._reaches)
        self._replayed = 0

    def begun(self) -> Findings:
        trace, requests = self._trace, self._trace.requests
        span_ms = requests[-1].timestamp_ms - requests[0].timestamp_ms if requests else 0.0
        return Findings(
            num_requests=len(requests),
            num_blocks=trace.num_blocks,
            num_distinct_blocks=trace.num_distinct_blocks,
            block_tokens=trace.block_tokens,
            span_seconds=span_ms / 1e3,
            possible_hit_rate=self._possible_hit_rate(),
            num_families=self._num_families,
            is_cut=self._traffic.is_cut,
        )

    def curve(self, policy: str) -> Curve:
        costs = self._question.costs
        points = []
        for size in self._sizes:
            block_mb = None if costs is None else costs.bytes_per_token * self._trace.block_tokens / MIB
            points.append(
                CurvePoint(size, None if block_mb is None else size * block_mb, self._hit_rate(policy, size))
            )
        return Curve(policy, tuple(points))

    def predicted(self, findings: Findings) -> Findings:
        """The findings with a prediction for each tuning asked about."""
        if self._question.costs is None:
            return replace(findings, notes=(NO_MODEL,))
        timed = timed_requests(self._traffic.measured)
        why = why_unknown(timed)
        weights = None if why else fit(timed)
        predictions = [
            self._predict(name, tuning, blocks, timed, weights)
            for (name, tuning), blocks in zip(self._question.tunings, self._reaches, strict=True)
        ]
        return replace(
            findings,
            predictions=tuple(predictions),
            first_token_model=None if weights is None else describe(timed, weights),
            notes=(why,) if why else (),
        )

    def _predict(
        self,
        name: str,
        tuning: CacheTuning,
        blocks: tuple[int, int],
        timed: TimedRequests,
        weights: Floats | None,
    ) -> Prediction:
        """Below the device the oldest go first, whatever the policy: the larger of both hits counts."""
        device, total = blocks
        hits = np.maximum(self._hits(tuning.policy, device), self._hits(FIRST_CURVE, total))
        cached = np.minimum(hits * float(self._trace.block_tokens), self._tokens)
        draws = self._draws(cached, timed, weights, tuning)
        num = self._num_families
        first_token = None
        if weights is not None:
            median = float(np.median(features_of(self._tokens, cached) @ weights))
            first_token = interval(median, draws[:, 1], min(num, timed.num_families))
        return Prediction(
            name=name,
            tuning=tuning,
            device_blocks=device,
            total_blocks=total,
            hit_rate=interval(float(cached.sum()) / self._num_tokens, draws[:, 0], num),
            first_token_ms=first_token,
            memory_mb=interval(float(self._memory_mb(tuning, float(self._distinct))), draws[:, 2], num),
            memory_limit_mb=tuning.memory_mb,
        )

    def _draws(
        self, cached: Floats, timed: TimedRequests, weights: Floats | None, tuning: CacheTuning
    ) -> Floats:
        """Hit rate, median first-token time and memory of each resample of families, (resamples, 3)."""
        random = np.random.default_rng(self._question.seed)
        num = self._num_families
        tokens = np.bincount(self._families, self._tokens, num)
        hit = np.bincount(self._families, cached, num)
        distinct = self._distinct_by_family()
        features = features_of(self._tokens, cached)
        drawn = []
        for chunk in in_chunks(RESAMPLES, max(num, timed.num_families)):
            counts = draw_families(random, chunk, num)
            rates = (counts @ hit) / np.maximum(counts @ tokens, 1.0)
            memory = self._memory_mb(tuning, counts @ distinct)
            medians = np.full(chunk, np.nan)
            if weights is not None:
                again = refit(timed, weights, draw_families(random, chunk, timed.num_families))
                medians = np.array(
                    [
                        _median(features @ row, of_families[self._families])
                        for row, of_families in zip(again, counts, strict=True)
                    ]
                )
            drawn.append(np.column_stack([rates, medians, memory]))
        return np.concatenate(drawn)

    def _hit_rate(self, policy: str, capacity: int) -> float:
        if policy != OPTIMUM:
            hits = int(self._hits(policy, capacity).sum())
            return hits * self._trace.block_tokens / self._num_tokens
        found = replay_optimum(self._trace, capacity, progress=lambda done, _: self._tell(done))
        self._replayed += 1
        return found.token_hit_rate

    def _hits(self, policy: str, capacity: int) -> Integers:
        hits = replay_requests(self._trace, policy, min(capacity, self._distinct), self._tell)
        self._replayed += 1
        return hits

    def _tell(self, num_requests: int) -> None:
        whole = len(self._trace.requests)
        self._progress(self._replayed * whole + num_requests, self._num_replays * whole)

    def _possible_hit_rate(self) -> float:
        """What a cache without bounds hits: a prompt's leading blocks that came before."""
        seen: set[int] = set()
        hits = 0
        for request in self._trace.requests:
            num = num_full_blocks(len(request.block_ids), request.num_tokens, self._trace.block_tokens)
            full = request.block_ids[:num]
            hits += next((place for place, block in enumerate(full) if block not in seen), len(full))
            seen.update(full)
        return hits * self._trace.block_tokens / self._num_tokens

    def _distinct_by_family(self) -> Floats:
        seen: set[int] = set()
        counts = np.zeros(self._num_families)
        for family, request in zip(self._families, self._trace.requests, strict=True):
            new = set(request.block_ids) - seen
            counts[family] += len(new)
            seen |= new
        return counts

    def _memory_mb(self, tuning: CacheTuning, distinct_blocks: Floats | float) -> Floats:
        """What so many blocks take on the device and in memory below it, as far as there is room."""
        assert self._question.costs is not None
        costs = self._question.costs
        wanted = np.asarray(distinct_blocks) * self._trace.block_tokens * costs.bytes_per_token / MIB
        device = np.minimum(wanted, tuning.device_mb)
        below = np.minimum((wanted - device) / costs.factor(tuning.host_form), tuning.host_mb)
        taken: Floats = device + below
        return taken


def _median(values: Floats, weights: Integers) -> float:
    """The median of values that count so often each."""
    order = np.argsort(values)
    heaped = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(heaped, heaped[-1] / 2)]])
