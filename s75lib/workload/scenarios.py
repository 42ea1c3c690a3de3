"""Scenarios: named sets of changes, run side by side with the forecast as it stands.

`scenarios` are those that the authority wrote, or `EXAMPLES`; `establishment` is the casework WTE that is
funded, `staffed` that in post with locums.
"""

from __future__ import annotations

__all__ = ["EXAMPLES", "Scenarios", "run_scenarios"]

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders import Scenario
from s75lib.present import Column, Figure, Headline, Section, Table, charts, table_of, words
from s75lib.workload.activity import (
    draw_fan,
    fan_columns,
    mark_months,
    measure_name,
    month_name,
    panel_title,
    panels,
)
from s75lib.workload.assumptions import TASKS, Assumptions
from s75lib.workload.demand import Outlook
from s75lib.workload.posts import NO_WORKFORCE, recruits
from s75lib.workload.reviews import expected_reviews
from s75lib.workload.staff import NO_STAFFING, StaffNeed, against, gap_tables, staff_needed, work_ahead

if TYPE_CHECKING:
    from s75lib.workload.study import Study

Array = npt.NDArray[np.float64]

EXAMPLES: tuple[Scenario, ...] = (
    Scenario("Demand 20% higher", demand={"all": 1.2}),
    Scenario("Two vacancies advertised now", posts_filled=2.0),
    Scenario("Two locums leave in three months", locums=-2.0, locums_from=4),
)
"""Used where an authority has written no scenarios of its own."""


@dataclass(frozen=True)
class Scenarios:
    """What the scenarios come to; the first row of each frame is the forecast as it stands.

    - `table`: scenario, central, its intervals and error (casework WTE on the mean of the months), and the
      columns of `s75lib.workload.staff.against`.
    - `months`: scenario, month, central and its intervals, staffed (median of the draws).
    """

    table: pd.DataFrame
    months: pd.DataFrame


def run_scenarios(
    scenarios: tuple[Scenario, ...],
    outlook: Outlook,
    assumptions: Assumptions,
    *,
    establishment: float,
    staffed: float,
    open_cases: float = math.nan,
) -> Scenarios:
    """Run scenarios and the baseline with the same random numbers.

    Posts to be filled are advertised in the scenario's month, and their people come when the time to recruit
    is over; posts that fall vacant, and locums, go or come at the start of their month.

    Examples
    --------
    >>> twice = (Scenario("Twice", demand={"all": 2.0}),)
    >>> ahead = expected_demand(monthly(hundred_reviews))
    >>> found = run_scenarios(twice, ahead, in_force(), establishment=8, staffed=8)
    >>> need = found.table.set_index("scenario")["central"]
    >>> round(float(need["Twice"] / need["As forecast"]), 2)
    2.0
    """
    work = work_ahead(outlook)
    start = pd.Timestamp(0) if work is None else work.start
    rows, months = [], []
    for item in (Scenario("As forecast"), *scenarios):
        needed = _needed(item, outlook, assumptions, open_cases, start)
        wte = needed.draws["casework"]
        there = _staff(item, staffed, assumptions, wte.shape, start)
        monthly = needed.months[needed.months["pool"] == "casework"].drop(columns="pool")
        found = against(
            wte, {"establishment": establishment, "staffed": there}, pd.DatetimeIndex(monthly["month"])
        )
        rows.append({"scenario": item.name, **needed.year("casework"), **found})
        months.append(monthly.assign(scenario=item.name, staffed=np.median(there, axis=0)))
    return Scenarios(pd.DataFrame(rows), pd.concat(months, ignore_index=True))


