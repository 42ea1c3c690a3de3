"""What the budget deep dive works out of an authority's data, each result when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from s75lib import present
from s75lib.budget import ledger
from s75lib.budget.cases import CaseBridge, bridge_by_case
from s75lib.budget.causes import Causes, causes, reversals
from s75lib.budget.concentration import Concentration, concentration, cost_by, small_together
from s75lib.budget.disclosure import (
    ALL,
    SIDES,
    Counts,
    counts,
    income_is_few,
    lines_of_few,
    of_any,
)
from s75lib.budget.funding import Charges, charges, joint_funding, reviews
from s75lib.budget.joint_funding import (
    ReviewYield,
    expected_and_actual,
    expected_shares,
    review_yield,
    reviews_by_cost,
    share_movement,
)
from s75lib.budget.movement import movement, steps
from s75lib.budget.outturn import FEWEST_MOVEMENTS, Outturn, RunRate, project, run_rate
from s75lib.budget.position import (
    INCOME,
    Snapshot,
    comparisons,
    figure_variances,
    of_latest_year,
    rounding,
    tie,
    trend,
    year_end,
)
from s75lib.budget.published_totals import published_totals
from s75lib.budget.reconciliation import reconcile
from s75lib.budget.staffing import NO_STAFFING, Posts, posts, posts_by_employer, staffing_position
from s75lib.budget.unit_costs import unit_costs
from s75lib.loaders import AuthorityData, financial_year_of
from s75lib.loaders.agreement import DAYS_APART
from s75lib.loaders.client_level_data import stated_limits
from s75lib.present import Figure, Missing, Need, words
from s75lib.present.disclosure import nearest_5

_NEEDS = (
    Need(
        "budget",
        ("financial_year", "as_at", "service_group", "line", "kind", "budget", "commitment", "forecast"),
        "the position against budget, its movement between snapshots, income and adjustments",
    ),
    Need("staffing", NO_STAFFING.needs[0].columns, "the staffing position and its phasing"),
)
_APART = pd.Timedelta(days=DAYS_APART)  # at most, for a monitor and a ledger to be of about the same day


class Study(present.Study):
    """The budget deep dive of one authority: its budget monitor, its staff, and its package ledger."""

    notebook = "budget_deep_dive"
    section_names = (
        "position",
        "reconciliation",
        "movement",
        "causes",
        "cases",
        "outturn",
        "concentration",
        "unit_costs",
        "funding",
        "joint_funding",
        "staffing",
        "published_totals",
    )

    @property
    def missing(self) -> list[Missing]:
        """That nothing can be done without a monitor, a staffing position, a ledger or a published sum."""
        money = bool((self.data.facts["unit"] == "gbp").any())
        if money or any(self.data.has(name) for name in ("budget", "staffing", "packages")):
            return []
        reason = "No budget monitor, staffing position or package ledger is held for this partnership."
        return [Missing(reason, (*_NEEDS, *ledger.NEEDS), whole=True)]

    def pictures(self) -> Iterator[Figure | Missing]:
        """Yield the variances against the budget."""
        yield figure_variances(self)

    @property
    def on_comparing(self) -> tuple[str, ...]:
        """Say which snapshots are compared, and that the ledger's stay what they are."""
        other, said = self.data.compared, []
        if other and self.data.has("budget"):
            said.append(f"The budget monitor holds no snapshot of {words.when(other.label)} to move from.")
            if "year" in self.comparisons:
                old, new = self.comparisons["year"]
                said = [f"The budget moves from {old.day} to {new.day}."]
                if old.financial_year != new.financial_year:
                    said.append("Each commitment is the cost of its own financial year.")
        if other and self.pair:
            said.append(f"The package ledger is compared from {self.days_compared}, as in the full report.")
            said.append("Other days beside these could give few people away.")
        return tuple(said)

    # The monitor

    @cached_property
    def published_totals(self) -> pd.DataFrame:
        """Printed totals beside their recomputation."""
        return published_totals(self.data.claims, self.data.budget, self.data.staffing)

    @cached_property
    def _told_together(self) -> tuple[Study, ...]:
        """The reports that decide together: this one, and that of the period it is compared with."""
        if not self.data.compared or "year" not in self.comparisons:
            return (self,)
        return self, Study(self.data.as_of(self.comparisons["year"][0].as_at))

    @cached_property
    def joint_lines(self) -> dict[str, str]:
        """Lines of the monitor that are shown together with others, since they are of few cases.

        Of both reports where another period is compared with: that of its snapshot, and that of the latest.
        """
        held = [lines_of_few(one) for one in self._told_together]
        return of_any(self.data.budget["line"].unique().tolist(), *held)

    @cached_property
    def joint_income(self) -> str:
        """What all income of the monitor is called where a line of it is of few cases; else nothing."""
        lines = self.data.budget.loc[self.data.budget["kind"].isin(INCOME), "line"].unique()
        few = len(lines) > 1 and any(income_is_few(one) for one in self._told_together)
        return words.join(lines.tolist()) if few else ""

    @cached_property
    def monitor(self) -> pd.DataFrame:
        """The budget monitor, as it may be shown line by line; every total is as it was."""
        held = self.data.budget
        if not self.joint_lines and not self.joint_income:
            return held
        named = held["line"].replace(self.joint_lines).where(held["kind"] == "expenditure", held["line"])
        income = held["kind"].isin(INCOME) & bool(self.joint_income)
        named, kind = named.mask(income, self.joint_income), held["kind"].mask(income, INCOME[0])
        keys = ["as_at", "service_group", "line", "kind"]
        by_line = held.assign(line=named, kind=kind).groupby(keys, sort=False)
        money = by_line[["budget", "commitment", "forecast", "actual_to_date"]].sum(skipna=False)
        return by_line.first().assign(**money).reset_index()[list(held)]

    @cached_property
    def rounded(self) -> float:
        """Rounding of the monitor, £."""
        return rounding(self.data.budget)

    @cached_property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Snapshots of the latest year, earliest first."""
        return of_latest_year(self.data.budget)

    def course(self, level: str, measure: str) -> tuple[float, ...]:
        """Give a total of all groups at each snapshot of the latest year; empty where one is not known."""
        rows = self.trend[(self.trend["scope"] == "all") & (self.trend["level"] == level)]
        course = rows.loc[rows["financial_year"] == rows["financial_year"].iloc[-1], measure]
        return () if course.isna().any() else tuple(map(float, course))

    @cached_property
    def trend(self) -> pd.DataFrame:
        """Every line and total at every snapshot."""
        return trend(self.monitor)

    @cached_property
    def position(self) -> pd.DataFrame:
        """Every line and total at the latest snapshot."""
        latest = self.trend["as_at"] == self.trend["as_at"].max()
        return pd.DataFrame(self.trend[latest]).reset_index(drop=True)

    @cached_property
    def comparisons(self) -> dict[str, tuple[Snapshot, Snapshot]]:
        """Snapshots compared: ``year`` and ``last``, as far as there are."""
        return comparisons(self.data.budget, self.data.compared)

    @cached_property
    def moved(self) -> dict[str, pd.DataFrame]:
        """Movement of every line for each of the comparisons."""
        pairs = self.comparisons.items()
        return {which: movement(self.trend, old.as_at, new.as_at) for which, (old, new) in pairs}

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Movement of every line from snapshot to snapshot."""
        return steps(self.monitor)

    @cached_property
    def net(self) -> pd.DataFrame:
        """Net commitment of all services at each snapshot."""
        return self.trend[(self.trend["scope"] == "all") & (self.trend["level"] == "net")]

    @cached_property
    def outturn(self) -> Outturn | None:
        """Where the year will end; None for fewer than three movements, or an unknown commitment."""
        inside = int(self.net.groupby("financial_year").size().sub(1).sum()) if len(self.net) else 0
        if inside < FEWEST_MOVEMENTS or self.net["commitment"].isna().any():
            return None
        return project(self.net)

    @property
    def pace(self) -> Outturn | None:
        """Where past movements take the year; None where it is over, or they are too few."""
        found = self.outturn
        return found if found is not None and found.as_at < found.year_end else None

    # The staff

    @cached_property
    def tie(self) -> tuple[str, str]:
        """How care packages, the forecast and all with staff come to one another, and in short; or empty."""
        if self.data.budget.empty:
            return "", ""
        rows = self.position[self.position["scope"] == "all"].set_index("level")
        whole, committed = rows["forecast_variance"], rows["commitment_variance"]
        staff, held = self.staffing_position, self.data.staffing["as_at"].max()
        gap = None
        if len(staff) and financial_year_of(held.date()).label == self.snapshots[-1].financial_year:
            gap = float(staff.loc[staff["level"] == "all", "variance"].iloc[0])
        care, adjustments = float(whole["net"]), whole.get("adjustments")
        if any(pd.isna(one) for one in (care, adjustments, gap) if one is not None):
            return "", ""
        said, ends = tie(care, adjustments, gap, self.rounded, committed=float(committed["net"]))
        return said and f"{said}{self.adjusted_by}", ends

    @cached_property
    def adjusted_by(self) -> str:
        """What the adjustments are, a sentence after others; empty without any."""
        rows = self.position[(self.position["scope"] == "all") & (self.position["level"] == "line")]
        names = list(rows.loc[rows[["budget", "forecast"]].ne(0).any(axis=1), "line"])
        more = [f"{len(names) - 2} others"] if len(names) > 3 else []
        listed = words.join([*names[: 2 if more else 3], *more])
        what = " Adjustments are the budget monitor's lines beside care packages"
        return f"{what}: {listed}." if names else ""

    @cached_property
    def year_end(self) -> str:
        """How the monitor's forecast of care packages comes to what other pages tell; empty where unknown."""
        whole = self.position[(self.position["scope"] == "all") & (self.position["level"] != "line")]
        rows = whole.set_index("level")[["forecast", "forecast_variance"]].reindex(["net", "adjustments"])
        (care, _), (adjustments, against) = rows.to_numpy(dtype=float)
        known = np.isfinite([care, adjustments, against]).all()
        # A ledger has an outturn of its own, and price rises come on top of the forecast.
        opens, rounded = self.day is None and self.data.uplifts.empty, self.rounded
        return year_end(care, adjustments, against, opens=opens, rounded=rounded) if known else ""

    @cached_property
    def staffing_position(self) -> pd.DataFrame:
        """The latest staffing position."""
        return staffing_position(self.data.staffing)

    @cached_property
    def posts_by_employer(self) -> pd.DataFrame:
        """Posts, people and money by employer."""
        return posts_by_employer(self.data.workforce, self.data.staffing)

    @cached_property
    def posts(self) -> Posts | None:
        """Posts, vacancies and what locums cost."""
        return posts(self.data.workforce, self.data.staffing)

    # The ledger

    @cached_property
    def fewest_cases(self) -> int:
        """Fewest people that a count from the ledger may show."""
        return self.fewest("packages")

    @cached_property
    def limits(self) -> tuple[str, ...]:
        """What the ledger can't tell because of where it comes from, in sentences."""
        return stated_limits(self.data.authority.folder)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The packages, service groups left out where one is too small to be shown by itself."""
        return ledger.without_small_groups(self.data.packages, self.fewest_cases)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Every line of the ledger at every snapshot."""
        return ledger.lines(self.ledger)

    @cached_property
    def day(self) -> pd.Timestamp | None:
        """The ledger's latest snapshot; None without one, or with too few people to say anything of."""
        if self.data.packages.empty:
            return None
        day = self.data.packages["snapshot_date"].max()
        return day if ledger.people(self.lines, day) >= self.fewest_cases else None

    @cached_property
    def pair(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """The two ledger snapshots compared; None for fewer than two, or with too few people at one."""
        pair = ledger.days_compared(self.data.packages)
        enough = pair and all(ledger.people(self.lines, day) >= self.fewest_cases for day in pair)
        return pair if enough else None

    @property
    def days_compared(self) -> str:
        """The two ledger snapshots in words; none where there is no pair."""
        return " to ".join(map(words.day, self.pair or ()))

    @property
    def no_ledger(self) -> Missing:
        """Why nothing is shown of the ledger, or of two of its snapshots."""
        if self.data.packages.empty:
            return Missing("No package ledger is held, so nothing can be said here about single packages.")
        if self.day is None or len(ledger.days(self.data.packages)) > 1:
            return Missing(
                f"Fewer than {self.fewest_cases} people have an open package, too few to say anything of "
                "without disclosing them."
            )
        return Missing.of(
            "What moved between two days needs two snapshots of the package ledger; one is held.",
            "packages",
            ("snapshot_date",),
            "a second snapshot to compare with",
        )

    @cached_property
    def sides(self) -> dict[str, pd.DataFrame]:
        """Lines of the days compared, ``before`` and ``after``; without a pair, of the latest day alone."""
        days = dict(zip(SIDES, self.pair, strict=True)) if self.pair else {"after": self.day}
        seen = self.lines["snapshot_date"]
        return {side: self.lines[seen == day] for side, day in days.items()}

    @cached_property
    def causes(self) -> dict[str, Causes]:
        """Why the net cost moved, on both bases (``weekly``, ``commitment``); none without two snapshots."""
        if self.pair is None:
            return {}
        return {basis: causes(**self.sides, basis=basis) for basis in ("weekly", "commitment")}

    @cached_property
    def reversals(self) -> pd.DataFrame:
        """Averages that moved against their parts."""
        return pd.DataFrame() if self.pair is None else reversals(self.causes["weekly"])

    @cached_property
    def case_bridge(self) -> CaseBridge | None:
        """The bridge by case."""
        return None if self.pair is None else bridge_by_case(**self.sides, rows=self.lines)

    @cached_property
    def case_steps(self) -> pd.DataFrame:
        """The steps of the bridge by case, those of few cases in one."""
        return pd.DataFrame() if self.case_bridge is None else self.counts.steps(self.case_bridge)

    @cached_property
    def cost_by(self) -> dict[str, pd.DataFrame]:
        """Cost of open packages at both days, by setting, team, age band and provider."""
        if self.pair is None:
            return {}
        before, after = self.sides["before"], self.sides["after"]
        providers = small_together(before, after, "provider", fewest=self.fewest_cases)
        found = {name: cost_by(before, after, name) for name in ("setting", "team", "age_band")}
        return found | {"provider": cost_by(*providers, "provider")}

    @cached_property
    def by_care_type(self) -> pd.DataFrame:
        """Open packages and their cost by service group and care type at every snapshot."""
        found = ledger.commitments(self.lines, by=("service_group", "care_type"))
        return self.to_nearest_5("packages", found, "packages")

    @cached_property
    def reconciliation(self) -> pd.DataFrame:
        """The monitor beside the ledger's latest snapshot; without rows where none lies near."""
        ledger = self.by_care_type.replace({"care_type": self.joint_lines})
        return reconcile(
            self.monitor_of_the_ledger, ledger[ledger["snapshot_date"] == self.day], rounded=self.rounded
        )

    @property
    def monitor_of_the_ledger(self) -> pd.DataFrame:
        """The monitor of the day nearest to the ledger's latest snapshot; no rows where none is near."""
        budget, day = self.monitor, self.day
        days = [] if day is None else [one for one in budget["as_at"].unique() if abs(one - day) <= _APART]
        return budget[budget["as_at"] == min(days, key=lambda as_at: abs(as_at - day), default=None)]

    @cached_property
    def joint_funding(self) -> pd.DataFrame:
        """What the NHS pays at both days, by why it pays."""
        return pd.DataFrame() if self.pair is None else joint_funding(**self.sides)

    @cached_property
    def expected_lines(self) -> pd.DataFrame:
        """Every line with what the NHS should pay by its rule."""
        return expected_shares(self.lines, self.data.packages, self.data.funding_rules)

    @cached_property
    def joint(self) -> pd.DataFrame:
        """The latest snapshot's lines with what the NHS should pay."""
        return pd.DataFrame(self.expected_lines[self.expected_lines["snapshot_date"] == self.day])

    @cached_property
    def expected_and_actual(self) -> pd.DataFrame:
        """What the NHS should pay and pays at the latest snapshot, by funding type, by team and in all."""
        return expected_and_actual(self.joint)

    @cached_property
    def type_is_hidden(self) -> bool:
        """Whether a funding type's money is hidden, which the money of all together would leave over."""
        sums = self.expected_and_actual
        return any(
            self.counts.hidden("after", f"{name}_funding", value=kind)
            for kind in sums.loc[sums["by"] == "funding", "value"]
            for name in ("paid", "below", "not_below")
        )

    @cached_property
    def share_movement(self) -> pd.DataFrame:
        """Why the NHS's share of jointly funded packages moved."""
        return pd.DataFrame() if self.pair is None else share_movement(**self.sides)

    @cached_property
    def known(self) -> dict[str, pd.DataFrame]:
        """The packages of all snapshots up to each day compared."""
        rows, days = self.data.packages, self.data.packages["snapshot_date"]
        return {side: rows[days <= lines["snapshot_date"].iloc[0]] for side, lines in self.sides.items()}

    @cached_property
    def cost_bands_at(self) -> dict[str, pd.DataFrame]:
        """Cases and their reviews by what they cost, as the ledger of each day compared has it."""
        return {side: reviews_by_cost(self.known[side], rows) for side, rows in self.sides.items()}

    @property
    def cost_bands(self) -> pd.DataFrame:
        """Cases and their reviews by what they cost, at the latest day."""
        return pd.DataFrame() if self.day is None else self.cost_bands_at["after"]

    @cached_property
    def review_yield(self) -> ReviewYield | None:
        """What reviews of the dearest cases changed; None also where they changed too few, or all but few."""
        found = None if self.day is None else review_yield(self.lines)
        counts = (found.changed, found.reviews - found.changed) if found else ()
        return None if any(0 < count < self.fewest_cases for count in counts) else found

    @cached_property
    def charges(self) -> Charges | None:
        """Charges for aftercare that must be free."""
        return None if self.day is None else charges(self.data.packages, self.sides["after"])

    @cached_property
    def reviews_at(self) -> dict[str, pd.DataFrame]:
        """Cases without a review in twelve months, by team, as the ledger of each day compared has it."""
        return {side: reviews(self.known[side], rows) for side, rows in self.sides.items()}

    @property
    def reviews(self) -> pd.DataFrame:
        """Cases without a review in twelve months, by team, at the latest day."""
        return pd.DataFrame() if self.day is None else self.reviews_at["after"]

    @cached_property
    def unit_costs(self) -> pd.DataFrame:
        """Prices of a unit by care type."""
        return pd.DataFrame() if self.day is None else unit_costs(self.sides["after"])

    @cached_property
    def concentration(self) -> Concentration | None:
        """How unevenly the cost falls on people."""
        found = None if self.day is None else concentration(self.sides["after"])
        if found is None or not self.data.rounds("packages"):
            return found
        return replace(found, people=nearest_5(found.people))

    @cached_property
    def run_rate(self) -> RunRate | None:
        """The latest commitment split at its day, and the full-year effect."""
        return None if self.day is None else run_rate(self.sides["after"])

    @cached_property
    def counts(self) -> Counts:
        """The counts of cases that may be shown."""
        return counts(self)

    def hidden_either_day(
        self, description: str, value: str, group: str = "", *, money: bool = False
    ) -> bool:
        """Say whether a count, or money of it, is hidden on a day compared; a blank group is all."""
        hidden = self.counts.without_money if money else self.counts.hidden
        return any(hidden(side, description, group or ALL, value) for side in SIDES)


def study(data: AuthorityData) -> Study:
    """Begin the budget deep dive of an authority.

    Nothing is worked out before it is asked for.

    Examples
    --------
    >>> found = study(load("cambridgeshire", "2019/20"))
    >>> found.rounded, [s.label for s in found.comparisons["last"]], found.pair
    (1000.0, ['Nov', 'Q3'], None)
    """
    return Study(data)
