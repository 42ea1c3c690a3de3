"""Everything that the scorecard shows, worked out once."""

from __future__ import annotations

__all__ = ["Card", "card"]

from dataclasses import dataclass, field

import pandas as pd

from s75lib import budget as money_wing
from s75lib import kpi as kpi_wing
from s75lib import workload as work_wing
from s75lib.kpi.changes import MARGIN
from s75lib.loaders import AuthorityData
from s75lib.scorecard import areas
from s75lib.scorecard.actions import actions
from s75lib.scorecard.consistency import contradictions
from s75lib.scorecard.days import as_known
from s75lib.scorecard.register import ids_shared, movement, register, unread_words


@dataclass(frozen=True, eq=False)
class Card:
    """What the scorecard knows of one authority.

    Parameters
    ----------
    place : str
        Name of the authority.
    as_at : Timestamp
        Day against which actions and reviews are due.
    measures : tuple of Measure
        The rows of the scorecard.
    kpi : DataFrame
        The contract's dataset.
    money : Study
        Of the budget wing.
    work : Study
        Of the workload wing, without its forecast.
    counts : DataFrame
        Twelve months of activity against the twelve before.
    found : Study
        Of the KPI wing.
    register, moves, contradictions, shared : DataFrame
        The risk register: see `s75lib.scorecard.register` and `s75lib.scorecard.consistency`.
    unread : tuple of str
        Words of the register that are none of the scale's.
    actions : DataFrame
        Of `s75lib.scorecard.actions.actions`.
    review_months : int
    """

    place: str
    as_at: pd.Timestamp
    measures: tuple[areas.Measure, ...]
    kpi: pd.DataFrame = field(repr=False)
    money: money_wing.Study = field(repr=False)
    work: work_wing.Study = field(repr=False)
    counts: pd.DataFrame = field(repr=False)
    found: kpi_wing.Study = field(repr=False)
    register: pd.DataFrame = field(repr=False)
    moves: pd.DataFrame = field(repr=False)
    contradictions: pd.DataFrame = field(repr=False)
    shared: pd.DataFrame = field(repr=False)
    unread: tuple[str, ...]
    actions: pd.DataFrame = field(repr=False)
    review_months: int

    def of(self, area: str) -> tuple[areas.Measure, ...]:
        """Give the rows of one area.

        Parameters
        ----------
        area : str

        Returns
        -------
        tuple of Measure
        """
        return tuple(one for one in self.measures if one.area == area)

    @property
    def held(self) -> tuple[str, ...]:
        """Which of the four areas anything is held of."""
        return tuple(area for area in areas.AREAS if self.of(area))


def card(
    data: AuthorityData,
    *,
    review_months: int = 6,
    margin: float = MARGIN,
) -> Card:
    """Work out the scorecard of one authority.

    Parameters
    ----------
    data : AuthorityData
    review_months : int
        Months after which a risk should be reviewed again, >= 1.
    margin : float
        Percentage points below which a change of an indicator does not matter.

    Returns
    -------
    Card

    Notes
    -----
    Every figure comes from the metric functions of the budget, workload and KPI wings. The workload forecast
    is left to its own notebook; what the scorecard shows of work is counted, not expected.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = card(load("cambridgeshire"))
    >>> found.held
    ('Budget', 'Workload', 'Indicators', 'Risk')
    >>> [one.latest for one in found.of("Risk") if one.name.startswith("contra")]
    ['3']
    """
    documents = [document.date for document in data.authority.documents]
    as_at = as_known(data.period.end, data.known_to, documents)
    found = kpi_wing.study(data, margin=margin)
    money = money_wing.study(areas.without(data, "packages"))
    work = areas.without_forecast(data)
    counts = areas.counted(work)
    risks = register(data.risks)
    moves, wrong = movement(risks, as_at, review_months=review_months), contradictions(risks)
    plan = actions(data.actions, as_at)
    return Card(
        place=data.authority.name,
        as_at=as_at,
        measures=(
            *areas.money(money),
            *areas.work(work, counts),
            *areas.indicators(found),
            *areas.risk(moves, wrong, review_months=review_months),
            *areas.plans(plan, as_at),
        ),
        kpi=data.kpi,
        money=money,
        work=work,
        counts=counts,
        found=found,
        register=risks,
        moves=moves,
        contradictions=wrong,
        shared=ids_shared(risks),
        unread=unread_words(risks),
        actions=plan,
        review_months=review_months,
    )
