"""Monthly activity: its series, the names of its measures, and its months as they may be shown and drawn.

A `measure` goes by its name in the data.
"""

from __future__ import annotations

__all__ = ["ALL_TEAMS", "TEAM_MEASURES", "Monthly", "measure_name", "monthly"]

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from s75lib.loaders import Period
from s75lib.loaders.schemas import MEASURES, Measure
from s75lib.loaders.values import slug_of
from s75lib.present import Column, Missing, Need, Protected, Table, charts, words
from s75lib.present.disclosure import Decisions, as_decided
from s75lib.workload.disclosure import ALL_TEAMS, YEAR

if TYPE_CHECKING:
    from s75lib.workload.study import Study

TEAM_MEASURES = ("case_allocation_requests", "reviews")
"""Measures that weigh most on the teams, shown team by team."""
SMALL = 9.0
"""Size of small letters in charts, in points."""
HATCHED: dict[str, Any] = {"hatch": "///", "edgecolor": "white", "linewidth": 0}
"""How bars look that must differ from their neighbours by more than colour."""

_UNIT = ["measure", "service_group", "team"]
# A unit silent for no more than these last months is late with its return, not closed.
_LATE_MONTHS = 2
YEAR_OF_MONTHS = 12
_YEARS = {"before_12": "12 months before", "last_12": "Last 12 months"}
_ENDS = {"lower": "from", "upper": "to"}
# Of a grid of panels, in inches: numbers on the left, months below, titles above, and room between.
_WIDE, _LEFT, _RIGHT, _BOTTOM, _TOP, _GAP, _DOWN = charts.WIDE, 0.5, 0.2, 0.35, 0.42, 0.5, 0.72

ACTIVITY = Need(
    "activity",
    ("month", "measure", "count", "service_group", "team"),
    "forecasts of demand by team, and steps",
)
NO_ACTIVITY = Missing("No monthly activity is held, so nothing can be forecast.", (ACTIVITY,))


def measure_name(measure: str) -> str:
    """Name what a measure counts, in the plural: one of the contract's vocabulary, or of the authority's own.

    Examples
    --------
    >>> measure_name("carers_assessments")
    "carers' assessments"
    """
    known = MEASURES.get(measure)
    return known.name if known else measure.replace("_", " ")


def is_stock(measure: str, measures: Mapping[str, Measure] = MEASURES) -> bool:
    """Whether a measure is a count on one day, which does not add up over months.

    >>> is_stock("delayed_people"), is_stock("reviews")
    (True, False)
    """
    return measure in measures and measures[measure].kind == "stock"


def month_name(month: pd.Timestamp, *, short: bool = False) -> str:
    """Write a month as people do, such as August 2019, or Aug 2019 if short."""
    return f"{month:%b %Y}" if short else f"{month:%B %Y}"


@dataclass(frozen=True)
class Monthly:
    """Monthly series of every measure.

    - `totals`: All teams together: measure, month (every month from the first to the last), count (NaN where
      not known), units (that reported).
    - `teams`: measure, service_group, team, month (every month from the team's first to its last), count (NaN
      where silent, or where the count is not known).
    - `measures`: Those that are known.
    """

    totals: pd.DataFrame
    teams: pd.DataFrame
    measures: Mapping[str, Measure] = field(default_factory=lambda: MEASURES, repr=False)

    @cached_property
    def series(self) -> dict[tuple[str, str], pd.Series]:
        """Each series by measure and team, its counts by month; those of all teams (team empty) first."""
        return {
            (str(measure), str(team)): rows.set_index("month")["count"].astype(float)
            for frame in (self.totals.assign(team=""), self.teams)
            for (measure, team), rows in frame.groupby(["measure", "team"])
        }


