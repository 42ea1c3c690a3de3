"""Everything that the notebook shows, computed once from an authority's data."""

from __future__ import annotations

__all__ = ["Study", "study"]

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from s75lib.loaders import AuthorityData, Scenario
from s75lib.stats.forecasting import release
from s75lib.workload.assumptions import Assumptions, assumptions
from s75lib.workload.backlog import pile_up, piles
from s75lib.workload.caseload import Caseload, caseload
from s75lib.workload.naming import Place, place
from s75lib.workload.outlook import Outlook, outlook
from s75lib.workload.published import concerns, concerns_from_activity, monthly_means
from s75lib.workload.recruitment import Recruitment, recruitment
from s75lib.workload.reviews import ledger_due, transfer_reviews
from s75lib.workload.rota import Rota, Staff, rota
from s75lib.workload.scenarios import EXAMPLES, Run, run
from s75lib.workload.series import monthly
from s75lib.workload.shifts import Shift, Shifts, shifts, since
from s75lib.workload.staffing import Required, TeamNeed, need_by_team, required, tornado, transfer_need
from s75lib.workload.transfers import progress, transfers
from s75lib.workload.workforce import Redeployed, own_hours, position, redeployment, team_posts


@dataclass(frozen=True, eq=False)
class Study:
    """The results of the notebook, each None or empty where the data are not there.

    Parameters
    ----------
    place : Place
    held : Assumptions
    facts : dict of str to float
        Published single figures by their reference.
    totals, teams : DataFrame
        Monthly series: see `s75lib.workload.series`.
    shifts : Shifts
        Steps found by search.
    given : tuple of Shift
        Changes since the month that was given.
    ahead : Outlook
        Without the teams' paths.
    moves, progress, moved_reviews : DataFrame
        People whose packages move, over the days counted, and the reviews that follow.
    moved_need : dict of str to float
        Staff that those reviews take: see `s75lib.workload.staffing.transfer_need`; empty without a transfer.
    ledger : DataFrame
        Reviews due from the ledger.
    means, concerns : DataFrame
        What published yearly figures say.
    concerns_printed : bool
        Whether concerns and enquiries are those of the indicators, and not of the activity.
    staff : DataFrame
        Posts and people by day and pool.
    open_cases : float
        Cases open throughout; NaN where neither a series nor a fact says so.
    needed : Required
    team_need : TeamNeed or None
    tornado : DataFrame
    pile, piles : DataFrame
        Work left undone with the staff of now, month by month; and at the end with several levels of staff.
    recruitment : Recruitment or None
        What recruiting to every vacancy brings.
    caseload : Caseload or None
    rota : Rota or None
    run : Run or None
    own_scenarios : tuple of Scenario
        Those that the authority wrote; without any, examples are run.
    redeployed : Redeployed or None
    """

    place: Place
    held: Assumptions
    facts: dict[str, float]
    totals: pd.DataFrame = field(repr=False)
    teams: pd.DataFrame = field(repr=False)
    shifts: Shifts = field(repr=False)
    given: tuple[Shift, ...] = field(repr=False)
    ahead: Outlook = field(repr=False)
    moves: pd.DataFrame = field(repr=False)
    progress: pd.DataFrame = field(repr=False)
    moved_reviews: pd.DataFrame = field(repr=False)
    moved_need: dict[str, float]
    ledger: pd.DataFrame = field(repr=False)
    means: pd.DataFrame = field(repr=False)
    concerns: pd.DataFrame = field(repr=False)
    concerns_printed: bool
    staff: pd.DataFrame = field(repr=False)
    open_cases: float
    needed: Required = field(repr=False)
    team_need: TeamNeed | None = field(repr=False)
    tornado: pd.DataFrame = field(repr=False)
    pile: pd.DataFrame = field(repr=False)
    piles: pd.DataFrame = field(repr=False)
    recruitment: Recruitment | None = field(repr=False)
    caseload: Caseload | None = field(repr=False)
    rota: Rota | None = field(repr=False)
    run: Run | None = field(repr=False)
    own_scenarios: tuple[Scenario, ...]
    redeployed: Redeployed | None = field(repr=False)

    def now(self, pool: str) -> pd.Series | None:
        """Give the posts and people of a pool on the latest day; None where not held.

        Parameters
        ----------
        pool : str

        Returns
        -------
        Series or None
        """
        rows = self.staff[self.staff["pool"] == pool] if len(self.staff) else self.staff
        return None if rows.empty else rows.iloc[-1]


