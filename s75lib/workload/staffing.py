"""From expected work to the staff that it takes, with the uncertainty of both demand and assumptions."""

from __future__ import annotations

__all__ = ["TASKS", "Required", "required", "tornado", "transfer_need", "weekly_hours"]

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.workload.assumptions import Assumption, Assumptions
from s75lib.workload.outlook import Outlook

Array = npt.NDArray[np.float64]

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

_PEOPLE = ("hours_per_week", "weeks_available", "non_contact_share")
_BATCHES = 20
_DRAWS = 4000
_LATE_MONTHS = 2


@dataclass(frozen=True)
class Required:
    """Whole-time equivalents that the expected work takes.

    Parameters
    ----------
    months : DataFrame
        pool (casework, amhp), month, central, lower_80, upper_80, lower_95, upper_95 (WTE).
    years : DataFrame
        pool, central, lower_80, upper_80, lower_95, upper_95 (WTE on the mean of the months), error
        (standard error
        of the central figure from the finite number of draws).
    parts : DataFrame
        pool, measure, count (mean a month), hours_each, hours (a month), wte: means over the draws.
    draws : dict of str to array, (draws, months)
        WTE by pool.
    left_out : tuple of str
        Measures whose series end too early to be added to the others.
    """

    months: pd.DataFrame
    years: pd.DataFrame
    parts: pd.DataFrame
    draws: dict[str, Array] = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no measure that takes hours is known."""
        return not self.draws

    def year(self, pool: str) -> dict[str, float]:
        """Give a pool's figures on the mean of the months.

        Parameters
        ----------
        pool : str

        Returns
        -------
        dict of str to float
            The columns of `years` without the pool.
        """
        row = self.years[self.years["pool"] == pool].iloc[0]
        return {str(name): float(value) for name, value in row.drop("pool").items()}


def required(
    ahead: Outlook,
    held: Assumptions,
    *,
    open_cases: float = float("nan"),
    demand: Mapping[str, Array] | None = None,
    extra_hours: Array | None = None,
) -> Required:
    """Turn the sample paths of demand into the staff that they take.

    Parameters
    ----------
    ahead : Outlook
    held : Assumptions
        Hours for each task, hours a week, weeks available, share of time without contact.
    open_cases : float
        Cases open throughout, where no monthly series says so; NaN leaves their work out.
    demand : mapping of str to array, optional
        Factor on a measure's demand, by month; as a scenario sets it.
    extra_hours : array, (months,), optional
        Further casework in each month, such as reviews after a transfer.

    Returns
    -------
    Required

    Notes
    -----
    Each draw takes one path of every measure and one value of every assumption (PERT), and divides the
    hours by
    those that a full-time post has for them: hours a week × weeks a year × (1 − share without contact) /
    12. Demand
    and assumptions are drawn independently. Every assumption has its own stream of random numbers from a
    fixed seed,
    so that scenarios differ by what they change and not by luck.
    """
    paths, start, left_out = _aligned(ahead)
    if not paths:
        return Required(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), {})
    n, horizon = next(iter(paths.values())).shape
    if "open_cases" not in paths and open_cases > 0:
        paths["open_cases"] = np.full((n, horizon), open_cases)
    factor = demand or {}
    available = _hours_a_month(held, n)
    hours: dict[str, Array] = {}
    parts = []
    for measure, counts in paths.items():
        name, pool = TASKS[measure]
        each = _drawn(held[name], n)[:, None]
        counts = counts * factor.get(measure, np.ones(horizon))[:horizon]
        taken = counts * each
        hours[pool] = hours.get(pool, 0.0) + taken
        parts.append(
            {
                "pool": pool,
                "measure": measure,
                "count": counts.mean(),
                "hours_each": each.mean(),
                "hours": taken.mean(),
                "wte": (taken / available[:, None]).mean(),
            }
        )
    if extra_hours is not None and "casework" in hours:
        hours["casework"] = hours["casework"] + extra_hours[:horizon]
    draws = {pool: np.asarray(total / available[:, None]) for pool, total in hours.items()}
    when = pd.date_range(start, periods=horizon, freq="MS")
    return Required(
        months=pd.concat([_monthly(pool, when, wte) for pool, wte in draws.items()], ignore_index=True),
        years=pd.DataFrame([_yearly(pool, wte) for pool, wte in draws.items()]),
        parts=pd.DataFrame(parts),
        draws=draws,
        left_out=left_out,
    )


def tornado(needed: Required, held: Assumptions, ahead: Outlook, pool: str = "casework") -> pd.DataFrame:
    """Move one assumption at a time from low to high, and see the staff that it takes.

    Parameters
    ----------
    needed : Required
    held : Assumptions
    ahead : Outlook
        For the range of demand.
    pool : str

    Returns
    -------
    DataFrame
        name, label, low, high (WTE with the assumption low and high, the others central), width (their
        distance),
        central (WTE with all central); widest first. The row ``demand`` moves all measures along their 80%
        interval.
    """
    rows = needed.parts[needed.parts["pool"] == pool]
    if rows.empty:
        return pd.DataFrame(columns=["name", "label", "low", "high", "width", "central"])
    counts = dict(zip(rows["measure"], rows["count"], strict=True))
    central = _wte(counts, held, {})
    made = []
    for name in [*(TASKS[measure][0] for measure in counts), *_PEOPLE]:
        ends = sorted(_wte(counts, held, {name: value}) for value in (held[name].low, held[name].high))
        made.append({"name": name, "label": held[name].label, "low": ends[0], "high": ends[1]})
    ends = [central * share for share in _demand_range(counts, ahead, held)]
    made.append(
        {"name": "demand", "label": "Demand, 80% interval of the forecast", "low": ends[0], "high": ends[1]}
    )
    table = pd.DataFrame(made).assign(central=central)
    table["width"] = table["high"] - table["low"]
    return table.sort_values("width", ascending=False, ignore_index=True)


def transfer_need(reviews: pd.DataFrame, held: Assumptions) -> dict[str, float]:
    """Find the staff that the reviews after a transfer take in its first twelve months.

    Parameters
    ----------
    reviews : DataFrame
        As `s75lib.workload.reviews.transfer_reviews` gives it.
    held : Assumptions

    Returns
    -------
    dict of str to float
        light_touch, yearly (reviews), central, lower_95, upper_95 (WTE on the mean of the year), from the
        hours for each review, packages for one person, hours a week, weeks and time without contact.
    """
    first = reviews[reviews["month"] < 12]
    light, yearly = float(first["light_touch"].sum()), float(first["yearly"].sum())
    each = _drawn(held["packages_per_person"], _DRAWS) / held.central("packages_per_person")
    hours = light * _drawn(held["hours_per_light_touch_review"], _DRAWS)
    hours = each * (hours + yearly * _drawn(held["hours_per_review"], _DRAWS))
    low, middle, high = np.quantile(hours / (12 * _hours_a_month(held, _DRAWS)), [0.025, 0.5, 0.975])
    return {
        "light_touch": light,
        "yearly": yearly,
        "central": float(middle),
        "lower_95": float(low),
        "upper_95": float(high),
    }


def weekly_hours(held: Assumptions) -> float:
    """Hours a week that a full-time post has for the tasks, on average over the year, at the central values.

    Parameters
    ----------
    held : Assumptions

    Returns
    -------
    float

    Examples
    --------
    >>> from s75lib.workload.assumptions import assumptions
    >>> none = pd.DataFrame(columns=["assumption", "low", "central", "high", "unit", "source"])
    >>> round(weekly_hours(assumptions(none)), 1)
    20.8
    """
    hours, weeks, without = (held.central(name) for name in _PEOPLE)
    return hours * weeks * (1 - without) / (365.25 / 7)


def _aligned(ahead: Outlook) -> tuple[dict[str, Array], pd.Timestamp, tuple[str, ...]]:
    """Paths of the measures that take hours, from the same month on."""
    lasts = {m: ahead.years.loc[ahead.years["measure"] == m, "last_month"].iloc[0]
             for m in ahead.paths if m in TASKS}  # fmt: skip
    if not lasts:
        return {}, pd.Timestamp(0), ()
    latest = max(lasts.values())
    lag = {m: 12 * (latest.year - last.year) + latest.month - last.month for m, last in lasts.items()}
    kept = {m: months for m, months in lag.items() if months <= _LATE_MONTHS}
    horizon = ahead.horizon - max(kept.values())
    paths = {m: ahead.paths[m][:, months : months + horizon] for m, months in kept.items()}
    left_out = tuple(sorted(set(lag) - set(kept)))
    return paths, latest + pd.DateOffset(months=1), left_out


def _drawn(item: Assumption, n: int) -> Array:
    """Draw an assumption from its own stream."""
    return item.draw(n, np.random.default_rng([75, *item.name.encode()]))


def _hours_a_month(held: Assumptions, n: int) -> Array:
    week, weeks, without = (_drawn(held[name], n) for name in _PEOPLE)
    return week * weeks * (1 - without) / 12


def _wte(counts: dict[str, float], held: Assumptions, changed: dict[str, float]) -> float:
    """Staff for mean counts a month, at central values but for those changed."""

    def value(name: str) -> float:
        return changed.get(name, held.central(name))

    hours = sum(count * value(TASKS[measure][0]) for measure, count in counts.items())
    return float(
        hours / (value("hours_per_week") * value("weeks_available") * (1 - value("non_contact_share")) / 12)
    )


def _demand_range(counts: dict[str, float], ahead: Outlook, held: Assumptions) -> tuple[float, float]:
    """Give the ends of the 80% interval of the year's hours, as shares of their mean."""
    hours: Array | float = 0.0
    for measure, count in counts.items():
        each = held.central(TASKS[measure][0])
        known = ahead.paths.get(measure)
        hours = hours + each * (count if known is None else known.mean(axis=1))
    low, high = np.quantile(hours, [0.1, 0.9]) / np.mean(hours)
    return float(low), float(high)


_TAILS = {"central": 0.5, "lower_80": 0.1, "upper_80": 0.9, "lower_95": 0.025, "upper_95": 0.975}


def _monthly(pool: str, when: pd.DatetimeIndex, wte: Array) -> pd.DataFrame:
    ends = {name: np.quantile(wte, share, axis=0) for name, share in _TAILS.items()}
    return pd.DataFrame({"pool": pool, "month": when, **ends})


def _yearly(pool: str, wte: Array) -> dict[str, object]:
    year = wte.mean(axis=1)
    medians = [np.median(batch) for batch in np.array_split(year, _BATCHES)]
    error = float(np.std(medians, ddof=1) / np.sqrt(_BATCHES))
    return {"pool": pool, **{k: float(np.quantile(year, q)) for k, q in _TAILS.items()}, "error": error}
