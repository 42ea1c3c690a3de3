"""One change before any test: its size, its relative size, and what rounding leaves open."""

from __future__ import annotations

__all__ = ["NAN", "Compared", "Pair", "places", "stated", "untested"]

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from s75lib.stats.rounding import attainable, difference

Pair = Mapping[Any, Any]

NAN = math.nan


@dataclass(frozen=True)
class Compared:
    """What can be said of one change; in the unit of the change unless stated.

    Parameters
    ----------
    basis : str
        proportions, caseload (the same people month by month, an approximation), counts, mean_of_counts,
        rates, percentage_only, rate_only, stock, clustered, hidden or one_period.
    change, lower, upper : float
        Latest less before, with its interval; NaN where no interval is possible.
    relative, relative_lower, relative_upper : float
        In percent of the earlier figure; NaN where that was zero.
    p_value : float
        Two-sided, of no change; NaN without a test.
    method : str
        Of interval and test; empty without one.
    note : str
        What a reader must know besides.
    rounding_low, rounding_high : float
        The change that the unrounded figures may have made.
    base_least, base_central, base_most : float
        People a period from which a change of bare percentages would be significant.
    tipping_factor : float
        Variance, in multiples of Poisson's, at which a significant count stops being so.
    detectable_fall, detectable_rise : float
        Smallest true changes that data of this size show in four cases of five.
    steady : bool
        Whether the change is shown to be smaller than the margin.
    """

    basis: str
    change: float = NAN
    lower: float = NAN
    upper: float = NAN
    relative: float = NAN
    relative_lower: float = NAN
    relative_upper: float = NAN
    p_value: float = NAN
    method: str = ""
    note: str = ""
    rounding_low: float = NAN
    rounding_high: float = NAN
    base_least: float = NAN
    base_central: float = NAN
    base_most: float = NAN
    tipping_factor: float = NAN
    detectable_fall: float = NAN
    detectable_rise: float = NAN
    steady: bool = False


def untested(pair: Pair, basis: str, note: str = "") -> Compared:
    """State the change without a test.

    Parameters
    ----------
    pair : mapping
        A row of `s75lib.kpi.pairs.pairs` with an earlier period.
    basis, note : str
        As in `Compared`.

    Returns
    -------
    Compared
        Change, relative change and, where the decimals are known, the change that rounding leaves open.
    """
    before, after = float(pair["value_before"]), float(pair["value"])
    low = high = NAN
    decimals = float(pair["decimals_before"]), float(pair["decimals"])
    if pair["unit"] != "count" and not any(math.isnan(number) for number in decimals):
        span = difference(
            attainable(round(before, 6), places(before, decimals[0])),
            attainable(round(after, 6), places(after, decimals[1])),
        )
        low, high = float(span.low), float(span.high)
    return Compared(
        basis,
        change=round(after - before, 10),
        relative=100 * (after / before - 1) if before else NAN,
        note=note,
        rounding_low=low,
        rounding_high=high,
    )


def places(value: float, decimals: float) -> int:
    """Decimals of a figure: those stated, or more where it has more."""
    found = int(decimals)
    while abs(round(value, found) - value) > 1e-9 and found < 6:
        found += 1
    return found


def stated(decimals: float) -> float:
    """Decimals as stated, none where nothing is."""
    return 0.0 if math.isnan(decimals) else decimals
