"""Tables of surveys and of audits."""

from __future__ import annotations

__all__ = [
    "NO_AUDIT",
    "NO_SURVEY",
    "answers",
    "audits",
    "cases_needed",
    "survey_changes",
]

from collections.abc import Sequence

import numpy as np
import pandas as pd

from s75lib.kpi.tables.indicators import HIDDEN_NOTE
from s75lib.present import Column, Missing, Need, Table
from s75lib.present.parts import HIDDEN

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
        percent=[HIDDEN if r["hidden"] else f"{r['percent']:.{int(r['decimals'])}f}%" for r in records],
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
    gone = _gone(found["hidden"], ("base", "lower", "upper"))
    if gone:
        notes.append(HIDDEN_NOTE)
    return Table("answers", "Survey answers with their intervals", frame, columns, tuple(notes), hidden=gone)


def _gone(hidden: pd.Series, columns: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """List the cells of hidden rows in some columns."""
    return tuple((int(row), name) for row in np.flatnonzero(hidden) for name in columns)


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
    notes = [
        "Exact 95% intervals of compliance (Clopper-Pearson), Newcombe's of the change. They suppose that "
        "the files "
        "were drawn at random.",
    ]
    before = ("percent_before", "change", "change_lower", "change_upper", "p_value", "p_holm")
    gone = _gone(moved["hidden"], ("cases", "compliant", "percent", "lower", "upper", *before[1:]))
    gone += _gone(moved["hidden_before"], before)
    if gone:
        notes.append(HIDDEN_NOTE)
    caption = f"Case-file audit of {moved['round'].max()} by criterion"
    return Table("audits", caption, moved, tuple(columns), tuple(notes), hidden=gone)


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
