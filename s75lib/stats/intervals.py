"""Confidence intervals for proportions, rates, their differences and ratios: one signature, one result.

`events` are those among `n` cases, 0 <= events <= n; `events_before` and `n_before`, `events_after` and
`n_after` those of two periods. Of rates, `before` and `after` are counts, `exposure` (`exposure_before`,
`exposure_after`) is what they are counted over, > 0: person-years, months, residents, in one unit; `per` is
the rate's unit, 100_000 for events per 100,000 of the exposure. A `population`, >= n, is what a sample was
drawn from.
"""

from __future__ import annotations

__all__ = [
    "Interval",
    "byar",
    "clopper_pearson",
    "clopper_pearson_bounds",
    "newcombe",
    "proportion_ratio_score",
    "rate_ratio_exact",
    "wilson",
    "wilson_finite",
]

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from s75lib.errors import MethodError

FloatArray = NDArray[np.float64]

# Below this many events the public health guides use the exact limits instead of Byar's.
_BYAR_FROM = 10


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval, and how both were made.

    - `estimate`, `lower`, `upper`: In the unit of the method: a share from 0 to 1, a rate, a ratio. NaN where
      the data say nothing.
    - `method`: As a report prints it.

    >>> interval = Interval(0.25, 0.2, 0.3, 0.95, "Wilson score")
    >>> interval.contains(0.31), interval.scaled(100).upper
    (False, 30.0)
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    method: str
    note: str = ""

    def contains(self, value: float) -> bool:
        """Whether the value lies within the limits, themselves included; False when they are NaN."""
        return self.lower <= value <= self.upper

    def scaled(self, factor: float) -> Interval:
        """Return the same interval in another unit: a factor of 100 turns shares into percentages."""
        return replace(
            self, estimate=self.estimate * factor, lower=self.lower * factor, upper=self.upper * factor
        )


def check_confidence(confidence: float) -> None:
    """Raise MethodError unless the confidence lies strictly between 0 and 1."""
    if not 0 < confidence < 1:
        raise MethodError(f"confidence is {confidence}; expected a share between 0 and 1, such as 0.95.")


def check_positive(name: str, value: float) -> None:
    """Raise MethodError unless the value is a finite number above 0."""
    if not (math.isfinite(value) and value > 0):
        raise MethodError(f"{name} is {value}; expected a number above 0. Leave out periods without one.")


def check_count(name: str, value: float) -> None:
    """Raise MethodError unless the value is a whole number of at least 0."""
    if not (math.isfinite(value) and value >= 0 and float(value).is_integer()):
        raise MethodError(
            f"{name} is {value}; expected a whole number of 0 or more. "
            "Leave out missing figures, and give counts rather than percentages."
        )


def check_events(events: float, n: float) -> None:
    """Raise MethodError unless both are counts and the events are among the cases."""
    check_count("events", events)
    check_count("n", n)
    if events > n:
        raise MethodError(
            f"{events} events among {n} cases; expected at most {n}. "
            "A count that can exceed its base is a rate: compare it as counts with exposures."
        )


def check_population(n: int, population: int) -> None:
    """Raise MethodError unless the population is a count that can hold the sample."""
    check_count("population", population)
    if n > population:
        raise MethodError(
            f"{n} cases from a population of {population}; expected at most {population}. "
            "Correct the population, or leave it out."
        )


def critical_value(confidence: float) -> float:
    """Two-sided standard normal quantile, 1.96 for 0.95."""
    check_confidence(confidence)
    return -float(special.ndtri((1 - confidence) / 2))


