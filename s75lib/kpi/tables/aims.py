"""Tables of targets, and of enquiries completed for each concern raised."""

from __future__ import annotations

__all__ = ["NO_TARGETS", "ratios", "targets"]

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from s75lib.kpi.tables.indicators import HIDDEN_NOTE
from s75lib.kpi.wording.phrases import figure_words, title, value_words
from s75lib.present import Column, Missing, Need, Table, words
from s75lib.present.parts import HIDDEN

NO_TARGETS = Missing(
    "No indicator has a target.",
    (Need("kpi", ("target", "months_on_target", "months_reported"), "whether targets are met, and surely"),),
)
_NO_RATIO = Missing(
    "Concerns raised and enquiries completed are not both held as counts of years.",
    (
        Need(
            "kpi",
            ("indicator", "group", "period", "value", "unit"),
            "safeguarding_concerns and safeguarding_enquiries_completed as counts: enquiries for each "
            "concern",
        ),
    ),
)


def targets(found: pd.DataFrame) -> Table | Missing:
    """Set out the targets, whether they were met, and in how many months.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.targets.targets` gives it.

    Returns
    -------
    Table or Missing
    """
    if found.empty:
        return NO_TARGETS
    records = found.to_dict("records")
    sides = {"met": "surely met", "missed": "surely missed", "either": "can't tell", "unknown": "not known"}
    frame = found[["period", "distance"]].assign(
        indicator=[title(r["label"], r["group"]) for r in records],
        value=[figure_words(r) for r in records],
        target=[value_words(r["target"], r["unit"]) for r in records],
        met=[_met(r) for r in records],
        interval=[
            "–" if np.isnan(r["value_lower"]) else words.interval(r["value_lower"], r["value_upper"], 1, "%")
            for r in records
        ],
        against=[sides[r["against"]] for r in records],
        months=[
            "–"
            if np.isnan(r["months_share"])
            else f"{r['months_on_target']:.0f} of {r['months_reported']:.0f}"
            for r in records
        ],
        months_interval=[
            "–"
            if np.isnan(r["months_share"])
            else words.interval(r["months_lower"], r["months_upper"], 0, "%")
            for r in records
        ],
    )
    columns = (
        Column("indicator", "Indicator"),
        Column("period", "Period"),
        Column("value", "Latest"),
        Column("target", "Target"),
        Column("distance", "Distance from target", "change", 1),
        Column("met", "As published"),
        Column("interval", "95% interval of the latest"),
        Column("against", "With its interval"),
        Column("months", "Months on target"),
        Column("months_interval", "95% interval of that share"),
    )
    notes: tuple[str, ...] = (
        "Surely met or missed: the whole interval lies on one side of the target. The share of a caseload "
        "over a "
        "year has no interval here, since the same people are counted every month.",
    )
    gone = tuple((int(row), "distance") for row in np.flatnonzero(found["hidden"]))
    notes += (HIDDEN_NOTE,) if gone else ()
    caption = "Targets: met or missed, and in how many months"
    return Table("targets", caption, frame, columns, notes, hidden=gone)


def _met(row: Mapping[Any, Any]) -> str:
    """Say whether a target was met, as published."""
    if row["hidden"]:
        return HIDDEN
    return {True: "met", False: "missed"}.get(row["met"], "better way not known")


def ratios(found: pd.DataFrame) -> Table | Missing:
    """Set out the enquiries completed for each 100 concerns raised.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.ratios.enquiries_per_concern` gives it.

    Returns
    -------
    Table or Missing
    """
    if found.empty:
        return _NO_RATIO
    frame = found.assign(group=found["group"].where(found["group"] != "", "All"))
    columns = (
        Column("group", "Group"),
        Column("period", "Year"),
        Column("concerns", "Concerns raised", "number"),
        Column("enquiries", "Enquiries completed", "number"),
        Column("per_100", "Enquiries for 100 concerns", "number", 1),
        Column("lower", "Lower", "number", 1),
        Column("upper", "Upper", "number", 1),
        Column("ratio", "Ratio to the year before", "number", 2),
        Column("ratio_lower", "Lower", "number", 2),
        Column("ratio_upper", "Upper", "number", 2),
        Column("p_value", "p", "p"),
    )
    notes = (
        "No conversion rate: an enquiry completed in a year can belong to a concern of the year before, "
        "and one "
        "concern can reach another team. What counts as a concern can change too.",
    )
    caption = "Safeguarding enquiries completed for every 100 concerns raised"
    return Table("ratios", caption, frame, columns, notes)
