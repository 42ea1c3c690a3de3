"""Everything that the notebook shows, computed once from an authority's data."""

from __future__ import annotations

__all__ = ["Study", "study"]

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from s75lib.workload.assumptions import Assumptions, assumptions
from s75lib.workload.caseload import Caseload, caseload, pile_up
from s75lib.workload.naming import Place, place
from s75lib.workload.outlook import Outlook, outlook
from s75lib.workload.published import concerns, concerns_from_activity, monthly_means
from s75lib.workload.reviews import ledger_due, transfer_reviews
from s75lib.workload.rota import Rota, Staff, rota
from s75lib.workload.scenarios import Run, Scenario, read, run
from s75lib.workload.series import by_team, totals
from s75lib.workload.shifts import Shift, Shifts, shifts, since
from s75lib.workload.staffing import Required, required, tornado, transfer_need
from s75lib.workload.transfers import progress, transfers
from s75lib.workload.workforce import Redeployed, position, redeployment


class _Data(Protocol):
    @property
    def authority(self) -> Any: ...

    def __getattr__(self, name: str) -> pd.DataFrame: ...


@dataclass(frozen=True)
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
    moves, progress, moved_reviews : DataFrame
        People whose packages move, over the days counted, and the reviews that follow.
    moved_need : dict of str to float
        Staff that those reviews take: see `s75lib.workload.staffing.transfer_need`; empty without a transfer.
    ledger : DataFrame
        Reviews due from the ledger.
    means, concerns : DataFrame
        What published yearly figures say.
    staff : DataFrame
        Posts and people by day and pool.
    open_cases : float
        Cases open throughout; NaN where neither a series nor a fact says so.
    needed : Required
    tornado : DataFrame
    pile : DataFrame
        Work left undone with the staff of now.
    caseload : Caseload or None
    rota : Rota or None
    run : Run or None
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
    staff: pd.DataFrame = field(repr=False)
    open_cases: float
    needed: Required = field(repr=False)
    tornado: pd.DataFrame = field(repr=False)
    pile: pd.DataFrame = field(repr=False)
    caseload: Caseload | None = field(repr=False)
    rota: Rota | None = field(repr=False)
    run: Run | None = field(repr=False)
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


def study(data: _Data, *, step_month: str = "", horizon: int = 12, anniversaries: str = "kept") -> Study:
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
    held = assumptions(data.assumptions)
    facts = {str(k): float(v) for k, v in zip(data.facts["fact_id"], data.facts["value"], strict=True)}
    whole = totals(data.activity)
    found = shifts(data.activity)
    ahead = outlook(data.activity, horizon=horizon, steps=found.months())
    moves = transfers(data.package_transfers)
    moved = transfer_reviews(moves, held, anniversaries=anniversaries)
    printed = concerns(data.kpi)
    staff = position(data.workforce)
    open_cases = facts.get("open_cases", math.nan)
    needed = required(ahead, held, open_cases=open_cases)
    there = staff[staff["pool"] == "casework"] if len(staff) else staff
    has_both = "casework" in needed.draws and len(there) > 0
    staffed = float(there["staffed"].iloc[-1]) if has_both else math.nan
    scenarios = read(data.authority.folder / "scenarios.toml")
    if has_both and len(moves):
        gains = float(moves["gains"].iloc[-1])
        scenarios = (*scenarios, Scenario("Packages still with health staff move", people_moved=gains))
    return Study(
        place=place(data),
        held=held,
        facts=facts,
        totals=whole,
        teams=by_team(data.activity),
        shifts=found,
        given=since(data.activity, step_month) if step_month else (),
        ahead=ahead,
        moves=moves,
        progress=progress(data.package_transfers),
        moved_reviews=moved,
        moved_need=transfer_need(moved, held) if len(moved) else {},
        ledger=ledger_due(data.packages, interval_months=round(held.central("review_interval_months"))),
        means=monthly_means(data.kpi),
        concerns=printed if len(printed) else concerns_from_activity(whole),
        staff=staff,
        open_cases=open_cases,
        needed=needed,
        tornado=tornado(needed, held, ahead) if not needed.is_empty else pd.DataFrame(),
        pile=pile_up(needed.draws["casework"], staffed) if has_both else pd.DataFrame(),
        caseload=caseload(data.packages),
        rota=rota(ahead, whole, held, _amhps(staff, facts), on_duty=_on_duty(held, facts)),
        run=run(
            scenarios, ahead, held,
            establishment=float(there["establishment"].iloc[-1]), staffed=staffed, open_cases=open_cases,
        ) if has_both else None,
        redeployed=redeployment(facts["care_coordinators"], held) if "care_coordinators" in facts else None,
    )  # fmt: skip


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
