"""Which bases a printed percentage can come from: the GRIM test, and intervals that allow for rounding."""

from __future__ import annotations

__all__ = [
    "NearestPossible",
    "grim_consistent",
    "grim_denominators",
    "nearest_possible",
    "share_interval_from_percent",
]

import math
from dataclasses import dataclass
from fractions import Fraction

from s75lib.errors import MethodError
from s75lib.stats.intervals import Interval, wilson_bounds
from s75lib.stats.intervals.proportions import check_population, finite_limits
from s75lib.stats.intervals.result import check_count, check_positive
from s75lib.stats.rounding.attainable import Attainable, Number, attainable, exact_fraction, whole_numbers


@dataclass(frozen=True)
class NearestPossible:
    """The percentages that a base can give on either side of a printed one.

    Parameters
    ----------
    base : int
        Cases.
    count_below, count_above : int
        Neighbouring counts; the same when the percentage is a whole count of the base.
    percent_below, percent_above : float
        What they are in percent of the base.
    count : int
        The nearer of the two; the higher one when they are equally near.
    percent : float
        What it is in percent of the base.
    """

    base: int
    count_below: int
    percent_below: float
    count_above: int
    percent_above: float
    count: int
    percent: float


def grim_consistent(percent: Number, decimals: int, base: int) -> bool:
    """Whether some whole count of the base rounds to the printed percentage.

    Parameters
    ----------
    percent : int, float, str, Decimal or Fraction
        Percentage as printed, 0 to 100.
    decimals : int
        Decimals printed.
    base : int
        Cases, >= 1.

    Returns
    -------
    bool

    Raises
    ------
    MethodError
        If the percentage is outside 0 to 100 or has more decimals than stated, or the base is not >= 1.

    Notes
    -----
    For unweighted counts of whole people alone: a weighted percentage can take any value. A base that does
    not fit proves no mistake: some may have left the question out, so that its own base is smaller.
    Any base of 100 or more (1,000 with one decimal) fits every percentage, and the test says nothing.

    References
    ----------
    Brown, N. J. L. and Heathers, J. A. J. (2017) Social Psychological and Personality Science 8, 363-369.

    Examples
    --------
    Of 45 people, 38 are 84.4% and 39 are 86.7%, so no count gives 86%:

    >>> grim_consistent(86, 0, 45), grim_consistent(84, 0, 45)
    (False, True)
    """
    _check_base("base", base)
    return bool(_counts(_shares(percent, decimals), base))


def grim_denominators(percent: Number, decimals: int, max_n: int) -> list[int]:
    """Bases that a printed percentage can come from.

    Parameters
    ----------
    percent : int, float, str, Decimal or Fraction
        Percentage as printed, 0 to 100.
    decimals : int
        Decimals printed.
    max_n : int
        Largest base tried, >= 1.

    Returns
    -------
    list of int
        In rising order; empty when none fits.

    Raises
    ------
    MethodError
        If the percentage is outside 0 to 100 or has more decimals than stated, or max_n is not >= 1.

    Notes
    -----
    See `grim_consistent` for what the test cannot say.

    References
    ----------
    Brown, N. J. L. and Heathers, J. A. J. (2017) Social Psychological and Personality Science 8, 363-369.

    Examples
    --------
    >>> grim_denominators(86, 0, 30)
    [7, 14, 21, 22, 28, 29]
    """
    _check_base("max_n", max_n)
    shares = _shares(percent, decimals)
    return [base for base in range(1, int(max_n) + 1) if _counts(shares, base)]


def nearest_possible(percent: Number, base: int) -> NearestPossible:
    """Find the percentages that a base can give, next to a printed one.

    Parameters
    ----------
    percent : int, float, str, Decimal or Fraction
        Percentage as printed, 0 to 100.
    base : int
        Cases, >= 1.

    Returns
    -------
    NearestPossible

    Raises
    ------
    MethodError
        If the percentage is outside 0 to 100 or the base is not >= 1.

    Examples
    --------
    >>> near = nearest_possible(86, 45)
    >>> near.count_below, near.count_above, near.count, round(near.percent, 1)
    (38, 39, 39, 86.7)
    """
    _check_base("base", base)
    count = _checked_percent(percent) / 100 * int(base)
    below, above = math.floor(count), math.ceil(count)
    nearest = below if count - below < above - count else above
    return NearestPossible(
        base=int(base),
        count_below=below,
        percent_below=below / base * 100,
        count_above=above,
        percent_above=above / base * 100,
        count=nearest,
        percent=nearest / base * 100,
    )


def share_interval_from_percent(
    percent: Number, decimals: int, base: int, *, population: int | None = None, confidence: float = 0.95
) -> Interval:
    """Wilson interval of a share of which the rounded percentage and the base are known, not the count.

    Parameters
    ----------
    percent : int, float, str, Decimal or Fraction
        Percentage as printed, 0 to 100.
    decimals : int
        Decimals printed.
    base : int
        Cases, >= 1.
    population : int, optional
        Size of the population that the cases were drawn from, >= base.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Interval
        Shares from 0 to 1; the estimate is the percentage as printed.

    Raises
    ------
    MethodError
        If the percentage, base, population or confidence is out of range.

    Notes
    -----
    The lower limit is that of the smallest count that rounds to the percentage, the upper that of the
    largest. When no whole count does, the ends of what the percentage may have been are used in place of
    counts, and `note` says that the base does not fit. The population corrects as in `wilson_finite`.

    References
    ----------
    Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212.
    Cochran, W. G. (1977) Sampling Techniques, 3rd edition, Wiley, section 3.2.

    Examples
    --------
    >>> interval = share_interval_from_percent(84, 0, 45)
    >>> round(interval.lower, 3), round(interval.upper, 3), interval.note
    (0.712, 0.923, '')
    """
    _check_base("base", base)
    shares = _shares(percent, decimals)
    counts = _counts(shares, base)
    note = "" if counts else f"no whole count of {base} rounds to {percent}%: the base may be another"
    ends = (counts[0], counts[-1]) if counts else (shares.low * int(base), shares.high * int(base))
    method = "Wilson score from a rounded percentage"
    if population is None:
        lower = float(wilson_bounds(float(ends[0]), base, confidence)[0])
        upper = float(wilson_bounds(float(ends[1]), base, confidence)[1])
    else:
        check_population(base, population)
        method += " with finite-population correction"
        lower = finite_limits(float(ends[0]), base, population, confidence)[0]
        upper = finite_limits(float(ends[1]), base, population, confidence)[1]
    estimate = float(_checked_percent(percent) / 100)
    return Interval(estimate, lower, upper, confidence, method, note)


def _shares(percent: Number, decimals: int) -> Attainable:
    """Shares from 0 to 1 that print as the percentage."""
    _checked_percent(percent)
    low, high = attainable(percent, decimals)
    return Attainable(max(low / 100, Fraction(0)), min(high / 100, Fraction(1)))


def _counts(shares: Attainable, base: int) -> range:
    """Whole counts of the base within the shares."""
    return whole_numbers(shares.low * int(base), shares.high * int(base))


def _checked_percent(percent: Number) -> Fraction:
    """Read a percentage, exactly."""
    value = exact_fraction(percent)
    if not 0 <= value <= 100:
        raise MethodError(f"the percentage is {percent}; expected 0 to 100.")
    return value


def _check_base(name: str, base: int) -> None:
    """Raise MethodError unless the base is a whole number of at least 1."""
    check_count(name, base)
    check_positive(name, base)
