"""Each unit against all the others taken together, so that none is compared with itself."""

from __future__ import annotations

__all__ = ["differences_from_rest"]

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special, stats

from s75lib.errors import MethodError
from s75lib.stats.comparison import benjamini_hochberg, compare_counts, holm
from s75lib.stats.funnel.limits import Kind, check_units
from s75lib.stats.intervals import newcombe_bounds
from s75lib.stats.intervals.result import FloatArray

# Chances that differ by less than rounding are the same.
_SAME = 1e-14


def differences_from_rest(
    events: ArrayLike,
    bases: ArrayLike,
    *,
    kind: Kind,
    between: float = 0.0,
    confidence: float = 0.95,
    units: ArrayLike | None = None,
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
    units : array-like of int, optional
        Positions of the units asked about, all by default; the others have NaN, and no part in the adjusted
        p-values.

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
    others, rest = counts.sum() - counts, sizes.sum() - sizes
    asked = np.ones(len(sizes), dtype=bool) if units is None else np.isin(np.arange(len(sizes)), units)
    both = np.flatnonzero((sizes > 0) & (rest > 0) & asked)
    compared = _shares if kind == "proportion" else _rates
    difference, low, high, p_value = compared(others[both], rest[both], counts[both], sizes[both], confidence)
    widened = np.array([_widened(at, counts, sizes, kind, between) for at in both.tolist()], dtype=np.float64)
    root, most = np.sqrt(widened), 1.0 if kind == "proportion" else math.inf
    low, high = difference - root * (difference - low), difference + root * (high - difference)
    # The p-value of the normal score that has it, over the root: of chance alone it stays as it is.
    wider = (widened > 1) & (p_value < 1)
    p_value[wider] = 2 * special.ndtr(special.ndtri(p_value[wider] / 2) / root[wider])
    found = np.full((5, len(sizes)), np.nan)
    found[:, both] = [difference, np.maximum(low, -most), np.minimum(high, most), widened, p_value]
    names = ("difference", "lower", "upper", "widened", "p_value")
    test = "Fisher exact, Newcombe interval" if kind == "proportion" else "exact conditional, hybrid score"
    with np.errstate(invalid="ignore"):
        estimate, of_others = counts / sizes, others / rest
    return pd.DataFrame(
        {
            "estimate": estimate,
            "rest": of_others,
            **dict(zip(names, found, strict=True)),
            "p_holm": holm(found[-1]),
            "p_bh": benjamini_hochberg(found[-1]),
            "method": test + (", widened for over-dispersion" if between else ""),
        }
    )


def _shares(
    others: FloatArray, rest: FloatArray, own: FloatArray, sizes: FloatArray, confidence: float
) -> tuple[FloatArray, ...]:
    """Difference of each share from the others', its interval and p-value."""
    limits = newcombe_bounds(others, rest, own, sizes, confidence)
    return own / sizes - others / rest, *limits, fisher_p_values(own, sizes, others, rest)


def _rates(
    others: FloatArray, rest: FloatArray, own: FloatArray, sizes: FloatArray, confidence: float
) -> tuple[FloatArray, ...]:
    """Difference of each rate from the others', its interval and p-value."""
    found = [
        compare_counts(
            int(before), int(after), exposure_before=whole, exposure_after=part, confidence=confidence
        )
        for before, whole, after, part in zip(*(x.tolist() for x in (others, rest, own, sizes)), strict=True)
    ]
    names = ("difference", "difference_lower", "difference_upper", "p_value")
    return tuple(np.array([getattr(one, name) for one in found], dtype=float) for name in names)


def fisher_p_values(
    events: FloatArray, cases: FloatArray, events_of_others: FloatArray, others: FloatArray
) -> FloatArray:
    """Two-sided p-values of Fisher's exact test of many pairs of shares at once.

    Parameters
    ----------
    events, cases, events_of_others, others : ndarray, shape (k,)
        Whole numbers; cases and others above 0.

    Returns
    -------
    ndarray, shape (k,)
        Chance of all tables with these margins that are no likelier than the one seen, as
        `scipy.stats.fisher_exact` gives it for one table.

    Examples
    --------
    >>> ends = [np.array([count]) for count in (8.0, 10.0, 1.0, 6.0)]
    >>> fisher_p_values(*ends).round(4).tolist()
    [0.035]
    """
    drawn = events + events_of_others
    law = (cases + others, cases, drawn)
    mode = np.floor((drawn + 1) * (cases + 1) / (cases + others + 2))
    below = events < mode
    sign = np.where(below, -1.0, 1.0)

    def weight(count: FloatArray) -> FloatArray:
        """Logarithm of a chance, less what is the same for all: much faster than the chance."""
        cells = np.array([count, cases - count, drawn - count, others - drawn + count])
        ways: FloatArray = special.gammaln(cells + 1).sum(axis=0)
        return -sign * ways

    # On the mode's other side, the count nearest to it that is no likelier: chances rise towards the mode.
    first, last = np.where(below, mode, 0), np.where(below, drawn, mode)
    low, high, most = first - 1, last, weight(events)
    while (low < high).any():
        middle = np.ceil((low + high) / 2)
        within = weight(middle) <= most
        low, high = np.where(within, middle, low), np.where(within, high, middle - 1)
    # Rounding hides whether the next is as likely: of that the chances decide.
    seen, top = stats.hypergeom.pmf(events, *law), stats.hypergeom.pmf(mode, *law)
    bound = sign * seen * (1 + _SAME)
    low += (low < last) & (sign * stats.hypergeom.pmf(low + 1, *law) <= bound)
    low -= (low >= first) & (sign * stats.hypergeom.pmf(low, *law) > bound)
    fewer = stats.hypergeom.cdf(np.where(below, events, low), *law)
    more = stats.hypergeom.sf(np.where(below, low, events - 1), *law)
    likeliest = np.abs(seen - top) <= _SAME * np.maximum(seen, top)
    return np.where(likeliest, 1.0, np.minimum(fewer + more, 1.0))


def _widened(at: int, counts: FloatArray, sizes: FloatArray, kind: Kind, between: float) -> float:
    """Variance of a unit's difference from the others, in multiples of chance's."""
    mean = counts.sum() / sizes.sum()
    unit_variance = mean * (1 - mean) if kind == "proportion" else mean
    if not (between and unit_variance > 0):
        return 1.0
    others = np.delete(sizes, at)
    chance = unit_variance * (1 / sizes[at] + 1 / others.sum())
    return float(1 + between * (1 + (others**2).sum() / others.sum() ** 2) / chance)
