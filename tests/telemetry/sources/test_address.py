"""Servers of one's own network may be asked, a cloud's credentials may not."""

from __future__ import annotations

import socket

import pytest

from core.errors import Invalid, Unavailable
from core.telemetry.sources.address import checked_url, resolved


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://gpu-1:8000", "http://gpu-1:8000/metrics"),
        (" https://gpu-1/ ", "https://gpu-1/metrics"),
        ("http://10.0.0.7:30000/metrics", "http://10.0.0.7:30000/metrics"),
        ("http://[fd12::1]:8000/inner/metrics", "http://[fd12::1]:8000/inner/metrics"),
    ],
)
def test_an_address_is_kept_with_the_path_of_its_page(given: str, kept: str) -> None:
    assert checked_url(given) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gpu-1:8000",
        "file:///etc/passwd",
        "ftp://gpu-1/metrics",
        "http://",
        "http://user:secret@gpu-1/metrics",
        "http://gpu-1/metrics?q=1",
        "http://gpu-1/metrics#top",
        "http://gpu-1:99999/metrics",
        "http://[::1/metrics",
        "http://gpu-1/" + "a" * 500,
    ],
)
def test_what_is_no_such_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        checked_url(url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "fd12:3456::1"]
)
def test_loopback_and_private_networks_are_where_servers_are(host: str) -> None:
    assert resolved(host, 80) == host


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "fe80::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "2852039166",
        "0xa9fea9fe",
    ],
)
def test_what_hands_out_credentials_is_never_asked(host: str) -> None:
    with pytest.raises(Invalid):
        resolved(host, 80)


def test_a_name_with_one_forbidden_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (address, 80)) for address in ("10.0.0.7", "169.254.169.254")]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(Invalid):
        resolved("rebinding.example", 80)


def test_a_name_that_nobody_has_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        resolved("nobody.invalid", 80)
