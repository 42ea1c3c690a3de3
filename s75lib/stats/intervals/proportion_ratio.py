"""Interval for the ratio of two proportions: Koopman's score interval."""

from __future__ import annotations

__all__ = ["proportion_ratio_score"]

import math

from scipy import optimize

from s75lib.stats.intervals.result import Interval, check_events, critical_value


def proportion_ratio_score(
    events_before: int, n_before: int, events_after: int, n_after: int, confidence: float = 0.95
) -> Interval:
    """Score interval of the ratio of two independent proportions, after to before.

    Parameters
    ----------
    events_before, n_before, events_after, n_after : int
        Events among cases in each period, 0 <= events <= n.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        Ratio of shares; infinite where there was nothing before.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or events exceed their base.

    Notes
    -----
    The limits are the ratios that the score test does not reject. At a ratio of 1 that test is the pooled
    score test, so the interval leaves out 1 exactly when the test is significant.
    Nothing before: the upper limit is infinite. No events in either period, or a period without cases:
    everything is NaN, with the reason in `note`.

    References
    ----------
    Koopman, P. A. R. (1984) Biometrics 40, 513-517.

    Examples
    --------
    >>> interval = proportion_ratio_score(16, 80, 36, 40)
    >>> round(interval.estimate, 3), round(interval.lower, 3), round(interval.upper, 3)
    (4.5, 2.94, 7.152)
    """
    check_events(events_before, n_before)
    check_events(events_after, n_after)
    z = critical_value(confidence)
    method = "Koopman score"
    if not (n_before and n_after) or events_before + events_after == 0:
        reason = "no events in either period" if n_before and n_after else "a period without cases"
        note = f"{reason}, so no ratio"
        return Interval(math.nan, math.nan, math.nan, confidence, method, note)
    counts = (events_before, n_before, events_after, n_after)
    lower = _limit(counts, z) if events_after else 0.0
    if not events_before:
        note = "no events before, so the ratio has no upper limit"
        return Interval(math.inf, lower, math.inf, confidence, method, note)
    estimate = (events_after / n_after) / (events_before / n_before)
    return Interval(estimate, lower, _limit(counts, -z), confidence, method)


def _limit(counts: tuple[int, int, int, int], target: float) -> float:
    """Find the ratio whose score is the target; the score falls as the ratio grows."""
    low, high = -1.0, 1.0
    while _score(counts, math.exp(low)) < target:
        low *= 2
    while _score(counts, math.exp(high)) > target:
        high *= 2
    return math.exp(
        optimize.brentq(lambda log: _score(counts, math.exp(log)) - target, low, high, xtol=1e-13)
    )


def _score(counts: tuple[int, int, int, int], ratio: float) -> float:
    """Score of the observed shares when the true ratio is the given one."""
    events_before, n_before, events_after, n_after = counts
    events = events_before + events_after
    linear = ratio * (n_after + events_before) + events_after + n_before
    root = math.sqrt(max(linear**2 - 4 * ratio * (n_before + n_after) * events, 0.0))
    # The most likely share before, under the ratio; in this form small shares lose no digits.
    before = min(2 * events / (linear + root), 1.0)
    after = min(ratio * before, 1.0)
    variance = after * (1 - after) / n_after + ratio**2 * before * (1 - before) / n_before
    distance = events_after / n_after - ratio * events_before / n_before
    return distance / math.sqrt(variance) if variance > 0 else 0.0
