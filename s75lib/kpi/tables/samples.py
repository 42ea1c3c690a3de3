"""Tables of monthly control charts, of surveys and of audits."""

from __future__ import annotations

__all__ = [
    "NO_AUDIT",
    "NO_MONTHS",
    "NO_SURVEY",
    "answers",
    "audits",
    "cases_needed",
    "control",
    "survey_changes",
]

import numpy as np
import pandas as pd

from s75lib.kpi.wording.phrases import ASSURANCE, VARIATION, hidden, title, value_words
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
NO_SURVEY = Missing(
    "No survey is held.",
    (
        Need(
            "survey", ("survey", "period", "question", "answer", "percent", "base"), "answers with intervals"
        ),
    ),
)
NO_AUDIT = Missing(
    "No case-file audit is held.",
    (Need("audits", ("round", "criterion", "cases", "compliant"), "compliance by criterion with intervals"),),
)
_RULES = {
    "outside_above": "above the upper limit", "outside_below": "below the lower limit",
    "shift_above": "a run above the mean", "shift_below": "a run below the mean",
    "trend_up": "a rising run", "trend_down": "a falling run",
    "two_of_three_above": "two of three near the upper limit",
    "two_of_three_below": "two of three near the lower limit",
}  # fmt: skip


def control(summary: pd.DataFrame, *, threshold: int = 0) -> Table | Missing:
    """Set out the control charts: latest month, limits, icons, special causes, proposed steps.

    Parameters
    ----------
    summary : DataFrame
        As `s75lib.kpi.control.control_summary` gives it.
    threshold : int
        Counts of people below it are not shown; 0 shows all.

    Returns
    -------
    Table or Missing
    """
    if summary.empty:
        return NO_MONTHS
    records = summary.to_dict("records")
    small = np.array([hidden(r["value"], r["unit"], threshold) for r in records])
    frame = summary[["mean", "lower", "upper"]].assign(
        indicator=[title(r["label"], r["group"]) for r in records],
        latest=[
            f"{value_words(_rounded(r['value']), r['unit'], threshold=threshold)} ({r['period']})"
            for r in records
        ],
        variation=[VARIATION[r["variation"]] for r in records],
        rules=[_rules(r["variation_rules"]) for r in records],
        assurance=[ASSURANCE[r["assurance"]] for r in records],
        signals=summary["signal_months"],
        step=[_step(r) for r in records],
        method=[f"{r['method']}. {r['note']}".strip() for r in records],
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
        Column("method", "Limits"),
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
    if small.any():
        notes.append(f"Counts below {threshold} are not shown.")
    return Table(
        "control", "Monthly series: routine variation or special cause", frame, columns, tuple(notes)
    )


def _rules(names: str) -> str:
    return ", ".join(_RULES[name] for name in names.split(", ") if name) or "none"


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


def answers(found: pd.DataFrame) -> Table | Missing:
    """Set out a survey's answers with their intervals, and what the base can't give.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.surveys.answers` gives it.

    Returns
    -------
    Table or Missing
    """
    if found.empty:
        return NO_SURVEY
    records = found.to_dict("records")
    frame = found[["question", "answer", "period", "base", "lower", "upper"]].assign(
        percent=[f"{r['percent']:.{int(r['decimals'])}f}%" for r in records],
        fits=[_fits(r) for r in records],
        survey=found["survey"],
    )
    columns = (
        Column("question", "Question"),
        Column("answer", "Answer"),
        Column("survey", "Survey"),
        Column("period", "Period"),
        Column("percent", "Published"),
        Column("base", "Respondents", "number"),
        Column("lower", "Lower", "percent", 1, "%"),
        Column("upper", "Upper", "percent", 1, "%"),
        Column("fits", "Can the base give it?"),
    )
    notes = [
        "95% Wilson intervals, from the count or from all counts that print as the percentage"
        + (
            ", corrected for a finite population where its size is given"
            if found["population"].notna().any()
            else ""
        )
        + ". They cover chance in who answered, not what those who did not answer would have said.",
    ]
    if found["weighted"].isna().any():
        notes.append("Where it is not said whether a percentage is weighted, it is taken as unweighted.")
    if found["fits"].eq(False).any():
        notes.append(
            "A percentage that the base can't give is no proof of a mistake: those who left the question "
            "out make a "
            "smaller base, and bases near the stated one that fit are named."
        )
    return Table("answers", "Survey answers with their intervals", frame, columns, tuple(notes))


def _fits(row: dict[object, object]) -> str:
    if row["fits"] is None:
        return str(row["note"])
    if row["fits"]:
        return "yes"
    near = f"{float(str(row['nearest_below'])):.1f}% or {float(str(row['nearest_above'])):.1f}%"
    fitting = f"; bases that fit: {row['bases']}" if row["bases"] else ""
    return f"no, it gives {near}{fitting}"


def survey_changes(moved: pd.DataFrame) -> Table | Missing:
    """Set out the change of each answer between the last two rounds of a survey.

    Parameters
    ----------
    moved : DataFrame
        As `s75lib.kpi.surveys.survey_changes` gives it.

    Returns
    -------
    Table or Missing
    """
    if moved.empty:
        return Missing(
            "No survey has two rounds with counts, so no change can be tested.",
            (
                Need(
                    "survey",
                    ("count", "base"),
                    "for two periods: change of each answer with interval and test",
                ),
            ),
        )
    columns = (
        Column("question", "Question"),
        Column("answer", "Answer"),
        Column("percent_before", "Before", "percent", 0, "%"),
        Column("percent", "Latest", "percent", 0, "%"),
        Column("change", "Change, points", "points", 1, "percentage points"),
        Column("lower", "Lower", "points", 1, "percentage points"),
        Column("upper", "Upper", "points", 1, "percentage points"),
        Column("p_value", "p", "p"),
        Column("p_holm", "p, Holm", "p"),
    )
    rounds = f"{moved['period_before'].iloc[0]} and {moved['period'].iloc[0]}"
    notes = (
        f"{len(moved)} answers were compared; p by Holm allows for that. The rounds are taken as separate "
        f"samples.",
    )
    return Table("survey_changes", f"Survey answers of {rounds} compared", moved, columns, notes)


def audits(moved: pd.DataFrame) -> Table | Missing:
    """Set out an audit's compliance by criterion, and its change since the round before.

    Parameters
    ----------
    moved : DataFrame
        As `s75lib.kpi.audits.audit_changes` gives it.

    Returns
    -------
    Table or Missing
    """
    if moved.empty:
        return NO_AUDIT
    columns = [
        Column("criterion", "Criterion"),
        Column("cases", "Files", "number"),
        Column("compliant", "Met it", "number"),
        Column("percent", "Compliance", "percent", 1, "%"),
        Column("lower", "Lower", "percent", 0, "%"),
        Column("upper", "Upper", "percent", 0, "%"),
    ]
    if moved["p_value"].notna().any():
        columns += [
            Column("percent_before", "Round before", "percent", 1, "%"),
            Column("change", "Change, points", "points", 1, "percentage points"),
            Column("change_lower", "Lower", "points", 1, "percentage points"),
            Column("change_upper", "Upper", "points", 1, "percentage points"),
            Column("p_value", "p", "p"),
            Column("p_holm", "p, Holm", "p"),
        ]
    notes = (
        "Exact 95% intervals of compliance (Clopper-Pearson), Newcombe's of the change. They suppose that "
        "the files "
        "were drawn at random.",
    )
    caption = f"Case-file audit of {moved['round'].max()} by criterion"
    return Table("audits", caption, moved, tuple(columns), notes)


def cases_needed(needed: pd.DataFrame) -> Table | Missing:
    """Set out how many files a wanted precision would take.

    Parameters
    ----------
    needed : DataFrame
        As `s75lib.kpi.audits.cases_needed` gives it.

    Returns
    -------
    Table or Missing
    """
    if needed.empty:
        return NO_AUDIT
    columns = (
        Column("half_width", "Precision wanted, points either way", "number"),
        Column("cases", "Files to read", "number"),
        Column("population", "Files to draw from", "number"),
    )
    notes = (
        "For a criterion that about half the files meet, which takes the most; for all criteria together.",
    )
    return Table("cases_needed", "Files that an audit would have to read", needed, columns, notes)
