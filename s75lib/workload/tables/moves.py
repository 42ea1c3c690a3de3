"""Package transfers, the reviews that follow, and what yearly published figures say, as tables."""

from __future__ import annotations

__all__ = ["concerns", "means", "reviews", "transfers"]

import numpy as np
import pandas as pd

from s75lib.present import Column, Missing, Table, words
from s75lib.workload import shown
from s75lib.workload.assumptions import Assumptions
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
    return NO_TRANSFERS if work.moves.empty else shown.moves(work).table


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
    people = shown.moves(work).table.frame
    people = people[people["level"] == "team"].set_index(["service_group", "team"])
    rows = work.moved_reviews
    rows = pd.concat([rows, _all_teams(rows)], ignore_index=True)
    keys = ["service_group", "team"]
    half = rows.assign(half=[f"half_{at}" for at in rows["month"] // 6])
    frame = half.pivot_table(index=keys, columns="half", values="due", aggfunc="sum", sort=False)
    halves = [str(name) for name in frame.columns]
    frame["light_touch"] = rows.groupby(keys)["light_touch"].sum()
    frame["present"] = rows.groupby(keys)["present"].first() * 12
    # Reviews are people times constants: what hides the people hides them.
    for name in frame:
        lost = people["now" if name == "present" else "gains"].isna()
        frame.loc[frame.index.isin(lost.index[lost]), name] = np.nan
    frame = frame[frame["half_0"].isna() | (frame["half_0"] > 0)].reset_index()
    columns = (
        Column("team", "Team"),
        Column("light_touch", "Light-touch reviews in all", "number", unit="reviews"),
        *(
            Column(name, f"Months {6 * at + 1} to {6 * at + 6}", "number", unit="reviews")
            for at, name in enumerate(halves)
        ),
        Column("present", "A year's reviews of those held now", "number", unit="reviews"),
    )
    notes = [f"Reviews expected from the people who move: {_schedule(work.held)}"]
    if frame[halves].isna().any(axis=None):
        notes.append("A dash stands for a team whose number of people is hidden; it is in the total.")
    strong = tuple(int(i) for i in np.flatnonzero(frame["team"] == shown.ALL))
    title = f"Reviews that follow from the transfer, months from its start, {work.place.name}"
    return Table("reviews", title, frame, columns, tuple(notes), strong)


def _schedule(held: Assumptions) -> str:
    """Say under which assumptions reviews follow from a transfer."""
    weeks = held["light_touch_weeks"]
    closing = words.percent(100 * held.central("annual_closure_share"), 0)
    return (
        f"{held.central('packages_per_person'):g} packages for one person, moved evenly over "
        f"{words.count_noun(held.central('transfer_months'), 'month')}; a light-touch review {weeks.low:g} "
        f"to {weeks.high:g} weeks after the transfer, and one every "
        f"{held.central('review_interval_months'):g} months; {closing} of packages end within a year. "
        "Existing anniversaries are not published, so they are spread evenly."
    )


def _all_teams(rows: pd.DataFrame) -> pd.DataFrame:
    numbers = ["moved", "light_touch", "yearly", "due", "present"]
    whole = rows.groupby("month")[numbers].sum().reset_index()
    return whole.assign(service_group="", team=shown.ALL)


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
        "whole count that would have been printed so: the interval is the widest of the exact conditional "
        "intervals over those counts, the p-value the largest. It supposes that events come one by one; the "
        "last column says how many times more scattered they would have to be for the change to pass for "
        "chance (below 1: it does already).",
    )
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
    return NO_CONCERNS if work.concerns.empty else shown.concerns(work).table
