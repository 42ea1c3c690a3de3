"""Forecasts of every measure, all teams together and team by team, that add up."""

from __future__ import annotations

__all__ = ["Outlook", "outlook"]

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.stats.forecasting import (
    Forecast,
    backtest,
    coverage,
    forecast,
    path_table,
    reconcile_paths,
    simulate_together,
)
from s75lib.workload.draws import median_error, tails
from s75lib.workload.naming import is_stock
from s75lib.workload.series import Monthly, Series

Array = npt.NDArray[np.float64]

_LEAST_MONTHS = 3
_PATHS = 2000
_SEED = 75
# Horizon of the backtest by months known: long enough to learn from what is left.
_TESTS = ((30, 12), (18, 6), (9, 3))


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of each measure.

    Parameters
    ----------
    months : DataFrame
        measure, team (empty: all teams), month, mean, central, lower_80, upper_80, lower_95, upper_95.
    years : DataFrame
        measure, service_group, team, is_stock, last_month, last_12, before_12 (the twelve months before
        those; NaN where not all are known), next_12 (median of the total of the months forecast), lower_80,
        upper_80, lower_95, upper_95, error (standard error of next_12 from the finite number of paths). For
        a stock, means of the months and not totals.
    tests : DataFrame
        measure, origins, horizon, mase, mase_naive, smape, smape_naive, coverage_80, coverage_95, better,
        note, unseen_step (month of the first step that a forecast tested could not know of; NaT for none),
        coverage_95_before (coverage of the months before it, or of all).
    methods : DataFrame
        measure, method, note, adding_up (how the teams were made to add up).
    paths : dict of str to array, (paths, horizon)
        Joint sample paths of each measure, all teams together.
    team_paths : dict of (str, str) to array
        The same by measure and team.
    horizon : int
        Months ahead.
    apart : dict of str to float
        By measure held by team, how far the teams' paths are from adding up to the whole's, at most.
    """

    months: pd.DataFrame
    years: pd.DataFrame
    tests: pd.DataFrame
    methods: pd.DataFrame
    paths: dict[str, Array] = field(repr=False)
    team_paths: dict[tuple[str, str], Array] = field(repr=False)
    horizon: int
    apart: dict[str, float] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether no measure has months enough."""
        return not self.paths


def outlook(
    activity: Monthly,
    *,
    horizon: int = 12,
    steps: Mapping[tuple[str, str], tuple[pd.Timestamp, ...]] | None = None,
) -> Outlook:
    """Forecast every measure and team.

    Parameters
    ----------
    activity : Monthly
    horizon : int
        Months ahead of each measure's last month.
    steps : mapping of (measure, team) to months, optional
        First months at new levels; team empty for all teams together. As `s75lib.workload.shifts` finds them.

    Returns
    -------
    Outlook
        Measures with fewer than three known months are left out.

    Notes
    -----
    Each series is forecast by itself; joint sample paths of the whole and its teams are then reconciled path
    by path (minimum trace), no team below nought, so that teams add up to the whole in every path. Teams
    that no longer report are left out of the teams, not of the whole. Paths are drawn from a fixed seed.

    References
    ----------
    Panagiotelis, A. and others (2023) European Journal of Operational Research 306, 693-706.

    Examples
    --------
    Two teams; in every path they add up to the whole:

    >>> months = pd.date_range("2023-04-01", periods=24, freq="MS")
    >>> team = pd.DataFrame({"month": months, "measure": "reviews", "service_group": "AMH"})
    >>> both = pd.concat([team.assign(team="Alder", count=10.0), team.assign(team="Beech", count=5.0)])
    >>> from s75lib.workload.series import monthly
    >>> ahead = outlook(monthly(both))
    >>> ahead.years["last_12"].tolist()
    [180.0, 120.0, 60.0]
    >>> bool(np.allclose(sum(ahead.team_paths.values()), ahead.paths["reviews"]))
    True
    """
    known = steps or {}
    months, years, tests, methods = [], [], [], []
    paths: dict[str, Array] = {}
    team_paths: dict[tuple[str, str], Array] = {}
    apart: dict[str, float] = {}
    for (name, of), series in activity.series.items():
        if of or series.known < _LEAST_MONTHS:
            continue
        parts = {"": series} | _current_teams(activity, name, series.months[-1])
        drawn, method = _draw(name, parts, horizon, known)
        # A copy, so that the teams' paths need not be held for its sake.
        paths[name] = drawn[0].copy()
        if len(parts) > 1:
            team_paths |= {(name, team): own for team, own in zip(parts, drawn, strict=True) if team}
            apart[name] = float(np.abs(drawn[1:].sum(axis=0) - drawn[0]).max())
        methods.append(method)
        tests.append(_test(name, series, known))
        months.append(_months(name, parts, drawn))
        years.append(_years(name, parts, drawn))
    return Outlook(
        months=pd.concat(months, ignore_index=True) if months else pd.DataFrame(columns=["measure", "team"]),
        years=pd.concat(years, ignore_index=True) if years else pd.DataFrame(),
        tests=pd.DataFrame(tests),
        methods=pd.DataFrame(methods),
        paths=paths,
        team_paths=team_paths,
        horizon=horizon,
        apart=apart,
    )


