"""Monthly series from the activity counts: by measure, and by team."""

from __future__ import annotations

__all__ = ["Monthly", "Series", "by_team", "last_twelve", "monthly", "totals"]

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

_UNIT = ["measure", "service_group", "team"]

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

    @cached_property
    def series(self) -> dict[tuple[str, str], Series]:
        """Each series by measure and team, those of all teams together (team empty) first."""
        whole = self.totals.assign(team="", service_group="")
        return _series(whole) | _series(self.teams)


@dataclass(frozen=True, eq=False)
class Series:
    """One monthly series.

    Parameters
    ----------
    group : str
        Its service group.
    months : DatetimeIndex
    counts : array, (months,)
        NaN where not known.
    """

    group: str
    months: pd.DatetimeIndex
    counts: npt.NDArray[np.float64]

    @property
    def known(self) -> int:
        """How many months are known."""
        return int(np.count_nonzero(~np.isnan(self.counts)))

    def year(self, ending: pd.Timestamp, back: int = 0) -> float:
        """Add twelve months, as `last_twelve` does."""
        return _year(self.months.to_numpy(), self.counts, ending, back)


@dataclass(frozen=True, eq=False)
class _Grid:
    """Months × units, with every month from the first to the last."""

    units: pd.DataFrame  # measure, service_group and team of each column, in this order
    months: pd.DatetimeIndex
    counts: npt.NDArray[np.float64]  # NaN where not known
    told: npt.NDArray[np.bool_]  # whether there is a row, its count known or not


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
    grid = _grid(activity)
    return Monthly(_totals(grid), _by_team(grid))


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
    return _totals(_grid(activity))


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
    return _by_team(_grid(activity))


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
    return _year(series["month"].to_numpy(), series["count"].to_numpy(dtype=float), ending, back)


def _year(
    months: npt.NDArray[np.datetime64],
    counts: npt.NDArray[np.float64],
    ending: pd.Timestamp,
    back: int,
) -> float:
    """Add the twelve months up to a month, less those to go back; NaN unless all are known."""
    month = months.astype("datetime64[M]")
    last = ending.to_datetime64().astype("datetime64[M]") - back
    year = counts[(month > last - 12) & (month <= last)]
    return float(year.sum()) if np.isfinite(year).sum() == 12 else math.nan


def _series(frame: pd.DataFrame) -> dict[tuple[str, str], Series]:
    """Take a frame's series apart."""
    months, counts = pd.DatetimeIndex(frame["month"]), frame["count"].to_numpy(dtype=float)
    groups = frame["service_group"].to_numpy(dtype=object)
    rows: dict[tuple[str, str], list[int]] = {}
    for at, key in enumerate(zip(frame["measure"].tolist(), frame["team"].tolist(), strict=True)):
        rows.setdefault(key, []).append(at)
    return {key: Series(str(groups[at[0]]), months[at], counts[at]) for key, at in sorted(rows.items())}


def _grid(activity: pd.DataFrame) -> _Grid | None:
    """Set out the counts; None without any."""
    if activity.empty:
        return None
    groups = activity.groupby(_UNIT, sort=True)
    units = groups.size().index.to_frame(index=False)
    months = pd.date_range(activity["month"].min(), activity["month"].max(), freq="MS")
    month, unit = months.get_indexer(pd.Index(activity["month"])), groups.ngroup().to_numpy()
    here = (month >= 0) & (unit >= 0)
    cell, counts = (month * len(units) + unit)[here], activity["count"].to_numpy(dtype=float)[here]
    known = ~np.isnan(counts)
    shape = len(months), len(units)
    told, is_known, sums = (
        np.bincount(cell[rows], weights, math.prod(shape)).reshape(shape)
        for rows, weights in ((slice(None), None), (known, None), (known, counts[known]))
    )
    return _Grid(units, months, np.where(is_known > 0, sums, np.nan), told > 0)


def _totals(grid: _Grid | None) -> pd.DataFrame:
    """Add the widest units of each measure, from its first month to its last."""
    columns = ["measure", "month", "count", "units"]
    if grid is None:
        return pd.DataFrame(columns=columns)
    made = []
    for measure, units in grid.units.groupby("measure", sort=True):
        held = _widest(units)
        seen = np.flatnonzero(grid.told[:, held].any(axis=1))
        rows = slice(seen[0], seen[-1] + 1)
        made.append(_sum(grid.counts[rows, held]).assign(measure=measure, month=grid.months[rows]))
    return pd.concat(made, ignore_index=True)[columns]


def _by_team(grid: _Grid | None) -> pd.DataFrame:
    """List each team's months, from its first row to its last, whether the count is known or not."""
    columns = [*_UNIT, "month", "count"]
    held = np.array([], dtype=int) if grid is None else np.flatnonzero(grid.units["team"] != "")
    if grid is None or held.size == 0:
        return pd.DataFrame(columns=columns)
    unit, month = np.nonzero(_between(grid.told[:, held]).T)
    keys = grid.units.iloc[held[unit]].reset_index(drop=True)
    return keys.assign(month=grid.months[month], count=grid.counts[month, held[unit]])[columns]


def _widest(units: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Take one measure's widest units: its total, else groups, else teams; their columns in the grid."""
    no_team, group = units["team"] == "", units["service_group"]
    whole = units.index[no_team & (group == "")]
    widest = whole if len(whole) else units.index[no_team | ~group.isin(group[no_team])]
    return widest.to_numpy()


def _between(seen: npt.NDArray[np.bool_], late: int = 0) -> npt.NDArray[np.bool_]:
    """Mark months from the first seen to the last, or to the end if it is at most `late` months off."""
    month, end = np.arange(len(seen))[:, None], len(seen) - 1
    first, last = seen.argmax(axis=0), end - seen[::-1].argmax(axis=0)
    return np.asarray((month >= first) & (month <= np.where(last >= end - late, end, last)))


def _sum(counts: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Add units month by month, with no total where one that exists is silent."""
    known = ~np.isnan(counts)
    complete = ~(_between(known, _LATE_MONTHS) & ~known).any(axis=1) & known.any(axis=1)
    total = np.where(complete, np.nansum(counts, axis=1), np.nan)
    return pd.DataFrame({"count": total, "units": known.sum(axis=1)})
