"""The intervals of small bases are tried by inversion, over bases from half to 1.5 times the true."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from s75lib import kpi
from s75lib.kpi.disclosure import COARSE_BELOW, coarse_changes, widened
from s75lib.kpi.study import Study
from s75lib.loaders import load

Z = 1.959963984540054
BAND = (0.5, 1.5)
LARGE = 1600  # cases, beyond which one decimal leaves dozens of pairs


def wilson(k: Any, n: Any) -> tuple[Any, Any]:
    """Wilson (1927), as the roots of (p - k/n)² = z² p(1 - p)/n."""
    a, b, c = 1 + Z**2 / n, -(2 * k / n + Z**2 / n), (k / n) ** 2
    root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def newcombe(k0: Any, n0: Any, k1: Any, n1: Any) -> tuple[Any, Any]:
    """Newcombe (1998), method 10, after minus before."""
    (l0, u0), (l1, u1), d = wilson(k0, n0), wilson(k1, n1), k1 / n1 - k0 / n0
    return (
        d - np.sqrt((k1 / n1 - l1) ** 2 + (u0 - k0 / n0) ** 2),
        d + np.sqrt((u1 - k1 / n1) ** 2 + (k0 / n0 - l0) ** 2),
    )


def pairs(printed: float, base: float) -> np.ndarray:
    """All counts and bases in the band that print as a percentage of one decimal."""
    found = [
        (k, n)
        for n in range(math.ceil(BAND[0] * base), math.floor(BAND[1] * base) + 1)
        for k in range(
            max(math.ceil((printed - 0.06) * n / 100), 0), math.floor((printed + 0.06) * n / 100) + 1
        )
        if abs(100 * k / n - printed) <= 0.05 + 1e-9 and k <= n
    ]
    return np.array(found, dtype=float)


def step(n: np.ndarray) -> np.ndarray:
    """What the ends are multiples of: the attacker knows the rule."""
    return np.select([n < 200, n < 500], [5.0, 1.0], 0.1)


def fits(low: Any, high: Any, base: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    by = step(base)
    wide = base < 500
    first = np.where(wide, np.floor(100 * low / by) * by, np.round(100 * low, 1))
    last = np.where(wide, np.ceil(100 * high / by) * by, np.round(100 * high, 1))
    return (np.abs(first - round(ends[0], 1)) < 1e-9) & (np.abs(last - round(ends[1], 1)) < 1e-9)


@pytest.fixture(scope="module")
def study() -> Study:
    return kpi.study(load("exampleshire", data_dir=Path(__file__).parents[2] / "data"))


def test_the_rule_is_the_one_that_the_attacker_knows() -> None:
    assert COARSE_BELOW == {500: 1.0, 200: 5.0}


def test_no_interval_of_a_latest_figure_tells_its_base(study: Study) -> None:
    years = study.kpi.set_index(["indicator", "group", "period"])
    tried = []
    for row in study.targets.dropna(subset="value_lower").to_dict("records"):
        base = years.loc[(row["indicator"], row["group"], row["period"]), "denominator"]
        if base > LARGE:
            continue
        k, n = pairs(row["value"], base).T
        tried.append(int(fits(*wilson(k, n), n, (row["value_lower"], row["value_upper"])).sum()))
    assert len(tried) == 11
    assert min(tried) >= 2


def test_no_interval_of_a_change_tells_its_bases(study: Study) -> None:
    rows = study.changes[study.changes["basis"] == "proportions"]
    small = rows[rows[["denominator", "denominator_before"]].max(axis=1) < 600]
    for row in small.to_dict("records"):
        before, after = (pairs(row[f"value{end}"], row[f"denominator{end}"]) for end in ("_before", ""))
        at, to = (grid.ravel() for grid in np.meshgrid(range(len(before)), range(len(after))))
        (k0, n0), (k1, n1) = before[at].T, after[to].T
        kept = fits(*newcombe(k0, n0, k1, n1), np.minimum(n0, n1), (row["lower"], row["upper"]))
        kept &= np.abs(100 * (k1 / n1 - k0 / n0) - row["change"]) <= 0.1
        assert len({*zip(k1[kept], n1[kept], strict=True)}) >= 2, row["indicator"]
        assert len({*zip(k0[kept], n0[kept], strict=True)}) >= 2, row["indicator"]
    assert len(small) >= 7


def test_with_one_decimal_the_attacker_succeeds() -> None:
    """71 of 85 complaints and 241 of 270 requests: the attack can find something."""
    for k, n in ((71, 85), (241, 270)):
        tried, bases = pairs(round(100 * k / n, 1), n).T
        ends = [np.round(100 * end, 1) for end in wilson(tried, bases)]
        own = [round(100 * float(end), 1) for end in wilson(k, n)]
        assert ((ends[0] == own[0]) & (ends[1] == own[1])).sum() == 1


def test_few_random_bases_from_60_are_told() -> None:
    draw = np.random.default_rng(15)
    told = {"fine": 0, "widened": 0}
    for _ in range(150):
        n = int(draw.integers(60, 1000))
        k = int(draw.integers(0, n + 1))
        tried, bases = pairs(round(100 * k / n, 1), n).T
        low, high = (100 * float(end) for end in wilson(k, n))
        row = pd.DataFrame({"low": [low], "high": [high]})
        ends = widened(row, ("low", "high"), pd.Series([n]), 5).to_numpy()[0]
        limits = wilson(tried, bases)
        told["widened"] += fits(*limits, bases, tuple(ends)).sum() == 1
        told["fine"] += all_round(limits, (low, high)).sum() == 1
    assert told["fine"] >= 20
    assert told["widened"] <= 2  # percentages close to 0 or 100, which tell nearly as much alone


def all_round(limits: tuple[Any, Any], ends: tuple[float, float]) -> Any:
    return (np.round(100 * limits[0], 1) == round(ends[0], 1)) & (
        np.round(100 * limits[1], 1) == round(ends[1], 1)
    )


def test_public_and_internal_figures_are_not_widened(study: Study) -> None:
    rows = study.changes.assign(lower=-1.23, upper=4.56, denominator=80.0)
    kept, wide = (coarse_changes(rows, fewest) for fewest in (1, 5))
    own = rows["basis"].isin(["proportions", "caseload"])
    assert (kept["lower"] == -1.23).all()
    assert (wide.loc[own, "lower"] == -5).all()
    assert (wide.loc[own, "upper"] == 5).all()
    assert (wide.loc[~own, "lower"] == -1.23).all()
