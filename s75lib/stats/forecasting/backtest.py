"""How the forecast would have done: rolling origins against last year's figure."""

from __future__ import annotations

__all__ = ["Backtest", "backtest"]

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.stats.forecasting.metrics import coverage, mase, naive_scale, seasonal_naive, smape
from s75lib.stats.forecasting.predict import forecast

_LEAST_MONTHS = 6
_LEVELS = (0.8, 0.95)


@dataclass(frozen=True)
class Backtest:
    """Accuracy at past origins.

    Parameters
    ----------
    table : DataFrame
        One row per origin and step: origin (months known), step, actual, central, naive, lower_80, upper_80,
        lower_95, upper_95.
    origins : int
        Forecasts made; 0 when the series is too short, and then every figure is NaN.
    mase, smape : float
        Of the forecast, averaged over origins.
    mase_naive, smape_naive : float
        Of last year's figure (`seasonal_naive`).
    coverage_80, coverage_95 : float
        Share of months, 0 to 1, within the intervals.
    better : bool
        Whether the forecast beats last year's figure on both measures.
    note : str
        In words.
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
    note: str


def backtest(
    values: npt.ArrayLike,
    horizon: int,
    *,
    origins: int = 6,
    stride: int = 1,
    seasonal_period: int = 12,
    integer: bool | None = None,
    steps: Sequence[int] | None = None,
) -> Backtest:
    """Forecast from past origins with what was known then, and compare with what came.

    Parameters
    ----------
    values : array-like, (n,)
        The series, oldest first.
    horizon : int
        Months ahead.
    origins : int
        Most origins, the latest first; each leaves `horizon` months to judge and at least six to learn from.
    stride : int
        Months between origins.
    seasonal_period : int
        Months in a cycle.
    integer : bool, optional
        As in `forecast`.
    steps : sequence of int, optional
        Known steps; each is used from the origin after which it has been seen.

    Returns
    -------
    Backtest

    Notes
    -----
    Origins overlap, so their errors are not independent: a few origins give a rough figure of coverage.

    References
    ----------
    Tashman, L. J. (2000) International Journal of Forecasting 16, 437-450.

    Examples
    --------
    >>> backtest([3, 4, 5], 6).origins
    0
    """
    series = np.asarray(values, dtype=float)
    ends = [
        end
        for end in range(series.size - horizon, _LEAST_MONTHS - 1, -stride)
        if not np.isnan(series[:end]).all() and not np.isnan(series[end : end + horizon]).all()
    ][:origins]
    if not ends:
        nan = float("nan")
        needed = _LEAST_MONTHS + horizon
        note = f"Too short to test: {series.size} months, and {needed} are needed."
        return Backtest(pd.DataFrame(), 0, nan, nan, nan, nan, nan, nan, False, note)
    rows, errors = [], []
    for end in sorted(ends):
        known, actual = series[:end], series[end : end + horizon]
        seen = [p for p in steps or () if 0 < p < end]
        law = forecast(known, horizon, seasonal_period=seasonal_period, integer=integer, steps=seen).law
        naive = seasonal_naive(known, horizon, seasonal_period)
        made = law.months(_LEVELS)
        rows.append({**made, "origin": np.full(horizon, end), "actual": actual, "naive": naive})
        scale = naive_scale(known, seasonal_period)
        errors.append(
            (
                mase(actual, made["central"], scale),
                smape(actual, made["central"]),
                mase(actual, naive, scale),
                smape(actual, naive),
            )
        )
    names = [name for name in rows[0] if name != "mean"]
    table = pd.DataFrame({name: np.concatenate([row[name] for row in rows]) for name in names})
    scores = pd.DataFrame(errors).mean().to_numpy()
    better = bool(scores[0] < scores[2] and scores[1] < scores[3])
    return Backtest(
        table=table,
        origins=len(ends),
        mase=float(scores[0]),
        smape=float(scores[1]),
        mase_naive=float(scores[2]),
        smape_naive=float(scores[3]),
        coverage_80=coverage(table["actual"], table["lower_80"], table["upper_80"]),
        coverage_95=coverage(table["actual"], table["lower_95"], table["upper_95"]),
        better=better,
        note="Better than last year's figure." if better else "No better than last year's figure.",
    )
