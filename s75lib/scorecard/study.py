"""What the scorecard shows of one authority, each result worked out once, when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

from collections.abc import Iterable
from datetime import date
from functools import cached_property

import pandas as pd

from s75lib import account, budget, kpi, present, workload
from s75lib.errors import ConfigError, checked_parameter
from s75lib.loaders import AuthorityData
from s75lib.loaders.peers import Peers
from s75lib.present import Missing
from s75lib.scorecard.actions import actions
from s75lib.scorecard.benchmarking import Comparison, compare_authorities
from s75lib.scorecard.budget import NO_BUDGET
from s75lib.scorecard.card import AREAS, Measure
from s75lib.scorecard.indicators import NO_INDICATORS
from s75lib.scorecard.risk_matrix import contradictions
from s75lib.scorecard.risks import NO_RISKS, movement, register
from s75lib.scorecard.workload import NO_WORKLOAD, year_on_year


class Study(present.Study):
    """The scorecard of one authority, as `study` opens it.

    Every figure of budget, workload and indicators comes from the metric functions of those wings. Nothing is
    forecast: what the scorecard shows of work is counted, not expected.
    """

    notebook = "partnership_scorecard"
    section_names = ("card", "budget", "workload", "indicators", "risks", "actions", "comparison")

    def __init__(self, data: AuthorityData, *, review_months: int = 6, peers: Peers | None = None) -> None:
        super().__init__(data)
        self.review_months = review_months
        self.peers = peers

    @property
    def missing(self) -> list[Missing]:
        """That nothing of the four areas is held."""
        if self.held:
            return []
        needs = [need for gap in (NO_BUDGET, NO_WORKLOAD, NO_INDICATORS, NO_RISKS) for need in gap.needs]
        areas = "Neither budget, workload, performance indicators nor a risk register"
        return [Missing(f"{areas} is held for this partnership.", tuple(needs), whole=True)]

    @property
    def on_comparing(self) -> tuple[str, ...]:
        """Say what the indicators and the work are set against, and that budgets are what they are."""
        said = (*self.kpi.on_comparing, *self.workload.on_comparing)
        return (*said, "Money stays set against its budget, and risks against their review before.")

    @cached_property
    def measures(self) -> dict[str, tuple[Measure, ...]]:
        """The rows of the scorecard by area: the four, and Actions."""
        areas = zip((*AREAS, "Actions"), self.sections[1:6], strict=True)
        return {area: tuple(filter(None, module.measures(self))) for area, module in areas}

    @property
    def held(self) -> tuple[str, ...]:
        """Which of the four areas anything is held of."""
        return tuple(area for area in AREAS if self.measures[area])

    @cached_property
    def as_at(self) -> pd.Timestamp:
        """The day against which actions and reviews are due: see `as_known`."""
        documents = [document.date for document in self.data.authority.documents]
        return as_known(self.data.period.end, self.data.known_to, documents)

    @cached_property
    def budget(self) -> budget.Study:
        """What the budget wing knows."""
        return budget.study(self.data)

    @cached_property
    def account(self) -> account.Study:
        """What the account knows: who bears the difference of the pool."""
        return account.study(self.data, money=self.budget)

    @cached_property
    def workload(self) -> workload.Study:
        """What the workload wing knows; nothing here asks for its search of steps or its forecasts."""
        return workload.study(self.data)

    @cached_property
    def year_on_year(self) -> pd.DataFrame:
        """Twelve months of each measure of work against the twelve before."""
        work = self.workload
        rounds = self.data.rounds("activity")
        known = work.activity.measures
        hidden, other = work.decided_years.hidden, self.data.compared
        return year_on_year(work.as_told.totals, hidden, rounded=rounds, known=known, compared=other)

    @cached_property
    def kpi(self) -> kpi.Study:
        """What the KPI wing knows."""
        return kpi.study(self.data)

    @cached_property
    def register(self) -> pd.DataFrame:
        """The risk register, recomputed: see `s75lib.scorecard.risks.register`."""
        return register(self.data.risks)

    @cached_property
    def movement(self) -> pd.DataFrame:
        """Each risk against its review before: see `s75lib.scorecard.risks.movement`."""
        return movement(self.register, self.as_at, review_months=self.review_months)

    @cached_property
    def contradictions(self) -> pd.DataFrame:
        """What the register says twice and differently."""
        return contradictions(self.register)

    @cached_property
    def actions(self) -> pd.DataFrame:
        """Improvement actions, judged at `as_at`."""
        return actions(self.data.actions, self.as_at, recorded_later=self.data.was_cut)

    @cached_property
    def comparison(self) -> Comparison | None:
        """The place among other authorities; None where no others were given."""
        return compare_authorities(self.peers) if self.peers else None


def study(data: AuthorityData, *, review_months: int = 6, peers: Peers | None = None) -> Study:
    """Open the scorecard of one authority, each result when it is first asked for.

    Parameters
    ----------
    data : AuthorityData
        As `s75lib.load` gives them.
    review_months : int
        Months after which a risk should be reviewed again, >= 1.
    peers : Peers, optional
        Other authorities' indicators, as `s75lib.peers` gives them; left out: none are compared.

    Examples
    --------
    >>> found = study(load("cambridgeshire"))
    >>> found.held
    ('Budget', 'Workload', 'Indicators', 'Risk')
    >>> [one.latest for one in found.measures["Risk"] if one.name.startswith("contra")]
    ['3']
    """
    review_months = checked_parameter("review_months", review_months, "int", example=6)
    if review_months < 1:
        raise ConfigError(f"parameter 'review_months': found {review_months}; expected 1 or more, such as 6.")
    return Study(data, review_months=review_months, peers=peers)


def as_known(end: date, known_to: date | None, documents: Iterable[date | None] = ()) -> pd.Timestamp:
    """Give the last day that anything was known of, at most the period's end, to judge what is due."""
    # What was open in a paper of July is not overdue because a report on the year to March lists it.
    known = [day for day in (known_to, *documents) if day is not None]
    return pd.Timestamp(min(max(known), end) if known else end)
