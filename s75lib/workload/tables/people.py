"""Staff, rota, scenarios and assumptions, as tables."""

from __future__ import annotations

__all__ = ["assumptions", "caseload", "cover", "parts", "posts", "scenarios", "stretch"]

import math

import pandas as pd

from s75lib.present import Column, Missing, Table, words
from s75lib.stats.queueing import dispersion
from s75lib.workload import caseload as cases
from s75lib.workload.naming import measure_name, month_name
from s75lib.workload.needs import (
    NO_CASELOAD,
    NO_REQUESTS,
    NO_ROTA,
    NO_STAFFING,
    NO_WORKFORCE,
)
from s75lib.workload.study import Study

POOLS = {"casework": "Casework", "amhp": "AMHPs", "management": "Managers, leads and administrators"}


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
    frame["name"] = [measure_name(m).capitalize() if m != "mha_assessments" else measure_name(m)
                     for m in frame["measure"]]  # fmt: skip
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
    return Table(
        "parts", f"Staff that the expected work takes, {work.place.name}", frame, columns, tuple(notes)
    )


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


def cover(work: Study) -> Table | Missing:
    """Set out the rota as it is and as it changes.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.rota is None:
        return NO_ROTA
    frame = work.rota.cases.copy()
    frame["probability"] = 100 * frame["probability"]
    columns = (
        Column("case", "Case"),
        Column("on_duty", "On duty a day", "number", 1, "people"),
        Column("demand", "Assessments a day", "number", 2),
        Column("probability", "Days on which demand exceeds those on duty", "percent", 1, "percent"),
        Column("days", "Days looked at", "number"),
        Column("days_short", "Of them, days short", "number"),
    )
    needed = [
        f"{words.percent(100 * risk, 0)} of days: {words.number(people)}"
        for risk, people in zip(work.rota.cover["risk"], work.rota.cover["needed"], strict=True)
    ]
    notes = (
        f"On duty for a shortfall on no more than {words.join(needed, 'and')}. Daily counts are taken as "
        "independent "
        f"with {words.number(work.rota.variance_ratio, 1)} times Poisson's variance, as the months have; "
        "a run of bad days is rarer here than in life.",
    )
    return Table("cover", f"Cover of the AMHP rota, {work.place.name}", frame, columns, notes)


def scenarios(work: Study) -> Table | Missing:
    """Set scenarios side by side with the forecast as it stands.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.run is None:
        return NO_STAFFING if work.needed.is_empty else NO_WORKFORCE
    frame = work.run.table.copy()
    frame["p_gap"] = 100 * frame["p_gap"]
    frame["first"] = [
        "none" if pd.isna(month) else month_name(month, short=True) for month in frame["first_gap"]
    ]
    frame["interval"] = [
        words.interval(low, high, 0) for low, high in zip(frame["lower_95"], frame["upper_95"], strict=True)
    ]
    columns = (
        Column("scenario", "Scenario"),
        Column("required", "Casework WTE needed", "number", 1, "WTE"),
        Column("interval", "95% interval"),
        Column("establishment", "Funded", "number", 1, "WTE"),
        Column("staffed", "In post with locums", "number", 1, "WTE"),
        Column("gap", "Gap", "change", 1, "WTE"),
        Column("p_gap", "Chance of a gap", "percent", 0, "percent"),
        Column("first", "First month with a gap"),
    )
    notes = (
        f"Means over {words.count_noun(work.ahead.horizon, 'month')}; a gap is need above those in post with "
        "locums. "
        "All scenarios share their random numbers, so that they differ by what they change alone. The first "
        "month "
        "with a gap is that of the central need.",
    )
    return Table("scenarios", f"Scenarios side by side, {work.place.name}", frame, columns, notes)


def caseload(work: Study) -> Table | Missing:
    """Set out the open packages as a stock that fills and drains.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    found = work.caseload
    if found is None:
        return NO_CASELOAD
    frame = pd.DataFrame(
        {
            "what": [
                "Open now", "Started a month", "Ended a month, share of those open",
                "Time that a package stays open, by Little's law", "Open in 12 months at these rates",
                "Where the number settles at these rates",
            ],
            "value": [
                words.number(found.months["open"].iloc[-1]), words.number(found.starts, 1),
                words.percent(100 * found.leaving_share), f"{words.number(found.stay)} months",
                words.number(found.in_a_year),
                "nowhere: none ends" if math.isinf(found.settles_at) else words.number(found.settles_at),
            ],
        }
    )  # fmt: skip
    columns = (Column("what", "Open care packages"), Column("value", "Value"))
    title = f"Care packages as stock and flow, {work.place.name}, twelve months to {words.day(found.known)}"
    return Table("caseload", title, frame, columns)


def stretch(work: Study) -> Table | Missing:
    """Show what a year at several levels of use leaves waiting, from uneven arrivals alone.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    paths = work.ahead.paths.get("case_allocation_requests")
    if paths is None:
        return NO_REQUESTS
    counts = work.totals.loc[work.totals["measure"] == "case_allocation_requests", "count"]
    ratio = max(dispersion(counts.tail(12).to_numpy()).ratio, 1.0)
    frame = cases.stretch(float(paths.mean()), variance_ratio=1.0 if math.isnan(ratio) else ratio)
    frame["use"] = 100 * frame["use"]
    frame["p_clear"] = 100 * frame["p_clear"]
    columns = (
        Column("use", "Use of capacity", "percent", 0, "percent"),
        Column("capacity", "Requests that can be taken on a month", "number"),
        Column("median", "Waiting after a year, median", "number"),
        Column("upper_80", "One year in ten, at least", "number"),
        Column("upper_95", "One year in forty, at least", "number"),
        Column("p_clear", "Chance that none waits", "percent", 0, "percent"),
    )
    notes = (
        f"Case allocation requests come at {words.number(paths.mean())} a month with "
        f"{words.number(ratio, 1)} times "
        "Poisson's variance, the scatter of the last twelve months; nothing waits at the start, and capacity "
        "that is "
        "not used is lost. It shows why full use is no plan.",
    )
    return Table("stretch", "What a year at full stretch leaves waiting", frame, columns, notes)


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
        "The authority's assumptions replace the defaults by name. Each is drawn from a PERT distribution "
        "between low and high.",
    )
    return Table("assumptions", f"Assumptions, {work.place.name}", frame, columns, notes)
