"""The budget area: commitment, forecast, gross movement and staffing, each against its budget."""

from __future__ import annotations

__all__ = ["money"]

from typing import Any

import numpy as np

from s75lib import budget as wing
from s75lib.present import words
from s75lib.scorecard.areas.measure import Measure, Status, on

_AREA = "Budget"


def money(study: wing.Study) -> tuple[Measure, ...]:
    """Set out where the money stands.

    Parameters
    ----------
    study : Study
        As `s75lib.budget.study` gives it.

    Returns
    -------
    tuple of Measure
        Net commitment and forecast, other adjustments included where there are any; gross commitment;
        staffing. Empty where neither is held.

    Notes
    -----
    Sums of rounded lines differ from the true variance by no more than half a unit for each amount added;
    the interval column says how much that is.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> rows = money(wing.study(load("cambridgeshire")))
    >>> [one.judged for one in rows]
    ['✗ 4.5% over budget', '✗ 4.0% over budget', '✗ 5.0% over budget', '✓ 5.2% under budget']
    """
    return (*_monitor(study), *_staffing(study))


def _monitor(study: wing.Study) -> list[Measure]:
    if study.data.budget.empty:
        return []
    day = on(study.snapshots[-1].as_at)
    rows = study.position
    whole = rows[rows["scope"] == "all"].set_index("level")
    last = "adjusted" if "adjusted" in whole.index else "net"
    made = []
    for level, measure, name in (
        (last, "forecast", "forecast, net of income"),
        ("net", "commitment", "commitments, net of income"),
        ("expenditure", "commitment", "commitments, gross"),
    ):
        row = whole.loc[level].to_dict()
        if level == "adjusted":
            name += ", other adjustments included"
        made.append(_against(name, row, measure, f"{measure}_variance", study.rounded, day))
    return [one for one in made if one is not None]


def _staffing(study: wing.Study) -> list[Measure]:
    if study.data.staffing.empty:
        return []
    rows = study.staffing_position
    row = rows[rows["level"] == "all"].iloc[0].to_dict()
    row["budget"] = row["adjusted_budget"]
    day = on(study.data.staffing["as_at"].max())
    found = _against("forecast of staffing", row, "forecast", "variance", 1.0, day)
    return [] if found is None else [found]


def _against(
    name: str, row: dict[Any, Any], measure: str, variance: str, rounded: float, day: str
) -> Measure | None:
    """Set one amount against its budget."""
    gap = float(row[variance])
    if np.isnan(gap):
        return None
    percent = words.percent(100 * abs(gap / row["budget"])) if row["budget"] else ""
    bound = rounded * float(row["addends"]) if rounded > 1 else 0.0
    return Measure(
        _AREA,
        name,
        _money(row[measure], rounded),
        f"budget {_money(row['budget'], rounded)}",
        _change(gap, rounded),
        f"±{words.money(bound, rounded_to=rounded)}" if bound else "",
        _status(gap, bound),
        _verdict(gap, bound, percent),
        day,
        gap,
        "£",
    )


def _money(value: float, rounded: float) -> str:
    return words.money(value, rounded_to=rounded) if rounded > 1 else words.amount(value)


def _change(gap: float, rounded: float) -> str:
    return f"{'+' if gap > 0 else ''}{_money(gap, rounded)}"


def _status(gap: float, bound: float) -> Status:
    return "level" if abs(gap) <= bound else "bad" if gap > 0 else "good"


def _verdict(gap: float, bound: float, percent: str) -> str:
    if gap == 0:
        return "On budget"
    side = "over budget" if gap > 0 else "under budget"
    if abs(gap) <= bound:
        return f"{side.capitalize()}, within rounding"
    return f"{percent} {side}".strip().capitalize()
