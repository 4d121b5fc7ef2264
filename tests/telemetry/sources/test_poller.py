"""A server goes and comes back; who looks sees which, since when, and no figures of another time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from core.errors import Unavailable
from core.telemetry.sources import page
from core.telemetry.sources.page import fetch_page
from core.telemetry.sources.poller import SourcePoller
from core.telemetry.sources.state import Attached, SourceState
from tests.fakes.serving import serving
from tests.telemetry.sources import pages

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Attached("s1", "gpu-1", "http://gpu-1:8000/metrics")


class Server:
    """A vLLM that gives a turn more at each look; the test takes it away and brings it back."""

    def __init__(self) -> None:
        self.turn = 0
        self.is_there = True
        self.text: str | None = None
        self.asked: list[datetime] = []
        self.now = START
        self.sources = [SOURCE]
        self.poller = SourcePoller(lambda: self.sources, fetch=self.fetch, clock=lambda: self.now)

    def fetch(self, _url: str) -> str:
        self.asked.append(self.now)
        if not self.is_there:
            raise Unavailable("It does not answer: ConnectError.")
        self.turn += 1
        return self.text if self.text is not None else pages.vllm(self.turn)

    def run(self, seconds: int) -> SourceState:
        for _ in range(seconds):
            self.poller.look()
            self.now += timedelta(seconds=1)
        return self.poller.state("s1")


@pytest.fixture
def server() -> Server:
    return Server()


def test_it_is_looked_at_every_five_seconds(server: Server) -> None:
    assert server.poller.state("s1").state == "unknown"
    state = server.run(31)
    assert (state.state, state.kind, state.since) == ("healthy", "vllm", START)
    assert [(asked - START).seconds for asked in server.asked] == [0, 5, 10, 15, 20, 25, 30]
    assert [point.at for point in state.points] == server.asked[1:]
    assert {point.requests_per_second for point in state.points} == {2.0}


def test_one_that_goes_is_offline_since_then_and_asked_more_seldom(server: Server) -> None:
    server.run(10)
    server.is_there = False
    gone = server.run(60)
    assert (gone.state, gone.cause) == ("offline", "It does not answer: ConnectError.")
    assert gone.since == START + timedelta(seconds=10)
    assert gone.seen_at == START + timedelta(seconds=5)
    tries = [(asked - START).seconds for asked in server.asked if asked >= gone.since]
    assert tries == [10, 15, 25, 45]


def test_one_that_comes_back_leaves_a_gap_and_counts_from_there(server: Server) -> None:
    server.run(10)
    server.is_there = False
    server.run(10)
    server.is_there, server.turn = True, 0
    back = server.run(30)
    assert back.state == "healthy"
    assert back.since == START + timedelta(seconds=25)
    assert [(point.at - START).seconds for point in back.points] == [5, 30, 35, 40, 45]
    assert all(point.requests_per_second == 2.0 for point in back.points)


def test_a_restart_between_two_looks_makes_no_rate_negative(server: Server) -> None:
    server.run(20)
    server.turn = 0
    state = server.run(10)
    assert all((point.prompt_tokens_per_second or 0) >= 0 for point in state.points)
    assert state.points[-1].requests_per_second == 2.0


def test_another_page_is_unhealthy_not_offline(server: Server) -> None:
    server.text = "<html>A shop</html>"
    state = server.run(3)
    assert state.state == "unhealthy"
    assert "no metrics page" in state.cause


def test_an_hour_is_kept(server: Server) -> None:
    state = server.run(2 * 3600)
    assert len(state.points) == 721
    assert server.now - state.points[0].at <= timedelta(hours=1, seconds=10)


def test_one_that_is_removed_is_forgotten_and_another_address_begins_anew(server: Server) -> None:
    server.run(20)
    server.sources = [Attached("s1", "gpu-1", "http://gpu-2:8000/metrics")]
    assert server.run(1).points == ()
    server.sources = []
    assert server.run(1).state == "unknown"
    assert list(server.poller.parts()) == []


def test_it_is_a_part_of_the_whole(server: Server) -> None:
    server.run(6)
    (part,) = server.poller.parts()
    assert (part.kind, part.name, part.state, part.changed_at) == ("source", "gpu-1", "healthy", START)


Serve = Callable[[Callable[[Request], Response]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answer)` is the address of a real server's page."""
    with ExitStack() as servers:

        def start(answer: Callable[[Request], Response]) -> str:
            app = Starlette(routes=[Route("/metrics", answer)])
            return servers.enter_context(serving(app)) + "/metrics"

        yield start


def test_a_real_page_is_fetched(serve: Serve) -> None:
    hosts = []

    def answer(request: Request) -> Response:
        hosts.append(request.headers["host"])
        return PlainTextResponse(pages.vllm(1))

    url = serve(answer).replace("127.0.0.1", "localhost")
    assert fetch_page(url) == pages.vllm(1)
    assert hosts[0].startswith("localhost:")


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    secret = serve(lambda _: PlainTextResponse("vllm:num_requests_running 3\n"))
    with pytest.raises(Unavailable, match="status 307"):
        fetch_page(serve(lambda _: RedirectResponse(secret)))


def test_a_page_without_end_is_left(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_BYTES", 1 << 20)

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * (1 << 16)

    with pytest.raises(Unavailable, match="larger than 1 MiB"):
        fetch_page(serve(lambda _: StreamingResponse(endless())))


def test_nobody_there_is_unavailable(serve: Serve) -> None:
    from tests.fakes.product import free_port

    with pytest.raises(Unavailable, match="does not answer"):
        fetch_page(f"http://127.0.0.1:{free_port()}/metrics")
