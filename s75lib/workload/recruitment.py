"""Vacancies filled over time: when recruits start, and how many posts are vacant for good."""

from __future__ import annotations

__all__ = ["Recruitment", "recruitment", "recruits"]

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.workload.assumptions import Assumptions
from s75lib.workload.draws import tails

Array = npt.NDArray[np.float64]

_DRAWS = 2000


@dataclass(frozen=True)
class Recruitment:
    """What recruiting to every vacancy from now on brings.

    Parameters
    ----------
    establishment, in_post : float
        WTE now.
    leavers : float
        WTE that leave in a year, central.
    standing, standing_lower, standing_upper : float
        WTE that stay vacant even so, since each leaver's post is empty for the time to recruit: median and
        95% interval.
    months : DataFrame
        month (1 …), central, lower_80, upper_80, lower_95, upper_95 (WTE in post at the month's end).
    """

    establishment: float
    in_post: float
    leavers: float
    standing: float
    standing_lower: float
    standing_upper: float
    months: pd.DataFrame = field(repr=False)


def recruits(posts: float, begins: int, months: int, held: Assumptions, n: int) -> Array:
    """Follow the time at work of people recruited to some posts.

    Parameters
    ----------
    posts : float
        WTE advertised.
    begins : int
        Month in which they are advertised, at its start; the first is 1.
    months : int
        Months to follow.
    held : Assumptions
        time_to_recruit, drawn once for all posts.
    n : int
        Draws.

    Returns
    -------
    array, (n, months)
        WTE at work, mean of each month.

    Examples
    --------
    Two posts advertised at once, four and a half months to recruit: half of the fifth month is worked.

    >>> from s75lib.workload.assumptions import assumptions
    >>> own = pd.DataFrame([{"assumption": "time_to_recruit", "low": 4.5, "central": 4.5, "high": 4.5,
    ...                      "unit": "months", "source": "test"}])
    >>> recruits(2, 1, 6, assumptions(own), 1).tolist()
    [[0.0, 0.0, 0.0, 0.0, 1.0, 2.0]]
    """
    starts = begins - 1 + held["time_to_recruit"].stream(n)[:, None]
    return posts * np.clip(np.arange(1, months + 1) - starts, 0.0, 1.0)


def recruitment(establishment: float, in_post: float, held: Assumptions, *, months: int = 12) -> Recruitment:
    """Follow the staff in post if every vacancy is advertised now, and every leaver's post when they leave.

    Parameters
    ----------
    establishment, in_post : float
        WTE.
    held : Assumptions
        time_to_recruit and leavers_share.
    months : int
        Months to follow, >= 1.

    Returns
    -------
    Recruitment

    Notes
    -----
    People leave evenly, a share a year of those now in post. By Little's law the posts that stand empty are
    those that fall vacant in a month times the months that it takes to fill one. After k months the vacancies
    of now are filled if the time to recruit is over, and the leavers of the last so many months are not yet
    replaced. Every post is taken to find somebody in that time.

    References
    ----------
    Little, J. D. C. (1961) Operations Research 9, 383-387.
    """
    wait = held["time_to_recruit"].stream(_DRAWS)[:, None]
    share = held["leavers_share"].stream(_DRAWS)[:, None]
    monthly = in_post * share / 12
    ends = np.arange(1, months + 1)
    there = in_post + max(establishment - in_post, 0.0) * (wait <= ends) - monthly * np.minimum(ends, wait)
    empty = tails((monthly * wait)[:, 0])
    return Recruitment(
        establishment=establishment,
        in_post=in_post,
        leavers=in_post * held.central("leavers_share"),
        standing=float(empty["central"]),
        standing_lower=float(empty["lower_95"]),
        standing_upper=float(empty["upper_95"]),
        months=pd.DataFrame({"month": ends, **tails(there)}),
    )
