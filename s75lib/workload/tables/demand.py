"""Forecasts, their accuracy and the steps found, as tables."""

from __future__ import annotations

__all__ = ["accuracy", "forecasts", "shifts", "teams"]

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from s75lib.present import Column, Missing, Table, words
from s75lib.workload import shown
from s75lib.workload.naming import capital, measure_name, month_name
from s75lib.workload.needs import NO_ACTIVITY, NO_TEAMS
from s75lib.workload.study import Study

_ENDS = ("next_12", "lower_80", "upper_80", "lower_95", "upper_95")


def forecasts(work: Study) -> Table | Missing:
    """Set out what each measure is expected to come to.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.ahead.is_empty:
        return NO_ACTIVITY
    rows = work.ahead.years
    return _years(work, rows[rows["team"] == ""], "forecasts", "all teams", "measure_name")


def teams(work: Study, measure: str) -> Table | Missing:
    """Set out what each team is to expect of one measure.

    Parameters
    ----------
    work : Study
    measure : str

    Returns
    -------
    Table or Missing
    """
    rows = work.ahead.years
    rows = rows[(rows["measure"] == measure) & (rows["team"] != "")] if len(rows) else rows
    if rows.empty:
        return NO_TEAMS
    return _years(work, rows, f"teams.{measure}", measure_name(measure), "team")


def _years(work: Study, rows: pd.DataFrame, table_id: str, what: str, first: str) -> Table:
    frame = rows.reset_index(drop=True).copy()
    frame["measure_name"] = [capital(measure_name(m)) for m in frame["measure"]]
    frame.loc[frame["is_stock"], "measure_name"] += " (mean of the months)"
    for at, row in enumerate(frame.to_dict("records")):
        for name in shown.hidden_years(work, row["measure"], row["team"] or shown.ALL):
            frame.loc[at, name] = np.nan
    error = float((frame["error"] / frame["next_12"].where(frame["next_12"] > 0)).max())
    frame[list(_ENDS)] = frame[list(_ENDS)].round()
    columns = (
        Column(first, "Measure" if first == "measure_name" else "Team"),
        Column("before_12", "12 months before", "number"),
        Column("last_12", "Last 12 months", "number"),
        Column("next_12", f"Next {work.ahead.horizon} months, central", "number"),
        Column("lower_80", "80% from", "number"),
        Column("upper_80", "80% to", "number"),
        Column("lower_95", "95% from", "number"),
        Column("upper_95", "95% to", "number"),
    )
    notes = [
        f"Known to {month_name(frame['last_month'].max())}. The intervals are of the total over the months, "
        "from 2,000 paths drawn together; adding the months' intervals would make them too wide. The random "
        f"error of a central figure is at most {words.percent(100 * error, 1)}.",
    ]
    if frame[["before_12", "last_12"]].isna().any(axis=None):
        notes.append("A dash stands for a year that is not wholly known, or that is hidden.")
    return Table(table_id, f"Forecast, {what}, {work.place.name}", frame, columns, tuple(notes))


def accuracy(work: Study) -> Table | Missing:
    """Set out how each forecast would have done in the past.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
    """
    if work.ahead.is_empty:
        return NO_ACTIVITY
    frame = work.ahead.tests.copy()
    frame["name"] = [capital(measure_name(m)) for m in frame["measure"]]
    for name in ("coverage_80", "coverage_95"):
        frame[name] = 100 * frame[name]
    frame["tested"] = [
        f"{words.count_noun(o, 'start')}, {words.count_noun(h, 'month')} ahead" if o else "too short to test"
        for o, h in zip(frame["origins"], frame["horizon"], strict=True)
    ]
    alike = len(set(frame["tested"])) == 1 and frame["origins"].iloc[0] > 0
    frame["verdict"] = [_verdict(row) for row in frame.to_dict("records")]
    columns = (
        Column("name", "Measure"),
        *(() if alike else (Column("tested", "Tested from"),)),
        Column("mase", "MASE", "number", 2),
        Column("mase_naive", "MASE of last year's figure", "number", 2),
        Column("smape", "sMAPE", "percent", 1, "percent"),
        Column("smape_naive", "sMAPE of last year's figure", "percent", 1, "percent"),
        Column("coverage_80", "Within the 80% interval", "percent", 0, "percent"),
        Column("coverage_95", "Within the 95% interval", "percent", 0, "percent"),
        Column("verdict", "Verdict"),
    )
    notes = [
        "Each forecast was made again from past months with what was known then, and compared with what "
        "came. MASE is the mean error as a multiple of that of last year's figure within the months known; "
        "sMAPE is the error in percent of forecast and outcome together. Past starts overlap, so the "
        "coverage is rough. Steps found since were used from the month after they began; no forecast "
        "made before a step can know of it.",
    ]
    if alike:
        notes.append(f"Each was tested from {frame['tested'].iloc[0]}.")
    title = f"How the forecasts would have done, {work.place.name}"
    return Table("accuracy", title, frame, columns, tuple(notes))


def _verdict(row: dict[Hashable, Any]) -> str:
    """Say whether a forecast was better than last year's figure, and what stood in its way."""
    if not row["origins"]:
        return ""
    said = "better than last year's figure" if row["better"] else "no better than last year's figure"
    if pd.isna(row["unseen_step"]):
        return said
    said += f"; a step in {month_name(row['unseen_step'])} fell into the months tested"
    share = row["coverage_95_before"]
    return said if pd.isna(share) else f"{said}: before it {words.percent(100 * share, 0)} within 95%"


def shifts(work: Study) -> Table | Missing | list[Table]:
    """Set out the steps, found or given.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Table or Missing
        An empty list where every series was searched and none has a step.
    """
    if work.totals.empty:
        return NO_ACTIVITY
    every = [*work.given, *work.shifts.found]
    if not every:
        return []
    frame = pd.DataFrame(
        {
            "name": [capital(measure_name(s.measure)) for s in every],
            "team": [s.team or "All teams" for s in every],
            "month": [month_name(s.month) for s in every],
            "how": ["given" if s.is_given else "found" for s in every],
            "within": [_run(s.earliest, s.latest) for s in every],
            "change": [100 * (s.ratio - 1) for s in every],
            "lower": [100 * (s.lower - 1) for s in every],
            "upper": [100 * (s.upper - 1) for s in every],
            "excess": [np.round(s.excess) for s in every],
            "evidence": [s.evidence for s in every],
        }
    )
    columns = (
        Column("name", "Measure"),
        Column("team", "Team"),
        Column("month", "From"),
        Column("how", "Month"),
        Column("within", "90% sure between"),
        Column("change", "Change of level, %", "change", 0, "percent"),
        Column("lower", "95% from", "change", 0, "percent"),
        Column("upper", "95% to", "change", 0, "percent"),
        Column("excess", "Events since, beyond what would have been", "change"),
        Column("evidence", "Evidence (Bayes factor)", "number"),
    )
    notes = (
        "Segmented regression of the monthly counts (Poisson or negative binomial, errors robust to "
        "autocorrelation). The size of a step found by search leans to the large side.",
    )
    return Table("shifts", f"Steps in the activity, {work.place.name}", frame, columns, notes)


def _run(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return month_name(first, short=True) if first == last else (
        f"{month_name(first, short=True)} and {month_name(last, short=True)}"
    )  # fmt: skip
