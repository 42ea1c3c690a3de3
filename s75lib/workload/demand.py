"""Demand: what came in, what is to be expected, and how good such forecasts were.

`steps` are first months at new levels by measure and team (empty: all teams), as `Shifts.months` gives them.
"""

from __future__ import annotations

__all__ = ["Outlook", "expected_demand"]

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders.values import slug_of
from s75lib.present import (
    Check,
    Column,
    Figure,
    Headline,
    Missing,
    Section,
    Table,
    TableOf,
    charts,
    table_of,
    words,
)
from s75lib.stats.forecasting import Forecast, backtest, coverage, forecast, joint_paths
from s75lib.workload.activity import (
    ALL_TEAMS,
    NO_ACTIVITY,
    TEAM_MEASURES,
    Monthly,
    draw_months,
    estimate,
    hidden_years,
    interval_columns,
    is_stock,
    last_twelve,
    measure_name,
    month_name,
    months_shown,
    panel_title,
    panels,
    ranges,
    twelve_months,
    year_asked,
)
from s75lib.workload.assumptions import median_error, tails
from s75lib.workload.shifts import shifts_in_words

if TYPE_CHECKING:
    from s75lib.workload.study import Study

Array = npt.NDArray[np.float64]
Steps = Mapping[tuple[str, str], tuple[pd.Timestamp, ...]]

_LEAST_MONTHS = 3
_PATHS = 2000
_SEED = 75
# Horizon of the backtest by months known: long enough to learn from what is left.
_TESTS = ((30, 12), (18, 6), (9, 3))
_FIRST = ("case_allocation_requests", "assessments", "reviews", "mha_assessments")
_MOST = 3
_TABLE_MONTHS = 24

NO_TEAMS = Missing.of("Activity is not held by team.", "activity", ("team",), "each team's series")


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of each measure.

    - `months`: measure, team (empty: all teams), month, central and its intervals.
    - `years`: measure, team, is_stock, last_month, last_12, before_12 (the twelve months before those),
      next_12 (median of the total of the months forecast) and its intervals, error (its standard error from
      the finite number of paths). For a stock, means of the months and not totals.
    - `tests`: measure, origins, horizon, what `s75lib.stats.forecasting.backtest` found, unseen_step (month
      of the first step that a forecast tested could not know of), coverage_95_before (coverage of the months
      before it, or of all).
    - `paths`, `team_paths` (paths, horizon): Joint sample paths by measure, and by measure and team.
    - `apart`: By measure held by team, how far the teams' paths are from adding up to the whole's, at most.
    """

    months: pd.DataFrame
    years: pd.DataFrame
    tests: pd.DataFrame
    paths: dict[str, Array] = field(repr=False)
    team_paths: dict[tuple[str, str], Array] = field(repr=False)
    horizon: int
    apart: dict[str, float] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether no measure has months enough."""
        return not self.paths


def expected_demand(activity: Monthly, *, horizon: int = 12, steps: Steps | None = None) -> Outlook:
    """Forecast every measure and team with three known months or more.

    Each series is forecast by itself; joint sample paths of the whole and its teams are then reconciled path
    by path (minimum trace), no team below nought, so that teams add up to the whole in every path. Teams
    that no longer report are left out of the teams, not of the whole. Paths are drawn from a fixed seed.

    Examples
    --------
    Two teams; in every path they add up to the whole:

    >>> months = pd.date_range("2023-04-01", periods=24, freq="MS")
    >>> team = pd.DataFrame({"month": months, "measure": "reviews", "service_group": "AMH"})
    >>> both = pd.concat([team.assign(team="Alder", count=10.0), team.assign(team="Beech", count=5.0)])
    >>> ahead = expected_demand(monthly(both))
    >>> ahead.years["last_12"].tolist()
    [180.0, 120.0, 60.0]
    >>> bool(np.allclose(sum(ahead.team_paths.values()), ahead.paths["reviews"]))
    True
    """
    known = steps or {}
    months, years, tests = [], [], []
    paths: dict[str, Array] = {}
    team_paths: dict[tuple[str, str], Array] = {}
    apart: dict[str, float] = {}
    for (name, of), series in activity.series.items():
        if of or series.count() < _LEAST_MONTHS:
            continue
        parts = {"": series} | _current_teams(activity, name, series.index[-1])
        drawn = _draw(name, parts, horizon, known)
        # A copy, so that the teams' paths need not be held for its sake.
        paths[name] = drawn[0].copy()
        if len(parts) > 1:
            team_paths |= {(name, team): own for team, own in zip(parts, drawn, strict=True) if team}
            apart[name] = float(np.abs(drawn[1:].sum(axis=0) - drawn[0]).max())
        tests.append(_test(name, series, known))
        months.append(_months(name, parts, drawn))
        years.append(_years(name, parts, drawn, is_stock(name, activity.measures)))
    return Outlook(
        months=pd.concat(months, ignore_index=True) if months else pd.DataFrame(columns=["measure", "team"]),
        years=pd.concat(years, ignore_index=True) if years else pd.DataFrame(),
        tests=pd.DataFrame(tests),
        paths=paths,
        team_paths=team_paths,
        horizon=horizon,
        apart=apart,
    )


