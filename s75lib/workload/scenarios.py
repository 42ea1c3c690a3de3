"""Named sets of changes, run side by side with the forecast as it stands."""

from __future__ import annotations

__all__ = ["EXAMPLES", "Run", "Scenario", "read", "run"]

import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import ConfigError
from s75lib.workload.assumptions import Assumptions
from s75lib.workload.outlook import Outlook
from s75lib.workload.reviews import curve, spread_evenly
from s75lib.workload.staffing import TASKS, Required, required

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scenario:
    """Changes against the forecast; months count from the first month forecast, which is 1.

    Parameters
    ----------
    name : str
    demand : dict of str to float
        Factor on a measure's demand; ``all`` stands for every measure that is not named.
    demand_from : int
        First month with that demand.
    posts_filled : float
        WTE of vacancies filled (negative: that leave).
    posts_from : int
        First month with them.
    locums : float
        WTE of locums that come (negative: that leave).
    locums_from : int
        First month without or with them.
    people_moved : float
        People whose packages come to the social work teams.
    moved_from : int
        First month of their transfer.
    """

    name: str
    demand: dict[str, float] = field(default_factory=dict)
    demand_from: int = 1
    posts_filled: float = 0.0
    posts_from: int = 1
    locums: float = 0.0
    locums_from: int = 1
    people_moved: float = 0.0
    moved_from: int = 1


@dataclass(frozen=True)
class Run:
    """What the scenarios come to.

    Parameters
    ----------
    table : DataFrame
        scenario, required, lower_80, upper_80, lower_95, upper_95 (casework WTE on the mean of the months),
        establishment, staffed (WTE in the last month), gap (required less staffed), p_gap (probability that
        the mean
        of the months exceeds the staff of those months), first_gap (first month in which the central need
        exceeds
        the staff; NaT for none). The first row is the baseline.
    months : DataFrame
        scenario, month, central, lower_80, upper_80, lower_95, upper_95, staffed.
    """

    table: pd.DataFrame
    months: pd.DataFrame


EXAMPLES: tuple[Scenario, ...] = (
    Scenario("Demand 20% higher", demand={"all": 1.2}),
    Scenario("Two vacancies filled", posts_filled=2.0, posts_from=6),
    Scenario("Two locums leave", locums=-2.0, locums_from=4),
)
"""Used where an authority has written no scenarios of its own."""


def read(path: Path) -> tuple[Scenario, ...]:
    """Read an authority's scenarios.

    Parameters
    ----------
    path : Path
        ``scenarios.toml``: one ``[[scenario]]`` for each, with the fields of `Scenario`. Without the file the
        examples are used.

    Returns
    -------
    tuple of Scenario

    Raises
    ------
    ConfigError
        If the file is no TOML, or a scenario has an unknown field, an unknown measure or a value of the
        wrong kind.
    """
    if not path.is_file():
        return EXAMPLES
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path.name}: found no valid TOML ({error}); expected [[scenario]] tables."
        ) from None
    return tuple(_checked(item, path.name) for item in held.get("scenario", []))


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
    """
    rows, months = [], []
    for item in (Scenario("As forecast"), *scenarios):
        needed = _needed(item, ahead, held, open_cases)
        wte = needed.draws["casework"]
        there = _staff(item, staffed, wte.shape[1])
        year = needed.years.set_index("pool").loc["casework"]
        monthly = needed.months[needed.months["pool"] == "casework"].drop(columns="pool")
        over = monthly["central"].to_numpy() > there
        rows.append(
            {
                "scenario": item.name,
                "required": year["central"],
                **{name: year[name] for name in ("lower_80", "upper_80", "lower_95", "upper_95")},
                "establishment": establishment,
                "staffed": float(there.mean()),
                "gap": year["central"] - float(there.mean()),
                "p_gap": float((wte.mean(axis=1) > there.mean()).mean()),
                "first_gap": monthly["month"].iloc[int(over.argmax())] if over.any() else pd.NaT,
            }
        )
        months.append(monthly.assign(scenario=item.name, staffed=there))
    return Run(pd.DataFrame(rows), pd.concat(months, ignore_index=True))


def _needed(item: Scenario, ahead: Outlook, held: Assumptions, open_cases: float) -> Required:
    after = np.arange(1, ahead.horizon + 1) >= item.demand_from
    default = item.demand.get("all", 1.0)
    # Open cases are a stock: they follow demand only where the scenario names them.
    factors = {m: item.demand.get(m, 1.0 if m == "open_cases" else default) for m in TASKS}
    demand = {m: np.where(after, factor, 1.0) for m, factor in factors.items()}
    return required(ahead, held, open_cases=open_cases, demand=demand, extra_hours=_moved(item, ahead, held))


def _moved(item: Scenario, ahead: Outlook, held: Assumptions) -> Array | None:
    """Hours of reviews and of casework for the people who come."""
    if not item.people_moved:
        return None
    spread = spread_evenly(max(round(held.central("transfer_months")), 1))
    weeks = held["light_touch_weeks"]
    closing = held.central("annual_closure_share")
    table = curve(
        item.people_moved * held.central("packages_per_person"), spread=spread, months=ahead.horizon,
        light_touch_weeks=(weeks.low, weeks.high), annual_closure_share=closing,
        interval_months=round(held.central("review_interval_months")),
    )  # fmt: skip
    people = table["moved"].to_numpy() / held.central("packages_per_person")
    hours = (
        table["light_touch"].to_numpy() * held.central("hours_per_light_touch_review")
        + table["yearly"].to_numpy() * held.central("hours_per_review")
        + people * held.central("hours_per_case_per_month")
    )
    late = item.moved_from - 1
    return np.concatenate([np.zeros(late), hours])[: ahead.horizon]


def _staff(item: Scenario, staffed: float, months: int) -> Array:
    step = np.arange(1, months + 1)
    filled = np.where(step >= item.posts_from, item.posts_filled, 0.0)
    locums = np.where(step >= item.locums_from, item.locums, 0.0)
    return np.maximum(staffed + filled + locums, 0.0)


def _checked(item: dict[str, object], file: str) -> Scenario:
    """One scenario from its table, or a ConfigError that says what is wrong."""
    known = {f.name for f in fields(Scenario)}
    name = str(item.get("name", "(no name)"))
    wrong = sorted(set(item) - known)
    if wrong or "name" not in item:
        found = ", ".join(wrong) or "no name"
        raise ConfigError(f"{file}, {name}: found {found}; expected only {', '.join(sorted(known))}.")
    demand = item.get("demand", {})
    measures = {*TASKS, "all"}
    if not isinstance(demand, dict) or set(demand) - measures:
        raise ConfigError(
            f"{file}, {name}: found demand {demand}; expected factors for some of "
            f"{', '.join(sorted(measures))}."
        )
    numbers = {**demand, **{k: v for k, v in item.items() if k not in ("name", "demand")}}
    for key, value in numbers.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        is_month = key.endswith("_from")
        if (
            not is_number
            or (is_month and (value != int(value) or value < 1))
            or (key in demand and value < 0)
        ):
            wanted = "a whole month, 1 or more" if is_month else "a number"
            raise ConfigError(f"{file}, {name}, {key}: found {value!r}; expected {wanted}.")
    return Scenario(**item)  # type: ignore[arg-type]
