"""Events by month, team and year as they may be shown."""

from __future__ import annotations

__all__ = ["ALL", "concerns", "hidden_years", "monthly", "months", "steps_by_team"]

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from s75lib.present import Column, Table
from s75lib.present.disclosure import Protected, protect
from s75lib.workload.naming import capital, measure_name, month_name
from s75lib.workload.study import Study

ALL = "All teams"
"""Column of the whole in `monthly`."""

TEAM_MEASURES = ("case_allocation_requests", "reviews")
"""Measures whose teams the notebook shows."""

_YEARS = {"before_12": "12 months before", "last_12": "Last 12 months"}


def steps_by_team(work: Study) -> tuple[str, ...]:
    """Give the measures that are shown by team: the main ones, and those in which a team's step was found.

    Parameters
    ----------
    work : Study

    Returns
    -------
    tuple of str

    Examples
    --------
    A team's assessments that rose from about 20 a month to about 30 are shown too:

    >>> from dataclasses import replace
    >>> from s75lib.loaders import load
    >>> from s75lib.workload import monthly, shifts, study
    >>> work = study(load("cambridgeshire"))
    >>> steps_by_team(work)
    ('case_allocation_requests', 'reviews')
    >>> activity = pd.DataFrame({"month": pd.date_range("2023-04-01", periods=24, freq="MS"),
    ...                          "count": [19, 21, 21, 19] * 3 + [29, 31, 31, 29] * 3,
    ...                          "measure": "assessments", "service_group": "AMH", "team": "Alder"})
    >>> steps_by_team(replace(work, shifts=shifts(monthly(activity))))
    ('case_allocation_requests', 'reviews', 'assessments')
    """
    return tuple(dict.fromkeys((*TEAM_MEASURES, *(s.measure for s in work.shifts.found if s.team))))


@lru_cache(maxsize=64)
def monthly(work: Study, measure: str) -> Protected:
    """Set out one measure's months and its last two years, all teams together and, where shown, by team.

    Parameters
    ----------
    work : Study
    measure : str

    Returns
    -------
    Protected
        A row a month, then the twelve months before the last twelve, and the last twelve, as far as all are
        known; columns month (NaT for the years), when, each team that is shown, and `ALL`.
    """
    whole = work.totals[work.totals["measure"] == measure]
    frame = pd.DataFrame({"month": whole["month"].to_numpy()})
    rows = work.teams[work.teams["measure"] == measure] if measure in steps_by_team(work) else work.teams[:0]
    for team, part in rows.groupby("team", sort=True):
        frame[str(team)] = part.set_index("month")["count"].reindex(frame["month"]).to_numpy()
    frame[ALL] = whole["count"].to_numpy()
    counts = [str(name) for name in frame if name != "month"]
    frame["when"] = [month_name(month, short=True) for month in frame["month"]]
    months = len(frame)
    years = [range(months - 24, months - 12), range(months - 12, months)]
    known = frame[counts].to_numpy(dtype=float)
    ends = [
        {"when": when} | dict(zip(counts, known[span].sum(axis=0), strict=True))
        for when, span in zip(_YEARS.values(), years, strict=True)
        if span.start >= 0
    ]
    spans = [span for span in years if span.start >= 0]
    frame = pd.concat([frame, pd.DataFrame(ends)], ignore_index=True) if ends else frame
    columns = (Column("when", "Month"), *(Column(name, name, "number") for name in counts))
    whole_is_sum = len(counts) > 1 and _adds_up(frame, counts)
    return protect(
        Table(f"monthly.{measure}", f"{capital(measure_name(measure))} by month", frame, columns),
        counts,
        work.place.fewest["activity"],
        across=ALL if whole_is_sum else "",
        row_sums=[(months + at, list(span)) for at, span in enumerate(spans)],
    )


def hidden_years(work: Study, measure: str, team: str = ALL) -> set[str]:
    """Say which of the last two years' totals may not be shown.

    Parameters
    ----------
    work : Study
    measure : str
    team : str

    Returns
    -------
    set of str
        Of ``before_12`` and ``last_12``, as `Outlook.years` calls them.

    Examples
    --------
    A year of 72 complaints, and one of three, which is too few to be shown:

    >>> from dataclasses import replace
    >>> from s75lib.loaders import load
    >>> from s75lib.workload import study, totals
    >>> activity = pd.DataFrame({"month": pd.date_range("2023-04-01", periods=24, freq="MS"),
    ...                          "count": [6] * 12 + [0] * 11 + [3],
    ...                          "measure": "complaints", "service_group": "", "team": ""})
    >>> hidden_years(replace(study(load("cambridgeshire")), totals=totals(activity)), "complaints")
    {'last_12'}
    """
    frame = monthly(work, measure).table.frame
    if team not in frame:
        return set()
    rows = frame[["when", team]].tail(len(_YEARS))
    hidden = set(rows["when"][rows[team].isna()])
    return {name for name, when in _YEARS.items() if when in hidden}


def months(work: Study, measure: str, team: str = ALL) -> pd.DataFrame:
    """Give the months of one measure, in all or of one team, as they may be drawn.

    Parameters
    ----------
    work : Study
    measure : str
    team : str
        A team that is shown, or `ALL`.

    Returns
    -------
    DataFrame
        month, count (NaN where hidden or not known).

    Examples
    --------
    >>> from dataclasses import replace
    >>> from s75lib.loaders import load
    >>> from s75lib.workload import study, totals
    >>> activity = pd.DataFrame({"month": pd.date_range("2025-04-01", periods=3, freq="MS"),
    ...                          "count": [12, 3, 15],
    ...                          "measure": "complaints", "service_group": "", "team": ""})
    >>> work = replace(study(load("cambridgeshire")), totals=totals(activity))
    >>> months(work, "complaints")["count"].tolist()
    [12.0, nan, 15.0]
    """
    frame = monthly(work, measure).table.frame
    frame = frame[frame["month"].notna()]
    return pd.DataFrame({"month": frame["month"], "count": frame[team].astype(float)})


@lru_cache(maxsize=8)
def concerns(work: Study) -> Protected:
    """Set completed enquiries against the concerns raised, in two years.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Protected
    """
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
    columns = (
        Column("group", "Group"),
        Column("year", "Year"),
        Column("concerns", "Concerns raised", "number"),
        Column("enquiries", "Enquiries completed", "number"),
        Column("per_100", "Enquiries for each 100 concerns", "number", 1),
    )
    notes = (
        "An enquiry completed in one year may follow a concern of the year before, and concerns may be "
        "counted or screened in another way: the rate shows a change, not its cause.",
    )
    title = f"Safeguarding concerns and enquiries, {work.place.name}"
    return protect(
        Table("concerns", title, pd.DataFrame(rows), columns, notes),
        ["concerns", "enquiries"],
        work.place.fewest["kpi" if work.concerns_printed else "activity"],
        with_counts={"per_100": ("concerns", "enquiries")},
    )


def _adds_up(frame: pd.DataFrame, counts: Sequence[str]) -> bool:
    """Whether the teams are all there is: printed totals may hold more."""
    teams = frame[[name for name in counts if name != ALL]]
    known = frame[ALL].notna() & teams.notna().all(axis=1)
    return bool(np.isclose(teams[known].sum(axis=1), frame.loc[known, ALL]).all())
