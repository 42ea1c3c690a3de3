"""Forecasts of short monthly series: intervals that hold, steps, backtests, and teams that add up."""

from __future__ import annotations

__all__ = [
    "Backtest",
    "Forecast",
    "FoundSteps",
    "InterruptedSeries",
    "ReconciledPaths",
    "Step",
    "backtest",
    "coverage",
    "find_steps",
    "forecast",
    "interrupted_time_series",
    "path_table",
    "reconcile_paths",
    "release",
    "simulate_together",
]

from s75lib.stats.forecasting.accuracy import Backtest, backtest, coverage
from s75lib.stats.forecasting.paths import (
    ReconciledPaths,
    path_table,
    reconcile_paths,
    simulate_together,
)
from s75lib.stats.forecasting.prediction import Forecast, forecast
from s75lib.stats.forecasting.smoothing import release
from s75lib.stats.forecasting.steps import (
    FoundSteps,
    InterruptedSeries,
    Step,
    find_steps,
    interrupted_time_series,
)
