"""The budget area: forecast, commitment and staffing, each against its budget."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from s75lib.budget.funding import headlines as funding_headlines
from s75lib.budget.naming import BUDGETS, amount_label, direction
from s75lib.budget.position import checks as position_checks
from s75lib.budget.position import figure_variances
from s75lib.budget.position import headlines as position_headlines
from s75lib.budget.published_totals import checks as published_checks
from s75lib.budget.staffing import figure_variances as figure_staffing
from s75lib.budget.staffing import headlines as staffing_headlines
from s75lib.budget.staffing import vacant_share
from s75lib.present import Check, Details, Headline, Missing, Need, Section, words
from s75lib.scorecard.card import Judged, Measure, brief, counted_elsewhere, first_of

if TYPE_CHECKING:
    from s75lib.scorecard.study import Study

_TIE = "scorecard.budget.tie"
_SO_FAR, _POOL = "commitments so far", "forecast of the whole pool, staff included"
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


def measures(study: Study) -> list[Measure | None]:
    """Set net forecast, net commitment and staffing against their budgets."""
    money = study.budget
    made: list[Measure | None] = []
    if study.data.has("budget"):
        day = brief(money.snapshots[-1].as_at)
        whole = money.position[money.position["scope"] == "all"].set_index("level")
        last = "adjusted" if "adjusted" in whole.index else "net"
        more = " and adjustments" if last == "adjusted" else ""
        for name, level, measure in (
            (f"forecast, net of income{more}", last, "forecast"),
            (f"{_SO_FAR}, net of income", "net", "commitment"),
        ):
            row = whole.loc[level].to_dict()
            amounts = (row[measure], row["budget"], row[f"{measure}_variance"])
            course = money.course(level, measure)
            held = BUDGETS[level]
            told = "budget.position.forecast" if measure == "forecast" else _TIE
            one = _against(name, *amounts, day, held, money.rounded, row["addends"], course)
            made.append(one and replace(one, finding=told))
        # Where the year ends is one position, however it is added up.
        made = list(filter(None, made))
        first = made[0].name if made and made[0] else ""
        under = "forecast" if first.startswith("forecast") else first
        made[1:] = counted_elsewhere(*made[1:], under=under)
    charged = _charged(study)
    # A law that is broken comes before any sum.
    made.insert(0 if charged is not None and charged.status == "bad" else len(made), charged)
    if study.data.has("staffing"):
        rows = money.staffing_position
        row = rows[rows["level"] == "all"].iloc[0].to_dict()
        day = brief(study.data.staffing["as_at"].max())
        amounts = (row["forecast"], row["adjusted_budget"], row["variance"])
        staff = _beside_vacancies(study, _against("forecast of staffing", *amounts, day, BUDGETS["staff"]))
        made.append(staff and replace(staff, finding="budget.staffing"))
    return [*made, *_borne(study)]


def _beside_vacancies(study: Study, staff: Measure | None) -> Measure | None:
    """Judge an underspend on staff as good only where no post is vacant."""
    vacant = vacant_share(study.budget)
    if staff is None or staff.status != "good" or vacant == 0:
        return staff
    beside = "vacancies not known" if vacant is None else f"{words.percent(vacant, 0)} of all posts vacant"
    return replace(staff, status="unknown", verdict=f"{staff.verdict}, {beside}")


def _borne(study: Study) -> list[Measure | None]:
    """Set the forecast of the whole pool against its budget, and say what each partner bears of it."""
    shared, spent = study.account.shared, study.account.expenditure
    if shared is None:
        return []
    forecast, held = (int(spent[name].sum()) / 100 for name in ("year", "budget"))
    day = brief(max(study.data.budget["as_at"].max(), study.data.staffing["as_at"].max()))
    made = _against(_POOL, forecast, held, shared.amount / 100, day, BUDGETS["whole"])
    if made is None:
        return []
    parts = [(name, part / 100) for name, part in shared.totals.items() if part]
    whole = f"of {words.amount(abs(shared.amount) / 100)}"
    rule = "A share, by the agreement's rule"
    return [
        *counted_elsewhere(made, under="forecasts of packages and of staffing"),
        *(
            Measure(f"borne by {name}", words.amount(part), whole, "unknown", rule, day, value=part)
            for name, part in parts
        ),
    ]


def _charged(study: Study) -> Measure | None:
    """Say whether anybody is charged for section 117 aftercare, where the ledger tells."""
    said = [one for one in funding_headlines(study.budget) if one.id == "budget.s117_charges"]
    found = study.budget.charges
    if found is None or not found.known:
        return None
    latest, value = words.number(found.people), said[0].value if said else 0.0
    if said:
        latest = "some, number withheld" if value is None else said[0].large
    judged: Judged = ("bad", "Unlawful") if said else ("good", "Nobody is charged")
    name, day = "people charged for section 117 aftercare", brief(found.as_at)
    told = said[0].id if said else ""
    return Measure(name, latest, "none: free by law", *judged, day, value=value, finding=told)


def _against(
    name: str,
    amount: float,
    budget: float,
    gap: float,
    day: str,
    called: str,
    rounded: float = 1.0,
    addends: float = 0,
    course: tuple[float, ...] = (),
) -> Measure | None:
    if math.isnan(gap):
        return None
    # Sums of rounded lines are off by half a unit at most for each amount added, of amount and budget.
    bound = rounded * addends if rounded > 1 else 0.0
    side = "over budget" if gap > 0 else "under budget"
    percent = words.percent(100 * abs(gap / budget)) if budget else ""
    judged: Judged = ("bad" if gap > 0 else "good", f"{percent} {side}".strip().capitalize())
    if abs(gap) <= bound:
        judged = "level", f"{side}, within rounding".capitalize() if gap else "On budget"
    latest = amount_label(amount, False, rounded)
    held, change = f"{called} {amount_label(budget, False, rounded)}", amount_label(gap, True, rounded)
    rounding = words.money(bound, rounded_to=rounded) if bound else ""
    return Measure(name, latest, held, *judged, day, change, value=gap, course=course, rounding=rounding)


def headlines(study: Study) -> list[Headline]:
    """Say whether aftercare is charged for, where the year will end, and staffing, in the wing's words."""
    charged = [one for one in funding_headlines(study.budget) if one.id == "budget.s117_charges"]
    forecast = [one for one in position_headlines(study.budget) if one.id == "budget.position.forecast"]
    staffing = [one for one in staffing_headlines(study.budget) if one.id == "budget.staffing"]
    if staffing and (staffing[0].value or 0.0) <= 0:
        # On a page of four areas, staff who cost less than budgeted leave the summary to the others.
        staffing = [replace(staffing[0], stake="context")]
    return [*first_of(study, [*charged, *forecast, *staffing]), *first_of(study, _tie(study))]


