"""What the partnership account works out of an authority's data, each result when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

from collections.abc import Iterator
from functools import cached_property

import pandas as pd

from s75lib import budget, kpi, present
from s75lib.account.calendar import Gap, events, gaps
from s75lib.account.calendar import figure as calendar_figure
from s75lib.account.liability import Basis, alternatives, bases, rule_of, shares_of
from s75lib.account.liability import figure as liability_figure
from s75lib.account.next_year import contributions_needed
from s75lib.account.outcomes import side_by_side
from s75lib.account.statement import NO_CONTRIBUTIONS, expenditure, quarter_ends, statements
from s75lib.budget.outturn import Outturn
from s75lib.loaders import AuthorityData, Period, financial_year_of
from s75lib.present import Figure, Missing
from s75lib.stats.sharing import Rule, Shared, pence


class Study(present.Study):
    """The agreement of one authority: its money, who bears the difference, its dates and its functions."""

    notebook = "partnership_account"
    section_names = ("statement", "liability", "calendar", "functions", "outcomes", "next_year")

    def __init__(self, data: AuthorityData, *, money: budget.Study | None = None) -> None:
        super().__init__(data)
        self._money = money

    @property
    def missing(self) -> list[Missing]:
        """That nothing is known of the agreement or its money."""
        who = self.data.authority
        held = [self.data.has(name) for name in ("contributions", "budget", "staffing", "facts")]
        if any(held) or who.agreement.model_dump(exclude_defaults=True):
            return []
        reason = "Neither the agreement nor any contribution or budget of this partnership is held."
        return [Missing(reason, NO_CONTRIBUTIONS.needs), Missing(reason, whole=True)]

    def pictures(self) -> Iterator[Figure | Missing]:
        """Yield how the difference falls on the partners, else the agreement's days."""
        if (drawn := liability_figure(self)) is not None:
            yield drawn
        if not self.events.empty:
            yield calendar_figure(self)

    @cached_property
    def budget(self) -> budget.Study:
        """What the budget wing knows."""
        return self._money or budget.study(self.data)

    @cached_property
    def kpi(self) -> kpi.Study:
        """What the KPI wing knows."""
        return kpi.study(self.data)

    @cached_property
    def year(self) -> Period:
        """The financial year of the account: that of the period's end."""
        return financial_year_of(self.data.period.end)

    @property
    def compared_year(self) -> Period | None:
        """The earlier financial year that was asked for, or in which the period asked for lies."""
        other = self.data.compared
        year = financial_year_of(other.end) if other else None
        return year if year and year < self.year else None

    @property
    def on_comparing(self) -> tuple[str, ...]:
        """Say which year's contributions stand beside this one's."""
        if self.data.compared is None:
            return ()
        if (year := self.compared_year) is None:
            return (f"The account is of {self.year.label} as a whole and compares with no part of it.",)
        if self.stated(year).empty:
            return (f"No contribution to {year.label} is held to compare with.",)
        return (f"Contributions agreed for {self.year.label} stand beside those of {year.label}.",)

    @property
    def funding_words(self) -> str:
        """Why no share is worked out, in a sentence; empty where there is a rule for pooled money."""
        who = self.data.authority
        funding = who.agreement.funding
        if funding in ("aligned", "recharged"):
            how = {
                "aligned": "aligned: each organisation holds its own",
                "recharged": "recharged: each organisation pays for its own and bills the other",
            }
            return f"The agreement's money is {how[funding]}. No share of a difference arises."
        if who.sharing is not None:
            return ""
        if who.agreement.risk_share:
            return f"The rule of sharing is held as words alone: “{who.agreement.risk_share}” (not computed)."
        return "Neither how the money is held nor who bears a difference is known; no share is worked out."

    # The account

    def stated(self, year: Period) -> pd.DataFrame:
        """Give the contributions to a year at every statement, in pence."""
        return statements(self.data.contributions, year, self.data.authority.agreement.funding)

    @cached_property
    def statements(self) -> pd.DataFrame:
        """What each partner agreed, owed and paid for the year, at every statement."""
        return self.stated(self.year)

    @cached_property
    def pooled(self) -> dict[str, int]:
        """Pooled contributions by partner, in the order of authority.toml, in pence."""
        rows = self.statements[self.statements["latest"] & (self.statements["held"] == "pooled")]
        sums = rows.groupby("partner")["agreed"].sum()
        named = [name for name in self.data.authority.partner_names if name in sums.index]
        order = dict.fromkeys([*named, *sums.index]) if sums.any() else ()  # nothing agreed is no key
        return {str(name): int(sums[name]) for name in order}

    @cached_property
    def expenditure(self) -> pd.DataFrame:
        """Spending and income by line and quarter, in pence."""
        return expenditure(self.data.budget, self.data.staffing, self.year)

    @cached_property
    def brought_forward(self) -> int:
        """What authority.toml says was brought forward into the year, in pence."""
        rule = self.data.authority.sharing
        return pence(rule.brought_forward.get(self.year.label, 0)) if rule else 0

    @cached_property
    def uncovered(self) -> int:
        """The budget less pooled contributions and what was brought forward, in pence."""
        return int(self.expenditure["budget"].sum()) - sum(self.pooled.values()) - self.brought_forward

    # Who bears it

    @cached_property
    def outturn(self) -> Outturn | None:
        """Where the budget wing projects care packages to end; None where the year is over."""
        return self.budget.pace

    @cached_property
    def bases(self) -> dict[str, Basis]:
        """The difference on each basis: commitment, forecast, and the interval of the outturn."""
        return bases(self.expenditure, self.budget.net, self.outturn)

    @property
    def difference(self) -> int:
        """Forecast less budget of the year, in pence."""
        return self.bases["forecast"].difference if self.bases else 0

    @property
    def tie(self) -> str:
        """How the difference comes to what other pages tell, in the same words; none for another year."""
        held = self.budget.snapshots
        return self.budget.tie[0] if held and held[-1].financial_year == self.year.label else ""

    def rule(self, lines: pd.DataFrame) -> Rule | None:
        """Give the agreement's rule for differences by line; None where it is not held as data."""
        sharing = self.data.authority.sharing
        return None if sharing is None else rule_of(sharing, self.pooled, lines)

    @cached_property
    def shared(self) -> Shared | None:
        """The forecast difference, step by step; None without a rule or without a budget."""
        return shares_of(self.bases["forecast"], self.rule) if self.bases else None

    @cached_property
    def liabilities(self) -> dict[str, Shared | None]:
        """Who bears the difference on each basis."""
        return {name: shares_of(basis, self.rule) for name, basis in self.bases.items()}

    @cached_property
    def by_quarter(self) -> dict[pd.Timestamp, Shared]:
        """The forecast difference as each quarter's end knew it, shared; quarters that have ended alone."""
        found: dict[pd.Timestamp, Shared] = {}
        for end in quarter_ends(self.year):
            budget, staff = (frame[frame["as_at"] <= end] for frame in (self.data.budget, self.data.staffing))
            if end not in set(budget["as_at"]):
                continue
            held = bases(expenditure(budget, staff, self.year), pd.DataFrame(), None)
            if held and (shared := shares_of(held["forecast"], self.rule)):
                found[end] = shared
        return found

    @cached_property
    def alternatives(self) -> dict[str, Shared]:
        """What each partner would bear under each other kind of rule."""
        return alternatives(self)

    # The agreement

    @cached_property
    def events(self) -> pd.DataFrame:
        """The agreement's days."""
        return events(self.data.authority, self.year)

    @cached_property
    def gaps(self) -> list[Gap]:
        """What does not fit together in the agreement's days."""
        return gaps(self.data.authority.agreement, self.data.period.end)

    @cached_property
    def beside(self) -> pd.DataFrame:
        """Cost by service group beside its indicators."""
        return side_by_side(self.budget.trend, self.kpi.kpi, self.compared_year)

    @cached_property
    def contributions_needed(self) -> pd.DataFrame:
        """What today's packages would ask of each partner for all of next year."""
        rate = self.budget.run_rate
        coming = self.stated(Period.parse(rate.next_year)) if rate else self.statements[:0]
        cost = pence(round(rate.full_year, 2)) if rate else None
        return contributions_needed(self.statements, coming, cost)


def study(data: AuthorityData, *, money: budget.Study | None = None) -> Study:
    """Begin the partnership account of an authority.

    Nothing is worked out before it is asked for.

    Examples
    --------
    >>> found = study(load("exampleshire", "2025/26"))
    >>> found.difference, list(found.shared.totals.values())
    (54907200, [32944320, 21962880])
    """
    return Study(data, money=money)