def _current_teams(activity: Monthly, measure: str, last: pd.Timestamp) -> dict[str, Series]:
    """Series of the teams that report to the end and have months enough."""
    kept = {
        team: part
        for (of, team), part in activity.series.items()
        if of == measure and team and part.months[-1] == last and part.known >= _LEAST_MONTHS
    }
    return kept if len(kept) > 1 else {}


def _draw(
    measure: str,
    parts: Mapping[str, Series],
    horizon: int,
    steps: Mapping[tuple[str, str], tuple[pd.Timestamp, ...]],
) -> tuple[Array, dict[str, str]]:
    """Draw paths of the whole and of its teams that add up: (series, paths, horizon), the whole first."""
    rng = np.random.default_rng([_SEED, *measure.encode()])
    made: dict[str, Forecast] = {}
    for team, part in parts.items():
        at = [place for place in _positions(part, steps.get((measure, team), ())) if place > 0]
        made[team] = forecast(part.counts, horizon, steps=at)
    told = {"measure": measure, "method": made[""].method, "note": made[""].note, "adding_up": ""}
    drawn = np.stack(list(simulate_together(made, _PATHS, rng).values()))
    if len(parts) == 1:
        return drawn, told
    shared = min(item.residuals.size for item in made.values())
    residuals = np.column_stack([item.residuals[-shared:] for item in made.values()])
    structure = np.vstack([np.ones(len(parts) - 1), np.eye(len(parts) - 1)])
    joined = reconcile_paths(drawn, structure, residuals)
    return joined.paths, told | {"adding_up": joined.method}


def _months(measure: str, parts: Mapping[str, Series], drawn: Array) -> pd.DataFrame:
    """Sum up each month's paths, of the whole and of the teams."""
    series, paths, horizon = drawn.shape
    table = path_table(drawn.transpose(1, 0, 2).reshape(paths, -1)).drop(columns="step")
    ahead = pd.date_range(parts[""].months[-1] + pd.DateOffset(months=1), periods=horizon, freq="MS")
    teams = np.repeat(np.array(list(parts), dtype=object), horizon)
    return table.assign(measure=measure, team=teams, month=np.tile(ahead.to_numpy(), series))


def _years(measure: str, parts: Mapping[str, Series], drawn: Array) -> pd.DataFrame:
    """Sum up the year's paths, of the whole and of the teams, and set them against the years before."""
    last, stock = parts[""].months[-1], is_stock(measure)
    sums = (drawn.mean(axis=2) if stock else drawn.sum(axis=2)).T
    share = 12 if stock else 1
    ends = tails(sums)
    return pd.DataFrame(
        {
            "measure": measure,
            "service_group": [part.group for part in parts.values()],
            "team": list(parts),
            "is_stock": stock,
            "last_month": last,
            "last_12": [part.year(last) / share for part in parts.values()],
            "before_12": [part.year(last, back=12) / share for part in parts.values()],
            "next_12": ends.pop("central"),
            **ends,
            "error": median_error(sums),
        }
    )


def _test(
    measure: str, series: Series, steps: Mapping[tuple[str, str], tuple[pd.Timestamp, ...]]
) -> dict[str, object]:
    counts = series.counts
    horizon = next((ahead for least, ahead in _TESTS if counts.size >= least), 0)
    at = _positions(series, steps.get((measure, ""), ()))
    found = backtest(counts, horizon, steps=at) if horizon else backtest(counts[:0], 1)
    fields = ("mase", "mase_naive", "smape", "smape_naive", "coverage_80", "coverage_95", "better", "note")
    row = {name: getattr(found, name) for name in fields}
    row |= {"measure": measure, "origins": found.origins, "horizon": horizon if found.origins else 0}
    if not found.origins:
        note = f"Too short to test: {counts.size} months."
        return row | {"note": note, "unseen_step": pd.NaT, "coverage_95_before": math.nan}
    table = found.table
    unseen = [step for step in at if table["origin"].min() <= step]
    month = table["origin"] + table["step"] - 1
    before = table[month < unseen[0]] if unseen else table
    return row | {
        "unseen_step": series.months[unseen[0]] if unseen else pd.NaT,
        "coverage_95_before": coverage(before["actual"], before["lower_95"], before["upper_95"]),
    }


def _positions(series: Series, steps: tuple[pd.Timestamp, ...]) -> list[int]:
    """Find the steps' places in a series."""
    return [int(series.months.searchsorted(step)) for step in steps]
