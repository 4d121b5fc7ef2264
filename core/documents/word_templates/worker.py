"""The process that reads one template: a job on standard input, the reply on standard output, and it ends."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import warnings

from core.documents.word_templates.filling import check, fill
from core.documents.word_templates.limits import FillingLimits
from core.documents.word_templates.messages import (
    Job,
    Refusal,
    Reply,
    job_adapter,
    read_message,
    reply_adapter,
    write_message,
)
from core.documents.word_templates.refusals import refused
from core.errors import WorkbenchError

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    _die_with(parent=int(sys.argv[1]))
    _warm_up()
    words, template = read_message(sys.stdin.buffer)
    job = job_adapter().validate_json(words)
    _close_doors(job.limits)
    reply, document = _answer(job, template)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    write_message(sys.stdout.buffer, reply_adapter().dump_json(reply), document)


def _die_with(parent: int) -> None:
    """End when the one who asked does. Linux only; elsewhere the processor's limit ends it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()


def _warm_up() -> None:
    """Import what a template needs, so that its limits are its own."""
    import babel.dates  # noqa: F401
    import docx  # noqa: F401
    import docxtpl  # noqa: F401

    import core.ingestion.archive
    import core.ingestion.xml_parts  # noqa: F401

    warnings.simplefilter("ignore")


def _close_doors(limits: FillingLimits) -> None:
    """No core dump, no large file, no network, no other program, and only so much time and memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    _cap(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + limits.cpu_seconds + 1)
    _cap(resource.RLIMIT_FSIZE, limits.answer_bytes)
    if sys.platform == "linux":
        _cap(resource.RLIMIT_AS, _address_space() + limits.memory_bytes)
    sys.addaudithook(_refuse)


def _cap(kind: int, most: int) -> None:
    resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _address_space() -> int:
    with open("/proc/self/statm", "rb") as statm:  # proc(5)
        return int(statm.read().split()[0]) * resource.getpagesize()


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")):
        raise PermissionError(f"A template may not do {event}.")


def _answer(job: Job, template: bytes) -> tuple[Reply, bytes]:
    try:
        if job.act == "check" or job.draft is None:
            form = check(template)
            return Reply(own=form.own, free=form.free), b""
        filled = fill(template, job.draft, job.values or {}, job.circumstances)
        return Reply(missing=filled.missing), filled.data
    except WorkbenchError as error:
        return _refusal(error), b""
    except RecursionError:
        return _refusal(refused("template_nesting")), b""
    except MemoryError:
        return _refusal(refused("template_costs")), b""
    except Exception as error:  # the edge of this process: whatever a file has led a library to
        return _refusal(refused("template_failed", fault=f"{type(error).__name__}.")), b""


def _refusal(error: WorkbenchError) -> Reply:
    return Reply(refusal=Refusal(code=error.code, message=error.message, remedy=error.remedy))


if __name__ == "__main__":
    main()
