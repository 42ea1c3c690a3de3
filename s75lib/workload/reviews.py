"""Reviews that fall due: from exact dates, and on a month grid where only numbers are known."""

from __future__ import annotations

__all__ = ["curve", "delay_shares", "due_dates", "ledger_due", "spread_evenly", "transfer_reviews"]

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.workload.assumptions import Assumptions

Array = npt.NDArray[np.float64]

_DAYS_A_MONTH = 365.25 / 12
_NARROW = 1e-6


def due_dates(
    start: date,
    until: date,
    *,
    last_review: date | None = None,
    light_touch_days: int | None = None,
    interval_months: int = 12,
    closes: date | None = None,
) -> list[tuple[date, str]]:
    """List the reviews of one package that fall due from its start or transfer to a day.

    Parameters
    ----------
    start : date
        Day on which the plan was agreed, or the package came to the team.
    until : date
        Last day of interest.
    last_review : date, optional
        Day of the last yearly review before `start`; its anniversary is kept. Without one the year runs from
        `start`.
    light_touch_days : int, optional
        Days from `start` to the light-touch review; none without it.
    interval_months : int
        Months from one yearly review to the next, >= 1.
    closes : date, optional
        Last day of the package; nothing falls due after it.

    Returns
    -------
    list of (date, str)
        In order; the kind is ``light touch``, ``yearly`` or ``overdue``.

    Raises
    ------
    MethodError
        If the interval is below one month.

    Notes
    -----
    An anniversary of the 31st falls on the last day of a shorter month; later ones return to the 31st. A
    package that comes with its review overdue is due on the first day, and its year begins anew there.

    Examples
    --------
    >>> due_dates(date(2020, 3, 2), date(2021, 6, 30), last_review=date(2019, 9, 30), light_touch_days=49)
    [(datetime.date(2020, 4, 20), 'light touch'), (datetime.date(2020, 9, 30), 'yearly')]
    """
    if interval_months < 1:
        raise MethodError(f"found interval_months {interval_months}; expected at least one month.")
    last = min(until, closes) if closes else until
    made: list[tuple[date, str]] = []
    if light_touch_days is not None:
        light = date.fromordinal(start.toordinal() + light_touch_days)
        if light <= last:
            made.append((light, "light touch"))
    anchor, kind = last_review or start, "yearly"
    if last_review and _months_later(last_review, interval_months) < start:
        anchor, kind = start, "overdue"
        if start <= last:
            made.append((start, kind))
    turn = 1
    while (due := _months_later(anchor, turn * interval_months)) <= last:
        made.append((due, "yearly"))
        turn += 1
    return sorted(made)


