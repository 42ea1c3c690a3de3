"""People whose care packages move from health staff to the social work teams."""

from __future__ import annotations

__all__ = ["progress", "transfers"]

import pandas as pd


def transfers(frame: pd.DataFrame) -> pd.DataFrame:
    """Set out how many people each social work team holds, gains and would then hold.

    Parameters
    ----------
    frame : DataFrame
        The contract's `package_transfers`; the latest day is used.

    Returns
    -------
    DataFrame
        level (team, group, all), as_at, service_group, team, now, gains, after (people), growth_percent (NaN
        where the team holds nobody now). Teams as given, each group's total below them, the whole last.

    Notes
    -----
    It supposes that the people whom a team's health staff hold go to the social workers of that team.

    Examples
    --------
    >>> day = pd.DataFrame({"as_at": "2019-12-06", "service_group": "AMH", "team": ["Alder", "Beech"],
    ...                     "social_work": [10, 30], "healthcare_professional": [5, 15]})
    >>> transfers(day)[["level", "now", "gains", "after", "growth_percent"]].values.tolist()
    [['team', 10, 5, 15, 50.0], ['team', 30, 15, 45, 50.0], ['all', 40, 20, 60, 50.0]]
    """
    columns = ["level", "as_at", "service_group", "team", "now", "gains", "after", "growth_percent"]
    if frame.empty:
        return pd.DataFrame(columns=columns)
    latest = frame[frame["as_at"] == frame["as_at"].max()]
    rows: pd.DataFrame = latest.rename(columns={"social_work": "now", "healthcare_professional": "gains"})
    rows = rows[["as_at", "service_group", "team", "now", "gains"]].assign(level="team")
    parts = []
    groups = list(rows.groupby("service_group", sort=False))
    for group, part in groups:
        parts.append(part)
        if len(groups) > 1:
            parts.append(_total(part, "group", str(group)))
    made = pd.concat([*parts, _total(rows, "all", "")], ignore_index=True)
    made["after"] = made["now"] + made["gains"]
    made["growth_percent"] = 100 * made["gains"] / made["now"].where(made["now"] > 0)
    return pd.DataFrame(made[columns])


def progress(frame: pd.DataFrame) -> pd.DataFrame:
    """Follow the people held by social workers and by health staff over the days counted.

    Parameters
    ----------
    frame : DataFrame
        The contract's `package_transfers`.

    Returns
    -------
    DataFrame
        as_at, social_work, healthcare_professional (people, all teams), health_share (percent; NaN for
        nobody).
    """
    sums = frame.groupby("as_at")[["social_work", "healthcare_professional"]].sum().reset_index()
    whole = sums["social_work"] + sums["healthcare_professional"]
    sums["health_share"] = 100 * sums["healthcare_professional"] / whole.where(whole > 0)
    return sums


def _total(part: pd.DataFrame, level: str, group: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "as_at": [part["as_at"].iloc[0]],
            "service_group": [group],
            "team": [""],
            "now": [part["now"].sum()],
            "gains": [part["gains"].sum()],
            "level": [level],
        }
    )
