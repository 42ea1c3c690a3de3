"""Accuracy of the forecaster on an evaluation set: OWA, sMAPE, MASE, coverage and MSIS.

Usage: python tests/benchmarks/forecast_accuracy.py [DIRECTORY] [--half 0|1] [--column central|mean]

The directory holds series.csv.gz (unique_id, t, split, y), meta.csv (unique_id, dataset, n, h) and, for
simulated series, steps.json. ``--half`` scores one half of the series, split by a hash of their names.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd

from s75lib.stats.forecasting import coverage, forecast, mase, msis, naive2, naive_scale, owa, smape

LENGTHS = [0, 12, 18, 24, 36, 10_000]
LENGTH_NAMES = ["to 12", "13-18", "19-24", "25-36", "over 36"]


def half_of(unique_id: str) -> int:
    """0 or 1, by a hash of the series' name, so that windows of one series fall together."""
    name = unique_id.split("|")[-1]
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % 2


def score(train: np.ndarray, test: np.ndarray, column: str) -> dict[str, float] | None:
    """Errors of one series; None when its scale is nought."""
    scale = naive_scale(train)
    started = time.perf_counter()
    table = forecast(train, test.size).table
    took = time.perf_counter() - started
    if not scale > 0:
        return None
    simple = naive2(train, test.size)
    return {
        "smape": smape(test, table[column]),
        "mase": mase(test, table[column], scale),
        "smape2": smape(test, simple),
        "mase2": mase(test, simple, scale),
        "cover_80": coverage(test, table["lower_80"], table["upper_80"]),
        "cover_95": coverage(test, table["lower_95"], table["upper_95"]),
        "msis": msis(test, table["lower_95"], table["upper_95"], scale),
        "ms": 1000.0 * took,
    }


def summarise(group: pd.DataFrame) -> pd.Series:
    """Averages over series, and the OWA of the averages."""
    m = group[["smape", "mase", "smape2", "mase2", "cover_80", "cover_95", "msis"]].mean()
    return pd.Series(
        {
            "series": len(group),
            "OWA": owa(m["smape"], m["mase"], m["smape2"], m["mase2"]),
            "sMAPE": m["smape"],
            "MASE": m["mase"],
            "cover 80": 100 * m["cover_80"],
            "cover 95": 100 * m["cover_95"],
            "MSIS 95": m["msis"],
        }
    )


def known_steps(directory: Path, groups: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Print the error against the true mean, and coverage, when the step is known."""
    path = directory / "steps.json"
    if not path.exists():
        return
    rows = []
    for name, truth in json.loads(path.read_text()).items():
        if truth["step_t"] is None or name not in groups:
            continue
        train, test = groups[name]
        table = forecast(train, test.size, steps=[truth["step_t"]]).table
        true = np.array(truth["mu_test"])
        rows.append(
            {
                "mean": float(np.mean(np.abs(table["mean"] - true) / true)),
                "central": float(np.mean(np.abs(table["central"] - true) / true)),
                "cover 80": 100 * coverage(test, table["lower_80"], table["upper_80"]),
                "cover 95": 100 * coverage(test, table["lower_95"], table["upper_95"]),
            }
        )
    print(f"\nKnown steps, {len(rows)} series: relative error of the true mean, and coverage")
    print(pd.DataFrame(rows).mean().round(3).to_string())


def main() -> None:
    """Score every series and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", nargs="?", type=Path, default=Path("../shared/forecast_eval"))
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--column", choices=("central", "mean"), default="central")
    call = parser.parse_args()
    meta = pd.read_csv(call.directory / "meta.csv").set_index("unique_id")
    series = pd.read_csv(call.directory / "series.csv.gz").sort_values(["unique_id", "t"])
    groups = {}
    for name, rows in series.groupby("unique_id", sort=False):
        if call.half is None or half_of(name) == call.half:
            training = (rows["split"] == "train").to_numpy()
            y = rows["y"].to_numpy(dtype=float)
            groups[name] = (y[training], y[~training])
    scored = {name: score(train, test, call.column) for name, (train, test) in groups.items()}
    result = pd.DataFrame({name: row for name, row in scored.items() if row is not None}).T.join(meta)
    apart = result[result["dataset"] == "carparts"]
    pooled = result[result["dataset"] != "carparts"]
    lengths = pd.cut(pooled["n"].astype(int), LENGTHS, labels=LENGTH_NAMES)
    tables = {"pooled": summarise(pooled)}
    tables |= {str(name): summarise(rows) for name, rows in pooled.groupby(lengths, observed=True)}
    tables |= {str(name): summarise(rows) for name, rows in pooled.groupby("dataset")}
    if len(apart):
        tables["carparts (apart)"] = summarise(apart)
    print(pd.DataFrame(tables).T.round(3).to_string())
    times = result["ms"].astype(float)
    print(f"\nms a series: mean {times.mean():.1f}, 95th percentile {times.quantile(0.95):.1f}")
    known_steps(call.directory, groups)


if __name__ == "__main__":
    main()
