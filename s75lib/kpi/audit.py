"""Case-file audit: compliance by criterion with exact intervals, and change between rounds."""

from __future__ import annotations

__all__ = ["audit_changes", "cases_needed", "checks", "compliance", "headlines", "section"]

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from s75lib.kpi import disclosure
from s75lib.kpi.comparison import change_of_shares, hidden_rows, with_adjusted_p
from s75lib.kpi.phrases import lacking
from s75lib.present import Check, Column, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.present import section as assemble
from s75lib.stats.comparison import sample_size_for_precision
from s75lib.stats.intervals import clopper_pearson_bounds

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

_CHANGES = [
    "criterion",
    "round_before",
    "round",
    "hidden",
    "hidden_before",
    "cases_before",
    "compliant_before",
    "percent_before",
    "cases",
    "compliant",
    "percent",
    "lower",
    "upper",
    "change",
    "change_lower",
    "change_upper",
    "p_value",
    "p_holm",
    "p_bh",
    "tests",
]
_HALF_WIDTHS = (5.0, 10.0)


def compliance(audits: pd.DataFrame) -> pd.DataFrame:
    """Give each criterion's compliance in each round its exact interval.

    The interval covers chance in which files were drawn at random, as if there were files without end.

    Returns
    -------
    DataFrame
        The dataset's columns, ``percent``, ``lower`` and ``upper`` (percent, Clopper-Pearson), ``hidden``;
        rounds in order of time, criteria as they first appear.

    Examples
    --------
    Nobody of nine: up to a third of all files may still comply.

    >>> row = {"round": "2024-10", "criterion": "Plan", "cases": 9, "compliant": 0}
    >>> compliance(pd.DataFrame([row]))[["percent", "lower", "upper"]].round(1).values.tolist()
    [[0.0, 0.0, 33.6]]
    """
    hidden = hidden_rows(audits)
    rows = audits.assign(hidden=hidden)[hidden | (audits["cases"] > 0)]
    known = rows[~rows["hidden"].astype(bool)]
    lower, upper = clopper_pearson_bounds(known["compliant"], known["cases"])
    limits = pd.DataFrame({"lower": 100 * lower, "upper": 100 * upper}, index=known.index)
    made = rows.assign(percent=100 * rows["compliant"] / rows["cases"]).join(limits)
    return made.sort_values("round", kind="stable").reset_index(drop=True)


def audit_changes(audits: pd.DataFrame) -> pd.DataFrame:
    """Compare each criterion's latest round with the one before.

    Returns
    -------
    DataFrame
        One row a criterion of the latest round: its compliance with the exact interval, that of the round
        before, ``change`` in percentage points with Newcombe's interval, ``p_value``, and p adjusted for all
        criteria compared (``tests``). Blank where a criterion has one round only.

    Examples
    --------
    >>> rows = pd.DataFrame({"round": ["2024-10", "2025-10"], "criterion": "Plan", "cases": 40,
    ...                      "compliant": [20, 32]})
    >>> found = audit_changes(rows).iloc[0]
    >>> [round(float(found[name]), 1) for name in ("change", "change_lower", "change_upper")]
    [30.0, 9.1, 47.6]
    """
    made = []
    for _, own in compliance(audits).groupby("criterion", sort=False):
        *earlier, row = own.to_dict("records")
        before = earlier[-1] if earlier else {"round": "", "hidden": False}
        row |= {"round_before": before["round"], "hidden_before": bool(before["hidden"])}
        if earlier and not (before["hidden"] or row["hidden"]):
            found = change_of_shares(before, row, "compliant", "cases")
            row |= {f"{name}_before": before[name] for name in ("cases", "compliant", "percent")}
            row |= {"change": found["change"], "p_value": found["p_value"]}
            row |= {f"change_{end}": found[end] for end in ("lower", "upper")}
        made.append(row)
    return with_adjusted_p(pd.DataFrame(made, columns=_CHANGES))


