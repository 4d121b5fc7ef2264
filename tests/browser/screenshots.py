"""Takes the pictures of the README: `python -m tests.browser.screenshots docs/images`."""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.tuning_steps import make_traffic, replay
from tests.browser.visitor import DESKTOP, PHONE, Visitor, open_browser, visiting
from tests.fakes.product import running_product

LARGEST_BYTES = 250_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no Chromium on this machine: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as state,
        running_product(Path(state)) as product,
        sync_playwright() as playwright,
    ):
        browser = open_browser(playwright, chromium)
        take_all(browser, product.address, folder)
        with running_product(Path(state) / "model", samples=False, settings={"engine": "local"}) as served:
            take_cache(browser, served.address, folder)
        browser.close()


def take_all(browser: Browser, address: str, folder: Path) -> None:
    with visiting(browser, address, size=DESKTOP) as visitor:
        visitor.open("/", "Overview")
        take(visitor, folder / "overview.png")
        visitor.open("/library", "Library")
        take(visitor, folder / "library.png")
        visitor.open("/redundancy", "Redundancy")
        take(visitor, folder / "redundancy.png")
        visitor.open("/redundancy?view=conflicts&q=travel", "Redundancy")
        take(visitor, folder / "conflicts.png", show="[data-testid=stMain] button:has-text('Settle')")
        visitor.page.get_by_role("button", name="Side by side").first.click()
        visitor.page.wait_for_url(re.compile("mark=conflicts"))
        take(visitor, folder / "compare.png", show=".sides")
        visitor.open("/quality", "Quality")
        take(visitor, folder / "quality.png")
        open_group(visitor)
        take(visitor, folder / "group.png", show=".sides")
        plan_document(visitor)
        take(visitor, folder / "plan.png", show="[data-testid=stMain] button:has-text('Write the draft')")
        write_document(visitor)
        take(visitor, folder / "documents.png")
    with visiting(browser, address, size=DESKTOP, theme="dark") as visitor:
        visitor.open("/library", "Library")
        take(visitor, folder / "library_dark.png")
    with visiting(browser, address, size=PHONE) as visitor:
        visitor.open("/redundancy", "Redundancy")
        take(visitor, folder / "phone.png")


def take_cache(browser: Browser, address: str, folder: Path) -> None:
    """After traffic on a small cache, and with a proposal beside it."""
    with visiting(browser, address, size=DESKTOP) as visitor:
        make_traffic(visitor, small=False)
        make_traffic(visitor, small=True)
        visitor.open("/cache?window=300", "Cache")
        visitor.page.locator(".board[data-as-of]").wait_for()
        take(visitor, folder / "cache.png")
        replay(visitor)
        take(visitor, folder / "tuning.png")


def open_group(visitor: Visitor) -> None:
    """The group of a leave policy: its copy, and the older version that states other facts."""
    visitor.open("/redundancy?q=vacaciones", "Redundancy")
    visitor.tick_first_row()
    visitor.page.get_by_role("button", name="Open the group").click()
    visitor.page.wait_for_url(re.compile("group="))
    group = re.search(r"group=\w+", visitor.page.url)
    assert group is not None
    visitor.open(f"/redundancy?{group[0]}", re.compile("other"))


def plan_document(visitor: Visitor) -> None:
    visitor.open("/documents", "Documents")
    box = visitor.page.get_by_label("What do you need?")
    box.fill("Sales proposal for temperature monitoring of refrigerated trailers")
    box.press("Tab")
    visitor.page.get_by_role("button", name="Plan it").click()
    visitor.page.get_by_text("Why this plan").wait_for()
    visitor.ready()


def write_document(visitor: Visitor) -> None:
    """With the place of one sentence in its source opened."""
    visitor.page.get_by_role("button", name="Write the draft").click()
    visitor.page.get_by_role("button", name="Approve", exact=True).wait_for()
    visitor.ready()
    visitor.page.locator(".cite").nth(1).click()
    visitor.page.locator(".card").wait_for()


def take(visitor: Visitor, target: Path, show: str = "") -> None:
    """The window as a palette picture, small enough for a README; `show` is brought to its bottom edge."""
    visitor.charts_drawn()
    if show:
        part = visitor.page.locator(show).first
        part.wait_for()
        part.evaluate("(each) => each.scrollIntoView({block: 'end'})")
    picture = Image.open(io.BytesIO(visitor.page.screenshot(animations="disabled"))).convert("RGB")
    out = io.BytesIO()
    picture.quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    assert len(out.getvalue()) < LARGEST_BYTES, f"{target.name} has {len(out.getvalue())} bytes"
    target.write_bytes(out.getvalue())


if __name__ == "__main__":
    main()
