"""A visitor: a browser context that remembers what must not happen and waits until a page is drawn."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route, expect

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP, PHONE = (1440, 900), (390, 844)
PROBE = re.compile(r"/_stcore/(health|host-config)$")
"""Streamlit looks for its own address below a deep link first; the two 404 that this gives are harmless."""

expect.set_options(timeout=20_000)


def open_browser(playwright: Playwright, chromium: str) -> Browser:
    return playwright.chromium.launch(
        executable_path=chromium,
        args=[
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--font-render-hinting=none",
        ],
    )


@dataclass(slots=True)
class Visitor:
    """One person with a browser of their own. `faults` is what no page of ours may cause."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str, heading: str | re.Pattern[str] | None = None) -> Page:
        """Go to an address of the product and wait until it is drawn."""
        self.page.goto(self.address + path)
        self.ready(heading)
        return self.page

    def ready(self, heading: str | re.Pattern[str] | None = None) -> None:
        """Wait for the heading and the end of the page's run."""
        if heading is not None:
            self.page.get_by_role("heading", name=heading).first.wait_for()
        self.page.wait_for_function(
            """() => {
              const app = document.querySelector('[data-testid=stApp]');
              return app?.getAttribute('data-test-script-state') === 'notRunning'
                && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]');
            }"""
        )

    def tick_first_row(self) -> None:
        """A table is a picture; its first tick box lies at its left under the header."""
        self.page.locator(".stDataFrameGlideDataEditor").first.click(position={"x": 16, "y": 36 + 18})
        self.ready()

    def charts_drawn(self) -> None:
        """Wait until every chart has its picture."""
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')]
              .every((each) => each.querySelector('.main-svg'))"""
        )

    def unroll(self) -> None:
        """Make the window as tall as the page: axe-core looks at nothing that is scrolled out of sight."""
        size = self.page.viewport_size
        assert size is not None
        tall = self.page.evaluate(
            """() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], section')]
              .map((each) => each.scrollHeight))"""
        )
        self.page.set_viewport_size({"width": size["width"], "height": max(size["height"], int(tall))})
        self.ready()

    def serious_violations(self) -> list[dict[str, Any]]:
        """What axe-core finds serious or critical on the page as it stands."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = self.page.evaluate(
            "async (rules) => (await axe.run(document, {runOnly: rules})).violations", RULES
        )
        return [
            {"id": each["id"], "nodes": [node["html"][:200] for node in each["nodes"][:3]]}
            for each in violations
            if each["impact"] in ("serious", "critical")
        ]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(
            self.page.evaluate(
                """() => Math.max(...[...document.querySelectorAll('html, [data-testid=stMain]')]
                  .map((each) => each.scrollWidth - each.clientWidth))"""
            )
        )


@contextmanager
def visiting(
    browser: Browser,
    address: str,
    *,
    size: tuple[int, int] = DESKTOP,
    theme: str = "light",
    locale: str = "en-US",
) -> Iterator[Visitor]:
    """A visitor who may reach the product and nothing else."""
    is_phone = size[0] < 640
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale=locale,
        is_mobile=is_phone,
        has_touch=is_phone,
        reduced_motion="reduce",
        accept_downloads=True,
    )
    context.set_default_timeout(15_000)
    visitor = Visitor(context, context.new_page(), address)
    _watch(visitor)
    try:
        yield visitor
    finally:
        context.close()


def _watch(visitor: Visitor) -> None:
    faults = visitor.faults

    def only_the_product(route: Route) -> None:
        url = route.request.url
        if url.startswith((visitor.address, "data:", "blob:")):
            route.continue_()
        else:
            faults.append(f"external request: {url}")
            route.abort()

    visitor.context.route("**/*", only_the_product)
    page = visitor.page

    def on_console(message: Any) -> None:
        if message.type == "error" and not PROBE.search(message.location.get("url", "")):
            faults.append(f"console error: {message.text} {json.dumps(message.location)}")

    def on_dialog(dialog: Any) -> None:
        faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("dialog", on_dialog)
