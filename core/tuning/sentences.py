"""Every sentence of this package that a page shows, for the catalogues of messages."""

from __future__ import annotations

from collections.abc import Iterator

from core.tuning import first_token, what_if, wizard, workload
from core.tuning.catalogue import GOALS, KNOBS, MODES, PRESETS, RECIPES, WORKLOADS


def sentences() -> Iterator[str]:
    """Titles, reasons and notes in English. Some have places in braces for numbers."""
    for profiles in (PRESETS, RECIPES, MODES, GOALS):
        for profile in profiles.values():
            yield profile.title
            yield profile.reason
    for named in WORKLOADS.values():
        yield named.title
    for knob in KNOBS.values():
        yield from (text for text in (knob.title, knob.meaning, knob.unit, knob.effect) if text)
    yield from wizard.SENTENCES.values()
    yield from (what_if.NO_MODEL, what_if.NO_REQUESTS, first_token.TOO_FEW, first_token.TOO_ALIKE)
    yield workload.TITLE