def broadcast_checked(events: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Give both as floats of one shape, or raise MethodError; missing figures stay NaN."""
    events, n = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(n, dtype=float))
    wrong = (events < 0) | (events > n) | (n < 0)
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise MethodError(
            f"{events.flat[where]:g} events among {n.flat[where]:g} cases in place {where} (counted from 0); "
            "expected events from 0 to their base. Correct the figures."
        )
    return events, n


# --- one proportion --------------------------------------------------------------------------------


def wilson_bounds(events: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Wilson's limits of many proportions at once; NaN where the base is 0 or a figure is missing.

    The base need not be whole: weighted surveys have an effective one.

    >>> [limits.round(4).tolist() for limits in wilson_bounds([0, 81, 0], [20, 263, 0])]
    [[0.0, 0.2553, nan], [0.1611, 0.3662, nan]]
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

    Shares from 0 to 1; NaN without cases, with the reason in `note`. It holds the shares that a score test
    does not reject. Coverage is near 95% on average over shares, not at least 95% for each: use
    `clopper_pearson` where a guarantee is wanted. Source: Wilson (1927) Journal of the American Statistical
    Association 22, 209-212. Newcombe (1998) Statistics in Medicine 17, 857-872, method 3.

    Examples
    --------
    >>> interval = wilson(81, 263)
    >>> round(interval.lower, 4), round(interval.upper, 4)
    (0.2553, 0.3662)
    """
    check_events(events, n)
    return _proportion(events, n, wilson_bounds(events, n, confidence), confidence, "Wilson score")


def wilson_finite(events: int, n: int, population: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a proportion in a population of known size, sampled without replacement.

    Shares from 0 to 1 of the whole population: Wilson's with the base n(N - 1)/(N - n), kept within what the
    sample leaves possible. It covers chance in drawing the sample alone, not that those who answered may
    differ from those who did not. Source: Cochran (1977) Sampling Techniques, 3rd edition, section 3.2.

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
        return _proportion(events, n, (math.nan, math.nan), confidence, method)
    limits = wilson_finite_limits(events, n, population, confidence)
    note = "the whole population: no sampling error" if n == population else ""
    return Interval(events / n, *limits, confidence, method, note)


def wilson_finite_limits(events: float, n: int, population: int, confidence: float) -> tuple[float, float]:
    """Score limits with finite-population correction; `events` need not be whole."""
    if n == population:
        return events / n, events / n
    base = n * (population - 1) / (population - n)
    lower, upper = wilson_bounds(events / n * base, base, confidence)
    return max(float(lower), events / population), min(float(upper), 1 - (n - events) / population)


def clopper_pearson_bounds(
    events: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Exact limits of many proportions at once.

    Returns
    -------
    lower, upper : ndarray
        Shares from 0 to 1; NaN where the base is 0 or a figure is missing.

    Examples
    --------
    >>> [limits.round(4).tolist() for limits in clopper_pearson_bounds([0, 81], [20, 263])]
    [[0.0, 0.2527], [0.1684, 0.3676]]
    """
    events, n = broadcast_checked(events, n)
    check_confidence(confidence)
    tail = (1 - confidence) / 2
    lower = np.where(events == 0, 0.0, special.betaincinv(events, n - events + 1, tail))
    upper = np.where(events == n, 1.0, special.betainccinv(events + 1, n - events, tail))
    return _nan_without_cases(lower, n), _nan_without_cases(upper, n)


def clopper_pearson(events: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a proportion: coverage is never below the confidence.

    Shares from 0 to 1; NaN without cases, with the reason in `note`. Wider than need be on average; the
    choice for audits of few cases, where a promise matters more than width. Source: Clopper and Pearson
    (1934) Biometrika 26, 404-413.

    Examples
    --------
    A target reached in 7 of 12 months:

    >>> interval = clopper_pearson(7, 12)
    >>> round(interval.lower, 3), round(interval.upper, 3)
    (0.277, 0.848)
    """
    check_events(events, n)
    bounds = clopper_pearson_bounds(events, n, confidence)
    return _proportion(events, n, bounds, confidence, "Clopper-Pearson exact")


def _nan_without_cases(limits: FloatArray, n: FloatArray) -> FloatArray:
    return np.where(n > 0, limits, np.nan)


def _proportion(
    events: int,
    n: int,
    bounds: tuple[FloatArray | float, FloatArray | float],
    confidence: float,
    method: str,
) -> Interval:
    check_confidence(confidence)
    estimate, note = (events / n, "") if n else (math.nan, "no cases, so no proportion")
    return Interval(estimate, float(bounds[0]), float(bounds[1]), confidence, method, note)


# --- one rate ----------------------------------------------------------------------------------------


def exact_poisson_bounds(events: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Exact limits of many Poisson means at once (Garwood 1936, Biometrika 28, 437-442); NaN for none."""
    counts = _checked_counts(events)
    check_confidence(confidence)
    tail = (1 - confidence) / 2
    lower = np.where(counts == 0, 0.0, special.gammaincinv(counts, tail))
    return lower, np.asarray(special.gammainccinv(counts + 1, tail), dtype=float)


def byar_bounds(events: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Byar's limits of many Poisson means at once, exact ones below 10 events; NaN where missing."""
    counts = _checked_counts(events)
    z = critical_value(confidence)
    exact_lower, exact_upper = exact_poisson_bounds(counts, confidence)
    many = np.maximum(counts, _BYAR_FROM)
    lower = many * (1 - 1 / (9 * many) - z / (3 * np.sqrt(many))) ** 3
    more = many + 1
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return np.where(counts < _BYAR_FROM, exact_lower, lower), np.where(
        counts < _BYAR_FROM, exact_upper, upper
    )


def byar(events: int, exposure: float = 1.0, per: float = 1.0, confidence: float = 0.95) -> Interval:
    """Byar's interval of a rate, as the public health indicator guides use it.

    The rate, per `per` units of exposure. Fewer than 10 events: exact Poisson limits, and `method` says so.
    It supposes that events come independently; those that come in clusters (admissions of the same person)
    make it too narrow. Source: Breslow and Day (1987) Statistical Methods in Cancer Research, volume II,
    IARC, p. 69. Public Health England (2018) Technical Guide: Confidence Intervals.

    Examples
    --------
    >>> interval = byar(100, exposure=250_000, per=100_000)
    >>> round(interval.estimate, 1), round(interval.lower, 1), round(interval.upper, 1)
    (40.0, 32.5, 48.7)
    """
    check_count("events", events)
    method = "exact Poisson (fewer than 10 events)" if events < _BYAR_FROM else "Byar"
    check_positive("exposure", exposure)
    check_positive("per", per)
    estimate, lower, upper = (
        float(value) / exposure * per for value in (events, *byar_bounds(events, confidence))
    )
    return Interval(estimate, lower, upper, confidence, method)


def _checked_counts(events: ArrayLike) -> FloatArray:
    counts = np.asarray(events, dtype=float)
    if (counts < 0).any():
        raise MethodError(f"a count of {np.nanmin(counts):g}; expected 0 or more. Correct the figures.")
    return counts


# --- two proportions, two rates ----------------------------------------------------------------------


def newcombe_bounds(
    events_before: ArrayLike,
    n_before: ArrayLike,
    events_after: ArrayLike,
    n_after: ArrayLike,
    confidence: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Newcombe's limits of many differences of shares at once, after minus before; NaN without a base."""
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

    Difference of shares, from -1 to 1 (`scaled(100)` gives percentage points); NaN where a period has no
    cases, with the reason in `note`. It supposes different, independent people in the two periods: where most
    are the same, the interval is too wide or too narrow as their answers agree or not. Source: Newcombe
    (1998) Statistics in Medicine 17, 873-890, method 10.

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


def proportion_ratio_score(
    events_before: int, n_before: int, events_after: int, n_after: int, confidence: float = 0.95
) -> Interval:
    """Score interval of the ratio of two independent proportions, after to before.

    Ratio of shares. Nothing before: the ratio and its upper limit are infinite. No events at all, or a period
    without cases: NaN, with the reason in `note`. The limits are the ratios that the score test does not
    reject. At a ratio of 1 that test is the pooled score test, so the interval leaves out 1 exactly when the
    test is significant. Source: Koopman (1984) Biometrics 40, 513-517.

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
    lower = _ratio_limit(counts, z) if events_after else 0.0
    if not events_before:
        note = "no events before, so the ratio has no upper limit"
        return Interval(math.inf, lower, math.inf, confidence, method, note)
    estimate = (events_after / n_after) / (events_before / n_before)
    return Interval(estimate, lower, _ratio_limit(counts, -z), confidence, method)


def _ratio_limit(counts: tuple[int, int, int, int], target: float) -> float:
    """Find the ratio whose score is the target; the score falls as the ratio grows."""
    low, high = -1.0, 1.0
    while _ratio_score(counts, math.exp(low)) < target:
        low *= 2
    while _ratio_score(counts, math.exp(high)) > target:
        high *= 2
    return math.exp(
        optimize.brentq(lambda log: _ratio_score(counts, math.exp(log)) - target, low, high, xtol=1e-13)
    )


def _ratio_score(counts: tuple[int, int, int, int], ratio: float) -> float:
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


def rate_ratio_exact(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> Interval:
    """Exact conditional interval of the ratio of two rates, after to before.

    Ratio of rates. Nothing before: the ratio and its upper limit are infinite, the lower limit still informs.
    Both counts zero: NaN, with the reason in `note`. Given the total, the later count is binomial; the limits
    are Clopper-Pearson's on that share. Source: Przyborowski and Wilenski (1940) Biometrika 31, 313-323.

    Examples
    --------
    >>> interval = rate_ratio_exact(21, 11, exposure_before=3011, exposure_after=800)
    >>> round(interval.estimate, 4), round(interval.lower, 4), round(interval.upper, 4)
    (1.9715, 0.8584, 4.2773)
    """
    check_count("before", before)
    check_count("after", after)
    check_positive("exposure_before", exposure_before)
    check_positive("exposure_after", exposure_after)
    method = "exact conditional"
    low, high = clopper_pearson_bounds(after, before + after, confidence)
    if before + after == 0:
        note = "no events in either period, so no ratio"
        return Interval(math.nan, math.nan, math.nan, confidence, method, note)
    estimate, lower, upper = (
        exposure_before / exposure_after * _odds(share)
        for share in (after / (before + after), float(low), float(high))
    )
    note = "" if before else "no events before, so the ratio has no upper limit"
    return Interval(estimate, lower, upper, confidence, method, note)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.inf
