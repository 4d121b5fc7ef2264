"""A page's session without a browser: the messages that Streamlit's own client sends and waits for."""

from __future__ import annotations

import time
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

LONGEST_RUN = 60.0


class PageSession:
    """One visitor on one page, by its address below the root ("" is the first page)."""

    def __init__(self, address: str, page: str) -> None:
        self._page = page
        self._socket: ClientConnection = connect(
            address.replace("http://", "ws://") + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
        )

    def __enter__(self) -> PageSession:
        self.run()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def run(self) -> float:
        """Ask for the page once; seconds until its run has ended. Raises RuntimeError for a broken page."""
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.page_name = self._page
        started = time.perf_counter()
        self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self._socket.recv(timeout=LONGEST_RUN))  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
                raise RuntimeError(answer.delta.new_element.exception.message)
            if kind == "script_finished" and answer.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            ):
                return time.perf_counter() - started
