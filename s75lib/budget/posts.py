"""Posts against people in post, and what a locum costs beyond an employee."""

from __future__ import annotations

__all__ = ["Posts", "posts"]

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from s75lib.budget.staffing import phasing
from s75lib.loaders import financial_year_of


@dataclass(frozen=True, eq=False)
class Posts:
    """Posts and people at the latest day, and what each kind of staff has cost in the year.

    Parameters
    ----------
    as_at : Timestamp
        Day of the posts.
    roles : DataFrame
        ``role``, ``wte_establishment``, ``wte_in_post``, ``wte_locum``, ``wte_vacant`` (establishment less in
        post): whole-time equivalents, the largest establishment first.
    establishment, in_post, vacant, locum : float
        Whole-time equivalents, summed; `locum` NaN where no row states it.
    post_year : float
        Adjusted budget for the year of one post of the establishment, £; NaN without a staffing position.
    vacancy_year : float
        The vacant posts at that price, £ a year.
    position : Timestamp or None
        Day of the staffing position that the costs are of.
    months : int
        Months of the year that its spending stands for.
    employee_year, locum_year : float
        Spending to date on employees, and on locums, for a whole-time equivalent and year, £; NaN where not
        known.
    premium : float
        What the locums cost to date beyond as many employees, £; NaN where not known.
    """

    as_at: pd.Timestamp
    roles: pd.DataFrame = field(repr=False)
    establishment: float
    in_post: float
    vacant: float
    locum: float
    post_year: float
    vacancy_year: float
    position: pd.Timestamp | None
    months: int
    employee_year: float
    locum_year: float
    premium: float


def posts(workforce: pd.DataFrame, staffing: pd.DataFrame) -> Posts | None:
    """Measure vacancies in posts and in money, and the premium paid for locums.

    Parameters
    ----------
    workforce, staffing : DataFrame
        The contract's datasets.

    Returns
    -------
    Posts or None
        None without a row of `workforce`.

    Notes
    -----
    A vacancy is the establishment less the people in post. It is priced at the adjusted budget over the
    establishment. Spending to date is set against the mean whole-time equivalents of the positions held since
    the start of its year: locum spending over locums, all other spending over people in post, both brought to
    a year of twelve months. The premium is locum spending less what as many employees would have cost.

    Both datasets are taken to cover the same staff. Nothing is said of money where the budget to date is not
    phased to the day that it is dated, since it is not known then which months the spending is of; nor of
    locums where locum spending or locum posts are not stated throughout.

    Examples
    --------
    One of five posts is vacant; in half a year four employees cost £80,000 and half a locum £15,000:

    >>> workforce = pd.DataFrame({"as_at": pd.to_datetime(["2025-09-30"]), "role": ["Social worker"],
    ...     "wte_establishment": [5.0], "wte_in_post": [4.0], "wte_locum": [0.5]})
    >>> staffing = pd.DataFrame({"as_at": pd.to_datetime(["2025-09-30"]), "adjusted_budget": [200_000.0],
    ...     "adjusted_budget_to_date": [100_000.0], "actual_to_date": [95_000.0],
    ...     "locum_to_date": [15_000.0]})
    >>> found = posts(workforce, staffing)
    >>> found.vacant, found.vacancy_year, found.employee_year, found.locum_year, found.premium
    (1.0, 40000.0, 40000.0, 60000.0, 5000.0)
    """
    if workforce.empty:
        return None
    day = workforce["as_at"].max()
    roles = _roles(workforce[workforce["as_at"] == day])
    establishment, in_post = (float(roles[name].sum()) for name in ("wte_establishment", "wte_in_post"))
    phased = [found for found in phasing(staffing) if found.agrees]
    here = staffing[staffing["as_at"] == phased[-1].as_at] if phased else staffing.iloc[:0]
    budget = float(here["adjusted_budget"].sum()) if phased else np.nan
    months = phased[-1].expected_months if phased else 0
    employee, locum, premium = _costs(workforce, here, months)
    post_year = budget / establishment if establishment else np.nan
    vacant = float(roles["wte_vacant"].sum())
    return Posts(
        day,
        roles,
        establishment,
        in_post,
        vacant,
        float(roles["wte_locum"].sum(skipna=False)),
        post_year,
        vacant * post_year,
        phased[-1].as_at if phased else None,
        months,
        employee,
        locum,
        premium,
    )


def _roles(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum posts by role."""
    names = ["wte_establishment", "wte_in_post", "wte_locum"]
    sums = rows.groupby("role")[names].sum(skipna=False).reset_index()
    sums["wte_vacant"] = sums["wte_establishment"] - sums["wte_in_post"]
    return sums.sort_values("wte_establishment", ascending=False, kind="stable", ignore_index=True)


def _costs(workforce: pd.DataFrame, here: pd.DataFrame, months: int) -> tuple[float, float, float]:
    """Cost a year of an employee and of a locum, and the premium to date."""
    unknown = (np.nan, np.nan, np.nan)
    if here.empty or not months:
        return unknown
    day = here["as_at"].iloc[0]
    since = pd.Timestamp(financial_year_of(day.date()).start)
    inside = workforce[(workforce["as_at"] >= since) & (workforce["as_at"] <= day)]
    sums = inside.groupby("as_at")[["wte_in_post", "wte_locum"]].sum(skipna=False)
    if sums.empty:
        return unknown
    in_post, locums = (float(sums[name].mean(skipna=False)) for name in ("wte_in_post", "wte_locum"))
    paid = float(here["locum_to_date"].sum(skipna=False))
    spent = float(here["actual_to_date"].sum(skipna=False)) - paid
    years = months / 12
    if not in_post > 0 or not locums > 0:
        return unknown
    employee, locum = spent / in_post / years, paid / locums / years
    return employee, locum, paid - employee * locums * years
