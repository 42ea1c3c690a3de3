"""Assumptions: every number between demand and people that the data don't give, and how it is drawn."""

from __future__ import annotations

__all__ = ["DEFAULTS", "POST_HOURS", "TAILS", "TASKS", "Assumption", "Assumptions", "in_force", "tornado"]

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.present import Column, Details, Figure, Headline, Section, charts, table_of, words
from s75lib.workload.activity import HATCHED, SMALL

if TYPE_CHECKING:
    from s75lib.workload.study import Study

_GUESS = "Working estimate without a published source: replace it with a local figure"
_GUIDANCE = "Care and support statutory guidance, chapter 13"
_CAMBRIDGESHIRE = "Cambridgeshire operational model, 24 January 2020"
TASKS: dict[str, tuple[str, str]] = {
    "case_allocation_requests": ("hours_per_allocation_request", "casework"),
    "assessments": ("hours_per_assessment", "casework"),
    "reviews": ("hours_per_review", "casework"),
    "carers_assessments": ("hours_per_carers_assessment", "casework"),
    "safeguarding_concerns": ("hours_per_concern", "casework"),
    "safeguarding_enquiries": ("hours_per_enquiry", "casework"),
    "open_cases": ("hours_per_case_per_month", "casework"),
    "mha_assessments": ("hours_per_mha_assessment", "amhp"),
}
"""Measures that take hours: the assumption that says how many, and who does the work."""
POST_HOURS = ("hours_per_week", "weeks_available", "non_contact_share")
"""The assumptions that say how many hours for its tasks a full-time post has."""
TAILS = {"central": 0.5, "lower_80": 0.1, "upper_80": 0.9, "lower_95": 0.025, "upper_95": 0.975}
"""Median, and the ends of the 80% and 95% intervals."""
_BATCHES = 20
_MOST_BARS = 8

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Assumption:
    """One number that the data don't give: lowest plausible, likeliest and highest plausible value.

    MethodError if the three are not numbers of 0 or more in this order. `is_local` tells whether the
    authority gave it, in place of the default.
    """

    name: str
    label: str
    low: float
    central: float
    high: float
    unit: str
    source: str = _GUESS
    is_local: bool = False

    def __post_init__(self) -> None:
        if not -math.inf < self.low <= self.central <= self.high < math.inf or self.low < 0:
            raise MethodError(
                f"assumptions, {self.name}: found low {self.low:g}, central {self.central:g}, high "
                f"{self.high:g}; expected three numbers of 0 or more in this order. Correct the row."
            )

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """Draw n plausible values.

        PERT: a beta distribution over low to high whose mean is (low + 4 central + high) / 6. An assumption
        without a range is drawn as itself. Source: Malcolm and others (1959) Operations Research 7, 646-669.
        """
        width = self.high - self.low
        if width == 0:
            return np.full(n, self.central)
        rise = 4 * (self.central - self.low) / width
        return np.asarray(self.low + width * rng.beta(1 + rise, 5 - rise, n))

    def stream(self, n: int) -> Array:
        """Draw n plausible values from the assumption's own stream, the same at each call."""
        return self.draw(n, np.random.default_rng([75, *self.name.encode()]))


class Assumptions(dict[str, Assumption]):
    """The assumptions in force, by name."""

    def central(self, name: str) -> float:
        """Give an assumption's central value."""
        return self[name].central


