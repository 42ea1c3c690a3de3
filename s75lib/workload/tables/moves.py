"""Package transfers, the reviews that follow, and what yearly published figures say, as tables."""

from __future__ import annotations

__all__ = ["concerns", "means", "reviews", "transfers"]

import numpy as np
import pandas as pd

from s75lib.present import Column, Missing, Table, words
from s75lib.workload.hiding import hide
from s75lib.workload.naming import GROUPS
from s75lib.workload.needs import NO_CONCERNS, NO_MEANS, NO_TRANSFERS
from s75lib.workload.study import Study

_INDICATORS = {"reviews_per_month": "Reviews a month", "assessments_per_month": "Assessments a month"}


def transfers(work: Study) -> Table | Missing:
    """Set out the people held now and those who come, by team.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.moves.empty:
        return NO_TRANSFERS
    least = work.place.least("package_transfers")
    frame = hide(work.moves, least).reset_index(drop=True)
    frame["name"] = [
        "All teams" if level == "all" else f"All {_group(group)}" if level == "group" else team
        for level, group, team in zip(frame["level"], frame["service_group"], frame["team"], strict=True)
    ]
    names = frame["service_group"].map(lambda code: GROUPS.get(code, code))
    frame["group"] = names.where(frame["level"] != "all", "")
    columns = (
        Column("name", "Team"),
        Column("group", "Service group"),
        Column("now", "With social workers", "number", unit="people"),
        Column("gains", "With health staff, to move", "number", unit="people"),
        Column("after", "After the transfer", "number", unit="people"),
        Column("growth_percent", "Growth", "percent", 0, "percent"),
    )
    notes = [
        "Supposes that the people whom a team's health staff hold go to the social workers of that team."
    ]
    if (frame["now"] == 0).any():
        notes.append("No growth is given for a team whose social workers hold nobody now.")
    if frame["after"].isna().any():
        notes.append(f"A dash hides counts below {least}, and one more where a total would give it away.")
    strong = tuple(int(i) for i in np.flatnonzero(frame["level"] != "team"))
    day = words.day(work.moves["as_at"].iloc[0])
    title = f"People with care packages by team, {work.place.name}, {day}"
    return Table("transfers", title, frame, columns, tuple(notes), strong)


def reviews(work: Study) -> Table | Missing:
    """Set out the reviews that follow from the transfer, by team and half-year.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.moves.empty:
        return NO_TRANSFERS
    hidden = hide(work.moves, work.place.least("package_transfers"))
    lost = set(hidden.loc[hidden["gains"].isna(), "team"])
    rows = work.moved_reviews[~work.moved_reviews["team"].isin(lost)]
    rows = pd.concat([rows, _all_teams(work.moved_reviews)], ignore_index=True)
    half = rows["month"] // 6
    frame = (
        rows.assign(half=[f"half_{n}" for n in half])
        .pivot_table(index=["service_group", "team"], columns="half", values="due", aggfunc="sum", sort=False)
        .reset_index()
    )
    light = rows.groupby(["service_group", "team"])["light_touch"].sum().rename("light_touch")
    present = rows.groupby(["service_group", "team"])["present"].first().rename("present") * 12
    frame = frame.join(light, on=["service_group", "team"]).join(present, on=["service_group", "team"])
    frame = frame[frame["half_0"] > 0].reset_index(drop=True)
    halves = [name for name in frame.columns if str(name).startswith("half_")]
    columns = (
        Column("team", "Team"),
        Column("light_touch", "Light-touch reviews in all", "number", unit="reviews"),
        *(
            Column(name, f"Months {6 * i + 1} to {6 * i + 6}", "number", unit="reviews")
            for i, name in enumerate(halves)
        ),
        Column("present", "A year's reviews of those held now", "number", unit="reviews"),
    )
    held = work.held
    closing = words.percent(100 * held.central("annual_closure_share"), 0)
    notes = [
        f"Reviews expected from the people who move: {held.central('packages_per_person'):g} packages for "
        "one "
        f"person, moved evenly over {words.count_noun(held.central('transfer_months'), 'month')}; a "
        "light-touch "
        f"review {held['light_touch_weeks'].low:g} to {held['light_touch_weeks'].high:g} weeks after the "
        "transfer, "
        f"and one every {held.central('review_interval_months'):g} months; "
        f"{closing} "
        "of packages end within a year. Existing anniversaries are not published, so they are spread evenly.",
    ]  # fmt: skip
    if lost:
        notes.append("Teams with few people are left out, but counted in the total.")
    strong = tuple(int(i) for i in np.flatnonzero(frame["team"] == "All teams"))
    title = f"Reviews that follow from the transfer, months from its start, {work.place.name}"
    return Table("reviews", title, frame, columns, tuple(notes), strong)


