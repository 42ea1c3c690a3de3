"""People whose packages move, reviews due and packages open, as they may be shown."""

from __future__ import annotations

__all__ = ["due", "due_in_words", "moves", "open_packages"]

from functools import lru_cache

import numpy as np
import pandas as pd

from s75lib.present import Column, Table, words
from s75lib.present.disclosure import Protected, protect
from s75lib.workload.naming import GROUPS, month_name
from s75lib.workload.shown.events import ALL
from s75lib.workload.study import Study

_DUE_MONTHS = 12


@lru_cache(maxsize=8)
def moves(work: Study) -> Protected:
    """Set out the people whose packages move, by team.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Protected
        The rows of `s75lib.workload.transfers.transfers` with a name; now and gains add up to after, teams to
        groups, and all teams to the whole.
    """
    frame = work.moves.reset_index(drop=True)
    frame["name"] = [
        ALL if level == "all" else f"All {_lower(GROUPS.get(group, group))}" if level == "group" else team
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
    is_team, is_group = frame["level"] == "team", frame["level"] == "group"
    sums = [(len(frame) - 1, np.flatnonzero(is_team).tolist())]
    sums += [
        (int(at), np.flatnonzero(is_team & (frame["service_group"] == frame["service_group"][at])).tolist())
        for at in np.flatnonzero(is_group)
    ]
    if is_group.any():
        sums.append((len(frame) - 1, np.flatnonzero(is_group).tolist()))
    strong = tuple(int(at) for at in np.flatnonzero(~is_team))
    title = f"People with care packages by team, {work.place.name}, {words.day(frame['as_at'].iloc[0])}"
    return protect(
        Table("transfers", title, frame, columns, tuple(notes), strong),
        ["now", "gains", "after"],
        work.place.fewest["package_transfers"],
        with_counts={"growth_percent": ("now", "gains")},
        across="after",
        row_sums=sums,
    )


@lru_cache(maxsize=8)
def due(work: Study) -> Protected:
    """Set out the yearly reviews due by month from the ledger's own dates, all teams together.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Protected
        month, when, in_time, overdue, due; the last row adds up the months.
    """
    frame = work.ledger.groupby("month")[["due", "overdue"]].sum().reset_index().head(_DUE_MONTHS)
    frame["in_time"] = frame["due"] - frame["overdue"]
    frame["when"] = [month_name(month, short=True) for month in frame["month"]]
    whole = frame[["due", "overdue", "in_time"]].sum()
    frame = pd.concat([frame, pd.DataFrame([{"when": "All months", **whole}])], ignore_index=True)
    columns = (
        Column("when", "Month"),
        Column("in_time", "Due", "number", unit="reviews"),
        Column("overdue", "Overdue at the start", "number", unit="reviews"),
        Column("due", "Both", "number", unit="reviews"),
    )
    table = Table(
        "due.data", "Yearly reviews by month in which they fall due", frame, columns,
        strong=(len(frame) - 1,),
    )  # fmt: skip
    return protect(table, ["in_time", "overdue", "due"], work.place.fewest["packages"], across="due")


def due_in_words(in_time: float, overdue: float, months: int) -> str:
    """Say how many yearly reviews fall due, as far as it may be said.

    Parameters
    ----------
    in_time, overdue : float
        NaN where hidden.
    months : int

    Returns
    -------
    str
        Without a full stop.

    Examples
    --------
    >>> due_in_words(40, 1, 12)
    '40 yearly reviews fall due in the next 12 months, and 1 is overdue already'
    >>> due_in_words(40, np.nan, 12)
    '40 yearly reviews fall due in the next 12 months, and some are overdue already'
    """
    count = "some yearly reviews" if np.isnan(in_time) else words.count_noun(in_time, "yearly review")
    text = f"{count} fall due in the next {words.count_noun(months, 'month')}"
    verb = "is" if overdue == 1 else "are"
    late = "some are" if np.isnan(overdue) else f"{words.number(overdue)} {verb}"
    return f"{text}, and {late} overdue already" if overdue != 0 else f"{text}; none is overdue"


@lru_cache(maxsize=8)
def open_packages(work: Study) -> Protected:
    """Set out the open packages of the last twelve months; needs a caseload.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Protected
    """
    frame = work.caseload.months if work.caseload else pd.DataFrame(columns=["month", "open"])
    columns = (Column("month", "Month", "date"), Column("open", "Open", "number", unit="packages"))
    table = Table("open_packages", "Open packages by month", frame[["month", "open"]], columns)
    return protect(table, ["open"], work.place.fewest["packages"])


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
