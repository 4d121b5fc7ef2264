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
