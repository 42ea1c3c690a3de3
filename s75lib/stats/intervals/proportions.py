"""Intervals for one proportion: Wilson, with and without finite-population correction, Clopper-Pearson."""

from __future__ import annotations

__all__ = [
    "clopper_pearson",
    "clopper_pearson_bounds",
    "wilson",
    "wilson_bounds",
    "wilson_finite",
]

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from s75lib.errors import MethodError
from s75lib.stats.intervals.result import (
    FloatArray,
    Interval,
    check_confidence,
    check_count,
    check_events,
    critical_value,
)

NO_CASES = "no cases, so no proportion"


def wilson_bounds(events: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Wilson score limits of many proportions at once.

    Parameters
    ----------
    events, n : array-like
        Events and cases, of shapes that broadcast. Not only whole numbers: weighted surveys have an
        effective base.
    confidence : float
        Coverage of each interval, in (0, 1).

    Returns
    -------
    lower, upper : ndarray
        Shares from 0 to 1; NaN where the base is 0 or a figure is missing.

    Raises
    ------
    MethodError
        If the confidence is not in (0, 1), or events lie outside 0 to n.

    References
    ----------
    Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> lower, upper = wilson_bounds([0, 81, 0], [20, 263, 0])
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([0.0, 0.2553, nan], [0.1611, 0.3662, nan])
    """
    events, n = broadcast_checked(events, n)
    z = critical_value(confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (events + z**2 / 2) / (n + z**2)
        half_width = z / (n + z**2) * np.sqrt(events * (n - events) / n + z**2 / 4)
    # At the ends the exact limits are 0 and 1; floating point would miss them by a hair.
    lower = np.where(events == 0, 0.0, centre - half_width)
    upper = np.where(events == n, 1.0, centre + half_width)
    return _nan_without_cases(lower, n), _nan_without_cases(upper, n)


def wilson(events: int, n: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a proportion: the everyday choice.

    Parameters
    ----------
    events, n : int
        Events among n cases, 0 <= events <= n.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        Shares from 0 to 1.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or events exceed n.

    Notes
    -----
    It contains the shares that a score test does not reject. Its coverage is near 95% on average over
    shares, not at least 95% for each: use `clopper_pearson` where a guarantee is wanted.
    No cases: everything is NaN, with the reason in `note`.

    References
    ----------
    Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212.
    Newcombe, R. G. (1998) Statistics in Medicine 17, 857-872, method 3.

    Examples
    --------
    >>> interval = wilson(81, 263)
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.2553, 0.3662)
    """
    check_events(events, n)
    return _interval(events, n, wilson_bounds(events, n, confidence), confidence, "Wilson score")


def wilson_finite(events: int, n: int, population: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a proportion in a population of known size, sampled without replacement.

    Parameters
    ----------
    events, n : int
        Events among the n sampled cases.
    population : int
        Size of the population that the sample was drawn from, >= n.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        Shares from 0 to 1 of the whole population.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, events exceed n, or n exceeds the population.

    Notes
    -----
    The variance of a simple random sample's share is p(1 - p)/n x (N - n)/(N - 1). The score interval with
    that variance is Wilson's with the base n(N - 1)/(N - n). Limits are then kept within what the sample
    leaves possible: at least the events seen, at most all but the non-events seen.
    The whole population sampled: the interval is the share itself. It covers chance in drawing the sample
    alone: no correction helps when those who answered differ from those who did not.

    References
    ----------
    Cochran, W. G. (1977) Sampling Techniques, 3rd edition, Wiley, section 3.2 (the variance).
    Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212 (the inversion).

    Examples
    --------
    Forty-five people asked of 60, of whom 30 agreed:

    >>> interval = wilson_finite(30, 45, population=60)
    >>> round(interval.lower, 3), round(interval.upper, 3)
    (0.594, 0.732)
    """
    check_events(events, n)
    check_population(n, population)
    method = "Wilson score with finite-population correction"
    if n == 0:
        return _interval(events, n, (math.nan, math.nan), confidence, method)
    limits = finite_limits(events, n, population, confidence)
    note = "the whole population: no sampling error" if n == population else ""
    return Interval(events / n, *limits, confidence, method, note)


def check_population(n: int, population: int) -> None:
    """Raise MethodError unless the population is a count that can hold the sample."""
    check_count("population", population)
    if n > population:
        raise MethodError(
            f"{n} cases from a population of {population}; expected at most {population}. "
            "Correct the population, or leave it out."
        )


def finite_limits(events: float, n: int, population: int, confidence: float) -> tuple[float, float]:
    """Score limits with finite-population correction, kept within what the sample leaves possible."""
    if n == population:
        return events / n, events / n
    base = n * (population - 1) / (population - n)
    lower, upper = wilson_bounds(events / n * base, base, confidence)
    return max(float(lower), events / population), min(float(upper), 1 - (n - events) / population)


def clopper_pearson_bounds(
    events: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Exact limits of many proportions at once.

    Parameters
    ----------
    events, n : array-like
        Events and cases, of shapes that broadcast.
    confidence : float
        Least coverage of each interval, in (0, 1).

    Returns
    -------
    lower, upper : ndarray
        Shares from 0 to 1; NaN where the base is 0 or a figure is missing.

    Raises
    ------
    MethodError
        If the confidence is not in (0, 1), or events lie outside 0 to n.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934) Biometrika 26, 404-413.

    Examples
    --------
    >>> lower, upper = clopper_pearson_bounds([0, 81], [20, 263])
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([0.0, 0.2527], [0.1684, 0.3676])
    """
    events, n = broadcast_checked(events, n)
    check_confidence(confidence)
    tail = (1 - confidence) / 2
    lower = np.where(events == 0, 0.0, special.betaincinv(events, n - events + 1, tail))
    upper = np.where(events == n, 1.0, special.betainccinv(events + 1, n - events, tail))
    return _nan_without_cases(lower, n), _nan_without_cases(upper, n)


def clopper_pearson(events: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a proportion: coverage is never below the confidence.

    Parameters
    ----------
    events, n : int
        Events among n cases, 0 <= events <= n.
    confidence : float
        Least coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        Shares from 0 to 1.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or events exceed n.

    Notes
    -----
    Wider than need be on average; the choice for audits of few cases, where a promise matters more than
    width. No cases: everything is NaN, with the reason in `note`.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934) Biometrika 26, 404-413.

    Examples
    --------
    A target reached in 7 of 12 months:

    >>> interval = clopper_pearson(7, 12)
    >>> round(interval.lower, 3), round(interval.upper, 3)
    (0.277, 0.848)
    """
    check_events(events, n)
    bounds = clopper_pearson_bounds(events, n, confidence)
    return _interval(events, n, bounds, confidence, "Clopper-Pearson exact")


def broadcast_checked(events: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Both as floats of one shape, checked; missing figures stay NaN."""
    events, n = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(n, dtype=float))
    wrong = (events < 0) | (events > n) | (n < 0)
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise MethodError(
            f"{events.flat[where]:g} events among {n.flat[where]:g} cases in place {where} (counted from 0); "
            "expected events from 0 to their base. Correct the figures."
        )
    return events, n


def _nan_without_cases(limits: FloatArray, n: FloatArray) -> FloatArray:
    """NaN in place of the limits that have no base."""
    return np.where(n > 0, limits, np.nan)


def _interval(
    events: int,
    n: int,
    bounds: tuple[FloatArray | float, FloatArray | float],
    confidence: float,
    method: str,
) -> Interval:
    """One proportion's result, with the reason where there is none."""
    check_confidence(confidence)
    estimate, note = (events / n, "") if n else (math.nan, NO_CASES)
    return Interval(estimate, float(bounds[0]), float(bounds[1]), confidence, method, note)