DEFAULTS: tuple[Assumption, ...] = (
    Assumption("hours_per_allocation_request", "Triage of a case allocation request", 0.5, 1, 2, "hours"),
    Assumption("hours_per_assessment", "Care Act assessment, with the plan", 8, 11, 16, "hours"),
    Assumption("hours_per_review", "Yearly review of a plan", 4, 6, 9, "hours"),
    Assumption("hours_per_light_touch_review", "Light-touch review", 1.5, 2.5, 4, "hours"),
    Assumption("hours_per_carers_assessment", "Carer's assessment", 3, 5, 8, "hours"),
    Assumption(
        "hours_per_mha_assessment",
        "Mental Health Act assessment, with travel and report",
        5,
        7.5,
        11,
        "hours",
    ),
    Assumption("hours_per_concern", "Safeguarding concern: screening and decision", 1, 1.5, 2.5, "hours"),
    Assumption("hours_per_enquiry", "Safeguarding enquiry under section 42", 8, 12, 20, "hours"),
    Assumption(
        "hours_per_case_per_month",
        "Other work on an open case",
        1,
        1.5,
        2.5,
        "hours a month",
    ),
    Assumption(
        "hours_per_week",
        "Contracted hours of a full-time post",
        36,
        37,
        37.5,
        "hours a week",
        "National agreements: 37 hours in councils, 37.5 in the NHS; 36 in some London councils",
    ),
    Assumption(
        "weeks_available",
        "Weeks at work a year, after leave, sickness and training",
        40,
        42,
        44,
        "weeks a year",
        "52.2 weeks less about 5.5 of leave, 1.6 of bank holidays, 3 of sickness and training: our sum",
    ),
    Assumption(
        "non_contact_share",
        "Share of working time for meetings, supervision and travel",
        0.25,
        0.3,
        0.4,
        "share",
    ),
    Assumption("packages_per_person", "Care packages held for one person", 1, 1.1, 1.3, "packages"),
    Assumption("annual_closure_share", "Packages that end within a year", 0.1, 0.2, 0.3, "share a year"),
    Assumption(
        "light_touch_weeks",
        "Weeks from plan or transfer to the light-touch review",
        6,
        7,
        8,
        "weeks",
        f"{_GUIDANCE}; {_CAMBRIDGESHIRE}, section 2. That a transfer sets it off is our option",
    ),
    Assumption(
        "review_interval_months",
        "Months from one yearly review to the next",
        12,
        12,
        12,
        "months",
        f"{_GUIDANCE}; {_CAMBRIDGESHIRE}, section 2",
    ),
    Assumption(
        "transfer_months",
        "Months over which packages move",
        3,
        3,
        6,
        "months",
        f"{_CAMBRIDGESHIRE}, section 5: about three months; longer is our allowance",
    ),
    Assumption("time_to_recruit", "Months from a vacancy to a new starter", 3, 4.5, 7, "months"),
    Assumption("leavers_share", "Staff in post who leave within a year", 0.1, 0.15, 0.2, "share a year"),
    Assumption("locum_premium", "Cost of a locum above an employee, with on-costs", 0.2, 0.3, 0.45, "share"),
    Assumption("amhp_on_shift", "Approved mental health professionals on duty in a day", 2, 3, 4, "people"),
    Assumption("amhp_hours_on_shift", "Hours on duty in a day", 7, 7.5, 8, "hours"),
    Assumption("amhp_wait_hours", "Wait for an AMHP that is accepted", 1, 2, 4, "hours"),
    Assumption(
        "amhp_rota_share",
        "Share of an AMHP's working days spent on the rota",
        0.3,
        0.5,
        0.7,
        "share",
    ),
    Assumption(
        "amhp_rota_days",
        "Rota days that one further AMHP gives a week, besides other work",
        0.5,
        1,
        2,
        "days a week",
    ),
    Assumption("holiday_days", "Length of a holiday period on the rota", 14, 14, 14, "days"),
    Assumption("holiday_demand", "Demand in a holiday period as a multiple of usual", 0.9, 1, 1.2, "times"),
    Assumption("holiday_fewer_on_duty", "Fewer on duty in a day of a holiday period", 0, 1, 2, "people"),
)
"""The documented defaults; an authority's `assumptions` replace them name by name."""


def in_force(assumptions: pd.DataFrame | None = None) -> Assumptions:
    """Take an authority's own assumptions, and the documented defaults for the rest.

    The defaults' names in their order, then names of the authority's own that no default knows. MethodError
    if low, central and high of a row are missing or out of order.

    Examples
    --------
    >>> own = pd.DataFrame([{"assumption": "hours_per_review", "low": 3.0, "central": 5.0, "high": 8.0,
    ...                      "unit": "hours", "source": "time study 2025"}])
    >>> found = in_force(own)
    >>> found["hours_per_review"].central, found["hours_per_assessment"].is_local
    (5.0, False)
    """
    held = {item.name: item for item in DEFAULTS}
    for row in [] if assumptions is None else assumptions.to_dict("records"):
        name = str(row["assumption"])
        label = held[name].label if name in held else name.replace("_", " ").capitalize()
        held[name] = Assumption(
            name,
            label,
            float(row["low"]),
            float(row["central"]),
            float(row["high"]),
            str(row["unit"]),
            str(row["source"]),
            is_local=True,
        )
    return Assumptions(held)


