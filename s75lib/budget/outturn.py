"""Where the year will end: commitment to date and to year end, a projection, the next year."""

from __future__ import annotations

__all__ = ["Outturn", "RunRate", "project", "run_rate", "scenario"]

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from scipy import stats

from s75lib.budget.ledger import commitments
from s75lib.errors import MethodError
from s75lib.loaders import financial_year_of

_FEWEST = 3
_YEAR = 365.25


@dataclass(frozen=True)
class Outturn:
    """A projection of the net commitment at the year end.

    Parameters
    ----------
    as_at : Timestamp
        Day of the latest snapshot.
    year_end : Timestamp
    commitment : float
        Net commitment for the year at that day, £.
    projected, lower, upper : float
        Projection and prediction interval, £.
    confidence : float
        Coverage of the interval, in (0, 1).
    movements : int
        Past movements that it rests on.
    method : str
    """

    as_at: pd.Timestamp
    year_end: pd.Timestamp
    commitment: float
    projected: float
    lower: float
    upper: float
    confidence: float
    movements: int
    method: str


@dataclass(frozen=True)
class RunRate:
    """The commitment of one ledger snapshot, split at its day, and what the open packages cost a full year.

    Parameters
    ----------
    as_at : Timestamp
    year, next_year : str
        Financial years.
    to_date, to_come, commitment : float
        Net cost from 1 April to the day, from the next day to 31 March, and both together, £.
    full_year : float
        Net cost of the packages open at the year end for all days of the next year at today's prices, £.
    full_year_effect : float
        `full_year` less `commitment`, £.
    open_at_end : int
        Packages that will be open at the year end, as known on the day.
    """

    as_at: pd.Timestamp
    year: str
    next_year: str
    to_date: float
    to_come: float
    commitment: float
    full_year: float
    full_year_effect: float
    open_at_end: int


def run_rate(rows: pd.DataFrame) -> RunRate:
    """Split a snapshot's commitment at its day and give the full-year effect of what is open at the year end.

    Parameters
    ----------
    rows : DataFrame
        All lines of one snapshot, as `s75lib.budget.ledger.lines` gives them.

    Returns
    -------
    RunRate

    Raises
    ------
    MethodError
        If there is no line.

    Notes
    -----
    Days are counted with both ends; the next year's are 365 or 366. Items of earlier years are left out.
    """
    if rows.empty:
        raise MethodError("found a ledger without a row; expected at least one snapshot. Supply the dataset.")
    day = rows["snapshot_date"].iloc[0]
    sums = commitments(rows, by=())[["net", "to_date"]].sum()
    this = financial_year_of(day.date())
    after = financial_year_of(this.end + timedelta(days=1))
    stays = rows[
        ~rows["prior"]
        & (rows["weeks"] > 0)
        & (rows["end_date"].isna() | (rows["end_date"] > pd.Timestamp(this.end)))
    ]
    until = stays["end_date"].fillna(pd.Timestamp(after.end)).clip(upper=pd.Timestamp(after.end))  # type: ignore[call-overload]
    weeks = ((until - pd.Timestamp(after.start)).dt.days + 1) / 7
    full = float((stays["net"] * weeks).sum())
    net, to_date = float(sums["net"]), float(sums["to_date"])
    return RunRate(day, this.label, after.label, to_date, net - to_date, net, full, full - net, len(stays))


