"""What an engine refuses, and what it cannot go on with."""

from __future__ import annotations


class EngineError(Exception):
    """The engine could not do what was asked; the message says what to do."""


class InvalidRequest(EngineError):
    """The request itself is wrong: empty, too long, or with settings out of bounds."""


class ModelNotFound(EngineError):
    """There is no model where one was expected."""


class UnusableModel(EngineError):
    """A model is there, but its weights, shape or tokenizer cannot be used."""


class BrokenLogits(EngineError):
    """The model answered with numbers that are not numbers; its weights or dtype are at fault."""


class OutOfDeviceMemory(EngineError):
    """The device has no room for the request, even in small pieces."""


class Overloaded(EngineError):
    """Too many requests wait already. The message says when to try again."""

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class DeadlinePassed(EngineError):
    """The request was not begun before its deadline."""


class TooLarge(EngineError):
    """The request needs more memory than all running ones may take together."""


class SchedulerClosed(EngineError):
    """The scheduler takes no more requests, or was closed before this one was answered."""


class ReplicaFailed(EngineError):
    """The replica that computed an answer failed, and no other can go on with it."""


class NotRepeatable(ReplicaFailed):
    """An answer that had begun elsewhere did not come out the same way again."""
