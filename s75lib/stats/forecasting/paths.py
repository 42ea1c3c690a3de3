"""Sums over months and series from joint sample paths, never from adding quantiles."""

from __future__ import annotations

__all__ = ["path_table", "shrunk_correlation", "simulate_together"]

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.forecasting.predict import Forecast

Array = npt.NDArray[np.float64]


def shrunk_correlation(residuals: npt.ArrayLike) -> tuple[Array, float]:
    """Correlation of residuals, shrunk towards none by as much as the data are few.

    Parameters
    ----------
    residuals : array-like, (months, series)
        Rows with a NaN are left out.

    Returns
    -------
    correlation : array, (series, series)
    shrinkage : float
        From 0 (as observed) to 1 (none); 1 when fewer than four complete months are left.

    References
    ----------
    Schafer, J. and Strimmer, K. (2005) Statistical Applications in Genetics and Molecular Biology 4, 32.

    Examples
    --------
    >>> shrunk_correlation([[1.0, 2.0], [2.0, 1.0]])[1]
    1.0
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
    forecasts: Mapping[str, Forecast],
    n: int,
    rng: np.random.Generator,
    *,
    correlation: npt.ArrayLike | None = None,
) -> dict[str, Array]:
    """Joint paths of several series that move together.

    Parameters
    ----------
    forecasts : mapping of str to Forecast
        Of one horizon, from series that end in the same month.
    n : int
        Paths.
    rng : numpy.random.Generator
        Seeded by the caller.
    correlation : array-like, (series, series), optional
        Between series in a month; by default that of their residuals over the months they share, shrunk.

    Returns
    -------
    dict of str to array, (n, horizon)
        Path i of every series belongs to the same future: add them path by path.

    Raises
    ------
    MethodError
        If there is no forecast, or the horizons differ.

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
    if correlation is None:
        shared = min(made.residuals.size for made in forecasts.values())
        correlation, _ = shrunk_correlation(
            np.column_stack([made.residuals[-shared:] for made in forecasts.values()])
        )
    values, vectors = np.linalg.eigh(np.asarray(correlation, dtype=float))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    draws = rng.standard_normal((n, horizons.pop(), len(names))) @ root.T
    return {name: forecasts[name].simulate(n, rng, normal=draws[:, :, k]) for k, name in enumerate(names)}


def path_table(
    paths: npt.ArrayLike, *, levels: Sequence[float] = (0.8, 0.95), cumulative: bool = False
) -> pd.DataFrame:
    """Mean, median and intervals of paths.

    Parameters
    ----------
    paths : array-like, (n, horizon)
        From `Forecast.simulate`, `simulate_together`, or their sums.
    levels : sequence of float
        Coverage of the intervals.
    cumulative : bool
        Whether each row is the total up to that month.

    Returns
    -------
    DataFrame
        step, mean, central, lower_80, upper_80 and so on.

    Examples
    --------
    >>> path_table([[1.0, 2.0], [3.0, 4.0]], cumulative=True)["mean"].tolist()
    [2.0, 5.0]
    """
    drawn = np.asarray(paths, dtype=float)
    drawn = np.cumsum(drawn, axis=1) if cumulative else drawn
    tails = [(1.0 - level) / 2.0 for level in levels]
    ends = [f"{end}_{100 * level:g}" for level in levels for end in ("lower", "upper")]
    shares = [0.5, *(share for tail in tails for share in (tail, 1.0 - tail))]
    found = np.quantile(drawn, shares, axis=0)
    told = dict(zip(["central", *ends], found, strict=True))
    return pd.DataFrame({"step": np.arange(1, drawn.shape[1] + 1), "mean": drawn.mean(axis=0), **told})
