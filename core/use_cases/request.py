"""What every request is: a frozen dataclass that names the type of its answer."""

from __future__ import annotations

from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Request(Generic[Answer]):
    """Base of the requests: `class ListJobs(Request[tuple[JobRecord, ...]])`."""

    __slots__ = ()
