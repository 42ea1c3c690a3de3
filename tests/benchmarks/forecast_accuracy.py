"""Accuracy of the forecaster on an evaluation set, on other windows of it, and beside statsmodels' methods.

Usage: python tests/benchmarks/forecast_accuracy.py [DIRECTORY] [--half 0|1] [--column central|mean]
       [--reference SERIES]

The directory holds series.csv.gz (unique_id, t, split, y), meta.csv (unique_id, dataset, n, h) and, for
simulated series, steps.json. ``--half`` scores one half of the series, split by a hash of their names.
``--reference`` is how many series, drawn at random, statsmodels' ETS and Theta forecast too. The windows are
the one given, the one that ends a horizon earlier, and one with a shorter history drawn at random.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from reference_forecasts import ets, msis, naive2, owa, theta

from s75lib.stats.forecasting import coverage, forecast
from s75lib.stats.forecasting.accuracy import mase, naive_scale, smape

Method = Callable[[np.ndarray, int], pd.DataFrame]

LENGTHS = [0, 12, 18, 24, 36, 10_000]
LENGTH_NAMES = ["to 12", "13-18", "19-24", "25-36", "over 36"]


def half_of(unique_id: str) -> int:
    """0 or 1, by a hash of the series' name, so that windows of one series fall together."""
    name = unique_id.split("|")[-1]
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % 2


def ours(train: np.ndarray, horizon: int) -> pd.DataFrame:
    """Forecast with this library."""
    return forecast(train, horizon).table


def windows(name: str, train: np.ndarray, test: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield the window given, one that ends a horizon earlier, and one with a shorter history."""
    yield "given", train, test
    ahead = test.size
    if train.size - ahead >= 8:
        yield "earlier", train[:-ahead], train[-ahead:]
    shorter = [n for n in (8, 12, 18, 24, 30, 36, 42, 48) if n < train.size]
    if shorter:
        drawn = int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % len(shorter)
        n = shorter[drawn]
        yield "shorter", train[-n:], test[: 6 if n < 24 else 12]


def score(train: np.ndarray, test: np.ndarray, column: str, method: Method) -> dict[str, float] | None:
    """Errors of one series; None when its scale is nought."""
    scale = naive_scale(train)
    started = time.process_time()
    table = method(train, test.size)
    took = time.process_time() - started
    if not scale > 0:
        return None
    simple = naive2(train, test.size)
    return {
        "n": train.size,
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


def by_length(scores: pd.DataFrame) -> dict[str, pd.Series]:
    """Summarise all series, and those of each length."""
    lengths = pd.cut(scores["n"].astype(int), LENGTHS, labels=LENGTH_NAMES)
    groups = scores.groupby(lengths, observed=True)
    return {"pooled": summarise(scores)} | {str(name): summarise(rows) for name, rows in groups}


def beside_statsmodels(groups: dict[str, tuple[np.ndarray, np.ndarray]], column: str, series: int) -> None:
    """Print our figures and those of ETS and Theta on the same series."""
    chosen = np.random.default_rng(75).permutation(sorted(groups))[:series]
    rows = {}
    for label, method in (("s75lib", ours), ("statsmodels ETS", ets), ("statsmodels Theta", theta)):
        scored = [score(*groups[name], column, method) for name in chosen]
        table = pd.DataFrame([row for row in scored if row is not None])
        rows[label] = pd.concat([summarise(table), table["ms"].agg(["mean"]).rename({"mean": "ms"})])
    print(f"\nBeside statsmodels, {len(chosen)} series drawn at random, carparts apart")
    print(pd.DataFrame(rows).T.round(3).to_string())


def main() -> None:
    """Score every series and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", nargs="?", type=Path, default=Path("../shared/forecast_eval"))
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--column", choices=("central", "mean"), default="central")
    parser.add_argument("--reference", type=int, default=60, metavar="SERIES")
    call = parser.parse_args()
    warnings.simplefilter("ignore")
    meta = pd.read_csv(call.directory / "meta.csv").set_index("unique_id")
    series = pd.read_csv(call.directory / "series.csv.gz").sort_values(["unique_id", "t"])
    groups = {}
    for name, rows in series.groupby("unique_id", sort=False):
        if call.half is None or half_of(name) == call.half:
            training = (rows["split"] == "train").to_numpy()
            y = rows["y"].to_numpy(dtype=float)
            groups[name] = (y[training], y[~training])
    scored = [
        {"unique_id": name, "window": window, "dataset": meta.loc[name, "dataset"]} | row
        for name, given in groups.items()
        for window, train, test in windows(name, *given)
        if (row := score(train, test, call.column, ours)) is not None
    ]
    result = pd.DataFrame(scored)
    is_apart, is_given = result["dataset"] == "carparts", result["window"] == "given"
    pooled = result[is_given & ~is_apart]
    tables = by_length(pooled)
    tables |= {str(name): summarise(rows) for name, rows in pooled.groupby("dataset")}
    if is_apart.any():
        tables["carparts (apart)"] = summarise(result[is_given & is_apart])
    print(pd.DataFrame(tables).T.round(3).to_string())
    times = result["ms"]
    print(f"\nms a series: mean {times.mean():.1f}, 95th percentile {times.quantile(0.95):.1f}")
    for window, rows in result[~is_apart & ~is_given].groupby("window"):
        print(f"\nWindow: {window}")
        print(pd.DataFrame(by_length(rows)).T.round(3).to_string())
    beside_statsmodels(
        {name: pair for name, pair in groups.items() if meta.loc[name, "dataset"] != "carparts"},
        call.column,
        call.reference,
    )
    known_steps(call.directory, groups)


if __name__ == "__main__":
    main()
