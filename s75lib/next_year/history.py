"""What the ledger's snapshots tell of cases over time: who came, who left, what moved for who stayed."""

from __future__ import annotations

__all__ = ["MONEY", "Flows", "History", "flows", "history"]

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.budget.ledger import CASE
from s75lib.errors import MethodError

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
MONEY = ("gross", "health", "client")
"""The amounts of a package that are carried through every step; net is the first less the others."""
CELL = ["service_group", "care_type", "age_band"]
_YEAR_AND_A_BIT = pd.Timedelta(days=20)


@dataclass(frozen=True, eq=False)
class History:
    """The cases of a ledger, with what each cost at every snapshot.

    - `rows`: The ledger's lines that belong to no earlier year.
    - `days`: Snapshots, earliest first.
    - `case`, `cell`, `snapshot`: Of each line: its case, its service group × care type × age band, and its
      snapshot.
    - `cells`: `CELL` of each cell.
    - `gross`, `health`, `units` (snapshots, cases): Of packages open on the day, a week.
    """

    rows: pd.DataFrame
    days: pd.DatetimeIndex
    case: Codes
    cell: Codes
    snapshot: Codes
    cells: pd.DataFrame
    gross: Array
    health: Array
    units: Array

    def share(self) -> Array:
        """NHS share of the gross cost at each snapshot, percent."""
        gross = self.gross.sum(axis=1)
        return np.asarray(100 * self.health.sum(axis=1) / np.where(gross > 0, gross, np.nan))

    @cached_property
    def _months(self) -> Array:
        return np.diff(self.days.to_numpy()).astype("timedelta64[D]").astype(float) * 12 / 365.25

    def share_spread(self) -> float:
        """Give the standard deviation of a month's change in the NHS share, about none, in points."""
        return self._spread(np.diff(self.share()), np.ones(len(self._months), dtype=bool))

    def cost_spread(self) -> float:
        """Give that of a month's relative change in the cost of cases that stay, within a year."""
        stay = (self.gross[:-1] > 0) & (self.gross[1:] > 0)
        before, after = ((part * stay).sum(axis=1) for part in (self.gross[:-1], self.gross[1:]))
        change = after / np.where(before > 0, before, np.nan) - 1
        year = self.days.to_period("Q-MAR").qyear
        return self._spread(change, np.asarray(year[:-1] == year[1:]))

    def _spread(self, changes: Array, used: npt.NDArray[np.bool_]) -> float:
        used = used & np.isfinite(changes)
        return float(np.sqrt(np.sum(changes[used] ** 2) / np.sum(self._months[used]))) if used.any() else 0.0

    def yearly_price_changes(self) -> Array:
        """Relative change of the price of cases that stay with the same units, for snapshots a year apart."""
        found = []
        for now, day in enumerate(self.days):
            gaps = np.abs((self.days - (day - pd.DateOffset(years=1))).to_numpy())
            then = int(np.argmin(gaps))
            same = (self.gross[then] > 0) & (self.gross[now] > 0) & (self.units[then] == self.units[now])
            if gaps[then] <= _YEAR_AND_A_BIT and same.any():
                found.append(self.gross[now][same].sum() / self.gross[then][same].sum() - 1)
        return np.array(found)

    def repriced(self, since: pd.Timestamp) -> npt.NDArray[np.bool_]:
        """Say of each case whether its price rose by half a per cent from a day to the last snapshot."""
        before = np.flatnonzero(self.days <= since)
        if before.size == 0:
            return np.zeros(self.gross.shape[1], dtype=bool)
        with np.errstate(divide="ignore", invalid="ignore"):
            price = self.gross[[before[-1], -1]] / self.units[[before[-1], -1]]
        return np.asarray(price[1] > 1.005 * price[0])


def history(rows: pd.DataFrame) -> History:
    """Follow the cases of a ledger over its snapshots.

    A case is a person in a care type. MethodError without a line.

    Examples
    --------
    >>> found = history(held.deep_dive.lines)
    >>> len(found.days), f"{found.share()[-1]:.1f}%"
    (24, '17.9%')
    """
    rows = rows[~rows["prior"]].reset_index(drop=True)
    if rows.empty:
        raise MethodError("found a ledger without a line of its own year; expected one snapshot or more.")
    snapshot, days = pd.factorize(rows["snapshot_date"], sort=True)
    by_case = rows.groupby(CASE, sort=False, dropna=False)
    case: Any = by_case.ngroup().to_numpy()
    cell: Any = rows.groupby(CELL, sort=False, dropna=False).ngroup().to_numpy()
    cells = rows[CELL].iloc[np.unique(cell, return_index=True)[1]].reset_index(drop=True)
    shape, live = (len(days), by_case.ngroups), rows["open"].to_numpy(dtype=bool)
    place: Codes = (snapshot * by_case.ngroups + case)[live]

    def summed(name: str) -> Array:
        amounts = rows[name].to_numpy(dtype=float)[live]
        return np.bincount(place, amounts, minlength=shape[0] * shape[1]).astype(float).reshape(shape)

    amounts = (summed(name) for name in ("gross", "health", "units"))
    at: Any = snapshot
    return History(rows, pd.DatetimeIndex(days), case, cell, at, cells, *amounts)


