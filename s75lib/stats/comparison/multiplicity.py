"""Many tests in one report: Holm's and Benjamini and Hochberg's adjusted p-values."""

from __future__ import annotations

__all__ = ["benjamini_hochberg", "holm"]

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from s75lib.errors import MethodError
from s75lib.stats.intervals.result import FloatArray


def holm(p_values: ArrayLike) -> FloatArray:
    """Adjust p-values so that the chance of any false finding in the report stays at the level.

    Parameters
    ----------
    p_values : array-like
        One per test made, in [0, 1]; NaN where no test was possible.

    Returns
    -------
    ndarray
        Adjusted p-values in the same order; NaN stays NaN and does not count as a test.

    Raises
    ------
    MethodError
        If a p-value lies outside [0, 1].

    Notes
    -----
    Valid however the tests depend on each other. Give every test that was made, not the promising ones.

    References
    ----------
    Holm, S. (1979) Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, float("nan"), 0.04, 0.03]).round(3).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    return _adjusted(p_values, _holm)


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Adjust p-values so that the expected share of false findings among findings stays at the level.

    Parameters
    ----------
    p_values : array-like
        One per test made, in [0, 1]; NaN where no test was possible.

    Returns
    -------
    ndarray
        Adjusted p-values in the same order; NaN stays NaN and does not count as a test.

    Raises
    ------
    MethodError
        If a p-value lies outside [0, 1].

    Notes
    -----
    Valid for independent tests and for those that move together; looser than Holm's.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995) Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> benjamini_hochberg([0.01, float("nan"), 0.04, 0.03]).round(3).tolist()
    [0.03, nan, 0.04, 0.04]
    """
    return _adjusted(p_values, _benjamini_hochberg)


def _holm(ordered: FloatArray) -> FloatArray:
    """Adjust rising p-values: the j-th of m times m - j + 1, never falling."""
    return np.maximum.accumulate(ordered * np.arange(ordered.size, 0, -1))


def _benjamini_hochberg(ordered: FloatArray) -> FloatArray:
    """Adjust rising p-values: the j-th of m times m / j, never above a later one."""
    raised = ordered * ordered.size / np.arange(1, ordered.size + 1)
    return np.minimum.accumulate(raised[::-1])[::-1]


def _adjusted(p_values: ArrayLike, adjust: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Adjust those p-values that exist, each in its place."""
    values = np.asarray(p_values, dtype=float)
    tested = values[~np.isnan(values)]
    outside = tested[(tested < 0) | (tested > 1)]
    if outside.size:
        raise MethodError(f"a p-value is {outside[0]:g}; expected 0 to 1, or NaN where no test was possible.")
    order = np.argsort(tested)
    in_order = np.empty_like(tested)
    in_order[order] = np.minimum(adjust(tested[order]), 1.0)
    adjusted = np.full(values.shape, np.nan)
    adjusted[~np.isnan(values)] = in_order
    return adjusted