def ledger_due(packages: pd.DataFrame, *, months: int = 24, interval_months: int = 12) -> pd.DataFrame:
    """Count the yearly reviews that fall due by team and month, from the ledger's own dates.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`; the latest snapshot's open packages are used. A package that was never
        reviewed is due a year after its start.
    months : int
        Months after the snapshot, >= 1.
    interval_months : int
        Months from one yearly review to the next.

    Returns
    -------
    DataFrame
        service_group, team, month, due (reviews, the overdue ones in the first month), overdue (of them, due
        on or before the snapshot). Empty without dates of reviews.

    Notes
    -----
    Each review is supposed done when it is due, so that the next follows a year later; packages close on
    their end date if they have one, and nothing new is added: it is the load of the packages open now.
    """
    columns = ["service_group", "team", "month", "due", "overdue"]
    if packages.empty or packages["last_review_date"].isna().all():
        return pd.DataFrame(columns=columns)
    known = packages["snapshot_date"].max()
    current = packages[packages["snapshot_date"] == known]
    current = current[(current["end_date"].isna()) | (current["end_date"] > known)]
    current = current[(current["start_date"] <= known) & ~current["prior_year"].fillna(False).astype(bool)]
    start = (known + pd.Timedelta(days=1)).date()
    until = (pd.Timestamp(start) + pd.DateOffset(months=months) - pd.Timedelta(days=1)).date()
    rows = []
    for group, team, begun, ended, reviewed in current[
        ["service_group", "team", "start_date", "end_date", "last_review_date"]
    ].itertuples(index=False, name=None):
        anchor = begun if pd.isna(reviewed) else reviewed
        closes = None if pd.isna(ended) else ended.date()
        dates = due_dates(
            start, until, last_review=anchor.date(), interval_months=interval_months, closes=closes
        )
        rows += [(group, team, pd.Timestamp(day).replace(day=1), kind == "overdue") for day, kind in dates]
    found = pd.DataFrame(rows, columns=["service_group", "team", "month", "overdue"])
    grid = pd.MultiIndex.from_product(
        [sorted(set(zip(found["service_group"], found["team"], strict=True))),
         pd.date_range(pd.Timestamp(start).replace(day=1), periods=months, freq="MS")]
    )  # fmt: skip
    counts = found.groupby(["service_group", "team", "month"])["overdue"].agg(["size", "sum"])
    index = [(group, team, month) for (group, team), month in grid]
    counts = counts.reindex(pd.MultiIndex.from_tuples(index, names=columns[:3]), fill_value=0).reset_index()
    return counts.rename(columns={"size": "due", "sum": "overdue"})[columns]


def spread_evenly(months: int) -> tuple[float, ...]:
    """Spread a transfer evenly over some months.

    Parameters
    ----------
    months : int
        At least 1.

    Returns
    -------
    tuple of float
        Shares that sum to 1.
    """
    return (1 / months,) * months


def curve(
    packages: float,
    *,
    spread: Sequence[float] = (1.0,),
    months: int = 24,
    light_touch_weeks: tuple[float, float] | None = (6.0, 8.0),
    interval_months: int = 12,
    annual_closure_share: float = 0.0,
    anniversaries: str = "kept",
) -> pd.DataFrame:
    """Expect the reviews that follow from the transfer of some packages, month by month.

    Parameters
    ----------
    packages : float
        That move, >= 0.
    spread : sequence of float
        Share that moves in each month from the first on; sums to 1.
    months : int
        Months from the start of the transfer, >= 1.
    light_touch_weeks : (float, float), optional
        Earliest and latest weeks from transfer to the light-touch review, evenly spread between; none
        without it.
    interval_months : int
        Months from one yearly review to the next, >= 1.
    annual_closure_share : float
        Share of open packages that end within a year, in [0, 1).
    anniversaries : str
        ``kept``: reviews go on in the month of their old anniversary, which is unknown and so spread evenly
        over the interval; ``anew``: the year begins with the transfer.

    Returns
    -------
    DataFrame
        month (0, 1, …), moved (packages, cumulative, closed ones included), light_touch, yearly, due
        (expected reviews in the month).

    Raises
    ------
    MethodError
        If an argument is out of range or the shares do not sum to 1.

    Notes
    -----
    Packages move evenly within a month, so a month's movers are there for half of it on average. Those that
    close leave at a constant rate; a review is due only while the package is open.

    Examples
    --------
    >>> table = curve(273, spread=spread_evenly(3))
    >>> round(table["light_touch"].sum()), round(table["yearly"].head(12).sum())
    (273, 239)
    """
    shares = np.asarray(spread, dtype=float)
    if (
        packages < 0
        or months < 1
        or interval_months < 1
        or not 0 <= annual_closure_share < 1
        or (shares < 0).any()
        or not math.isclose(shares.sum(), 1, abs_tol=1e-9)
        or anniversaries not in ("kept", "anew")
    ):
        raise MethodError(
            f"found {packages} packages, {months} months, interval {interval_months}, closure share "
            f"{annual_closure_share}, shares that sum to {shares.sum():g}, "
            f"anniversaries {anniversaries!r}; expected 0 or more packages, at least one month, "
            "a share below 1, shares that sum to 1, 'kept' or 'anew'."
        )
    moving = packages * np.pad(shares, (0, max(months - shares.size, 0)))[:months]
    staying = (1 - annual_closure_share) ** (1 / 12)
    light = np.zeros(months)
    if light_touch_weeks is not None:
        low, high = (7 * weeks / _DAYS_A_MONTH for weeks in light_touch_weeks)
        ages = delay_shares(low, high, months)
        light = np.convolve(moving, ages * staying ** ((low + high) / 2))[:months]
    if anniversaries == "kept":
        open_share = staying ** np.arange(months)
        open_share[0] = 0.5
        yearly = np.convolve(moving, open_share)[:months] / interval_months
    else:
        ages = np.zeros(months)
        ages[interval_months::interval_months] = staying ** np.arange(
            interval_months, months, interval_months
        )
        yearly = np.convolve(moving, ages)[:months]
    return pd.DataFrame(
        {
            "month": np.arange(months),
            "moved": np.cumsum(moving),
            "light_touch": light,
            "yearly": yearly,
            "due": light + yearly,
        }
    )


