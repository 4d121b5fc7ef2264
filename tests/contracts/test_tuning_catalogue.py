"""What every preset, recipe, mode and goal promises: it runs on any machine, and changes what runs."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations
from pathlib import Path

import pytest

from core.inference.cache_tuning import BOUNDS, CHOICES, CacheTuning
from core.priority import Priority
from core.tuning.catalogue import GOALS, KNOBS, MODES, MOST_OF_MEMORY, PRESETS, RECIPES, WORKLOADS, Profile

MACHINES_MB = (2 * 1024, 8 * 1024, 64 * 1024)
TABLES = {"presets": PRESETS, "recipes": RECIPES, "modes": MODES, "goals": GOALS}
SIZED = [*PRESETS.values(), *RECIPES.values(), *GOALS.values()]


@pytest.mark.parametrize("memory_mb", MACHINES_MB)
@pytest.mark.parametrize("profile", SIZED, ids=lambda profile: profile.key)
def test_it_runs_on_the_machine_and_leaves_it_room(profile: Profile, memory_mb: int) -> None:
    tuning = profile.tuning(memory_mb)
    assert tuning.memory_mb <= memory_mb * MOST_OF_MEMORY
    assert tuning.device_mb >= 32
    assert tuning.prefill_tokens >= 16


@pytest.mark.parametrize("memory_mb", MACHINES_MB)
@pytest.mark.parametrize("name", TABLES)
def test_each_changes_what_runs_and_no_two_are_the_same(name: str, memory_mb: int) -> None:
    profiles = TABLES[name].values()
    for profile in profiles:
        assert profile.tuning(memory_mb) != CacheTuning(), profile.key
    for one, other in combinations(profiles, 2):
        assert one.tuning(memory_mb) != other.tuning(memory_mb), (one.key, other.key)


@pytest.mark.parametrize("profile", [*SIZED, *MODES.values()], ids=lambda profile: profile.key)
def test_its_words_are_there(profile: Profile) -> None:
    assert profile.title.strip()
    assert profile.reason.endswith(".")


@pytest.mark.parametrize("profile", [*PRESETS.values(), *GOALS.values()], ids=lambda profile: profile.key)
def test_what_does_not_depend_on_the_running_tuning_is_the_same_after_any_other(profile: Profile) -> None:
    """A preset names everything that decides how the cache and the batches work."""
    named = set(profile.knobs) | {f"{size}_mb" for size in profile.shares}
    assert {knob.name for knob in fields(CacheTuning)} - named <= {"max_waiting"}


def test_the_promised_names_are_there() -> None:
    assert list(PRESETS) == [
        "development",
        "production",
        "high_performance",
        "memory_efficient",
        "bulk_processing",
    ]
    assert list(RECIPES) == [
        "local_development",
        "standard",
        "gpu",
        "two_gb",
        "cpu_only",
        "mass_batch",
        "real_time",
        "multi_tenant",
    ]
    assert list(MODES) == ["interactive", "streaming", "bulk"]
    assert list(GOALS) == ["speed", "memory", "hit_rate", "balance"]
    assert list(WORKLOADS) == ["chat", "shared_context", "batch", "mixed"]


def test_two_gb_fits_two_gb_with_the_model_and_the_pages_beside() -> None:
    assert RECIPES["two_gb"].tuning(2048).memory_mb <= 512


def test_a_mode_sets_batches_priority_and_deadline_and_leaves_the_cache() -> None:
    before = CacheTuning(policy="lru", device_mb=123)
    for mode in MODES.values():
        after = mode.tuning(8192, before)
        assert set(mode.knobs) == {"max_batch", "prefill_tokens"}
        assert (after.policy, after.device_mb) == ("lru", 123)
        assert mode.priority is not None
    assert MODES["interactive"].priority == Priority.HIGH
    assert MODES["bulk"].deadline_seconds is None


def test_the_knobs_are_those_of_the_engine_with_their_bounds() -> None:
    assert set(KNOBS) == {knob.name for knob in fields(CacheTuning)}
    for knob in KNOBS.values():
        assert knob.title
        assert knob.meaning.endswith(".")
        assert knob.effect.endswith(".")
        if knob.name in CHOICES:
            assert (knob.choices, knob.least) == (CHOICES[knob.name], None)
        else:
            assert (knob.least, knob.most) == BOUNDS[knob.name]


def test_every_file_of_the_catalogue_is_read() -> None:
    import core.tuning.catalogue as catalogue

    assert catalogue.__file__ is not None
    files = {file.stem for file in Path(catalogue.__file__).parent.glob("*.toml")}
    assert files == {*TABLES, "workloads", "knobs"}
