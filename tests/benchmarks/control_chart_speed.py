"""Time of 2,000 XmR charts of 60 months each, with and without their tables; run by hand on one core."""

from __future__ import annotations

import time

import numpy as np

from s75lib.stats.control_chart import ChartOptions, xmr_chart

SERIES, POINTS, TARGET_SECONDS = 2_000, 60, 2.0


def main() -> None:
    """Print the seconds taken, and the series a second."""
    rng = np.random.default_rng(1)
    table = np.clip(rng.normal(75, 6, (SERIES, POINTS)), 0, 100)
    months = [f"{2015 + month // 12}-{month % 12 + 1:02d}" for month in range(POINTS)]
    options = ChartOptions(lower_bound=0, upper_bound=100)
    xmr_chart(table[0], months, polarity="higher_is_better", target=80, options=options)
    for tables in (False, True):
        start = time.perf_counter()
        for values in table:
            chart = xmr_chart(values, months, polarity="higher_is_better", target=80, options=options)
            if tables:
                _ = chart.points
        seconds = time.perf_counter() - start
        print(
            f"{SERIES} series of {POINTS} points, {'with' if tables else 'without'} tables: {seconds:.2f} s, "
            f"{SERIES / seconds:,.0f} series/s; under {TARGET_SECONDS:g} s: "
            f"{'met' if seconds < TARGET_SECONDS else 'missed'}"
        )


if __name__ == "__main__":
    main()
