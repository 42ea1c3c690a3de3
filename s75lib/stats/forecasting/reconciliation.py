"""Make forecasts of teams and their totals add up: minimum trace with shrinkage."""

from __future__ import annotations

__all__ = ["Reconciled", "ReconciledPaths", "reconcile", "reconcile_paths"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from s75lib.errors import MethodError
from s75lib.stats.forecasting.paths import shrunk_correlation

Array = npt.NDArray[np.float64]

_LEAST_MONTHS = 8


@dataclass(frozen=True)
class Reconciled:
    """Forecasts that add up.

    Parameters
    ----------
    forecasts : array, (series, horizon)
        Every series, totals first as in the structure.
    bottom : array, (bottom series, horizon)
        Non-negative.
    weights : array, (bottom series, series)
        How each bottom series is made of the base forecasts, before negatives are mended.
    shrinkage : float
        Of the residual correlations, 0 to 1.
    method : str
    """

    forecasts: Array
    bottom: Array
    weights: Array
    shrinkage: float
    method: str


@dataclass(frozen=True)
class ReconciledPaths:
    """Joint sample paths that add up, each one by itself.

    Parameters
    ----------
    paths : array, (series, n, horizon)
        Every series, totals first as in the structure; never negative.
    shrinkage : float
        Of the residual correlations, 0 to 1.
    method : str
    """

    paths: Array
    shrinkage: float
    method: str


def reconcile(
    base_forecasts: npt.ArrayLike, structure: npt.ArrayLike, residuals: npt.ArrayLike | None = None
) -> Reconciled:
    """Reconcile base forecasts of totals and parts.

    Parameters
    ----------
    base_forecasts : array-like, (series, horizon)
        One row per series, made separately.
    structure : array-like, (series, bottom series)
        1 where a bottom series is part of the row's series; its last rows are the identity.
    residuals : array-like, (months, series), optional
        One-month-ahead or leave-one-out residuals of each series; rows with a NaN are left out.

    Returns
    -------
    Reconciled

    Raises
    ------
    MethodError
        If the shapes do not fit, or the structure does not end in the identity.

    Notes
    -----
    ``bottom = (S' W^-1 S)^-1 S' W^-1 base`` with W the residual covariance, its correlations shrunk. With
    fewer than eight complete months of residuals, or a series whose residuals do not vary, the bottom
    forecasts are added up instead. Where a bottom series would be negative, the closest non-negative
    solution in the same metric is taken (non-negative least squares), so totals still add up.

    References
    ----------
    Wickramasuriya, S. L., Athanasopoulos, G. and Hyndman, R. J. (2019) Journal of the American Statistical
    Association 114, 804-819; Wickramasuriya, S. L., Turlach, B. A. and Hyndman, R. J. (2020) Statistics and
    Computing 30, 1167-1182.

    Examples
    --------
    >>> made = reconcile([[12.0], [4.0], [6.0]], [[1, 1], [1, 0], [0, 1]])
    >>> made.forecasts[:, 0].tolist(), made.method
    ([10.0, 4.0, 6.0], 'bottom-up')
    """
    base = np.asarray(base_forecasts, dtype=float)
    rule = _rule(base, structure, residuals, dimensions=2)
    bottom, mended = _bottom(rule, base)
    method = rule.method + (", non-negative" if mended and rule.root is not None else "")
    return Reconciled(rule.structure @ bottom, bottom, rule.weights, rule.shrinkage, method)


def reconcile_paths(
    paths: npt.ArrayLike, structure: npt.ArrayLike, residuals: npt.ArrayLike | None = None
) -> ReconciledPaths:
    """Reconcile joint sample paths, so that intervals of totals and parts cohere.

    Parameters
    ----------
    paths : array-like, (series, n, horizon)
        Of each series, row i of all of them being one future, as from `simulate_together`.
    structure, residuals : array-like
        As in `reconcile`.

    Returns
    -------
    ReconciledPaths

    Raises
    ------
    MethodError
        As `reconcile`.

    Notes
    -----
    Each path is reconciled as a forecast would be; the paths are then a sample of the reconciled
    distribution, and any sum over months or series of them has its interval. Paths of counts are no longer
    whole numbers.

    References
    ----------
    Panagiotelis, A. and others (2023) European Journal of Operational Research 306, 693-706.

    Examples
    --------
    >>> drawn = np.array([[[12.0], [15.0]], [[4.0], [6.0]], [[6.0], [8.0]]])
    >>> reconcile_paths(drawn, [[1, 1], [1, 0], [0, 1]]).paths[0].ravel().tolist()
    [10.0, 14.0]
    """
    drawn = np.asarray(paths, dtype=float)
    rule = _rule(drawn, structure, residuals, dimensions=3)
    bottom, mended = _bottom(rule, drawn.reshape(drawn.shape[0], -1))
    method = rule.method + (", non-negative" if mended and rule.root is not None else "")
    return ReconciledPaths((rule.structure @ bottom).reshape(drawn.shape), rule.shrinkage, method)


@dataclass(frozen=True)
class _Rule:
    """How parts are made of base forecasts; `root` whitens their errors, and is None for bottom-up."""

    structure: Array
    weights: Array
    root: Array | None
    shrinkage: float
    method: str


def _rule(base: Array, structure: npt.ArrayLike, residuals: npt.ArrayLike | None, dimensions: int) -> _Rule:
    """Find the weights of minimum trace, or of adding up where the residuals cannot say."""
    S = np.asarray(structure, dtype=float)
    series, parts = S.shape
    if (
        base.ndim != dimensions
        or base.shape[0] != series
        or not np.array_equal(S[series - parts :], np.eye(parts))
    ):
        raise MethodError(
            f"found base forecasts of shape {base.shape} and a structure of {S.shape}; expected one row "
            "of forecasts per row of the structure, which ends in the bottom series (the identity)."
        )
    covariance, shrinkage = _covariance(residuals, series)
    if covariance is None:
        weights = np.hstack([np.zeros((parts, series - parts)), np.eye(parts)])
        return _Rule(S, weights, None, 1.0, "bottom-up")
    scaled = np.linalg.solve(covariance, S)
    weights = np.linalg.solve(S.T @ scaled, scaled.T)
    root = np.asarray(np.linalg.inv(np.linalg.cholesky(covariance)), dtype=float)
    return _Rule(S, weights, root, shrinkage, f"minimum trace, correlations shrunk by {100 * shrinkage:.0f}%")


def _bottom(rule: _Rule, base: Array) -> tuple[Array, bool]:
    """Parts of each column of base forecasts, none negative, and whether one would have been."""
    bottom = rule.weights @ base
    negative = (bottom < 0.0).any(axis=0)
    if rule.root is None or not negative.any():
        return np.maximum(bottom, 0.0), bool(negative.any())
    bottom[:, negative] = _non_negative(rule.root @ rule.structure, rule.root @ base[:, negative])
    return np.maximum(bottom, 0.0), True


def _non_negative(design: Array, observed: Array) -> Array:
    """Non-negative least squares of each column of `observed` on `design`."""
    gram, moment = design.T @ design, design.T @ observed
    # A first guess: nought are the parts that would be negative, the others are fitted by themselves.
    free = np.linalg.solve(gram, moment) > 0.0
    # Few guesses are different: packed into bytes, they are told apart in a sixteenth of the time.
    packed = np.ascontiguousarray(np.packbits(free, axis=0).T)
    _, first, which = np.unique(
        packed.view(f"S{packed.shape[1]}")[:, 0], return_index=True, return_inverse=True
    )
    guesses = free[:, first].T
    fitted = guesses[:, :, None] & guesses[:, None, :]
    inverse = np.linalg.inv(np.where(fitted, gram, np.eye(len(gram))))
    solved = np.where(free, np.einsum("cij,jc->ic", inverse[which], moment), 0.0)
    # It is the solution where no part is negative and none at nought would gain by rising.
    wrong = np.where(free, solved < 0.0, gram @ solved < moment).any(axis=0)
    for column in np.flatnonzero(wrong):
        solved[:, column] = optimize.nnls(design, observed[:, column])[0]
    return solved


def _covariance(residuals: npt.ArrayLike | None, series: int) -> tuple[Array | None, float]:
    """Covariance of the residuals with shrunk correlations; None when there are too few to form it."""
    if residuals is None:
        return None, 1.0
    table = np.asarray(residuals, dtype=float)
    if table.ndim != 2 or table.shape[1] != series:
        raise MethodError(
            f"found residuals of shape {table.shape}; expected one column for each of {series} series."
        )
    table = table[~np.isnan(table).any(axis=1)]
    if table.shape[0] < _LEAST_MONTHS:
        return None, 1.0
    spread = np.sqrt((table**2).mean(axis=0))
    correlation, shrinkage = shrunk_correlation(table)
    covariance = correlation * np.outer(spread, spread)
    if (spread == 0).any() or np.linalg.cond(covariance / np.outer(spread, spread)) > 1e10:
        return None, 1.0
    return covariance, shrinkage
