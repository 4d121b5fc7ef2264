"""Administrators attach other engines, by addresses that may be asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.gateway.roles import Principal, Role
from core.telemetry.monitoring import Monitoring
from core.telemetry.sources.state import SourceState
from core.use_cases.attach_sources import (
    MOST_SOURCES,
    AttachSource,
    ListSources,
    RemoveSource,
    attach_source,
    list_sources,
    remove_source,
)
from core.workbench import Workbench
from tests.conftest import as_role

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def admin() -> Principal:
    return as_role(Role.ADMIN)


def test_a_server_is_attached_seen_and_removed(workbench: Workbench, admin: Principal) -> None:
    added = attach_source(AttachSource(name=" gpu  one ", url="http://127.0.0.1:9"), admin, workbench)
    assert (added.name, added.url, added.state) == ("gpu one", "http://127.0.0.1:9/metrics", "unknown")
    seen = SourceState(id=added.id, kind="vllm", state="offline", cause="Gone.", since=NOW)
    watched = replace(workbench, monitoring=Monitoring(source=lambda _id: seen))
    (view,) = list_sources(ListSources(), admin, watched)
    assert (view.id, view.kind, view.state, view.cause, view.since) == (
        added.id,
        "vllm",
        "offline",
        "Gone.",
        NOW,
    )
    remove_source(RemoveSource(source=added.id), admin, workbench)
    assert list_sources(ListSources(), admin, workbench) == ()
    with pytest.raises(NotFound):
        remove_source(RemoveSource(source=added.id), admin, workbench)


def test_a_name_stands_for_one_server(workbench: Workbench, admin: Principal) -> None:
    attach_source(AttachSource(name="gpu", url="http://127.0.0.1:9"), admin, workbench)
    with pytest.raises(Conflict):
        attach_source(AttachSource(name="gpu", url="http://127.0.0.1:10"), admin, workbench)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("", "http://127.0.0.1:9"),
        ("a" * 101, "http://127.0.0.1:9"),
        ("a\x00b", "http://127.0.0.1:9"),
        ("gpu", "file:///etc/passwd"),
        ("gpu", "http://169.254.169.254/latest/meta-data"),
    ],
)
def test_what_makes_no_sense_is_refused(workbench: Workbench, admin: Principal, name: str, url: str) -> None:
    with pytest.raises(Invalid):
        attach_source(AttachSource(name=name, url=url), admin, workbench)
    assert list_sources(ListSources(), admin, workbench) == ()


def test_a_machine_that_is_not_there_yet_may_be_attached(workbench: Workbench, admin: Principal) -> None:
    assert attach_source(AttachSource(name="gpu", url="http://later.invalid"), admin, workbench).id


def test_there_is_a_limit(workbench: Workbench, admin: Principal) -> None:
    for number in range(MOST_SOURCES):
        attach_source(AttachSource(name=f"gpu {number}", url="http://127.0.0.1:9"), admin, workbench)
    with pytest.raises(Invalid, match="At most"):
        attach_source(AttachSource(name="one more", url="http://127.0.0.1:9"), admin, workbench)


def test_another_workspace_sees_none_of_them_and_an_analyst_may_not_look(
    workbench: Workbench, admin: Principal, analyst: Principal
) -> None:
    added = attach_source(AttachSource(name="gpu", url="http://127.0.0.1:9"), admin, workbench)
    stranger = as_role(Role.ADMIN, "other")
    assert list_sources(ListSources(), stranger, workbench) == ()
    with pytest.raises(NotFound):
        remove_source(RemoveSource(source=added.id), stranger, workbench)
    with pytest.raises(Forbidden):
        list_sources(ListSources(), analyst, workbench)
