"""Charts of the activity: every measure with its forecast, teams side by side, steps."""

from __future__ import annotations

__all__ = ["forecasts", "shifts", "teams"]

from typing import Any

import pandas as pd

from s75lib.present import Column, Figure, Missing, Table, charts, words
from s75lib.workload import shown
from s75lib.workload.figures.panels import grid, history, panel_title
from s75lib.workload.naming import capital, measure_name, month_name
from s75lib.workload.needs import NO_ACTIVITY, NO_TEAMS
from s75lib.workload.shifts import Shift
from s75lib.workload.study import Study

_MOST_STEPS, _MOST_SAID = 6, 3
_TABLE_MONTHS = 24
_ENDS = ("central", "lower_80", "upper_80", "lower_95", "upper_95")


def forecasts(work: Study) -> Figure | Missing:
    """Draw every measure's months, all teams together, with the forecast.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    if work.ahead.is_empty:
        return NO_ACTIVITY
    measures = list(work.ahead.paths)
    sheet, axes = grid(len(measures), columns=3)
    frames = []
    for axis, measure in zip(axes, measures, strict=True):
        ahead = work.ahead.months
        ahead = ahead[(ahead["measure"] == measure) & (ahead["team"] == "")]
        history(axis, shown.months(work, measure), ahead)
        panel_title(axis, capital(measure_name(measure)))
        frames.append(ahead)
    rows = work.ahead.years[(work.ahead.years["team"] == "") & ~work.ahead.years["is_stock"]]
    up = rows[rows["lower_95"] > rows["last_12"]]
    down = rows[rows["upper_95"] < rows["last_12"]]
    title = _direction(up, down, work.ahead.horizon)
    alt = (
        f"{words.count_noun(len(measures), 'small chart')}, one a measure, each with its months up to "
        f"{month_name(work.totals['month'].max())} as a grey line and the forecast as a dashed blue line "
        f"with darker 80% and lighter 95% bands. {title}."
    )
    subtitle = (
        f"A month, all teams, {work.place.name}: counted (grey), forecast (dashed) with 80% and 95% intervals"
    )
    data = _data("forecasts.data", "Forecast by month, all teams", frames)
    return Figure("forecasts", title, subtitle, alt, sheet, data, f"{work.place.name}, activity")


def teams(work: Study, measure: str) -> Figure | Missing:
    """Draw each team's months of one measure with the forecast.

    Parameters
    ----------
    work : Study
    measure : str

    Returns
    -------
    Figure or Missing
    """
    rows = work.teams[work.teams["measure"] == measure] if len(work.teams) else work.teams
    names = list(dict.fromkeys(rows["team"])) if len(rows) else []
    if len(names) < 2:
        return NO_TEAMS
    sheet, axes = grid(len(names), columns=4, height=1.55)
    top = 0.0
    frames = []
    for axis, team in zip(axes, names, strict=True):
        past = shown.months(work, measure, team)
        ahead = work.ahead.months
        ahead = ahead[(ahead["measure"] == measure) & (ahead["team"] == team)]
        history(axis, past, ahead)
        panel_title(axis, team)
        top = max(top, axis.get_ylim()[1])
        for shift in work.shifts.found:
            if (shift.measure, shift.team) == (measure, team):
                mark: Any = shift.month
                axis.axvline(mark, color=charts.ORANGE, linewidth=1.2, linestyle=(0, (2, 2)))
        frames += [past.assign(team=team), ahead]
    for axis in axes:
        axis.set_ylim(0, top)
    moved = [s for s in work.shifts.found if s.measure == measure and s.team]
    what = capital(measure_name(measure))
    title = f"{what}: {_moved(moved, named=False)}" if moved else f"{what}: no team shows a lasting step"
    alt = (
        f"{words.count_noun(len(names), 'small chart')}, one a team, on one scale, with months counted and "
        f"forecast. {title}."
    )
    tail = "; dashed vertical lines mark steps found" if moved else ", with 80% and 95% intervals"
    subtitle = f"{what} a month by team, {work.place.name}{tail}"
    if shown.monthly(work, measure).table.hidden:
        subtitle += "; small counts are left out, and others that would give them away"
    data = _wide(f"teams.{measure}.data", f"{what} by team and month", frames)
    return Figure(f"teams.{measure}", title, subtitle, alt, sheet, data, f"{work.place.name}, activity")


def shifts(work: Study) -> Figure | Missing | list[Figure]:
    """Draw each step with what would have been without it.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure, Missing or list
        An empty list where there is no step to draw.
    """
    if work.totals.empty:
        return NO_ACTIVITY
    given = [s for s in work.given if s.is_clear]
    whole = [s for s in work.shifts.found if not s.team]
    # The teams' own steps are marked in their charts.
    chosen = ([*given, *whole] or list(work.shifts.found))[:_MOST_STEPS]
    if not chosen:
        return []
    sheet, axes = grid(len(chosen), columns=2, height=2.1)
    frames = []
    for axis, shift in zip(axes, chosen, strict=True):
        table = shift.table.assign(measure=shift.measure, team=shift.team)
        known = shown.months(work, shift.measure, shift.team or shown.ALL)
        table["actual"] = known.set_index("month")["count"].reindex(table["month"]).to_numpy()
        after = table[table["month"] >= shift.month]
        axis.plot(table["month"], table["actual"], color=charts.GREY, linewidth=1.1)
        axis.plot(table["month"], table["fitted"], color=charts.BLUE, linewidth=1.6)
        axis.fill_between(
            after["month"], after["counterfactual_lower"], after["counterfactual_upper"],
            color=charts.ORANGE, alpha=0.2, linewidth=0,
        )  # fmt: skip
        axis.plot(
            after["month"], after["counterfactual"], color=charts.ORANGE, linewidth=1.6, linestyle=(0, (4, 2))
        )
        axis.set_ylim(bottom=0)
        panel_title(axis, f"{capital(measure_name(shift.measure))}, {shift.team or 'all teams'}")
        every = table["month"]
        axis.set_xticks(
            [every.iloc[0], shift.month], [f"{every.iloc[0]:%b %y}", f"{shift.month:%b %y}"], fontsize=9
        )
        frames.append(table)
    first = axes[0]
    table = frames[0]
    first.annotate(
        "without the step", (table["month"].iloc[-1], float(table["counterfactual"].iloc[-1])), (0, -13),
        textcoords="offset points", ha="right", fontsize=9, color="#B3400B",
    )  # fmt: skip
    title = _moved(chosen)
    title = capital(title)
    alt = (
        f"{words.count_noun(len(chosen), 'small chart')} of monthly counts with the level fitted before and "
        f"after the step and, dashed, what would have been without it, with its 95% interval. {title}."
    )
    subtitle = (
        f"A month, {work.place.name}: counted (grey), fitted (blue), without the step (dashed, 95% interval)"
    )
    columns = (
        Column("measure", "Measure"),
        Column("team", "Team"),
        Column("month", "Month", "date"),
        Column("actual", "Counted", "number"),
        Column("fitted", "Fitted", "number", 1),
        Column("counterfactual", "Without the step", "number", 1),
    )
    data = pd.concat(
        [f[f["month"] >= s.month] for f, s in zip(frames, chosen, strict=True)], ignore_index=True
    )
    data["measure"] = [capital(measure_name(m)) for m in data["measure"]]
    held = Table("shifts.data", "Months since each step: counted, fitted and without it", data, columns)
    return Figure("shifts", title, subtitle, alt, sheet, held, f"{work.place.name}, activity")


def _moved(found: list[Shift], *, named: bool = True) -> str:
    """Say which series stepped, by how much and when."""
    said = []
    for shift in found[:_MOST_SAID]:
        size = abs(100 * (shift.ratio - 1))
        verb = words.rose_fell(shift.ratio - 1)
        what = measure_name(shift.measure)
        where = f"{what} in {shift.team}" if named and shift.team else shift.team or what
        said.append(f"{where} {verb} by {words.percent(size, 0)} from {month_name(shift.month)}")
    if len(found) > _MOST_SAID:
        said.append(f"{words.number(len(found) - _MOST_SAID)} more stepped")
    return words.join(said)


def _direction(up: pd.DataFrame, down: pd.DataFrame, horizon: int) -> str:
    """Say which measures the forecast puts clearly above or below the last twelve months."""
    said = []
    for rows, verb in ((up, "rise"), (down, "fall")):
        if len(rows):
            said.append(f"{words.join([measure_name(m) for m in rows['measure']])} {verb}")
    if horizon != 12 or not said:
        return "No measure is forecast clearly above or below its last twelve months"
    return capital(
        f"forecast for the next {words.number(horizon)} months: {words.join(said)}; the rest stay in range"
    )


def _data(table_id: str, title: str, frames: list[pd.DataFrame]) -> Table:
    """Set out the months forecast, a row each."""
    rows = pd.concat(frames, ignore_index=True).reindex(columns=["measure", "month", *_ENDS])
    rows = rows[rows["central"].notna()].reset_index(drop=True)
    rows["measure"] = [capital(measure_name(m)) for m in rows["measure"]]
    rows["when"] = [month_name(month, short=True) for month in rows["month"]]
    for level in (80, 95):
        rows[f"within_{level}"] = [
            words.interval(low, high, 0)
            for low, high in zip(rows[f"lower_{level}"], rows[f"upper_{level}"], strict=True)
        ]
    columns = (
        Column("measure", "Measure"),
        Column("when", "Month"),
        Column("central", "Forecast", "number"),
        Column("within_80", "80% interval"),
        Column("within_95", "95% interval"),
    )
    return Table(table_id, title, rows, columns)


def _wide(table_id: str, title: str, frames: list[pd.DataFrame]) -> Table:
    """Set out the teams side by side, a row a month: counted, then the centre of the forecast."""
    rows = pd.concat(frames, ignore_index=True)
    rows["value"] = rows["count"].fillna(rows["central"].round(1)) if "central" in rows else rows["count"]
    grid = rows.pivot_table(
        index="month", columns="team", values="value", sort=False, dropna=False
    ).sort_index()
    counted = rows.groupby("month")["count"].apply(lambda part: part.notna().any())
    teams = [str(name) for name in grid.columns]
    grid = grid.tail(_TABLE_MONTHS).reset_index()
    grid["when"] = [
        f"{month_name(m, short=True)}{'' if counted[m] else ' (forecast)'}" for m in grid["month"]
    ]
    columns = (Column("when", "Month"), *(Column(name, name, "number") for name in teams))
    return Table(table_id, title, grid, columns)
