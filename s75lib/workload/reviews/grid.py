"""Reviews that fall due on a month grid, where only the number of packages that move is known."""

from __future__ import annotations

__all__ = ["curve", "delay_shares", "held_curve", "spread_evenly", "transfer_reviews"]

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.workload.assumptions import Assumptions

Array = npt.NDArray[np.float64]

_DAYS_A_MONTH = 365.25 / 12
_NARROW = 1e-6


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

    Examples
    --------
    >>> spread_evenly(4)
    (0.25, 0.25, 0.25, 0.25)
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


def held_curve(people: float, held: Assumptions, *, months: int, anniversaries: str = "kept") -> pd.DataFrame:
    """Expect the reviews that follow when some people's packages move, under the assumptions in force.

    Parameters
    ----------
    people : float
    held : Assumptions
        packages_per_person, transfer_months, light_touch_weeks, review_interval_months and
        annual_closure_share.
    months : int
        Months from the start of the transfer.
    anniversaries : str
        As in `curve`.

    Returns
    -------
    DataFrame
        As `curve`.

    Examples
    --------
    Thirty people have 33 packages at 1.1 for each person, which move over three months. With a fifth of them
    ending in a year, one is over before its light-touch review seven weeks on:

    >>> from s75lib.workload.assumptions import DEFAULTS
    >>> table = held_curve(30, Assumptions({item.name: item for item in DEFAULTS}), months=6)
    >>> table["moved"].round().tolist(), round(table["light_touch"].sum())
    ([11.0, 22.0, 33.0, 33.0, 33.0, 33.0], 32)
    """
    weeks = held["light_touch_weeks"]
    return curve(
        people * held.central("packages_per_person"),
        spread=spread_evenly(max(round(held.central("transfer_months")), 1)),
        months=months,
        light_touch_weeks=(weeks.low, weeks.high),
        interval_months=round(held.central("review_interval_months")),
        annual_closure_share=held.central("annual_closure_share"),
        anniversaries=anniversaries,
    )


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

    Examples
    --------
    The team's 60 people have 66 packages now, each reviewed once in twelve months; 30 people's 33 come:

    >>> from s75lib.workload.assumptions import DEFAULTS
    >>> from s75lib.workload.transfers import transfers
    >>> day = pd.DataFrame({"as_at": "2019-12-06", "service_group": "AMH", "team": ["Alder"],
    ...                     "social_work": [60], "healthcare_professional": [30]})
    >>> held = Assumptions({item.name: item for item in DEFAULTS})
    >>> table = transfer_reviews(transfers(day), held, months=3)
    >>> table[["month", "moved", "present"]].round(1).values.tolist()
    [[0.0, 11.0, 5.5], [1.0, 22.0, 5.5], [2.0, 33.0, 5.5]]
    """
    each, interval = held.central("packages_per_person"), held.central("review_interval_months")
    rows = []
    for row in moves[moves["level"] == "team"].to_dict("records"):
        table = held_curve(row["gains"], held, months=months, anniversaries=anniversaries)
        present = row["now"] * each / round(interval)
        rows.append(table.assign(service_group=row["service_group"], team=row["team"], present=present))
    columns = ["service_group", "team", "month", "moved", "light_touch", "yearly", "due", "present"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def _area(edge: Array) -> Array:
    """Integral of a share that grows from 0 to 1 over one month."""
    return np.asarray(np.where(edge <= 0, 0.0, np.where(edge <= 1, edge**2 / 2, edge - 0.5)))
