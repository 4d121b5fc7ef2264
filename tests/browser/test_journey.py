"""Whole stories in the browser, as a person lives them."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.files import hostile_file, note, own_folder
from tests.fakes.product import Product


def test_a_newcomer_finds_the_samples_analysed(product: Product, visit: Visit) -> None:
    visitor = visit(product)
    page = visitor.open("/", "Overview")
    expect(page.get_by_text("groups of similar documents wait for a decision")).to_be_visible()
    page.get_by_role("link", name="Review them").click()
    visitor.ready("Redundancy")
    expect(page.get_by_text("every pair, in")).to_be_visible()
    assert "state=open" in page.url
    expect(page.get_by_role("radio", name="Open")).to_be_checked()


def test_own_files_are_read_compared_decided_and_downloaded(
    empty_product: Product, visit: Visit, tmp_path: Path
) -> None:
    visitor = visit(empty_product)
    page = visitor.open("/library", "Library")
    page.get_by_text("A folder", exact=True).click()
    visitor.ready()
    page.locator("input[type=file][webkitdirectory]").set_input_files(own_folder(tmp_path / "mine"))
    page.get_by_role("button", name="Add 4 files").click()
    expect(page.get_by_text("3 documents")).to_be_visible()
    expect(page.get_by_text("1 file with a remark")).to_be_visible()
    expect(page.get_by_text("empty.md")).to_be_visible()

    page.get_by_role("link", name="Redundancy").click()
    visitor.ready("Redundancy")
    visitor.tick_first_row()
    page.get_by_role("button", name="Open the group").click()
    visitor.ready("Travel policy and 1 other")
    expect(page.locator(".side")).to_have_count(2)
    expect(page.locator(".side").first.locator(".passage")).not_to_have_count(0)

    page.get_by_role("button", name="Drop it").click()
    expect(page.get_by_text("Dropped · local")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Dropped · local")).to_have_count(0)
    page.get_by_role("button", name="Merge it").click()
    expect(page.get_by_text("To be merged · local")).to_be_visible()

    page.get_by_role("button", name="Back to all groups").click()
    visitor.ready()
    check_downloads(page)


def check_downloads(page: Page) -> None:
    rows = list(csv.DictReader(io.StringIO(download(page, "CSV").decode("utf-8-sig"))))
    assert {row["decision"] for row in rows} == {"", "merge"}
    assert sorted(row["name"] for row in rows) == ["mine/Travel policy.md", "mine/old/=Policy copy.docx"]
    found = json.loads(download(page, "JSON"))
    assert [row["role"] for row in found].count("canonical") == 1
    sheet = load_workbook(io.BytesIO(download(page, "XLSX"))).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.max_row == 3


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_test_id("stDownloadButton").get_by_text(name).click()
    return Path(started.value.path()).read_bytes()


def test_the_first_address_of_a_fresh_process_goes_through_the_shell(
    empty_product: Product, visit: Visit
) -> None:
    page = visit(empty_product).open("/redundancy?group=0123&threshold=0.6", "Redundancy")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    expect(page.get_by_text("Nothing has been compared yet.")).to_be_visible()


def test_a_link_restores_group_threshold_and_document(product: Product, visit: Visit) -> None:
    visitor = visit(product)
    page = visitor.open("/redundancy", "Redundancy")
    visitor.tick_first_row()
    page.get_by_role("button", name="Open the group").click()
    visitor.ready(re.compile("others?$"))
    group = re.search(r"group=(\w+)", page.url)
    assert group is not None

    other = visit(product)
    page = other.open(f"/redundancy?group={group[1]}&threshold=0.6", re.compile("others?$"))
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_value("0.6")
    expect(page.locator(".side")).to_have_count(2)

    page = other.open(f"/library?doc={group[1]}")
    expect(page.get_by_role("button", name="Back to the library")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()


def test_a_link_to_a_filter_means_the_same_in_another_language(product: Product, visit: Visit) -> None:
    page = visit(product).open("/library?format=docx&lang=es", "Biblioteca")
    expect(page.get_by_text("28 documentos")).to_be_visible()
    page.get_by_role("button", name=re.compile("^PDF")).click()
    expect(page.get_by_text("34 documentos")).to_be_visible()
    assert "format=docx" in page.url
    assert "format=pdf" in page.url


def test_nothing_in_names_titles_or_texts_runs(empty_product: Product, visit: Visit) -> None:
    visitor = visit(empty_product)
    page = visitor.open("/library", "Library")
    page.locator("input[type=file]").set_input_files(
        [hostile_file(), {**hostile_file(), "name": "<b>copy.md"}]
    )
    page.get_by_role("button", name="Add 2 files").click()
    expect(page.get_by_text("2 documents")).to_be_visible()
    visitor.tick_first_row()
    page.get_by_role("button", name="Read").click()
    visitor.ready(re.compile("Title"))
    expect(page.get_by_text("Text after.")).to_be_visible()
    assert injected(page) == 0
    visitor.open("/redundancy", "Redundancy")
    visitor.tick_first_row()
    page.get_by_role("button", name="Open the group").click()
    expect(page.locator(".side")).to_have_count(2)
    expect(page.locator(".side").first).to_contain_text("Text after.")
    assert injected(page) == 0
    assert page.title() != "taken over"


def injected(page: Page) -> int:
    """Elements that only the hostile file could have brought."""
    return page.locator(
        "[onerror], a[href^='javascript'], .stApp img[src='x'], .stApp script, [data-testid=stMain] b b"
    ).count()


def test_two_people_add_files_at_once(empty_product: Product, visit: Visit) -> None:
    people = [visit(empty_product), visit(empty_product)]
    for number, person in enumerate(people):
        person.open("/library", "Library")
        person.page.locator("input[type=file]").set_input_files([note(number)])
    for person in people:
        person.page.get_by_role("button", name="Add 1 file").click(no_wait_after=True)
    for person in people:
        expect(person.page.get_by_test_id("stProgress")).to_have_count(0)
        person.open("/library", "Library")
        expect(person.page.get_by_text("2 documents")).to_be_visible()


def test_a_browser_that_closes_in_the_middle_of_an_upload_leaves_nothing(
    empty_product: Product, visit: Visit
) -> None:
    leaving = visit(empty_product)
    page = leaving.open("/library", "Library")
    page.route("**/_stcore/upload_file/**", lambda route: None)  # the bytes never arrive
    page.locator("input[type=file]").set_input_files([note(1)])
    expect(page.get_by_text("Note 1.md")).to_be_visible()
    leaving.context.close()

    staying = visit(empty_product)
    page = staying.open("/library", "Library")
    expect(page.get_by_text("The library is empty.")).to_be_visible()
    page.locator("input[type=file]").set_input_files([note(2)])
    page.get_by_role("button", name="Add 1 file").click()
    expect(page.get_by_text("1 document ·")).to_be_visible()


def test_the_theme_follows_the_system(product: Product, visit: Visit) -> None:
    colours = {
        theme: visit(product, theme=theme)
        .open("/", "Overview")
        .evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
        for theme in ("light", "dark")
    }
    assert colours == {"light": "rgb(255, 255, 255)", "dark": "rgb(14, 20, 32)"}


def test_the_keyboard_reaches_a_passage_and_jumps_to_its_twin(product: Product, visit: Visit) -> None:
    visitor = visit(product)
    page = visitor.open("/redundancy?q=vacaciones", "Redundancy")
    visitor.tick_first_row()
    page.get_by_role("button", name="Open the group").click()
    left, right = page.locator(".side .text").nth(0), page.locator(".side .text").nth(1)
    expect(left.locator("button")).not_to_have_count(0)
    left.focus()
    numbers = left.locator("button").count()
    for _ in range(numbers):
        page.keyboard.press("Tab")
    expect(left.locator("button").last).to_be_focused()
    right.evaluate("(side) => { side.scrollTop = 0; }")
    page.keyboard.press("Enter")
    expect(right.locator(".passage.lit")).not_to_have_count(0)
    assert right.evaluate(
        """(side) => {
          const lit = side.querySelector('.lit').getBoundingClientRect(), box = side.getBoundingClientRect();
          return lit.top < box.bottom && lit.bottom > box.top;
        }"""
    )
    assert right.evaluate("(side) => side.scrollTop") > 0


def test_the_page_says_its_language(product: Product, visit: Visit) -> None:
    page = visit(product).open("/?lang=pt", "Visão geral")
    expect(page.locator("html")).to_have_attribute("lang", "pt")