def project(series: pd.DataFrame, *, confidence: float = 0.8) -> Outturn:
    """Project the net commitment to the year end from its own past movements.

    Parameters
    ----------
    series : DataFrame
        ``as_at`` (day), ``financial_year`` and ``commitment`` (net, £), one row per snapshot, of one or more
        years.
    confidence : float
        Coverage of the prediction interval, in (0, 1).

    Returns
    -------
    Outturn

    Raises
    ------
    MethodError
        If fewer than three movements within a financial year are held, a commitment is unknown, or the
        confidence is not in (0, 1).

    Notes
    -----
    A package that starts or stops moves the year's commitment by its weekly cost times what is left of the
    year, so the same change of run-rate moves it less and less. With the run-rate a random walk with drift,
    a movement from day a to day b of a year that ends at E has mean μ·w and variance σ²·v, where
    w = ((E − a)² − (E − b)²)/2 and v = ((E − a)³ − (E − b)³)/3, in years. Drift and spread are estimated by
    weighted least squares over all movements held; what is left of the year has w = (E − T)²/2 and
    v = (E − T)³/3, and Student's t on the number of movements less one gives the interval, the uncertainty of
    the drift included. A change between the years is no movement. On the last day nothing is left: the
    projection is the commitment. Costs of earlier years that are still to be billed are beyond this model.

    References
    ----------
    Prediction from weighted least squares: Draper, N. R. and Smith, H. (1998) Applied Regression Analysis,
    3rd edition, chapter 9.

    Examples
    --------
    Cambridgeshire's net commitments of 2019/20 in £ thousand, April to December:

    >>> series = pd.DataFrame({"as_at": pd.to_datetime(["2019-04-30", "2019-06-30", "2019-09-30",
    ...     "2019-11-30", "2019-12-31"]), "financial_year": "2019/20",
    ...     "commitment": [8971.0, 9170.0, 9547.0, 9608.0, 9602.0]})
    >>> found = project(series)
    >>> round(found.projected), found.lower < 9602 < found.upper
    (9647, True)
    """
    if not 0 < confidence < 1:
        raise MethodError(f"confidence: found {confidence}; expected a number between 0 and 1, such as 0.8.")
    moves = _movements(series)
    if len(moves) < _FEWEST:
        raise MethodError(
            f"found {len(moves)} movements of the commitment within a year; expected at least {_FEWEST}. "
            "Supply more snapshots."
        )
    w, v, d = (moves[name].to_numpy() for name in ("w", "v", "d"))
    information = float(np.sum(w**2 / v))
    drift = float(np.sum(w * d / v)) / information
    spread = float(np.sum((d - drift * w) ** 2 / v)) / (len(d) - 1)
    last = series.sort_values("as_at").iloc[-1]
    end = _year_end(pd.Timestamp(last["as_at"]))
    left = (end - pd.Timestamp(last["as_at"])).days / _YEAR
    w_left, v_left = left**2 / 2, left**3 / 3
    error = float(np.sqrt(spread * (v_left + w_left**2 / information)))
    reach = float(stats.t.ppf((1 + confidence) / 2, len(d) - 1)) * error
    now = float(last["commitment"])
    centre = now + drift * w_left
    return Outturn(
        pd.Timestamp(last["as_at"]),
        end,
        now,
        centre,
        centre - reach,
        centre + reach,
        confidence,
        len(d),
        "run-rate as a random walk with drift, from past movements within the year",
    )


def scenario(series: pd.DataFrame) -> dict[str, float]:
    """Repeat what the commitment did from the same month to the end in each earlier year.

    Parameters
    ----------
    series : DataFrame
        As for `project`.

    Returns
    -------
    dict of str to float
        Earlier financial year to the outturn (£) if the same relative movement came again; empty where no
        earlier year holds a snapshot of the same month and one of March.
    """
    ordered = series.sort_values("as_at")
    last = ordered.iloc[-1]
    month = pd.Timestamp(last["as_at"]).month
    found = {}
    for year, rows in ordered[ordered["financial_year"] != last["financial_year"]].groupby("financial_year"):
        then, end = rows[rows["as_at"].dt.month == month], rows[rows["as_at"].dt.month == 3]
        if len(then) and len(end) and float(then["commitment"].iloc[-1]) != 0:
            ratio = float(end["commitment"].iloc[-1]) / float(then["commitment"].iloc[-1])
            found[str(year)] = float(last["commitment"]) * ratio
    return found


def _movements(series: pd.DataFrame) -> pd.DataFrame:
    """Movements within each year with their weights."""
    ordered = series.sort_values(["financial_year", "as_at"])
    if ordered["commitment"].isna().any():
        raise MethodError(
            "found a snapshot without a commitment; expected one for each. Leave the snapshot out."
        )
    old, new = ordered.iloc[:-1].reset_index(drop=True), ordered.iloc[1:].reset_index(drop=True)
    same = old["financial_year"] == new["financial_year"]
    end = new["as_at"].map(_year_end)
    left = [(end - side["as_at"]).dt.days.to_numpy() / _YEAR for side in (old, new)]
    rows = pd.DataFrame(
        {
            "w": (left[0] ** 2 - left[1] ** 2) / 2,
            "v": (left[0] ** 3 - left[1] ** 3) / 3,
            "d": (new["commitment"] - old["commitment"]).to_numpy(),
        }
    )
    return rows[same.to_numpy()]


def _year_end(day: pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(financial_year_of(day.date()).end)
