"""The study behind the notebook: each result is worked out when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from s75lib import present
from s75lib.errors import ConfigError, checked_parameter
from s75lib.loaders import AuthorityData, Scenario
from s75lib.present.disclosure import nearest_5
from s75lib.stats.forecasting import release
from s75lib.workload.activity import ACTIVITY, TEAM_MEASURES, Monthly, monthly, protected_months
from s75lib.workload.assumptions import Assumptions, in_force
from s75lib.workload.backlog import (
    Caseload,
    backlog_by_month,
    backlog_by_staff,
    caseload,
    protected_open_packages,
)
from s75lib.workload.demand import Outlook, expected_demand
from s75lib.workload.posts import (
    WORKFORCE,
    Recruitment,
    own_hours,
    posts_and_people,
    recruitment,
    redeployment,
    team_posts,
)
from s75lib.workload.published import concerns, concerns_from_activity, monthly_means, protected_concerns
from s75lib.workload.reviews import protected_due, reviews_due, transfer_need, transfer_reviews
from s75lib.workload.rota import Rota, rota_cover
from s75lib.workload.scenarios import EXAMPLES, Scenarios, run_scenarios
from s75lib.workload.shifts import Shift, Shifts, find_shifts, shifts_since
from s75lib.workload.staff import StaffNeed, TeamNeed, need_by_team, need_figure, staff_needed, tornado
from s75lib.workload.transfers import (
    TRANSFERS,
    people_moving,
    protected_people,
    transfer_progress,
    transfers_figure,
)

NOTHING = present.Missing(
    "Nothing about workload is held in a form that can be counted: no activity, no packages, no posts.",
    (ACTIVITY, TRANSFERS, WORKFORCE),
    whole=True,
)


class Study(present.Study):
    """What the notebook shows of an authority: None or empty where the data are not there.

    Parameters
    ----------
    data : AuthorityData
        As `s75lib.load` gives them.
    step_month : str
        First month after a change to be tested, such as 2019-08; empty: steps are searched for alone.
    horizon : int
        Months ahead, >= 1.
    anniversaries : str
        As in `s75lib.workload.reviews.expected_reviews`: ``kept`` or ``anew``.
    """

    notebook: ClassVar[str] = "workload_forecast"

    def __init__(
        self, data: AuthorityData, *, step_month: str = "", horizon: int = 12, anniversaries: str = "kept"
    ) -> None:
        super().__init__(data)
        self.step_month, self.horizon, self.anniversaries = step_month, horizon, anniversaries

    @property
    def sections(self) -> tuple[Any, ...]:
        """The sections in the notebook's order."""
        names = (
            "demand",
            "shifts",
            "transfers",
            "reviews",
            "published",
            "staff",
            "backlog",
            "posts",
            "rota",
            "scenarios",
            "assumptions",
        )
        return tuple(sys.modules[f"s75lib.workload.{name}"] for name in names)

    @property
    def missing(self) -> list[present.Missing]:
        """That nothing of the notebook can be done, where no section finds anything."""
        return [] if any(each.headlines(self) for each in self.sections) else [NOTHING]

    def pictures(self) -> Iterator[present.Figure | present.Missing]:
        """Yield the staff that the work takes, or else the people who move between teams."""
        yield need_figure(self)
        yield transfers_figure(self)

    @cached_property
    def assumptions(self) -> Assumptions:
        """The assumptions in force: defaults, what the workforce tells, and the authority's own."""
        told = [own_hours(self.data.workforce), self.data.assumptions]
        return in_force(pd.concat(told, ignore_index=True))

    @cached_property
    def facts(self) -> dict[str, float]:
        """Published single figures by their reference."""
        rows = self.data.facts
        return {str(name): float(value) for name, value in zip(rows["fact_id"], rows["value"], strict=True)}

    @cached_property
    def activity(self) -> Monthly:
        """Monthly series in all and by team."""
        found = monthly(self.data.activity)
        of_all, by_team = (
            self.to_nearest_5("activity", rows, "count") for rows in (found.totals, found.teams)
        )
        return replace(found, totals=of_all, teams=by_team)

    @property
    def totals(self) -> pd.DataFrame:
        """Monthly series, all teams together."""
        return self.activity.totals

    @property
    def teams(self) -> pd.DataFrame:
        """Monthly series by team."""
        return self.activity.teams

    @cached_property
    def protected_months(self) -> dict[str, present.Protected]:
        """Each measure's months as they may be shown, by team where the page shows teams."""
        by_team = {*TEAM_MEASURES, *(shift.measure for shift in self.shifts.found if shift.team)}
        few, rounds = self.fewest("activity"), self.data.rounds("activity")
        return {
            name: protected_months(
                self.totals, self.teams, name, few, by_team=name in by_team, rounded=rounds
            )
            for name in sorted(set(self.totals["measure"]))
        }

    @cached_property
    def shifts(self) -> Shifts:
        """Steps found by search."""
        return find_shifts(self.activity)

    @cached_property
    def given_shifts(self) -> tuple[Shift, ...]:
        """Changes since the month that was given."""
        return shifts_since(self.activity, self.step_month) if self.step_month else ()

    @cached_property
    def _forecast(self) -> tuple[Outlook, TeamNeed | None]:
        """The outlook without the teams' paths, most of what it holds, and the staff that these take."""
        found = expected_demand(self.activity, horizon=self.horizon, steps=self.shifts.months())
        release()
        posts = team_posts(self.data.workforce)
        need = need_by_team(found, self.assumptions, posts, open_cases=self.open_cases)
        return replace(found, team_paths={}), need

    @property
    def outlook(self) -> Outlook:
        """What is to be expected of each measure, without the teams' paths."""
        return self._forecast[0]

    @property
    def team_need(self) -> TeamNeed | None:
        """The casework staff that each team's work takes."""
        return self._forecast[1]

    @cached_property
    def transfers(self) -> pd.DataFrame:
        """People whose packages move."""
        found = people_moving(self.data.package_transfers)
        rows = self.to_nearest_5("package_transfers", found, "now", "gains", "after")
        return rows.assign(growth_percent=100 * rows["gains"] / rows["now"].where(rows["now"] > 0))

    @cached_property
    def people_moving(self) -> present.Protected:
        """The same as they may be shown."""
        return protected_people(self)

    @cached_property
    def transfer_progress(self) -> pd.DataFrame:
        """People with health staff over the days counted."""
        found = transfer_progress(self.data.package_transfers)
        return self.to_nearest_5("package_transfers", found, "social_work", "healthcare_professional")

    @cached_property
    def transfer_reviews(self) -> pd.DataFrame:
        """The reviews that follow when packages move."""
        return transfer_reviews(self.transfers, self.assumptions, anniversaries=self.anniversaries)

    @cached_property
    def transfer_need(self) -> dict[str, float]:
        """The staff that those reviews take; empty without a transfer."""
        reviews = self.transfer_reviews
        return transfer_need(reviews, self.assumptions) if len(reviews) else {}

    @cached_property
    def reviews_due(self) -> pd.DataFrame:
        """Reviews due from the ledger."""
        interval = round(self.assumptions.central("review_interval_months"))
        return reviews_due(self.data.packages, interval_months=interval)

    @cached_property
    def due_by_month(self) -> present.Protected:
        """The same by month as they may be shown."""
        return protected_due(self)

    @cached_property
    def monthly_means(self) -> pd.DataFrame:
        """What published means a month say, year against year; none that few people are behind."""
        kpi = self.data.kpi
        if self.data.rounds("kpi"):
            a_month = (nearest_5(12 * kpi["value"]) / 12).round(1)
            kpi = kpi.assign(value=kpi["value"].where(kpi["unit"] != "per_month", a_month))
        found = monthly_means(kpi)
        if found.empty:
            return found
        least = found[["before_low", "after_low"]].min(axis=1)
        return found[(least == 0) | (least >= self.fewest("kpi"))].reset_index(drop=True)

    @cached_property
    def _published_concerns(self) -> pd.DataFrame:
        return concerns(self.data.kpi)

    @property
    def concerns_are_published(self) -> bool:
        """Whether concerns and enquiries are those of the indicators, and not of the activity."""
        return len(self._published_concerns) > 0

    @cached_property
    def concerns(self) -> pd.DataFrame:
        """Enquiries against safeguarding concerns."""
        if self.concerns_are_published:
            return self._published_concerns
        return concerns_from_activity(self.totals)

    @cached_property
    def concerns_table(self) -> present.Protected:
        """The same as they may be shown."""
        return protected_concerns(self)

    @cached_property
    def posts(self) -> pd.DataFrame:
        """Posts and people by day and kind of work."""
        return posts_and_people(self.data.workforce)

    def posts_now(self, pool: str) -> pd.Series | None:
        """Give the posts and people of one kind of work on the latest day; None where not held."""
        rows = self.posts[self.posts["pool"] == pool] if len(self.posts) else self.posts
        return None if rows.empty else rows.iloc[-1]

    @property
    def open_cases(self) -> float:
        """Cases open throughout; NaN where no fact says so."""
        return self.facts.get("open_cases", math.nan)

    @cached_property
    def need(self) -> StaffNeed:
        """The staff that the expected work takes."""
        return staff_needed(self.outlook, self.assumptions, open_cases=self.open_cases)

    @cached_property
    def tornado(self) -> pd.DataFrame:
        """The need as each assumption moves."""
        return pd.DataFrame() if self.need.is_empty else tornado(self.need, self.assumptions, self.outlook)

    @cached_property
    def _casework(self) -> dict[str, float] | None:
        """Casework staff in post, staffed with locums and funded; None without them or their need."""
        here = self.posts_now("casework")
        if here is None or "casework" not in self.need.draws:
            return None
        return {name: float(here[name]) for name in ("staffed", "in_post", "establishment")}

    @cached_property
    def backlog(self) -> pd.DataFrame:
        """Work left undone with the staff of now, month by month."""
        here = self._casework
        return backlog_by_month(self.need.draws["casework"], here["staffed"]) if here else pd.DataFrame()

    @cached_property
    def backlog_by_staff(self) -> pd.DataFrame:
        """The same at the end with several levels of staff."""
        here = self._casework
        if not here:
            return pd.DataFrame()
        levels = {
            "In post, with locums": here["staffed"],
            "In post, without locums": here["in_post"],
            "Every funded post filled": here["establishment"],
        }
        return backlog_by_staff(self.need.draws["casework"], levels, full=here["establishment"])

    @cached_property
    def caseload(self) -> Caseload | None:
        """Open packages as a stock that fills and drains."""
        return caseload(self.data.packages)

    @cached_property
    def open_packages(self) -> present.Protected:
        """Open packages by month as they may be shown."""
        return protected_open_packages(self)

    @cached_property
    def recruitment(self) -> Recruitment | None:
        """What recruiting to every casework vacancy brings."""
        here = self.posts_now("casework")
        if here is None:
            return None
        return recruitment(float(here["establishment"]), float(here["in_post"]), self.assumptions)

    @cached_property
    def redeployment(self) -> pd.DataFrame | None:
        """The time that redeployed care coordinators bring."""
        people = self.facts.get("care_coordinators")
        return None if people is None else redeployment(people, self.assumptions)

    @cached_property
    def rota(self) -> Rota | None:
        """Whether the rota of approved mental health professionals holds."""
        here = self.posts_now("amhp")
        published = self.facts.get("amhp_locums", math.nan)
        locums = published if here is None else float(np.nan_to_num(here["locum"]))
        # An authority's own assumption first, then its published figure.
        is_own = self.assumptions["amhp_on_shift"].is_local
        on_duty = math.nan if is_own else self.facts.get("amhp_shift", math.nan)
        return rota_cover(
            self.outlook,
            self.totals,
            self.assumptions,
            on_duty=on_duty,
            locums=locums,
            trainees=self.facts.get("amhp_trainees", 0.0),
        )

    @cached_property
    def scenarios(self) -> Scenarios | None:
        """The authority's own scenarios or the examples, and that all people whose packages may move do."""
        here = self._casework
        if not here:
            return None
        own = self.data.scenarios
        gains = 0.0 if self.transfers.empty else float(self.transfers["gains"].iloc[-1])
        moved: tuple[Scenario, ...] = ()
        if gains and not any(item.people_moved for item in own):
            moved = (Scenario("All packages with health staff move", people_moved=gains),)
        return run_scenarios(
            (*(own or EXAMPLES), *moved),
            self.outlook,
            self.assumptions,
            establishment=here["establishment"],
            staffed=here["staffed"],
            open_cases=self.open_cases,
        )


def study(
    data: AuthorityData, *, step_month: str = "", horizon: int = 12, anniversaries: str = "kept"
) -> Study:
    """Study the workload of an authority: what is coming, and whether the people are there for it.

    Parameters
    ----------
    data : AuthorityData
        As `s75lib.load` gives them.
    step_month : str
        First month after a change to be tested, such as 2019-08; empty: steps are searched for alone.
    horizon : int
        Months ahead, >= 1.
    anniversaries : str
        Yearly reviews after a transfer: ``kept``, or ``anew`` from the transfer.

    Returns
    -------
    Study

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = study(load("cambridgeshire"))
    >>> int(found.transfers["gains"].iloc[-1]), found.outlook.is_empty
    (273, True)
    """
    step_month = checked_parameter("step_month", step_month, "str", example="2019-08")
    horizon = checked_parameter("horizon", horizon, "int", example=12)
    anniversaries = checked_parameter("anniversaries", anniversaries, "str", example="kept")
    if not 1 <= horizon <= 120:
        raise ConfigError(f"parameter 'horizon': found {horizon}; expected months from 1 to 120, such as 12.")
    return Study(data, step_month=step_month, horizon=horizon, anniversaries=anniversaries)
