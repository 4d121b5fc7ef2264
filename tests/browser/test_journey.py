"""Whole stories in the browser, as a person lives them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.product import Product


def test_a_newcomer_finds_the_samples_analysed(product: Product, visit: Visit) -> None:
    visitor = visit(product)
    page = visitor.open("/", "Overview")
    expect(page.get_by_text("groups of similar documents wait for a decision")).to_be_visible()
    page.get_by_role("link", name="Review them").click()
    visitor.ready("Redundancy")
    expect(page.get_by_text("every pair, in")).to_be_visible()
