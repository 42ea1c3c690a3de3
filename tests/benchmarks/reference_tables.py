"""Make the reference tables of tests/stats/reference: the field's R tools on seeded inputs.

    uv run python tests/benchmarks/reference_tables.py SOURCES

SOURCES is a folder with a checkout of each of NHSRplotthedots, qicharts2, FunnelPlotR and
PHEindicatormethods; R has to be installed with what they stand on (see reference_tables.R). Only
figures are kept: each table has the inputs and, beside them, what the tool gave.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
KEPT = HERE.parent / "stats" / "reference"
KEYS = {
    "xmr": ["series", "place"],
    "attribute": ["series", "place"],
    "runs": ["series"],
    "funnel": ["series", "unit"],
    "standardised": ["series"],
}
DIGITS = 12


def xmr(rng: np.random.Generator) -> pd.DataFrame:
    """Forty series: quiet, stepped, drifting, with outliers, constant, almost constant, short."""
    parts = []
    for series in range(40):
        months = int(rng.integers(13, 37))
        values = rng.normal(80, 4, months)
        shape = series % 8
        if shape == 1:
            values[months // 2 :] -= rng.uniform(4, 12)
        elif shape == 2:
            values += np.linspace(0, rng.uniform(5, 15), months)
        elif shape == 3:
            values[rng.integers(0, months, 2)] += rng.choice([-30, 30], 2)
        elif shape == 4:
            values = np.repeat(80.0, months)
        elif shape == 5:
            values = np.where(rng.random(months) < 0.25, 81.0, 80.0)
        parts.append(
            pd.DataFrame(
                {
                    "series": series,
                    "place": range(months),
                    "value": values.round(1),
                    "target": float(rng.choice([70, 78, 82, 95])),
                    "direction": rng.choice(["increase", "decrease"]),
                    "screen": int(rng.integers(0, 2)),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def attribute(rng: np.random.Generator) -> pd.DataFrame:
    """Ten series of each chart; p′ and u′ vary more than chance explains."""
    parts = []
    for kind in ("p", "pp", "u", "up", "g"):
        for number in range(10):
            months = int(rng.integers(13, 31))
            base = rng.integers(20, 400, months)
            share = np.clip(
                rng.normal(0.3, 0.08 if kind.endswith("p") and kind != "p" else 0.0, months), 0, 1
            )
            if kind == "g":
                counts = rng.geometric(rng.uniform(0.02, 0.2), months) - 1
            elif kind.startswith("p"):
                counts = rng.binomial(base, share)
            else:
                counts = rng.poisson(base * share)
            parts.append(
                pd.DataFrame(
                    {
                        "series": f"{kind}{number}",
                        "chart": kind,
                        "place": range(months),
                        "numerator": counts,
                        "denominator": base,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def runs(rng: np.random.Generator) -> pd.DataFrame:
    """Thirty short series, every other one with a step."""
    parts = []
    for series in range(30):
        months = int(rng.integers(10, 25))
        values = rng.normal(50, 5, months).round(0)
        if series % 2:
            values[months // 2 :] += 8
        parts.append(pd.DataFrame({"series": series, "place": range(months), "value": values}))
    return pd.concat(parts, ignore_index=True)


def funnel(rng: np.random.Generator) -> pd.DataFrame:
    """Ten funnels of proportions, half of them over-dispersed; standardised ratios besides."""
    parts = []
    for kind in ("PR", "SR"):
        for number in range(10):
            units = int(rng.integers(8, 31))
            base = rng.integers(30, 900, units)
            spread = 0.35 if number % 2 else 0.0
            if kind == "PR":
                odds = np.log(0.25 / 0.75) + rng.normal(0, spread, units)
                events = rng.binomial(base, 1 / (1 + np.exp(-odds)))
            else:
                base = base / 10
                events = rng.poisson(base * np.exp(rng.normal(0, spread, units)))
            parts.append(
                pd.DataFrame(
                    {
                        "series": f"{kind}{number}",
                        "kind": kind,
                        "unit": [f"u{at:02d}" for at in range(units)],
                        "numerator": events,
                        "denominator": base.round(2),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def standardised(rng: np.random.Generator) -> pd.DataFrame:
    """Thirty populations of six age bands, from hardly any events to many."""
    standard = np.array([22000, 26000, 27000, 14000, 8000, 3000])
    rates = np.array([2, 8, 15, 30, 70, 160]) / 1e5
    parts = []
    for series in range(30):
        people = rng.integers(2000, 40000, 6)
        events = rng.poisson(people * rates * rng.uniform(0.5, 8))
        # The direct method needs ten events.
        events[-1] += max(0, 10 - events.sum())
        parts.append(
            pd.DataFrame(
                {
                    "series": series,
                    "band": range(6),
                    "events": events,
                    "people": people,
                    "standard": standard,
                    "reference_events": (rates * 5e6 * rng.uniform(0.8, 1.2, 6)).round().astype(int),
                    "reference_people": 5_000_000,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    """Write the inputs, run R, keep inputs and results together."""
    rng = np.random.default_rng(20260401)
    made = {
        "xmr": xmr(rng),
        "attribute": attribute(rng),
        "funnel": funnel(rng),
        "standardised": standardised(rng),
        "runs": runs(rng),
    }
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in made.items():
            frame.to_csv(Path(folder, f"{name}.csv"), index=False)
        subprocess.run(["Rscript", str(HERE / "reference_tables.R"), folder, sys.argv[1]], check=True)
        for name, frame in made.items():
            given = pd.read_csv(Path(folder, f"{name}_out.csv"))
            frame.merge(given, on=KEYS[name], validate="m:1").to_csv(
                KEPT / f"{name}.csv", index=False, float_format=f"%.{DIGITS}g"
            )


if __name__ == "__main__":
    main()
