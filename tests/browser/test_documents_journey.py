"""From a brief to an approved draft in the browser, in three languages and with the model that ships."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import TimeoutError, expect

from pages.components.language import catalogue
from tests.browser.conftest import Visit
from tests.browser.visitor import PHONE, Visitor
from tests.fakes.product import Product
from tests.fakes.waiting import wait_until

BRIEFS = {
    "en": "Runbook for a gateway that is offline",
    "es": "Propuesta comercial de monitoreo de temperatura para una cadena de farmacias",
    "pt": "Proposta comercial de monitoramento de temperatura para uma rede de armazéns",
}


class Reader:
    """What a person who reads this language sees and presses."""

    def __init__(self, visitor: Visitor, lang: str) -> None:
        self.visitor, self.page, self.lang = visitor, visitor.page, lang
        self.say = catalogue(lang).gettext

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=self.say(words), exact=True).first.click()
        self.visitor.ready()

    def plan(self, brief: str) -> None:
        self.visitor.open(f"/documents?lang={self.lang}", self.say("Documents"))
        box = self.page.get_by_label(self.say("What do you need?"))
        box.fill(brief)
        box.press("Tab")
        self.press("Plan it")
        expect(self.page.get_by_role("button", name=self.say("Write the draft"))).to_be_visible()
        self.visitor.ready()

    def write(self) -> None:
        self.press("Write the draft")
        expect(self.page.get_by_role("button", name=self.say("Approve"), exact=True)).to_be_visible(
            timeout=60_000
        )
        self.visitor.ready()

    def choose(self, label: str, option: str) -> None:
        """The list closes when a job of the page ends while it is open; it is opened again then."""
        wanted = self.page.get_by_role("option", name=option)
        for _turn in range(4):
            self.page.get_by_label(label).click()
            try:
                wanted.click(timeout=5_000)
                break
            except TimeoutError:
                self.visitor.ready()
        self.visitor.ready()

    def settle(self) -> None:
        """Say for each contradiction of the sources what the draft says."""
        open_ones = self.page.locator("[class*=st-key-settle_][class*=_kept] button:enabled")
        for left in reversed(range(open_ones.count())):
            open_ones.first.click()
            expect(open_ones).to_have_count(left)


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_a_brief_becomes_an_approved_draft(lang: str, product: Product, visit: Visit) -> None:
    reader = Reader(visit(product), lang)
    page, say = reader.page, reader.say
    reader.plan(BRIEFS[lang])
    reader.write()

    page.locator(".cite").first.click()
    expect(page.locator(".card mark").first).not_to_be_empty()
    said = page.locator(".said.lit .text").first.inner_text()
    shown = page.locator(".card mark").first.inner_text()
    assert " ".join(said.split()) == " ".join(shown.split())

    reader.press("Edit")
    box = page.get_by_label(say("Text as Markdown"))
    box.fill(box.input_value() + "\n\nABC 123 xyz.")
    expect(page.get_by_test_id("stMarkdown").filter(has_text="ABC 123 xyz.").first).to_be_visible()
    reader.press("Save as a new version")
    expect(page.locator(".said.own")).to_have_count(1)

    reader.settle()
    page.get_by_text(say("Check"), exact=True).first.click()
    reader.visitor.ready()
    expect(page.get_by_text(say("Figures that no source has"))).to_be_visible()

    page.get_by_role("button", name=say("Approve"), exact=True).click()
    page.get_by_text(say("Put it into the library as a document")).wait_for()
    page.get_by_role("button", name=say("Approve this version")).click()
    expect(page.get_by_role("button", name=say("Reopen"))).to_be_visible()

    page.get_by_role("button", name=say("Remove"), exact=True).click()
    page.locator(".st-key-remove_draft button").click()
    expect(page.get_by_role("button", name=say("Plan it"))).to_be_visible()


def test_two_people_edit_one_draft_and_nothing_is_lost(product: Product, visit: Visit) -> None:
    one = Reader(visit(product), "en")
    one.plan(BRIEFS["en"])
    one.write()
    other = Reader(visit(product), "en")
    other.visitor.open(re.sub(r"^https?://[^/]+", "", one.page.url))
    expect(other.page.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    for reader in (one, other):
        reader.press("Edit")
    for reader, words in ((one, "Mine comes first."), (other, "Mine comes second.")):
        box = reader.page.get_by_label("Text as Markdown")
        box.fill(f"{box.input_value()}\n\n{words}")
        expect(reader.page.get_by_test_id("stMarkdown").filter(has_text=words).first).to_be_visible()
        reader.press("Save as a new version")
    expect(one.page.locator(".said.own")).to_have_text(re.compile("Mine comes first"))
    expect(other.page.get_by_text("Somebody else changed this section").first).to_be_visible()
    assert "Mine comes second." in other.page.get_by_label("Text as Markdown").input_value()


def test_a_closed_browser_stops_no_draft(product: Product, visit: Visit) -> None:
    leaving = Reader(visit(product), "en")
    leaving.plan(BRIEFS["en"] + ", once more")
    leaving.page.get_by_role("button", name="Write the draft").click()
    leaving.page.wait_for_url(re.compile("draft="))
    address = re.sub(r"^https?://[^/]+", "", leaving.page.url)
    leaving.page.close()
    back = visit(product, size=PHONE)
    back.open(address)
    expect(back.page.get_by_role("button", name="Approve", exact=True)).to_be_visible(timeout=60_000)


def test_own_files_become_a_draft_that_the_model_writes(model_product: Product, visit: Visit) -> None:
    wait_until(lambda: model_product.get("/api/ready")[0] == 200, 90)  # the model is loaded
    reader = Reader(visit(model_product), "en")
    page = reader.page
    reader.visitor.open("/documents", "Documents")
    page.get_by_text("Sources", exact=True).first.click()
    page.locator("input[type=file]").first.set_input_files(
        [{"name": "Gateway.md", "mimeType": "text/markdown", "buffer": GATEWAY.encode()}]
    )
    page.get_by_role("button", name="Add 1 file").click()
    expect(page.get_by_text("Sources · 1 document")).to_be_visible()
    box = page.get_by_label("What do you need?")
    box.fill("Runbook for a gateway that is offline")
    box.press("Tab")
    reader.press("Plan it")
    expect(page.get_by_role("button", name="Write the draft")).to_be_visible()
    reader.visitor.ready()
    reader.choose("Written by", "The language model")
    page.get_by_role("button", name="Write the draft").click()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible(timeout=180_000)
    reader.visitor.ready()
    expect(page.get_by_text("prompt tokens came from the cache")).to_be_visible()
    expect(page.locator(".cite").first).to_be_visible()
    page.get_by_role("button", name="Approve", exact=True).click()
    page.get_by_role("button", name="Approve this version").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()


GATEWAY = """# Gateway offline

## The service

The gateway is owned by the support team, second line. It must be back within thirty minutes.

## Alarms

The alarm GW-1 means that the gateway has not reported for ten minutes.

## Recovery

1. Check the power supply of the gateway first, then the cable to the switch.
2. When the lamp blinks red, restart the gateway once and wait for four minutes until it registers again.
3. Call the second line if the alarm does not clear, and note the serial number in the ticket.

## Routine operations

Every Monday the second line looks at the list of gateways and restarts those that report late.
"""
