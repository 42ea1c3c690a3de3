"""The values that a printed figure may stand for, and arithmetic with them, in exact fractions."""

from __future__ import annotations

__all__ = [
    "Attainable",
    "Number",
    "attainable",
    "difference",
    "exact_fraction",
    "pct_change",
    "product",
    "ratio",
    "sum_of",
]

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from s75lib.errors import MethodError

Number = int | float | str | Decimal | Fraction

# A computed figure such as 5.6 - 4.9 misses its decimals by some 1e-15; no printed one misses by this much.
CLOSE = Fraction(1, 10**9)


@dataclass(frozen=True)
class Attainable:
    """The values that a figure may have had before rounding: from low to high, both included.

    Parameters
    ----------
    low, high : Fraction
        Ends, exact; equal for a figure that was not rounded.

    Examples
    --------
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

    Parameters
    ----------
    value : int, float, str, Decimal or Fraction
        The figure; a float is taken by its shortest decimal form.

    Returns
    -------
    Fraction

    Raises
    ------
    MethodError
        If it is missing, infinite or no number.

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

    Parameters
    ----------
    value : int, float, str, Decimal or Fraction
        The figure as printed.
    decimals : int or None
        Decimals printed; -3 for a figure in whole thousands; None for one that was not rounded.

    Returns
    -------
    Attainable
        Half a unit of the last printed place to either side.

    Raises
    ------
    MethodError
        If the figure has more decimals than stated, or is no number.

    Notes
    -----
    Both ends belong to it: whether a half goes up, down or to the even digit is seldom known, so neither
    can be ruled out. Figures cut off rather than rounded lie outside this.

    Examples
    --------
    >>> [float(end) for end in attainable(0.7, 1)]
    [0.65, 0.75]
    >>> [float(end) for end in attainable(1_234_000, -3)]
    [1233500.0, 1234500.0]
    """
    figure = exact_fraction(value)
    if decimals is None:
        return Attainable(figure, figure)
    unit = Fraction(10) ** -decimals
    printed = round(figure / unit) * unit
    if abs(figure - printed) > CLOSE * unit:
        raise MethodError(
            f"{value} has more places than the {decimals} decimals stated; expected a figure as printed. "
            "Correct the decimals, or give None for a figure that was not rounded."
        )
    return Attainable(printed - unit / 2, printed + unit / 2)


def sum_of(*terms: Attainable) -> Attainable:
    """Values that a sum of rounded figures may have had.

    Parameters
    ----------
    *terms : Attainable
        Each rounded on its own.

    Returns
    -------
    Attainable
        The sum of nothing is 0.

    Examples
    --------
    >>> total = sum_of(attainable(33, 0), attainable(33, 0), attainable(33, 0))
    >>> total.contains(100)
    True
    """
    return Attainable(sum((t.low for t in terms), Fraction(0)), sum((t.high for t in terms), Fraction(0)))


def difference(before: Attainable, after: Attainable) -> Attainable:
    """Values that after minus before may have had.

    Parameters
    ----------
    before, after : Attainable
        Each rounded on its own.

    Returns
    -------
    Attainable

    Examples
    --------
    From 4.9% to 5.6% is 0.6 to 0.8 points:

    >>> [float(end) for end in difference(attainable(4.9, 1), attainable(5.6, 1))]
    [0.6, 0.8]
    """
    return Attainable(after.low - before.high, after.high - before.low)


def product(*factors: Attainable) -> Attainable:
    """Values that a product of rounded figures may have had.

    Parameters
    ----------
    *factors : Attainable
        Each rounded on its own; of any sign.

    Returns
    -------
    Attainable
        The product of nothing is 1.

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
    """Values that a ratio of rounded figures may have had.

    Parameters
    ----------
    numerator, denominator : Attainable
        Each rounded on its own; the denominator may not have been zero.

    Returns
    -------
    Attainable

    Raises
    ------
    MethodError
        If the denominator may have been zero, so that the ratio has no bound.

    Examples
    --------
    >>> [round(float(end), 3) for end in ratio(attainable(64, None), attainable(493, None))]
    [0.13, 0.13]
    """
    if denominator.low <= 0 <= denominator.high:
        raise MethodError(
            f"the divisor may be zero: from {float(denominator.low):g} to {float(denominator.high):g}; "
            "expected one that rounding keeps off zero. A ratio or relative change has no meaning here."
        )
    return product(numerator, Attainable(1 / denominator.high, 1 / denominator.low))


def pct_change(before: Attainable, after: Attainable) -> Attainable:
    """Values that a relative change may have had, in percent.

    Parameters
    ----------
    before, after : Attainable
        Each rounded on its own; before may not have been zero.

    Returns
    -------
    Attainable
        (after / before - 1) x 100, so a negative figure that grows more negative has risen.

    Raises
    ------
    MethodError
        If the earlier figure may have been zero.

    Examples
    --------
    From 4.9 to 5.6 is a rise of about 14 in the hundred, and rounding leaves 12.1 to 16.5 open:

    >>> [round(float(end), 1) for end in pct_change(attainable(4.9, 1), attainable(5.6, 1))]
    [12.1, 16.5]
    """
    low, high = ratio(after, before)
    return Attainable((low - 1) * 100, (high - 1) * 100)


def whole_numbers(low: Fraction, high: Fraction) -> range:
    """Whole numbers from low to high, both included."""
    return range(math.ceil(low), math.floor(high) + 1)
