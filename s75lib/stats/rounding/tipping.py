"""The tipping point: the base at which a change between two printed percentages becomes significant."""

from __future__ import annotations

__all__ = ["TippingBase", "tipping_base"]

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from s75lib.errors import MethodError
from s75lib.stats.intervals.result import critical_value
from s75lib.stats.rounding.attainable import Number, attainable, exact_fraction

Integers = NDArray[np.int64]
Shares = tuple[Fraction, Fraction]

# Bases looked at in one go; bounds the memory and leaves the answer as it is.
CHUNK = 100_000

# Beyond this base counts no longer fit the machine's whole numbers; no council has so many people.
LARGEST = 10**10
MOST_DECIMALS = 6

SPARSE = "few equal bases fit both percentages: limits from the rounding alone"


@dataclass(frozen=True)
class TippingBase:
    """Cases per period at which a change between two printed percentages becomes significant.

    Parameters
    ----------
    least : int or None
        Smallest base of which some counts that print as the two percentages differ significantly: with
        fewer cases the change is not significant, whatever was rounded. None: beyond any base of people.
    central : int or None
        Smallest base if the percentages were exact. None: they are the same.
    most : int or None
        Largest base of which some such counts do not differ significantly: with more cases the change is
        significant, whatever was rounded. None: rounding alone may have made the difference.
    confidence : float
        One less the significance level, in (0, 1).
    method : str
        Name of the test.
    note : str
        What a reader must know besides; empty when there is nothing.
    """

    least: int | None
    central: int | None
    most: int | None
    confidence: float
    method: str
    note: str = ""


def tipping_base(
    percent_before: Number, percent_after: Number, decimals: int, *, confidence: float = 0.95
) -> TippingBase:
    """Find how many cases a period would need for a change of printed percentages to be significant.

    Parameters
    ----------
    percent_before, percent_after : int, float, str, Decimal or Fraction
        Percentages as printed, 0 to 100.
    decimals : int
        Decimals printed, 0 to 6, the same for both.
    confidence : float
        One less the significance level, in (0, 1).

    Returns
    -------
    TippingBase
        Cases per period, the same in both periods.

    Raises
    ------
    MethodError
        If a percentage is outside 0 to 100 or has more decimals than stated, or decimals or confidence is
        out of range.

    Notes
    -----
    For each base, the whole counts that round to each percentage (a half may have gone either way) are
    listed; their extremes are tested with the pooled score test. Significance grows with the distance of
    the shares, so the extremes decide for all counts between. A base that no whole count fits is passed
    over. Between `least` and `most` it depends on the counts that rounding hides.
    Where so few small bases fit both percentages that the search skips the central base, the limits are
    those of shares free to lie anywhere within their rounding, and `note` says so.
    It supposes the same base in both periods; bases that differ are about as strong as their harmonic mean
    in each. Fisher's exact test would need a few cases more: this matters for bases of a few dozen.

    References
    ----------
    Altman, D. G. (1991) Practical Statistics for Medical Research, Chapman and Hall, section 10.3 (test).
    Brown, N. J. L. and Heathers, J. A. J. (2017) Social Psychological and Personality Science 8, 363-369
    (whole counts behind printed figures).

    Examples
    --------
    >>> tipping = tipping_base(75, 63, 0)
    >>> tipping.least, tipping.central, tipping.most
    (102, 115, 126)
    """
    if not 0 <= decimals <= MOST_DECIMALS:
        raise MethodError(f"decimals is {decimals}; expected 0 to {MOST_DECIMALS} for a percentage.")
    squared = critical_value(confidence) ** 2
    exact = sorted(exact_fraction(percent) / 100 for percent in (percent_before, percent_after))
    if exact[0] < 0 or exact[1] > 1:
        raise MethodError(f"the percentages are {percent_before} and {percent_after}; expected 0 to 100.")
    lower, higher = (_shares(share, decimals) for share in exact)
    central = _base_needed(exact[0], exact[1], squared)
    least = _first_significant(lower, higher, squared)
    most = _last_not_significant(lower, higher, squared)
    skipped = (least or 0) > central + 1 or (most is not None and most < central - 1 < LARGEST)
    if skipped:
        least = math.ceil(_base_needed(lower[0], higher[1], squared))
        most = None if most is None else math.floor(_base_needed(lower[1], higher[0], squared))
    return TippingBase(
        least=least,
        central=math.ceil(central) if math.isfinite(central) else None,
        most=most,
        confidence=confidence,
        method="pooled score test",
        note=SPARSE if skipped else "",
    )


def _shares(share: Fraction, decimals: int) -> Shares:
    """Shares that print alike, kept within 0 and 1."""
    low, high = attainable(share * 100, decimals)
    return max(low / 100, Fraction(0)), min(high / 100, Fraction(1))


def _base_needed(low: Fraction, high: Fraction, squared: float) -> float:
    """Find the base at which two exact shares reach the critical value; infinite when they are the same."""
    pooled = (low + high) / 2
    return squared * float(2 * pooled * (1 - pooled) / (high - low) ** 2) if high > low else math.inf


def _first_significant(lower: Shares, higher: Shares, squared: float) -> int | None:
    """Smallest base whose furthest counts differ significantly; None when there is none to be found."""
    needed = _base_needed(lower[0], higher[1], squared)
    start = math.ceil(needed) if needed < LARGEST else LARGEST
    while start < LARGEST:
        bases = np.arange(start, start + CHUNK)
        low, high = _first_count(lower[0], bases), _last_count(higher[1], bases)
        possible = (low <= _last_count(lower[1], bases)) & (high >= _first_count(higher[0], bases))
        found = bases[possible & _significant(bases, low, high, squared)]
        if found.size:
            return int(found[0])
        start += CHUNK
    return None


def _last_not_significant(lower: Shares, higher: Shares, squared: float) -> int | None:
    """Largest base whose nearest counts do not differ significantly; None when rounding sets no limit.

    0 when every base that fits both percentages shows a significant change.
    """
    needed = _base_needed(lower[1], higher[0], squared)
    if needed >= LARGEST:
        return None
    stop = math.ceil(needed)
    while stop > 0:
        bases = np.arange(max(stop - CHUNK, 1), stop + 1)
        low, high = _last_count(lower[1], bases), _first_count(higher[0], bases)
        possible = (low >= _first_count(lower[0], bases)) & (high <= _last_count(higher[1], bases))
        found = bases[possible & ~_significant(bases, low, high, squared)]
        if found.size:
            return int(found[-1])
        stop -= CHUNK
    return 0


def _first_count(share: Fraction, bases: Integers) -> Integers:
    """Smallest whole count of each base that is at least the share."""
    return -(-share.numerator * bases // share.denominator)


def _last_count(share: Fraction, bases: Integers) -> Integers:
    """Largest whole count of each base that is at most the share."""
    return share.numerator * bases // share.denominator


def _significant(bases: Integers, low: Integers, high: Integers, squared: float) -> NDArray[np.bool_]:
    """Pooled score test of each base, written without division so that no events or all are no trouble."""
    events, distance = (low + high).astype(float), (high - low).astype(float)
    significant: NDArray[np.bool_] = 2.0 * bases * distance**2 > squared * events * (2.0 * bases - events)
    return significant
