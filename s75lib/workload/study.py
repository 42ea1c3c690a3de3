"""The study behind the notebook: each result is worked out when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from s75lib import present
from s75lib.errors import ConfigError, checked_parameter
from s75lib.kpi.disclosure import suppress
from s75lib.loaders import AuthorityData, Scenario
from s75lib.loaders.schemas import MEASURES
from s75lib.present.disclosure import Decisions
from s75lib.stats.forecasting import release
from s75lib.workload.activity import (
    ACTIVITY,
    TEAM_MEASURES,
    YEAR_OF_MONTHS,
    Monthly,
    monthly,
    of_teams,
    protected_months,
    twelve_months,
)
from s75lib.workload.assumptions import Assumptions, in_force, tornado
from s75lib.workload.backlog import (
    Caseload,
    backlog_by_month,
    backlog_by_staff,
    caseload,
    protected_open_packages,
)
from s75lib.workload.demand import Outlook, expected_demand
from s75lib.workload.disclosure import YEAR, decided_ledger, decided_months, decided_years, levelled
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
from s75lib.workload.reviews import open_a_year, protected_due, reviews_due, transfer_need, transfer_reviews
from s75lib.workload.rota import Rota, rota_cover
from s75lib.workload.scenarios import EXAMPLES, Scenarios, run_scenarios
from s75lib.workload.shifts import Shift, Shifts, find_shifts, shifts_since
from s75lib.workload.staff import StaffNeed, TeamNeed, need_by_team, need_figure, staff_needed
from s75lib.workload.transfers import (
    TRANSFERS,
    growth,
    people_moving,
    protected_delays,
    protected_people,
    total_is_hidden,
    transfer_progress,
    transfers_figure,
)

NOTHING = present.Missing(
    "Nothing about workload is held in a form that can be counted: no activity, no packages, no posts.",
    (ACTIVITY, TRANSFERS, WORKFORCE),
    whole=True,
)


class Study(present.Study):
    """What the notebook shows of an authority: None or empty where the data are not there."""

    notebook = "workload_forecast"
    section_names = (
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

    def __init__(
        self, data: AuthorityData, *, step_month: str = "", horizon: int = 12, anniversaries: str = "kept"
    ) -> None:
        super().__init__(data)
        self.step_month, self.horizon, self.anniversaries = step_month, horizon, anniversaries

    @property
    def missing(self) -> list[present.Missing]:
        """That nothing of the notebook can be done, where no section finds anything."""
        return [] if any(each.headlines(self) for each in self.sections) else [NOTHING]

    @property
    def on_comparing(self) -> tuple[str, ...]:
        """Say which twelve months are set beside the latest."""
        if (other := self.data.compared) is None or self.totals.empty:
            return ()
        last = self.totals["month"].max()
        if other.months_back(last) < YEAR_OF_MONTHS:
            return (f"The {twelve_months(other)} would share months with the latest twelve.",)
        if self.totals["month"].min() > last - pd.DateOffset(months=other.months_back(last) + 11):
            return (f"Monthly activity does not reach back to the {twelve_months(other)}.",)
        return (f"The latest twelve months stand beside the {twelve_months(other)}.",)

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
        return dict(zip(rows["fact_id"].astype(str), rows["value"].astype(float), strict=True))

    @cached_property
    def activity(self) -> Monthly:
        """Monthly series in all and by team."""
        held, own = self.data.activity, self.data.authority.measures
        # A measure of the authority's own goes by its label from here on.
        found = monthly(held.assign(measure=held["measure"].replace({slug: own[slug].name for slug in own})))
        of_all, by_team = (
            self.to_nearest_5("activity", rows, "count") for rows in (found.totals, found.teams)
        )
        known = MEASURES | {one.name: one for one in own.values()}
        return replace(found, totals=of_all, teams=by_team, measures=known)

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
        found = self.decided_months
        if further := by_team - set(TEAM_MEASURES):
            more = {name: of_teams(self.teams, name) for name in further}
            found = decided_months(self.totals, more, few, rounded=rounds, given=found)
        teams = self.teams[self.teams["measure"].isin(by_team)]
        return {
            name: protected_months(self.totals, teams, name, found, few, rounded=rounds)
            for name in sorted(set(self.totals["measure"]))
        }

    @cached_property
    def decided_months(self) -> Decisions:
        """Which months of work may be shown, decided alike for this notebook and the scorecard."""
        few, rounds = self.fewest("activity"), self.data.rounds("activity")
        held = set(TEAM_MEASURES) & set(self.teams["measure"])
        teams = {name: of_teams(self.teams, name) for name in held}
        return decided_months(self.totals, teams, few, rounded=rounds)

    @cached_property
    def decided_years(self) -> Decisions:
        """The same, with the twelve months of the period asked for where there is one."""
        return decided_years(self.decided_months) if self.data.compared else self.decided_months

    @cached_property
    def as_told(self) -> Monthly:
        """The monthly series as readers know them, on which all forecasts and tests rest."""
        found, hidden = self.activity, self.decided_months.hidden
        return replace(found, totals=levelled(found.totals, hidden), teams=levelled(found.teams, hidden))

    @cached_property
    def shifts(self) -> Shifts:
        """Steps found by search."""
        return find_shifts(self.as_told)

    @cached_property
    def given_shifts(self) -> tuple[Shift, ...]:
        """Changes since the month that was given."""
        return shifts_since(self.as_told, self.step_month) if self.step_month else ()

    @cached_property
    def _forecast(self) -> tuple[Outlook, TeamNeed | None]:
        """The outlook without the teams' paths, most of what it holds, and the staff that these take."""
        found = expected_demand(self.as_told, horizon=self.horizon, steps=self.shifts.months())
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
        return rows.assign(growth_percent=growth(rows))

    people_moving = cached_property(protected_people)

    @cached_property
    def delays(self) -> dict[str, present.Protected]:
        """Delayed transfers by reason as they may be shown, by measure."""
        found = {measure: protected_delays(self, measure) for measure in ("delayed_days", "delayed_people")}
        return {measure: one for measure, one in found.items() if one}

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

    due_by_month = cached_property(protected_due)

    @cached_property
    def monthly_means(self) -> pd.DataFrame:
        """What published means a month say, year against year; none that few people are behind."""
        return monthly_means(self.kpi, compared=self.data.compared)

    @cached_property
    def kpi(self) -> pd.DataFrame:
        """The indicators that may be shown, as the notebook of indicators decides."""
        found = suppress("kpi", self.data.kpi, self.fewest("kpi"), rounded=self.data.rounds("kpi")).frame
        return found[~found["hidden"].astype(bool)]

    @cached_property
    def concerns_are_published(self) -> bool:
        """Whether concerns and enquiries are those of the indicators, and not of the activity."""
        return len(concerns(self.data.kpi)) > 0

    @cached_property
    def concerns(self) -> pd.DataFrame:
        """Enquiries against safeguarding concerns."""
        other = self.data.compared
        if self.concerns_are_published:
            return concerns(self.kpi, compared=other)
        return concerns_from_activity(self.totals, compared=other)

    concerns_table = cached_property(protected_concerns)

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
        need, paths = self.need, self.outlook.paths
        return pd.DataFrame() if need.is_empty else tornado(need.parts, self.assumptions, paths)

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
        return caseload(self.data.packages, rounded=self.data.rounds("packages"))

    @cached_property
    def decided_ledger(self) -> Decisions:
        """Which counts of the ledger may be shown, of reviews and of packages that come, stay and go."""
        months = self.caseload.months if self.caseload else pd.DataFrame()
        year = open_a_year(self.data.packages)
        few, rounds = self.fewest("packages"), self.data.rounds("packages")
        return decided_ledger(self.reviews_due, year, months, few, rounded=rounds)

    @property
    def flows_are_few(self) -> bool:
        """Whether so few packages started or ended in the year that no rate may be shown."""
        flows = {("started", YEAR), ("ended", YEAR)}
        now = self.open_packages.table.frame["open"]
        return bool(flows & self.decided_ledger.hidden) or bool(now.isna().any())

    open_packages = cached_property(protected_open_packages)

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
            self.as_told.totals,
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
        shown = gains > 0 and not total_is_hidden(self)
        if shown and not any(item.people_moved for item in own):
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
    step_month : str
        First month after a change to be tested, such as 2019-08; empty: steps are searched for alone.

    Examples
    --------
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
