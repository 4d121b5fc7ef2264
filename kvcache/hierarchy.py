"""The levels below the device, nearest first: where a block rests, how it comes up, how it goes down."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from kvcache.cost_model import CostModel
from kvcache.forms import FORMS, UnreadableForm
from kvcache.forms.choice import FormChoice
from kvcache.forms.error import form_error
from kvcache.forms.layout import BlockLayout
from kvcache.level import Level
from kvcache.record import BlockRecord
from kvcache.store_metrics import StoreCounters

SAMPLE_EVERY = 64
"""The error of every so many-th block that is rounded is measured."""


class Hierarchy:
    """Finds, loads, demotes and writes records. Knows nothing of prompts. Safe for threads."""

    def __init__(
        self,
        layout: BlockLayout,
        levels: Sequence[Level],
        costs: CostModel,
        counters: StoreCounters,
        *,
        demotes_to_durable: bool,
    ) -> None:
        self.levels: list[Level] = []
        self._below_retired: dict[Level, list[Level]] = {}
        self._layout = layout
        self._costs = costs
        self._counters = counters
        self._num_rounded = 0
        self.arrange(levels, demotes_to_durable=demotes_to_durable)

    def arrange(self, levels: Sequence[Level], *, demotes_to_durable: bool) -> None:
        """Go on with these levels, nearest first.

        One that is no longer among them gives what rests there to those below its place, and is closed.
        """
        before, after = self.levels, list(levels)
        retired = [level for level in before if level not in after]
        self._demotes_to_durable = demotes_to_durable
        self._below_retired = {level: after[_place_of(level, before, after) :] for level in retired}
        self.levels = after
        for level in [*after, *retired]:
            level.spills = any(demotes_to_durable or not below.is_durable for below in self._below(level))
        for level in retired:
            level.retire(partial(self.demote, above=level))

    @property
    def durable(self) -> list[Level]:
        return [level for level in self.levels if level.is_durable]

    def find(self, key: bytes) -> Level | None:
        """The nearest level that holds the block."""
        for level in self.levels:
            if level.holds(key):
                return level
        return None

    def load(self, level: Level, key: bytes, tokens: bytes, out: Tensor) -> bool:
        """Bring a block up into `out`; False if it is gone, damaged, or of other tokens.

        The time it takes is what the cost model learns.
        """
        started = time.perf_counter()
        record = level.get(key)
        if record is None or not self.unfold(record, tokens, out):
            return False
        seconds = time.perf_counter() - started
        self._costs.observe_load(level.name, record.num_bytes, seconds)
        counters = self._counters
        counters.load_us[level.name].add(seconds * 1e6)
        counters.loaded_bytes[level.name] += record.num_bytes
        return True

    def unfold(self, record: BlockRecord, tokens: bytes, out: Tensor) -> bool:
        """Decode a record into `out`; False, and counted, if it holds other tokens or cannot be read."""
        if record.tokens != tokens:
            self._counters.wrong_tokens += 1
            return False
        try:
            self._decode(record, out)
        except UnreadableForm:
            self._counters.unreadable += 1
            return False
        return True

    def demote(self, record: BlockRecord, above: Level | None = None) -> None:
        """The block leaves `above`, or the device: let it rest in the next level down that takes it."""
        for level in self.levels if above is None else self._below(above):
            if level.holds(record.key):
                level.touch([record.key])
                return
            if level.is_durable and not self._demotes_to_durable:
                continue
            self._counters.demoted_blocks[level.name] += 1
            self._put(level, record)
            return
        self._counters.dropped_blocks += 1

    def write(self, record: BlockRecord) -> None:
        """Let every durable level have the block."""
        for level in self.durable:
            if not level.holds(record.key):
                self._counters.written_blocks[level.name] += 1
                self._put(level, record)

    def resize(self, level: Level, capacity_bytes: int) -> None:
        """Give a level another capacity; what has to go for it goes down. Raises TierError."""
        level.resize(capacity_bytes, partial(self.demote, above=level))

    def _below(self, above: Level) -> list[Level]:
        levels = self.levels
        if above in levels:
            return levels[levels.index(above) + 1 :]
        return self._below_retired.get(above, [])

    def _put(self, level: Level, record: BlockRecord) -> None:
        shaped = self._in_form(level, record)
        counters = self._counters
        counters.raw_bytes[level.name] += self._layout.num_bytes
        counters.stored_bytes[level.name] += shaped.num_bytes
        for spilled in level.put(shaped):
            self.demote(spilled, above=level)

    def _in_form(self, level: Level, record: BlockRecord) -> BlockRecord:
        """The record as this level keeps it. What was rounded once is not rounded to a larger form."""
        wanted = FORMS[FormChoice(level.form).form_for(record.exact)]
        if record.form == wanted.name or (not FORMS[record.form].is_lossless and wanted.is_lossless):
            return record
        values = torch.empty(self._layout.shape, dtype=self._layout.torch_dtype)
        self._decode(record, values)
        payload = wanted.encode(values, self._layout)
        if not wanted.is_lossless:
            self._sample(values, payload, wanted.name)
        return replace(record, form=wanted.name, payload=payload)

    def _sample(self, values: Tensor, payload: bytes, form: str) -> None:
        self._num_rounded += 1
        if self._num_rounded % SAMPLE_EVERY == 1:
            error = form_error(values, payload, form, self._layout)
            self._counters.sampled_blocks += 1
            self._counters.key_error += error.relative_key_error
            self._counters.value_error += error.relative_value_error

    def _decode(self, record: BlockRecord, out: Tensor) -> None:
        form = FORMS.get(record.form)
        if form is None:
            raise UnreadableForm(f"No form is called {record.form!r}.")
        if out.device.type == "cpu":
            form.decode(record.payload, self._layout, out)
            return
        staged = torch.empty(self._layout.shape, dtype=self._layout.torch_dtype)
        form.decode(record.payload, self._layout, staged)
        out.copy_(staged)


def _place_of(level: Level, before: Sequence[Level], after: Sequence[Level]) -> int:
    """Where a level that is gone would stand now: right behind the nearest one above it that is left."""
    above = [other for other in before[: before.index(level)] if other in after]
    return after.index(above[-1]) + 1 if above else 0
