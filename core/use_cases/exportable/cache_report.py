"""What the model's cache did in a window of time, from recorded events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from statistics import fmean

from core.content import Block, Chart, Content, Series
from core.errors import Invalid
from core.gateway.roles import Principal
from core.language.catalogues import Wording
from core.observation import CacheTotals, CacheView
from core.observation.cache_view import WINDOWS, Quantiles
from core.use_cases.exportable.report_blocks import figures, heading, paragraph
from core.use_cases.exportable.subject import Gathered, Subject
from core.use_cases.observe_cache import ObserveCache, observe_cache
from core.workbench import Workbench

MOST_POINTS = 60


class CacheReport:
    """Its view: `window` seconds until now, one of the windows of the page."""

    kind = "cache_report"
    is_stored = False

    def gather(self, subject: Subject, language: str, principal: Principal, workbench: Workbench) -> Gathered:
        """Raises Invalid for a window without requests, as in a process that has no model of its own."""
        wording = Wording.of(language)
        asked = ObserveCache(window=_window(subject.view.get("window", "")))
        observed = observe_cache(asked, principal, workbench)
        if not observed.view.totals.num_requests:
            raise Invalid("The model had no requests in this time.", remedy="Choose a longer window.")
        return Gathered(
            title=wording.say("Cache report"),
            content=Content(tuple(_blocks(observed.view, wording))),
            language=wording.language,
            author=principal.user,
            written=datetime.fromtimestamp(observed.view.totals.end, UTC).date(),
            keywords=(wording.say("KV cache"),),
        )


def _window(given: str) -> int:
    if not given:
        return max(WINDOWS)
    if not given.isdecimal() or int(given) not in WINDOWS:
        raise Invalid(
            f"There is no window of {given} seconds.", remedy=f"Use one of: {', '.join(map(str, WINDOWS))}."
        )
    return int(given)


def _blocks(view: CacheView, wording: Wording) -> Iterator[Block]:
    _, totals = wording.say, view.totals
    said = _("{requests} requests in {minutes} minutes until {moment} UTC, from recorded events.")
    moment = datetime.fromtimestamp(totals.end, UTC).strftime("%Y-%m-%d %H:%M")
    yield paragraph(
        said.format(
            requests=wording.number(totals.num_requests),
            minutes=wording.number(totals.seconds / 60),
            moment=moment,
        )
    )
    yield heading(_("Tokens"))
    yield figures((_("Figure"), _("Value")), list(_tokens(totals, wording)))
    yield from _by_name(_("Hits by tier"), totals.hit_tokens, wording)
    yield from _by_name(_("Misses by cause"), totals.missed_tokens, wording)
    yield heading(_("Times"))
    yield Block.table(
        [[_("Stage"), "P50, ms", "P95, ms", "P99, ms"], *_times(totals, wording)], header_rows=1
    )
    yield from _rate_over_time(view, wording)


def _tokens(totals: CacheTotals, wording: Wording) -> Iterator[tuple[str, str]]:
    _ = wording.say
    yield _("Tokens of prompts"), wording.number(totals.prompt_tokens)
    yield _("Read from the cache"), wording.number(totals.cached_tokens)
    yield _("Tokens of answers"), wording.number(totals.new_tokens)
    if totals.hit_rate is not None:
        yield _("Hit rate"), wording.percent(totals.hit_rate)
    if totals.possible_rate is not None:
        yield _("Hit rate that a cache without bounds would have had"), wording.percent(totals.possible_rate)
    if totals.saved_seconds is not None:
        yield _("Computing saved, seconds"), wording.number(totals.saved_seconds, 1)


def _by_name(title: str, tokens: Mapping[str, int], wording: Wording) -> Iterator[Block]:
    known = {name: count for name, count in tokens.items() if count}
    if known:
        yield heading(title)
        rows = [(str(name), wording.number(count)) for name, count in known.items()]
        yield figures((wording.say("Name"), wording.say("Tokens")), rows)


def _times(totals: CacheTotals, wording: Wording) -> Iterator[list[str]]:
    _ = wording.say
    stages: tuple[tuple[str, Quantiles | None], ...] = (
        (_("Lookup"), totals.lookup_ms),
        (_("First token"), totals.first_token_ms),
        (_("Whole answer"), totals.total_ms),
    )
    for name, found in stages:
        if found is not None:
            yield [name, *(wording.number(value, 1) for value in (found.p50, found.p95, found.p99))]


def _rate_over_time(view: CacheView, wording: Wording) -> Iterator[Block]:
    tiers = [values for name, values in view.series.items() if name.startswith("hit_")]
    rates = [_sum(bucket) for bucket in zip(*tiers, strict=True)]
    step = max(1, -(-len(rates) // MOST_POINTS))
    points = [
        (datetime.fromtimestamp((view.first + start) * view.width, UTC), _mean(rates[start : start + step]))
        for start in range(0, len(rates), step)
    ]
    if sum(value is not None for _moment, value in points) > 1:
        yield heading(wording.say("Hit rate over time"))
        values = Series(wording.say("Hit rate"), tuple(value for _moment, value in points))
        clocks = tuple(moment.strftime("%H:%M") for moment, _value in points)
        chart = Chart("line", clocks, (values,), "UTC", "%")
        yield Block("chart", wording.say("Hit rate over time"), chart=chart)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 1) if known else None
