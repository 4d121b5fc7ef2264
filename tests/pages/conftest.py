"""Pages without a browser: an application whose jobs run at once, and sessions that click by widget key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import Health, set_running
from core.gateway.door import Gateway
from core.gateway.roles import LOCAL_ADMINISTRATOR, Principal
from core.jobs.supervisor import WorkerState
from core.telemetry.metrics import Metrics
from core.use_cases import IngestFiles, ingest_files
from core.use_cases.inbox import IncomingFile
from core.workbench import Workbench
from tests.conftest import ROOT

SHELL = ROOT / "pages" / "shell.py"
POLICY = (
    "# Travel policy\n\n"
    "Employees book economy class for every flight below six hours and keep all receipts of the journey. "
    "A hotel may cost {amount} dollars a night in large cities. Claims reach accounting within ten working "
    "days after the return, with the receipts attached and the approval of the head of the department. "
    "Meals with customers are paid when their names and the purpose stand on the claim.\n"
)
RUNBOOK = (
    "# Gateway offline\n\n"
    "Check the power supply of the gateway first, then the cable to the switch, and read the status lamp. "
    "When it blinks red, restart the gateway once and wait for four minutes until it registers again. "
    "Call the second line if the alarm does not clear, and note the serial number in the ticket.\n"
)
DOCUMENTS = {
    "finance/Travel policy 2025.md": POLICY.format(amount=150),
    "finance/Travel policy 2026.md": POLICY.format(amount=180),
    "finance/old/Travel policy copy.md": POLICY.format(amount=150),
    "support/Runbook.md": RUNBOOK,
    "support/second line/Runbook (copy).txt": RUNBOOK.removeprefix("# "),
    "people/Política de vacaciones.md": (
        "# Política de vacaciones\n\nCada persona tiene derecho a veinte días de vacaciones al año, que pide "
        "a su jefatura con un mes de anticipación. Los días que no se toman no se pagan en dinero.\n"
    ),
}


@dataclass
class InlineApplication:
    """What pages see of an application, over a workbench whose jobs run when they are submitted."""

    workbench: Workbench
    assumed_principal: Principal | None = LOCAL_ADMINISTRATOR
    state: str = "healthy"
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def gateway(self) -> Gateway:
        return Gateway(self.workbench, self.metrics)

    def health(self) -> Health:
        return Health(
            self.state, self.state, "offline" if self.state == "unhealthy" else "healthy", 0, "healthy"
        )

    def worker(self) -> WorkerState:
        return WorkerState(pid=1, is_ready=True, restarts=0)


@pytest.fixture
def application(workbench: Workbench) -> Iterator[InlineApplication]:
    """The application of this process, with an empty library."""
    inline = InlineApplication(workbench)
    set_running(inline)  # type: ignore[arg-type]
    yield inline
    set_running(None)


def add(workbench: Workbench, documents: dict[str, str | bytes], *, analyse: bool = True) -> None:
    files = [
        IncomingFile(name, text if isinstance(text, bytes) else text.encode())
        for name, text in documents.items()
    ]
    ingest_files(IngestFiles(files=files, analyse=analyse), LOCAL_ADMINISTRATOR, workbench)


@pytest.fixture
def filled(application: InlineApplication) -> InlineApplication:
    """Six documents, analysed: a group of three policies, of which two are equal, and a pair of runbooks."""
    add(application.workbench, DOCUMENTS)
    return application


Open = Callable[..., AppTest]


@pytest.fixture
def open_page() -> Open:
    """`open_page("library", lang="es")` visits a page as an address with these parameters would."""

    def visit(page: str, /, **query: str) -> AppTest:
        session = AppTest.from_file(str(SHELL), default_timeout=30)
        for name, value in query.items():
            session.query_params[name] = value
        session.run()
        if page != "overview":
            session.switch_page(f"{page}.py")
        for name, value in query.items():
            session.query_params[name] = value
        session.run()
        return no_exception(session)

    return visit


def no_exception(session: AppTest) -> AppTest:
    assert [error.value for error in session.exception] == []
    return session


def keys(session: AppTest) -> set[str]:
    """The keys of the buttons that the page offers."""
    return {button.key for button in session.button if button.key}


def click(session: AppTest, key: str) -> AppTest:
    return no_exception(session.button(key=key).click().run())


def texts(session: AppTest) -> str:
    """Everything that the page says in Markdown, captions, titles and messages."""
    parts: list[Any] = [
        *session.title,
        *session.header,
        *session.subheader,
        *session.markdown,
        *session.caption,
        *session.info,
        *session.error,
        *session.success,
        *session.warning,
    ]
    return "\n".join(str(part.value) for part in parts)


def first_table(session: AppTest) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = session.dataframe[0].value.to_dict("records")
    return rows


def metrics(session: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in session.metric}
