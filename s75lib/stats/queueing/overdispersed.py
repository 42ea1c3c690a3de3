"""Counts that vary more than chance alone would make them, and the cover that they need."""

from __future__ import annotations

__all__ = ["Dispersion", "cover_needed", "dispersion", "exceedance"]

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from s75lib.errors import MethodError


@dataclass(frozen=True)
class Dispersion:
    """Variance of counts as a multiple of their mean.

    Parameters
    ----------
    ratio, lower, upper : float
        1 for counts that come one by one and independently; with the interval of a chi-squared variance.
    mean : float
        Of the counts.
    n : int
        Counts used.
    """

    ratio: float
    lower: float
    upper: float
    mean: float
    n: int


def exceedance(level: float, mean: float, variance_ratio: float = 1.0) -> float:
    """Probability that a count exceeds a level.

    Parameters
    ----------
    level : float
        People on shift, or any limit; the part after the decimal point does not matter.
    mean : float
        Expected count, >= 0.
    variance_ratio : float
        Variance as a multiple of the mean, >= 1; 1 is Poisson.

    Returns
    -------
    float
        P(count > level).

    Raises
    ------
    MethodError
        If the mean is negative or the ratio below 1.

    Notes
    -----
    Negative binomial with size mean / (ratio − 1): a Poisson count whose own mean varies as a gamma.
    Days that are independent and have one ratio give months with that same ratio.

    References
    ----------
    Cameron, A. C. and Trivedi, P. K. (2013) Regression Analysis of Count Data, 2nd edition,
    Cambridge, 3.3 (the form NB1).

    Examples
    --------
    >>> round(exceedance(3, 1.5), 4), round(exceedance(3, 1.5, 2.0), 4)
    (0.0656, 0.1189)
    """
    _check(mean, variance_ratio)
    if mean == 0:
        return 0.0 if level >= 0 else 1.0
    if variance_ratio == 1:
        return float(stats.poisson.sf(math.floor(level), mean))
    return float(stats.nbinom.sf(math.floor(level), mean / (variance_ratio - 1), 1 / variance_ratio))


def cover_needed(mean: float, risk: float, variance_ratio: float = 1.0) -> int:
    """Find the smallest level that a count exceeds no more often than accepted.

    Parameters
    ----------
    mean : float
        Expected count, >= 0.
    risk : float
        Accepted probability of an excess, in (0, 1).
    variance_ratio : float
        Variance as a multiple of the mean, >= 1; 1 is Poisson.

    Returns
    -------
    int

    Raises
    ------
    MethodError
        If an argument is out of range.

    Examples
    --------
    >>> cover_needed(1.5, 0.05), cover_needed(1.5, 0.05, 2.0)
    (4, 5)
    """
    if not 0 < risk < 1:
        raise MethodError(f"found risk {risk}; expected a probability between 0 and 1, such as 0.05.")
    level = 0
    while exceedance(level, mean, variance_ratio) > risk:
        level += 1
    return level


def dispersion(counts: npt.ArrayLike, *, confidence: float = 0.95) -> Dispersion:
    """Estimate how many times their mean the variance of counts is.

    Parameters
    ----------
    counts : array-like, (n,)
        Counts about one level, >= 0; NaN is left out. Take steps and trends out first: they pass for scatter.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Dispersion
        All NaN with fewer than two counts or without any event.

    Raises
    ------
    MethodError
        If a count is negative.

    References
    ----------
    Fisher, R. A. (1950) Biometrics 6, 17-24 (index of dispersion).

    Examples
    --------
    >>> dispersion([2, 4, 6]).ratio
    1.0
    """
    values = np.asarray(counts, dtype=float)
    values = values[~np.isnan(values)]
    if (values < 0).any():
        raise MethodError(f"found a count of {values.min():g}; expected counts of 0 or more.")
    mean = float(values.mean()) if values.size else math.nan
    if values.size < 2 or mean == 0:
        return Dispersion(math.nan, math.nan, math.nan, mean, values.size)
    free = values.size - 1
    ratio = float(values.var(ddof=1)) / mean
    tail = (1 - confidence) / 2
    low, high = (ratio * free / float(stats.chi2.ppf(share, free)) for share in (1 - tail, tail))
    return Dispersion(ratio, low, high, mean, values.size)


def _check(mean: float, variance_ratio: float) -> None:
    """Raise MethodError unless mean and ratio are sound."""
    if not mean >= 0 or math.isinf(mean):
        raise MethodError(f"found mean {mean}; expected a finite number, 0 or more.")
    if not variance_ratio >= 1 or math.isinf(variance_ratio):
        raise MethodError(
            f"found variance_ratio {variance_ratio}; expected 1 or more. Counts less scattered than "
            "Poisson are taken as Poisson: pass 1."
        )