def study(
    data: AuthorityData, *, step_month: str = "", horizon: int = 12, anniversaries: str = "kept"
) -> Study:
    """Compute everything that the notebook shows.

    Parameters
    ----------
    data : AuthorityData
    step_month : str
        First month after a change to be tested, such as 2019-08; empty: steps are searched for.
    horizon : int
        Months ahead, >= 1.
    anniversaries : str
        As in `s75lib.workload.reviews.curve`: ``kept`` or ``anew``.

    Returns
    -------
    Study

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = study(load("cambridgeshire"))
    >>> int(found.moves["gains"].iloc[-1]), found.ahead.is_empty
    (273, True)
    """
    held = assumptions(pd.concat([own_hours(data.workforce), data.assumptions], ignore_index=True))
    facts = {str(k): float(v) for k, v in zip(data.facts["fact_id"], data.facts["value"], strict=True)}
    activity = monthly(data.activity)
    whole = activity.totals
    found = shifts(activity)
    ahead = outlook(activity, horizon=horizon, steps=found.months())
    release()
    moves = transfers(data.package_transfers)
    moved = transfer_reviews(moves, held, anniversaries=anniversaries)
    printed = concerns(data.kpi)
    staff = position(data.workforce)
    open_cases = facts.get("open_cases", math.nan)
    needed = required(ahead, held, open_cases=open_cases)
    team_need = need_by_team(ahead, held, team_posts(data.workforce), open_cases=open_cases)
    # Of the teams' paths all is known by now, and they are most of what the forecasts hold.
    ahead = replace(ahead, team_paths={})
    here = _latest(staff, "casework")
    wte = needed.draws.get("casework")
    own = data.scenarios
    against: dict[str, Any] = {"pile": pd.DataFrame(), "piles": pd.DataFrame(), "run": None}
    if here is not None and wte is not None:
        levels = {
            "In post, with locums": here["staffed"],
            "In post, without locums": here["in_post"],
            "Every funded post filled": here["establishment"],
        }
        against = {
            "pile": pile_up(wte, here["staffed"]),
            "piles": piles(wte, levels, full=here["establishment"]),
            "run": run(
                (*(own or EXAMPLES), *_all_moved(moves, own)), ahead, held,
                establishment=here["establishment"], staffed=here["staffed"], open_cases=open_cases,
            ),
        }  # fmt: skip
    return Study(
        place=place(data),
        held=held,
        facts=facts,
        totals=whole,
        teams=activity.teams,
        shifts=found,
        given=since(activity, step_month) if step_month else (),
        ahead=ahead,
        moves=moves,
        progress=progress(data.package_transfers),
        moved_reviews=moved,
        moved_need=transfer_need(moved, held) if len(moved) else {},
        ledger=ledger_due(data.packages, interval_months=round(held.central("review_interval_months"))),
        means=monthly_means(data.kpi),
        concerns=printed if len(printed) else concerns_from_activity(whole),
        concerns_printed=len(printed) > 0,
        staff=staff,
        open_cases=open_cases,
        needed=needed,
        team_need=team_need,
        tornado=pd.DataFrame() if needed.is_empty else tornado(needed, held, ahead),
        recruitment=None if here is None else recruitment(here["establishment"], here["in_post"], held),
        caseload=caseload(data.packages),
        rota=rota(ahead, whole, held, _amhps(staff, facts), on_duty=_on_duty(held, facts)),
        own_scenarios=own,
        redeployed=redeployment(facts["care_coordinators"], held) if "care_coordinators" in facts else None,
        **against,
    )


def _latest(staff: pd.DataFrame, pool: str) -> dict[str, float] | None:
    """Give a pool's posts and people on the latest day; None where not held."""
    rows = staff[staff["pool"] == pool] if len(staff) else staff
    names = ("establishment", "in_post", "staffed")
    return None if rows.empty else {name: float(rows[name].iloc[-1]) for name in names}


def _all_moved(moves: pd.DataFrame, own: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
    """Write the scenario in which all people whose packages health staff hold move at once."""
    gains = 0.0 if moves.empty else float(moves["gains"].iloc[-1])
    if not gains or any(item.people_moved for item in own):
        return ()
    return (Scenario("All packages with health staff move", people_moved=gains),)


def _amhps(staff: pd.DataFrame, facts: dict[str, float]) -> Staff:
    """Approved mental health professionals now and to come, from the workforce and from published facts."""
    rows = staff[staff["pool"] == "amhp"] if len(staff) else staff
    trainees = facts.get("amhp_trainees", 0.0)
    if rows.empty:
        return Staff(locum=facts.get("amhp_locums", math.nan), trainees=trainees)
    latest = rows.iloc[-1]
    return Staff(float(latest["in_post"]), float(np.nan_to_num(latest["locum"])), trainees)


def _on_duty(held: Assumptions, facts: dict[str, float]) -> float:
    """People on duty: an authority's own assumption first, then its published figure."""
    if held["amhp_on_shift"].is_local:
        return math.nan
    return facts.get("amhp_shift", math.nan)
