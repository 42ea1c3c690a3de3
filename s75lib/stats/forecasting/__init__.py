"""Forecasts of short monthly series: intervals that hold, steps, backtests, and teams that add up."""

from s75lib.stats.forecasting.backtest import Backtest, backtest
from s75lib.stats.forecasting.distribution import Predictive
from s75lib.stats.forecasting.interrupted import InterruptedSeries, interrupted_time_series
from s75lib.stats.forecasting.metrics import (
    coverage,
    mase,
    msis,
    naive2,
    naive_scale,
    owa,
    seasonal_naive,
    smape,
)
from s75lib.stats.forecasting.paths import path_table, shrunk_correlation, simulate_together
from s75lib.stats.forecasting.predict import Forecast, forecast
from s75lib.stats.forecasting.reconciliation import (
    Reconciled,
    ReconciledPaths,
    reconcile,
    reconcile_paths,
)
from s75lib.stats.forecasting.smoothing import release
from s75lib.stats.forecasting.steps import FoundSteps, Step, find_steps

__all__ = [
    "Backtest",
    "Forecast",
    "FoundSteps",
    "InterruptedSeries",
    "Predictive",
    "Reconciled",
    "ReconciledPaths",
    "Step",
    "backtest",
    "coverage",
    "find_steps",
    "forecast",
    "interrupted_time_series",
    "mase",
    "msis",
    "naive2",
    "naive_scale",
    "owa",
    "path_table",
    "reconcile",
    "reconcile_paths",
    "release",
    "seasonal_naive",
    "shrunk_correlation",
    "simulate_together",
    "smape",
]