@dataclass(frozen=True, eq=False)
class Flows:
    """Cases that started and left in each month that the ledger shows in full, by cell.

    - `started`, `left`, `stock` (months, cells, money): Weekly cost of the cases that started in the month,
      left in it, and were open as it began, £.
    - `short` (months, cells, money): Whole cost of those that started and left within the month, £.
    - `counts` (months, cells): Of cases; those within a month are in ``started`` and ``left``.
    """

    months: pd.DatetimeIndex
    started: Array
    left: Array
    stock: Array
    short: Array
    counts: dict[str, Array]


def flows(held: History) -> Flows:
    """Find who started and who left, month by month.

    A case runs from its first start in any snapshot to its last end. One that is in no later snapshot,
    although it had no end, left by the next one. Costs are those of its last lines. A ledger that shows
    packages which ended earlier in the year tells of the year from its first day; another tells only of the
    months after its first snapshot. The month of the last snapshot counts if that is its last day.

    Examples
    --------
    >>> found = flows(history(held.deep_dive.lines))
    >>> len(found.months), f"{found.counts['started'].sum() / 24:.1f} a month"
    (24, '9.2 a month')
    """
    rows, spells = held.rows, _spells(held)
    last = held.days[-1]
    ended = rows["end_date"] < rows["snapshot_date"]
    day = held.days[0]
    begin = pd.Timestamp(day.year - (day.month < 4), 4, 1) if ended.any() else day + pd.Timedelta(days=1)
    begin = begin if begin.day == 1 else begin + pd.offsets.MonthBegin()
    end = last if last.is_month_end else last - pd.offsets.MonthEnd()
    months = pd.date_range(begin, end, freq="MS") if begin < end else pd.DatetimeIndex([])
    shape = (len(months), len(held.cells), len(MONEY))
    cell, money = spells["cell"].to_numpy(), spells[list(MONEY)].to_numpy(dtype=float)
    start, stop = (months.searchsorted(spells[name], side="right") - 1 for name in ("start", "stop"))
    gone = spells["stop"].notna().to_numpy() & (spells["stop"] <= end).to_numpy()
    came, left = start >= 0, gone & (stop >= 0)
    within = came & left & (start == stop)
    weeks = ((spells["stop"] - spells["start"]).dt.days.to_numpy(dtype=float) + 1) / 7

    def summed(month: Codes, used: npt.NDArray[np.bool_], amounts: Array) -> Array:
        found = np.zeros((shape[0] * shape[1], amounts.shape[1]))
        np.add.at(found, (month * shape[1] + cell)[used], amounts[used])
        return found.reshape(*shape[:2], amounts.shape[1])

    ones = np.ones((len(spells), 1))
    stock, stock_n = np.zeros(shape), np.zeros(shape[:2])
    for at, first in enumerate(months):
        there = ((spells["start"] < first) & ~(spells["stop"] < first)).to_numpy()
        stock_n[at] = np.bincount(cell[there], minlength=shape[1])
        for k in range(shape[2]):
            stock[at, :, k] = np.bincount(cell[there], money[there, k], minlength=shape[1])
    counts = {
        "started": summed(start, came, ones)[..., 0],
        "left": summed(stop, left, ones)[..., 0],
        "stock": stock_n,
    }
    short = summed(start, within, money * np.where(within, weeks, 0.0)[:, None])
    return Flows(
        months,
        summed(start, came & ~within, money),
        summed(stop, left & ~within, money),
        stock,
        short,
        counts,
    )


def _spells(held: History) -> pd.DataFrame:
    """Give each case its cell, first day, last day (none while open) and weekly cost at its last snapshot."""
    frame = held.rows[["start_date", "end_date", *MONEY]].assign(
        case=held.case, cell=held.cell, snapshot=held.snapshot
    )
    first = frame.groupby("case")["start_date"].min()
    seen = frame.groupby("case")["snapshot"].max()
    late = frame[frame["snapshot"] == frame["case"].map(seen)]
    far = pd.Timestamp("2200-01-01")
    stop = late["end_date"].fillna(far)
    until = stop.groupby(late["case"]).max()
    final = late[stop == late["case"].map(until)]
    money: Any = final.groupby("case")[list(MONEY)].sum()
    after = pd.Series([*held.days[1:], far], dtype="datetime64[s]").to_numpy()
    gone = np.minimum(until.to_numpy(dtype="datetime64[s]"), after[seen.to_numpy()])
    spells = money.assign(cell=final.groupby("case")["cell"].first(), start=first, stop=gone)
    return pd.DataFrame(spells.assign(stop=spells["stop"].where(spells["stop"] < far)))