def _current_teams(activity: Monthly, measure: str, last: pd.Timestamp) -> dict[str, pd.Series]:
    """Series of the teams that report to the end and have months enough."""
    kept = {
        team: part
        for (of, team), part in activity.series.items()
        if of == measure and team and part.index[-1] == last and part.count() >= _LEAST_MONTHS
    }
    return kept if len(kept) > 1 else {}


def _draw(measure: str, parts: Mapping[str, pd.Series], horizon: int, steps: Steps) -> Array:
    """Draw paths of the whole and of its teams that add up: (series, paths, horizon), the whole first."""
    rng = np.random.default_rng([_SEED, *measure.encode()])
    made: dict[str, Forecast] = {}
    for team, part in parts.items():
        at = [place for place in _positions(part, steps.get((measure, team), ())) if place > 0]
        made[team] = forecast(part.to_numpy(), horizon, steps=at)
    return joint_paths(made, _PATHS, rng)


def _months(measure: str, parts: Mapping[str, pd.Series], drawn: Array) -> pd.DataFrame:
    series, paths, horizon = drawn.shape
    ahead = pd.date_range(parts[""].index[-1] + pd.DateOffset(months=1), periods=horizon, freq="MS")
    return pd.DataFrame(
        {
            "measure": measure,
            "team": np.repeat(np.array(list(parts), dtype=object), horizon),
            "month": np.tile(ahead.to_numpy(), series),
            **tails(drawn.transpose(1, 0, 2).reshape(paths, -1)),
        }
    )


def _years(measure: str, parts: Mapping[str, pd.Series], drawn: Array, stock: bool) -> pd.DataFrame:
    last = parts[""].index[-1]
    sums = (drawn.mean(axis=2) if stock else drawn.sum(axis=2)).T
    share = 12 if stock else 1
    ends = tails(sums)
    return pd.DataFrame(
        {
            "measure": measure,
            "team": list(parts),
            "is_stock": stock,
            "last_month": last,
            "last_12": [last_twelve(part, ending=last) / share for part in parts.values()],
            "before_12": [last_twelve(part, ending=last, back=12) / share for part in parts.values()],
            "next_12": ends.pop("central"),
            **ends,
            "error": median_error(sums),
        }
    )


def _test(measure: str, series: pd.Series, steps: Steps) -> dict[str, object]:
    """Try the forecast from past months, and see how it did before a step that it could not know of."""
    horizon = next((ahead for least, ahead in _TESTS if series.size >= least), 0)
    at = _positions(series, steps.get((measure, ""), ()))
    found = backtest(series if horizon else [], horizon or 1, steps=at)
    row = vars(found) | {"measure": measure, "horizon": horizon if found.origins else 0}
    table = row.pop("table")
    if not found.origins:
        return row | {"unseen_step": pd.NaT, "coverage_95_before": math.nan}
    unseen = [step for step in at if table["origin"].min() <= step]
    before = table[table["origin"] + table["step"] - 1 < unseen[0]] if unseen else table
    return row | {
        "unseen_step": series.index[unseen[0]] if unseen else pd.NaT,
        "coverage_95_before": coverage(before["actual"], before["lower_95"], before["upper_95"]),
    }


