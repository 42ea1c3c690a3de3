"""Forecasts of short monthly series: intervals that hold, steps, backtests, and teams that add up."""

from __future__ import annotations

__all__ = [
    "Backtest",
    "Forecast",
    "InterruptedSeries",
    "Step",
    "backtest",
    "coverage",
    "find_steps",
    "forecast",
    "interrupted_time_series",
    "joint_paths",
    "release",
]

from s75lib.stats.forecasting.accuracy import Backtest, backtest, coverage
from s75lib.stats.forecasting.paths import joint_paths
from s75lib.stats.forecasting.prediction import Forecast, forecast
from s75lib.stats.forecasting.smoothing import release
from s75lib.stats.forecasting.steps import (
    InterruptedSeries,
    Step,
    find_steps,
    interrupted_time_series,
)
