"""Power: the chance that a test finds a change that is there."""

from __future__ import annotations

__all__ = ["count_power", "proportion_power"]

import math
from functools import lru_cache

import numpy as np
from scipy import special, stats

from s75lib.errors import MethodError
from s75lib.stats.intervals.result import (
    FloatArray,
    check_confidence,
    check_count,
    check_positive,
    critical_value,
)

# Chance of a total below which it is left out.
_RARE = 1e-10
# Totals whose critical counts are found at a time.
_BLOCK = 128


def proportion_power(
    share_before: float, share_after: float, n_before: int, n_after: int, *, confidence: float = 0.95
) -> float:
    """Chance that the pooled score test finds a true change between two proportions.

    Parameters
    ----------
    share_before, share_after : float
        True shares, in [0, 1].
    n_before, n_after : int
        Cases, >= 1.
    confidence : float
        One less the significance level, in (0, 1).

    Returns
    -------
    float
        Power, counting results in the true direction alone.

    Raises
    ------
    MethodError
        If a share or a base is out of range.

    Notes
    -----
    A normal approximation; too hopeful where expected counts are below five and Fisher's test is used.

    References
    ----------
    Fleiss, J. L., Levin, B. and Paik, M. C. (2003) Statistical Methods for Rates and Proportions,
    3rd edition, Wiley, chapter 4.

    Examples
    --------
    >>> round(proportion_power(0.5, 0.75, 50, 50), 3)
    0.74
    """
    for name, share in (("share_before", share_before), ("share_after", share_after)):
        if not 0 <= share <= 1:
            raise MethodError(f"{name} is {share}; expected a share from 0 to 1, not a percentage.")
    for name, cases in (("n_before", n_before), ("n_after", n_after)):
        check_count(name, cases)
        check_positive(name, cases)
    z = critical_value(confidence)
    pooled = (share_before * n_before + share_after * n_after) / (n_before + n_after)
    null_error = math.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_after))
    error = math.sqrt(
        share_before * (1 - share_before) / n_before + share_after * (1 - share_after) / n_after
    )
    margin = abs(share_after - share_before) - z * null_error
    if error == 0:
        return 1.0 if margin > 0 else 0.0
    return float(special.ndtr(margin / error))


def count_power(
    expected_before: float,
    expected_after: float,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> float:
    """Chance that the exact conditional test finds a true change between two Poisson counts.

    Parameters
    ----------
    expected_before, expected_after : float
        Expected counts over each exposure, >= 0.
    exposure_before, exposure_after : float
        What the events are counted over, in one unit, > 0.
    confidence : float
        One less the significance level, in (0, 1).

    Returns
    -------
    float
        Power, in either direction.

    Raises
    ------
    MethodError
        If an expected count is negative or an exposure is not above 0.

    Notes
    -----
    Exact but for totals of a chance below one in a thousand million: the power given each total is
    binomial, and totals are Poisson. Each tail has half the level, which is the test of `compare_counts`
    when exposures are equal and close to it when they are not.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323.

    Examples
    --------
    >>> round(count_power(50, 50), 3) <= 0.05
    True
    >>> round(count_power(50, 80), 2)
    0.73
    """
    for name, expected in (("expected_before", expected_before), ("expected_after", expected_after)):
        if not (math.isfinite(expected) and expected >= 0):
            raise MethodError(f"{name} is {expected}; expected a number of 0 or more.")
    check_positive("exposure_before", exposure_before)
    check_positive("exposure_after", exposure_after)
    check_confidence(confidence)
    mean = expected_before + expected_after
    if mean == 0:
        return 0.0
    tail = (1 - confidence) / 2
    first, last = _poisson_quantile(_RARE, mean), _poisson_quantile(1 - _RARE, mean)
    totals = np.arange(first, last + 1, dtype=float)
    null_share = exposure_after / (exposure_before + exposure_after)
    share = expected_after / mean
    blocks = range(first // _BLOCK, last // _BLOCK + 1)
    critical = np.hstack([_critical_counts(block, null_share, tail) for block in blocks])
    lowest, highest = critical[:, first - blocks[0] * _BLOCK :][:, : len(totals)]
    found = stats.binom.cdf(lowest, totals, share) + stats.binom.sf(highest - 1, totals, share)
    chances = np.exp(special.xlogy(totals, mean) - special.gammaln(totals + 1) - mean)
    return float(np.sum(chances * found))


@lru_cache(maxsize=4096)
def _critical_counts(block: int, null_share: float, tail: float) -> FloatArray:
    """Give the greatest count that is significantly low and the least that is high, of a block of totals.

    They do not depend on the change that is looked for, which a search tries many of.
    """
    totals = np.arange(block * _BLOCK, (block + 1) * _BLOCK, dtype=float)
    # ppf is the first count whose lower tail reaches the level: significant are those below it.
    lowest = stats.binom.ppf(tail, totals, null_share) - 1
    return np.array([lowest, stats.binom.isf(tail, totals, null_share) + 1])


def _poisson_quantile(tail: float, mean: float) -> int:
    """Give the first count whose lower tail reaches a share, without scipy's cost of a single number."""
    count = max(math.ceil(special.pdtrik(tail, mean)), 0)
    return count - 1 if count and special.pdtr(count - 1, mean) >= tail else count
