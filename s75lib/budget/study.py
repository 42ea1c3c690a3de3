"""Everything that the notebook shows, each result computed once, when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from s75lib.budget import causes as reasons
from s75lib.budget import cohort as bridges
from s75lib.budget import funding, ledger, pressure, prices
from s75lib.budget import movement as moves
from s75lib.budget import outturn as outturns
from s75lib.budget import position as positions
from s75lib.budget import snapshots as monitor
from s75lib.budget import staffing as staff
from s75lib.budget.counts import SIDES, Counts, counts, shown_steps
from s75lib.budget.posts import Posts, posts
from s75lib.budget.printed import printed
from s75lib.loaders import AuthorityData
from s75lib.loaders.client_level_data import stated_limits

FEWEST_MOVEMENTS = 3


@dataclass(frozen=True, eq=False)
class Study:
    """The budget deep dive of one authority.

    Parameters
    ----------
    place : str
        Name of the authority.
    fewest : int
        Fewest people that a count from the ledger may show.
    budget, staffing, packages, workforce, claims : DataFrame
        The contract's datasets, each perhaps without rows.
    caveats : tuple of str
        What the ledger can't tell because of where it comes from, in sentences.
    """

    place: str
    fewest: int
    budget: pd.DataFrame = field(repr=False)
    staffing: pd.DataFrame = field(repr=False)
    packages: pd.DataFrame = field(repr=False)
    workforce: pd.DataFrame = field(repr=False)
    claims: pd.DataFrame = field(repr=False)
    caveats: tuple[str, ...] = field(default=(), repr=False)

    # The monitor

    @cached_property
    def printed(self) -> pd.DataFrame:
        """Printed totals beside their recomputation: see `s75lib.budget.printed.printed`."""
        return printed(self.claims, self.budget, self.staffing)

    @cached_property
    def rounded(self) -> float:
        """Rounding of the monitor, £."""
        return monitor.rounding(self.budget) if len(self.budget) else 1.0

    @cached_property
    def issues(self) -> tuple[monitor.Snapshot, ...]:
        """Snapshots of the latest year, earliest first."""
        return monitor.of_latest_year(self.budget)

    @cached_property
    def trend(self) -> pd.DataFrame:
        """Every line and total at every snapshot: see `s75lib.budget.position.trend`."""
        return positions.trend(self.budget)

    @cached_property
    def position(self) -> pd.DataFrame:
        """Every line and total at the latest snapshot."""
        rows: pd.DataFrame = self.trend[self.trend["as_at"] == self.trend["as_at"].max()]
        return rows.reset_index(drop=True)

    @cached_property
    def comparisons(self) -> dict[str, tuple[monitor.Snapshot, monitor.Snapshot]]:
        """Snapshots compared: ``year`` and ``last``, as far as there are."""
        return monitor.comparisons(self.budget)

    @cached_property
    def moved(self) -> dict[str, pd.DataFrame]:
        """Movement of every line for each of the comparisons."""
        return {
            which: moves.movement(self.trend, old.as_at, new.as_at)
            for which, (old, new) in self.comparisons.items()
        }

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Movement of every line from snapshot to snapshot."""
        return moves.steps(self.budget)

    @cached_property
    def net(self) -> pd.DataFrame:
        """Net commitment of all services at each snapshot."""
        rows: pd.DataFrame = self.trend[(self.trend["scope"] == "all") & (self.trend["level"] == "net")]
        return rows

    @cached_property
    def outturn(self) -> outturns.Outturn | None:
        """Where the year will end; None for fewer than three movements, or an unknown commitment."""
        inside = int(self.net.groupby("financial_year").size().sub(1).sum()) if len(self.net) else 0
        if inside < FEWEST_MOVEMENTS or self.net["commitment"].isna().any():
            return None
        return outturns.project(self.net)

    # The staff

    @cached_property
    def position_of_staff(self) -> pd.DataFrame:
        """The latest staffing position: see `s75lib.budget.staffing.staffing`."""
        return staff.staffing(self.staffing)

    @cached_property
    def posts(self) -> Posts | None:
        """Posts, vacancies and what locums cost."""
        return posts(self.workforce, self.staffing)

    # The ledger

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The packages, service groups left out where one is too small to be shown by itself."""
        return ledger.without_small_groups(self.packages, self.fewest)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Every line of the ledger, as `s75lib.budget.ledger.lines` gives it."""
        return ledger.lines(self.ledger)

    @cached_property
    def day(self) -> pd.Timestamp | None:
        """The ledger's latest snapshot; None without one, or with too few people to say anything of."""
        if self.packages.empty:
            return None
        day = self.packages["snapshot_date"].max()
        return day if ledger.people(self.lines, day) >= self.fewest else None

    @cached_property
    def pair(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """The two ledger snapshots compared; None for fewer than two, or with too few people at one."""
        pair = ledger.pair(self.packages)
        enough = pair and all(ledger.people(self.lines, day) >= self.fewest for day in pair)
        return pair if enough else None

    @cached_property
    def sides(self) -> dict[str, pd.DataFrame]:
        """Lines of the days compared, ``before`` and ``after``; without a pair, of the latest day alone."""
        days = dict(zip(SIDES, self.pair, strict=True)) if self.pair else {"after": self.day}
        seen = self.lines["snapshot_date"]
        return {side: self.lines[seen == day] for side, day in days.items()}

    @cached_property
    def causes(self) -> dict[str, reasons.Causes]:
        """Why the net cost moved, on both bases (``weekly``, ``commitment``); none without two snapshots."""
        if self.pair is None:
            return {}
        return {basis: reasons.causes(**self.sides, basis=basis) for basis in ("weekly", "commitment")}

    @cached_property
    def reversals(self) -> pd.DataFrame:
        """Averages that moved against their parts."""
        return pd.DataFrame() if self.pair is None else reasons.reversals(self.causes["weekly"])

    @cached_property
    def cohort(self) -> bridges.Cohort | None:
        """The bridge by case."""
        return None if self.pair is None else bridges.cohort(**self.sides, rows=self.lines)

    @cached_property
    def by(self) -> dict[str, pd.DataFrame]:
        """Cost of open packages at both days, by setting, team, age band and provider."""
        if self.pair is None:
            return {}
        before, after = self.sides["before"], self.sides["after"]
        providers = pressure.few_together(before, after, "provider", fewest=self.fewest)
        found = {name: pressure.by(before, after, name) for name in ("setting", "team", "age_band")}
        return found | {"provider": pressure.by(*providers, "provider")}

    @cached_property
    def by_care_type(self) -> pd.DataFrame:
        """Open packages and their cost by service group and care type at every snapshot."""
        return ledger.commitments(self.lines, by=("service_group", "care_type"))

    @cached_property
    def joint_funding(self) -> pd.DataFrame:
        """What the NHS pays at both days, by why it pays."""
        return pd.DataFrame() if self.pair is None else funding.joint_funding(**self.sides)

    @cached_property
    def charges(self) -> funding.Charges | None:
        """Charges for aftercare that must be free."""
        return None if self.day is None else funding.charges(self.packages, self.sides["after"])

    @cached_property
    def reviews(self) -> pd.DataFrame:
        """Cases without a review in twelve months, by team."""
        if self.day is None:
            return pd.DataFrame()
        return funding.reviews(self.packages, self.sides["after"])

    @cached_property
    def unit_costs(self) -> pd.DataFrame:
        """Prices of a unit by care type."""
        return pd.DataFrame() if self.day is None else prices.unit_costs(self.sides["after"])

    @cached_property
    def concentration(self) -> pressure.Concentration | None:
        """How unevenly the cost falls on people."""
        return None if self.day is None else pressure.concentration(self.sides["after"])

    @cached_property
    def run_rate(self) -> outturns.RunRate | None:
        """The latest commitment split at its day, and the full-year effect."""
        return None if self.day is None else outturns.run_rate(self.sides["after"])

    @cached_property
    def counts(self) -> Counts:
        """The counts of cases that may be shown."""
        return counts(self.sides, self.fewest, self.cohort, self.reviews)

    @cached_property
    def cohort_steps(self) -> pd.DataFrame:
        """The steps of the bridge by case, those of few cases in one."""
        return pd.DataFrame() if self.cohort is None else shown_steps(self.cohort, self.counts)


def study(data: AuthorityData) -> Study:
    """Begin the budget deep dive of an authority.

    Parameters
    ----------
    data : AuthorityData

    Returns
    -------
    Study

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = study(load("cambridgeshire", "2019/20"))
    >>> found.rounded, [s.label for s in found.comparisons["last"]], found.pair
    (1000.0, ['Nov', 'Q3'], None)
    """
    return Study(
        data.authority.name,
        data.fewest_shown("packages"),
        data.budget,
        data.staffing,
        data.packages,
        data.workforce,
        data.claims,
        stated_limits(data.authority.folder),
    )