def tails(draws: npt.ArrayLike) -> dict[str, Array]:
    """Give median and intervals of draws, (draws,) or (draws, months), by the names in `TAILS`."""
    ends = np.quantile(np.asarray(draws, dtype=float), list(TAILS.values()), axis=0)
    return dict(zip(TAILS, ends, strict=True))


def median_error(draws: npt.ArrayLike) -> Array:
    """Estimate the standard error of a median of draws, (draws,) or (draws, series), from twenty batches."""
    drawn = np.asarray(draws, dtype=float).T
    size, longer = divmod(drawn.shape[-1], _BATCHES)
    first, rest = np.split(drawn, [longer * (size + 1)], axis=-1)
    batches = (part.reshape(*drawn.shape[:-1], -1, size + more) for part, more in ((first, 1), (rest, 0)))
    medians = np.concatenate([np.median(batch, axis=-1) for batch in batches], axis=-1)
    return np.asarray(np.std(medians, axis=-1, ddof=1) / np.sqrt(_BATCHES))


def share_error(share: float, n: int) -> float:
    """Estimate the standard error of a share of n draws."""
    return float(np.sqrt(share * (1 - share) / n))


def hours_a_month(assumptions: Assumptions, n: int) -> Array:
    """Draw n times the hours a month that a full-time post has for the tasks."""
    week, weeks, without = (assumptions[name].stream(n) for name in POST_HOURS)
    return week * weeks * (1 - without) / 12


def hours_each(measure: str, assumptions: Assumptions, n: int) -> Array:
    return assumptions[TASKS[measure][0]].stream(n)[:, None]


def tornado(parts: pd.DataFrame, assumptions: Assumptions, paths: Mapping[str, Array]) -> pd.DataFrame:
    """Move one assumption at a time from low to high, and see the casework staff that it takes.

    Parameters
    ----------
    parts : DataFrame
        As `s75lib.workload.staff.StaffNeed` has them.
    paths : mapping of str to array, (paths, horizon)
        Sample paths by measure, as `s75lib.workload.demand.Outlook` has them.

    Returns
    -------
    DataFrame
        name, label, low, high (WTE with the assumption low and high, the others central), width (their
        distance), central (WTE with all central); widest first. The row ``demand`` moves all measures along
        their 80% interval.

    Examples
    --------
    >>> from s75lib.workload.staff import staff_needed
    >>> ahead = expected_demand(monthly(hundred_reviews))
    >>> parts = staff_needed(ahead, in_force()).parts
    >>> tornado(parts, in_force(), ahead.paths)["name"].tolist()
    ['hours_per_review', 'non_contact_share', 'demand', 'weeks_available', 'hours_per_week']
    """
    rows = parts[parts["pool"] == "casework"]
    if rows.empty:
        return pd.DataFrame(columns=["name", "label", "low", "high", "width", "central"])
    counts = dict(zip(rows["measure"], rows["count"], strict=True))
    central = _wte(counts, assumptions, {})
    made = []
    for name in [*(TASKS[measure][0] for measure in counts), *POST_HOURS]:
        ends = sorted(
            _wte(counts, assumptions, {name: value})
            for value in (assumptions[name].low, assumptions[name].high)
        )
        made.append((name, assumptions[name].label, *ends))
    ends = [central * share for share in _demand_range(counts, paths, assumptions)]
    made.append(("demand", "Demand, 80% interval of the forecast", *ends))
    table = pd.DataFrame(made, columns=["name", "label", "low", "high"]).assign(central=central)
    table["width"] = table["high"] - table["low"]
    return table.sort_values("width", ascending=False, ignore_index=True)


def _wte(counts: dict[str, float], assumptions: Assumptions, changed: dict[str, float]) -> float:
    """Staff for mean counts a month, at central values but for those changed."""

    def value(name: str) -> float:
        return changed.get(name, assumptions.central(name))

    hours = sum(count * value(TASKS[measure][0]) for measure, count in counts.items())
    post = value("hours_per_week") * value("weeks_available") * (1 - value("non_contact_share")) / 12
    return float(hours / post)


