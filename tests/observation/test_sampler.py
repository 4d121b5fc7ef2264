"""What the sampler notices by itself."""

from __future__ import annotations

from collections.abc import Iterator

from core.observation import Event, EventKind, History
from core.observation.sampler import QUIET_SECONDS, Sampler


def events_of(samples: list[dict[str, float]], seconds_between: float = 1.0) -> list[Event]:
    history, times = History(), iter(range(1, len(samples) + 1))
    waiting: Iterator[dict[str, float]] = iter(samples)
    sampler = Sampler(history, lambda: next(waiting), clock=lambda: next(times) * seconds_between)
    for _ in samples:
        sampler.step()
    assert len(history.samples) == len(samples)
    return list(history.events)


def test_the_model_is_marked_once_when_its_cache_is_there() -> None:
    there = {"device_limit_bytes": 100.0, "device_bytes": 0.0}
    assert events_of([{}, {}, there, there]) == [Event(3.0, EventKind.MODEL_LOADED)]


def test_a_full_tier_is_marked_once_in_a_while() -> None:
    full = {"host_limit_bytes": 100.0, "host_bytes": 99.0}
    roomy = {"host_limit_bytes": 100.0, "host_bytes": 50.0}
    assert events_of([roomy, full, roomy, full]) == [Event(2.0, EventKind.TIER_FULL, "host")]
    apart = events_of([full, roomy, full], seconds_between=QUIET_SECONDS)
    assert [event.at for event in apart] == [QUIET_SECONDS, 3 * QUIET_SECONDS]


def test_a_tier_without_bound_is_never_full() -> None:
    assert events_of([{"remote_bytes": 1e12, "remote_limit_bytes": 0.0}]) == []


def test_a_sample_that_fails_ends_nothing() -> None:
    def fail() -> dict[str, float]:
        raise OSError("no such process")

    history = History()
    sampler = Sampler(history, fail)
    sampler.start()
    sampler.stop()
    assert [event.kind for event in history.events] == [EventKind.STARTED]
