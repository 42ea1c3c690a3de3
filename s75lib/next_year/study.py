"""What the notebook on next year's budget works out, each result when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pandas as pd

from s75lib import account, present
from s75lib.budget import Study as DeepDive
from s75lib.budget import study as deep_dive
from s75lib.errors import checked_parameter
from s75lib.loaders import AuthorityData
from s75lib.next_year.contributions import Asked, asked
from s75lib.next_year.demand import decided_flows, protected_rates
from s75lib.next_year.history import Array, Flows, History, flows, history
from s75lib.next_year.known_changes import known_costs
from s75lib.next_year.levers import Lever, levers, shown_levers
from s75lib.next_year.model import Model, Projection, central_draws, model, project, years_ahead
from s75lib.next_year.outlook import Outlook, outlook, proposed_budget, tornado, unreconciled
from s75lib.next_year.requirement import (
    NO_LEDGER,
    NOTHING_HERE,
    Bridge,
    bridge,
    bridge_of_totals,
    figure,
    one_off_items,
    shown_steps,
)
from s75lib.next_year.savings import planned_savings
from s75lib.present import Figure, Missing, Protected
from s75lib.present.disclosure import Decisions


class Study(present.Study):
    """Next year's budget of one authority, from its package ledger and what is known of the years ahead.

    - `data`: As `s75lib.load` gives them.
    - `budget`: Proposed net budget of next year, £; 0: the monitor's.
    """

    notebook = "next_year_budget"
    section_names = (
        "requirement",
        "outlook",
        "levers",
        "contributions",
        "prices",
        "demand",
        "known_changes",
        "savings",
    )

    def __init__(self, data: AuthorityData, *, budget: float = 0.0) -> None:
        super().__init__(data)
        self.given = checked_parameter("budget", budget, "float", example=13_500_000.0)

    @property
    def missing(self) -> list[Missing]:
        """That nothing can be said of next year without a ledger or a monitor."""
        if self.bridge is not None or self.data.has("budget"):
            return []
        return [Missing("No package ledger and no budget monitor is held.", NO_LEDGER.needs, whole=True)]

    @property
    def on_comparing(self) -> tuple[str, ...]:
        """Say that nothing here compares with an earlier period."""
        return ("Nothing here compares with an earlier period: all is as in the full report.",)

    def pictures(self) -> Iterator[Figure | Missing]:
        """Yield the bridge to next year."""
        if self.bridge is not None:
            yield figure(self, self.bridge)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The bridge that totals allow, where there is no ledger; without rows where there is no monitor."""
        if self.bridge is not None or self.data.budget.empty:
            return pd.DataFrame()
        return bridge_of_totals(self.data.budget, self.data.uplifts, self.next_year)

    @property
    def no_ledger(self) -> Missing:
        """Why nothing is shown that needs the ledger."""
        return NOTHING_HERE if self.data.packages.empty else self.deep_dive.no_ledger

    @cached_property
    def deep_dive(self) -> DeepDive:
        """The budget deep dive, for its ledger."""
        return deep_dive(self.data)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The financial year of the ledger or else of the period, and those ahead."""
        return years_ahead(self.deep_dive.day or pd.Timestamp(self.data.period.end))

    @property
    def next_year(self) -> str:
        """The next financial year."""
        return self.labels[1]

    @cached_property
    def history(self) -> History:
        """The ledger's cases over its snapshots."""
        return history(self.deep_dive.lines)

    @cached_property
    def flows(self) -> Flows:
        """Starters and leavers by month."""
        return flows(self.history)

    @cached_property
    def model(self) -> Model:
        """What the years ahead are worked out from."""
        return model(self.history, self.flows, self.data.uplifts)

    @cached_property
    def central(self) -> Projection:
        """The central case, all services together."""
        return project(self.model, central_draws(self.model))

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Known moves that cost next year."""
        return self._known(1)

    def _known(self, ahead: int) -> pd.DataFrame:
        day = self.deep_dive.day or pd.Timestamp(self.data.period.end)
        return known_costs(self.data.known_changes, day, self.labels[ahead])

    @cached_property
    def known(self) -> Array:
        """Net cost of the known moves that are added, in each year ahead, £."""
        years = [self._known(ahead) for ahead in range(1, len(self.labels))]
        return np.array([float(rows.loc[rows["added"], "net"].sum()) for rows in years])

    @cached_property
    def savings(self) -> pd.DataFrame:
        """Each saving by year."""
        return planned_savings(self.data.savings, self.labels, pd.Timestamp(self.data.period.end))

    @cached_property
    def bridge(self) -> Bridge | None:
        """From the outturn to the requirement; None without a ledger of enough people."""
        if self.deep_dive.day is None:
            return None
        codes, groups = pd.factorize(self.model.cells["service_group"], sort=True)
        central = project(self.model, central_draws(self.model), codes)
        rows = self.deep_dive.lines[self.deep_dive.lines["snapshot_date"] == self.deep_dive.day]
        one_off = one_off_items(self.data.budget) if self.data.has("budget") else 0.0
        return bridge(
            rows, self.model, central, list(groups), one_off=one_off, known=self.changes, savings=self.savings
        )

    @property
    def independent_requirement(self) -> float:
        """Next year's net cost as the outlook has it, which knows of no steps, £."""
        return float(self.outlook.table["central"].iloc[0]) if self.outlook else float("nan")

    @cached_property
    def steps(self) -> pd.DataFrame:
        """The bridge's steps as they may be shown."""
        people = float(self.changes.loc[self.changes["added"], "people"].sum())
        assert self.bridge is not None
        fold = 0 < people < self.fewest("known_changes")
        return shown_steps(self.bridge, fold, self.fewest("packages"))

    @property
    def outturn(self) -> float:
        """Give this year's outturn as it may be shown, £."""
        return float(self.steps["net"].iloc[0])

    @cached_property
    def outlook(self) -> Outlook | None:
        """The years ahead with their intervals."""
        if self.bridge is None:
            return None
        share = pd.Series(self.history.share(), index=self.history.days)
        return outlook(self.model, self.known, self.savings, share)

    @cached_property
    def tornado(self) -> pd.DataFrame:
        """What matters most."""
        return tornado(self.model, self.known, self.savings)

    @cached_property
    def proposed(self) -> tuple[float, str] | None:
        """The budget that next year is set against, and what it is."""
        return proposed_budget(self.data.budget, self.given, self.labels)

    @cached_property
    def apart(self) -> float:
        """What the monitor commits this year beyond the ledger, £; 0 where they agree or nothing tells."""
        rate, monitor = self.deep_dive.run_rate, self.deep_dive.monitor_of_the_ledger
        return unreconciled(monitor, rate.commitment) if rate and len(monitor) else 0.0

    @property
    def gap(self) -> float | None:
        """Next year's requirement less the budget, £."""
        return self.bridge.requirement - self.proposed[0] if self.bridge and self.proposed else None

    @cached_property
    def levers(self) -> tuple[Lever, ...]:
        """What each lever alone must do; none where there is no gap."""
        if self.gap is None or self.gap <= 0:
            return ()
        found = levers(self.gap, self.model, self.central, self.history, self.deep_dive.review_yield)
        return shown_levers(found, self.fewest("packages"))

    @cached_property
    def asked(self) -> Asked:
        """What the requirement asks of each partner."""
        assert self.bridge is not None
        return asked(account.study(self.data, money=self.deep_dive), self.bridge.requirement, self.labels)

    @cached_property
    def decided_flows(self) -> Decisions:
        """Which counts of starters and leavers may be shown."""
        return decided_flows(self)

    @cached_property
    def protected_rates(self) -> dict[str, Protected]:
        """The rates of starters and leavers as they may be shown."""
        return {by: protected_rates(self, by) for by in ("care_type", "age_band")}


def study(data: AuthorityData, *, budget: float = 0.0) -> Study:
    """Begin the study of an authority's next year.

    Nothing is worked out before it is asked for.

    Examples
    --------
    >>> found = study(load("exampleshire"), budget=15_000_000)
    >>> found.next_year, found.gap > 0
    ('2026/27', True)
    """
    return Study(data, budget=budget)
