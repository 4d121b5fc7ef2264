"""The pool outlives every file, and no parser outlives the pool."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from benchmarks.ingestion.written_files import WRITERS, Story, zipped
from core.ingestion import IngestionLimits, ParserPool, Problem
from core.ingestion.parser_messages import Message, Request
from core.ingestion.parser_pool import _Exchange
from core.ingestion.parser_process import _refuse

ROOT = Path(__file__).parents[2]
MIB = 1024**2
SLOW_MARKDOWN = "*uno* [dos](tres) `cuatro`\n\n" * 150_000  # several seconds of work


@pytest.fixture
def file(tmp_path):
    def file(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return file


@pytest.fixture(scope="module")
def single() -> Iterator[ParserPool]:
    with ParserPool(IngestionLimits(), processes=1) as pool:
        yield pool


def codes(outcome) -> list[str]:
    return [problem.code for problem in outcome.problems]


def wait_until_busy(process: psutil.Process) -> None:
    idle = process.cpu_times().user
    while process.cpu_times().user < idle + 0.2:
        pass


def kill_when_busy(process: psutil.Process) -> None:
    wait_until_busy(process)
    process.kill()


def peak_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def test_outcomes_come_in_the_order_of_the_files(pool, file):
    sizes = [200_000, 1, 50_000, 1, 1, 100_000, 1, 1, 1, 1, 1, 1]
    files = [
        (f"{number}.txt", file(f"{number}.txt", b"palabra " * size)) for number, size in enumerate(sizes)
    ]
    outcomes = list(pool.read_many(files))
    assert [name for name, _ in outcomes] == [name for name, _ in files]
    assert [outcome.readings[0].num_bytes for _, outcome in outcomes] == [8 * size for size in sizes]


def test_reading_many_takes_only_a_little_ahead(pool, file):
    path, taken = file("a.txt", b"Texto."), []

    def endless():
        while True:
            taken.append(len(taken))
            yield "a.txt", path

    outcomes = pool.read_many(endless())
    next(outcomes)
    outcomes.close()
    assert len(taken) < 20


def test_the_same_processes_read_file_after_file(file):
    path = file("a.txt", b"Texto.")
    with ParserPool(IngestionLimits(), processes=2) as pool:
        list(pool.read_many([("a.txt", path)] * 20))
        before = set(pool.pids)
        list(pool.read_many([("a.txt", path)] * 20))
        assert len(before) <= 2
        assert before <= set(pool.pids)


def test_a_pool_may_be_used_from_many_threads(pool, file):
    paths = [file(f"{number}.md", WRITERS["md"](Story("es", number))) for number in range(24)]
    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(lambda path: pool.read(path.name, path), paths))
    assert [outcome.readings[0].name for outcome in outcomes] == [path.name for path in paths]


@pytest.mark.parametrize(
    ("limits", "data", "code"),
    [
        (IngestionLimits(parse_seconds=0.3), SLOW_MARKDOWN.encode(), "too_slow"),
        (IngestionLimits(cpu_seconds=0), SLOW_MARKDOWN.encode(), "too_slow"),
        (IngestionLimits(memory_bytes=48 * MIB), SLOW_MARKDOWN.encode(), "too_much_memory"),
    ],
    ids=["wall time", "processor time", "memory"],
)
def test_a_limit_costs_the_process_and_the_next_file_is_read(limits, data, code, file):
    with ParserPool(limits, processes=1) as pool:
        small = file("b.txt", b"Texto.")
        assert pool.read("b.txt", small).readings
        before = pool.pids
        assert codes(pool.read("a.md", file("a.md", data))) == [code]
        assert pool.read("b.txt", small).readings
        assert pool.pids != before
        assert not any(psutil.pid_exists(pid) for pid in before)


def test_a_process_that_dies_under_a_file_is_replaced(file):
    with ParserPool(IngestionLimits(), processes=1) as pool:
        small = file("b.txt", b"Texto.")
        pool.read("b.txt", small)
        (pid,) = pool.pids
        threading.Thread(target=kill_when_busy, args=(psutil.Process(pid),)).start()
        outcome = pool.read("a.md", file("a.md", SLOW_MARKDOWN.encode()))
        assert codes(outcome) == ["too_much_memory"]  # what a kill from outside means
        assert pool.read("b.txt", small).readings


def test_a_process_that_died_idle_is_replaced_without_a_word(file):
    with ParserPool(IngestionLimits(), processes=1) as pool:
        small = file("b.txt", b"Texto.")
        pool.read("b.txt", small)
        victim = psutil.Process(pool.pids[0])
        victim.kill()
        psutil.wait_procs([victim], timeout=5)
        assert pool.read("b.txt", small).readings


def test_after_a_member_that_is_stopped_the_archive_goes_on(file):
    data = zipped({"a.txt": "Uno.", "b.md": SLOW_MARKDOWN, "c.txt": "Dos.", "d.json": "{", "e.txt": "Tres."})
    limits = IngestionLimits(parse_seconds=0.5, max_archive_ratio=1e6)
    with ParserPool(limits, processes=1) as pool:
        outcome = pool.read("x.zip", file("x.zip", data))
    assert [reading.name for reading in outcome.readings] == ["x.zip/a.txt", "x.zip/c.txt", "x.zip/e.txt"]
    assert [(problem.name, problem.code) for problem in outcome.problems] == [
        ("x.zip/b.md", "too_slow"),
        ("x.zip/d.json", "damaged_file"),
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.docx", lambda: zipped({"[Content_Types].xml": "<a/>", "word/document.xml": b" " * 400 * MIB})),
        ("bomb.zip", lambda: zipped({f"{number}.txt": b"a" * 45 * MIB for number in range(3)})),
        ("deep.html", lambda: b"<div>" * 500_000 + b"text"),
        ("deep.json", lambda: b"[" * 5_000_000),
        ("wide.csv", lambda: b"," * 20_000_000),
        ("laughs.docx", lambda: zipped({
            "[Content_Types].xml": "<a/>",
            "_rels/.rels": '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]><a>&b;</a>',
            "word/document.xml": "<a/>",
        })),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_within_300_mb(name, data, single, file):
    path = file(name, data())
    single.read("a.md", file("a.md", WRITERS["md"](Story("es", 1))))
    (pid,) = single.pids
    base = psutil.Process(pid).memory_info().rss
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # forget the peak so far, proc(5)
    outcome = single.read(name, path)
    assert outcome.problems or name == "deep.html"
    assert single.pids == (pid,)
    assert peak_bytes(pid) - base <= 300 * MIB


def test_five_million_words_are_taken_in(pool, file):
    words = "la empresa revisa cada contrato una vez al año y anota los cambios en el registro "
    paragraph = words * 20 + "\n\n"
    path = file("largo.txt", (paragraph * (5_000_000 // (16 * 20))).encode())
    (reading,) = pool.read("largo.txt", path).readings
    assert len(reading.content.text.split()) == 5_000_000
    assert reading.language == "es"


PARENT = """
import sys
from pathlib import Path
from core.ingestion import IngestionLimits, ParserPool, Problem
from core.ingestion.parser_messages import Message, Request
from core.ingestion.parser_pool import _Exchange

