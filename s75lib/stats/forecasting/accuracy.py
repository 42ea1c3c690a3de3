"""How the forecast would have done: rolling origins against last year's figure, and the measures of error.

`values` are the series, oldest first; each origin leaves a `horizon` of months to judge, and at least six to
learn from. `steps` are known, each used from the origin after which it has been seen. Of months, `actual`,
`lower` and `upper` are in one unit, and left out where `actual` is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.forecasting.prediction import forecast
from s75lib.stats.forecasting.smoothing import Array

_LEAST_MONTHS = 6
_MOST_ORIGINS, _YEAR = 6, 12


@dataclass(frozen=True)
class Backtest:
    """Accuracy at past origins.

    - `table`: One row per origin and step: origin (months known), step, actual, central, naive, lower_80,
      upper_80, lower_95, upper_95.
    - `origins`: Forecasts made, at most six, the latest; 0 when the series is too short, and then every
      figure is NaN.
    - `mase`, `smape`, `mase_naive`, `smape_naive`: Of the forecast and of last year's figure
      (`seasonal_naive`), averaged over origins.
    - `coverage_80`, `coverage_95`: Share of months, 0 to 1, within the intervals.
    - `better`: Whether the forecast beats last year's figure on both measures.
    """

    table: pd.DataFrame
    origins: int
    mase: float
    smape: float
    mase_naive: float
    smape_naive: float
    coverage_80: float
    coverage_95: float
    better: bool


def backtest(values: npt.ArrayLike, horizon: int, *, steps: Sequence[int] = ()) -> Backtest:
    """Forecast from past origins with what was known then, and compare with what came.

    Origins overlap, so their errors are not independent: a few origins give a rough figure of coverage.
    Source: Tashman (2000) International Journal of Forecasting 16, 437-450.

    Examples
    --------
    >>> backtest([3, 4, 5], 6).origins
    0
    """
    series = np.asarray(values, dtype=float)
    ends = [
        end
        for end in range(_LEAST_MONTHS, series.size - horizon + 1)
        if not np.isnan(series[:end]).all() and not np.isnan(series[end : end + horizon]).all()
    ][-_MOST_ORIGINS:]
    if not ends:
        nan = float("nan")
        return Backtest(pd.DataFrame(), 0, nan, nan, nan, nan, nan, nan, better=False)
    rows, errors = [], []
    for end in ends:
        known, actual = series[:end], series[end : end + horizon]
        seen = [p for p in steps if 0 < p < end]
        law = forecast(known, horizon, steps=seen).law
        naive = seasonal_naive(known, horizon)
        made = law.months()
        rows.append({**made, "origin": np.full(horizon, end), "actual": actual, "naive": naive})
        scale = naive_scale(known)
        errors.append(
            [
                error
                for predicted in (made["central"], naive)
                for error in (mase(actual, predicted, scale), smape(actual, predicted))
            ]
        )
    names = [name for name in rows[0] if name != "mean"]
    table = pd.DataFrame({name: np.concatenate([row[name] for row in rows]) for name in names})
    ours, ours_smape, naives, naives_smape = pd.DataFrame(errors).mean().tolist()
    return Backtest(
        table=table,
        origins=len(ends),
        mase=ours,
        smape=ours_smape,
        mase_naive=naives,
        smape_naive=naives_smape,
        coverage_80=coverage(table["actual"], table["lower_80"], table["upper_80"]),
        coverage_95=coverage(table["actual"], table["lower_95"], table["upper_95"]),
        better=ours < naives and ours_smape < naives_smape,
    )


def naive_scale(train: npt.ArrayLike) -> float:
    """Mean absolute seasonal difference of the training months, at lag 1 below two cycles: MASE's scale."""
    y = np.asarray(train, dtype=float)
    lag = _YEAR if y.size >= 2 * _YEAR else 1
    moves = np.abs(y[lag:] - y[:-lag])
    moves = moves[~np.isnan(moves)]
    return float(moves.mean()) if moves.size else float("nan")


def mase(actual: npt.ArrayLike, predicted: npt.ArrayLike, scale: float) -> float:
    """Mean absolute scaled error (Hyndman and Koehler 2006); NaN when the scale is nought or undefined."""
    a, p = _pair(actual, predicted)
    return float(np.nanmean(np.abs(a - p)) / scale) if scale > 0 else float("nan")


def smape(actual: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Symmetric mean absolute percentage error, from 0 to 200; a month where both are nought counts as 0."""
    a, p = _pair(actual, predicted)
    size = np.abs(a) + np.abs(p)
    return float(200.0 * np.nanmean(np.where(size == 0, 0.0, np.abs(a - p) / np.where(size == 0, 1.0, size))))


def coverage(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Share of months within their interval, ends included, from 0 to 1; NaN without a month.

    Examples
    --------
    >>> coverage([1, 5], [0, 0], [1, 4])
    0.5
    """
    a, low = _pair(actual, lower)
    _, high = _pair(actual, upper)
    seen = ~np.isnan(a)
    return float(np.mean(((a >= low) & (a <= high))[seen])) if seen.any() else float("nan")


def seasonal_naive(train: npt.ArrayLike, horizon: int) -> Array:
    """Last year's figure for the month, or the last figure of all when there is none."""
    y = np.asarray(train, dtype=float)
    last = float(y[~np.isnan(y)][-1])
    if y.size < _YEAR:
        return np.full(horizon, last)
    year = y[-_YEAR:][np.arange(horizon) % _YEAR]
    return np.asarray(np.where(np.isnan(year), last, year))


def _pair(actual: npt.ArrayLike, other: npt.ArrayLike) -> tuple[Array, Array]:
    a, b = np.asarray(actual, dtype=float), np.asarray(other, dtype=float)
    if a.shape != b.shape:
        raise MethodError(f"found shapes {a.shape} and {b.shape}; expected the same months in both.")
    return a, b
