"""What a rounded figure can have been: attainable intervals, possible bases (GRIM) and tipping points.

In sums, differences and the like, `terms`, `factors`, `before`, `after`, `numerator` and `denominator` are
figures each rounded on its own. A `value` is a figure as printed, `decimals` the places printed: -3 for whole
thousands, None for one that was not rounded. A `percent` (`percent_before`, `percent_after`) lies from 0 to
100, a `base` of cases is >= 1.
"""

from __future__ import annotations

__all__ = [
    "Attainable",
    "NearestPossible",
    "Number",
    "TippingBase",
    "attainable",
    "difference",
    "exact_fraction",
    "grim_consistent",
    "grim_denominators",
    "nearest_possible",
    "pct_change",
    "product",
    "ratio",
    "share_interval_from_percent",
    "sum_of",
    "tipping_base",
]

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from s75lib.errors import MethodError
from s75lib.stats.intervals import (
    Interval,
    check_count,
    check_population,
    check_positive,
    critical_value,
    wilson_bounds,
    wilson_finite_limits,
)

Number = int | float | str | Decimal | Fraction
Integers = NDArray[np.int64]

# A computed figure such as 5.6 - 4.9 misses its decimals by some 1e-15; no printed one misses by this much.
_CLOSE = Fraction(1, 10**9)
# Bases looked at in one go; bounds the memory and leaves the answer as it is.
_CHUNK = 100_000
# Beyond this base counts no longer fit the machine's whole numbers; no council has so many people.
_LARGEST = 10**10
_MOST_DECIMALS = 6
_SPARSE = "few equal bases fit both percentages: limits from the rounding alone"

# --- the values behind a printed figure ----------------------------------------------------------------


@dataclass(frozen=True)
class Attainable:
    """The values that a figure may have had before rounding: from low to high, both included, and exact.

    >>> low, high = attainable("4.9", 1)
    >>> low, high
    (Fraction(97, 20), Fraction(99, 20))
    """

    low: Fraction
    high: Fraction

    def __iter__(self) -> Iterator[Fraction]:
        yield self.low
        yield self.high

    def contains(self, value: Number) -> bool:
        """Whether the figure may have been this value."""
        return self.low <= exact_fraction(value) <= self.high

    def overlaps(self, other: Attainable) -> bool:
        """Whether both figures may stand for one value."""
        return self.low <= other.high and other.low <= self.high


def exact_fraction(value: Number) -> Fraction:
    """Read a figure as it is written: 4.9 is 49/10, not the binary fraction nearest to it.

    Examples
    --------
    >>> exact_fraction(4.9)
    Fraction(49, 10)
    """
    if isinstance(value, Fraction):
        return value
    try:
        decimal = Decimal(str(value))
    except InvalidOperation:
        decimal = Decimal("NaN")
    if not decimal.is_finite():
        raise MethodError(f"found {value!r}; expected a number. Leave missing figures out.")
    return Fraction(decimal)


def attainable(value: Number, decimals: int | None) -> Attainable:
    """Values that round to a printed figure.

    Half a unit of the last printed place to either side. Both ends belong to it: whether a half goes up, down
    or to the even digit is seldom known. Figures cut off rather than rounded lie outside this.

    Examples
    --------
    >>> [float(end) for end in attainable(1_234_000, -3)]
    [1233500.0, 1234500.0]
    """
    figure = exact_fraction(value)
    if decimals is None:
        return Attainable(figure, figure)
    unit = Fraction(10) ** -decimals
    printed = round(figure / unit) * unit
    if abs(figure - printed) > _CLOSE * unit:
        raise MethodError(
            f"{value} has more places than the {decimals} decimals stated; expected a figure as printed. "
            "Correct the decimals, or give None for a figure that was not rounded."
        )
    return Attainable(printed - unit / 2, printed + unit / 2)


def sum_of(*terms: Attainable) -> Attainable:
    """Values that a sum of rounded figures may have had; the sum of nothing is 0.

    Examples
    --------
    >>> sum_of(attainable(33, 0), attainable(33, 0), attainable(33, 0)).contains(100)
    True
    """
    return Attainable(sum((t.low for t in terms), Fraction(0)), sum((t.high for t in terms), Fraction(0)))


def difference(before: Attainable, after: Attainable) -> Attainable:
    """Values that after minus before may have had.

    Examples
    --------
    From 4.9% to 5.6% is 0.6 to 0.8 points:

    >>> [float(end) for end in difference(attainable(4.9, 1), attainable(5.6, 1))]
    [0.6, 0.8]
    """
    return Attainable(after.low - before.high, after.high - before.low)


def product(*factors: Attainable) -> Attainable:
    """Values that a product of rounded figures may have had; the product of nothing is 1.

    Examples
    --------
    >>> [float(end) for end in product(attainable(52, None), attainable(100, 0))]
    [5174.0, 5226.0]
    """
    result = Attainable(Fraction(1), Fraction(1))
    for factor in factors:
        ends = [one * other for one in result for other in factor]
        result = Attainable(min(ends), max(ends))
    return result


