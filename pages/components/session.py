"""The one door from the screens to core: who is asking, and the gateway that answers."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TypeVar

import streamlit as st

from core.bootstrap import Application, running_application
from core.errors import Forbidden, WorkbenchError
from core.gateway.roles import LOCAL_ADMINISTRATOR, Permission, Principal, Role
from core.use_cases.request import Request
from pages.components.language import _, translated_error

Answer = TypeVar("Answer")

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def application() -> Application:
    """What the launcher put together, once for the process."""
    return running_application()


def principal() -> Principal:
    """Who looks at this page.

    The machine's own user is its administrator; whoever comes over a network may look and nothing more,
    until there are accounts. The name in the Host header must be a loopback name too, or a foreign site
    could borrow the local browser (DNS rebinding).
    """
    assumed = application().assumed_principal
    if assumed is not None:
        return assumed
    if _is_local():
        return LOCAL_ADMINISTRATOR
    return Principal(user="guest", role=Role.VIEWER, workspace=LOCAL_ADMINISTRATOR.workspace)


def ask(request: Request[Answer]) -> Answer:
    """The gateway's answer for whoever looks at this page."""
    return application().gateway.ask(request, principal())


def may(permission: Permission) -> bool:
    """Whether to offer an act at all; the use case refuses it either way."""
    return principal().may(permission)


def try_to(request: Request[Answer], done: str = "") -> Answer | None:
    """Act on a click: say that it was done, or show what went wrong and what to do. None when it failed."""
    try:
        answer = ask(request)
    except WorkbenchError as error:
        show_error(error)
        return None
    if done:
        st.toast(done, icon=":material/check:")
    return answer


def show_error(error: WorkbenchError) -> None:
    message, remedy = translated_error(error.code, error.message, error.remedy)
    kind = _("Not allowed") if isinstance(error, Forbidden) else _("This did not work")
    st.error(f"**{kind}.** {message} {remedy}", icon=":material/error:")


def _is_local() -> bool:
    host = st.context.headers.get("Host", "localhost").rsplit(":", 1)[0]
    address = st.context.ip_address
    return host in LOOPBACK_NAMES and (address is None or ip_address(address).is_loopback)
