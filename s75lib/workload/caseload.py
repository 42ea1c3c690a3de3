"""Stocks and queues of cases: packages open, work that piles up, what a year at full stretch does."""

from __future__ import annotations

__all__ = ["Caseload", "caseload", "pile_up", "stretch"]

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.stats.queueing import backlog, backlog_distribution, littles_law, stock_and_flow

Array = npt.NDArray[np.float64]

_USE = (0.85, 0.90, 0.95, 1.00, 1.05)


@dataclass(frozen=True)
class Caseload:
    """Open care packages as a stock with inflow and outflow.

    Parameters
    ----------
    known : Timestamp
        Day of the latest snapshot.
    months : DataFrame
        month (of the snapshot), open, started, ended (packages in the month).
    starts : float
        A month, mean of the last twelve.
    leaving_share : float
        Share of the stock that ends in a month, mean of the last twelve.
    stay : float
        Months that a package stays open in the long run, by Little's law from the mean stock and the starts.
    in_a_year : float
        Packages open in twelve months at these rates.
    settles_at : float
        Where the stock would settle.
    """

    known: pd.Timestamp
    months: pd.DataFrame
    starts: float
    leaving_share: float
    stay: float
    in_a_year: float
    settles_at: float


def caseload(packages: pd.DataFrame) -> Caseload | None:
    """Follow the open packages of the ledger from snapshot to snapshot.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`, with a snapshot a month.

    Returns
    -------
    Caseload or None
        None without thirteen monthly snapshots in a row up to the latest.

    Notes
    -----
    A package counts by person and care type, since a ledger may give it a new reference when its price
    changes.
    Prior-year items are left out.
    """
    if packages.empty:
        return None
    rows = packages[~packages["prior_year"].fillna(False).astype(bool)]
    rows = rows[rows["start_date"] <= rows["snapshot_date"]]
    rows = rows[rows["end_date"].isna() | (rows["end_date"] > rows["snapshot_date"])]
    keys = rows["person_key"].astype(str) + "|" + rows["care_type"].astype(str)
    stocks = {day.to_period("M"): set(part) for day, part in keys.groupby(rows["snapshot_date"])}
    order = sorted(stocks)[-13:]
    if len(order) < 13 or (order[-1] - order[0]).n != 12:
        return None
    months = pd.DataFrame(
        [
            (
                now.to_timestamp(),
                len(stocks[now]),
                len(stocks[now] - stocks[then]),
                len(stocks[then] - stocks[now]),
            )
            for then, now in pairwise(order)
        ],
        columns=["month", "open", "started", "ended"],
    )
    before = np.array([len(stocks[month]) for month in order[:-1]], dtype=float)
    starts = float(months["started"].mean())
    share = float(months["ended"].sum() / before.sum())
    now = float(months["open"].iloc[-1])
    return Caseload(
        known=rows["snapshot_date"].max(),
        months=months,
        starts=starts,
        leaving_share=share,
        stay=littles_law(arrivals=starts, present=float(months["open"].mean())).time if starts else np.inf,
        in_a_year=float(stock_and_flow(now, np.full(12, starts), share)[-1]),
        settles_at=starts / share if share else np.inf,
    )


def pile_up(wte: Array, staffed: float) -> pd.DataFrame:
    """Follow the work left undone if those now in post, with locums, stay as many as they are.

    Parameters
    ----------
    wte : array, (draws, months)
        Staff that the work takes.
    staffed : float
        WTE that are there.

    Returns
    -------
    DataFrame
        step (1 …), central, lower_80, upper_80, lower_95, upper_95 (weeks of the whole team's work that
        wait),
        p_any (probability that any waits). It starts from nothing waiting.
    """
    waiting = (
        backlog(wte, staffed) / staffed * (365.25 / 7 / 12) if staffed > 0 else np.full(wte.shape, np.inf)
    )
    shares = {"central": 0.5, "lower_80": 0.1, "upper_80": 0.9, "lower_95": 0.025, "upper_95": 0.975}
    made = {name: np.quantile(waiting, share, axis=0) for name, share in shares.items()}
    return pd.DataFrame({"step": np.arange(1, wte.shape[1] + 1), **made, "p_any": (waiting > 0).mean(axis=0)})


def stretch(mean: float, *, variance_ratio: float = 1.0, months: int = 12) -> pd.DataFrame:
    """Show what waits after a year at several levels of use, from uneven arrivals alone.

    Parameters
    ----------
    mean : float
        Arrivals a month, > 0.
    variance_ratio : float
        Variance of a month's arrivals as a multiple of their mean, >= 1.
    months : int

    Returns
    -------
    DataFrame
        use (arrivals over capacity), capacity (a month, whole), median, upper_80 (90th percentile),
        upper_95 (97.5th
        percentile), p_clear (probability that nothing waits).
    """
    rows = []
    for use in _USE:
        capacity = round(mean / use)
        law = backlog_distribution(mean, capacity, months, variance_ratio=variance_ratio)
        below = np.cumsum(law)
        levels = [int(np.searchsorted(below, share)) for share in (0.5, 0.9, 0.975)]
        rows.append((mean / capacity, capacity, *levels, float(law[0])))
    return pd.DataFrame(rows, columns=["use", "capacity", "median", "upper_80", "upper_95", "p_clear"])
