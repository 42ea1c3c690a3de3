"""Processor milliseconds a series: the forecaster against statsmodels' ETS and Theta, on one thread.

Usage: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/benchmarks/forecast_speed.py [--series 60]
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
from reference_forecasts import ets, theta

from s75lib.stats.forecasting import forecast


def ours(y: np.ndarray, horizon: int) -> None:
    """Forecast with this library."""
    forecast(y, horizon)


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
        started = time.process_time()
        ours(data[int(np.flatnonzero(lengths == n)[0])], 12)
        first.append(1000 * (time.process_time() - started))
    print(f"s75lib, first series of a length: mean {np.mean(first):.1f} ms, most {max(first):.1f} ms")
    for name, method in (("s75lib", ours), ("statsmodels ETS", ets), ("statsmodels Theta", theta)):
        took = []
        for y in data:
            started = time.process_time()
            method(y, 12)
            took.append(1000 * (time.process_time() - started))
        print(f"{name:18} mean {np.mean(took):8.1f} ms   95th percentile {np.quantile(took, 0.95):8.1f} ms")
    started = time.process_time()
    for k in range(5000):
        forecast(data[k % len(data)], 12)
    print(f"s75lib, 5,000 series: {time.process_time() - started:.1f} s")


if __name__ == "__main__":
    main()
