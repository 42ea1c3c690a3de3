"""Tables of indicators: the summary matrix, and every change with its test."""

from __future__ import annotations

__all__ = ["HIDDEN_NOTE", "NO_INDICATORS", "changes", "matrix"]

from collections.abc import Mapping

import numpy as np
import pandas as pd

from s75lib.kpi.wording.moves import several
from s75lib.kpi.wording.phrases import (
    ASSURANCE,
    VARIATION,
    change_words,
    figure_words,
    interval_words,
    title,
    value_words,
    verdict_words,
)
from s75lib.present import Column, Missing, Need, Table

NO_INDICATORS = Missing(
    "No performance indicator is held.",
    (
        Need(
            "kpi",
            ("indicator", "group", "period", "value", "unit", "numerator", "denominator"),
            "each indicator's change with interval and test",
        ),
    ),
)
HIDDEN_NOTE = "c: hidden, because a small count of people is in it or could be worked out from it."
_KIND = {"proportions": "numerator and denominator", "caseload": "caseload, approximate", "counts": "counts",
         "mean_of_counts": "means of months as counts", "rates": "counts and exposure",
         "percentage_only": "percentage only", "rate_only": "rate only", "stock": "head count on a day",
         "clustered": "many events a person", "hidden": "too few people",
         "one_period": "one period"}  # fmt: skip


def matrix(joined: pd.DataFrame, *, margin: float) -> Table | Missing:
    """Set out the summary matrix in words.

    Parameters
    ----------
    joined : DataFrame
        As `s75lib.kpi.matrix.matrix` gives it.
    margin : float
        Percentage points below which a change does not matter.

    Returns
    -------
    Table or Missing
    """
    if joined.empty:
        return NO_INDICATORS
    records = joined.to_dict("records")
    frame = pd.DataFrame(
        {
            "indicator": [title(r["label"], r["group"]) for r in records],
            "period": joined["period"].to_numpy(),
            "latest": [figure_words(r) for r in records],
            "change": [change_words(r, relative=False) for r in records],
            "interval": [interval_words(r) for r in records],
            "chance": [verdict_words(r, margin=margin) for r in records],
            "good": [_good(r) for r in records],
            "target": [_aim(r) for r in records],
            "variation": [VARIATION[r["variation"]] for r in records],
            "assurance": [ASSURANCE[r["assurance"]] for r in records],
        }
    )
    columns = [
        Column("indicator", "Indicator"),
        Column("period", "Period"),
        Column("latest", "Latest"),
        Column("change", "Change"),
        Column("interval", "95% interval of the change"),
        Column("chance", "Could it be chance?"),
        Column("good", "Better or worse"),
        Column("target", "Target"),
        Column("variation", "Latest month"),
        Column("assurance", "Target, month by month"),
    ]
    if not joined["variation"].ne("").any():
        columns = columns[:-2]
    notes = [several(joined)]
    if joined["variation"].ne("").any():
        notes.append(
            "Latest month: routine is within the variation of its own series (common cause), unusual is "
            "not (special "
            "cause), by the rules under the control charts. Target, month by month: hit or miss means that "
            "routine "
            "variation alone meets it in one month and misses it in another."
        )
    if joined["against"].eq("either").any():
        notes.append("Not surely: the 95% interval of the latest figure has the target within it.")
    if joined["basis"].eq("percentage_only").any():
        notes.append(
            "No base published: the number of people behind a percentage is not known. The fewest and the "
            "most that "
            "are named allow for the rounding of both percentages and suppose the same number in both "
            "periods."
        )
    if joined["period_before"].eq("").any() and joined["other_kind"].ne("").any():
        notes.append("A month is not compared with a year, which is a mean or a sum of months.")
    if joined["verdict"].eq("hidden").any() or joined["hidden"].any():
        notes.append(HIDDEN_NOTE)
    shown = tuple(note for note in notes if note)
    spans = {(r["period_before"], r["period"]) for r in records if r["period_before"]}
    caption = "Latest figure of every indicator against the period before"
    if len(spans) == 1 and len({r["period"] for r in records}) == 1:
        before, after = spans.pop()
        caption = f"Every indicator, {after} against {before}"
        columns = [column for column in columns if column.name != "period"]
    return Table("matrix", caption, frame, tuple(columns), shown)


def _good(row: Mapping[object, object]) -> str:
    """Say better or worse, and why neither."""
    if row["direction"]:
        return str(row["direction"]).capitalize()
    if row["verdict"] in ("one_period", "hidden"):
        return "–"
    return "Same" if row["change"] == 0 else "Neither way is better"


def _aim(row: Mapping[object, object]) -> str:
    """Say the target, whether it was met, and whether surely."""
    target = float(str(row["target"]))
    if np.isnan(target):
        return "–"
    said = value_words(target, str(row["unit"]))
    if not isinstance(row["met"], bool):
        return f"{said}: not judged"
    sure = ", not surely" if row["against"] == "either" else ""
    return f"{said}: {'met' if row['met'] else 'missed'}{sure}"


def changes(changed: pd.DataFrame) -> Table | Missing:
    """Set out every change with interval, test and what the data could have shown.

    Parameters
    ----------
    changed : DataFrame
        As `s75lib.kpi.changes.changes` gives it.

    Returns
    -------
    Table or Missing
    """
    if changed.empty:
        return NO_INDICATORS
    records = changed.to_dict("records")
    numbers = [
        "change", "lower", "upper", "relative", "p_value", "p_holm", "p_bh",
        "tipping_factor", "detectable_fall", "detectable_rise",
    ]  # fmt: skip
    frame = changed[numbers].assign(
        indicator=[title(r["label"], r["group"]) for r in records],
        before=[figure_words(r, "_before") for r in records],
        latest=[figure_words(r) for r in records],
        periods=[
            f"{r['period_before']} to {r['period']}" if r["period_before"] else r["period"] for r in records
        ],
        unit=[r["change_unit"] or "count" for r in records],
        basis=[_KIND[r["basis"]] for r in records],
    )
    columns = (
        Column("indicator", "Indicator"),
        Column("periods", "Periods"),
        Column("before", "Before"),
        Column("latest", "Latest"),
        Column("change", "Change", "change", 1),
        Column("unit", "Unit of the change"),
        Column("lower", "Lower", "change", 1),
        Column("upper", "Upper", "change", 1),
        Column("relative", "Relative change, %", "change", 0, "%"),
        Column("p_value", "p", "p"),
        Column("p_holm", "p, Holm", "p"),
        Column("p_bh", "p, Benjamini–Hochberg", "p"),
        Column("tipping_factor", "Over-dispersion that would undo it", "number", 1),
        Column("detectable_fall", "Smallest fall that would show", "change", 1),
        Column("detectable_rise", "Smallest rise that would show", "change", 1),
        Column("basis", "Basis"),
    )
    notes = [
        "Percentages are compared in percentage points, counts and rates in their own unit. Changes with a "
        "base are "
        "worked out from the counts and can differ from the printed figures by rounding.",
        "Smallest fall or rise that would show: the true change that a comparison of this size finds in "
        "four cases "
        "of five; a dash where none could be shown.",
        "Over-dispersion that would undo it: how many times as much as chance the counts would have to "
        "vary, because "
        "events come in clusters, for the change to lose its significance.",
    ]
    small = np.flatnonzero(changed["verdict"].eq("hidden"))
    if len(small) or changed["hidden"].any():
        notes.append(HIDDEN_NOTE)
    gone = tuple((int(row), name) for row in small for name in numbers)
    caption = "Change of each indicator, with interval and test"
    return Table("changes", caption, frame, columns, tuple(notes), hidden=gone)