def _demand_range(
    counts: dict[str, float], paths: Mapping[str, Array], assumptions: Assumptions
) -> tuple[float, float]:
    """Give the ends of the 80% interval of the year's hours, as shares of their mean."""
    hours: Array | float = 0.0
    for measure, count in counts.items():
        each = assumptions.central(TASKS[measure][0])
        known = paths.get(measure)
        hours = hours + each * (count if known is None else known.mean(axis=1))
    low, high = np.quantile(hours, [0.1, 0.9]) / np.mean(hours)
    return float(low), float(high)


def headlines(study: Study) -> list[Headline]:
    """Say nothing: the table says all."""
    return []


TABLE = table_of(
    "assumptions",
    Column("label", "Assumption"),
    Column("low", "Low", "number", 2),
    Column("central", "Central", "number", 2),
    Column("high", "High", "number", 2),
    Column("unit", "Unit"),
    Column("whose", "Whose"),
    Column("source", "Source"),
    Column("name", "Name in the dataset"),
    notes=(
        "The authority's assumptions replace the defaults by name; hours a week and weeks at work come from "
        "its workforce where that tells them. Each is drawn from a PERT distribution between low and high.",
    ),
)


def matters_most(study: Study) -> list[Headline]:
    """Say which assumption moves the staff needed most."""
    if study.tornado.empty:
        return []
    top = study.tornado.iloc[0]
    low, high, width = (float(top[name]) for name in ("low", "high", "width"))
    text = (
        f"The assumption that matters most is “{top['label']}”. From its low to its high end the need goes "
        f"from {words.number(low)} to {words.number(high)} WTE."
    )
    name = "workload.need.assumption"
    cell = ("tornado", str(top["label"]), "width")
    return [Headline(name, text, width, "WTE", low, high, "one assumption at a time", cell=cell)]


TORNADO = table_of(
    "tornado.data",
    Column("label", "Assumption"),
    Column("low", "Lowest WTE", "number", 1, "WTE"),
    Column("high", "Highest WTE", "number", 1, "WTE"),
    Column("width", "Distance", "number", 1, "WTE"),
)


def tornado_figure(study: Study) -> Figure:
    """Draw which assumption matters most for the staff needed."""
    rows = study.tornado.head(_MOST_BARS)
    sheet, axis = charts.drawing(0.9 + 0.36 * len(rows))
    places = charts.name_rows(axis, list(rows["label"]), SMALL)
    central = float(rows["central"].iloc[0])
    low, high = rows["low"].to_numpy(), rows["high"].to_numpy()
    axis.barh(places, low - central, left=central, color=charts.LILAC, height=0.62, **HATCHED)
    axis.barh(places, high - central, left=central, color=charts.BLUE, height=0.62)
    for place, start, end in zip(places, low, high, strict=True):
        charts.note(axis, words.number(start), (start, place), (-4, 0), ha="right", va="center")
        charts.note(axis, words.number(end), (end, place), (4, 0), va="center")
    axis.axvline(central, color="#222222", linewidth=1)
    room = 0.12 * (high.max() - low.min())
    axis.set_xlim(low.min() - room, high.max() + room)
    axis.set_xlabel("casework WTE needed", fontsize=SMALL)
    top = rows.iloc[0]
    what = f"{top['label'][:1].lower()}{top['label'][1:]}"
    title = f"What matters most: {what}, {words.number(top['low'])} to {words.number(top['high'])} WTE"
    alt = (
        f"Bars of the WTE needed with one assumption at its low and high end and the others central. {title}."
    )
    subtitle = (
        f"One assumption from low to high, the rest central ({words.number(central)} WTE), {study.place}"
    )
    data = TORNADO.of(study.tornado, "WTE needed as each assumption moves")
    return Figure("tornado", title, subtitle, alt, sheet, data, f"{study.place}, assumptions")


def section(study: Study) -> Section:
    """Set out every assumption with its range and source."""
    rows = pd.DataFrame([vars(item) for item in study.assumptions.values()])
    rows["whose"] = rows["is_local"].map({True: "local", False: "default"})
    return Section.of(Details(), TABLE.of(rows, f"Assumptions, {study.place}"))
