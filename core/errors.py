"""What can go wrong, said once: what happened, and what the reader can do about it.

WorkbenchError
├── Forbidden              the principal's role does not allow the act
├── NotFound               no such thing in this workspace
├── Invalid                a request or a setting that makes no sense
├── Conflict               the thing changed, or already exists
├── Unavailable            a server, a worker or the disk does not answer
│   └── StorageFull        no room left; nothing was written
├── ExportFailed           this content cannot become this format; nothing was written
└── UnreadableFile         one file could not be taken in; `code` names the reason
"""

from __future__ import annotations


class WorkbenchError(Exception):
    """An error with a remedy. `code` is stable and meant for programs, the texts for people."""

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Forbidden(WorkbenchError):
    code = "forbidden"


class NotFound(WorkbenchError):
    code = "not_found"


class Invalid(WorkbenchError):
    code = "invalid"


class Conflict(WorkbenchError):
    code = "conflict"


class Unavailable(WorkbenchError):
    code = "unavailable"


class StorageFull(Unavailable):
    code = "storage_full"


class UnreadableFile(WorkbenchError):
    """`code` is one of the problem codes of core.ingestion.problems."""

    code = "unreadable"


class ExportFailed(WorkbenchError):
    code = "export_failed"
