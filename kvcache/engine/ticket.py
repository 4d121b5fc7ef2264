"""What a caller holds of a request in a scheduler, and the computation that several callers may share."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import partial
from threading import Condition
from typing import TypeAlias, TypeVar

from kvcache.engine.errors import DeadlinePassed, NotRepeatable
from kvcache.engine.generation import Generation
from kvcache.engine.request import GREEDY, Answer, GenerationRequest, Usage

Item = TypeVar("Item")
End: TypeAlias = Answer | BaseException


class Priority(IntEnum):
    """How urgent a request is; the lowest number goes first."""

    CRITICAL = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3
    BACKGROUND = 4


class Flight:
    """One computation under way for the tickets that listen to it.

    What came out is written down once, at most `max_new_tokens` tokens, and each ticket reads it at its own
    pace: one that stops reading delays nobody, one that joins late reads from the beginning. A flight can be
    computed again elsewhere: what was delivered before is not delivered twice. Its tickets come and go under
    the lock of the scheduler that has it; `changed` guards what tickets read.
    """

    def __init__(self, request: GenerationRequest, prompt: tuple[int, ...], number: int, arrived: float):
        """`prompt` is what is computed of the request's; `number` orders flights by their arrival."""
        self.request = request
        self.prompt = prompt
        self.number = number
        self.place = number
        self.arrived = arrived
        self.priority = Priority.BACKGROUND
        self.deadline = math.inf
        self.tokens: list[int] = []
        self.pieces: list[str] = []
        self.end: End | None = None
        self.generation: Generation | None = None
        self.primer: Generation | None = None
        self.error: Exception | None = None
        self.num_reused = 0
        self.num_primed = 0
        self.num_failures = 0
        self.begun_at: float | None = None
        self.first_token_at: float | None = None
        self.changed = Condition()
        self._tickets: list[Ticket] = []
        self._num_characters = 0

    @property
    def cost_tokens(self) -> int:
        """Tokens that it takes at most: those of the prompt and of the answer."""
        return len(self.prompt) + self.request.max_new_tokens

    @property
    def is_repeatable(self) -> bool:
        """Whether another run gives the same answer: it is greedy or has a seed."""
        sampling = self.request.sampling
        return sampling.temperature == GREEDY or sampling.seed is not None

    def join(self, ticket: Ticket) -> None:
        """One more listener."""
        self._tickets.append(ticket)

    @property
    def is_prefilled(self) -> bool:
        """Whether the first token is chosen."""
        return self.generation is not None and self.generation.is_prefilled

    @property
    def is_computed(self) -> bool:
        return self.generation is not None and self.generation.finish_reason is not None

    @property
    def is_prefilling(self) -> bool:
        return self.error is None and self.has_listeners and not self.is_prefilled

    @property
    def is_decoding(self) -> bool:
        is_under_way = self.is_prefilled and not self.is_computed
        return self.error is None and self.has_listeners and is_under_way

    def generations(self) -> list[Generation]:
        """What it holds of the engine at the moment."""
        return [each for each in (self.primer, self.generation) if each is not None]

    @property
    def has_listeners(self) -> bool:
        return any(ticket.own_end is None for ticket in self._tickets)

    def is_due(self, now: float) -> bool:
        """Whether somebody has left, or has waited until the deadline."""
        return any(ticket.own_end is not None or ticket.deadline <= now for ticket in self._tickets)

    def refuse_overdue(self, now: float) -> int:
        """End the tickets whose deadline has come; how many those are."""
        overdue = [ticket for ticket in self._tickets if ticket.own_end is None and ticket.deadline <= now]
        for ticket in overdue:
            ticket.refuse(
                DeadlinePassed(
                    f"The request waited {now - self.arrived:.1f} seconds, longer than its deadline allows. "
                    "Give it more time or a higher priority, or send it when fewer wait."
                )
            )
        return len(overdue)

    def forget_left(self) -> int:
        """Let go of the tickets that ended on their own; how many of them were cancelled."""
        left = [ticket for ticket in self._tickets if ticket.own_end is not None]
        self._tickets = [ticket for ticket in self._tickets if ticket.own_end is None]
        return sum(isinstance(ticket.own_end, Answer) for ticket in left)

    def reconsider(self) -> None:
        """Be as urgent as the most urgent listener. Not while it waits in a queue, or runs."""
        listeners = [ticket for ticket in self._tickets if ticket.own_end is None]
        self.priority = min((ticket.priority for ticket in listeners), default=self.priority)
        self.deadline = min((ticket.deadline for ticket in listeners), default=math.inf)

    def deliver(self) -> int:
        """Hand on what the generation has found out and nobody was told yet; how many tokens that is.

        Raises NotRepeatable when a repeated computation went another way than the one before.
        """
        generation = self.generation
        assert generation is not None
        known = min(len(self.tokens), len(generation.answer))
        if self.tokens[:known] != generation.answer[:known]:
            raise NotRepeatable("The answer cannot be continued as it began; send the request again.")
        fresh = generation.answer[len(self.tokens) :]
        text = generation.text.text[self._num_characters :]
        with self.changed:
            self.tokens += fresh
            if text:
                self._num_characters += len(text)
                self.pieces.append(text)
            self.changed.notify_all()
        return len(fresh)

    def begin_anew(self) -> None:
        """Forget how far the computation was, not what was delivered."""
        self.generation = self.primer = self.error = None
        self.num_primed = 0

    def conclude(self, end: End) -> tuple[int, int]:
        """The end, for all who listen; how many those are, and how many had cancelled."""
        if isinstance(end, BaseException):
            _let_go(end)
        with self.changed:
            num_cancelled = self.forget_left()
            self.end = end
            self.begin_anew()
            self.changed.notify_all()
            return len(self._tickets), num_cancelled


