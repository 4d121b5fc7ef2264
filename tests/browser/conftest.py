"""One browser and one product with the sample library for all browser tests; each test gets its visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from playwright.sync_api import Browser  # noqa: E402

from tests.browser.visitor import Visitor, open_browser, visiting  # noqa: E402
from tests.fakes.product import Product, running_product  # noqa: E402

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        opened = open_browser(playwright, chromium)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with the sample library, analysed. Tests leave its decisions and documents as they were."""
    with running_product(tmp_path_factory.mktemp("product")) as started:
        yield started


@pytest.fixture
def empty_product(tmp_path: Path) -> Iterator[Product]:
    """A fresh process with an empty library."""
    with running_product(tmp_path / "product", samples=False) as started:
        yield started


@pytest.fixture(scope="session")
def model_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with the model that ships, and an empty library."""
    folder = tmp_path_factory.mktemp("model")
    with running_product(folder, samples=False, settings={"engine": "local"}) as started:
        yield started


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """`visit(product, theme="dark")` sends a visitor; at the end none of them may have met a fault."""
    visitors: list[Visitor] = []
    with ExitStack() as leaving:

        def send(to: Product, **wishes: object) -> Visitor:
            context: AbstractContextManager[Visitor] = partial(visiting, browser, to.address)(**wishes)
            visitors.append(leaving.enter_context(context))
            return visitors[-1]

        yield send
    assert [fault for visitor in visitors for fault in visitor.faults] == []
