"""Accuracy of forecasts: MASE, sMAPE, MSIS, coverage and OWA, and the simple forecasts to beat."""

from __future__ import annotations

__all__ = ["coverage", "mase", "msis", "naive2", "naive_scale", "owa", "seasonal_naive", "smape"]

import numpy as np
import numpy.typing as npt
from scipy import stats

from s75lib.errors import MethodError

Array = npt.NDArray[np.float64]


def naive_scale(train: npt.ArrayLike, period: int = 12) -> float:
    """Mean absolute seasonal difference in the training months: the scale of MASE and MSIS.

    Parameters
    ----------
    train : array-like, (n,)
        Months before the forecast; NaN is left out.
    period : int
        Lag in months; 1 when fewer than two cycles are seen.

    Returns
    -------
    float
        NaN when no difference can be taken.

    Examples
    --------
    >>> naive_scale([1, 2, 4])
    1.5
    """
    y = np.asarray(train, dtype=float)
    lag = period if y.size >= 2 * period else 1
    moves = np.abs(y[lag:] - y[:-lag])
    moves = moves[~np.isnan(moves)]
    return float(moves.mean()) if moves.size else float("nan")


def mase(actual: npt.ArrayLike, predicted: npt.ArrayLike, scale: float) -> float:
    """Mean absolute scaled error.

    Parameters
    ----------
    actual, predicted : array-like, (h,)
        Same units.
    scale : float
        From `naive_scale`.

    Returns
    -------
    float
        Dimensionless; NaN when the scale is nought or undefined.

    References
    ----------
    Hyndman, R. J. and Koehler, A. B. (2006) International Journal of Forecasting 22, 679-688.

    Examples
    --------
    >>> mase([10, 12], [11, 10], scale=3.0)
    0.5
    """
    a, p = _pair(actual, predicted)
    return float(np.nanmean(np.abs(a - p)) / scale) if scale > 0 else float("nan")