class Ticket:
    """A request that was accepted. It ends in an answer or in an error, whatever happens. Safe for threads.

    Each method reads from the beginning; any number of threads may read at once.
    """

    def __init__(
        self,
        flight: Flight,
        *,
        priority: Priority,
        deadline: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.flight = flight
        self.priority = priority
        self.deadline = deadline
        self.own_end: End | None = None
        self._clock = clock
        self._submitted = clock()

    def __iter__(self) -> Iterator[str]:
        return self.pieces()

    @property
    def end(self) -> End | None:
        """The answer or the error, None before there is one."""
        return self.own_end or self.flight.end

    @property
    def is_done(self) -> bool:
        return self.end is not None

    def pieces(self, timeout: float | None = None) -> Iterator[str]:
        """The text as it comes. Raises the error that the request ended with, after what came before it.

        Raises TimeoutError when nothing comes for `timeout` seconds; the request goes on. A cancelled ticket
        ends here without an error.
        """
        return self._follow(self.flight.pieces, timeout)

    def tokens(self, timeout: float | None = None) -> Iterator[int]:
        """The same, token by token."""
        return self._follow(self.flight.tokens, timeout)

    def result(self, timeout: float | None = None) -> Answer:
        """The whole answer. Raises the error that the request ended with, or TimeoutError."""
        with self.flight.changed:
            if not self.flight.changed.wait_for(lambda: self.is_done, timeout):
                raise TimeoutError(f"No answer within {timeout} seconds; the request goes on.")
        end = self.end
        if isinstance(end, Answer):
            return end
        assert end is not None
        raise end

    def cancel(self) -> None:
        """Want no more of it; others who share the computation still get all. Its answer is what came so far.

        Cancelling what is done changes nothing.
        """
        with self.flight.changed:
            if self.end is None:
                self.own_end = self._so_far()
                self.flight.changed.notify_all()

    def refuse(self, error: BaseException) -> None:
        """End this ticket alone."""
        with self.flight.changed:
            if self.end is None:
                self.own_end = error
                self.flight.changed.notify_all()

    def _follow(self, written: list[Item], timeout: float | None) -> Iterator[Item]:
        at = 0
        while True:
            with self.flight.changed:
                if not self.flight.changed.wait_for(partial(self._has_news, written, at), timeout):
                    raise TimeoutError(f"Nothing came for {timeout} seconds; the request goes on.")
                fresh = [] if self.own_end is not None else written[at:]
                end = self.end
            yield from fresh
            at += len(fresh)
            if isinstance(end, BaseException):
                raise end
            if end is not None:
                return

    def _has_news(self, written: list[Item], at: int) -> bool:
        return len(written) > at or self.is_done

    def _so_far(self) -> Answer:
        flight = self.flight
        seconds = self._clock() - self._submitted
        first = flight.first_token_at
        return Answer(
            tokens=tuple(flight.tokens),
            text="".join(flight.pieces),
            finish_reason="cancelled",
            usage=Usage(
                prompt_tokens=len(flight.prompt),
                cached_tokens=flight.num_reused,
                new_tokens=len(flight.tokens),
                truncated_tokens=len(flight.request.prompt) - len(flight.prompt),
                first_token_seconds=seconds if first is None else max(first - self._submitted, 0.0),
                seconds=seconds,
            ),
        )


def _let_go(error: BaseException | None) -> None:
    """Clear the frames of an error and its causes, whose variables would hold buffers as long as it lives."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
