"""The live board by itself: what its first message began, what follows, and what if it missed one."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

from pages.components.live_board import _CODE, ENTRY

DRIVER = """
async ({ entry, messages }) => {
  const url = URL.createObjectURL(new Blob([entry], { type: 'text/javascript' }));
  const { default: show } = await import(url);
  const host = document.body.appendChild(document.createElement('div'));
  host.innerHTML = '<div class="board"></div>';
  const asked = [];
  for (const message of messages) {
    await show({
      data: new TextEncoder().encode(JSON.stringify(message)),
      parentElement: host,
      setStateValue: (name, value) => asked.push([name, value]),
    });
  }
  return { asked, tile: host.querySelector('.tile strong')?.textContent ?? null };
}
"""


def whole(run: int, value: str) -> dict[str, Any]:
    tile = {"label": "Hit rate", "value": value, "note": "", "help": "how", "tone": ""}
    return {
        "whole": True,
        "run": run,
        "note": "",
        "now": 1000.0,
        "first": 10,
        "num": 1,
        "events": [],
        "selection": None,
        "tiles": [tile],
        "tables": [],
        "charts": [],
        "names": [],
        "series": [],
        "window": 300,
        "width": 2,
        "words": {"clear": "c", "nothing": "n", "table": "t", "time": "t"},
        "locale": "en",
        "code": _CODE,
        "style": "",
    }


def update(run: int, value: str) -> dict[str, Any]:
    kept = ("note", "now", "first", "num", "events", "selection", "tables", "series")
    return {name: whole(run, value)[name] for name in kept} | {
        "whole": False,
        "run": run,
        "tiles": [{"value": value}],
    }


def shown(browser: Browser, *messages: dict[str, Any]) -> dict[str, Any]:
    page = browser.new_page()
    try:
        found: dict[str, Any] = page.evaluate(DRIVER, {"entry": ENTRY, "messages": list(messages)})
        return found
    finally:
        page.close()


def test_what_differs_is_shown_over_what_began(browser: Browser) -> None:
    assert shown(browser, whole(1, "10%"), update(1, "12%")) == {"asked": [], "tile": "12%"}


def test_an_update_that_is_passed_over_is_made_good_by_the_next(browser: Browser) -> None:
    assert shown(browser, whole(1, "10%"), update(1, "14%"))["tile"] == "14%"


def test_who_missed_the_beginning_asks_for_it_and_shows_nothing_wrong_meanwhile(browser: Browser) -> None:
    assert shown(browser, update(3, "12%")) == {"asked": [["lost", 3]], "tile": None}
    assert shown(browser, whole(1, "10%"), update(2, "99%")) == {"asked": [["lost", 2]], "tile": "10%"}
    found = shown(browser, whole(1, "10%"), update(2, "99%"), whole(3, "20%"), update(3, "21%"))
    assert found == {"asked": [["lost", 2]], "tile": "21%"}
