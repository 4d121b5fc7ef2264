"""What fires, and how every part is."""

from __future__ import annotations

import streamlit as st

from core.gateway.roles import Permission
from core.telemetry.health import PartHealth
from core.use_cases import AcknowledgeAlert, ListAlerts, ReadHealth
from core.use_cases.watch_alerts import AlertView
from pages.components.language import _, ago, number, percent, several, span
from pages.components.live import plain
from pages.components.session import ask, may, try_to

COLOURS = {"warning": "orange", "high": "orange", "critical": "red"}


def firing_alerts() -> None:
    """Those that fire, the worst first; nothing while all is well."""
    for alert in ask(ListAlerts(num_ended=0)):
        if alert.state == "firing":
            _alert(alert)


def pending_alerts() -> None:
    """What is beyond its threshold, and not for long enough yet."""
    for alert in ask(ListAlerts(num_ended=0)):
        if alert.state == "pending":
            st.caption(f":material/hourglass_top: {_(alert.summary)} {_value(alert)} · {ago(alert.since)}")


def _alert(alert: AlertView) -> None:
    colour = COLOURS[alert.severity]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":{colour}[:material/warning:] **{_(alert.summary)}** {_value(alert)} · {ago(alert.since)}  \n"
            f"{_(alert.remedy)}",
            width="stretch",
        )
        if alert.acknowledged_by is not None:
            st.caption(_("seen by {user}").format(user=plain(alert.acknowledged_by)), width="content")
        elif alert.id is not None and may(Permission.OPERATE):
            st.button(
                _("Acknowledge"),
                key=f"acknowledge_{alert.id}",
                on_click=try_to,
                args=(AcknowledgeAlert(alert=alert.id),),
            )


def _value(alert: AlertView) -> str:
    if alert.unit == "state":
        return ""
    texts = {
        "seconds": lambda value: f"{number(value, 1)} s",
        "ratio": percent,
        "per_second": lambda value: f"{number(value, 1)}/s",
    }
    write = texts[alert.unit]
    limit = _("at least {limit}") if alert.is_floor else _("at most {limit}")
    return f"({write(alert.value)}, {limit.format(limit=write(alert.threshold))})"


def health_of_parts() -> None:
    """Every part with its state, how long it took to answer, why it is so, and since when."""
    found = ask(ReadHealth())
    for part in found.parts:
        _part(part, found.worker_restarts if part.kind == "worker" else 0)
    if not found.parts:
        st.caption(_("Nothing is known yet."))


def _part(part: PartHealth, num_restarts: int) -> None:
    icons = {
        "healthy": ":green[:material/check_circle:]",
        "warning": ":orange[:material/pending:]",
        "unhealthy": ":red[:material/error:]",
        "offline": ":red[:material/cloud_off:]",
        "unknown": ":gray[:material/help:]",
    }
    states = {
        "healthy": _("healthy"),
        "warning": _("not ready yet"),
        "unhealthy": _("does not work"),
        "offline": _("offline"),
        "unknown": _("not known yet"),
    }
    names = {
        "database": _("Database"),
        "worker": _("Worker"),
        "engine": _("Model"),
        "disk": _("Free disk"),
        "tier_disk": _("Cache on disk"),
        "tier_remote": _("Cache in Redis"),
        "response_cache": _("Kept answers"),
        "source": _("Server"),
    }
    name = " ".join(each for each in (names.get(part.kind, part.kind), plain(part.name)) if each)
    parts = [states[part.state]]
    if part.response_ms is not None:
        parts.append(f"{number(part.response_ms, 1)} ms")
    parts.append(_("for {span}").format(span=span(part.changed_at)))
    if num_restarts:
        parts.append(
            several("{count} restart since the start", "{count} restarts since the start", num_restarts)
        )
    cause = f"  \n:small[{plain(part.cause)}]" if part.cause and part.state != "healthy" else ""
    st.markdown(f"{icons[part.state]} **{name}** · {' · '.join(parts)}{cause}")
