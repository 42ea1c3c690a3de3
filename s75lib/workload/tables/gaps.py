"""Need against posts and people, as tables of one shape for teams and scenarios."""

from __future__ import annotations

__all__ = ["scenarios", "team_need"]

from collections.abc import Sequence

import numpy as np
import pandas as pd

from s75lib.present import Column, Missing, Table, words
from s75lib.workload.naming import measure_name, month_name
from s75lib.workload.needs import NO_STAFFING, NO_TEAM_NEED, NO_WORKFORCE
from s75lib.workload.scenarios import without_hours
from s75lib.workload.study import Study

_AGAINST = {
    "establishment": ("Funded posts", "the funded posts"),
    "staffed": ("In post, with locums", "those in post with locums"),
}

# Ends of intervals are written as whole WTE from this size on.
_WHOLE_FROM = 20


def team_need(work: Study) -> list[Table] | Missing:
    """Set out the casework staff that each team needs, against its posts and against its people.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Table, or Missing
        One for each level of staff that is known.
    """
    found = work.team_need
    if found is None:
        return NO_TEAM_NEED
    notes = []
    if found.shares_open_cases:
        notes.append("Open cases are known for all teams together; they are shared out as the other work is.")
    if found.not_by_team:
        gone = words.join([measure_name(measure) for measure in found.not_by_team])
        notes.append(f"Not held by team, and so in no team's need: {gone}.")
    return _tables(work, found.table, "team", "Team", "team_need", "Casework staff by team", notes)


def scenarios(work: Study) -> list[Table] | Missing:
    """Set scenarios side by side with the forecast as it stands, against posts and against people.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Table, or Missing
    """
    if work.run is None:
        return NO_STAFFING if work.needed.is_empty else NO_WORKFORCE
    notes = [
        "All scenarios share their random numbers, so that they differ by what they change alone. Posts to "
        "be filled are advertised in the scenario's month, and staff come after the time to recruit."
    ]
    idle = without_hours(work.own_scenarios)
    if idle:
        names = words.join([measure_name(measure) for measure in idle])
        notes.append(f"No hours are counted for {names}: a change of that demand alters no staff needed.")
    if not work.own_scenarios:
        notes.append("The authority has no scenarios.toml: these are examples.")
    return _tables(work, work.run.table, "scenario", "Scenario", "scenarios", "Scenarios side by side", notes)


def _tables(
    work: Study, rows: pd.DataFrame, first: str, label: str, table_id: str, title: str, notes: Sequence[str]
) -> list[Table]:
    known = [name for name in _AGAINST if rows[name].notna().any()]
    if not known:
        return [_table(work, rows, first, label, "", table_id, title, notes)]
    return [
        _table(
            work, rows, first, label, name, f"{table_id}.{name}", title, notes if name == known[-1] else ()
        )
        for name in known
    ]


def _table(
    work: Study,
    rows: pd.DataFrame,
    first: str,
    label: str,
    against: str,
    table_id: str,
    title: str,
    notes: Sequence[str],
) -> Table:
    """Set need against one level of staff."""
    frame = rows.reset_index(drop=True).copy()
    frame["interval"] = _intervals(frame, "lower_95", "upper_95")
    columns = [
        Column(first, label),
        Column("central", "Casework WTE needed", "number", 1, "WTE"),
        Column("interval", "95% interval"),
    ]
    if not against:
        return Table(table_id, f"{title}, {work.place.name}", frame, tuple(columns), tuple(notes))
    for name in ("gap", "p_gap", "p_error"):
        frame[name] = frame[f"{name}_to_{against}"]
    frame["gap_interval"] = _intervals(frame, f"gap_lower_to_{against}", f"gap_upper_to_{against}")
    frame["first"] = [
        "–" if pd.isna(there) else "none" if pd.isna(month) else month_name(month, short=True)
        for there, month in zip(frame[against], frame[f"first_gap_to_{against}"], strict=True)
    ]
    error = words.number(100 * float(frame["p_error"].max()), 1)
    frame["p_gap"] = 100 * frame["p_gap"]
    head, what = _AGAINST[against]
    columns += [
        Column(against, head, "number", 1, "WTE"),
        Column("gap", "Gap", "change", 1, "WTE"),
        Column("gap_interval", "95% interval of the gap"),
        Column("p_gap", "Chance of a gap", "percent", 0, "percent"),
        Column("first", "First month with a gap"),
    ]
    said = (
        f"Means over {words.count_noun(work.needed.months['month'].nunique(), 'month')}; a gap (+) is need "
        f"above {what}, its first month that of the central need. The chances are from "
        f"{words.number(len(work.needed.draws['casework']))} draws; their random error is at most {error} "
        "points.",
        *notes,
    )
    return Table(table_id, f"{title} against {what}, {work.place.name}", frame, tuple(columns), said)


def _intervals(frame: pd.DataFrame, lower: str, upper: str) -> list[str]:
    widest = float(np.nanmax(np.abs(frame[[lower, upper]].to_numpy(dtype=float))))
    decimals = 0 if widest >= _WHOLE_FROM else 1
    return [
        "–" if pd.isna(low) else words.interval(low, high, decimals)
        for low, high in zip(frame[lower], frame[upper], strict=True)
    ]
