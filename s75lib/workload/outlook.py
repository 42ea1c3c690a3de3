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
from s75lib.workload.series import Monthly, last_twelve

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
    """

    months: pd.DataFrame
    years: pd.DataFrame
    tests: pd.DataFrame
    methods: pd.DataFrame
    paths: dict[str, Array] = field(repr=False)
    team_paths: dict[tuple[str, str], Array] = field(repr=False)
    horizon: int

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
    for (name, of), series in activity.series.items():
        if of or series["count"].notna().sum() < _LEAST_MONTHS:
            continue
        parts = _current_teams(activity, name, series["month"].iloc[-1])
        drawn, method = _draw(name, series, parts, horizon, known)
        paths[name] = drawn[""]
        team_paths |= {(name, team): drawn[team] for team in parts}
        methods.append(method)
        tests.append(_test(name, series, known))
        last = series["month"].iloc[-1]
        months.append(_months(name, drawn, last))
        for team, table in [("", series), *parts.items()]:
            years.append(_year(name, team, table, last, drawn[team]))
    return Outlook(
        months=pd.concat(months, ignore_index=True) if months else pd.DataFrame(columns=["measure", "team"]),
        years=pd.DataFrame(years),
        tests=pd.DataFrame(tests),
        methods=pd.DataFrame(methods),
        paths=paths,
        team_paths=team_paths,
        horizon=horizon,
    )


def _current_teams(activity: Monthly, measure: str, last: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Series of the teams that report to the end and have months enough."""
    kept = {
        team: part
        for (of, team), part in activity.series.items()
        if of == measure and team and part["month"].iloc[-1] == last
        if part["count"].notna().sum() >= _LEAST_MONTHS
    }
    return kept if len(kept) > 1 else {}


def _forecast(series: pd.DataFrame, horizon: int, steps: tuple[pd.Timestamp, ...]) -> Forecast:
    """Forecast one series with its steps as positions."""
    at = [place for place in _positions(series, steps) if place > 0]
    return forecast(series["count"].to_numpy(), horizon, steps=at)


def _draw(
    measure: str,
    series: pd.DataFrame,
    parts: dict[str, pd.DataFrame],
    horizon: int,
    steps: Mapping[tuple[str, str], tuple[pd.Timestamp, ...]],
) -> tuple[dict[str, Array], dict[str, str]]:
    """Draw paths of the whole and of its teams that add up."""
    rng = np.random.default_rng([_SEED, *measure.encode()])
    made = {"": _forecast(series, horizon, steps.get((measure, ""), ()))}
    made |= {t: _forecast(part, horizon, steps.get((measure, t), ())) for t, part in parts.items()}
    told = {"measure": measure, "method": made[""].method, "note": made[""].note, "adding_up": ""}
    drawn = simulate_together(made, _PATHS, rng)
    if not parts:
        return drawn, told
    shared = min(item.residuals.size for item in made.values())
    residuals = np.column_stack([item.residuals[-shared:] for item in made.values()])
    structure = np.vstack([np.ones(len(parts)), np.eye(len(parts))])
    joined = reconcile_paths(np.stack([drawn[name] for name in made]), structure, residuals)
    return dict(zip(made, joined.paths, strict=True)), told | {"adding_up": joined.method}


def _months(measure: str, drawn: Mapping[str, Array], last: pd.Timestamp) -> pd.DataFrame:
    """Sum up each month's paths, of the whole and of the teams."""
    table = path_table(np.hstack(list(drawn.values()))).drop(columns="step")
    ahead = pd.date_range(last + pd.DateOffset(months=1), periods=len(table) // len(drawn), freq="MS")
    teams = np.repeat(np.array(list(drawn), dtype=object), len(ahead))
    return table.assign(measure=measure, team=teams, month=np.tile(ahead.to_numpy(), len(drawn)))


def _year(
    measure: str, team: str, series: pd.DataFrame, last: pd.Timestamp, paths: Array
) -> dict[str, object]:
    stock = is_stock(measure)
    share = 12 if stock else 1
    sums = paths.mean(axis=1) if stock else paths.sum(axis=1)
    ends = {name: float(end) for name, end in tails(sums).items()}
    group = series["service_group"].iloc[0] if "service_group" in series else ""
    return {
        "measure": measure,
        "service_group": group,
        "team": team,
        "is_stock": stock,
        "last_month": last,
        "last_12": last_twelve(series, ending=last) / share,
        "before_12": last_twelve(series, ending=last, back=12) / share,
        "next_12": ends.pop("central"),
        **ends,
        "error": median_error(sums),
    }


def _test(
    measure: str, series: pd.DataFrame, steps: Mapping[tuple[str, str], tuple[pd.Timestamp, ...]]
) -> dict[str, object]:
    counts = series["count"].to_numpy()
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
        "unseen_step": series["month"].iloc[unseen[0]] if unseen else pd.NaT,
        "coverage_95_before": coverage(before["actual"], before["lower_95"], before["upper_95"]),
    }


def _positions(series: pd.DataFrame, steps: tuple[pd.Timestamp, ...]) -> list[int]:
    """Find the steps' places in a series."""
    return [int(series["month"].searchsorted(step)) for step in steps]
