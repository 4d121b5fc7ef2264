"""Which addresses may be read: servers of one's own network, never what only a machine's cloud should ask."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from core.errors import Invalid, Unavailable

MOST_CHARACTERS = 500
CREDENTIALS = tuple(map(ip_network, ("100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::/32")))
"""Where clouds hand out credentials outside of the link-local range."""
NAT64 = ip_network("64:ff9b::/96")
PAGE = "/metrics"


def checked_url(url: str) -> str:
    """The address of the page, /metrics where none is named. Raises Invalid."""
    parts = _parts(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("This is no web address.", remedy="Write it like http://gpu-1:8000/metrics.")
    if parts.username or parts.password:
        raise Invalid("Addresses with a password are not kept.", remedy="Leave out what is before the @.")
    if parts.query or parts.fragment:
        raise Invalid("A metrics page has no ? or # in its address.", remedy="Leave out what follows.")
    checked = parts._replace(path=parts.path.rstrip("/") or PAGE).geturl()
    if len(checked) > MOST_CHARACTERS:
        raise Invalid(f"An address has at most {MOST_CHARACTERS} characters.")
    return checked


def resolved(host: str, port: int) -> str:
    """An address of the host that may be asked. Raises Unavailable, or Invalid when one of them may not.

    Whoever connects does so to this address: a name that is asked twice can give two answers.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unavailable(f"No machine is called {host}.", remedy="Check the name.") from None
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        if not _may_be_asked(address):
            raise Invalid("This address is not for metrics.", remedy="Give the address of a server of yours.")
    return addresses[0]


def check_host(url: str) -> None:
    """Raises Invalid where the host's address may not be asked, Unavailable where it has none."""
    parts = urlsplit(url)
    resolved(parts.hostname or "", parts.port or 80)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Invalid("This is no web address.", remedy="Write it like http://gpu-1:8000/metrics.") from None
    return parts


def _may_be_asked(text: str) -> bool:
    address = _inner(ip_address(text))
    if address.is_loopback:
        return True
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return False
    return not any(address in network for network in CREDENTIALS)


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside one that wraps it."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
