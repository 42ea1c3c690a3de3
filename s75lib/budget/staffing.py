"""The staffing position, and whether its budget to date is phased to the month that it claims."""

from __future__ import annotations

__all__ = ["Phasing", "phasing", "staffing"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

_MONEY = [
    "budget",
    "adjusted_budget",
    "adjusted_budget_to_date",
    "actual_to_date",
    "forecast",
    "locum_to_date",
]


@dataclass(frozen=True)
class Phasing:
    """How much of the year a staffing budget to date stands for.

    Parameters
    ----------
    as_at : Timestamp
        Day that the position is dated.
    share : float
        Budget to date over budget for the year, all rows together; NaN without a budget.
    months : int or None
        Whole months of the year that every row's budget to date is, to the pound; None where the rows are
        phased otherwise or not alike.
    expected_months : int
        Months from April to the dated day.
    position_month : Timestamp or None
        Last day of the month that the phasing stands for.
    """

    as_at: pd.Timestamp
    share: float
    months: int | None
    expected_months: int
    position_month: pd.Timestamp | None

    @property
    def agrees(self) -> bool:
        """Whether the budget to date is that of the dated month."""
        return self.months == self.expected_months


def staffing(frame: pd.DataFrame, as_at: pd.Timestamp | None = None) -> pd.DataFrame:
    """Set the staffing forecast against the adjusted budget, by organisation and group.

    Parameters
    ----------
    frame : DataFrame
        The contract's `staffing`, money in £.
    as_at : Timestamp, optional
        The position; default: the latest.

    Returns
    -------
    DataFrame
        ``level`` (line, organisation or all), ``organisation``, ``group``, ``addends``, the contract's money
        columns, ``variance`` (forecast less adjusted budget, £), ``variance_percent`` (NaN for no budget),
        ``to_date_variance`` (actual less budget to date, £), ``virement`` (adjusted less original budget, £)
        and ``locum_percent`` (of the actual to date). Each organisation's total follows its lines, the grand
        total comes last; an empty frame gives no rows.

    Notes
    -----
    A variance below zero is an underspend. A total with an unknown addend is unknown: locums are stated for
    all rows of a total, or not at all.
    """
    here = frame[frame["as_at"] == (frame["as_at"].max() if as_at is None else as_at)]
    blocks = []
    for organisation in here["organisation"].unique():
        rows = here[here["organisation"] == organisation]
        blocks += [rows.assign(level="line", addends=1), _total(rows, "organisation", organisation)]
    blocks.append(_total(here, "all", ""))
    columns = ["level", "organisation", "group", "addends", *_MONEY]
    whole = pd.concat([block[columns] for block in blocks], ignore_index=True)
    if here.empty:
        whole = whole.iloc[:0]
    variance: pd.Series = whole["forecast"] - whole["adjusted_budget"]
    made: pd.DataFrame = whole.assign(
        variance=variance,
        variance_percent=100 * variance / whole["adjusted_budget"].where(whole["adjusted_budget"] != 0),
        to_date_variance=whole["actual_to_date"] - whole["adjusted_budget_to_date"],
        virement=whole["adjusted_budget"] - whole["budget"],
        locum_percent=100
        * whole["locum_to_date"]
        / whole["actual_to_date"].where(whole["actual_to_date"] > 0),
    )
    return made


def phasing(frame: pd.DataFrame) -> tuple[Phasing, ...]:
    """Find the month that each position's budget to date stands for.

    Parameters
    ----------
    frame : DataFrame
        The contract's `staffing`.

    Returns
    -------
    tuple of Phasing
        One for each day, earliest first.

    Notes
    -----
    Even phasing is looked for: every row with a budget must hold the same number of twelfths, to the pound
    that rounding can hide. Another profile gives ``months`` None, which is no fault.

    Examples
    --------
    Two thirds of the year are eight months: November, whatever the report says.

    >>> rows = pd.DataFrame({"as_at": pd.to_datetime(["2019-12-31"]), "adjusted_budget": [300_000.0],
    ...                      "adjusted_budget_to_date": [200_000.0]})
    >>> found = phasing(rows)[0]
    >>> found.months, found.expected_months, f"{found.position_month:%B}"
    (8, 9, 'November')
    """
    money = frame[["adjusted_budget", "adjusted_budget_to_date"]].to_numpy(dtype=float)
    days, place = np.unique(frame["as_at"].to_numpy(), return_inverse=True)
    return tuple(_phasing(pd.Timestamp(day), *money[place == number].T) for number, day in enumerate(days))


def _phasing(day: pd.Timestamp, year: npt.NDArray[np.float64], to_date: npt.NDArray[np.float64]) -> Phasing:
    budgeted = (year > 0) & ~np.isnan(to_date)
    year, to_date = year[budgeted], to_date[budgeted]
    expected = (day.month - 4) % 12 + 1
    if not len(year):
        return Phasing(day, float("nan"), None, expected, None)
    share = float(to_date.sum() / year.sum())
    months = round(12 * share)
    if not (np.abs(to_date - year * months / 12) <= 1.0).all() or not 1 <= months <= 12:
        return Phasing(day, share, None, expected, None)
    first = pd.Timestamp(day.year - (day.month < 4), 4, 1)
    return Phasing(day, share, months, expected, first + pd.DateOffset(months=months, days=-1))


def _total(rows: pd.DataFrame, level: str, organisation: str) -> pd.DataFrame:
    sums = rows[_MONEY].sum(skipna=False).to_dict()
    return pd.DataFrame(
        [{"level": level, "organisation": organisation, "group": "", "addends": len(rows), **sums}]
    )
