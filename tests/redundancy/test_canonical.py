from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.errors import Invalid
from core.redundancy import RULES, Subject, choose_canonical


def subject(id: str, text: str, year: int | None = None) -> Subject:
    return Subject.of(id, text, modified=datetime(year, 1, 1, tzinfo=UTC) if year else None)


OLD_LONG = subject("old", "one two three four", 2020)
NEW_SHORT = subject("new", "one two", 2024)
NEW_LONG = subject("newer text", "one two three", 2024)
UNDATED = subject("undated", "one two three four five")


@pytest.mark.parametrize(
    ("rule", "members", "position", "code"),
    [
        ("newest", [OLD_LONG, NEW_SHORT], 1, "newest"),
        ("newest", [OLD_LONG, NEW_SHORT, NEW_LONG], 2, "newest"),
        ("newest", [NEW_LONG, OLD_LONG, NEW_LONG], 0, "newest"),
        ("newest", [UNDATED, NEW_SHORT], 1, "newest_some_undated"),
        ("newest", [subject("x", "one"), UNDATED], 1, "newest_undated"),
        ("longest", [NEW_SHORT, OLD_LONG, UNDATED, UNDATED], 2, "longest"),
        ("first", [NEW_SHORT, UNDATED], 0, "first"),
    ],
)
def test_the_declared_rule_chooses_and_says_so(rule, members, position, code):
    choice = choose_canonical(members, rule)
    assert (choice.position, choice.reason_code) == (position, code)
    assert choice.reason.endswith(".")


def test_dates_compare_across_zones_and_without_one_count_as_utc():
    naive = Subject.of("naive", "a", modified=datetime(2024, 1, 1, 12))  # noqa: DTZ001
    behind = Subject.of(
        "behind", "a", modified=datetime(2024, 1, 1, 11, tzinfo=timezone(timedelta(hours=-5)))
    )
    assert choose_canonical([naive, behind], "newest").position == 1


def test_an_unknown_rule_is_refused_with_the_known_ones():
    with pytest.raises(Invalid) as refused:
        choose_canonical([OLD_LONG], "prettiest")
    assert all(rule in refused.value.remedy for rule in RULES)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_accepts_a_single_member(rule):
    assert choose_canonical([UNDATED], rule).position == 0


def test_the_best_in_quality_stays_and_the_newest_of_the_equally_good():
    dates = [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    scores = (None, 80, 80, 70)
    members = [
        Subject(str(place), "", modified=date, quality=score)
        for place, (date, score) in enumerate(zip(dates, scores, strict=True))
    ]
    choice = choose_canonical(members, "best_quality")
    assert (choice.position, choice.reason_code) == (2, "best_quality")


def test_where_nobody_judged_the_longest_stays():
    members = [Subject("a", "", num_words=3), Subject("b", "", num_words=5)]
    choice = choose_canonical(members, "best_quality")
    assert (choice.position, choice.reason_code) == (1, "quality_unknown")