def cases_needed(audits: pd.DataFrame) -> pd.DataFrame:
    """Say how many files an audit would have to read to be precise to 5 and to 10 points either way.

    Returns
    -------
    DataFrame
        ``half_width`` (percentage points), ``cases`` for a criterion that half the files meet (the most
        demanding), ``population`` (files to draw from in the latest round; NaN where not given, and then
        taken as without end).

    Examples
    --------
    >>> audits = pd.DataFrame([{"round": "2024-10", "criterion": "Plan", "population": 1000}])
    >>> cases_needed(audits)["cases"].tolist()
    [278, 88]
    """
    latest = audits[audits["round"] == audits["round"].max()]
    population = latest["population"].max()
    known = None if pd.isna(population) else int(population)
    widths = _HALF_WIDTHS if len(audits) else ()
    rows = [(width, sample_size_for_precision(0.5, width / 100, known), population) for width in widths]
    return pd.DataFrame(rows, columns=["half_width", "cases", "population"])


# What is said and checked


def headlines(study: Study) -> list[Headline]:
    """Word the audit's weakest criterion and the criteria that changed."""
    moved = study.audit_changes
    moved = moved[~moved["hidden"].astype(bool)]
    if moved.empty:
        return []
    weakest = moved.sort_values("percent", kind="stable").iloc[0].to_dict()
    interval = (weakest["lower"], weakest["upper"])
    text = (
        f"Weakest in the case-file audit of {words.when(weakest['round'])}: {weakest['criterion']}, "
        f"{weakest['compliant']:.0f} of {weakest['cases']:.0f} files ({_share(weakest['percent'])}, 95% "
        f"interval {words.interval(*interval, 0, '%')})"
    )
    tested = moved[moved["p_value"].notna()]
    clear = tested[tested["p_holm"] < 0.05]
    if len(clear):
        named = [f"{row['criterion']} {_from_to(row)}" for row in clear.to_dict("records")]
        text += (
            f". Of {len(tested)} criteria, {len(clear)} changed by more than chance explains: "
            f"{words.join(named)}"
        )
    elif len(tested):
        criteria = words.count_noun(len(tested), "criterion", "criteria")
        text += f". None of {criteria} is shown to have changed by more than chance explains"
    method = "Clopper-Pearson exact; score or Fisher's test with Holm's correction"
    found, cell = (weakest["percent"], "percent", *interval), ("audits", weakest["criterion"], "percent")
    told = Headline("kpi.audits", f"{text}.", *found, method, cell=cell)
    return [replace(told, stake="change") if len(clear) else told]


def _share(percent: float) -> str:
    """Write a percentage of few cases: whole where it is, else with one decimal.

    >>> _share(62.5), _share(85.0)
    ('62.5%', '85%')
    """
    return words.percent(percent, 0 if float(percent).is_integer() else 1)


def _from_to(row: Mapping[Any, Any], pause: str = "") -> str:
    verb = words.rose_fell(row["change"])
    return f"{verb}{pause} from {_share(row['percent_before'])} to {_share(row['percent'])}"


def checks(study: Study) -> list[Check]:
    """Check that no hidden count of files can be worked out."""
    return disclosure.check("audits", study.suppressed_audits, study.fewest("audits"))


# What is drawn

_ROW = 0.36


