"""Which document of a cluster stays: a declared rule, with every tie resolved the same way each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.errors import Invalid
from core.redundancy.subject import Subject


@dataclass(frozen=True, slots=True)
class Choice:
    """The position of the canonical member, and which rule decided, as a code and as a sentence.

    The code is "newest", "longest", "first" or "best_quality", "newest_some_undated" where undated members
    were passed over, or "newest_undated" and "quality_unknown" where no member has a date or was judged, and
    the longest was taken.
    """

    position: int
    reason_code: str
    reason: str


Rule = Callable[[Sequence[Subject]], Choice]


def choose_canonical(members: Sequence[Subject], rule: str = "newest") -> Choice:
    """Choose among at least one member. Ties go to the longer text, then to the earlier member."""
    if rule not in RULES:
        raise Invalid(f"No canonical rule is called {rule!r}.", remedy=f"Use one of: {', '.join(RULES)}.")
    return RULES[rule](members)


def newest(members: Sequence[Subject]) -> Choice:
    dates = [_in_utc(member.modified) for member in members]
    known = [position for position, date in enumerate(dates) if date is not None]
    if not known:
        position = _longest(members, range(len(members)))
        return Choice(position, "newest_undated", "No document has a date, so the longest is kept.")
    latest = max(date for date in dates if date is not None)
    position = _longest(members, [position for position in known if dates[position] == latest])
    if len(known) < len(members):
        undated = len(members) - len(known)
        return Choice(
            position, "newest_some_undated", f"It is the newest; {undated} without a date were passed over."
        )
    return Choice(position, "newest", "It is the newest.")


def longest(members: Sequence[Subject]) -> Choice:
    return Choice(_longest(members, range(len(members))), "longest", "It is the longest.")


def first(members: Sequence[Subject]) -> Choice:
    return Choice(0, "first", "It comes first.")


def best_quality(members: Sequence[Subject]) -> Choice:
    """Ties go to the newest. Members that were not judged are passed over."""
    scores = [member.quality for member in members]
    known = [score for score in scores if score is not None]
    if not known:
        position = _longest(members, range(len(members)))
        return Choice(position, "quality_unknown", "No document was judged, so the longest is kept.")
    best = [position for position, score in enumerate(scores) if score == max(known)]
    position = best[newest([members[each] for each in best]).position]
    return Choice(position, "best_quality", "It has the best quality.")


RULES: dict[str, Rule] = {rule.__name__: rule for rule in (newest, longest, first, best_quality)}


def _longest(members: Sequence[Subject], positions: Sequence[int]) -> int:
    return max(positions, key=lambda position: (members[position].num_words, -position))


def _in_utc(date: datetime | None) -> datetime | None:
    return date.replace(tzinfo=UTC) if date is not None and date.tzinfo is None else date