def ratio(numerator: Attainable, denominator: Attainable) -> Attainable:
    """Values that a ratio of rounded figures may have had; the denominator may not have been zero.

    Examples
    --------
    >>> [round(float(end), 3) for end in ratio(attainable(64, 0), attainable(493, None))]
    [0.129, 0.131]
    """
    if denominator.low <= 0 <= denominator.high:
        raise MethodError(
            f"the divisor may be zero: from {float(denominator.low):g} to {float(denominator.high):g}; "
            "expected one that rounding keeps off zero. A ratio or relative change has no meaning here."
        )
    return product(numerator, Attainable(1 / denominator.high, 1 / denominator.low))


def pct_change(before: Attainable, after: Attainable) -> Attainable:
    """Values that a relative change may have had, in percent.

    (after / before - 1) x 100, so a negative figure that grows more negative has risen; before may not have
    been zero.

    Examples
    --------
    From 4.9 to 5.6 is a rise of about 14 in the hundred, and rounding leaves 12.1 to 16.5 open:

    >>> [round(float(end), 1) for end in pct_change(attainable(4.9, 1), attainable(5.6, 1))]
    [12.1, 16.5]
    """
    low, high = ratio(after, before)
    return Attainable((low - 1) * 100, (high - 1) * 100)


# --- the bases behind a printed percentage -------------------------------------------------------------


@dataclass(frozen=True)
class NearestPossible:
    """The counts of a base on either side of a printed percentage, and what they are in percent.

    The same twice when the percentage is a whole count.
    """

    count_below: int
    percent_below: float
    count_above: int
    percent_above: float


def grim_consistent(percent: Number, decimals: int, base: int) -> bool:
    """Whether some whole count of the base rounds to the printed percentage.

    False: the base does not fit, which proves no mistake, since some may have left the question out. For
    unweighted counts of whole people alone: a weighted percentage can take any value. Any base of 100 or more
    (1,000 with one decimal) fits every percentage, and the test says nothing. Source: Brown and Heathers
    (2017) Social Psychological and Personality Science 8, 363-369.

    Examples
    --------
    Of 45 people, 38 are 84.4% and 39 are 86.7%, so no count gives 86%:

    >>> grim_consistent(86, 0, 45), grim_consistent(84, 0, 45)
    (False, True)
    """
    _check_base("base", base)
    return bool(_counts(_shares_of_percent(percent, decimals), base))


def grim_denominators(percent: Number, decimals: int, base: int) -> list[int]:
    """Bases up to a largest `base` that a printed percentage can come from, in rising order.

    Examples
    --------
    >>> grim_denominators(86, 0, 30)
    [7, 14, 21, 22, 28, 29]
    """
    _check_base("base", base)
    shares = _shares_of_percent(percent, decimals)
    return [tried for tried in range(1, int(base) + 1) if _counts(shares, tried)]


def nearest_possible(percent: Number, base: int) -> NearestPossible:
    """Find the percentages that a base can give, next to a printed one.

    Examples
    --------
    >>> near = nearest_possible(86, 45)
    >>> near.count_below, near.count_above, round(near.percent_above, 1)
    (38, 39, 86.7)
    """
    _check_base("base", base)
    count = _checked_percent(percent) / 100 * int(base)
    below, above = math.floor(count), math.ceil(count)
    return NearestPossible(below, below / base * 100, above, above / base * 100)


def share_interval_from_percent(
    percent: Number, decimals: int, base: int, *, population: int | None = None, confidence: float = 0.95
) -> Interval:
    """Wilson interval of a share of which the rounded percentage and the base are known, not the count.

    Shares from 0 to 1; the estimate is the percentage as printed. The limits are those of the smallest and
    the largest count that round to the percentage; where no whole count does, `note` says so.

    Parameters
    ----------
    population : int, optional
        Size of the population that the cases were drawn from, >= base; corrects as in `wilson_finite`.

    Examples
    --------
    >>> interval = share_interval_from_percent(84, 0, 45)
    >>> round(interval.lower, 3), round(interval.upper, 3), interval.note
    (0.712, 0.923, '')
    """
    _check_base("base", base)
    shares = _shares_of_percent(percent, decimals)
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
        lower = wilson_finite_limits(float(ends[0]), base, population, confidence)[0]
        upper = wilson_finite_limits(float(ends[1]), base, population, confidence)[1]
    estimate = float(_checked_percent(percent) / 100)
    return Interval(estimate, lower, upper, confidence, method, note)


def _shares_of_percent(percent: Number, decimals: int) -> Attainable:
    _checked_percent(percent)
    low, high = attainable(percent, decimals)
    return Attainable(max(low / 100, Fraction(0)), min(high / 100, Fraction(1)))


def _counts(shares: Attainable, base: int) -> range:
    return range(math.ceil(shares.low * int(base)), math.floor(shares.high * int(base)) + 1)


def _checked_percent(percent: Number) -> Fraction:
    value = exact_fraction(percent)
    if not 0 <= value <= 100:
        raise MethodError(f"the percentage is {percent}; expected 0 to 100.")
    return value


