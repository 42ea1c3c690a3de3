"""Posts, people in post, vacancies and locums; the time that redeployed staff bring."""

from __future__ import annotations

__all__ = ["Redeployed", "pool_of", "position", "redeployment"]

from dataclasses import dataclass

import numpy as np
import pandas as pd

from s75lib.workload.assumptions import Assumptions

_NOT_CASEWORK = ("manager", "lead", "admin", "head", "director")
_DRAWS = 4000


@dataclass(frozen=True)
class Redeployed:
    """Hours a year that redeployed people bring, and the work that they can do.

    Parameters
    ----------
    people : float
    hours, hours_low, hours_high : float
        Hours for tasks a year, with their 95% interval from the assumptions.
    reviews, assessments : float
        Yearly reviews, or Care Act assessments, that the central hours are enough for.
    """

    people: float
    hours: float
    hours_low: float
    hours_high: float
    reviews: float
    assessments: float


def pool_of(role: str) -> str:
    """Say which work a role does.

    Parameters
    ----------
    role : str

    Returns
    -------
    str
        ``amhp`` for approved mental health professionals, ``management`` for managers, leads and
        administrators
        by their name, else ``casework``.

    Examples
    --------
    >>> pool_of("AMHP"), pool_of("Team manager"), pool_of("Social worker")
    ('amhp', 'management', 'casework')
    """
    name = role.lower()
    if "amhp" in name or "approved mental health" in name:
        return "amhp"
    return "management" if any(word in name.split() for word in _NOT_CASEWORK) else "casework"


def position(workforce: pd.DataFrame) -> pd.DataFrame:
    """Add posts and people by day and kind of work.

    Parameters
    ----------
    workforce : DataFrame
        The contract's `workforce`.

    Returns
    -------
    DataFrame
        as_at, pool, establishment, in_post, locum (WTE; NaN where not held), staffed (in post and locum),
        vacancy
        (establishment less in post), vacancy_percent, locum_percent (of those staffed). By day and pool.
    """
    columns = {"wte_establishment": "establishment", "wte_in_post": "in_post", "wte_locum": "locum"}
    rows = workforce.assign(pool=[pool_of(role) for role in workforce["role"]])
    sums = rows.groupby(["as_at", "pool"], sort=True)[list(columns)].sum(min_count=1)
    made = sums.rename(columns=columns).reset_index()
    made["staffed"] = made["in_post"] + made["locum"].fillna(0)
    made["vacancy"] = made["establishment"] - made["in_post"]
    made["vacancy_percent"] = 100 * made["vacancy"] / made["establishment"].where(made["establishment"] > 0)
    made["locum_percent"] = 100 * made["locum"] / made["staffed"].where(made["staffed"] > 0)
    return made


def redeployment(people: float, held: Assumptions) -> Redeployed:
    """Estimate the time that redeployed people bring if each works full time on the tasks.

    Parameters
    ----------
    people : float
        Taken as full-time posts.
    held : Assumptions

    Returns
    -------
    Redeployed
    """
    names = ("hours_per_week", "weeks_available", "non_contact_share")
    week, weeks, without = (
        held[name].draw(_DRAWS, np.random.default_rng([75, *name.encode()])) for name in names
    )
    low, high = np.quantile(people * week * weeks * (1 - without), [0.025, 0.975])
    central = people * held.central(names[0]) * held.central(names[1]) * (1 - held.central(names[2]))
    return Redeployed(
        people=people,
        hours=central,
        hours_low=float(low),
        hours_high=float(high),
        reviews=central / held.central("hours_per_review"),
        assessments=central / held.central("hours_per_assessment"),
    )
