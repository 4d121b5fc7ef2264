"""The examples in docstrings run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import core


def test_every_example_in_core_gives_what_it_says() -> None:
    attempted = 0
    for found in pkgutil.walk_packages(core.__path__, "core."):
        if "migrations" in found.name or found.name.endswith("__main__"):
            continue
        outcome = doctest.testmod(importlib.import_module(found.name))
        assert outcome.failed == 0, found.name
        attempted += outcome.attempted
    assert attempted > 10