pool = ParserPool(IngestionLimits(), processes=1)
pool.read("a.txt", Path(sys.argv[1]))
print(pool.pids[0], flush=True)
pool.read("a.md", Path(sys.argv[2]))
"""


def test_a_parser_dies_with_its_parent_even_when_it_is_busy(file):
    small, slow = file("a.txt", b"Texto."), file("a.md", SLOW_MARKDOWN.encode() * 4)
    command = [sys.executable, "-c", PARENT, str(small), str(slow)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        wait_until_busy(child)
        parent.kill()
        gone, _ = psutil.wait_procs([child], timeout=5)
    assert gone == [child]


class Forger:
    """A parser that a file has taken over, and that answers for another file."""

    is_alive = True

    def send(self, request: Request) -> None:
        pass

    def receive(self, deadline: float, max_bytes: int, limits: IngestionLimits) -> tuple[Message, int]:
        return Message(kind="problem", problem=Problem("other.txt", "empty_file", "Empty.", "")), 1

    def kill(self) -> None:
        self.is_alive = False


def test_a_parser_cannot_answer_for_another_file():
    forger, exchange = Forger(), _Exchange("a.txt", Path("a.txt"), IngestionLimits())
    exchange.run(forger)
    assert exchange.is_complete
    assert not forger.is_alive
    assert [(problem.name, problem.code) for problem in exchange.outcome.problems] == [
        ("a.txt", "parser_crashed")
    ]


def test_closing_ends_every_process_and_may_be_repeated(file):
    pool = ParserPool(IngestionLimits(), processes=2)
    pool.read("a.txt", file("a.txt", b"Texto."))
    children = [psutil.Process(pid) for pid in pool.pids]
    pool.close()
    pool.close()
    assert children
    assert not any(child.is_running() for child in children)


def test_a_file_that_is_being_read_is_finished_before_the_pool_closes(file):
    path = file("a.md", SLOW_MARKDOWN.encode())
    pool = ParserPool(IngestionLimits(), processes=1)
    pool.read("b.txt", file("b.txt", b"Texto."))
    child = psutil.Process(pool.pids[0])
    with ThreadPoolExecutor(1) as threads:
        outcome = threads.submit(pool.read, "a.md", path)
        wait_until_busy(child)
        pool.close()
        assert outcome.result().readings
    with pytest.raises(RuntimeError):
        pool.read("a.md", path)


def test_a_parser_knows_nothing_of_the_environment(file, monkeypatch):
    monkeypatch.setenv("BLATAM_SECRET", "open sesame")
    with ParserPool(IngestionLimits(), processes=1) as pool:
        pool.read("a.txt", file("a.txt", b"Texto."))
        assert b"BLATAM_SECRET" not in Path(f"/proc/{pool.pids[0]}/environ").read_bytes()


@pytest.mark.parametrize("event", ["socket.connect", "subprocess.Popen", "os.exec", "os.system"])
def test_a_parser_may_neither_connect_nor_start_programs(event):
    with pytest.raises(PermissionError):
        _refuse(event, ())


def test_a_pool_of_no_processes_makes_no_sense():
    with pytest.raises(ValueError, match="0 processes"):
        ParserPool(IngestionLimits(), processes=0)
