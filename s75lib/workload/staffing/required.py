"""The staff that the expected work takes, with the uncertainty of both demand and assumptions."""

from __future__ import annotations

__all__ = ["PEOPLE", "TASKS", "Required", "Work", "hours_a_month", "required", "work_ahead", "years"]

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.workload.assumptions import Assumptions
from s75lib.workload.draws import median_error, tails
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

PEOPLE = ("hours_per_week", "weeks_available", "non_contact_share")
"""The assumptions that say how many hours for the tasks a post has."""

_LATE_MONTHS = 2


@dataclass(frozen=True)
class Work:
    """The measures that take hours, from one common month on.

    Parameters
    ----------
    start : Timestamp
        First month forecast.
    horizon : int
        Months.
    late : dict of str to int
        By measure, how many months of its paths lie before `start`.
    left_out : tuple of str
        Measures whose series end too early to be added to the others.
    """

    start: pd.Timestamp
    horizon: int
    late: dict[str, int]
    left_out: tuple[str, ...]

    def cut(self, measure: str, paths: Array) -> Array:
        """Take the common months out of a measure's paths.

        Parameters
        ----------
        measure : str
        paths : array, (paths, months)

        Returns
        -------
        array, (paths, horizon)
        """
        first = self.late[measure]
        return paths[:, first : first + self.horizon]

    @property
    def months(self) -> pd.DatetimeIndex:
        """The months forecast."""
        return pd.date_range(self.start, periods=self.horizon, freq="MS")


@dataclass(frozen=True)
class Required:
    """Whole-time equivalents that the expected work takes.

    Parameters
    ----------
    months : DataFrame
        pool (casework, amhp), month, central, lower_80, upper_80, lower_95, upper_95 (WTE).
    years : DataFrame
        pool, central, lower_80, upper_80, lower_95, upper_95 (WTE on the mean of the months), error
        (standard error of the central figure from the finite number of draws).
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
    hours by those that a full-time post has for them: hours a week × weeks a year × (1 − share without
    contact) / 12. Demand and assumptions are drawn independently. Every assumption has its own stream of
    random numbers from a fixed seed, so that scenarios differ by what they change and not by luck.

    Examples
    --------
    A post has 40 × 40 × (1 − 0.25) / 12 = 100 hours a month, so that 100 reviews of six hours take six posts:

    >>> from s75lib.workload import monthly, outlook
    >>> from s75lib.workload.assumptions import Assumption
    >>> activity = pd.DataFrame({"month": pd.date_range("2024-08-01", periods=8, freq="MS"), "count": 100.0,
    ...                          "measure": "reviews", "service_group": "", "team": ""})
    >>> known = {"hours_per_review": 6, "hours_per_week": 40, "weeks_available": 40,
    ...          "non_contact_share": 0.25}
    >>> held = Assumptions({name: Assumption(name, name, at, at, at, "", "") for name, at in known.items()})
    >>> needed = required(outlook(monthly(activity)), held)
    >>> round(needed.year("casework")["central"], 1)
    6.0
    """
    work = work_ahead(ahead)
    if work is None:
        return Required(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), {})
    paths = {measure: work.cut(measure, ahead.paths[measure]) for measure in work.late}
    n = len(next(iter(paths.values())))
    if "open_cases" not in paths and open_cases > 0:
        paths["open_cases"] = np.full((n, work.horizon), open_cases)
    available = hours_a_month(held, n)[:, None]
    hours: dict[str, Array] = {}
    parts = []
    for measure, counts in paths.items():
        name, pool = TASKS[measure]
        each = held[name].stream(n)[:, None]
        if demand and measure in demand:
            counts = counts * demand[measure][: work.horizon]
        taken = counts * each
        hours[pool] = hours.get(pool, 0.0) + taken
        parts.append(
            {
                "pool": pool,
                "measure": measure,
                "count": counts.mean(),
                "hours_each": each.mean(),
                "hours": taken.mean(),
                "wte": (taken / available).mean(),
            }
        )
    if extra_hours is not None and "casework" in hours:
        hours["casework"] = hours["casework"] + extra_hours[: work.horizon]
    draws = {pool: np.asarray(total / available) for pool, total in hours.items()}
    months = [pd.DataFrame({"pool": pool, "month": work.months, **tails(wte)}) for pool, wte in draws.items()]
    return Required(
        months=pd.concat(months, ignore_index=True),
        years=years(draws, "pool"),
        parts=pd.DataFrame(parts),
        draws=draws,
        left_out=work.left_out,
    )


def work_ahead(ahead: Outlook) -> Work | None:
    """Find the months that the measures which take hours have in common.

    Parameters
    ----------
    ahead : Outlook

    Returns
    -------
    Work or None
        None where no measure takes hours.

    Examples
    --------
    Reviews are known to March and assessments to February: both are forecast from April, a month less far.
    Complaints take no hours here.

    >>> from s75lib.workload import monthly, outlook
    >>> months = pd.date_range("2024-08-01", periods=8, freq="MS")
    >>> activity = pd.concat(pd.DataFrame({"month": months[:known], "measure": measure, "count": 20.0})
    ...                      for measure, known in [("reviews", 8), ("assessments", 7), ("complaints", 8)])
    >>> work = work_ahead(outlook(monthly(activity.assign(service_group="", team=""))))
    >>> f"{work.start:%Y-%m}", work.horizon, work.late
    ('2025-04', 11, {'assessments': 1, 'reviews': 0})
    """
    measures = [measure for measure in ahead.paths if measure in TASKS]
    if not measures:
        return None
    known = dict(zip(ahead.years["measure"], ahead.years["last_month"], strict=True))
    lasts = {measure: known[measure] for measure in measures}
    latest = max(lasts.values())
    lag = {m: 12 * (latest.year - last.year) + latest.month - last.month for m, last in lasts.items()}
    late = {measure: months for measure, months in lag.items() if months <= _LATE_MONTHS}
    return Work(
        start=latest + pd.DateOffset(months=1),
        horizon=ahead.horizon - max(late.values()),
        late=late,
        left_out=tuple(sorted(set(lag) - set(late))),
    )


def hours_a_month(held: Assumptions, n: int) -> Array:
    """Draw the hours a month that a full-time post has for the tasks.

    Parameters
    ----------
    held : Assumptions
    n : int

    Returns
    -------
    array, (n,)
    """
    week, weeks, without = (held[name].stream(n) for name in PEOPLE)
    return week * weeks * (1 - without) / 12


def years(draws: Mapping[str, Array], label: str) -> pd.DataFrame:
    """Sum up draws of staff as the mean of their months.

    Parameters
    ----------
    draws : mapping of str to array, (draws, months)
    label : str
        What the keys are.

    Returns
    -------
    DataFrame
        label, central, lower_80, upper_80, lower_95, upper_95, error (standard error of the central figure,
        from twenty batches of the draws).
    """
    year = np.stack([wte.mean(axis=1) for wte in draws.values()], axis=1)
    return pd.DataFrame({label: list(draws), **tails(year), "error": median_error(year)})