def _positions(series: pd.Series, steps: tuple[pd.Timestamp, ...]) -> list[int]:
    return [int(series.index.searchsorted(step)) for step in steps]


def headlines(study: Study) -> list[Headline]:
    """Say what is expected of the main measures, and how good such forecasts were."""
    return [*_expected(study), *_accuracy(study)]


def _expected(study: Study) -> list[Headline]:
    """Say what some measures are expected to come to, the main measures of social work first."""
    rows = study.outlook.years
    if rows.empty:
        return []
    rows = rows[rows["team"] == ""]
    order = [m for m in _FIRST if m in set(rows["measure"])]
    order += [m for m in rows["measure"] if m not in order]
    held = {row["measure"]: row for row in rows.to_dict("records")}
    return [
        _total(
            held[m] | dict.fromkeys(hidden_years(study, m), math.nan),
            study.outlook.horizon,
            study.activity.measures[m].polarity,
        )
        for m in order[:_MOST]
    ]


def _total(row: dict[Hashable, Any], horizon: int, polarity: str) -> Headline:
    low, high, last = (float(row[k]) for k in ("lower_95", "upper_95", "last_12"))
    ahead = f"the next {words.number(horizon)} months" if horizon > 1 else "the next month"
    what = "average" if row["is_stock"] else "come to"
    name = words.capital(measure_name(row["measure"]))
    text = (
        f"{name} are expected to {what} {words.number(row['next_12'])} over "
        f"{ahead} (95% interval {words.interval(low, high, 0)})."
    )
    is_clear = False
    if not math.isnan(last) and horizon == 12:
        is_clear = not low <= last <= high
        change = f"a clear change{_verdict_of(row, polarity)}" if is_clear else "no clear change"
        text += f" The last twelve had {words.number(last)}: {change}."
    method = (
        f"combination of smoothing models, teams made to add up, {words.number(_PATHS)} joint sample paths; "
        f"error of the central figure {row['error']:.1f}"
    )
    return Headline(
        f"workload.forecast.{slug_of(row['measure'])}",
        text,
        unit="count",
        method=method,
        against=None if math.isnan(last) else last,
        line="last 12 months",
        stake="change" if is_clear else "context",
        cell=("forecasts", name, "next_12"),
        **estimate(row, "next_12"),
    )


def _accuracy(study: Study) -> list[Headline]:
    tests = study.outlook.tests
    tried = tests[tests["origins"] > 0] if len(tests) else tests
    if tried.empty:
        return []
    worse = tried[~tried["better"]]
    pooled = float((tried["coverage_95"] * tried["origins"]).sum() / tried["origins"].sum())
    if worse.empty:
        every = "all " if len(tried) > 1 else ""
        count = words.count_noun(len(tried), "forecast")
        text = f"Tested on past months, {every}{count} did better than last year's figure"
    else:
        text = (
            f"Tested on past months, the forecast of {_named(worse)} was no better than last year's figure. "
            f"{words.number(len(tried) - len(worse))} of {words.number(len(tried))} did better"
        )
    text += f". {words.percent(100 * pooled, 0)} of the months fell within the 95% intervals"
    crossed = tried[tried["unseen_step"].notna()]
    if len(crossed):
        text += f". The forecasts of {_named(crossed)} were tested across a step that they could not know of"
    method = "rolling origins against last year's figure"
    return [
        Headline(
            "workload.accuracy",
            f"{text}.",
            float(len(worse)),
            "forecasts",
            method=method,
            cell=("accuracy", "", "verdict"),
        )
    ]


def _verdict_of(row: dict[Hashable, Any], polarity: str) -> str:
    """Say whether a change is for the better, where anybody has said which way that is."""
    if polarity == "neither":
        return ""
    better = (row["next_12"] > row["last_12"]) == (polarity == "higher_is_better")
    return f" for the {'better' if better else 'worse'}"


