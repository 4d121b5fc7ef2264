"""The process that parses files: reads requests on standard input, answers on standard output."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import signal
import sys
import warnings
from collections.abc import Iterator
from typing import BinaryIO, Literal

from core.ingestion import intake
from core.ingestion.intake import Started, read_file
from core.ingestion.limits import MIB, IngestionLimits
from core.ingestion.parser_messages import LENGTH, MESSAGE, OUT_OF_MEMORY, REQUEST, Message, Request, frame
from core.ingestion.problems import megabytes, problem, unreadable
from core.ingestion.reading import Problem, Reading

PR_SET_PDEATHSIG = 1  # linux/prctl.h
MAX_IDLE_BYTES = 500 * MIB  # that a process may hold while it waits; the dictionaries take half of it


def main() -> None:
    _die_with(parent=int(sys.argv[1]))
    requests, answers = _claim_pipes()
    _warm_up()
    _close_doors()
    _send(answers, Message(kind="ready"))
    for request in _requests(requests):
        if _answer(request, answers) == "end":
            return


def _die_with(parent: int) -> None:
    """End when the parent does, whatever this process is busy with. Linux only; elsewhere EOF ends it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for messages; what a library prints goes to standard error."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return requests, answers


def _warm_up() -> None:
    """Import what files need before the first one comes, so that its clock does not pay for it."""
    intake.warm_up()
    warnings.simplefilter("ignore")  # of parsers about files
    gc.freeze()


def _close_doors() -> None:
    """No core dump, no new file, no network, no other program: a parser needs none of them."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")):
        raise PermissionError(f"A parser may not do {event}.")


def _requests(stream: BinaryIO) -> Iterator[Request]:
    while len(head := stream.read(LENGTH.size)) == LENGTH.size:
        yield REQUEST.validate_json(stream.read(LENGTH.unpack(head)[0]))


def _answer(request: Request, answers: BinaryIO) -> Literal["go on", "end"]:
    current = request.name
    _cap(request.limits)
    try:
        for item in read_file(request.name, request.path, request.limits, request.skip):
            if isinstance(item, Started):
                current = item.name
                _grant_processor_time(request.limits)
            with _memory_cap_lifted():
                _send(answers, _message(item))
    except MemoryError:
        _lift_memory_cap()
        error = unreadable("too_much_memory", limit=megabytes(request.limits.memory_bytes))
        _send(answers, Message(kind="problem", problem=problem(current, error)))
        _send(answers, Message(kind="done", ends=True, out_of_memory=True))
        return "end"
    _lift_memory_cap()
    gc.collect()
    is_too_large = _resident_bytes() > MAX_IDLE_BYTES
    _send(answers, Message(kind="done", ends=is_too_large))
    return "end" if is_too_large else "go on"


def _message(item: Started | Reading | Problem) -> Message:
    if isinstance(item, Problem):
        return Message(kind="problem", problem=item)
    if isinstance(item, Reading):
        return Message(kind="reading", reading=item)
    return Message(kind="started", name=item.name)


def _send(answers: BinaryIO, message: Message) -> None:
    answers.write(frame(MESSAGE.dump_json(message)))
    answers.flush()


def _grant_processor_time(limits: IngestionLimits) -> None:
    """For one file, on top of what was used before. When it is up, the kernel sends SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.cpu_seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _cap(limits: IngestionLimits) -> None:
    """Time, and address space on top of what the process holds. Only Linux keeps to the latter."""
    _grant_processor_time(limits)
    if sys.platform == "linux":
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (_address_space() + limits.memory_bytes, hard))


@contextlib.contextmanager
def _memory_cap_lifted() -> Iterator[None]:
    """For what is as large as what is held already, and would end the process if it failed."""
    cap = resource.getrlimit(resource.RLIMIT_AS)
    _lift_memory_cap()
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, cap)


def _lift_memory_cap() -> None:
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _address_space() -> int:
    """Bytes."""
    return _pages()[0] * resource.getpagesize()


def _resident_bytes() -> int:
    return _pages()[1] * resource.getpagesize() if sys.platform == "linux" else 0


def _pages() -> list[int]:
    """Address space, then resident: proc(5), statm."""
    with open("/proc/self/statm", "rb") as statm:
        return [int(count) for count in statm.read().split()]


if __name__ == "__main__":
    try:
        main()
    except MemoryError:  # where even to say so there was no memory
        os._exit(OUT_OF_MEMORY)
