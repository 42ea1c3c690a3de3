"""Shifts: lasting steps in the activity, found by search or tested at a `month`, the first after a change."""

from __future__ import annotations

__all__ = ["Shift", "Shifts", "find_shifts", "shifts_since"]

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from s75lib.loaders.values import slug_of
from s75lib.present import Column, Figure, Headline, Missing, Section, Stake, Table, charts, table_of, words
from s75lib.stats.forecasting import Step, find_steps, interrupted_time_series
from s75lib.workload.activity import (
    ALL_TEAMS,
    NO_ACTIVITY,
    SMALL,
    Monthly,
    measure_name,
    month_name,
    months_shown,
    panel_title,
    panels,
)

if TYPE_CHECKING:
    from s75lib.workload.study import Study

# Most of the simulated series without a step, steep trends apart, that reached it.
_BY_CHANCE = 0.04
_LEAST_MONTHS = 12
_LEAST_EACH_SIDE = 6
_MOST_STEPS, _MOST_SAID = 6, 3
_EVERY = ("shifts", "", "change")
_METHOD = "Bayes factor of 6 or more for a step at an unknown month; size by segmented count regression"
NO_REQUESTS = Missing.of(
    "Whether more work came to the social work teams can't be tested: no monthly series of Care Act case "
    "allocation requests is held. A statement that concerns have not been realised can be neither upheld nor "
    "refuted without the months before and after the change.",
    "activity",
    ("month", "measure", "count", "team"),
    "case_allocation_requests, six months or more before and after the change: how far requests "
    "rose; team shows where",
)


