"""Staff for the expected work, posts, recruiting, redeployed people and assumptions, as tables."""

from __future__ import annotations

__all__ = ["assumptions", "parts", "posts", "recruitment", "redeployed"]

import pandas as pd

from s75lib.present import Column, Missing, Table, words
from s75lib.workload.naming import capital, measure_name
from s75lib.workload.needs import NO_STAFFING, NO_WORKFORCE
from s75lib.workload.study import Study

POOLS = {"casework": "Casework", "amhp": "AMHPs", "management": "Managers, leads and administrators"}
_SHOWN_MONTHS = (3, 6, 9, 12)


def parts(work: Study) -> Table | Missing:
    """Set out which work takes how many staff.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.needed.is_empty:
        return NO_STAFFING
    frame = work.needed.parts.sort_values(["pool", "wte"], ascending=[False, False], ignore_index=True)
    frame["name"] = [capital(measure_name(measure)) for measure in frame["measure"]]
    frame["pool"] = frame["pool"].map(POOLS)
    columns = (
        Column("name", "Work"),
        Column("pool", "Done by"),
        Column("count", "A month", "number"),
        Column("hours_each", "Hours each", "number", 1, "hours"),
        Column("hours", "Hours a month", "number", unit="hours"),
        Column("wte", "WTE", "number", 1, "WTE"),
    )
    notes = ["Means over the draws of demand and assumptions; hours each are the mean of the assumed range."]
    if work.needed.left_out:
        gone = words.join([measure_name(m) for m in work.needed.left_out])
        notes.append(f"Left out, for the series ends earlier than the others: {gone}.")
    if "open_cases" in set(work.needed.parts["measure"]) and "open_cases" not in work.ahead.paths:
        notes.append("Open cases are one published figure, taken to stay as it is.")
    title = f"Staff that the expected work takes, {work.place.name}"
    return Table("parts", title, frame, columns, tuple(notes))


def posts(work: Study) -> Table | Missing:
    """Set out posts, people in post, vacancies and locums.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.staff.empty:
        return NO_WORKFORCE
    frame = work.staff[work.staff["as_at"] == work.staff["as_at"].max()].copy()
    frame["name"] = frame["pool"].map(POOLS)
    columns = (
        Column("name", "Staff"),
        Column("establishment", "Funded posts", "number", 1, "WTE"),
        Column("in_post", "In post", "number", 1, "WTE"),
        Column("vacancy", "Vacant", "number", 1, "WTE"),
        Column("vacancy_percent", "Vacancy rate", "percent", 0, "percent"),
        Column("locum", "Locums", "number", 1, "WTE"),
        Column("locum_percent", "Locums' share of staff", "percent", 0, "percent"),
    )
    title = f"Posts and people, WTE, {work.place.name}, {words.day(frame['as_at'].max())}"
    notes = (
        "Roles are sorted by their names: AMHPs; managers, leads and administrators; casework is the rest.",
    )
    return Table("posts", title, frame, columns, notes)


def recruitment(work: Study) -> Table | list[Table]:
    """Set out the casework staff in post if every vacancy is advertised now.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or list
        An empty list without posts and people, of which `posts` tells.
    """
    found = work.recruitment
    if found is None:
        return []
    rows = found.months[found.months["month"].isin(_SHOWN_MONTHS)]
    frame = pd.DataFrame(
        {
            "when": ["Now", *(f"In {words.count_noun(month, 'month')}" for month in rows["month"])],
            "in_post": [found.in_post, *rows["central"]],
            "interval": [
                "",
                *(words.interval(a, b) for a, b in zip(rows["lower_95"], rows["upper_95"], strict=True)),
            ],
        }
    )
    frame["vacant"] = found.establishment - frame["in_post"]
    columns = (
        Column("when", "When"),
        Column("in_post", "Casework WTE in post", "number", 1, "WTE"),
        Column("interval", "95% interval"),
        Column("vacant", "Vacant", "number", 1, "WTE"),
    )
    wait, share = work.held["time_to_recruit"], work.held["leavers_share"]
    notes = (
        f"Every vacancy is advertised now and every leaver's post at once; somebody starts {wait.low:g} to "
        f"{wait.high:g} months later (likeliest {wait.central:g}), and {100 * share.low:g}% to "
        f"{100 * share.high:g}% of the staff leave in a year. So about {words.number(found.standing, 1)} WTE "
        f"({words.interval(found.standing_lower, found.standing_upper)}) stay vacant at any time, by "
        "Little's law. Every post is taken to find somebody.",
    )
    title = f"Filling the casework vacancies, {work.place.name}"
    return Table("recruitment", title, frame, columns, notes)


def redeployed(work: Study) -> Table | list[Table]:
    """Set out the time that redeployed staff bring, and what it is enough for.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or list
        An empty list where nobody is to be redeployed.
    """
    found = work.redeployed
    if found is None:
        return []
    frame = found.table.assign(
        interval=[
            words.interval(low, high, 0)
            for low, high in zip(found.table["lower_95"], found.table["upper_95"], strict=True)
        ]
    )
    columns = (
        Column("what", "In a year, full time on social work"),
        Column("central", "Central", "number"),
        Column("interval", "95% interval"),
    )
    notes = (
        "Reviews and assessments are alternatives: the same hours are enough for the one or the other. The "
        "hours are lost to care coordination.",
    )
    title = f"{words.count_noun(found.people, 'person', 'people')} redeployed, {work.place.name}"
    return Table("redeployed", title, frame, columns, notes)


def assumptions(work: Study) -> Table:
    """Set out every assumption with its range and source.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table
    """
    frame = work.held.frame()
    frame["whose"] = ["local" if own else "default" for own in frame["is_local"]]
    columns = (
        Column("label", "Assumption"),
        Column("low", "Low", "number", 2),
        Column("central", "Central", "number", 2),
        Column("high", "High", "number", 2),
        Column("unit", "Unit"),
        Column("whose", "Whose"),
        Column("source", "Source"),
        Column("name", "Name in the dataset"),
    )
    notes = (
        "The authority's assumptions replace the defaults by name; hours a week and weeks at work come from "
        "its workforce where that tells them. Each is drawn from a PERT distribution between low and high.",
    )
    return Table("assumptions", f"Assumptions, {work.place.name}", frame, columns, notes)
