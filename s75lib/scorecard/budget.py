"""The budget area: commitment, forecast, gross movement and staffing, each against its budget."""

from __future__ import annotations

__all__ = ["checks", "headlines", "measures", "section"]

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from s75lib import budget as wing
from s75lib.present import Check, Headline, Missing, Need, Section, words
from s75lib.present import section as assemble
from s75lib.scorecard.card import Measure, Status, brief, first_of

if TYPE_CHECKING:
    from s75lib.scorecard.study import Study

NO_BUDGET = Missing(
    "Neither a budget monitor nor a staffing position is held.",
    (
        Need(
            "budget",
            ("financial_year", "as_at", "service_group", "line", "kind", "budget", "commitment", "forecast"),
            "commitment and forecast against the budget",
        ),
        Need(
            "staffing",
            ("as_at", "organisation", "group", "adjusted_budget", "forecast"),
            "the staffing position",
        ),
    ),
)


def measures(study: Study) -> tuple[Measure, ...]:
    """Set net forecast and commitment, gross commitment and staffing against their budgets.

    Sums of rounded lines differ from the true variance by no more than half a unit for each amount added; the
    interval says how much that is.
    """
    return tuple(one for one in (*_monitor(study), _staffing(study)) if one is not None)


def _monitor(study: Study) -> list[Measure | None]:
    money = study.budget
    if money.budget.empty:
        return []
    day = brief(money.issues[-1].as_at)
    whole = money.position[money.position["scope"] == "all"].set_index("level")
    last = "adjusted" if "adjusted" in whole.index else "net"
    more = ", other adjustments included" if last == "adjusted" else ""
    levels = (
        (last, "forecast", f"forecast, net of income{more}"),
        ("net", "commitment", "commitments, net of income"),
        ("expenditure", "commitment", "commitments, gross"),
    )
    rows = ((name, measure, whole.loc[level].to_dict()) for level, measure, name in levels)
    return [
        _against(
            name, row[measure], row["budget"], row[f"{measure}_variance"], day, money.rounded, row["addends"]
        )
        for name, measure, row in rows
    ]


def _staffing(study: Study) -> Measure | None:
    money = study.budget
    if money.staffing.empty:
        return None
    rows = money.position_of_staff
    row: dict[Hashable, Any] = rows[rows["level"] == "all"].iloc[0].to_dict()
    day = brief(money.staffing["as_at"].max())
    return _against("forecast of staffing", row["forecast"], row["adjusted_budget"], row["variance"], day)


def _against(
    name: str, amount: float, budget: float, gap: float, day: str, rounded: float = 1.0, addends: float = 0
) -> Measure | None:
    """Set one amount against its budget."""
    if math.isnan(gap):
        return None
    bound = rounded * addends if rounded > 1 else 0.0
    level = abs(gap) <= bound
    status: Status = "level" if level else "bad" if gap > 0 else "good"
    side = "over budget" if gap > 0 else "under budget"
    percent = words.percent(100 * abs(gap / budget)) if budget else ""
    verdict = f"{side}, within rounding" if level else f"{percent} {side}".strip()
    return Measure(
        name,
        _money(amount, rounded),
        f"budget {_money(budget, rounded)}",
        status,
        verdict.capitalize() if gap else "On budget",
        day,
        f"{'+' if gap > 0 else ''}{_money(gap, rounded)}",
        f"±{words.money(bound, rounded_to=rounded)}" if bound else "",
        gap,
    )


def _money(value: float, rounded: float) -> str:
    return words.money(value, rounded_to=rounded) if rounded > 1 else words.amount(value)


def headlines(study: Study) -> list[Headline]:
    """Say where the year will end, and staffing, in the budget wing's words."""
    position = wing.wording.position(study.budget)
    forecast = [one for one in position if one.id == "budget.position.forecast"]
    return first_of([*forecast, *wing.wording.staffing(study.budget)[:1]])


def checks(study: Study) -> list[Check]:
    """Give the budget wing's checks of the monitor and of staffing."""
    return wing.wording.checks(study.budget)


def section(study: Study) -> Section:
    """Show the variance of each service group's lines, and of staffing."""
    if not study.measures["Budget"]:
        return assemble(NO_BUDGET)
    return assemble(
        headlines(study),
        wing.figures.variances(study.budget) if len(study.budget.budget) else None,
        wing.figures.staffing(study.budget) if len(study.budget.staffing) else None,
    )
