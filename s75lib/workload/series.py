"""Monthly series from the activity counts: by measure, and by team."""

from __future__ import annotations

__all__ = ["Monthly", "by_team", "last_twelve", "monthly", "totals"]

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

# A unit silent for no more than these last months is late with its return, not closed.
_LATE_MONTHS = 2


@dataclass(frozen=True)
class Monthly:
    """Monthly series of every measure.

    Parameters
    ----------
    totals : DataFrame
        As `totals` gives it.
    teams : DataFrame
        As `by_team` gives it.
    """

    totals: pd.DataFrame
    teams: pd.DataFrame


def monthly(activity: pd.DataFrame) -> Monthly:
    """Set out the activity as monthly series, in all and by team.

    Parameters
    ----------
    activity : DataFrame
        The contract's `activity`.

    Returns
    -------
    Monthly

    Examples
    --------
    >>> activity = pd.DataFrame({"month": pd.to_datetime(["2025-04-01"] * 2 + ["2025-05-01"] * 2),
    ...                          "measure": "reviews", "service_group": "AMH",
    ...                          "team": ["Alder", "Beech"] * 2, "count": [3, 4, 5, 6]})
    >>> found = monthly(activity)
    >>> found.totals["count"].tolist(), found.teams.groupby("team")["count"].sum().to_dict()
    ([7.0, 11.0], {'Alder': 8.0, 'Beech': 10.0})
    """
    return Monthly(totals(activity), by_team(activity))


def totals(activity: pd.DataFrame) -> pd.DataFrame:
    """Add the units of each measure to one monthly series.

    Parameters
    ----------
    activity : DataFrame
        The contract's `activity`.

    Returns
    -------
    DataFrame
        measure, month (every month from the first to the last), count (NaN where not known), units (that
        reported).

    Notes
    -----
    Rows without team and service group are the total where a measure has them; else a group's rows without
    team stand for the group; else the teams are added. A month in which a unit is silent that reports before
    and after, or that stops at most two months before the end, has no total: a sum without it would look
    like a fall. A unit that starts later or stops for longer counts only while it reports.

    Examples
    --------
    Beech is silent in May, so May has no total:

    >>> months = pd.to_datetime(["2025-04-01", "2025-05-01", "2025-06-01", "2025-04-01", "2025-06-01"])
    >>> teams = ["Alder", "Alder", "Alder", "Beech", "Beech"]
    >>> rows = pd.DataFrame({"month": months, "team": teams, "count": [3, 3, 3, 4, 4]})
    >>> totals(rows.assign(measure="reviews", service_group="AMH"))["count"].tolist()
    [7.0, nan, 7.0]
    """
    columns = ["measure", "month", "count", "units"]
    made = []
    for measure, part in activity.groupby("measure", sort=True):
        grid = _grid(_widest(part))
        made.append(_sum(grid).assign(measure=measure))
    return pd.concat(made, ignore_index=True)[columns] if made else pd.DataFrame(columns=columns)


def by_team(activity: pd.DataFrame) -> pd.DataFrame:
    """Set out each team's monthly series.

    Parameters
    ----------
    activity : DataFrame
        The contract's `activity`; rows without a team are left out.

    Returns
    -------
    DataFrame
        measure, service_group, team, month (every month from the team's first to its last), count (NaN where
        silent, or where the count is not known).
    """
    columns = ["measure", "service_group", "team", "month", "count"]
    rows = activity[activity["team"] != ""]
    if rows.empty:
        return pd.DataFrame(columns=columns)
    units = ["measure", "service_group", "team"]
    grid = _grid(rows, units)
    # A unit's rows run from its first report to its last, whether the count is known or not.
    told = _grid(rows.assign(count=1.0), units).notna().to_numpy()
    place = np.arange(len(grid))[:, None]
    first, last = told.argmax(axis=0), len(grid) - 1 - told[::-1].argmax(axis=0)
    unit, month = np.nonzero(((place >= first) & (place <= last)).T)
    keys = grid.columns.to_frame(index=False).iloc[unit].reset_index(drop=True)
    return keys.assign(month=grid.index[month], count=grid.to_numpy(dtype=float)[month, unit])[columns]


def last_twelve(series: pd.DataFrame, *, ending: pd.Timestamp, back: int = 0) -> float:
    """Add the twelve months up to a month.

    Parameters
    ----------
    series : DataFrame
        month and count, one row a month.
    ending : Timestamp
        The last month.
    back : int
        Months to go back from there first.

    Returns
    -------
    float
        NaN unless all twelve months are known.

    Examples
    --------
    >>> months = pd.date_range("2024-04-01", periods=12, freq="MS")
    >>> last_twelve(pd.DataFrame({"month": months, "count": 2.0}), ending=months[-1])
    24.0
    """
    last = ending - pd.DateOffset(months=back)
    first = last - pd.DateOffset(months=11)
    months = series["month"].to_numpy()
    counts = series["count"].to_numpy(dtype=float)[(months >= first) & (months <= last)]
    return float(counts.sum()) if np.isfinite(counts).sum() == 12 else math.nan


def _widest(part: pd.DataFrame) -> pd.DataFrame:
    """Take the rows of one measure's widest units: its total, else groups, else teams."""
    whole = part[(part["team"] == "") & (part["service_group"] == "")]
    if len(whole):
        return whole
    grouped = set(part.loc[part["team"] == "", "service_group"])
    return part[(part["team"] == "") | ~part["service_group"].isin(grouped)]


def _grid(rows: pd.DataFrame, units: Sequence[str] = ("service_group", "team")) -> pd.DataFrame:
    """Set out months × units, with every month from the first to the last; NaN where nothing is known."""
    groups = rows.groupby(list(units), sort=True)
    rows = rows.assign(unit=groups.ngroup())
    sums = rows.groupby(["month", "unit"])["count"].sum(min_count=1).reset_index()
    grid = sums.pivot_table(index="month", columns="unit", values="count", dropna=False)
    grid.columns = groups.size().index
    return grid.reindex(pd.date_range(grid.index.min(), grid.index.max(), freq="MS"))


def _sum(grid: pd.DataFrame) -> pd.DataFrame:
    """Add units month by month, with no total where one that exists is silent."""
    known = grid.notna().to_numpy()
    position = np.arange(len(grid))[:, None]
    first = known.argmax(axis=0)
    last = len(grid) - 1 - known[::-1].argmax(axis=0)
    last = np.where(last >= len(grid) - 1 - _LATE_MONTHS, len(grid) - 1, last)
    exists = (position >= first) & (position <= last)
    complete = ~(exists & ~known).any(axis=1) & known.any(axis=1)
    total = np.where(complete, np.nansum(grid.to_numpy(dtype=float), axis=1), np.nan)
    return pd.DataFrame({"month": grid.index, "count": total, "units": known.sum(axis=1)})
