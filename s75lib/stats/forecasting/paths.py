"""Series that move and add up together: joint sample paths, their sums, and teams reconciled with totals.

`forecasts` are of one horizon, from series that end in the same month: the whole first, then its parts, if
any. `n` paths are drawn by `rng`, which the caller seeds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import optimize

from s75lib.errors import MethodError
from s75lib.stats.forecasting.prediction import Forecast
from s75lib.stats.forecasting.smoothing import Array

_LEAST_MONTHS = 8


def shrunk_correlation(residuals: npt.ArrayLike) -> Array:
    """Correlation of residuals (months, series), shrunk towards none as the data are few.

    None at all with fewer than four complete months: Schafer and Strimmer (2005) Statistical Applications in
    Genetics and Molecular Biology 4, 32.
    """
    table = np.asarray(residuals, dtype=float)
    table = table[~np.isnan(table).any(axis=1)]
    months, series = table.shape
    if months < 4:
        return np.eye(series)
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
    correlation: Array = (1.0 - shrinkage) * observed
    np.fill_diagonal(correlation, 1.0)
    return correlation


def joint_paths(forecasts: Mapping[str, Forecast], n: int, rng: np.random.Generator) -> Array:
    """Draw joint paths of a whole and of the parts that add up to it, path by path.

    They move together as their residuals do (`simulate_together`), and each path is then reconciled
    (`reconcile_paths`), so that intervals of the whole and of the parts cohere.

    Returns
    -------
    array, (series, n, horizon)
        Path i of every series belongs to the same future: add them path by path, never quantile by quantile.
        None is negative; those of counts with parts are no longer whole numbers.

    Examples
    --------
    >>> from s75lib.stats.forecasting import forecast
    >>> values = {"all": [13, 14, 16, 17], "north": [4, 6, 5, 7], "south": [9, 8, 11, 10]}
    >>> made = {name: forecast(series, 3) for name, series in values.items()}
    >>> whole, north, south = joint_paths(made, 500, np.random.default_rng(1))
    >>> bool(np.allclose(whole, north + south))
    True
    """
    drawn = np.stack(list(simulate_together(forecasts, n, rng).values()))
    parts = len(forecasts) - 1
    if not parts:
        return drawn
    return reconcile_paths(drawn, np.vstack([np.ones(parts), np.eye(parts)]), _residuals(forecasts))


def simulate_together(
    forecasts: Mapping[str, Forecast], n: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Draw paths, (n, horizon), of series that move together as their residuals do."""
    names = list(forecasts)
    horizons = {made.horizon for made in forecasts.values()}
    if len(horizons) != 1:
        raise MethodError(
            f"found horizons {sorted(horizons)}; expected one. Forecast every series as far ahead."
        )
    values, vectors = np.linalg.eigh(shrunk_correlation(_residuals(forecasts)))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draws = rng.standard_normal((n, horizons.pop(), len(names))) @ root.T
    return {name: forecasts[name].simulate(n, rng, normal=draws[:, :, k]) for k, name in enumerate(names)}


def _residuals(forecasts: Mapping[str, Forecast]) -> Array:
    """Give the residuals, (months, series), of the months that all series share; NaN where one is missing."""
    shared = min(made.residuals.size for made in forecasts.values())
    return np.column_stack([made.residuals[-shared:] for made in forecasts.values()])


def reconcile_paths(paths: npt.ArrayLike, structure: npt.ArrayLike, residuals: npt.ArrayLike) -> Array:
    """Make joint sample paths, (series, n, horizon), add up as `structure` says, (series, bottom series).

    Its last rows are the identity. Each path by minimum trace, the correlations of the residuals, (months,
    series), shrunk. With fewer than eight complete months of these, or a series whose residuals do not vary,
    the bottom series are added up instead. A negative bottom series is mended by non-negative least squares,
    so totals still add up. Sources: Wickramasuriya, Athanasopoulos and Hyndman (2019) Journal of the American
    Statistical Association 114, 804-819; Panagiotelis and others (2023) European Journal of Operational
    Research 306, 693-706 (sample paths).
    """
    drawn, S = np.asarray(paths, dtype=float), np.asarray(structure, dtype=float)
    series, parts = S.shape
    if drawn.ndim != 3 or len(drawn) != series or not np.array_equal(S[series - parts :], np.eye(parts)):
        raise MethodError(
            f"found paths of shape {drawn.shape} and a structure of {S.shape}; expected one row of paths per "
            "row of the structure, which ends in the bottom series (the identity)."
        )
    base, covariance = drawn.reshape(series, -1), _covariance(residuals, series)
    if covariance is None:
        bottom = base[series - parts :]
    else:
        scaled = np.linalg.solve(covariance, S)
        bottom = np.linalg.solve(S.T @ scaled, scaled.T) @ base
        negative = (bottom < 0.0).any(axis=0)
        if negative.any():
            root = np.linalg.inv(np.linalg.cholesky(covariance))
            bottom[:, negative] = _non_negative(root @ S, root @ base[:, negative])
    return np.asarray((S @ np.maximum(bottom, 0.0)).reshape(drawn.shape))


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


def _covariance(residuals: npt.ArrayLike, series: int) -> Array | None:
    """Estimate the covariance of base errors; None where they are too few, or too alike, to tell."""
    table = np.asarray(residuals, dtype=float)
    if table.ndim != 2 or table.shape[1] != series:
        raise MethodError(
            f"found residuals of shape {table.shape}; expected one column for each of {series} series."
        )
    table = table[~np.isnan(table).any(axis=1)]
    if table.shape[0] < _LEAST_MONTHS:
        return None
    spread = np.sqrt((table**2).mean(axis=0))
    covariance: Array = shrunk_correlation(table) * np.outer(spread, spread)
    if (spread == 0).any() or np.linalg.cond(covariance / np.outer(spread, spread)) > 1e10:
        return None
    return covariance