def monthly(activity: pd.DataFrame) -> Monthly:
    """Set out the activity as monthly series, in all and by team.

    Rows without team and service group are the total where a measure has them; else a group's rows without
    team stand for the group; else the teams are added. A month in which a unit is silent that reports before
    and after, or that stops at most two months before the end, has no total: a sum without it would look
    like a fall. A unit that starts later or stops for longer counts only while it reports. Rows without a
    team belong to no team's series.

    Examples
    --------
    Beech is silent in May, so May has no total:

    >>> months = pd.to_datetime(["2025-04-01", "2025-05-01", "2025-06-01", "2025-04-01", "2025-06-01"])
    >>> teams = ["Alder", "Alder", "Alder", "Beech", "Beech"]
    >>> rows = pd.DataFrame({"month": months, "team": teams, "count": [3, 3, 3, 4, 4]})
    >>> found = monthly(rows.assign(measure="reviews", service_group="AMH"))
    >>> found.totals["count"].tolist(), found.teams.groupby("team")["count"].sum().to_dict()
    ([7.0, nan, 7.0], {'Alder': 9.0, 'Beech': 8.0})
    """
    if activity.empty:
        whole = pd.DataFrame(columns=["measure", "month", "count", "units"])
        return Monthly(whole, pd.DataFrame(columns=[*_UNIT, "month", "count"]))
    months = pd.date_range(activity["month"].min(), activity["month"].max(), freq="MS", name="month")
    cells = activity["count"].astype(float).groupby([activity[name] for name in (*_UNIT, "month")])
    # Months × units: counts, NaN where not known, and whether there is a row, its count known or not.
    counts = cells.sum(min_count=1).unstack(_UNIT).reindex(months)  # noqa: PD010 – added up above
    told = cells.size().unstack(_UNIT).reindex(months).notna()  # noqa: PD010
    measure, team = (counts.columns.get_level_values(name) for name in ("measure", "team"))
    totals = [
        _total(counts.loc[:, measure == name], told.loc[:, measure == name]).assign(measure=name)
        for name in measure.unique()
    ]
    own = counts.loc[:, team != ""].melt(ignore_index=False).reset_index().rename(columns={"value": "count"})
    held = _between(told.loc[:, team != ""].to_numpy()).T.ravel()
    return Monthly(
        totals=pd.concat(totals, ignore_index=True)[["measure", "month", "count", "units"]],
        teams=own.loc[held, [*_UNIT, "month", "count"]].reset_index(drop=True),
    )


def last_twelve(counts: pd.Series, *, ending: pd.Timestamp, back: int = 0) -> float:
    """Add the twelve months up to `ending`, or up to so many months back; NaN unless all of them are known.

    >>> months = pd.date_range("2024-04-01", periods=12, freq="MS")
    >>> last_twelve(pd.Series(2.0, index=months), ending=months[-1])
    24.0
    """
    last = ending - pd.DateOffset(months=back)
    year = counts[(counts.index > last - pd.DateOffset(months=12)) & (counts.index <= last)]
    return float(year.sum()) if year.notna().sum() == 12 else math.nan