def _figure(study: Study) -> Figure | Missing:
    """Draw each criterion's compliance with its exact interval, and that of the round before."""
    moved = study.audit_changes
    known = moved[~moved["hidden"].astype(bool)]
    if known.empty:
        return Missing("The audit is not drawn: too few files are behind its figures.")
    ordered = known.sort_values("percent", ascending=False, kind="stable")
    sheet, axis = charts.drawing(1.0 + _ROW * len(ordered))
    drawn = [list(ordered[name]) for name in ("criterion", "percent", "lower", "upper")]
    charts.dots_with_intervals(axis, *drawn, reference=None)
    before = ordered["percent_before"].to_numpy(dtype=float)
    below = np.arange(len(ordered)) + 0.22
    axis.plot(before, below, "D", markersize=5, markerfacecolor="white", color=charts.PURPLE)
    axis.set_xlim(0, 102)
    seen = "; diamond: round before" if np.isfinite(before).any() else ""
    axis.set_xlabel(f"Per cent of files, with 95% interval{seen}", fontsize=9.5)
    worst = known.sort_values("percent", kind="stable").iloc[0]
    clear = ordered[ordered["p_holm"] < 0.05]
    finding = (
        f"{worst['criterion']} is met least, in {_share(worst['percent'])} of {worst['cases']:.0f} files"
    )
    if len(clear):
        first = clear.iloc[0].to_dict()
        finding += f"; {first['criterion']} clearly {_from_to(first, ',')}"
    alt = f"Dots with intervals, one for each criterion, from 0 to 100 per cent. {finding}."
    subtitle = f"Case-file audit by criterion, {study.place}, {words.when(moved['round'].max())}"
    source = f"{study.place}, case-file audit"
    return Figure("audit_compliance", finding, subtitle, alt, sheet, _criteria(study), source)


# What is tabled

NO_AUDIT = lacking(
    "No case-file audit is held.",
    "audits",
    ("round", "criterion", "cases", "compliant"),
    "compliance by criterion with intervals",
)
_FEW, _FEW_BEFORE, _FEW_IN_EITHER = ("hidden",), ("hidden_before",), ("hidden", "hidden_before")
CRITERIA = table_of(
    "audits",
    Column("criterion", "Criterion"),
    Column("cases", "Files", "number", hides=_FEW),
    Column("compliant", "Met it", "number", hides=_FEW),
    Column("percent", "Compliance", "percent", 1, "%", hides=_FEW),
    Column("lower", "Lower", "percent", 0, "%", hides=_FEW),
    Column("upper", "Upper", "percent", 0, "%", hides=_FEW),
    Column("percent_before", "Round before", "percent", 1, "%", hides=_FEW_BEFORE),
    Column("change", "Change, points", "points", 1, "percentage points", hides=_FEW_IN_EITHER),
    Column("change_lower", "Lower", "points", 1, "percentage points", hides=_FEW_IN_EITHER),
    Column("change_upper", "Upper", "points", 1, "percentage points", hides=_FEW_IN_EITHER),
    Column("p_value", "p", "p", hides=_FEW_IN_EITHER),
    Column("p_holm", "p, Holm", "p", hides=_FEW_IN_EITHER),
    notes=(
        "Exact 95% intervals of compliance (Clopper-Pearson), Newcombe's of the change. They suppose that "
        "the files were drawn at random.",
    ),
    counted="files",
)
CASES_NEEDED = table_of(
    "cases_needed",
    Column("half_width", "Precision wanted, points either way", "number"),
    Column("cases", "Files to read", "number"),
    Column("population", "Files to draw from", "number"),
    notes=(
        "For a criterion that about half the files meet, which takes the most; for all criteria together.",
    ),
)


def _criteria(study: Study) -> Table:
    """Set out an audit's compliance by criterion, and its change where one was tested."""
    moved, table = study.audit_changes, CRITERIA
    if moved["p_value"].isna().all():
        table = replace(CRITERIA, columns=CRITERIA.columns[:6])
    caption = f"Case-file audit of {words.when(moved['round'].max())} by criterion"
    return table.of(moved, caption, fewest=study.fewest("audits"))


def section(study: Study) -> Section:
    """Show the case-file audit: finding, chart, table, files that a better one would need."""
    if study.audit_changes.empty:
        return assemble(NO_AUDIT)
    needed = CASES_NEEDED.of(study.cases_needed, "Files that an audit would have to read")
    return assemble(headlines(study), _figure(study), _criteria(study), needed)
