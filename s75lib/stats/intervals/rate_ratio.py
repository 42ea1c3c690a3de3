"""Intervals for the ratio of two rates: exact conditional and score."""

from __future__ import annotations

__all__ = ["rate_ratio_exact", "rate_ratio_score"]

import math

from s75lib.stats.intervals.proportions import clopper_pearson_bounds, wilson_bounds
from s75lib.stats.intervals.result import FloatArray, Interval, check_count, check_positive


def rate_ratio_exact(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> Interval:
    """Exact conditional interval of the ratio of two rates, after to before.

    Parameters
    ----------
    before, after : int
        Events in each period, >= 0.
    exposure_before, exposure_after : float
        What the events are counted over, in one unit, > 0.
    confidence : float
        Least coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        Ratio of rates; infinite where there was nothing before.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or an exposure is not above 0.

    Notes
    -----
    Given the total, the later count is binomial; the limits are Clopper-Pearson's on that share.
    Nothing before: the ratio and its upper limit are infinite, the lower limit still informs.
    Both counts zero: everything is NaN, with the reason in `note`.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323.

    Examples
    --------
    >>> interval = rate_ratio_exact(21, 11, exposure_before=3011, exposure_after=800)
    >>> round(interval.estimate, 4), round(interval.lower, 4), round(interval.upper, 4)
    (1.9715, 0.8584, 4.2773)
    """
    _check_two(before, after, exposure_before, exposure_after)
    bounds = clopper_pearson_bounds(after, before + after, confidence)
    return _ratio(before, after, exposure_before / exposure_after, bounds, confidence, "exact conditional")


def rate_ratio_score(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> Interval:
    """Score interval of the ratio of two rates, after to before: narrower than the exact one.

    Parameters
    ----------
    before, after : int
        Events in each period, >= 0.
    exposure_before, exposure_after : float
        What the events are counted over, in one unit, > 0.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        Ratio of rates; infinite where there was nothing before.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or an exposure is not above 0.

    Notes
    -----
    The score equation of two Poisson rates reduces to Wilson's interval on the later period's share of
    the events, so it has a closed form and keeps its width when one of the counts is zero.
    Both counts zero: everything is NaN, with the reason in `note`.

    References
    ----------
    Graham, P. L., Mengersen, K. and Morton, A. P. (2003) Statistics in Medicine 22, 2071-2083.

    Examples
    --------
    >>> interval = rate_ratio_score(0, 5)
    >>> round(interval.lower, 4), interval.upper
    (1.3016, inf)
    """
    _check_two(before, after, exposure_before, exposure_after)
    bounds = wilson_bounds(after, before + after, confidence)
    return _ratio(before, after, exposure_before / exposure_after, bounds, confidence, "score")


def _check_two(before: int, after: int, exposure_before: float, exposure_after: float) -> None:
    """Raise MethodError unless both counts and both exposures are sound."""
    check_count("before", before)
    check_count("after", after)
    check_positive("exposure_before", exposure_before)
    check_positive("exposure_after", exposure_after)


def _ratio(
    before: int,
    after: int,
    exposure_ratio: float,
    share: tuple[FloatArray, FloatArray],
    confidence: float,
    method: str,
) -> Interval:
    """Turn the later period's share of the events, and its limits, into a ratio of rates."""
    if before + after == 0:
        note = "no events in either period, so no ratio"
        return Interval(math.nan, math.nan, math.nan, confidence, method, note)
    estimate, lower, upper = (
        exposure_ratio * _odds(value)
        for value in (after / (before + after), float(share[0]), float(share[1]))
    )
    note = "" if before else "no events before, so the ratio has no upper limit"
    return Interval(estimate, lower, upper, confidence, method, note)


def _odds(share: float) -> float:
    """Odds of a share; infinite at 1."""
    return share / (1 - share) if share < 1 else math.inf
