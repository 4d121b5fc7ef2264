"""The flights that an engine computes at the moment. Knows nothing of who waits or listens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from kvcache.engine.engine import Engine
from kvcache.engine.errors import InvalidRequest, NotRepeatable
from kvcache.engine.generation import Generation
from kvcache.engine.request import GenerationRequest
from kvcache.engine.scheduler_metrics import SchedulerCounters
from kvcache.engine.ticket import Flight

LOG = logging.getLogger(__name__)


class Batch:
    """Drives them through the engine. An error stays in the `error` of its flight and touches no other.

    `primed_in_vain` are tenants for whom a primed prefix could not be kept, because of a quota for example.
    """

    def __init__(self, engine: Engine, counters: SchedulerCounters, clock: Callable[[], float]) -> None:
        self.flights: list[Flight] = []
        self.primed_in_vain: set[str] = set()
        self._engine = engine
        self._counters = counters
        self._clock = clock

    def begin(self, flight: Flight, num_primed: int) -> None:
        """Restore what is known of it; before that, compute and keep its first `num_primed` tokens."""
        if not num_primed:
            self._attempt(self._begin, flight)
        else:
            self._attempt(partial(self._begin_primer, num_primed), flight)

    def unprefilled(self) -> list[Flight]:
        """Flights whose prompt is not computed yet, the most urgent first."""
        return sorted(
            (flight for flight in self.flights if flight.is_prefilling), key=lambda flight: flight.priority
        )

    def prefill_chunk(self) -> int:
        """Compute the next chunk of the most urgent prompt, and its first token if that was the last.

        How many tokens that was about, 0 when there is no prompt to compute.
        """
        for flight in self.unprefilled()[:1]:
            before = self._engine.counters.prefilled_tokens
            self._attempt(self._prefill if flight.primer is None else self._prefill_primer, flight)
            return max(self._engine.counters.prefilled_tokens - before, 1)
        return 0

    def decode_token(self) -> None:
        """One more token of everything that is prefilled and not finished."""
        flights = [flight for flight in self.flights if flight.is_decoding]
        if not flights:
            return
        self._counters.batch.add(len(flights))
        if len(flights) == 1 or self._engine.shape.has_states:
            for flight in flights:
                self._attempt(self._decode, flight)
        else:
            self._decode_together(flights)
        for flight in flights:
            if flight.error is None:
                self._attempt(self._deliver, flight)

    def write_back(self, generation: Generation) -> None:
        """Keep what was computed and let go. Nobody waits for it any more, so nobody is told of an error."""
        try:
            self._engine.finish(generation)
        except Exception:
            self._counters.engine_errors += 1
            LOG.exception("What a request computed could not be kept.")
        finally:
            self._engine.abandon(generation)

    def abandon(self, flight: Flight) -> None:
        """Let go of a flight that failed, and keep nothing of it."""
        for generation in flight.generations():
            self._engine.abandon(generation)

    def _begin(self, flight: Flight) -> None:
        flight.generation = self._engine.begin(flight.request)
        flight.num_reused = flight.generation.num_reused

    def _begin_primer(self, num_tokens: int, flight: Flight) -> None:
        prefix = flight.prompt[:num_tokens]
        flight.primer = self._engine.begin(
            GenerationRequest(prompt=prefix, max_new_tokens=1, tenant=flight.request.tenant)
        )
        flight.num_primed = flight.primer.num_to_prefill
        self._counters.primed_tokens += flight.num_primed

    def _prefill_primer(self, flight: Flight) -> None:
        assert flight.primer is not None
        if self._engine.prefill(flight.primer):
            num_primed = len(flight.primer.prompt)
            self._engine.finish(flight.primer)
            flight.primer = None
            self._begin(flight)
            if flight.num_reused < num_primed:
                self.primed_in_vain.add(flight.request.tenant)

    def _prefill(self, flight: Flight) -> None:
        if self._engine.prefill(_generation(flight)):
            self._deliver(flight)
            self._publish(_generation(flight))

    def _publish(self, generation: Generation) -> None:
        """After the first token, which waits for nothing. Not being kept is no error of the request."""
        if generation.finish_reason is not None:
            return  # it is written back at once, with its answer
        try:
            self._engine.publish(generation)
        except Exception:
            self._counters.engine_errors += 1
            LOG.exception("A prompt could not be kept.")

    def _decode(self, flight: Flight) -> None:
        self._engine.decode([_generation(flight)])
        self._counters.engine_errors_in_a_row = 0

    def _decode_together(self, flights: list[Flight]) -> None:
        """All at once; if that fails, those that got no token one by one, each from where it was."""
        before = [(flight, _generation(flight).num_computed, len(flight.tokens)) for flight in flights]
        try:
            self._engine.decode([_generation(flight) for flight in flights])
            self._counters.engine_errors_in_a_row = 0
        except Exception:
            LOG.warning("A step of %d requests failed; they go on one by one.", len(flights), exc_info=True)
            self._counters.engine_errors += 1
            for flight, num_computed, num_tokens in before:
                generation = _generation(flight)
                if len(generation.answer) == num_tokens and generation.finish_reason is None:
                    self._engine.rewind(generation, num_computed)
                    self._attempt(self._decode, flight)

    def _deliver(self, flight: Flight) -> None:
        generation = _generation(flight)
        if generation.finish_reason is not None:
            generation.text.end()
        self._counters.new_tokens += flight.deliver()
        if flight.first_token_at is None and (flight.tokens or generation.finish_reason is not None):
            flight.first_token_at = self._clock()
            self._counters.first_token_ms.add((flight.first_token_at - flight.arrived) * 1e3)

    def _attempt(self, act: Callable[[Flight], None], flight: Flight) -> None:
        try:
            act(flight)
        except (InvalidRequest, NotRepeatable) as error:
            flight.error = error
        except Exception as error:
            LOG.warning("A request failed in the engine.", exc_info=True)
            flight.error = error
            self._counters.engine_errors += 1
            self._counters.engine_errors_in_a_row += 1


def _generation(flight: Flight) -> Generation:
    assert flight.generation is not None
    return flight.generation
