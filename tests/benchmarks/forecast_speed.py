"""Milliseconds a series: the forecaster against statsmodels' ETS and Theta, on one thread.

Usage: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/benchmarks/forecast_speed.py [--series 60]
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel

from s75lib.stats.forecasting import forecast


def ets(y: np.ndarray) -> None:
    """Fit the damped-trend form, with a season from two years on, and its intervals."""
    seasonal = "add" if y.size >= 24 else None
    index = pd.period_range("2020-01", periods=y.size, freq="M")
    model = ETSModel(
        pd.Series(y, index), trend="add", damped_trend=True, seasonal=seasonal, seasonal_periods=12
    )
    model.fit(disp=False).get_prediction(start=y.size, end=y.size + 11).summary_frame(alpha=0.05)


def theta(y: np.ndarray) -> None:
    """Fit Theta and its intervals."""
    index = pd.period_range("2020-01", periods=y.size, freq="M")
    fit = ThetaModel(pd.Series(y, index), period=12, deseasonalize=y.size >= 24).fit()
    fit.forecast(12)
    fit.prediction_intervals(12)


def ours(y: np.ndarray) -> None:
    """Forecast a year with intervals."""
    forecast(y, 12)


def main() -> None:
    """Time each method over series of mixed lengths, and ours over 5,000."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=60)
    call = parser.parse_args()
    rng = np.random.default_rng(75)
    lengths = rng.choice([8, 12, 18, 24, 30, 36, 48, 60], size=call.series)
    data = [
        rng.poisson(40 * np.exp(0.2 * np.sin(np.arange(n) * np.pi / 6))).astype(float) + 1 for n in lengths
    ]
    warnings.simplefilter("ignore")
    first = []
    for n in sorted(set(lengths)):
        started = time.perf_counter()
        ours(data[int(np.flatnonzero(lengths == n)[0])])
        first.append(1000 * (time.perf_counter() - started))
    print(f"s75lib, first series of a length: mean {np.mean(first):.1f} ms, most {max(first):.1f} ms")
    for name, method in (("s75lib", ours), ("statsmodels ETS", ets), ("statsmodels Theta", theta)):
        took = []
        for y in data:
            started = time.perf_counter()
            method(y)
            took.append(1000 * (time.perf_counter() - started))
        print(f"{name:18} mean {np.mean(took):8.1f} ms   95th percentile {np.quantile(took, 0.95):8.1f} ms")
    started = time.perf_counter()
    for k in range(5000):
        forecast(data[k % len(data)], 12)
    print(f"s75lib, 5,000 series: {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
