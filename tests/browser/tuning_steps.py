"""What a newcomer does with the cache: make traffic, ask what if, follow the proposal."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor

PATIENCE_MS = 120_000


def make_traffic(visitor: Visitor, *, small: bool) -> None:
    """Fifty requests of the sample, on a small LRU cache if wanted, and wait for their end."""
    page = visitor.open("/cache?window=300", "Cache")
    expect(page.get_by_text("warming up")).to_have_count(0, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Generate traffic").click()
    dialog = page.get_by_role("dialog")
    slider = dialog.get_by_role("slider")
    slider.press("Home")
    expect(slider).to_have_value("50")
    dialog.get_by_role("radio", name="8", exact=True).click()
    if small:
        dialog.get_by_text("Begin with a small LRU cache").click()
    dialog.get_by_role("button", name="Start", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Generated traffic ·")).to_be_visible()
    expect(page.get_by_text("Generated traffic ·")).to_have_count(0, timeout=PATIENCE_MS)
    visitor.ready()


def tile(page: Page, label: str) -> str:
    """The figure of a tile and the line below it."""
    box = page.locator(".tile").filter(has=page.get_by_text(label, exact=True))
    return f"{box.locator('strong').inner_text()} {box.locator('small').inner_text()}"


def cause(page: Page, name: str) -> int:
    """Tokens that were computed for this cause, as the table says."""
    table = page.locator(".tables section").filter(has_text="Why tokens were computed")
    row = table.locator("tr").filter(has_text=name)
    if not row.count():
        return 0
    return int(row.locator("td").first.inner_text().replace(",", ""))


def percentage(text: str) -> int:
    found = re.search(r"(\d+)%", text)
    assert found is not None, text
    return int(found[1])


def replay(visitor: Visitor) -> None:
    """Replay what was recorded, and look at the page once the job has ended: until then it redraws itself."""
    page = visitor.open("/tuning", "Tuning")
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page.get_by_text("In brackets what holds")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=PATIENCE_MS)
    visitor.open("/tuning", "Tuning")
    expect(page.get_by_text("In brackets what holds")).to_be_visible()


def predicted_hit_rates(page: Page) -> tuple[float, float]:
    """What runs, and what is proposed, in percent."""
    table = page.get_by_role("table").filter(has_text="Predicted")
    row = table.get_by_role("row").filter(has_text="Hit rate")
    expect(row).to_be_visible()
    cells = row.get_by_role("cell").all_inner_texts()
    now, proposal = (float(re.match(r"[\d.]+", text)[0]) for text in cells[-2:])  # type: ignore[index]
    return now, proposal