def smape(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Symmetric mean absolute percentage error, from 0 to 200; a month where both are nought counts as 0.

    Parameters
    ----------
    actual, predicted : array-like, (h,)
        Same units, >= 0.

    Returns
    -------
    float

    References
    ----------
    Makridakis, S., Spiliotis, E. and Assimakopoulos, V. (2020) International Journal of Forecasting
    36, 54-74.

    Examples
    --------
    >>> smape([10, 0], [30, 0])
    50.0
    """
    a, p = _pair(actual, predicted)
    size = np.abs(a) + np.abs(p)
    return float(200.0 * np.nanmean(np.where(size == 0, 0.0, np.abs(a - p) / np.where(size == 0, 1.0, size))))


def coverage(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Share of months, 0 to 1, within their interval, ends included.

    Parameters
    ----------
    actual, lower, upper : array-like, (h,)
        Same units.

    Returns
    -------
    float

    Examples
    --------
    >>> coverage([1, 5], [0, 0], [1, 4])
    0.5
    """
    a, low = _pair(actual, lower)
    _, high = _pair(actual, upper)
    seen = ~np.isnan(a)
    return float(np.mean(((a >= low) & (a <= high))[seen])) if seen.any() else float("nan")


def msis(
    actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, scale: float, confidence: float = 0.95
) -> float:
    """Mean scaled interval score: width, plus a penalty for each month outside.

    Parameters
    ----------
    actual, lower, upper : array-like, (h,)
        Same units.
    scale : float
        From `naive_scale`.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    float
        Dimensionless, lower is better; NaN when the scale is nought or undefined.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007) Journal of the American Statistical Association 102, 359-378.

    Examples
    --------
    A width of 4, and a month 1 above a 95% interval (a penalty of 40):

    >>> round(msis([5], [0], [4], scale=2.0), 6)
    22.0
    """
    a, low = _pair(actual, lower)
    _, high = _pair(actual, upper)
    penalty = 2.0 / (1.0 - confidence)
    score = high - low + penalty * (np.maximum(low - a, 0.0) + np.maximum(a - high, 0.0))
    return float(np.nanmean(score) / scale) if scale > 0 else float("nan")


def owa(smape_: float, mase_: float, smape_naive2: float, mase_naive2: float) -> float:
    """Overall weighted average of the M4 competition: mean of the two ratios to Naive2; below 1 is better.

    Parameters
    ----------
    smape_, mase_ : float
        Averages over series of the method's errors.
    smape_naive2, mase_naive2 : float
        The same of `naive2`.

    Returns
    -------
    float

    References
    ----------
    Makridakis, S., Spiliotis, E. and Assimakopoulos, V. (2020) International Journal of Forecasting
    36, 54-74.

    Examples
    --------
    >>> owa(10.0, 0.8, 20.0, 1.0)
    0.65
    """
    return (smape_ / smape_naive2 + mase_ / mase_naive2) / 2.0


def seasonal_naive(train: npt.ArrayLike, horizon: int, period: int = 12) -> Array:
    """Last year's figure for the month, or the last figure of all when there is none.

    Parameters
    ----------
    train : array-like, (n,)
        Months before the forecast.
    horizon : int
        Months ahead.
    period : int
        Months in a cycle.

    Returns
    -------
    array, (horizon,)

    Examples
    --------
    >>> seasonal_naive([1, 2, 3, 4], 3, period=2)
    array([3., 4., 3.])
    """
    y = np.asarray(train, dtype=float)
    last = float(y[~np.isnan(y)][-1])
    if y.size < period:
        return np.full(horizon, last)
    year = y[-period:][np.arange(horizon) % period]
    return np.asarray(np.where(np.isnan(year), last, year))


def naive2(train: npt.ArrayLike, horizon: int, period: int = 12) -> Array:
    """Last seasonally adjusted figure times the season, where the season is significant at 90%.

    Parameters
    ----------
    train : array-like, (n,)
        Months before the forecast, none missing.
    horizon : int
        Months ahead.
    period : int
        Months in a cycle; the season is looked for from three cycles on.

    Returns
    -------
    array, (horizon,)

    References
    ----------
    Makridakis, S., Spiliotis, E. and Assimakopoulos, V. (2020) International Journal of Forecasting
    36, 54-74.

    Examples
    --------
    >>> naive2([3, 5, 4], 2)
    array([4., 4.])
    """
    y = np.asarray(train, dtype=float)
    season = _season(y, period) if _is_seasonal(y, period) else np.ones(period)
    adjusted = y[-1] / season[(y.size - 1) % period]
    return np.asarray(adjusted * season[np.arange(y.size, y.size + horizon) % period])


def _is_seasonal(y: Array, period: int) -> bool:
    """Apply the M4 competition's autocorrelation test at the seasonal lag."""
    centred = y - y.mean()
    total = float(centred @ centred)
    if period < 2 or y.size < 3 * period or total == 0.0:
        return False
    r = np.array([centred[k:] @ centred[:-k] / total for k in range(1, period + 1)])
    limit = stats.norm.ppf(0.95) * np.sqrt((1.0 + 2.0 * np.sum(r[:-1] ** 2)) / y.size)
    return bool(abs(r[-1]) > limit)


def _season(y: Array, period: int) -> Array:
    """Classical multiplicative seasonal indices; ones where they cannot be formed."""
    odd = period % 2
    weights = np.ones(period) / period if odd else np.r_[0.5, np.ones(period - 1), 0.5] / period
    trend = np.convolve(y, weights, "valid")
    months = np.arange(period // 2, y.size - period // 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = y[months] / trend
    index = np.array([ratio[months % period == month].mean() for month in range(period)])
    usable = np.isfinite(index).all() and (index > 0).all()
    return index / index.mean() if usable else np.ones(period)


def _pair(actual: npt.ArrayLike, other: npt.ArrayLike) -> tuple[Array, Array]:
    """Two arrays of one shape, or a MethodError."""
    a, b = np.asarray(actual, dtype=float), np.asarray(other, dtype=float)
    if a.shape != b.shape:
        raise MethodError(f"found shapes {a.shape} and {b.shape}; expected the same months in both.")
    return a, b
