"""Interval for the difference of two independent proportions: Newcombe's."""

from __future__ import annotations

__all__ = ["newcombe", "newcombe_bounds"]

import math

import numpy as np
from numpy.typing import ArrayLike

from s75lib.stats.intervals.proportions import broadcast_checked, wilson_bounds
from s75lib.stats.intervals.result import FloatArray, Interval, check_confidence, check_events


def newcombe_bounds(
    events_before: ArrayLike,
    n_before: ArrayLike,
    events_after: ArrayLike,
    n_after: ArrayLike,
    confidence: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Limits of many differences of independent proportions at once, after minus before.

    Parameters
    ----------
    events_before, n_before, events_after, n_after : array-like
        Events and cases of the two periods, of shapes that broadcast.
    confidence : float
        Coverage of each interval, in (0, 1).

    Returns
    -------
    lower, upper : ndarray
        Differences from -1 to 1; NaN where a base is 0 or a figure is missing.

    Raises
    ------
    MethodError
        If the confidence is not in (0, 1), or events lie outside 0 to n.

    References
    ----------
    Newcombe, R. G. (1998) Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> lower, upper = newcombe_bounds([48, 0], [80, 10], [56, 0], [70, 10])
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([0.0524, -0.2775], [0.3339, 0.2775])
    """
    events_before, n_before = broadcast_checked(events_before, n_before)
    events_after, n_after = broadcast_checked(events_after, n_after)
    before_low, before_high = wilson_bounds(events_before, n_before, confidence)
    after_low, after_high = wilson_bounds(events_after, n_after, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        before, after = events_before / n_before, events_after / n_after
    lower = after - before - np.hypot(after - after_low, before_high - before)
    upper = after - before + np.hypot(after_high - after, before - before_low)
    return lower, upper


def newcombe(
    events_before: int, n_before: int, events_after: int, n_after: int, confidence: float = 0.95
) -> Interval:
    """Hybrid score interval of the difference of two independent proportions, after minus before.

    Parameters
    ----------
    events_before, n_before, events_after, n_after : int
        Events among cases in each period, 0 <= events <= n.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        Difference of shares, from -1 to 1 (`scaled(100)` gives percentage points).

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or events exceed their base.

    Notes
    -----
    Each share's Wilson limits are combined by squaring and adding; no correction for continuity.
    It supposes different, independent people in the two periods: where most are the same, the interval is
    too wide or too narrow as their answers agree or not. A period without cases: everything is NaN,
    with the reason in `note`.

    References
    ----------
    Newcombe, R. G. (1998) Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> interval = newcombe(48, 80, 56, 70)
    >>> round(interval.estimate, 4), round(interval.lower, 4), round(interval.upper, 4)
    (0.2, 0.0524, 0.3339)
    """
    check_events(events_before, n_before)
    check_events(events_after, n_after)
    check_confidence(confidence)
    method = "Newcombe hybrid score"
    if not (n_before and n_after):
        note = "a period without cases, so no difference"
        return Interval(math.nan, math.nan, math.nan, confidence, method, note)
    lower, upper = newcombe_bounds(events_before, n_before, events_after, n_after, confidence)
    difference = events_after / n_after - events_before / n_before
    return Interval(difference, float(lower), float(upper), confidence, method)