def _tie(study: Study) -> list[Headline]:
    gaps = {one.name: one.value for one in study.measures["Budget"]}
    net, pool = (gaps.get(name) for name in (f"{_SO_FAR}, net of income", _POOL))
    if net is None:
        return []
    held = any(name.startswith("forecast, net") for name in gaps)
    text = "The forecast says where the year will end, the commitments" if held else "The commitments say"
    text += " what is agreed so far, without adjustments and staff. "
    text += f"So far they are {_side(net)}."
    if pool is not None:
        text += f" The whole pool, staff included, is forecast {_side(pool)}."
    return [Headline(_TIE, text, net, "£", method="commitment less budget")]


def _side(gap: float) -> str:
    return f"{words.amount(abs(gap))} {direction(gap)}" if gap else "on budget"


def checks(study: Study) -> list[Check]:
    """Give the budget wing's checks of the monitor and of the published totals."""
    return [*position_checks(study.budget), *published_checks(study.budget)]


def section(study: Study) -> Section:
    """Show the variance of each service group's lines, and of staffing."""
    if not study.measures["Budget"]:
        return Section.of(NO_BUDGET)
    return Section.of(
        headlines(study),
        Details(),
        figure_variances(study.budget) if study.data.has("budget") else None,
        figure_staffing(study.budget) if study.data.has("staffing") else None,
    )
