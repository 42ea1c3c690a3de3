"""What moved between two snapshots of the budget monitor, by line, by setting and step by step."""

from __future__ import annotations

__all__ = ["movement", "settings", "steps"]

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.budget.snapshots import of_latest_year
from s75lib.loaders.schemas import CARE_TYPES

_KEYS = ["scope", "service_group", "line", "kind", "level"]
UNCLASSIFIED = "not classified"


def movement(
    trend: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, *, measure: str = "commitment"
) -> pd.DataFrame:
    """Compare two snapshots, line by line and in total.

    Parameters
    ----------
    trend : DataFrame
        As `s75lib.budget.position.trend` gives it.
    start, end : Timestamp
        Days of the two snapshots.
    measure : str
        ``commitment`` or ``forecast``.

    Returns
    -------
    DataFrame
        ``scope``, ``service_group``, ``line``, ``kind``, ``level`` as `position` has them, ``setting``
        (bed-based, community or not classified for a line of expenditure, else blank), ``before``, ``after``,
        ``change`` (£) and ``percent`` (of the size before; NaN where that is zero).

    Notes
    -----
    A line that stands in one snapshot alone counts as zero in the other; a blank amount stays unknown.
    The changes of the lines add up to those of the totals.
    """
    # The order of the later snapshot first, then what only the earlier one holds.
    sides = [trend[trend["as_at"] == day] for day in (end, start)]
    both = pd.concat(sides)
    rows, place = _places(both, _KEYS)
    money = np.zeros((2, len(rows)))
    money[np.repeat([0, 1], [len(side) for side in sides]), place] = both[measure]
    after, before = money
    change = after - before
    setting = rows["line"].map(CARE_TYPES).fillna(UNCLASSIFIED).where(rows["kind"] == "expenditure", "")
    return rows.assign(
        setting=setting,
        before=before,
        after=after,
        change=change,
        percent=100 * change / np.where(before == 0, np.nan, np.abs(before)),
    )


def settings(moved: pd.DataFrame) -> pd.DataFrame:
    """Gather a movement of gross expenditure into bed-based and community care.

    Parameters
    ----------
    moved : DataFrame
        As `movement` gives it.

    Returns
    -------
    DataFrame
        ``service_group`` (blank: all), ``setting``, ``before``, ``after``, ``change`` (£), ``percent``.

    References
    ----------
    The care types' settings are those of the data dictionary: residential and nursing care are bed-based.
    """
    spent = moved[(moved["level"] == "line") & (moved["kind"] == "expenditure")]
    money = ["before", "after", "change"]
    by_group = spent.groupby(["service_group", "setting"], sort=False)[money].sum(min_count=1).reset_index()
    overall = spent.groupby("setting", sort=False)[money].sum(min_count=1).reset_index()
    if len(by_group["service_group"].unique()) > 1:
        by_group = pd.concat([by_group, overall.assign(service_group="")], ignore_index=True)
    return by_group.assign(
        percent=100 * by_group["change"] / by_group["before"].abs().where(by_group["before"] != 0)
    )


def steps(budget: pd.DataFrame, *, measure: str = "commitment") -> pd.DataFrame:
    """Follow the lines of gross expenditure from each snapshot of the latest year to the next.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.
    measure : str
        ``commitment`` or ``forecast``.

    Returns
    -------
    DataFrame
        ``service_group``, ``line``, ``start``, ``end`` (labels of the snapshots), ``as_at`` (of the later
        one),
        ``change`` (£). No rows for fewer than two snapshots.
    """
    here = of_latest_year(budget)
    columns = ["service_group", "line", "start", "end", "as_at", "change"]
    if len(here) < 2:
        return pd.DataFrame(columns=columns)
    spent = budget[budget["as_at"].isin([s.as_at for s in here]) & (budget["kind"] == "expenditure")]
    lines, place = _places(spent, ["service_group", "line"])
    days = pd.DatetimeIndex([s.as_at for s in here])
    cells = days.get_indexer(pd.DatetimeIndex(spent["as_at"])), place
    # A line that a snapshot does not hold is nought there, and a blank amount stays unknown.
    held, amounts = np.zeros((len(days), len(lines)), dtype=bool), np.zeros((len(days), len(lines)))
    held[cells], amounts[cells] = True, spent[measure]
    step, line = np.nonzero(held[1:] | held[:-1])
    labels = pd.Index([s.label for s in here], dtype="str")
    return (
        lines.take(line)
        .reset_index(drop=True)
        .assign(
            start=labels[step],
            end=labels[step + 1],
            as_at=days[step + 1],
            change=np.diff(amounts, axis=0)[step, line],
        )
    )


def _places(rows: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, npt.NDArray[np.integer[Any]]]:
    """Give the distinct keys in the order in which they come, and the place of each row's among them."""
    return rows[keys].drop_duplicates(ignore_index=True), rows.groupby(keys, sort=False).ngroup().to_numpy()
