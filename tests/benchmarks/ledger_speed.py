"""How long a ledger takes from a Parquet file to its causes, from ten thousand to one million rows; by hand.

``uv run python tests/benchmarks/ledger_speed.py`` loads and validates, decomposes, bridges case by case, and
prints seconds, CPU-seconds, rows a second, the peak memory of the process and how the cost grows.
"""

from __future__ import annotations

import math
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from s75lib.budget import ledger
from s75lib.budget.cases import bridge_by_case
from s75lib.budget.causes import causes
from s75lib.budget.concentration import cost_by
from s75lib.loaders import load
from s75lib.loaders.schemas import CARE_TYPES

SNAPSHOTS = pd.date_range("2024-04-30", periods=24, freq="ME").astype("datetime64[s]")


def made_up(rows: int) -> pd.DataFrame:
    """A ledger of 24 monthly snapshots with that many rows in all, references re-issued each April."""
    rng = np.random.default_rng(75)
    people = rows // len(SNAPSHOTS)
    count = people * len(SNAPSHOTS)
    person, month = np.tile(np.arange(people), len(SNAPSHOTS)), np.repeat(np.arange(len(SNAPSHOTS)), people)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 2_100, people), unit="D")
    end = start + pd.to_timedelta(rng.integers(30, 2_500, people), unit="D")
    units, price = rng.integers(1, 40, people).astype(float), rng.uniform(15, 90, people)
    gross = (units[person] * price[person] * np.where(month >= 12, 1.035, 1.0)).round(2)
    kinds, teams = np.array(list(CARE_TYPES)), np.array([f"Team {n}" for n in range(12)])
    providers = np.array([f"Provider {n}" for n in range(60)])
    return pd.DataFrame(
        {
            "snapshot_date": SNAPSHOTS.to_numpy()[month],
            "person_key": pd.Series(person).astype("str"),
            "package_key": pd.Series(person + people * (month >= 12)).astype("str"),
            "care_type": kinds[rng.integers(0, len(kinds), people)][person],
            "start_date": start.to_numpy().astype("datetime64[s]")[person],
            "end_date": end.to_numpy().astype("datetime64[s]")[person],
            "weekly_gross": gross,
            "service_group": np.where(person % 2 == 0, "AMH", "OPMH"),
            "team": teams[person % len(teams)],
            "units_per_week": units[person],
            "unit_price": gross / units[person],
            "health_weekly": (gross * 0.2).round(2),
            "health_funding_type": np.where(person % 5 == 0, "s117", ""),
            "client_weekly": np.where(person % 3 == 0, 20.0, 0.0),
            "net_weekly": np.nan,
            "s117": pd.array(person % 5 == 0, dtype="boolean"),
            "age_band": np.where(person % 2 == 0, "18-64", "65+"),
            "provider": providers[person % len(providers)],
            "last_review_date": np.full(count, np.datetime64("2025-06-01", "s")),
            "prior_year": pd.array(np.zeros(count, dtype=bool), dtype="boolean"),
        }
    )


def write(rows: int, data_dir: Path) -> None:
    """Make an authority whose folder holds such a ledger as Parquet."""
    folder = data_dir / "benchmark"
    folder.mkdir(exist_ok=True)
    (folder / "authority.toml").write_text('name = "Benchmark"\nsynthetic = true\n', encoding="utf-8")
    made_up(rows).to_parquet(folder / "packages.parquet")


def steps(data_dir: Path) -> dict[str, tuple[float, float]]:
    """Seconds and CPU-seconds of each step."""
    found: dict[str, tuple[float, float]] = {}

    def timed(name: str, method: Callable[[], Any]) -> Any:
        begun, cpu = time.perf_counter(), time.process_time()
        result = method()
        found[name] = (time.perf_counter() - begun, time.process_time() - cpu)
        return result

    packages = timed("load and validate", lambda: load("benchmark", data_dir=data_dir)).packages
    pair = ledger.days_compared(packages)
    assert pair is not None
    rows = timed("prepared lines", lambda: ledger.lines(packages))
    sides = [rows[rows["snapshot_date"] == day] for day in pair]
    timed("causes", lambda: causes(*sides))
    timed("bridge by case", lambda: bridge_by_case(*sides, rows))
    found["together"] = tuple(map(sum, zip(*found.values(), strict=True)))  # type: ignore[assignment]
    timed("beside: commitments, all snapshots", lambda: ledger.commitments(rows))
    timed("beside: by provider", lambda: cost_by(*sides, "provider"))
    return found


def main() -> None:
    """Print a line for each step and size, and the exponent of growth."""
    sizes, taken = (10_000, 100_000, 1_000_000), []
    for rows in (1_000, *sizes):  # the first warms up what is slow the first time
        with tempfile.TemporaryDirectory() as folder:
            write(rows, Path(folder))
            found = steps(Path(folder))
        taken.append(found["together"][1])
        for name, (seconds, cpu) in found.items():
            rate = f"{rows / cpu:>12,.0f} rows a CPU-second"
            print(f"{rows:>9,} rows  {name:<36} {seconds:7.2f} s {cpu:7.2f} CPU-s {rate}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{rows:>9,} rows  peak memory so far {peak:.2f} GB")
    exponent = math.log(taken[-1] / taken[1]) / math.log(sizes[-1] / sizes[0])
    print(f"CPU time grows as rows to the power {exponent:.2f}")


if __name__ == "__main__":
    main()
