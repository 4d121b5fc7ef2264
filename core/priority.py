"""How urgent work is: one order for jobs and for what is asked of a language model."""

from __future__ import annotations

from enum import IntEnum


class Priority(IntEnum):
    """The lowest number goes first; equal ones go in the order of arrival."""

    CRITICAL = 1
    HIGH = 2
    NORMAL = 3
    LOW = 4
    BACKGROUND = 5