def _named(rows: pd.DataFrame) -> str:
    return words.join([measure_name(measure) for measure in rows["measure"]])


def checks(study: Study) -> list[Check]:
    """Check that teams add up, that no month lacks a team, and that hidden months can't be worked out."""
    made: list[Check] = []
    if study.outlook.apart:
        adds_up = max(study.outlook.apart.values()) < 1e-6
        said = "The teams' forecasts add up to the whole in every sample path."
        made.append(Check("workload.teams_add_up", adds_up, said))
    if len(study.totals):
        parts = study.totals.groupby("measure")
        gaps = [measure_name(str(m)) for m, part in parts if part["count"].isna().any()]
        said = f"; gaps in {words.join(gaps)}" if gaps else ""
        said = f"Every month has all its teams in every measure{said}."
        made.append(Check("workload.no_gaps", not gaps, said))
    return [*made, *(c for one in study.protected_months.values() if one.table.hidden for c in one.checks)]


FORECAST = table_of(
    "forecasts.data",
    Column("measure", "Measure"),
    Column("when", "Month"),
    Column("central", "Forecast", "number"),
    Column("within_80", "80% interval"),
    Column("within_95", "95% interval"),
)


def _forecast_figure(study: Study) -> Figure | Missing:
    """Draw every measure's months, all teams together, with the forecast."""
    if study.outlook.is_empty:
        return NO_ACTIVITY
    measures = list(study.outlook.paths)
    sheet, axes = panels(len(measures), columns=3)
    frames = []
    for axis, measure in zip(axes, measures, strict=True):
        frames.append(_months_ahead(study, measure))
        draw_months(axis, months_shown(study, measure), frames[-1])
        panel_title(axis, words.capital(measure_name(measure)))
    title = _direction(study)
    alt = (
        f"{words.count_noun(len(measures), 'small chart')}, one a measure, each with its months up to "
        f"{month_name(study.totals['month'].max())} as a grey line and the forecast as a dashed blue line "
        f"with darker 80% and lighter 95% bands. {title}."
    )
    subtitle = (
        f"A month, all teams, {study.place}: counted (grey), forecast (dashed) with 80% and 95% intervals"
    )
    rows = pd.concat(frames, ignore_index=True)
    rows["measure"] = [words.capital(measure_name(m)) for m in rows["measure"]]
    rows["when"] = [month_name(month, short=True) for month in rows["month"]]
    for level in (80, 95):
        rows[f"within_{level}"] = ranges(rows, f"lower_{level}", f"upper_{level}", 0)
    data = FORECAST.of(rows, "Forecast by month, all teams")
    return Figure("forecasts", title, subtitle, alt, sheet, data, f"{study.place}, activity")


def _months_ahead(study: Study, measure: str, team: str = "") -> pd.DataFrame:
    rows = study.outlook.months
    return rows[(rows["measure"] == measure) & (rows["team"] == team)]


def _direction(study: Study) -> str:
    rows = study.outlook.years
    rows = rows[(rows["team"] == "") & ~rows["is_stock"]]
    up, down = rows[rows["lower_95"] > rows["last_12"]], rows[rows["upper_95"] < rows["last_12"]]
    said = [f"{_named(found)} {verb}" for found, verb in ((up, "rise"), (down, "fall")) if len(found)]
    horizon = study.outlook.horizon
    if horizon != 12 or not said:
        return "No measure is forecast clearly above or below its last twelve months"
    return f"Forecast for the next {words.number(horizon)} months: {words.join(said)}; the rest stay in range"


YEARS = table_of(
    "forecasts",
    Column("measure_name", "Measure"),
    Column("before_12", "12 months before", "number"),
    Column("last_12", "Last 12 months", "number"),
    Column("next_12", "Next 12 months, central", "number"),
    *interval_columns(),
)


