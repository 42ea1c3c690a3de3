"""Monthly series from the activity counts: by measure, and by team."""

from __future__ import annotations

__all__ = ["by_team", "last_twelve", "totals"]

import math

import numpy as np
import pandas as pd

# A unit silent for no more than these last months is late with its return, not closed.
_LATE_MONTHS = 2


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
    made = [
        _sum(_units(part)).assign(measure=measure) for measure, part in activity.groupby("measure", sort=True)
    ]
    columns = ["measure", "month", "count", "units"]
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
        silent).
    """
    columns = ["measure", "service_group", "team", "month", "count"]
    made = []
    rows = activity[activity["team"] != ""]
    for (measure, group, team), part in rows.groupby(["measure", "service_group", "team"], sort=True):
        series = part.groupby("month")["count"].sum()
        series = series.reindex(_months(series.index))
        made.append(
            pd.DataFrame(
                {
                    "measure": measure,
                    "service_group": group,
                    "team": team,
                    "month": series.index,
                    "count": series.to_numpy(dtype=float),
                }
            )
        )
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=columns)


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
    counts = series.loc[series["month"].between(first, last), "count"]
    return float(counts.sum()) if counts.notna().sum() == 12 else math.nan


def _units(part: pd.DataFrame) -> pd.DataFrame:
    """Pivot one measure to months × units, the widest units that there are."""
    whole = part[(part["team"] == "") & (part["service_group"] == "")]
    if len(whole):
        chosen = whole
    else:
        grouped = set(part.loc[part["team"] == "", "service_group"])
        chosen = part[(part["team"] == "") | ~part["service_group"].isin(grouped)]
    grid = chosen.pivot_table(
        index="month", columns=["service_group", "team"], values="count", aggfunc="sum", sort=True
    )
    return grid.reindex(_months(grid.index))


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


def _months(index: pd.Index) -> pd.DatetimeIndex:
    return pd.date_range(index.min(), index.max(), freq="MS")
