"""Tells of a section while a model writes it: what is checked, and behind it what is only heard yet."""

from __future__ import annotations

from collections.abc import Callable

from core.documents.draft import DraftSection
from core.documents.writing.page import Page

TELL_SECONDS = 0.5
"""Between two tellings of words that come."""


class Telling:
    """Hears the answers for a part until `is_listening` ends."""

    def __init__(self, tell: Callable[[DraftSection], None], clock: Callable[[], float]) -> None:
        self._tell = tell
        self._clock = clock
        self._page: Page | None = None
        self._heard: list[str] = []
        self._told_at: float | None = None

    def listen(self, page: Page) -> None:
        """From now on answers belong to the next part of this page."""
        self._page, self._heard = page, []

    def stop_listening(self) -> None:
        self._page = None

    def hear(self, text: str, is_whole: bool) -> None:
        """A sentence as far as it came, or whole."""
        if self._page is None:
            return
        now = self._clock()
        spoken = " ".join(text.split())
        if self._told_at is None or now - self._told_at >= TELL_SECONDS:
            self._told_at = now
            self._tell(self._page.as_section((*self._heard, spoken)))
        if is_whole:
            self._heard.append(spoken)

    def tell(self, page: Page) -> None:
        """What is checked, at once."""
        self._told_at = self._clock()
        self._tell(page.as_section())
