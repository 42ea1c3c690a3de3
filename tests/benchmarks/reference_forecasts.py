"""statsmodels' ETS and Theta with their intervals, in the shape of the library's own forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd
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
