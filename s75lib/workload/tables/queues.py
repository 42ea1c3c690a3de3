"""Caseload, backlog, and the rota of approved mental health professionals, as tables."""

from __future__ import annotations

__all__ = ["caseload", "cover", "desk", "piles", "stretch"]

import math

import pandas as pd

from s75lib.present import Column, Missing, Table, words
from s75lib.stats.queueing import dispersion
from s75lib.workload import backlog
from s75lib.workload.needs import NO_CASELOAD, NO_REQUESTS, NO_ROTA, NO_STAFFING, NO_WORKFORCE
from s75lib.workload.study import Study


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
    last = found.ahead.iloc[-1]
    settles = "nowhere: none ends" if math.isinf(found.settles_at) else words.number(found.settles_at)
    rows = [
        ("Open now", words.number(found.months["open"].iloc[-1])),
        ("Started a month", words.number(found.starts, 1)),
        ("Ended a month, share of those open", words.percent(100 * found.leaving_share)),
        ("Time that a package stays open, by Little's law", f"{words.number(found.stay)} months"),
        (
            "Open in 12 months at these rates (95% interval)",
            f"{words.number(found.in_a_year)} ({words.interval(last['lower_95'], last['upper_95'], 0)})",
        ),
        ("Where the number settles at these rates", settles),
    ]
    columns = (Column("what", "Open care packages"), Column("value", "Value"))
    title = f"Care packages as stock and flow, {work.place.name}, twelve months to {words.day(found.known)}"
    return Table("caseload", title, pd.DataFrame(rows, columns=["what", "value"]), columns)


def piles(work: Study) -> Table | Missing:
    """Set out the work that waits at the end of the months forecast, at several levels of staff.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.piles.empty:
        return NO_STAFFING if work.needed.is_empty else NO_WORKFORCE
    frame = work.piles.assign(p_any=100 * work.piles["p_any"])
    frame["clear"] = [
        "never" if math.isinf(months) else words.number(months, 1) for months in work.piles["clear"]
    ]
    columns = (
        Column("case", "Staff"),
        Column("staffed", "WTE", "number", 1, "WTE"),
        Column("use", "Use of the staff's time", "percent", 0, "percent"),
        Column("p_any", "Chance that work waits", "percent", 0, "percent"),
        Column("central", "Weeks of work waiting, median", "number", 1, "weeks"),
        Column("upper_80", "One case in ten, at least", "number", 1, "weeks"),
        Column("upper_95", "One case in forty, at least", "number", 1, "weeks"),
        Column("clear", "Months to clear that of one case in ten"),
    )
    error = words.number(100 * float(work.piles["p_error"].max()), 1)
    months = words.count_noun(len(work.pile), "month")
    notes = (
        f"After {months} from nothing waiting, in weeks of the whole staff's work: as long would a new case "
        "wait if the oldest came first. Leave, sickness and training are in the weeks at work, vacancies in "
        "the level of staff. Backlogs are cleared with every funded post filled, at the central need. The "
        f"chances are from {words.number(len(work.needed.draws['casework']))} draws, with a random error of "
        f"at most {error} points.",
    )
    return Table("piles", f"Work left waiting after {months}, {work.place.name}", frame, columns, notes)


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
    ratio = 1.0 if math.isnan(ratio) else ratio
    frame = backlog.stretch(float(paths.mean()), variance_ratio=ratio)
    frame[["use", "p_clear"]] *= 100
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
        f"{words.number(ratio, 1)} times Poisson's variance, the scatter of the last twelve months; nothing "
        "waits at the start, and capacity that is not used is lost. It shows why full use is no plan.",
    )
    return Table("stretch", "What a year at full stretch leaves waiting", frame, columns, notes)


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
    frame["interval"] = [
        words.interval(100 * low, 100 * high, 1, "%")
        for low, high in zip(frame["lower"], frame["upper"], strict=True)
    ]
    frame["probability"] = 100 * frame["probability"]
    columns = (
        Column("case", "Case"),
        Column("on_duty", "On duty a day", "number", 1, "people"),
        Column("demand", "Assessments a day", "number", 2),
        Column("probability", "Days on which demand exceeds those on duty", "percent", 1, "percent"),
        Column("interval", "95% interval, from demand"),
        Column("days", "Days looked at", "number"),
        Column("days_short", "Of them, days short", "number"),
    )
    notes = (
        f"On duty for a shortfall on no more than {_targets(work.rota.cover, 'days')}. Daily counts are "
        f"taken as independent with {words.number(work.rota.variance_ratio, 1)} times Poisson's variance, as "
        "the months have; a run of bad days is rarer here than in life.",
    )
    return Table("cover", f"Cover of the AMHP rota, {work.place.name}", frame, columns, notes)


def desk(work: Study) -> Table | list[Table]:
    """Set out the duty desk as a queue: who waits, how long, and how many people it takes.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or list
        An empty list without a rota, of which `cover` tells.
    """
    if work.rota is None:
        return []
    rows = work.rota.desk
    frame = rows.assign(
        use=100 * rows["utilisation"],
        waits=[words.percent(100 * share, 0) for share in rows["p_wait"]],
        hours=[words.number(wait, 1) for wait in rows["mean_wait"]],
        long=[words.percent(100 * share, 0) for share in rows["p_long"]],
    )
    frame.loc[rows["utilisation"] >= 1, ["waits", "hours", "long"]] = ["all", "grows without end", "all"]
    accepted = words.count_noun(work.rota.accepted_wait, "hour")
    columns = (
        Column("on_duty", "On duty", "number", unit="people"),
        Column("use", "Use of their time", "percent", 0, "percent"),
        Column("waits", "Referrals that wait"),
        Column("hours", "Mean wait, hours on duty"),
        Column("long", f"Wait over {accepted}"),
    )
    each = work.held.central("hours_per_mha_assessment")
    notes = (
        f"A queue with random arrivals and lengths (M/M/c) over the hours on duty, {words.number(each, 1)} "
        f"hours an assessment. For a wait over {accepted} of no more than "
        f"{_targets(work.rota.desk_needed, 'referrals')}. Referrals in the night, planned assessments and "
        "waits for a doctor or a bed are not in it.",
    )
    return Table("desk", f"The AMHP duty desk as a queue, {work.place.name}", frame, columns, notes)


def _targets(needed: pd.DataFrame, of: str) -> str:
    """Say how many people on duty each accepted risk takes."""
    said = [
        f"{words.percent(100 * risk, 0)} of {of}: {words.number(people)}"
        for risk, people in zip(needed["risk"], needed["needed"], strict=True)
    ]
    return words.join(said)
