"""Each unit against all the others taken together, so that none is compared with itself."""

from __future__ import annotations

__all__ = ["differences_from_rest"]

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from s75lib.errors import MethodError
from s75lib.stats.comparison import benjamini_hochberg, compare_counts, holm
from s75lib.stats.funnel.limits import Kind, check_units
from s75lib.stats.intervals import newcombe


def differences_from_rest(
    events: ArrayLike, bases: ArrayLike, *, kind: Kind, between: float = 0.0, confidence: float = 0.95
) -> pd.DataFrame:
    """Difference of each unit from all others together, with interval and exact test.

    Parameters
    ----------
    events, bases : array-like, shape (k,)
        As for `s75lib.stats.funnel.funnel`.
    kind : {"proportion", "rate"}
    between : float
        Variance of the units' true shares or rates that is no one unit's doing, >= 0, as
        `s75lib.stats.funnel.overdispersion` estimates it; 0 asks about chance alone.
    confidence : float
        Coverage of each interval, in (0, 1).

    Returns
    -------
    DataFrame
        One row per unit in the order given: ``estimate``, ``rest`` (the others' share or rate),
        ``difference`` (estimate less rest) with ``lower`` and ``upper``, ``widened`` (variance in multiples
        of chance's), ``p_value``, ``p_holm``, ``p_bh`` (adjusted for all units), ``method``.

    Raises
    ------
    MethodError
        If a count, a base, the variance or the confidence is out of range.

    Notes
    -----
    Shares: Fisher's exact test and Newcombe's interval. Rates: the exact conditional test and the hybrid
    score interval of `compare_counts`. With `between`, the variance of a difference grows by that of the
    unit's true value and of the others' weighted mean; interval and test are widened by its root, the p-value
    by way of the normal score that has it. A unit without a base, or without others that have one, has NaN.

    References
    ----------
    Fisher, R. A. (1935) Journal of the Royal Statistical Society 98, 39-82.
    Newcombe, R. G. (1998) Statistics in Medicine 17, 873-890, method 10.
    Spiegelhalter, D. J. (2005) Quality and Safety in Health Care 14, 347-351 (over-dispersion).

    Examples
    --------
    >>> found = differences_from_rest([48, 56, 50], [80, 70, 80], kind="proportion")
    >>> found[["difference", "p_value"]].round(3).to_numpy().tolist()
    [[-0.107, 0.108], [0.188, 0.006], [-0.068, 0.306]]
    """
    counts, sizes = check_units(events, bases, kind)
    if not (math.isfinite(between) and between >= 0):
        raise MethodError(f"between is {between}; expected a variance of 0 or more.")
    rows = [_row(at, counts, sizes, kind, between, confidence) for at in range(len(sizes))]
    names = ["estimate", "rest", "difference", "lower", "upper", "widened", "p_value"]
    frame = pd.DataFrame(rows, columns=names, dtype="float64")
    test = "Fisher exact, Newcombe interval" if kind == "proportion" else "exact conditional, hybrid score"
    p_values = frame["p_value"].to_numpy()
    return frame.assign(
        p_holm=holm(p_values),
        p_bh=benjamini_hochberg(p_values),
        method=test + (", widened for over-dispersion" if between else ""),
    )


def _row(
    at: int, counts: np.ndarray, sizes: np.ndarray, kind: Kind, between: float, confidence: float
) -> tuple[float, ...]:
    """One unit against the others."""
    own, size = int(counts[at]), float(sizes[at])
    others, rest = int(counts.sum() - own), float(sizes.sum() - size)
    estimate = own / size if size else math.nan
    mean = others / rest if rest else math.nan
    if not (size and rest):
        return estimate, mean, *[math.nan] * 5
    if kind == "proportion":
        interval = newcombe(others, int(rest), own, int(size), confidence)
        difference, low, high = interval.estimate, interval.lower, interval.upper
        table = np.array([[own, int(size) - own], [others, int(rest) - others]], dtype=np.int64)
        p_value = min(float(stats.fisher_exact(table).pvalue), 1.0)
    else:
        found = compare_counts(others, own, exposure_before=rest, exposure_after=size, confidence=confidence)
        difference, low, high = found.difference, found.difference_lower, found.difference_upper
        p_value = found.p_value
    widened = _widened(at, counts, sizes, kind, between)
    root = math.sqrt(widened)
    most = 1.0 if kind == "proportion" else math.inf
    low, high = difference - root * (difference - low), difference + root * (high - difference)
    if widened > 1 and p_value < 1:
        p_value = float(2 * stats.norm.sf(stats.norm.isf(p_value / 2) / root))
    return estimate, mean, difference, max(low, -most), min(high, most), widened, p_value


def _widened(at: int, counts: np.ndarray, sizes: np.ndarray, kind: Kind, between: float) -> float:
    """Variance of a unit's difference from the others, in multiples of chance's."""
    mean = counts.sum() / sizes.sum()
    unit_variance = mean * (1 - mean) if kind == "proportion" else mean
    if not (between and unit_variance > 0):
        return 1.0
    others = np.delete(sizes, at)
    chance = unit_variance * (1 / sizes[at] + 1 / others.sum())
    return float(1 + between * (1 + (others**2).sum() / others.sum() ** 2) / chance)
