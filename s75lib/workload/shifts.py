"""Steps in the activity: found by search, or tested at a month that is given."""

from __future__ import annotations

__all__ = ["Shift", "Shifts", "shifts", "since"]

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from s75lib.stats.forecasting import Step, find_steps, interrupted_time_series
from s75lib.workload.series import Monthly, Series

_EVIDENCE = 6.0
# Most of the simulated series without a step, steep trends apart, that reached it.
_BY_CHANCE = 0.04
_LEAST_MONTHS = 12
_LEAST_EACH_SIDE = 6


@dataclass(frozen=True)
class Shift:
    """A step in one series, with what would have been without it.

    Parameters
    ----------
    measure, team : str
        Team empty: all teams together.
    month, earliest, latest : Timestamp
        First month at the new level, and the run of months that holds it with 90% probability.
    is_given : bool
        Whether the month was given and not searched for.
    ratio, lower, upper : float
        Level after over level expected, with its 95% interval.
    p_value : float
        Two-sided, of the regression; too small where the month was searched for.
    evidence : float
        Bayes factor for a step at all against none, over all months; NaN where the month was given.
    excess, excess_lower, excess_upper : float
        Events since then beyond what would have been.
    months_since : int
    table : DataFrame
        month, actual, fitted, counterfactual, counterfactual_lower, counterfactual_upper.
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
    p_value: float
    evidence: float
    excess: float
    excess_lower: float
    excess_upper: float
    months_since: int
    table: pd.DataFrame = field(repr=False)

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out no change."""
        return self.lower > 1 or self.upper < 1


@dataclass(frozen=True)
class Shifts:
    """What a search for steps gave.

    Parameters
    ----------
    found : tuple of Shift
        Whole measures first, then teams.
    searched : DataFrame
        measure, team, months, is_searched: every series, and whether it could be searched.
    """

    found: tuple[Shift, ...]
    searched: pd.DataFrame

    @property
    def by_chance(self) -> float:
        """Most steps to be expected among the searched series if none of them had one, by simulation."""
        return _BY_CHANCE * float(self.searched["is_searched"].sum())

    def months(self) -> dict[tuple[str, str], tuple[pd.Timestamp, ...]]:
        """Give the steps for the forecasts: months by (measure, team)."""
        made: dict[tuple[str, str], tuple[pd.Timestamp, ...]] = {}
        for shift in self.found:
            key = (shift.measure, shift.team)
            made[key] = (*made.get(key, ()), shift.month)
        return made


def shifts(activity: Monthly) -> Shifts:
    """Search every measure, whole and by team, for lasting steps.

    Parameters
    ----------
    activity : Monthly

    Returns
    -------
    Shifts

    Notes
    -----
    A series is searched when it has at least a year without gaps. A step is stated from a Bayes factor of 6:
    `Shifts.by_chance` says how many series of all that were searched may reach that without a step. The size
    of a step found by search leans to the large side, for small ones are not found.

    Examples
    --------
    From about 20 a month to about 30, a year on:

    >>> from s75lib.workload.series import monthly
    >>> activity = pd.DataFrame({"month": pd.date_range("2023-04-01", periods=24, freq="MS"),
    ...                          "measure": "reviews", "count": [19, 21, 21, 19] * 3 + [29, 31, 31, 29] * 3,
    ...                          "service_group": "", "team": ""})
    >>> [(f"{step.month:%Y-%m}", round(step.ratio, 1)) for step in shifts(monthly(activity)).found]
    [('2024-04', 1.5)]
    """
    found: list[Shift] = []
    searched = []
    for (measure, team), series in activity.series.items():
        counts = series.counts
        is_searched = len(counts) >= _LEAST_MONTHS and not np.isnan(counts).any()
        searched.append({"measure": measure, "team": team, "months": len(counts), "is_searched": is_searched})
        if is_searched:
            steps = find_steps(counts, least_evidence=_EVIDENCE).steps
            found += [_measured(measure, team, series, step.position, step) for step in steps]
    found.sort(key=lambda shift: (shift.team != "", shift.measure, shift.team, shift.month))
    columns = ["measure", "team", "months", "is_searched"]
    return Shifts(tuple(found), pd.DataFrame(searched, columns=columns))


def since(activity: Monthly, month: str) -> tuple[Shift, ...]:
    """Test whether each measure changed at a given month: a policy, a new recording system.

    Parameters
    ----------
    activity : Monthly
    month : str
        First month after the change, such as 2019-08.

    Returns
    -------
    tuple of Shift
        One for each measure with at least six known months on either side.

    Examples
    --------
    >>> from s75lib.workload.series import monthly
    >>> activity = pd.DataFrame({"month": pd.date_range("2023-04-01", periods=24, freq="MS"),
    ...                          "measure": "reviews", "service_group": "", "team": "",
    ...                          "count": [190, 210, 210, 190] * 3 + [290, 310, 310, 290] * 3})
    >>> [(step.measure, round(step.ratio, 1), step.is_clear) for step in since(monthly(activity), "2024-04")]
    [('reviews', 1.5, True)]
    """
    start = pd.Timestamp(f"{month}-01")
    made = []
    for (measure, team), series in activity.series.items():
        after, known = series.months >= start, ~np.isnan(series.counts)
        if not team and min((known & after).sum(), (known & ~after).sum()) >= _LEAST_EACH_SIDE:
            made.append(_measured(measure, "", series, int(np.argmax(after)), None))
    return tuple(made)


def _measured(measure: str, team: str, series: Series, position: int, found: Step | None) -> Shift:
    """Measure a step by segmented regression of its level."""
    fit = interrupted_time_series(series.counts, position, slope=False)
    months = series.months
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
        p_value=fit.level_p,
        evidence=math.nan if found is None else found.evidence,
        excess=fit.excess,
        excess_lower=fit.excess_lower,
        excess_upper=fit.excess_upper,
        months_since=len(months) - position,
        table=fit.table.assign(month=months).drop(columns="position"),
    )