def _all_teams(rows: pd.DataFrame) -> pd.DataFrame:
    numbers = ["moved", "light_touch", "yearly", "due", "present"]
    whole = rows.groupby("month")[numbers].sum().reset_index()
    return whole.assign(service_group="", team="All teams")


def means(work: Study) -> Table | Missing:
    """Compare the printed means a month of two years.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.means.empty:
        return NO_MEANS
    frame = work.means.copy()
    frame["name"] = [
        f"{_INDICATORS.get(i, i.replace('_', ' ').capitalize())}{', ' + g if g else ''}"
        for i, g in zip(frame["indicator"], frame["group"], strict=True)
    ]
    frame["years"] = frame["before_period"] + " to " + frame["after_period"]
    for side in ("before", "after"):
        frame[f"{side}_printed"] = [
            words.number(value, places) for value, places in zip(frame[side], frame["decimals"], strict=True)
        ]
        frame[f"{side}_count"] = [
            words.number(low) if low == high else f"{words.number(low)} to {words.number(high)}"
            for low, high in zip(frame[f"{side}_low"], frame[f"{side}_high"], strict=True)
        ]
    columns = (
        Column("name", "Indicator"),
        Column("years", "Years"),
        Column("before_printed", "Before, a month"),
        Column("after_printed", "After, a month"),
        Column("before_count", "Year's count before"),
        Column("after_count", "Year's count after"),
        Column("change_percent", "Change, %", "change", 0, "percent"),
        Column("change_lower", "95% from", "change", 0, "percent"),
        Column("change_upper", "95% to", "change", 0, "percent"),
        Column("p_value", "p", "p"),
        Column("tipping_factor", "Scatter that would undo it, times Poisson's", "number", 1),
    )
    notes = (
        "Only the mean a month is published. Twelve times the mean is taken as the year's count, with every "
        "whole "
        "count that would have been printed so: the interval is the widest of the exact conditional "
        "intervals over "
        "those counts, the p-value the largest. It supposes that events come one by one; the last column "
        "says how "
        "many times more scattered they would have to be for the change to pass for chance (below 1: it does "
        "already).",
    )  # fmt: skip
    return Table(
        "means", f"Published means a month, year against year, {work.place.name}", frame, columns, notes
    )


def concerns(work: Study) -> Table | Missing:
    """Set completed enquiries against the concerns raised, in two years.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.concerns.empty:
        return NO_CONCERNS
    rows = [
        {
            "group": row["group"] or "All",
            "year": row[f"{side}_period"],
            "concerns": row[f"concerns_{side}"],
            "enquiries": row[f"enquiries_{side}"],
            "per_100": row[f"per_100_{side}"],
        }
        for row in work.concerns.to_dict("records")
        for side in ("before", "after")
    ]
    frame = pd.DataFrame(rows)
    columns = (
        Column("group", "Group"),
        Column("year", "Year"),
        Column("concerns", "Concerns raised", "number"),
        Column("enquiries", "Enquiries completed", "number"),
        Column("per_100", "Enquiries for each 100 concerns", "number", 1),
    )
    notes = (
        "An enquiry completed in one year may follow a concern of the year before, and concerns may be "
        "counted or "
        "screened in another way: the rate shows a change, not its cause.",
    )
    return Table("concerns", f"Safeguarding concerns and enquiries, {work.place.name}", frame, columns, notes)


def _group(code: str) -> str:
    name = GROUPS.get(code, code)
    return name[:1].lower() + name[1:]
