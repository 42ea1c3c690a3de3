"""Two counts or rates: ratio, difference, the exact test, and how much clustering would undo it."""

from __future__ import annotations

__all__ = ["CountComparison", "compare_counts", "overdispersion_tipping_factor"]

import math
from dataclasses import dataclass
from functools import lru_cache

from scipy import special, stats

from s75lib.stats.comparison.proportions import DISAGREE
from s75lib.stats.intervals import rate_ratio_exact
from s75lib.stats.intervals.result import critical_value


@dataclass(frozen=True)
class CountComparison:
    """Change between two Poisson counts or rates, after against before.

    Parameters
    ----------
    rate_before, rate_after : float
        Events per unit of exposure; the counts themselves when the exposures are left at 1.
    ratio, lower, upper : float
        Rate after over rate before, dimensionless, with its exact interval.
    relative_change, relative_change_lower, relative_change_upper : float
        The ratio less one, in percent.
    difference, difference_lower, difference_upper : float
        Rate after minus rate before, per unit of exposure.
    p_value : float
        Two-sided, of equal rates.
    confidence : float
        Coverage of the intervals, in (0, 1).
    method : str
        Names of the test and of the interval methods.
    note : str
        What a reader must know besides; empty when there is nothing.
    """

    rate_before: float
    rate_after: float
    ratio: float
    lower: float
    upper: float
    relative_change: float
    relative_change_lower: float
    relative_change_upper: float
    difference: float
    difference_lower: float
    difference_upper: float
    p_value: float
    confidence: float
    method: str
    note: str = ""

    @property
    def significant(self) -> bool:
        """Whether the p-value is below one less the confidence; False when there is no p-value."""
        return self.p_value < 1 - self.confidence


def compare_counts(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> CountComparison:
    """Compare two Poisson counts or rates, with exact interval and test.

    Parameters
    ----------
    before, after : int
        Events in each period, >= 0.
    exposure_before, exposure_after : float
        Person-years, months or any common unit, > 0.
    confidence : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    CountComparison
        Ratio, relative change in percent and difference of rates, each with its interval; p-value.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or an exposure is not above 0.

    Notes
    -----
    Given the total, the later count is binomial. The ratio's interval is Clopper-Pearson's on that share;
    the p-value sums the outcomes no likelier than the one seen, as R's ``poisson.test`` does. With unequal
    exposures the two can disagree close to the line; `note` says so.
    The difference has the interval that combines each count's score limits by squaring and adding.
    Both counts zero: ratio and p-value are NaN, with the reason in `note`; the difference keeps its interval.
    It supposes that events come one by one and independently: `overdispersion_tipping_factor` tells how
    far a significant result leans on that.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323 (test, ratio).
    Zou, G. Y. and Donner, A. (2008) Statistics in Medicine 27, 1693-1702 (difference).

    Examples
    --------
    Permanent admissions, 17 one year and 9 the next:

    >>> compare_counts(17, 9).p_value
    0.1686...
    """
    ratio = rate_ratio_exact(
        before, after, exposure_before=exposure_before, exposure_after=exposure_after, confidence=confidence
    )
    p_value = _exact_p(before, after, exposure_before, exposure_after)
    rate_before, rate_after = before / exposure_before, after / exposure_after
    low_before, high_before = _score_limits(before, exposure_before, confidence)
    low_after, high_after = _score_limits(after, exposure_after, confidence)
    difference = rate_after - rate_before
    notes = [ratio.note]
    if not math.isnan(p_value) and ratio.contains(1.0) == (p_value < 1 - confidence):
        notes.append(DISAGREE)
    return CountComparison(
        rate_before=rate_before,
        rate_after=rate_after,
        ratio=ratio.estimate,
        lower=ratio.lower,
        upper=ratio.upper,
        relative_change=(ratio.estimate - 1) * 100,
        relative_change_lower=(ratio.lower - 1) * 100,
        relative_change_upper=(ratio.upper - 1) * 100,
        difference=difference,
        difference_lower=difference - math.hypot(rate_after - low_after, high_before - rate_before),
        difference_upper=difference + math.hypot(high_after - rate_after, rate_before - low_before),
        p_value=p_value,
        confidence=confidence,
        method="exact conditional (ratio, test), hybrid score (difference)",
        note="; ".join(note for note in notes if note),
    )


def overdispersion_tipping_factor(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> float:
    """Variance, as a multiple of Poisson's, at which a change of counts stops being significant.

    Parameters
    ----------
    before, after : int
        Events in each period, >= 0.
    exposure_before, exposure_after : float
        Person-years, months or any common unit, > 0.
    confidence : float
        One less the significance level, in (0, 1).

    Returns
    -------
    float
        The factor: 1 or less means not significant even without clustering; NaN when both counts are zero.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or an exposure is not above 0.

    Notes
    -----
    Over-dispersion by a factor phi divides a normal score by its square root. The exact p-value is turned
    into the score that has it; the factor is that score over the critical value, squared, so it passes 1
    exactly where the exact test passes its level. Where the p-value is too small for the machine, the score
    statistic itself is used. A factor of 2 is ordinary where one person can have several events.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989) Generalized Linear Models, 2nd edition, Chapman and Hall, 4.5.

    Examples
    --------
    >>> round(overdispersion_tipping_factor(64, 28), 2)
    3.55
    >>> overdispersion_tipping_factor(17, 9) < 1
    True
    """
    comparison = compare_counts(
        before, after, exposure_before=exposure_before, exposure_after=exposure_after, confidence=confidence
    )
    if comparison.p_value == 0:
        expected = exposure_after / exposure_before
        squared = (after - expected * before) ** 2 / (expected * (before + after))
    else:
        squared = float(special.ndtri(comparison.p_value / 2)) ** 2
    return squared / critical_value(confidence) ** 2


@lru_cache(maxsize=256)
def _exact_p(before: int, after: int, exposure_before: float, exposure_after: float) -> float:
    """Two-sided p-value of equal rates, given the total; NaN without any event.

    Kept, since a comparison and its tipping factor both ask for it.
    """
    if before + after == 0:
        return math.nan
    share = exposure_after / (exposure_before + exposure_after)
    return float(stats.binomtest(int(after), int(before + after), share).pvalue)


def _score_limits(count: int, exposure: float, confidence: float) -> tuple[float, float]:
    """Score limits of one Poisson rate."""
    z = critical_value(confidence)
    centre, half_width = count + z**2 / 2, z * math.sqrt(count + z**2 / 4)
    return max(centre - half_width, 0.0) / exposure, (centre + half_width) / exposure
