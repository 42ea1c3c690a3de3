"""Events by month, team and year as they may be shown."""

from __future__ import annotations

__all__ = ["ALL", "concerns", "hidden_years", "monthly", "months", "steps_by_team"]

from functools import lru_cache

import numpy as np
import numpy.typing as npt
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
    month, known = pd.DatetimeIndex(whole["month"]), whole[["count"]].to_numpy(dtype=float)
    counts, months = [ALL], len(month)
    if measure in steps_by_team(work):
        rows = work.teams[work.teams["measure"] == measure]
        # Not a pivot table, which would add up or leave out a month that is there twice.
        teams = rows.pivot(index="month", columns="team", values="count").reindex(month)  # noqa: PD010
        counts = [*map(str, teams.columns), ALL]
        known = np.hstack([teams.to_numpy(dtype=float), known])
    years = {
        when: range(start, start + 12)
        for when, start in zip(_YEARS.values(), (months - 24, months - 12), strict=True)
        if start >= 0
    }
    cells = np.vstack([known, *(known[span].sum(axis=0) for span in years.values())])
    frame = pd.DataFrame(
        {
            "month": month.append(pd.DatetimeIndex([pd.NaT] * len(years), dtype=month.dtype)),
            **dict(zip(counts, cells.T, strict=True)),
            "when": [*(month_name(each, short=True) for each in month), *years],
        }
    )
    columns = (Column("when", "Month"), *(Column(name, name, "number") for name in counts))
    whole_is_sum = len(counts) > 1 and _adds_up(cells)
    return protect(
        Table(f"monthly.{measure}", f"{capital(measure_name(measure))} by month", frame, columns),
        counts,
        work.place.fewest["activity"],
        across=ALL if whole_is_sum else "",
        row_sums=[(months + at, list(span)) for at, span in enumerate(years.values())],
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
    years = int(frame["month"].isna().sum())
    hidden = frame[team].isna().tolist()[len(frame) - years :]
    return {name for name, is_hidden in zip(list(_YEARS)[-years:], hidden, strict=False) if is_hidden}


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
    known = int(frame["month"].notna().sum())
    return pd.DataFrame({"month": frame["month"][:known], "count": frame[team][:known].astype(float)})


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


def _adds_up(cells: npt.NDArray[np.float64]) -> bool:
    """Whether the teams are all there is, the whole being the last column: printed totals may hold more."""
    known = cells[~np.isnan(cells).any(axis=1)]
    return bool(np.isclose(known[:, :-1].sum(axis=1), known[:, -1]).all())
