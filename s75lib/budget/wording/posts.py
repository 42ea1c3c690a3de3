"""Sentences on the staffing position and its phasing."""

from __future__ import annotations

__all__ = ["staffing"]

from math import isnan

import pandas as pd

from s75lib.budget import staffing as positions
from s75lib.budget.naming import pounds
from s75lib.budget.picks import largest, record
from s75lib.budget.snapshots import snapshots
from s75lib.budget.study import Study
from s75lib.present import Headline, words

_METHOD = "forecast less adjusted budget, summed over the groups"


def staffing(study: Study) -> list[Headline]:
    """Say how the staffing forecast stands, where, and which month its phasing stands for.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty without a staffing position and posts.
    """
    return [*_position(study), *_posts(study)]


def _position(study: Study) -> list[Headline]:
    frame, rows = study.staffing, study.position_of_staff
    if frame.empty:
        return []
    whole = record(rows, level="all")
    day = frame["as_at"].max()
    said = []
    if pd.notna(whole["variance"]):
        said.append(
            Headline(
                "budget.staffing",
                f"At {words.day(day)}, staffing is forecast to {_spend(whole['variance'])}"
                f"{_of(whole['variance'], whole['variance_percent'])}{_largest(rows)}.",
                float(whole["variance"]),
                "£",
                method=_METHOD,
                see=("staffing",),
            )
        )
    return said + _phasing(frame, study.budget)


def _posts(study: Study) -> list[Headline]:
    """Say how many posts are vacant and what locums cost."""
    said: list[Headline] = []
    found = study.posts
    if found is not None and found.establishment > 0:
        share = words.percent(100 * found.vacant / found.establishment, 0)
        money = (
            "" if isnan(found.vacancy_year) else f", {pounds(found.vacancy_year)} a year at the mean budget"
        )
        said.append(
            Headline(
                "budget.staffing.vacancy",
                f"At {words.day(found.as_at)}, {words.number(found.vacant, 1)} of "
                f"{words.number(found.establishment, 1)} posts are vacant ({share}){money}.",
                found.vacant,
                "WTE",
                method="establishment less in post",
                see=("posts",),
            )
        )
    whole = study.position_of_staff.iloc[-1] if len(study.position_of_staff) else None
    if whole is None or pd.isna(whole["locum_to_date"]) or not whole["actual_to_date"] > 0:
        return said
    text = (
        f"Locum and agency staff took {pounds(whole['locum_to_date'])} of the "
        f"{pounds(whole['actual_to_date'])} spent on staff to date ({words.percent(whole['locum_percent'])})"
    )
    if found is None or isnan(found.premium):
        text += ". What they cost beyond employees can't be told from spending alone."
    else:
        more = "more" if found.premium >= 0 else "less"
        text += (
            f": {pounds(found.premium)} {more} than as many employees would have cost, at "
            f"{pounds(found.locum_year)} against {pounds(found.employee_year)} for a whole-time equivalent "
            "and year."
        )
        if found.premium < 0:
            text += (
                " Locums cheaper than employees suggest that the money and the posts cover different staff."
            )
    said.append(
        Headline(
            "budget.staffing.locum",
            text,
            float(whole["locum_percent"]),
            "percent",
            method="locum spending over actual to date; premium over the mean cost of people in post",
            see=("locums",) if found is not None and not isnan(found.premium) else ("staffing",),
        )
    )
    return said


def _phasing(frame: pd.DataFrame, budget: pd.DataFrame) -> list[Headline]:
    found = positions.phasing(frame)
    said = []
    for item in found:
        if item.months is not None and not item.agrees and item.position_month is not None:
            said.append(
                Headline(
                    f"budget.phasing.{item.as_at:%Y-%m-%d}",
                    f"The staffing position dated {words.day(item.as_at)} holds a budget to date of "
                    f"{_twelfths(item.months)} of the year, which is {item.position_month:%B}: either "
                    "the date or "
                    "the phasing is wrong, and the spending to date can't be compared with it.",
                    float(item.months),
                    "months",
                    method="budget to date over adjusted budget",
                    see=("staffing",),
                )
            )
    monitor = snapshots(budget)
    last = found[-1]
    if monitor and last.position_month is not None and last.agrees:
        spoken = monitor[-1].as_at
        if (spoken.year, spoken.month) != (last.position_month.year, last.position_month.month):
            said.append(
                Headline(
                    "budget.phasing",
                    f"The staffing budget to date is {_twelfths(last.months or 0)} of the year, so "
                    "the staffing "
                    f"position is that of {last.position_month:%B %Y}, while the care budget is reported to "
                    f"{spoken:%B %Y}.",
                    float(last.months or 0),
                    "months",
                    method="budget to date over adjusted budget",
                    see=("staffing",),
                )
            )
    return said


def _twelfths(months: int) -> str:
    names = (
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    )
    return f"{names[months - 1]} twelfth{'' if months == 1 else 's'}"


def _spend(variance: float) -> str:
    return "overspend" if variance > 0 else "underspend" if variance < 0 else "come out on budget"


def _of(variance: float, percent: float) -> str:
    if variance == 0:
        return ""
    share = "" if pd.isna(percent) else f" ({words.percent(abs(percent))} of the adjusted budget)"
    return f" by {pounds(variance)}{share}"


def _largest(rows: pd.DataFrame) -> str:
    """Name the group with the largest variance."""
    lines = rows[(rows["level"] == "line") & rows["variance"].notna()]
    lines = lines[lines["variance"] != 0]
    if len(lines) < 2:
        return ""
    top = largest(lines, "variance", by="size")
    side = "over" if top["variance"] > 0 else "under"
    return f"; the largest variance is {top['organisation']} {top['group']}, {pounds(top['variance'])} {side}"
