"""Rows per second of the decomposition and how its cost grows from 10⁴ to 10⁶ ledger rows.

Run from the repository: ``python tests/benchmarks/decomposition_growth.py [--rows N ...] [--repeats N]``.
For each number of rows, half before and half after, it times

- cells: aggregate the packages to service group × team × care type, then decompose five factors with
  the mix split in two levels;
- cases: decompose with every person as a cell of its own, which is the most that a ledger can ask for.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd

from s75lib.stats.decomposition import Decomposition, decompose

BY = ["service_group", "team", "care_type"]
MIX = {"team mix": ["service_group", "team"], "care type mix": "care_type"}
FACTORS = ["packages", "units", "price", "weeks", "social_care_share"]


def ledger(rows: int, seed: int) -> pd.DataFrame:
    """Packages with invented prices: two service groups, 20 teams, 12 care types."""
    rng = np.random.default_rng(seed)
    care_type = rng.integers(0, 12, rows)
    return pd.DataFrame(
        {
            "person": rng.permutation(np.arange(seed * rows // 4, seed * rows // 4 + rows)),
            "service_group": np.array(["adults", "older people"])[rng.integers(0, 2, rows)],
            "team": np.array([f"team {n}" for n in range(20)])[rng.integers(0, 20, rows)],
            "care_type": np.array([f"type {n}" for n in range(12)])[care_type],
            "units": rng.gamma(4, 3, rows),
            "price": (15 + 4 * care_type) * rng.lognormal(0.02 * seed, 0.1, rows),
            "weeks": rng.integers(1, 53, rows),
            "social_care_share": rng.uniform(0.4, 1, rows),
        }
    )


def to_cells(packages: pd.DataFrame) -> pd.DataFrame:
    """Sums by cell, then each factor as the quotient of successive sums."""
    weekly = packages["units"] * packages["price"]
    gross = weekly * packages["weeks"]
    sums = (
        packages.assign(packages=1, weekly=weekly, gross=gross, net=gross * packages["social_care_share"])
        .groupby(BY, as_index=False)[["packages", "units", "weekly", "gross", "net"]]
        .sum()
    )
    return sums[[*BY, "packages"]].assign(
        units=sums["units"] / sums["packages"],
        price=sums["weekly"] / sums["units"],
        weeks=sums["gross"] / sums["weekly"],
        social_care_share=sums["net"] / sums["gross"],
    )


def by_cells(before: pd.DataFrame, after: pd.DataFrame) -> Decomposition:
    """Aggregate, then decompose."""
    return decompose(to_cells(before), to_cells(after), FACTORS, BY, mix=MIX)


def by_cases(before: pd.DataFrame, after: pd.DataFrame) -> Decomposition:
    """Every person is a cell."""
    return decompose(before.assign(packages=1), after.assign(packages=1), FACTORS, "person")


def seconds(work: Callable[[], Decomposition], repeats: int) -> float:
    """Best of several runs."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def main() -> None:
    """Print a table of times and the exponent of growth between the smallest and the largest."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 31_623, 100_000, 316_228, 1_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    found = []
    for rows in arguments.rows:
        before, after = ledger(rows // 2, 1), ledger(rows // 2, 2)
        cells = seconds(lambda b=before, a=after: by_cells(b, a), arguments.repeats)
        cases = seconds(lambda b=before, a=after: by_cases(b, a), arguments.repeats)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found.append(
            {
                "rows": rows,
                "cells, s": cells,
                "cells, rows/s": rows / cells,
                "cases, s": cases,
                "cases, rows/s": rows / cases,
                "peak MB": peak,
            }
        )
    table = pd.DataFrame(found)
    print(
        table.to_string(
            index=False, float_format=lambda value: f"{value:,.3f}" if value < 100 else f"{value:,.0f}"
        )
    )
    if len(table) > 1:
        ends = table.iloc[[0, -1]]
        for kind in ("cells", "cases"):
            exponent = np.diff(np.log(ends[f"{kind}, s"]))[0] / np.diff(np.log(ends["rows"]))[0]
            print(f"{kind}: time grows as rows to the power {exponent:.2f}")


if __name__ == "__main__":
    main()
