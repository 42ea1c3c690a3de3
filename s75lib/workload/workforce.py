"""Posts, people in post, vacancies and locums; the time that redeployed staff bring."""

from __future__ import annotations

__all__ = ["Redeployed", "own_hours", "pool_of", "position", "redeployment", "team_posts"]

from dataclasses import dataclass

import numpy as np
import pandas as pd

from s75lib.workload.assumptions import Assumptions

_NOT_CASEWORK = ("manager", "lead", "admin", "head", "director")
_DRAWS = 4000
_WEEKS = 365.25 / 7
_PEOPLE = ("hours_per_week", "weeks_available", "non_contact_share")


@dataclass(frozen=True)
class Redeployed:
    """Time that redeployed people bring in a year, and the work that it is enough for.

    Parameters
    ----------
    people : float
    table : DataFrame
        what (hours for tasks, yearly reviews, Care Act assessments), central (all assumptions central),
        lower_95, upper_95 (from the assumptions' ranges). Reviews and assessments are alternatives.
    """

    people: float
    table: pd.DataFrame


def pool_of(role: str) -> str:
    """Say which work a role does.

    Parameters
    ----------
    role : str

    Returns
    -------
    str
        ``amhp`` for approved mental health professionals, ``management`` for managers, leads and
        administrators by their name, else ``casework``.

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
        vacancy (establishment less in post), vacancy_percent, locum_percent (of those staffed). By day and
        pool.
    """
    return _added(workforce.assign(pool=[pool_of(role) for role in workforce["role"]]), ["as_at", "pool"])


def team_posts(workforce: pd.DataFrame) -> pd.DataFrame:
    """Add the casework posts and people of each team on the latest day.

    Parameters
    ----------
    workforce : DataFrame
        The contract's `workforce`.

    Returns
    -------
    DataFrame
        team, and the columns of `position`.
    """
    return _added(_caseworkers(workforce), ["team"])


def own_hours(workforce: pd.DataFrame) -> pd.DataFrame:
    """Take hours a week and weeks at work from the workforce's own columns.

    Parameters
    ----------
    workforce : DataFrame
        The contract's `workforce`; hours_per_wte_week and unavailable_share of casework on the latest day
        are used.

    Returns
    -------
    DataFrame
        Rows for `s75lib.workload.assumptions.assumptions`: hours_per_week and weeks_available as far as the
        columns are filled, the central value weighted by people in post, low and high those of any row.
    """
    rows = _caseworkers(workforce)
    made = []
    for name, unit, values in (
        ("hours_per_week", "hours a week", rows["hours_per_wte_week"]),
        ("weeks_available", "weeks a year", _WEEKS * (1 - rows["unavailable_share"])),
    ):
        known = values.notna() & (rows["wte_in_post"] > 0)
        if known.any():
            held = values[known].astype(float)
            central = np.average(held, weights=rows.loc[known, "wte_in_post"].astype(float))
            made.append((name, held.min(), np.clip(central, held.min(), held.max()), held.max(), unit))
    columns = ["assumption", "low", "central", "high", "unit"]
    return pd.DataFrame(made, columns=columns).assign(source="The workforce's own columns, latest day")


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
    week, weeks, without = (held[name].stream(_DRAWS) for name in _PEOPLE)
    drawn = people * week * weeks * (1 - without)
    central = people * held.central(_PEOPLE[0]) * held.central(_PEOPLE[1]) * (1 - held.central(_PEOPLE[2]))
    rows = [("Hours for social work", central, drawn)]
    for what, name in (
        ("or: yearly reviews", "hours_per_review"),
        ("or: assessments", "hours_per_assessment"),
    ):
        rows.append((what, central / held.central(name), drawn / held[name].stream(_DRAWS)))
    table = pd.DataFrame(
        [(what, middle, *np.quantile(draws, [0.025, 0.975])) for what, middle, draws in rows],
        columns=["what", "central", "lower_95", "upper_95"],
    )
    return Redeployed(people, table)


def _caseworkers(workforce: pd.DataFrame) -> pd.DataFrame:
    """Take the casework rows of the latest day."""
    is_latest = workforce["as_at"] == workforce["as_at"].max()
    rows: pd.DataFrame = workforce[is_latest & (workforce["role"].map(pool_of) == "casework")]
    return rows


def _added(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Add WTE by keys, with the vacancies and shares that follow."""
    columns = {"wte_establishment": "establishment", "wte_in_post": "in_post", "wte_locum": "locum"}
    made = rows.groupby(keys, sort=True)[list(columns)].sum(min_count=1).rename(columns=columns).reset_index()
    made["staffed"] = made["in_post"] + made["locum"].fillna(0)
    made["vacancy"] = made["establishment"] - made["in_post"]
    made["vacancy_percent"] = 100 * made["vacancy"] / made["establishment"].where(made["establishment"] > 0)
    made["locum_percent"] = 100 * made["locum"] / made["staffed"].where(made["staffed"] > 0)
    return made
