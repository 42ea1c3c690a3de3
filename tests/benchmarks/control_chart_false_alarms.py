"""False alarms of the control-chart rules on common-cause series, as Markdown tables; run by hand."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from s75lib.stats.control_chart import RULES, ChartOptions, ControlChart, g_chart, p_chart, xmr_chart

FAMILIES = ("outside", "shift", "trend", "two_of_three")
TITLES = ("Series", "any rule", "outside", "shift", "trend", "two of three", "latest point", "a point")


def rates(charts: list[ControlChart]) -> tuple[float, ...]:
    """Share of series with any rule, with each rule and with an icon at the latest point; share of points."""
    flags = np.array([chart.points[list(RULES)].to_numpy(dtype=bool) for chart in charts])
    by_family = [
        flags[:, :, [rule.startswith(family) for rule in RULES]].any(axis=(1, 2)).mean()
        for family in FAMILIES
    ]
    return (
        flags.any(axis=(1, 2)).mean(),
        *by_family,
        flags[:, -1].any(axis=1).mean(),
        flags.any(axis=2).mean(),
    )


def main(repeats: int) -> None:
    """Print the table."""
    rng = np.random.default_rng(2024)
    variants = {
        "default": ChartOptions(),
        "shift of 6": ChartOptions(shift_length=6, trend_length=6),
        "shift of 8": ChartOptions(shift_length=8, trend_length=8),
        "screened": ChartOptions(screen_moving_ranges=True),
    }
    rows: list[tuple[str, tuple[float, ...]]] = []
    for points in (13, 24, 36, 60):
        normal = rng.standard_normal((repeats, points))
        chosen = variants if points == 24 else {"default": ChartOptions()}
        for name, options in chosen.items():
            label = f"normal, {points} points, XmR, {name}"
            rows.append((label, rates([xmr_chart(values, options=options) for values in normal])))
    known = [
        xmr_chart(values, options=ChartOptions(baseline=960)).points.tail(24)
        for values in rng.standard_normal((repeats // 20, 984))
    ]
    flags = np.array([tail[list(RULES)].to_numpy(dtype=bool) for tail in known])
    per_point = flags[:, :, [rule.startswith("outside") for rule in RULES]].any(axis=2).mean()
    skewed = rng.lognormal(3, 0.5, (repeats, 24))
    rows.append(("lognormal (σ 0.5), 24, XmR", rates([xmr_chart(values) for values in skewed])))
    serial = rng.standard_normal((repeats, 24))
    for at in range(1, 24):
        serial[:, at] += 0.5 * serial[:, at - 1]
    rows.append(("autocorrelated (ρ 0.5), 24, XmR", rates([xmr_chart(values) for values in serial])))
    for mean in (2, 10):
        counts = rng.poisson(mean, (repeats, 24))
        floor = ChartOptions(lower_bound=0)
        label = f"Poisson (mean {mean}), 24, XmR"
        rows.append((label, rates([xmr_chart(values, options=floor) for values in counts])))
    seen = rng.binomial(60, 0.8, (repeats, 24))
    rows.append(("binomial (48 of 60), 24, p or p′", rates([p_chart(values, [60] * 24) for values in seen])))
    gaps = rng.geometric(0.05, (repeats, 24)) - 1
    rows.append(("geometric gaps (mean 19), 24, g", rates([g_chart(values) for values in gaps])))
    table = pd.DataFrame(
        [(label, *(f"{100 * share:.1f}%" for share in shares)) for label, shares in rows],
        columns=list(TITLES),
    )
    print(
        f"{repeats:,} series a row; standard errors of shares are at most {50 / repeats**0.5:.1f} points.\n"
    )
    print("| " + " | ".join(TITLES) + " |")
    print("|" + " --- |" * len(TITLES))
    for row in table.itertuples(index=False):
        print("| " + " | ".join(row) + " |")
    print(f"\nLimits from 960 points: {100 * per_point:.2f}% of points outside (normal theory: 0.27%).")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000)