def delay_shares(low: float, high: float, months: int) -> Array:
    """Share of a month's starters whose delay ends in the same month, the next, and so on.

    Parameters
    ----------
    low, high : float
        Shortest and longest delay in months, evenly spread between, 0 <= low <= high.
    months : int
        Months to give.

    Returns
    -------
    array, (months,)
        Starters are spread evenly over their month.

    Examples
    --------
    A delay of a month and a half: half end in the next month, half in the one after.

    >>> delay_shares(1.5, 1.5, 4).tolist()
    [0.0, 0.5, 0.5, 0.0]
    """
    edges = np.arange(1, months + 1, dtype=float)
    if high - low < _NARROW:
        # The difference of areas below would lose its digits.
        ended = np.clip(edges - (low + high) / 2, 0, 1)
    else:
        ended = (_area(edges - low) - _area(edges - high)) / (high - low)
    return np.maximum(np.diff(ended, prepend=0.0), 0.0)


def transfer_reviews(
    moves: pd.DataFrame, held: Assumptions, *, months: int = 24, anniversaries: str = "kept"
) -> pd.DataFrame:
    """Expect the reviews that follow from the transfer, by team.

    Parameters
    ----------
    moves : DataFrame
        As `s75lib.workload.transfers.transfers` gives it; its team rows are used.
    held : Assumptions
        packages_per_person, light_touch_weeks, review_interval_months, annual_closure_share and
        transfer_months.
    months : int
        Months from the start of the transfer.
    anniversaries : str
        As in `curve`.

    Returns
    -------
    DataFrame
        service_group, team, month, moved, light_touch, yearly, due (of the packages that move) and present
        (yearly reviews of the packages that the team's social workers hold now, closures made good by new
        packages).
    """
    weeks = held["light_touch_weeks"]
    interval = round(held.central("review_interval_months"))
    each = held.central("packages_per_person")
    rows = []
    for row in moves[moves["level"] == "team"].to_dict("records"):
        table = curve(
            row["gains"] * each,
            spread=spread_evenly(max(round(held.central("transfer_months")), 1)),
            months=months,
            light_touch_weeks=(weeks.low, weeks.high),
            interval_months=interval,
            annual_closure_share=held.central("annual_closure_share"),
            anniversaries=anniversaries,
        )
        present = row["now"] * each / interval
        rows.append(table.assign(service_group=row["service_group"], team=row["team"], present=present))
    columns = ["service_group", "team", "month", "moved", "light_touch", "yearly", "due", "present"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def _area(edge: Array) -> Array:
    """Integral of a share that grows from 0 to 1 over one month."""
    return np.asarray(np.where(edge <= 0, 0.0, np.where(edge <= 1, edge**2 / 2, edge - 0.5)))


def _months_later(day: date, months: int) -> date:
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()
