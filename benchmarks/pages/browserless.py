"""A page's session without a browser: the messages that Streamlit's own client sends and waits for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

LONGEST_RUN = 60.0
ENDS = (
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
)


@dataclass(frozen=True, slots=True)
class Update:
    """One run of a live part of a page: how long it took, and what came over the websocket."""

    seconds: float
    num_bytes: int
    largest_bytes: int


class PageSession:
    """One visitor on one page, by its address below the root ("" is the first page)."""

    def __init__(self, address: str, page: str) -> None:
        self._page = page
        self._socket: ClientConnection = connect(
            address.replace("http://", "ws://") + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
        )
        self._live: dict[float, str] = {}

    def __enter__(self) -> PageSession:
        self.run()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def run(self) -> float:
        """Ask for the page once; seconds until its run has ended. Raises RuntimeError for a broken page."""
        return self._ask(BackMsg()).seconds

    def update(self, interval: float) -> Update:
        """Run the live part that asks to be run every so many seconds, as a browser does by its clock."""
        message = BackMsg()
        message.rerun_script.fragment_id = self._live[interval]
        message.rerun_script.is_auto_rerun = True
        return self._ask(message)

    def _ask(self, message: BackMsg) -> Update:
        message.rerun_script.query_string = ""
        message.rerun_script.page_name = self._page
        started = time.perf_counter()
        self._socket.send(message.SerializeToString())
        num_bytes = largest = 0
        while True:
            received = self._socket.recv(timeout=LONGEST_RUN)
            num_bytes, largest = num_bytes + len(received), max(largest, len(received))
            answer = ForwardMsg()
            answer.ParseFromString(received)  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
                raise RuntimeError(answer.delta.new_element.exception.message)
            if kind == "auto_rerun":
                self._live[answer.auto_rerun.interval] = answer.auto_rerun.fragment_id
            if kind == "script_finished" and answer.script_finished in ENDS:
                return Update(time.perf_counter() - started, num_bytes, largest)