def _total(counts: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Add one measure's widest units, with no total where one that exists is silent."""
    held = is_widest(counts.columns.to_frame(index=False)).to_numpy()
    seen = np.flatnonzero(told.loc[:, held].any(axis=1))
    own = counts.iloc[seen[0] : seen[-1] + 1, held]
    known = own.notna().to_numpy()
    silent = (_between(known, _LATE_MONTHS) & ~known).any(axis=1) | ~known.any(axis=1)
    total = own.sum(axis=1).mask(silent)
    return pd.DataFrame({"count": total, "units": known.sum(axis=1)}).reset_index()


def is_widest(units: pd.DataFrame) -> pd.Series:
    """Mark one measure's widest units: its total, else groups, else teams."""
    no_team, group = units["team"].eq(""), units["service_group"]
    is_whole = no_team & group.eq("")
    return is_whole if is_whole.any() else no_team | ~group.isin(group[no_team].unique())


def _between(seen: npt.NDArray[np.bool_], late: int = 0) -> npt.NDArray[np.bool_]:
    """Mark months from the first seen to the last, or to the end if it is at most `late` months off."""
    month, end = np.arange(len(seen))[:, None], len(seen) - 1
    first, last = seen.argmax(axis=0), end - seen[::-1].argmax(axis=0)
    return np.asarray((month >= first) & (month <= np.where(last >= end - late, end, last)))


def protected_months(
    totals: pd.DataFrame, teams: pd.DataFrame, measure: str, found: Decisions, fewest: int, *, rounded: bool
) -> Protected:
    """Set out one measure's months and its last two years, all teams together and, if so decided, by team.

    A row a month, then the twelve months before the last twelve, and the last twelve, as far as all are
    known; columns month (NaT for the years), when, each team, and `ALL_TEAMS`. `found` is what
    `s75lib.workload.disclosure.decided_months` gives.
    """
    whole = totals[totals["measure"] == measure]
    month, months = pd.DatetimeIndex(whole["month"]), len(whole)
    wide = whole.set_index("month")[["count"]].set_axis([ALL_TEAMS], axis=1)
    if (teams["measure"] == measure).any():
        wide = of_teams(teams, measure).reindex(month).join(wide)
    counts, known = list(map(str, wide)), wide.to_numpy(dtype=float)
    starts = zip(_YEARS.values(), (months - 24, months - 12), strict=True)
    years = {when: range(start, start + 12) for when, start in starts if start >= 0}
    cells = np.vstack([known, *(known[span].sum(axis=0) for span in years.values())])
    frame = pd.DataFrame(dict(zip(counts, cells.T, strict=True)))
    frame["month"] = month.append(pd.DatetimeIndex([pd.NaT] * len(years), dtype=month.dtype))
    frame["when"] = [*(month_name(each, short=True) for each in month), *years]
    columns = (Column("when", "Month"), *(Column(name, name, "number") for name in counts))
    when = [*((each,) for each in month), *((month[span[-1]], YEAR) for span in years.values())]
    name = words.capital(measure_name(measure))
    return as_decided(
        Table(f"monthly.{slug_of(measure)}", f"{name} by month", frame, columns),
        {name: [(measure, name, *each) for each in when] for name in counts},
        found,
        fewest,
        rounded=rounded,
    )


def of_teams(teams: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Set the teams of one measure beside each other, a row a month."""
    rows = teams[teams["measure"] == measure]
    # Not a pivot table, which would add up or leave out a month that is there twice.
    return rows.pivot(index="month", columns="team", values="count")  # noqa: PD010


def hidden_years(study: Study, measure: str, team: str = ALL_TEAMS) -> set[str]:
    """Say which of the last two years' totals may not be shown: ``before_12``, ``last_12``."""
    frame = study.protected_months[measure].table.frame
    if team not in frame:
        return set()
    years = frame.loc[frame["month"].isna(), team].isna()
    names = list(_YEARS)[len(_YEARS) - len(years) :]
    return {name for name, is_hidden in zip(names, years, strict=True) if is_hidden}


def twelve_months(compared: Period) -> str:
    """Name the twelve months of the period asked for."""
    same = "the same month of " if compared.kind == "year" else ""
    return f"12 months to {same}{words.when(compared.label)}"


def year_asked(study: Study, measure: str, team: str) -> float:
    """Add the twelve months asked for; NaN where one may not be shown or is of the latest twelve."""
    shown, other = months_shown(study, measure, team), study.data.compared
    last = shown["month"].max()
    back = other.months_back(last) if other else 0
    if back < YEAR_OF_MONTHS:
        return math.nan
    return last_twelve(shown.set_index("month")["count"], ending=last, back=back)


def months_shown(study: Study, measure: str, team: str = ALL_TEAMS) -> pd.DataFrame:
    """Give the months of one measure as they may be drawn, NaN where hidden or not known."""
    frame = study.protected_months[measure].table.frame
    known = frame[frame["month"].notna()]
    return pd.DataFrame({"month": known["month"], "count": known[team].astype(float)})


def ranges(
    rows: pd.DataFrame, lower: str = "lower_95", upper: str = "upper_95", decimals: int = 1, unit: str = ""
) -> list[str]:
    """Write the intervals of two columns, such as 4.1 to 6.3."""
    ends = zip(rows[lower], rows[upper], strict=True)
    return ["–" if pd.isna(low) else words.interval(low, high, decimals, unit) for low, high in ends]


def estimate(row: Mapping[Any, Any] | pd.Series, central: str = "central") -> dict[str, Any]:
    """Give a headline's value with its 95% interval from a row of draws summed up."""
    return {"value": float(row[central]), "lower": float(row["lower_95"]), "upper": float(row["upper_95"])}


def panels(count: int, *, columns: int, height: float = 1.75) -> tuple[Drawing, list[Axes]]:
    """Start a grid of small panels, as many as are needed, each so many inches high."""
    across = min(columns, count)
    rows = math.ceil(count / across)
    tall = 0.35 + height * rows
    sheet, axes = charts.drawing(tall, rows=rows, columns=across, squeeze=False)
    # Panels are all alike, so that their places need no search; it would take more time than the drawing.
    sheet.set_layout_engine(None)
    room = _WIDE - _LEFT - _RIGHT - (across - 1) * _GAP, tall - _TOP - _BOTTOM - (rows - 1) * _DOWN
    sheet.subplots_adjust(
        left=_LEFT / _WIDE,
        right=1 - _RIGHT / _WIDE,
        bottom=_BOTTOM / tall,
        top=1 - _TOP / tall,
        wspace=_GAP * across / room[0],
        hspace=_DOWN * rows / room[1],
    )
    flat: list[Axes] = list(np.ravel(axes))
    for axis in flat[count:]:
        sheet.delaxes(axis)
    for axis in flat[:count]:
        axis.tick_params(labelsize=SMALL)
        axis.yaxis.set_major_locator(MaxNLocator(3))
    return sheet, flat[:count]


def panel_title(axis: Axes, text: str) -> None:
    """Write a small panel's title."""
    charts.panel_title(axis, text, size=9.5, pad=4)


def mark_months(axis: Axes, months: Any, *, most: int = 2) -> None:
    """Mark the Aprils, or the first and last month where there are none."""
    every = pd.DatetimeIndex(months)
    marks = every[every.month == 4]
    if len(marks) < 2:
        marks = every[[0, -1]]
    if len(marks) > most:
        marks = marks[:: math.ceil(len(marks) / most)]
    axis.set_xticks(np.asarray(marks), [f"{mark:%b %y}" for mark in marks], fontsize=SMALL)
    if marks[-1] == every[-1]:  # a panel's end, beside which another may begin
        axis.get_xticklabels()[-1].set_horizontalalignment("right")


def draw_months(axis: Axes, past: pd.DataFrame, ahead: pd.DataFrame) -> None:
    """Draw what was counted in grey and what is expected with its intervals."""
    axis.plot(past["month"], past["count"], color=charts.GREY, linewidth=1.2)
    if len(ahead):
        for level, alpha in ((95, 0.16), (80, 0.30)):
            ends = ahead[f"lower_{level}"], ahead[f"upper_{level}"]
            axis.fill_between(ahead["month"], *ends, color=charts.BLUE, alpha=alpha, linewidth=0)
        axis.plot(ahead["month"], ahead["central"], color=charts.BLUE, linewidth=1.6, linestyle=(0, (4, 2)))
    axis.set_ylim(bottom=0)
    mark_months(axis, [*past["month"], *(ahead["month"] if len(ahead) else [])])


def draw_fan(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw a central line with its 80% and 95% bands."""
    bands = [(rows[f"lower_{level}"], rows[f"upper_{level}"], "") for level in (95, 80)]
    charts.fan(axis, rows["month"], rows["central"], bands)


def interval_columns(unit: str = "", decimals: int = 0) -> tuple[Column, ...]:
    """Give the columns of the ends of the 80% and 95% intervals."""
    return tuple(
        Column(f"{end}_{level}", f"{level}% {way}", "number", decimals, unit)
        for level in (80, 95)
        for end, way in _ENDS.items()
    )


def fan_columns(central: str, unit: str, decimals: int = 1) -> tuple[Column, ...]:
    """Give the columns of a fan's table: month, centre and the ends of both intervals."""
    return (
        Column("month", "Month", "date"),
        Column("central", central, "number", decimals, unit),
        *interval_columns(unit, decimals),
    )
