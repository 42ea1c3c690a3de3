"""What moved between two snapshots of the budget monitor, by line, by setting and step by step."""

from __future__ import annotations

__all__ = ["movement", "settings", "steps"]

from itertools import pairwise

import pandas as pd

from s75lib.budget.position import trend
from s75lib.budget.snapshots import of_latest_year
from s75lib.loaders.schemas import CARE_TYPES

_KEYS = ["scope", "service_group", "line", "kind", "level"]
UNCLASSIFIED = "not classified"


def movement(
    budget: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, *, measure: str = "commitment"
) -> pd.DataFrame:
    """Compare two snapshots, line by line and in total.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.
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
    every = trend(budget[budget["as_at"].isin([start, end])])
    sides = [every.loc[every["as_at"] == day, [*_KEYS, measure]] for day in (start, end)]
    both = sides[1].merge(sides[0], how="outer", on=_KEYS, suffixes=("_after", "_before"), indicator=True)
    before = both[f"{measure}_before"].mask(both["_merge"] == "left_only", 0.0)
    after = both[f"{measure}_after"].mask(both["_merge"] == "right_only", 0.0)
    change = after - before
    setting = both["line"].map(CARE_TYPES).fillna(UNCLASSIFIED).where(both["kind"] == "expenditure", "")
    rows = both[_KEYS].assign(
        setting=setting,
        before=before,
        after=after,
        change=change,
        percent=100 * change / before.abs().where(before != 0),
    )
    return _in_order(rows, sides)


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
    lines = pd.MultiIndex.from_frame(spent[["service_group", "line"]].drop_duplicates())
    held, amounts = (
        spent.assign(held=1.0)
        .pivot_table(index=lines.names, columns="as_at", values=name, aggfunc="first", dropna=False)
        .reindex(index=lines, columns=[s.as_at for s in here])
        for name in ("held", measure)
    )
    # A line that a snapshot does not hold is nought there, and a blank amount stays unknown.
    held = held.notna()
    amounts = amounts.where(held, 0.0)
    frames = [
        (amounts[new.as_at] - amounts[old.as_at])[held[old.as_at] | held[new.as_at]]
        .rename("change")
        .reset_index()
        .assign(start=old.label, end=new.label, as_at=new.as_at)
        for old, new in pairwise(here)
    ]
    whole: pd.DataFrame = pd.concat(frames, ignore_index=True)[columns]
    return whole


def _in_order(rows: pd.DataFrame, sides: list[pd.DataFrame]) -> pd.DataFrame:
    """Put rows back into the monitor's order, which a merge sorts away."""
    order = (
        pd.concat([sides[1][_KEYS], sides[0][_KEYS]]).drop_duplicates().assign(place=lambda f: range(len(f)))
    )
    placed = rows.merge(order, on=_KEYS).sort_values("place", kind="stable")
    return placed.drop(columns="place").reset_index(drop=True)
