"""Table of the monthly control charts."""

from __future__ import annotations

__all__ = ["NO_MONTHS", "control"]

import pandas as pd

from s75lib.kpi.wording.phrases import ASSURANCE, RULES, VARIATION, title, value_words
from s75lib.present import Column, Missing, Need, Table

NO_MONTHS = Missing(
    "No indicator has monthly figures, so there is no control chart.",
    (
        Need(
            "kpi",
            ("indicator", "group", "period", "value", "numerator", "denominator", "target"),
            "with a month as the period, 13 of them or more: routine variation, special causes, reliability",
        ),
    ),
)


def control(summary: pd.DataFrame) -> Table | Missing:
    """Set out the control charts: latest month, limits, icons, special causes, proposed steps.

    Parameters
    ----------
    summary : DataFrame
        As `s75lib.kpi.control.control_summary` gives it.

    Returns
    -------
    Table or Missing
    """
    if summary.empty:
        return NO_MONTHS
    records = summary.to_dict("records")
    frame = summary[["mean", "lower", "upper"]].assign(
        indicator=[title(r["label"], r["group"]) for r in records],
        latest=[f"{value_words(_rounded(r['value']), r['unit'])} ({r['period']})" for r in records],
        variation=[VARIATION[r["variation"]] for r in records],
        rules=[_rules(r["variation_rules"]) for r in records],
        assurance=[ASSURANCE[r["assurance"]] for r in records],
        signals=summary["signal_months"],
        step=[_step(r) for r in records],
    )
    columns = (
        Column("indicator", "Indicator"),
        Column("latest", "Latest month"),
        Column("mean", "Mean", "number", 1),
        Column("lower", "Lower limit", "number", 1),
        Column("upper", "Upper limit", "number", 1),
        Column("variation", "Variation"),
        Column("rules", "Rules that fire in the latest month"),
        Column("assurance", "Target, month by month"),
        Column("signals", "Months with a special cause", "number"),
        Column("step", "Step, proposed only"),
    )
    notes = [
        "Common cause: the month lies within the routine variation of its own series. Special cause: it "
        "does not, by "
        "at least one of the Making Data Count rules (outside the limits; 7 on one side of the mean; 7 "
        "rising or "
        "falling; 2 of 3 near a limit).",
        "Reliably met: every value within the limits meets the target. Reliably missed: none does. Hit or "
        "miss: it "
        "is met or missed by routine variation.",
        "A step is proposed where Pettitt's test finds one at p below 0.01 and it explains more than a "
        "straight line "
        "does. Limits are not moved before somebody can name the cause.",
    ]
    return Table(
        "control", "Monthly series: routine variation or special cause", frame, columns, tuple(notes)
    )


def _rules(names: str) -> str:
    return ", ".join(RULES[name] for name in names.split(", ") if name) or "none"


def _step(row: dict[object, object]) -> str:
    if not row["step_proposed"]:
        return "none"
    ends = [
        value_words(round(float(str(row[f"step_{end}"])), 1), str(row["unit"]), 1)
        for end in ("before", "after")
    ]
    return f"{row['step_from']}: {ends[0]} to {ends[1]}"


def _rounded(value: float) -> float:
    return round(value, 1)