def _check_base(name: str, base: int) -> None:
    check_count(name, base)
    check_positive(name, base)


# --- the base at which a change becomes significant -------------------------------------------------------


@dataclass(frozen=True)
class TippingBase:
    """Cases per period at which a change between two printed percentages becomes significant.

    - `least`: Smallest base of which some counts that print as the two percentages differ significantly: with
      fewer cases the change is not significant, whatever was rounded. None: beyond any base of people.
    - `central`: Smallest base if the percentages were exact. None: they are the same.
    - `most`: Largest base of which some such counts do not differ significantly: with more cases the change
      is significant, whatever was rounded. None: rounding alone may have made the difference.
    """

    least: int | None
    central: int | None
    most: int | None
    note: str = ""


def tipping_base(
    percent_before: Number, percent_after: Number, decimals: int, *, confidence: float = 0.95
) -> TippingBase:
    """Find how many cases a period would need for a change of printed percentages to be significant.

    Cases per period, the same in both periods, as are the decimals, 0 to 6. The whole counts of each base
    that round to each percentage are listed, and their extremes tested with the pooled score test. A base
    that no whole count fits is passed over. Where so few small bases fit both percentages that the search
    skips the central base, `note` says so. Bases that differ are about as strong as their harmonic mean in
    each period; Fisher's exact test would need a few cases more. Source: Altman (1991) Practical Statistics
    for Medical Research, section 10.3 (test).

    Examples
    --------
    >>> tipping = tipping_base(75, 63, 0)
    >>> tipping.least, tipping.central, tipping.most
    (102, 115, 126)
    """
    if not 0 <= decimals <= _MOST_DECIMALS:
        raise MethodError(f"decimals is {decimals}; expected 0 to {_MOST_DECIMALS} for a percentage.")
    squared = critical_value(confidence) ** 2
    exact = sorted(_checked_percent(percent) / 100 for percent in (percent_before, percent_after))
    lower, higher = (_shares_of_percent(share * 100, decimals) for share in exact)
    central = _base_needed(exact[0], exact[1], squared)
    least = _first_significant(lower, higher, squared)
    most = _last_not_significant(lower, higher, squared)
    skipped = (least or 0) > central + 1 or (most is not None and most < central - 1 < _LARGEST)
    if skipped:
        least = math.ceil(_base_needed(lower.low, higher.high, squared))
        most = None if most is None else math.floor(_base_needed(lower.high, higher.low, squared))
    return TippingBase(
        least=least,
        central=math.ceil(central) if math.isfinite(central) else None,
        most=most,
        note=_SPARSE if skipped else "",
    )


def _base_needed(low: Fraction, high: Fraction, squared: float) -> float:
    pooled = (low + high) / 2
    return squared * float(2 * pooled * (1 - pooled) / (high - low) ** 2) if high > low else math.inf


def _first_significant(lower: Attainable, higher: Attainable, squared: float) -> int | None:
    """Smallest base whose furthest counts differ significantly; None when there is none to be found."""
    needed = _base_needed(lower.low, higher.high, squared)
    start = math.ceil(needed) if needed < _LARGEST else _LARGEST
    while start < _LARGEST:
        bases = np.arange(start, start + _CHUNK)
        low, high = _first_count(lower.low, bases), _last_count(higher.high, bases)
        possible = (low <= _last_count(lower.high, bases)) & (high >= _first_count(higher.low, bases))
        found = bases[possible & _significant(bases, low, high, squared)]
        if found.size:
            return int(found[0])
        start += _CHUNK
    return None


def _last_not_significant(lower: Attainable, higher: Attainable, squared: float) -> int | None:
    """Largest base whose nearest counts do not differ significantly; None when rounding sets no limit.

    0 when every base that fits both percentages shows a significant change.
    """
    needed = _base_needed(lower.high, higher.low, squared)
    if needed >= _LARGEST:
        return None
    stop = math.ceil(needed)
    while stop > 0:
        bases = np.arange(max(stop - _CHUNK, 1), stop + 1)
        low, high = _last_count(lower.high, bases), _first_count(higher.low, bases)
        possible = (low >= _first_count(lower.low, bases)) & (high <= _last_count(higher.high, bases))
        found = bases[possible & ~_significant(bases, low, high, squared)]
        if found.size:
            return int(found[-1])
        stop -= _CHUNK
    return 0


def _first_count(share: Fraction, bases: Integers) -> Integers:
    return -(-share.numerator * bases // share.denominator)


def _last_count(share: Fraction, bases: Integers) -> Integers:
    return share.numerator * bases // share.denominator


def _significant(bases: Integers, low: Integers, high: Integers, squared: float) -> NDArray[np.bool_]:
    """Pooled score test of each base, written without division so that no events or all are no trouble."""
    events, distance = (low + high).astype(float), (high - low).astype(float)
    significant: NDArray[np.bool_] = 2.0 * bases * distance**2 > squared * events * (2.0 * bases - events)
    return significant
