"""Series that move and add up together: joint sample paths, their sums, and teams reconciled with totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from s75lib.errors import MethodError
from s75lib.stats.forecasting.prediction import LEVELS, Forecast
from s75lib.stats.forecasting.smoothing import Array

_LEAST_MONTHS = 8


def shrunk_correlation(residuals: npt.ArrayLike) -> tuple[Array, float]:
    """Correlation of residuals (months, series), shrunk towards none as the data are few, and the shrinkage.

    The shrinkage goes from 0 (as observed) to 1 (none), as with fewer than four complete months: Schafer and
    Strimmer (2005) Statistical Applications in Genetics and Molecular Biology 4, 32.
    """
    table = np.asarray(residuals, dtype=float)
    table = table[~np.isnan(table).any(axis=1)]
    months, series = table.shape
    if months < 4:
        return np.eye(series), 1.0
    centred = table - table.mean(axis=0)
    spread = centred.std(axis=0, ddof=1)
    x = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0)
    products = x[:, :, None] * x[:, None, :]
    mean = products.mean(axis=0)
    observed = mean * months / (months - 1.0)
    variance = months / (months - 1.0) ** 3 * ((products - mean) ** 2).sum(axis=0)
    off = ~np.eye(series, dtype=bool)
    total = float((observed[off] ** 2).sum())
    shrinkage = min(max(float(variance[off].sum()) / total, 0.0), 1.0) if total > 0 else 1.0
    correlation = (1.0 - shrinkage) * observed
    np.fill_diagonal(correlation, 1.0)
    return correlation, shrinkage


def simulate_together(
    forecasts: Mapping[str, Forecast], n: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Joint paths of several series that move together, as their residuals over shared months did, shrunk.

    Parameters
    ----------
    forecasts : mapping of str to Forecast
        Of one horizon, from series that end in the same month.
    n : int
        Paths.
    rng : numpy.random.Generator
        Seeded by the caller.

    Returns
    -------
    dict of str to array, (n, horizon)
        Path i of every series belongs to the same future: add them path by path, never quantile by quantile.

    Examples
    --------
    >>> from s75lib.stats.forecasting import forecast
    >>> made = {"north": forecast([4, 6, 5, 7], 3), "south": forecast([9, 8, 11, 10], 3)}
    >>> paths = simulate_together(made, 500, np.random.default_rng(1))
    >>> path_table(paths["north"] + paths["south"], cumulative=True).shape
    (3, 7)
    """
    names = list(forecasts)
    horizons = {made.horizon for made in forecasts.values()}
    if len(horizons) != 1:
        raise MethodError(
            f"found horizons {sorted(horizons)}; expected one. Forecast every series as far ahead."
        )
    shared = min(made.residuals.size for made in forecasts.values())
    residuals = np.column_stack([made.residuals[-shared:] for made in forecasts.values()])
    values, vectors = np.linalg.eigh(shrunk_correlation(residuals)[0])
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draws = rng.standard_normal((n, horizons.pop(), len(names))) @ root.T
    return {name: forecasts[name].simulate(n, rng, normal=draws[:, :, k]) for k, name in enumerate(names)}


def path_table(paths: npt.ArrayLike, *, cumulative: bool = False) -> pd.DataFrame:
    """Mean, median, and 80% and 95% intervals of paths.

    Parameters
    ----------
    paths : array-like, (n, horizon)
        From `Forecast.simulate`, `simulate_together`, or their sums.
    cumulative : bool
        Whether each row is the total up to that month.

    Returns
    -------
    DataFrame
        step, mean, central, lower_80, upper_80, lower_95, upper_95.

    Examples
    --------
    >>> path_table([[1.0, 2.0], [3.0, 4.0]], cumulative=True)["mean"].tolist()
    [2.0, 5.0]
    """
    drawn = np.asarray(paths, dtype=float)
    drawn = np.cumsum(drawn, axis=1) if cumulative else drawn
    names = ("central", "lower_80", "upper_80", "lower_95", "upper_95")
    tails = [(1.0 - level) / 2.0 for level in LEVELS]
    shares = [0.5, *(share for tail in tails for share in (tail, 1.0 - tail))]
    told = dict(zip(names, np.quantile(drawn, shares, axis=0), strict=True))
    return pd.DataFrame({"step": np.arange(1, drawn.shape[1] + 1), "mean": drawn.mean(axis=0), **told})


@dataclass(frozen=True)
class ReconciledPaths:
    """Joint sample paths, (series, n, horizon), that add up each one by itself; never negative, totals first.

    `shrinkage` is that of the residual correlations, 0 to 1; `method` says how they were made to add up.
    """

    paths: Array
    shrinkage: float
    method: str


def reconcile_paths(
    paths: npt.ArrayLike, structure: npt.ArrayLike, residuals: npt.ArrayLike | None = None
) -> ReconciledPaths:
    """Reconcile joint sample paths, so that intervals of totals and parts cohere.

    A sample of the reconciled distribution; paths of counts are no longer whole numbers.

    Parameters
    ----------
    paths : array-like, (series, n, horizon)
        Of each series, row i of all of them being one future, as from `simulate_together`.
    structure : array-like, (series, bottom series)
        1 where a bottom series is part of the row's series; its last rows are the identity.
    residuals : array-like, (months, series), optional
        One-month-ahead or leave-one-out residuals of each series; rows with a NaN are left out.

    Each path by minimum trace, the residuals' correlations shrunk. With fewer than eight complete months of
    residuals, or a series whose residuals do not vary, the bottom series are added up instead. A negative
    bottom series is mended by non-negative least squares, so totals still add up. Sources: Wickramasuriya,
    Athanasopoulos and Hyndman (2019) Journal of the American Statistical Association 114, 804-819;
    Panagiotelis and others (2023) European Journal of Operational Research 306, 693-706 (sample paths).

    Examples
    --------
    >>> drawn = np.array([[[12.0], [15.0]], [[4.0], [6.0]], [[6.0], [8.0]]])
    >>> reconcile_paths(drawn, [[1, 1], [1, 0], [0, 1]]).paths[0].ravel().tolist()
    [10.0, 14.0]
    """
    drawn = np.asarray(paths, dtype=float)
    rule = _rule(drawn, structure, residuals)
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


def _rule(base: Array, structure: npt.ArrayLike, residuals: npt.ArrayLike | None) -> _Rule:
    S = np.asarray(structure, dtype=float)
    series, parts = S.shape
    if base.ndim != 3 or base.shape[0] != series or not np.array_equal(S[series - parts :], np.eye(parts)):
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
    bottom = rule.weights @ base
    negative = (bottom < 0.0).any(axis=0)
    if rule.root is None or not negative.any():
        return np.maximum(bottom, 0.0), bool(negative.any())
    bottom[:, negative] = _non_negative(rule.root @ rule.structure, rule.root @ base[:, negative])
    return np.maximum(bottom, 0.0), True


def _non_negative(design: Array, observed: Array) -> Array:
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