def without_hours(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Find the measures whose demand scenarios change though no hours are counted for them."""
    named = {measure for item in scenarios for measure in item.demand}
    return tuple(sorted(named - {*TASKS, "all"}))


def _place(month: int | str, start: pd.Timestamp) -> int:
    """Count a month from the first month forecast, which is 1."""
    if isinstance(month, int):
        return month
    when = pd.Timestamp(f"{month}-01")
    return 12 * (when.year - start.year) + when.month - start.month + 1


def _needed(
    item: Scenario, outlook: Outlook, assumptions: Assumptions, open_cases: float, start: pd.Timestamp
) -> StaffNeed:
    after = np.arange(1, outlook.horizon + 1) >= _place(item.demand_from, start)
    default = item.demand.get("all", 1.0)
    # Open cases are a stock: they follow demand only where the scenario names them.
    factors = {m: item.demand.get(m, 1.0 if m == "open_cases" else default) for m in TASKS}
    demand = {m: np.where(after, factor, 1.0) for m, factor in factors.items()}
    extra = _moved(item, outlook.horizon, assumptions, start) if item.people_moved else None
    return staff_needed(outlook, assumptions, open_cases=open_cases, demand=demand, extra_hours=extra)


def _moved(item: Scenario, horizon: int, assumptions: Assumptions, start: pd.Timestamp) -> Array:
    late = _place(item.moved_from, start) - 1
    table = expected_reviews(item.people_moved, assumptions, months=max(horizon - late, 1))
    people = table["moved"].to_numpy() / assumptions.central("packages_per_person")
    hours = (
        table["light_touch"].to_numpy() * assumptions.central("hours_per_light_touch_review")
        + table["yearly"].to_numpy() * assumptions.central("hours_per_review")
        + people * assumptions.central("hours_per_case_per_month")
    )
    return np.concatenate([np.zeros(max(late, 0)), hours[max(-late, 0) :]])[:horizon]


def _staff(
    item: Scenario, staffed: float, assumptions: Assumptions, shape: tuple[int, ...], start: pd.Timestamp
) -> Array:
    n, months = shape
    step = np.arange(1, months + 1)
    posts_from = _place(item.posts_from, start)
    if item.posts_filled > 0:
        filled = recruits(item.posts_filled, posts_from, months, assumptions, n)
    else:
        filled = np.tile(np.where(step >= posts_from, item.posts_filled, 0.0), (n, 1))
    locums = np.where(step >= _place(item.locums_from, start), item.locums, 0.0)
    return np.maximum(staffed + filled + locums, 0.0)


def headlines(study: Study) -> list[Headline]:
    """Say which scenario is the hardest and which the easiest."""
    if study.scenarios is None or len(study.scenarios.table) < 2:
        return []
    table = study.scenarios.table.iloc[1:].sort_values("gap_to_staffed")
    worst, best = table.iloc[-1], table.iloc[0]
    text = f"“{worst['scenario']}” is the hardest scenario: {_gap(worst)}"
    if not pd.isna(worst["first_gap_to_staffed"]):
        text += f", from {month_name(worst['first_gap_to_staffed'])}"
    gap = [float(worst[f"{name}_to_staffed"]) for name in ("gap", "gap_lower", "gap_upper")]
    text += f". The 95% interval of that gap is {words.interval(gap[1], gap[2], unit='WTE')}"
    if len(table) > 1:
        text += f". The easiest is “{best['scenario']}”: {_gap(best)}"
    method = "the forecast's draws with the scenario's changes, against those in post with locums"
    cell = ("scenarios.staffed", str(worst["scenario"]), "gap")
    return [Headline("workload.scenarios", f"{text}.", gap[0], "WTE", gap[1], gap[2], method, cell=cell)]


def _gap(row: pd.Series) -> str:
    gap = float(row["gap_to_staffed"])
    side = "short" if gap > 0 else "to spare"
    chance = words.percent(100 * row["p_gap_to_staffed"], 0)
    return f"{words.number(abs(gap), 1)} WTE {side}, with a chance of a gap of {chance}"


BY_MONTH = table_of(
    "scenarios.data",
    Column("scenario", "Scenario"),
    *fan_columns("Needed", "WTE"),
    Column("staffed", "In post", "number", 1, "WTE"),
)


def _figure(study: Study, found: Scenarios) -> Figure:
    names = list(found.table["scenario"])
    sheet, axes = panels(len(names), columns=2, height=1.9)
    rows = found.months
    low, high = float(rows["lower_95"].min()), float(rows["upper_95"].max())
    funded = float(found.table["establishment"].iloc[0])
    for axis, name in zip(axes, names, strict=True):
        part = rows[rows["scenario"] == name]
        draw_fan(axis, part)
        axis.plot(part["month"], part["staffed"], color=charts.INK, linewidth=1.8)
        axis.axhline(funded, color=charts.PURPLE, linewidth=1.1, linestyle=(0, (1, 2)))
        axis.set_ylim(max(0, low - 3), max(high, funded) + 3)
        mark_months(axis, part["month"])
        panel_title(axis, name)
    first = rows[rows["scenario"] == names[0]]
    end = (first["month"].iloc[-1], float(first["staffed"].iloc[-1]))
    charts.note(axes[0], "in post", end, (0, 3), ha="right", color=charts.INK)
    charts.note(axes[0], "funded", (first["month"].iloc[0], funded), (0, 3), color=charts.PURPLE)
    worst = found.table.sort_values("p_gap_to_staffed").iloc[-1]
    chance = words.percent(100 * worst["p_gap_to_staffed"], 0)
    title = f"Too few in post is likeliest with “{worst['scenario']}”: {chance}"
    alt = (
        f"{words.count_noun(len(names), 'small chart')}, one a scenario, of the WTE needed with 80% and 95% "
        f"bands, those in post with locums as a solid line and the funded posts as a dotted one. {title}."
    )
    subtitle = (
        "Casework WTE needed (dashed, with intervals), in post with locums (solid) and funded (dotted), "
        f"{study.place}"
    )
    data = BY_MONTH.of(rows, "Casework WTE needed and in post by scenario and month")
    source = f"{study.place}, activity, assumptions, workforce"
    return Figure("scenarios", title, subtitle, alt, sheet, data, source)


def _tables(study: Study, found: Scenarios) -> list[Table]:
    own = study.data.scenarios
    idle = words.join([measure_name(measure) for measure in without_hours(own)])
    notes = [
        "All scenarios share their random numbers, so that they differ by what they change alone. Posts to "
        "be filled are advertised in the scenario's month, and staff come after the time to recruit.",
        f"No hours are counted for {idle}: a change of that demand alters no staff needed." if idle else "",
        "" if own else "The authority has no scenarios.toml: these are examples.",
    ]
    first = Column("scenario", "Scenario")
    return gap_tables(study, found.table, first, "scenarios", "Scenarios side by side", notes)


def section(study: Study) -> Section:
    """Show the scenarios side by side."""
    found = study.scenarios
    if found is None:
        return Section.of(NO_STAFFING if study.need.is_empty else NO_WORKFORCE)
    return Section.of(headlines(study), _figure(study, found), _tables(study, found))