def _years_table(study: Study, rows: pd.DataFrame, what: str, table: TableOf) -> Table:
    """Set out the last two years and the months forecast of some measures or teams."""
    frame = rows.reset_index(drop=True)
    for at, row in enumerate(frame.to_dict("records")):
        who = row["measure"], row["team"] or ALL_TEAMS
        if study.data.compared:
            frame.loc[at, "before_12"] = year_asked(study, *who) / (12 if row["is_stock"] else 1)
        for name in hidden_years(study, *who) - ({"before_12"} if study.data.compared else set()):
            frame.loc[at, name] = np.nan
    error = float((frame["error"] / frame["next_12"].where(frame["next_12"] > 0)).max())
    ends = ["next_12", "lower_80", "upper_80", "lower_95", "upper_95"]
    frame[ends] = frame[ends].round()
    gaps = frame[["before_12", "last_12"]].isna().any(axis=None)
    notes = [
        f"Known to {month_name(frame['last_month'].max())}. The intervals are of the total over the months, "
        f"from {words.number(_PATHS)} paths drawn together; adding the months' intervals would make them too "
        f"wide. The random error of a central figure is at most {words.percent(100 * error, 1)}.",
        "A dash stands for a year that is not wholly known, or that is hidden." if gaps else "",
    ]
    heads = {"next_12": f"Next {study.outlook.horizon} months, central"}
    if other := study.data.compared:
        heads["before_12"] = twelve_months(other)
    columns = [replace(c, label=heads.get(c.name, c.label)) for c in table.columns]
    return replace(table, columns=tuple(columns)).of(frame, f"Forecast, {what}, {study.place}", notes=notes)


def _forecast_table(study: Study) -> Table | Missing:
    if study.outlook.is_empty:
        return NO_ACTIVITY
    rows = study.outlook.years
    rows = rows[rows["team"] == ""]
    names = rows["measure"].map(lambda measure: words.capital(measure_name(measure)))
    names += rows["is_stock"].map({True: " (mean of the months)", False: ""})
    return _years_table(study, rows.assign(measure_name=names), "all teams", YEARS)


def section(study: Study) -> Section:
    """Show what came in and what is to be expected, all teams together."""
    return Section.of(_expected(study), _forecast_figure(study), _forecast_table(study))


ACCURACY = table_of(
    "accuracy",
    Column("name", "Measure"),
    Column("tested", "Tested from"),
    Column("mase", "MASE", "number", 2),
    Column("mase_naive", "MASE of last year's figure", "number", 2),
    Column("smape", "sMAPE", "percent", 1, "percent"),
    Column("smape_naive", "sMAPE of last year's figure", "percent", 1, "percent"),
    Column("coverage_80", "Within the 80% interval", "percent", 0, "percent"),
    Column("coverage_95", "Within the 95% interval", "percent", 0, "percent"),
    Column("verdict", "Verdict"),
    notes=(
        "Each forecast was made again from past months with what was known then, and compared with what "
        "came. MASE is the mean error as a multiple of that of last year's figure within the months known. "
        "The sMAPE is the error in percent of forecast and outcome together. Past starts overlap, so the "
        "coverage is rough. Steps found since were used from the month after they began; no forecast "
        "made before a step can know of it.",
    ),
)


def _accuracy_table(study: Study) -> Table | Missing:
    if study.outlook.is_empty:
        return NO_ACTIVITY
    frame = study.outlook.tests.copy()
    frame["name"] = [words.capital(measure_name(m)) for m in frame["measure"]]
    frame[["coverage_80", "coverage_95"]] *= 100
    frame["tested"] = [
        f"{words.count_noun(o, 'start')}, {words.count_noun(h, 'month')} ahead" if o else "too short to test"
        for o, h in zip(frame["origins"], frame["horizon"], strict=True)
    ]
    frame["verdict"] = [_verdict(row) for row in frame.to_dict("records")]
    table, notes = ACCURACY, []
    if len(set(frame["tested"])) == 1 and frame["origins"].iloc[0] > 0:
        table = replace(ACCURACY, columns=tuple(c for c in ACCURACY.columns if c.name != "tested"))
        notes = [f"Each was tested from {frame['tested'].iloc[0]}."]
    return table.of(frame, f"How the forecasts would have done, {study.place}", notes=notes)


