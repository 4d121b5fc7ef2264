"""A document leaves as files that the browser fetches, and is known again when it comes back."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from pages.components.language import catalogue
from tests.browser.conftest import Visit
from tests.browser.visitor import PHONE
from tests.fakes.product import Product


def fetched(page: Page, name: str, folder: Path) -> Path:
    """The file that a click on a link or button of this name brings."""
    with page.expect_download() as found:
        page.locator("[data-testid=stMain]").get_by_text(name, exact=True).first.click()
    download: Download = found.value
    target = folder / download.suggested_filename
    download.save_as(target)
    return target


@pytest.mark.parametrize(
    "lang", ["en", *(pytest.param(code, marks=pytest.mark.slow) for code in ("es", "pt"))]
)
def test_a_document_leaves_as_a_proven_file_and_is_known_again(
    lang: str, visit: Visit, product: Product, tmp_path: Path
) -> None:
    say = catalogue(lang).gettext
    visitor = visit(product)
    page = visitor.page
    visitor.open(f"/exports?lang={lang}", say("Exports"))
    main = page.locator("[data-testid=stMain]")
    main.get_by_role("button", name=say("Export"), exact=True).click()
    expect(main.get_by_text(say("Proof")).first).to_be_visible(timeout=60_000)
    main.get_by_text(say("Proof")).first.click()
    page.wait_for_url(re.compile("export="))
    visitor.ready()
    expect(main.get_by_role("img").first).to_be_visible(timeout=60_000)
    file = fetched(page, say("Download"), tmp_path)
    manifest = fetched(page, say("Manifest"), tmp_path)
    stated = json.loads(manifest.read_bytes())["file"]
    assert stated["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert stated["name"] == file.name
    visitor.open(f"/exports?view=verify&lang={lang}", say("Exports"))
    uploads = page.locator("input[type=file]")
    uploads.nth(0).set_input_files(file)
    visitor.ready()
    uploads.nth(1).set_input_files(manifest)
    said = say("This is the file that was exported here, byte for byte.")
    expect(main.get_by_text(said)).to_be_visible(timeout=60_000)


def test_a_draft_is_exported_from_its_own_page_on_a_phone(
    visit: Visit, product: Product, tmp_path: Path
) -> None:
    visitor = visit(product, size=PHONE)
    page = visitor.page
    visitor.open("/documents", "Documents")
    box = page.get_by_label("What do you need?")
    box.fill("Runbook for a gateway that is offline")
    box.press("Tab")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("button", name="Write the draft").click()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible(timeout=60_000)
    visitor.ready()
    page.get_by_role("button", name="Export").first.click()
    popover = page.locator("[data-testid=stPopoverBody]")
    popover.get_by_role("button", name="Export", exact=True).click()
    expect(popover.get_by_text("Proof").first).to_be_visible(timeout=60_000)
    with page.expect_download() as found:
        popover.get_by_text("Download", exact=True).first.click()
    assert found.value.path().read_bytes()[:4] in (b"%PDF", b"PK\x03\x04")
    assert visitor.overflow() <= 0