@dataclass(frozen=True)
class Shift:
    """A step in one series (team empty: all teams together), with what would have been without it.

    - `month`, `earliest`, `latest`: First month at the new level, and the months that hold it with 90%
      probability.
    - `is_given`: Whether the month was given and not searched for.
    - `ratio`, `lower`, `upper`: Level after over level expected, with its 95% interval.
    - `evidence`: Bayes factor for a step at all against none; NaN where the month was given.
    - `excess`, `months_since`: Events since then beyond what would have been, and the months.
    - `table`: month, actual, fitted, counterfactual, counterfactual_lower, counterfactual_upper.
    """

    measure: str
    team: str
    month: pd.Timestamp
    earliest: pd.Timestamp
    latest: pd.Timestamp
    is_given: bool
    ratio: float
    lower: float
    upper: float
    evidence: float
    excess: float
    months_since: int
    table: pd.DataFrame = field(repr=False)

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out no change."""
        return self.lower > 1 or self.upper < 1


@dataclass(frozen=True)
class Shifts:
    """What a search for steps gave: those found, whole measures first, and each series searched."""

    found: tuple[Shift, ...]
    searched: tuple[tuple[str, str], ...]

    @property
    def by_chance(self) -> float:
        """Most steps to be expected among the searched series if none of them had one, by simulation."""
        return _BY_CHANCE * len(self.searched)

    def months(self) -> dict[tuple[str, str], tuple[pd.Timestamp, ...]]:
        """Give the steps for the forecasts: months by (measure, team)."""
        made: dict[tuple[str, str], tuple[pd.Timestamp, ...]] = {}
        for shift in self.found:
            key = (shift.measure, shift.team)
            made[key] = (*made.get(key, ()), shift.month)
        return made


def find_shifts(activity: Monthly) -> Shifts:
    """Search every series with a year without gaps for lasting steps, in all and by team.

    Examples
    --------
    From about 20 a month to about 30, a year on:

    >>> activity = pd.DataFrame({"month": pd.date_range("2023-04-01", periods=24, freq="MS"),
    ...                          "measure": "reviews", "count": [19, 21, 21, 19] * 3 + [29, 31, 31, 29] * 3,
    ...                          "service_group": "", "team": ""})
    >>> [(f"{step.month:%Y-%m}", round(step.ratio, 1)) for step in find_shifts(monthly(activity)).found]
    [('2024-04', 1.5)]
    """
    searched = {
        key: counts
        for key, counts in activity.series.items()
        if len(counts) >= _LEAST_MONTHS and counts.notna().all()
    }
    found = [
        _measured(*key, counts, step.position, step)
        for key, counts in searched.items()
        for step in find_steps(counts)
    ]
    found.sort(key=lambda shift: (shift.team != "", shift.measure, shift.team, shift.month))
    return Shifts(tuple(found), tuple(searched))


def shifts_since(activity: Monthly, month: str) -> tuple[Shift, ...]:
    """Test whether each measure changed at a given month: a policy, a new recording system.

    One for each measure with at least six known months on either side.

    Examples
    --------
    >>> activity = pd.DataFrame({"month": pd.date_range("2023-04-01", periods=24, freq="MS"),
    ...                          "measure": "reviews", "service_group": "", "team": "",
    ...                          "count": [190, 210, 210, 190] * 3 + [290, 310, 310, 290] * 3})
    >>> (step,) = shifts_since(monthly(activity), "2024-04")
    >>> step.measure, round(step.ratio, 1), step.is_clear
    ('reviews', 1.5, True)
    """
    start = pd.Timestamp(f"{month}-01")
    made = []
    for (measure, team), series in activity.series.items():
        after, known = series.index >= start, series.notna()
        if not team and min((known & after).sum(), (known & ~after).sum()) >= _LEAST_EACH_SIDE:
            made.append(_measured(measure, "", series, int(np.argmax(after)), None))
    return tuple(made)


def _measured(measure: str, team: str, series: pd.Series, position: int, found: Step | None) -> Shift:
    fit = interrupted_time_series(series, position)
    months = series.index
    between = (position, position) if found is None else (found.earliest, found.latest)
    return Shift(
        measure=measure,
        team=team,
        month=months[position],
        earliest=months[between[0]],
        latest=months[between[1]],
        is_given=found is None,
        ratio=fit.level_ratio,
        lower=fit.level_lower,
        upper=fit.level_upper,
        evidence=math.nan if found is None else found.evidence,
        excess=fit.excess,
        months_since=len(months) - position,
        table=fit.table.assign(month=months),
    )


def headlines(study: Study) -> list[Headline]:
    """Say what shifted in all teams, at a given month or found by search, then by team, and the requests."""
    whole = [shift for shift in study.shifts.found if not shift.team]
    given = [_given(shift) for shift in study.given_shifts]
    return [*given, *map(_found, whole), *_searched(study), *_requests(study)]


def _found(shift: Shift) -> Headline:
    text = f"{_rose_by(shift, '')} from {month_name(shift.month)}. That is {_excess(shift)}."
    if shift.earliest != shift.latest:
        text += f" It began between {month_name(shift.earliest)} and {month_name(shift.latest)}."
    return _headline("step", shift, text, _METHOD)


def _given(shift: Shift) -> Headline:
    what, since = measure_name(shift.measure), month_name(shift.month)
    if math.isnan(shift.ratio):
        text = f"Whether {what} changed since {since} can't be told: one side has none."
    elif shift.is_clear:
        text = f"{_rose_by(shift, f' since {since},')}. That is {_excess(shift)}."
    else:
        none = f"show no clear change since {since}: {_interval(shift)}, which includes none."
        text = f"{words.capital(what)} {none}"
    return _headline("since", shift, text, "segmented regression of the monthly counts at the given month")


def _headline(kind: str, shift: Shift, text: str, method: str) -> Headline:
    size, lower, upper = (100 * (value - 1) for value in (shift.ratio, shift.lower, shift.upper))
    stake: Stake = "change" if shift.is_clear else "context"
    name, measure = f"workload.{kind}.{slug_of(shift.measure)}", words.capital(measure_name(shift.measure))
    cell = ("shifts", f"{measure}, {shift.team or ALL_TEAMS}, {month_name(shift.month)}", "change")
    about = shift.team or ""
    return Headline(name, text, size, "percent", lower, upper, method, stake=stake, cell=cell, about=about)


def _rose_by(shift: Shift, since: str) -> str:
    verb = words.rose_fell(shift.ratio - 1)
    return f"{words.capital(measure_name(shift.measure))} {verb}{since} by {_interval(shift)}"


def _interval(shift: Shift) -> str:
    size, low, high = (100 * (value - 1) for value in (shift.ratio, shift.lower, shift.upper))
    if shift.is_clear and size < 0:
        size, low, high = -size, -high, -low
    return f"{words.percent(size, 0)} (95% interval {words.interval(low, high, 0, '%')})"


def _excess(shift: Shift) -> str:
    side = "more" if shift.excess >= 0 else "fewer"
    months = words.count_noun(shift.months_since, "month")
    return f"about {words.number(abs(shift.excess))} {side} in {months} than without the step"


def _searched(study: Study) -> list[Headline]:
    """Say which teams show a step, how many series were searched, and how many steps chance would give."""
    tried = len(study.shifts.searched)
    if not tried:
        return []
    said = []
    if teams := [shift for shift in study.shifts.found if shift.team]:
        text = f"By team, {words.count_noun(len(teams), 'series shows', 'series show')} a lasting step."
        for measure in dict.fromkeys(s.measure for s in teams):
            names = [
                f"{s.team} ({words.signed(100 * (s.ratio - 1))}%, {month_name(s.month)})"
                for s in teams
                if s.measure == measure
            ]
            text += f" {words.capital(measure_name(measure))}: {words.join(names)}."
        said.append(
            Headline("workload.steps.teams", text, float(len(teams)), "series", method=_METHOD, cell=_EVERY)
        )
    found = len(study.shifts.found)
    series = words.count_noun(tried, "series", "series")
    text = f"No lasting step was found in the {series} searched."
    if found:
        show = "shows" if found == 1 else "show"
        chance = words.number(study.shifts.by_chance, 1)
        text = (
            f"Of {series} searched for lasting steps, {words.number(found)} {show} one. By chance alone no "
            f"more than {chance} would, as simulations show."
        )
    return [*said, Headline("workload.steps", text, float(found), "steps", method=_METHOD, cell=_EVERY)]


def _requests(study: Study) -> list[Headline]:
    measure = "case_allocation_requests"
    known = study.totals[study.totals["measure"] == measure]
    if known.empty:
        return []
    found = [s for s in (*study.given_shifts, *study.shifts.found) if s.measure == measure]
    clear = [s for s in found if s.is_clear and s.ratio > 1]
    months = words.count_noun(int(known["count"].notna().sum()), "month")
    if clear:
        where = words.join(list(dict.fromkeys(s.team or "all teams together" for s in clear)))
        text = f"A lasting rise of case allocation requests is borne out over the {months} held: in {where}."
    else:
        text = f"No lasting rise of case allocation requests stands out over the {months} held."
    return [Headline("workload.requests", text, float(len(clear)), "series", cell=_EVERY)]


def shifts_in_words(found: Sequence[Shift], *, named: bool = True) -> str:
    """Say which series stepped, by how much and when; teams alone where their measure is not to be named."""
    said = []
    for shift in found[:_MOST_SAID]:
        size = abs(100 * (shift.ratio - 1))
        what = measure_name(shift.measure)
        where = f"{what} in {shift.team}" if named and shift.team else shift.team or what
        verb = words.rose_fell(shift.ratio - 1)
        said.append(f"{where} {verb} by {words.percent(size, 0)} from {month_name(shift.month)}")
    if len(found) > _MOST_SAID:
        said.append(f"{words.number(len(found) - _MOST_SAID)} more stepped")
    return words.join(said)


MONTHS = table_of(
    "shifts.data",
    Column("measure", "Measure"),
    Column("team", "Team"),
    Column("month", "Month", "date"),
    Column("actual", "Counted", "number"),
    Column("fitted", "Fitted", "number", 1),
    Column("counterfactual", "Without the step", "number", 1),
)


def _figure(study: Study) -> Figure | None:
    """Draw each step with what would have been without it; nothing where there is none."""
    given = [shift for shift in study.given_shifts if shift.is_clear]
    whole = [shift for shift in study.shifts.found if not shift.team]
    # The teams' own steps are marked in their charts.
    chosen = ([*given, *whole] or list(study.shifts.found))[:_MOST_STEPS]
    if not chosen:
        return None
    sheet, axes = panels(len(chosen), columns=2, height=2.1)
    frames = []
    for axis, shift in zip(axes, chosen, strict=True):
        known = months_shown(study, shift.measure, shift.team or ALL_TEAMS).set_index("month")["count"]
        table = shift.table.assign(measure=shift.measure, team=shift.team)
        table["actual"] = known.reindex(table["month"]).to_numpy()
        frames.append(_draw_step(axis, shift, table))
    last = frames[0].iloc[-1]
    end = last["month"], float(last["counterfactual"])
    charts.note(axes[0], "without the step", end, (0, -13), ha="right", color=charts.PURPLE)
    title = words.capital(shifts_in_words(chosen))
    alt = (
        f"{words.count_noun(len(chosen), 'small chart')} of monthly counts with the level fitted before and "
        f"after the step and, dashed, what would have been without it, with its 95% interval. {title}."
    )
    subtitle = (
        f"A month, {study.place}: counted (grey), fitted (blue), without the step (dashed, 95% interval)"
    )
    rows = pd.concat(frames, ignore_index=True)
    rows["measure"] = [words.capital(measure_name(m)) for m in rows["measure"]]
    data = MONTHS.of(rows, "Months since each step: counted, fitted and without it")
    return Figure("shifts", title, subtitle, alt, sheet, data, f"{study.place}, activity")


def _draw_step(axis: Axes, shift: Shift, table: pd.DataFrame) -> pd.DataFrame:
    after = table[table["month"] >= shift.month]
    without: dict[str, Any] = {"color": charts.PURPLE, "linewidth": 1.6, "linestyle": (0, (4, 2))}
    ends = after["counterfactual_lower"], after["counterfactual_upper"]
    axis.plot(table["month"], table["actual"], color=charts.GREY, linewidth=1.1)
    axis.plot(table["month"], table["fitted"], color=charts.BLUE, linewidth=1.6)
    axis.fill_between(after["month"], *ends, color=charts.PURPLE, alpha=0.2, linewidth=0)
    axis.plot(after["month"], after["counterfactual"], **without)
    axis.set_ylim(bottom=0)
    panel_title(axis, f"{words.capital(measure_name(shift.measure))}, {shift.team or 'all teams'}")
    marks: Any = [table["month"].iloc[0], shift.month]
    axis.set_xticks(marks, [f"{mark:%b %y}" for mark in marks], fontsize=SMALL)
    return after


STEPS = table_of(
    "shifts",
    Column("name", "Measure"),
    Column("team", "Team"),
    Column("month", "From"),
    Column("how", "Month"),
    Column("within", "90% sure between"),
    Column("change", "Change of level, %", "change", 0, "percent"),
    Column("lower", "95% from", "change", 0, "percent"),
    Column("upper", "95% to", "change", 0, "percent"),
    Column("excess", "Events since, beyond what would have been", "change"),
    Column("evidence", "Evidence (Bayes factor)", "number"),
    notes=(
        "Segmented regression of the monthly counts (Poisson or negative binomial, errors robust to "
        "autocorrelation). The size of a step found by search leans to the large side.",
    ),
)


def _table(study: Study) -> Table | None:
    """Set out the steps, found or given; nothing where there is none."""
    rows = [
        {
            "name": words.capital(measure_name(shift.measure)),
            "team": shift.team or ALL_TEAMS,
            "month": month_name(shift.month),
            "how": "given" if shift.is_given else "found",
            "within": " and ".join(
                month_name(month, short=True) for month in dict.fromkeys((shift.earliest, shift.latest))
            ),
            "change": 100 * (shift.ratio - 1),
            "lower": 100 * (shift.lower - 1),
            "upper": 100 * (shift.upper - 1),
            "excess": np.round(shift.excess),
            "evidence": shift.evidence,
        }
        for shift in (*study.given_shifts, *study.shifts.found)
    ]
    return STEPS.of(pd.DataFrame(rows), f"Steps in the activity, {study.place}") if rows else None


def section(study: Study) -> Section:
    """Show what shifted, and that requests can't be tested where they are not known."""
    gap = None if "case_allocation_requests" in set(study.totals["measure"]) else NO_REQUESTS
    if study.totals.empty:
        return Section.of(gap, NO_ACTIVITY)
    return Section.of(headlines(study), gap, _figure(study), _table(study))
