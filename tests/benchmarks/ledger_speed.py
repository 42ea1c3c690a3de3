"""How long the ledger's methods take as it grows from ten thousand to one million rows; run by hand.

``uv run python tests/benchmarks/ledger_speed.py`` prints rows a second and the peak memory of the process.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from s75lib.budget import causes, cohort, ledger, pressure
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


def main() -> None:
    """Print a line for each method and size."""
    methods: dict[str, Callable[[pd.DataFrame, pd.Timestamp, pd.Timestamp], object]] = {
        "commitments, all snapshots": lambda frame, _old, _new: ledger.commitments(frame),
        "causes": lambda frame, old, new: causes.causes(frame, old, new),
        "cohort bridge": lambda frame, old, new: cohort.cohort(frame, old, new),
        "by provider": lambda frame, old, new: pressure.by(frame, "provider", old, new),
    }
    for rows in (10_000, 100_000, 1_000_000):
        frame = made_up(rows)
        chosen = ledger.pair(frame)
        assert chosen is not None
        total = 0.0
        for name, method in methods.items():
            begun = time.perf_counter()
            method(frame, *chosen)
            taken = time.perf_counter() - begun
            total += taken
            print(f"{rows:>9,} rows  {name:<28} {taken:7.2f} s  {rows / taken:>12,.0f} rows a second")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{rows:>9,} rows  {'all':<28} {total:7.2f} s  peak memory so far {peak:.2f} GB", file=sys.stderr
        )


if __name__ == "__main__":
    main()
