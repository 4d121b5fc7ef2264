"""Fetches a metrics page: no redirect is followed, and neither size nor time is the server's to choose."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.errors import Unavailable
from core.telemetry.sources.address import resolved

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS, SILENCE_SECONDS, TOTAL_SECONDS = 2.0, 2.0, 4.0
MOST_BYTES = 8 << 20
OK = 200
REMEDY = "Check that the server runs and that this machine reaches it."


def fetch_page(url: str) -> str:
    """The text of the page. Raises Unavailable, or Invalid for an address that may not be asked."""
    import httpx

    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolved(host, port)
    literal = f"[{address}]" if ":" in address else address
    timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    try:
        with (
            httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "GET",
                parts._replace(netloc=f"{literal}:{port}").geturl(),
                headers={"Host": parts.netloc, "Accept": "text/plain", "Accept-Encoding": "identity"},
                extensions={"sni_hostname": host},
            ) as answer,
        ):
            return _text(answer)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"It does not answer: {type(error).__name__}.", remedy=REMEDY) from error


def _text(answer: httpx.Response) -> str:
    if answer.status_code != OK:
        raise Unavailable(f"It answers with status {answer.status_code}.", remedy=REMEDY)
    deadline = time.monotonic() + TOTAL_SECONDS
    body = bytearray()
    for piece in answer.iter_raw(1 << 16):
        body += piece
        if len(body) > MOST_BYTES:
            raise Unavailable(f"Its page is larger than {MOST_BYTES >> 20} MiB.", remedy="Check the address.")
        if time.monotonic() > deadline:
            raise Unavailable(f"Its page takes longer than {TOTAL_SECONDS:g} s.", remedy=REMEDY)
    return body.decode("utf-8", "replace")
