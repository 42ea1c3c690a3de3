"""Open care packages as a stock that fills and drains."""

from __future__ import annotations

__all__ = ["Caseload", "caseload"]

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.stats.queueing import littles_law, stock_and_flow
from s75lib.workload.draws import tails

Array = npt.NDArray[np.float64]

_DRAWS = 4000
_SEED = 75


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
    ahead : DataFrame
        month, central, lower_80, upper_80, lower_95, upper_95: packages open in each of the next twelve
        months, with the uncertainty of the two rates and of the events.
    settles_at : float
        Where the stock would settle.
    """

    known: pd.Timestamp
    months: pd.DataFrame
    starts: float
    leaving_share: float
    stay: float
    in_a_year: float
    ahead: pd.DataFrame = field(repr=False)
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
    changes. Prior-year items are left out. Ahead, starts are Poisson and ends binomial; the rates are drawn
    from the gamma and beta distributions that the year's counts leave (Jeffreys' priors).
    """
    if packages.empty:
        return None
    rows = packages[~packages["prior_year"].fillna(False).astype(bool)]
    rows = rows[rows["start_date"] <= rows["snapshot_date"]]
    rows = rows[rows["end_date"].isna() | (rows["end_date"] > rows["snapshot_date"])]
    keys = rows.groupby(["person_key", "care_type"], sort=False, dropna=False).ngroup()
    stocks = {day.to_period("M"): set(part.tolist()) for day, part in keys.groupby(rows["snapshot_date"])}
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
        ahead=_ahead(months, before),
        settles_at=starts / share if share else np.inf,
    )


def _ahead(months: pd.DataFrame, before: Array) -> pd.DataFrame:
    """Draw the stock of the next twelve months."""
    rng = np.random.default_rng(_SEED)
    started, ended = months["started"].sum(), months["ended"].sum()
    rate = rng.gamma(started + 0.5, 1 / len(months), _DRAWS)
    leaving = rng.beta(ended + 0.5, before.sum() - ended + 0.5, _DRAWS)
    stock = np.full(_DRAWS, int(months["open"].iloc[-1]))
    paths = []
    for _ in range(12):
        stock = stock - rng.binomial(stock, leaving) + rng.poisson(rate)
        paths.append(stock)
    ahead = pd.date_range(months["month"].iloc[-1] + pd.DateOffset(months=1), periods=12, freq="MS")
    return pd.DataFrame({"month": ahead, **tails(np.array(paths).T)})
