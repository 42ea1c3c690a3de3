"""What forecasts are compared with: ETS, Theta, Naive2, and the measures of the M4 competition."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel


def _monthly(y: np.ndarray) -> pd.Series:
    """Give values a monthly index, which both models want."""
    return pd.Series(y, pd.period_range("2020-01", periods=y.size, freq="M"))


def ets(y: np.ndarray, horizon: int) -> pd.DataFrame:
    """Forecast with the best by AICc of additive ETS forms, with a season from two years on."""
    seasons = [None, "add"] if y.size >= 24 else [None]
    trends = [(None, False), ("add", False), ("add", True)]
    fits = [
        ETSModel(_monthly(y), trend=trend, damped_trend=damped, seasonal=season, seasonal_periods=12).fit(
            disp=False
        )
        for season in seasons
        for trend, damped in trends
        if y.size > 8 or trend is None
    ]
    made = min(fits, key=lambda fit: fit.aicc if np.isfinite(fit.aicc) else np.inf)
    predicted = made.get_prediction(start=y.size, end=y.size + horizon - 1)
    columns = {"central": predicted.summary_frame(alpha=0.05)["mean"].to_numpy()}
    for level in (0.8, 0.95):
        frame = predicted.summary_frame(alpha=1.0 - level)
        columns[f"lower_{100 * level:g}"] = frame["pi_lower"].to_numpy()
        columns[f"upper_{100 * level:g}"] = frame["pi_upper"].to_numpy()
    table = pd.DataFrame(columns).clip(lower=0.0)
    return table.assign(mean=table["central"])


def theta(y: np.ndarray, horizon: int) -> pd.DataFrame:
    """Forecast with Theta, its season tested for from two years on."""
    fit = ThetaModel(_monthly(y), period=12, deseasonalize=y.size >= 24).fit()
    columns = {"central": fit.forecast(horizon).to_numpy()}
    for level in (0.8, 0.95):
        ends = fit.prediction_intervals(horizon, alpha=1.0 - level)
        columns[f"lower_{100 * level:g}"] = ends["lower"].to_numpy()
        columns[f"upper_{100 * level:g}"] = ends["upper"].to_numpy()
    table = pd.DataFrame(columns).clip(lower=0.0)
    return table.assign(mean=table["central"])


def naive2(train: np.ndarray, horizon: int, period: int = 12) -> np.ndarray:
    """Last seasonally adjusted figure times the season where it is significant at 90% (M4 competition).

    >>> naive2(np.array([3.0, 5.0, 4.0]), 2)
    array([4., 4.])
    >>> naive2(40 * np.tile([0.5, 1.5, 0.8, 1.2], 5), 4, period=4)
    array([20., 60., 32., 48.])
    """
    season = _season(train, period) if _is_seasonal(train, period) else np.ones(period)
    adjusted = train[-1] / season[(train.size - 1) % period]
    return adjusted * season[np.arange(train.size, train.size + horizon) % period]


def _is_seasonal(y: np.ndarray, period: int) -> bool:
    """Apply the M4 competition's autocorrelation test at the seasonal lag."""
    centred = y - y.mean()
    total = float(centred @ centred)
    if period < 2 or y.size < 3 * period or total == 0.0:
        return False
    r = np.array([centred[k:] @ centred[:-k] / total for k in range(1, period + 1)])
    limit = stats.norm.ppf(0.95) * np.sqrt((1.0 + 2.0 * np.sum(r[:-1] ** 2)) / y.size)
    return bool(abs(r[-1]) > limit)


def _season(y: np.ndarray, period: int) -> np.ndarray:
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


def msis(
    actual: np.ndarray, lower: np.ndarray, upper: np.ndarray, scale: float, confidence: float = 0.95
) -> float:
    """Mean scaled interval score (Gneiting and Raftery 2007): width, plus a penalty for each month outside.

    A width of 4, and a month 1 above a 95% interval (a penalty of 40):

    >>> round(msis(np.array([5.0]), np.array([0.0]), np.array([4.0]), scale=2.0), 6)
    22.0
    """
    penalty = 2.0 / (1.0 - confidence)
    score = upper - lower + penalty * (np.maximum(lower - actual, 0.0) + np.maximum(actual - upper, 0.0))
    return float(np.nanmean(score) / scale) if scale > 0 else float("nan")


def owa(smape: float, mase: float, smape_naive2: float, mase_naive2: float) -> float:
    """Overall weighted average of the M4 competition: mean of the two ratios to Naive2; below 1 is better."""
    return (smape / smape_naive2 + mase / mase_naive2) / 2.0
