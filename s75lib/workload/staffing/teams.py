"""The casework staff that each team's expected work takes, against the posts and people of the team."""

from __future__ import annotations

__all__ = ["TeamNeed", "need_by_team"]

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.workload.assumptions import Assumptions
from s75lib.workload.outlook import Outlook
from s75lib.workload.staffing.gaps import LEVELS, against
from s75lib.workload.staffing.required import TASKS, hours_a_month, work_ahead, years

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TeamNeed:
    """Casework WTE by team.

    Parameters
    ----------
    table : DataFrame
        team, central, lower_80, upper_80, lower_95, upper_95, error (WTE on the mean of the months),
        and the columns of `s75lib.workload.staffing.gaps.against`, NaN where the workforce has no such team.
        Teams by their name.
    draws : dict of str to array, (draws, months)
        WTE by team; with shared open cases they add up to the whole of the measures held by team.
    not_by_team : tuple of str
        Casework measures that no team's series is held of: their work is in the whole alone.
    shares_open_cases : bool
        Whether open cases, held in all alone, were shared out in proportion to the teams' other work.
    """

    table: pd.DataFrame
    draws: dict[str, Array] = field(repr=False)
    not_by_team: tuple[str, ...] = ()
    shares_open_cases: bool = False


def need_by_team(
    ahead: Outlook, held: Assumptions, posts: pd.DataFrame, *, open_cases: float = math.nan
) -> TeamNeed | None:
    """Turn each team's sample paths into the casework staff that they take.

    Parameters
    ----------
    ahead : Outlook
    held : Assumptions
    posts : DataFrame
        As `s75lib.workload.workforce.team_posts` gives it; may have no rows.
    open_cases : float
        Cases open in all teams together, where no monthly series says so; NaN leaves their work out.

    Returns
    -------
    TeamNeed or None
        None where no casework is held by team.

    Notes
    -----
    The draws of the assumptions are those of the whole, and the teams' paths add up to the whole's, so that
    the teams add up in every draw.

    Examples
    --------
    A post has 100 hours a month, and a review takes six; Alder's hundred need six posts, and it has five:

    >>> from s75lib.workload import monthly, outlook
    >>> from s75lib.workload.assumptions import Assumption
    >>> months = pd.date_range("2024-08-01", periods=8, freq="MS")
    >>> activity = pd.concat(pd.DataFrame({"month": months, "team": team, "count": count})
    ...                      for team, count in [("Alder", 100.0), ("Beech", 50.0)])
    >>> known = {"hours_per_review": 6, "hours_per_week": 40, "weeks_available": 40,
    ...          "non_contact_share": 0.25}
    >>> held = Assumptions({name: Assumption(name, name, at, at, at, "", "") for name, at in known.items()})
    >>> posts = pd.DataFrame({"team": ["Alder"], "establishment": [5.0], "staffed": [4.0]})
    >>> ahead = outlook(monthly(activity.assign(measure="reviews", service_group="AMH")))
    >>> table = need_by_team(ahead, held, posts).table
    >>> table[["team", "central", "gap_to_establishment"]].round(1).values.tolist()
    [['Alder', 6.0, 1.0], ['Beech', 3.0, nan]]
    """
    work = work_ahead(ahead)
    if work is None:
        return None
    casework = [measure for measure in work.late if TASKS[measure][1] == "casework"]
    hours: dict[str, Array] = {}
    told = set()
    for (measure, team), paths in ahead.team_paths.items():
        if measure in casework:
            each = held[TASKS[measure][0]].stream(len(paths))[:, None]
            hours[team] = hours.get(team, 0.0) + work.cut(measure, paths) * each
            told.add(measure)
    if not hours:
        return None
    is_shared = open_cases > 0 and "open_cases" not in work.late
    if is_shared:
        hours = _with_open_cases(hours, open_cases, held)
    n = len(next(iter(hours.values())))
    available = hours_a_month(held, n)[:, None]
    draws = {team: np.asarray(hours[team] / available) for team in sorted(hours)}
    return TeamNeed(
        table=_against(draws, posts, work.months),
        draws=draws,
        not_by_team=tuple(measure for measure in casework if measure not in told),
        shares_open_cases=is_shared,
    )


def _with_open_cases(hours: Mapping[str, Array], cases: float, held: Assumptions) -> dict[str, Array]:
    """Add the work on open cases, shared out in proportion to the teams' other work."""
    means = {team: float(taken.mean()) for team, taken in hours.items()}
    n = len(next(iter(hours.values())))
    whole = cases * held[TASKS["open_cases"][0]].stream(n)[:, None]
    total = sum(means.values())
    return {team: taken + whole * (means[team] / total) for team, taken in hours.items()}


def _against(draws: Mapping[str, Array], posts: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    """Set each team's need against its posts and its people."""
    held = {str(row["team"]): row for row in posts.to_dict("records")}
    rows = []
    for team, wte in draws.items():
        there = {name: float(held[team][name]) if team in held else math.nan for name in LEVELS}
        rows.append({"team": team} | against(wte, there, months))
    return years(draws, "team").merge(pd.DataFrame(rows), on="team")
