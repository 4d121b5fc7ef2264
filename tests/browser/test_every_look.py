"""Every page in every size, theme and language: nothing in the console, nothing fetched, nothing unreadable.

By default a covering subset is drawn, in which each page meets each size and theme in two languages; the
rest is marked slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product as combine

import pytest
from playwright.sync_api import Browser

from tests.browser.tuning_steps import make_traffic, replay
from tests.browser.visitor import DESKTOP, PHONE, Visitor, visiting
from tests.fakes.product import Product

LANGUAGES = ("en", "es", "pt")
SIZES = {"desktop": DESKTOP, "phone": PHONE}
THEMES = ("light", "dark")
PAGES = (
    "overview",
    "library",
    "reading",
    "redundancy",
    "pair",
    "family",
    "draft",
    "passages",
    "meaning",
    "conflicts",
    "precision",
    "compare",
    "check",
    "quality",
    "judged",
    "documents",
    "written",
    "checked",
    "queue",
    "types",
    "exports",
    "exported",
    "export figures",
    "verify",
    "settings",
    "cache",
    "tuning",
)
OF_THE_MODEL = ("cache", "tuning")
COVERING = [
    (page, *look)
    for place, page in enumerate(PAGES)
    for look in (("desktop", "light", LANGUAGES[place % 3]), ("phone", "dark", LANGUAGES[(place + 1) % 3]))
]
REST = [look for look in combine(PAGES, SIZES, THEMES, LANGUAGES) if look not in COVERING]


@dataclass(frozen=True)
class Addresses:
    """Where the pages are that a document or a group makes."""

    reading: str
    pair: str
    family: str
    compare: str
    written: str
    exported: str

    def of(self, page: str) -> str:
        plain = {
            "overview": "/?",
            "library": "/library?",
            "redundancy": "/redundancy?",
            "draft": f"{self.pair}draft=1&",
            "passages": "/redundancy?view=passages&",
            "meaning": "/redundancy?view=meaning&",
            "conflicts": "/redundancy?view=conflicts&",
            "precision": "/redundancy?view=precision&",
            "check": f"/compare?mode=library&{self._document('a')}&",
            "quality": "/quality?",
            "judged": f"/quality?{self._document('doc')}&",
            "documents": "/documents?",
            "checked": f"{self.written}part=check&",
            "queue": "/documents?view=queue&",
            "types": "/documents?view=types&",
            "exports": "/exports?",
            "export figures": "/exports?view=figures&",
            "verify": "/exports?view=verify&",
            "settings": "/settings?",
            "cache": "/cache?window=300&rate=off&",
            "tuning": "/tuning?",
        }
        return plain[page] if page in plain else str(getattr(self, page))

    def _document(self, name: str) -> str:
        found = re.search(r"doc=(\w+)", self.reading)
        assert found is not None
        return f"{name}={found[1]}"


@pytest.fixture(scope="module")
def addresses(browser: Browser, product: Product) -> Addresses:
    """A document with a table, a group of two and a template family, opened once by hand."""
    with visiting(browser, product.address) as visitor:
        return Addresses(
            reading=_opened(visitor, "/library?q=Budget+2027", "Read"),
            pair=_opened(visitor, "/redundancy?q=armaz%C3%A9m", "Open the group"),
            family=_opened(visitor, "/redundancy?q=NDA", "Open the group"),
            compare=_compared(visitor),
            written=_written(visitor),
            exported=_exported(visitor),
        )


@pytest.fixture(scope="module")
def served(browser: Browser, model_product: Product) -> Product:
    """The product with the model, after some traffic and a replay of it."""
    with visiting(browser, model_product.address) as visitor:
        make_traffic(visitor, small=False)
        replay(visitor)
    return model_product


def _opened(visitor: Visitor, path: str, button: str) -> str:
    visitor.open(path, re.compile("Library|Redundancy"))
    visitor.tick_first_row()
    visitor.page.get_by_role("button", name=button, exact=True).click()
    visitor.page.wait_for_url(re.compile("doc=|group="))
    found = re.search(r"/(library|redundancy)\?.*?((?:doc|group)=\w+)", visitor.page.url)
    assert found is not None
    return f"/{found[1]}?{found[2]}&"


def _compared(visitor: Visitor) -> str:
    """The first contradiction, both documents side by side."""
    visitor.open("/redundancy?view=conflicts", re.compile("Redundancy"))
    visitor.page.get_by_role("button", name="Side by side").first.click()
    visitor.page.wait_for_url(re.compile("compare.*mark=conflicts"))
    found = re.search(r"/compare\?(\S+)", visitor.page.url)
    assert found is not None
    return f"/compare?{found[1]}&"


def _written(visitor: Visitor) -> str:
    """A draft with a table, gaps and its sources."""
    visitor.open("/documents", "Documents")
    box = visitor.page.get_by_label("What do you need?")
    box.fill("Propuesta comercial de monitoreo de temperatura para farmacias")
    box.press("Tab")
    visitor.page.get_by_role("button", name="Plan it").click()
    visitor.page.get_by_role("button", name="Write the draft").click()
    visitor.page.get_by_role("button", name="Approve", exact=True).wait_for()
    found = re.search(r"draft=\w+", visitor.page.url)
    assert found is not None
    return f"/documents?{found[0]}&"


def _exported(visitor: Visitor) -> str:
    """A PDF with pages to look at and rules of higher levels that it breaks."""
    visitor.open("/exports", "Exports")
    main = visitor.page.locator("[data-testid=stMain]")
    main.get_by_role("button", name="Export", exact=True).click()
    main.get_by_role("button", name="Open it").first.wait_for(timeout=60_000)
    visitor.ready()
    main.get_by_role("button", name="Open it").first.click()
    visitor.page.wait_for_url(re.compile("export="))
    found = re.search(r"export=\w+", visitor.page.url)
    assert found is not None
    return f"/exports?{found[0]}&"


@pytest.mark.parametrize(
    ("page", "size", "theme", "lang"),
    [*COVERING, *(pytest.param(*look, marks=pytest.mark.slow) for look in REST)],
)
def test_a_page_is_quiet_readable_and_fits(
    page: str,
    size: str,
    theme: str,
    lang: str,
    browser: Browser,
    addresses: Addresses,
    request: pytest.FixtureRequest,
) -> None:
    shown: Product = request.getfixturevalue("served" if page in OF_THE_MODEL else "product")
    with visiting(browser, shown.address, size=SIZES[size], theme=theme) as visitor:
        visitor.open(f"{addresses.of(page)}lang={lang}", re.compile("."))
        visitor.charts_drawn()
        visitor.unroll()
        assert visitor.page.locator("html").get_attribute("lang") == lang
        assert visitor.serious_violations() == []
        assert visitor.overflow() <= 0
        assert not visitor.page.locator("[data-testid=stMain] a[target=_blank]").count()
        assert not visitor.page.locator("[aria-label^='Download as CSV']:visible").count()
        assert visitor.faults == []


def test_the_subset_covers_every_page_in_every_size_and_theme_and_in_two_languages() -> None:
    for place, values in enumerate((tuple(SIZES), THEMES), start=1):
        assert {(look[0], look[place]) for look in COVERING} == set(combine(PAGES, values))
    for page in PAGES:
        assert len({look[3] for look in COVERING if look[0] == page}) == 2
    assert {look[3] for look in COVERING} == set(LANGUAGES)