def _verdict(row: dict[Hashable, Any]) -> str:
    """Say whether a forecast was better than last year's figure, and what stood in its way."""
    if not row["origins"]:
        return ""
    said = "better than last year's figure" if row["better"] else "no better than last year's figure"
    if pd.isna(row["unseen_step"]):
        return said
    said += f"; a step in {month_name(row['unseen_step'])} fell into the months tested"
    share = row["coverage_95_before"]
    return said if pd.isna(share) else f"{said}: before it {words.percent(100 * share, 0)} within 95%"


def accuracy(study: Study) -> Section:
    """Show how good such forecasts were."""
    return Section.of(_accuracy(study), _accuracy_table(study))


def _team_figure(study: Study, measure: str) -> Figure | Missing:
    rows = study.teams[study.teams["measure"] == measure]
    names = list(dict.fromkeys(rows["team"]))
    if len(names) < 2:
        return NO_TEAMS
    if study.focus and study.focus.value in names:
        names = [study.focus.value]
    moved = [shift for shift in study.shifts.found if shift.measure == measure and shift.team in names]
    sheet, axes = panels(len(names), columns=3, height=1.65)
    frames = []
    for axis, team in zip(axes, names, strict=True):
        past, ahead = months_shown(study, measure, team), _months_ahead(study, measure, team)
        draw_months(axis, past, ahead)
        panel_title(axis, team)
        frames += [past.assign(team=team), ahead]
    top = max(axis.get_ylim()[1] for axis in axes)
    for axis in axes:
        axis.set_ylim(0, top)
    for shift in moved:
        mark: Any = shift.month
        axes[names.index(shift.team)].axvline(mark, color=charts.PURPLE, linewidth=1.2, linestyle=(0, (2, 2)))
    what = words.capital(measure_name(measure))
    still = (
        f"{names[0] if len(names) == 1 else 'no team'} shows {'no' if len(names) == 1 else 'a'} lasting step"
    )
    title = f"{what}: {shifts_in_words(moved, named=False) if moved else still}"
    alt = (
        f"{words.count_noun(len(names), 'small chart')}, one a team, on one scale, with months counted and "
        f"forecast. {title}."
    )
    tail = "; dashed vertical lines mark steps found" if moved else ", with 80% and 95% intervals"
    subtitle = f"{what} a month by team, {study.place}{tail}"
    if study.protected_months[measure].table.hidden:
        subtitle += "; small counts are left out, and others that would give them away"
    data = _team_months(f"teams.{measure}.data", f"{what} by team and month", frames)
    return Figure(f"teams.{measure}", title, subtitle, alt, sheet, data, f"{study.place}, activity")


def _team_months(table_id: str, title: str, frames: list[pd.DataFrame]) -> Table:
    """Set out the teams side by side, a row a month: counted, then the centre of the forecast."""
    rows = pd.concat(frames, ignore_index=True)
    rows["value"] = rows["count"].fillna(rows["central"].round(1)) if "central" in rows else rows["count"]
    grid = rows.pivot_table(index="month", columns="team", values="value", sort=False, dropna=False)
    counted = rows.groupby("month")["count"].apply(lambda part: part.notna().any())
    teams = [str(name) for name in grid.columns]
    grid = grid.sort_index().tail(_TABLE_MONTHS).reset_index()
    grid["when"] = [
        f"{month_name(m, short=True)}{'' if counted[m] else ' (forecast)'}" for m in grid["month"]
    ]
    columns = (Column("when", "Month"), *(Column(name, name, "number") for name in teams))
    return table_of(table_id, *columns).of(grid, title)


def _team_table(study: Study, measure: str) -> Table | Missing:
    rows = study.outlook.years
    rows = rows[(rows["measure"] == measure) & (rows["team"] != "")] if len(rows) else rows
    if rows.empty:
        return NO_TEAMS
    table = replace(YEARS, id=f"teams.{measure}", columns=(Column("team", "Team"), *YEARS.columns[1:]))
    return _years_table(study, rows, measure_name(measure), table)


def teams(study: Study) -> Section:
    """Show each team's months and forecast of the measures that weigh most on the teams."""
    return Section.of([[_team_figure(study, m), _team_table(study, m)] for m in TEAM_MEASURES])
