"""Named sets of changes, run side by side with the forecast as it stands."""

from __future__ import annotations

__all__ = ["EXAMPLES", "Run", "run", "without_hours"]

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders import Scenario
from s75lib.workload.assumptions import Assumptions
from s75lib.workload.outlook import Outlook
from s75lib.workload.recruitment import recruits
from s75lib.workload.reviews import held_curve
from s75lib.workload.staffing import TASKS, Required, against, required, work_ahead

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """What the scenarios come to.

    Parameters
    ----------
    table : DataFrame
        scenario, central, lower_80, upper_80, lower_95, upper_95 (casework WTE needed on the mean of the
        months), error (standard error of the central figure from the finite number of draws), and the
        columns of `s75lib.workload.staffing.gaps.against`. The first row is the baseline.
    months : DataFrame
        scenario, month, central, lower_80, upper_80, lower_95, upper_95, staffed (median of the draws).
    """

    table: pd.DataFrame
    months: pd.DataFrame


EXAMPLES: tuple[Scenario, ...] = (
    Scenario("Demand 20% higher", demand={"all": 1.2}),
    Scenario("Two vacancies advertised now", posts_filled=2.0),
    Scenario("Two locums leave in three months", locums=-2.0, locums_from=4),
)
"""Used where an authority has written no scenarios of its own."""


def run(
    scenarios: tuple[Scenario, ...],
    ahead: Outlook,
    held: Assumptions,
    *,
    establishment: float,
    staffed: float,
    open_cases: float = math.nan,
) -> Run:
    """Run scenarios and the baseline with the same random numbers.

    Parameters
    ----------
    scenarios : tuple of Scenario
    ahead : Outlook
    held : Assumptions
    establishment, staffed : float
        Casework WTE: funded, and in post with locums.
    open_cases : float
        As in `s75lib.workload.staffing.required`.

    Returns
    -------
    Run

    Notes
    -----
    Posts to be filled are advertised in the scenario's month, and their people come when the time to recruit
    is over; posts that fall vacant, and locums, go or come at the start of their month.
    """
    work = work_ahead(ahead)
    start = pd.Timestamp(0) if work is None else work.start
    rows, months = [], []
    for item in (Scenario("As forecast"), *scenarios):
        needed = _needed(item, ahead, held, open_cases, start)
        wte = needed.draws["casework"]
        there = _staff(item, staffed, held, wte.shape, start)
        monthly = needed.months[needed.months["pool"] == "casework"].drop(columns="pool")
        found = against(
            wte, {"establishment": establishment, "staffed": there}, pd.DatetimeIndex(monthly["month"])
        )
        rows.append({"scenario": item.name, **needed.year("casework"), **found})
        months.append(monthly.assign(scenario=item.name, staffed=np.median(there, axis=0)))
    return Run(pd.DataFrame(rows), pd.concat(months, ignore_index=True))


def without_hours(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Find the measures whose demand scenarios change though no hours are counted for them.

    Parameters
    ----------
    scenarios : sequence of Scenario

    Returns
    -------
    tuple of str
        Such a change alters no staff needed.
    """
    named = {measure for item in scenarios for measure in item.demand}
    return tuple(sorted(named - {*TASKS, "all"}))


def _place(month: int | str, start: pd.Timestamp) -> int:
    """Count a month from the first month forecast, which is 1."""
    if isinstance(month, int):
        return month
    when = pd.Timestamp(f"{month}-01")
    return 12 * (when.year - start.year) + when.month - start.month + 1


def _needed(
    item: Scenario, ahead: Outlook, held: Assumptions, open_cases: float, start: pd.Timestamp
) -> Required:
    after = np.arange(1, ahead.horizon + 1) >= _place(item.demand_from, start)
    default = item.demand.get("all", 1.0)
    # Open cases are a stock: they follow demand only where the scenario names them.
    factors = {m: item.demand.get(m, 1.0 if m == "open_cases" else default) for m in TASKS}
    demand = {m: np.where(after, factor, 1.0) for m, factor in factors.items()}
    extra = _moved(item, ahead.horizon, held, start) if item.people_moved else None
    return required(ahead, held, open_cases=open_cases, demand=demand, extra_hours=extra)


def _moved(item: Scenario, horizon: int, held: Assumptions, start: pd.Timestamp) -> Array:
    """Hours of reviews and of casework for the people who come."""
    late = _place(item.moved_from, start) - 1
    table = held_curve(item.people_moved, held, months=max(horizon - late, 1))
    people = table["moved"].to_numpy() / held.central("packages_per_person")
    hours = (
        table["light_touch"].to_numpy() * held.central("hours_per_light_touch_review")
        + table["yearly"].to_numpy() * held.central("hours_per_review")
        + people * held.central("hours_per_case_per_month")
    )
    return np.concatenate([np.zeros(max(late, 0)), hours[max(-late, 0) :]])[:horizon]


def _staff(
    item: Scenario, staffed: float, held: Assumptions, shape: tuple[int, ...], start: pd.Timestamp
) -> Array:
    """Draw those in post with locums, month by month."""
    n, months = shape
    step = np.arange(1, months + 1)
    posts_from = _place(item.posts_from, start)
    if item.posts_filled > 0:
        filled = recruits(item.posts_filled, posts_from, months, held, n)
    else:
        filled = np.tile(np.where(step >= posts_from, item.posts_filled, 0.0), (n, 1))
    locums = np.where(step >= _place(item.locums_from, start), item.locums, 0.0)
    return np.maximum(staffed + filled + locums, 0.0)
