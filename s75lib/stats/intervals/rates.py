"""Intervals for one rate: Byar and exact Poisson."""

from __future__ import annotations

__all__ = [
    "byar",
    "byar_bounds",
    "exact_poisson",
    "exact_poisson_bounds",
]

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from s75lib.errors import MethodError
from s75lib.stats.intervals.result import (
    FloatArray,
    Interval,
    check_confidence,
    check_count,
    check_positive,
    critical_value,
)

# Below this many events the public health guides use the exact limits instead of Byar's.
BYAR_FROM = 10


def exact_poisson_bounds(events: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Exact limits of many Poisson means at once.

    Parameters
    ----------
    events : array-like
        Counts, >= 0.
    confidence : float
        Least coverage of each interval, in (0, 1).

    Returns
    -------
    lower, upper : ndarray
        Limits of the expected count; NaN where the count is missing.

    Raises
    ------
    MethodError
        If the confidence is not in (0, 1) or a count is negative.

    References
    ----------
    Garwood, F. (1936) Biometrika 28, 437-442.

    Examples
    --------
    >>> lower, upper = exact_poisson_bounds([0, 9])
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([0.0, 4.115], [3.689, 17.085])
    """
    counts = _counts(events)
    check_confidence(confidence)
    tail = (1 - confidence) / 2
    lower = np.where(counts == 0, 0.0, special.gammaincinv(counts, tail))
    return lower, np.asarray(special.gammainccinv(counts + 1, tail), dtype=float)


def byar_bounds(events: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Byar's limits of many Poisson means at once; exact ones below 10 events.

    Parameters
    ----------
    events : array-like
        Counts, >= 0.
    confidence : float
        Coverage of each interval, in (0, 1).

    Returns
    -------
    lower, upper : ndarray
        Limits of the expected count; NaN where the count is missing.

    Raises
    ------
    MethodError
        If the confidence is not in (0, 1) or a count is negative.

    References
    ----------
    Breslow, N. E. and Day, N. E. (1987) Statistical Methods in Cancer Research, volume II, IARC, p. 69.

    Examples
    --------
    >>> lower, upper = byar_bounds([9, 100])
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([4.115, 81.362], [17.085, 121.628])
    """
    counts = _counts(events)
    z = critical_value(confidence)
    exact_lower, exact_upper = exact_poisson_bounds(counts, confidence)
    many = np.maximum(counts, BYAR_FROM)
    lower = many * (1 - 1 / (9 * many) - z / (3 * np.sqrt(many))) ** 3
    more = many + 1
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return np.where(counts < BYAR_FROM, exact_lower, lower), np.where(counts < BYAR_FROM, exact_upper, upper)


def byar(events: int, exposure: float = 1.0, per: float = 1.0, confidence: float = 0.95) -> Interval:
    """Byar's interval of a rate, as the public health indicator guides use it.

    Parameters
    ----------
    events : int
        Events, >= 0.
    exposure : float
        Person-years, months, residents: what the events are counted over, > 0.
    per : float
        Unit of the rate, > 0: 100_000 gives events per 100,000 of the exposure.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        The rate, per `per` units of exposure.

    Raises
    ------
    MethodError
        If the count is negative, missing or not whole, or exposure or per is not above 0.

    Notes
    -----
    Fewer than 10 events: exact Poisson limits instead, and `method` says so. It supposes that events come
    independently; those that come in clusters (admissions of the same person) make it too narrow.

    References
    ----------
    Breslow, N. E. and Day, N. E. (1987) Statistical Methods in Cancer Research, volume II, IARC, p. 69.
    Public Health England (2018) Technical Guide: Confidence Intervals.

    Examples
    --------
    >>> interval = byar(100, exposure=250_000, per=100_000)
    >>> round(interval.estimate, 1), round(interval.lower, 1), round(interval.upper, 1)
    (40.0, 32.5, 48.7)
    """
    check_count("events", events)
    method = "exact Poisson (fewer than 10 events)" if events < BYAR_FROM else "Byar"
    return _rate(events, exposure, per, byar_bounds(events, confidence), confidence, method)


def exact_poisson(events: int, exposure: float = 1.0, per: float = 1.0, confidence: float = 0.95) -> Interval:
    """Exact interval of a rate: coverage is never below the confidence.

    Parameters
    ----------
    events : int
        Events, >= 0.
    exposure : float
        What the events are counted over, > 0.
    per : float
        Unit of the rate, > 0.
    confidence : float
        Least coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        The rate, per `per` units of exposure.

    Raises
    ------
    MethodError
        If the count is negative, missing or not whole, or exposure or per is not above 0.

    References
    ----------
    Garwood, F. (1936) Biometrika 28, 437-442.

    Examples
    --------
    >>> interval = exact_poisson(137, exposure=24.19893)
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (4.7531, 6.6927)
    """
    check_count("events", events)
    bounds = exact_poisson_bounds(events, confidence)
    return _rate(events, exposure, per, bounds, confidence, "exact Poisson")


def _counts(events: ArrayLike) -> FloatArray:
    """Check counts and make them floats; missing ones stay NaN."""
    counts = np.asarray(events, dtype=float)
    if (counts < 0).any():
        raise MethodError(f"a count of {np.nanmin(counts):g}; expected 0 or more. Correct the figures.")
    return counts


def _rate(
    events: int,
    exposure: float,
    per: float,
    bounds: tuple[FloatArray, FloatArray],
    confidence: float,
    method: str,
) -> Interval:
    """Put the limits of an expected count over its exposure."""
    check_positive("exposure", exposure)
    check_positive("per", per)
    estimate, lower, upper = (float(value) / exposure * per for value in (events, *bounds))
    return Interval(estimate, lower, upper, confidence, method)
