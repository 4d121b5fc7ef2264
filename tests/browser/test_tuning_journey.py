"""The story of a badly sized cache: seen, understood, predicted, mended, and measured again."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.tuning_steps import (
    cause,
    make_traffic,
    percentage,
    predicted_hit_rates,
    replay,
    tile,
)
from tests.fakes.product import Product


def test_a_stranger_mends_a_badly_sized_cache_in_under_five_minutes(
    model_product: Product, visit: Visit
) -> None:
    started = time.monotonic()
    visitor = visit(model_product)
    page = visitor.page
    make_traffic(visitor, small=True)
    expect(page.locator(".tile")).to_have_count(8)
    assert percentage(tile(page, "Hit rate")) > 0
    assert cause(page, "Evicted") > 0
    expect(page.locator(".marks")).to_contain_text("Tuned: lru")
    expect(page.locator(".marks")).to_contain_text("Full: Device")

    replay(visitor)
    measured = page.get_by_text("Since the last change")
    expect(measured).to_contain_text("50 requests")
    before = percentage(measured.inner_text())
    now, proposal = predicted_hit_rates(page)
    assert proposal > now + 5
    assert abs(now - before) < 12, "the prediction for what runs is near what was measured"
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("The engine runs with it now.")).to_be_visible()
    expect(page.get_by_text("This is what runs already.")).to_be_visible()

    make_traffic(visitor, small=False)
    page = visitor.open("/tuning", "Tuning")
    expect(measured).to_contain_text("50 requests")
    after = percentage(measured.inner_text())
    assert after > before + 5
    expect(page.get_by_text("After: 50 requests").first).to_be_visible()
    assert time.monotonic() - started < 300

    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("The engine runs as before.")).to_be_visible()
    expect(page.get_by_text("Policy lru · device 16 MiB")).to_be_visible()


def test_a_trial_shows_both_sides_and_names_no_winner_by_chance(model_product: Product, visit: Visit) -> None:
    visitor = visit(model_product)
    page = visitor.open("/tuning?way=hand", "Tuning")
    policy = page.get_by_role("combobox", name="Policy")
    policy.click()
    page.get_by_role("option", name="fifo").click()
    visitor.ready()
    page.get_by_role("button", name="Try on half of the requests").click()
    expect(page.get_by_text("on 50% of the families")).to_be_visible()
    make_traffic(visitor, small=False)
    page = visitor.open("/tuning", "Tuning")
    table = page.get_by_role("table").filter(has_text="The proposal")
    expect(table).to_contain_text("What runs")
    page.get_by_role("button", name="End the trial").click()
    expect(page.get_by_text("on 50% of the families")).to_have_count(0)
    expect(page.get_by_text("Tried").first).to_be_visible()


def test_the_playground_shows_what_the_second_time_spares(model_product: Product, visit: Visit) -> None:
    visitor = visit(model_product)
    page = visitor.open("/cache", "Cache")
    ask = page.get_by_role("button", name="Ask", exact=True)
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("A sentence of this test that nobody has sent before. " * 12)
    prompt.press("Control+Enter")
    visitor.ready()
    ask.click()
    runs = page.get_by_role("table").filter(has_text="Served from")
    expect(runs.get_by_role("row")).to_have_count(2)
    expect(runs).to_contain_text("Computed")
    ask.click()
    expect(runs.get_by_role("row")).to_have_count(3)
    expect(page.locator(".tokens .device").first).to_be_visible()


def test_a_part_of_the_window_is_chosen_with_the_pointer_and_the_keyboard(
    model_product: Product, visit: Visit
) -> None:
    visitor = visit(model_product)
    page = visitor.open("/cache?window=300&rate=off", "Cache")
    canvas = page.locator(".chart canvas").first
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 60, steps=5)
    page.mouse.up()
    expect(page.locator(".note")).to_contain_text("The chosen")
    clear = page.get_by_role("button", name="Show the whole window")
    expect(clear).to_be_visible()
    canvas.focus()
    page.keyboard.press("Escape")
    expect(page.locator(".note")).to_contain_text("Last 5 min")
    page.keyboard.press("ArrowLeft")
    for _ in range(5):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".note")).to_contain_text("The chosen")
