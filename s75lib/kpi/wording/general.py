"""What the notebook as a whole says: whether it applies, its headlines, what was checked."""

from __future__ import annotations

__all__ = ["applicable", "checks", "headlines"]

import pandas as pd

from s75lib.kpi.findings import Findings
from s75lib.kpi.pairs import history
from s75lib.kpi.wording import aims, moves, samples
from s75lib.present import Check, Headline, Missing, Need, words

_NEEDS = (
    Need(
        "kpi",
        ("indicator", "group", "period", "value", "unit", "numerator", "denominator", "target"),
        "change in each indicator with interval and test, targets met, control charts of monthly figures",
    ),
    Need(
        "survey",
        ("survey", "period", "question", "answer", "percent", "base"),
        "answers with their intervals",
    ),
    Need("audits", ("round", "criterion", "cases", "compliant"), "compliance by criterion, and its change"),
)


def applicable(kpi: pd.DataFrame, survey: pd.DataFrame, audits: pd.DataFrame) -> list[Missing]:
    """Say where nothing of the notebook can be done.

    Parameters
    ----------
    kpi, survey, audits : DataFrame
        The contract's datasets.

    Returns
    -------
    list of Missing
        Empty where any of the three has a row; else what is missing, and the status of the notebook.
    """
    if len(kpi) or len(survey) or len(audits):
        return []
    reason = "No performance indicator, survey or case-file audit is published for this partnership."
    return [Missing(reason, _NEEDS), Missing(reason, whole=True)]


def headlines(found: Findings, *, most: int = 6) -> list[Headline]:
    """Choose the findings that matter most.

    Parameters
    ----------
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.
    most : int
        How many at most.

    Returns
    -------
    list of Headline
        The tally first, then the clear changes (as many as leave room for the rest, two at least), the
        ratio of
        enquiries to concerns, percentages without a base, special causes, targets, survey and audit.
    """
    rest = [
        *moves.ratio(found.ratios),
        *moves.bare(found.changes),
        *aims.special_causes(found.control),
        *aims.targets(found.targets),
        *samples.impossible(found.answers),
        *samples.survey(found.answers, found.survey_changes)[-1:],
        *samples.audits(found.audit_changes),
    ]
    tally = moves.tally(found.changes)
    room = max(most - len(tally) - len(rest), 2)
    return [*tally, *moves.top_changes(found.changes, room), *rest][:most]


def checks(kpi: pd.DataFrame, found: Findings) -> list[Check]:
    """Check percentages against their counts, months on target against the months, and what is hidden.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`.
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.

    Returns
    -------
    list of Check
        Only those that the data allow.
    """
    made = []
    rows, recounted = history(kpi), found.months
    per = rows["unit"].map({"percent": 100.0, "per_100k": 100_000.0, "per_month": 1.0}).astype("float64")
    both = rows[(rows["denominator"] > 0) & rows["numerator"].notna() & per.notna()]
    if len(both):
        exact = per[both.index] * both["numerator"] / both["denominator"]
        half = 0.5 * 10.0 ** -both["decimals"].fillna(1)
        off = int(((both["value"] - exact).abs() > half + 1e-9).sum())
        figures = words.count_noun(len(both), "figure")
        detail = f"{figures} with numerator and denominator: {off} that they do not round to."
        made.append(Check("kpi.value", off == 0, detail))
    if len(recounted):
        off = int((recounted["published"] != recounted["recounted"]).sum())
        years = words.count_noun(len(recounted), "published count")
        detail = f"{years} of months on target against the monthly figures: {off} that differ."
        made.append(Check("kpi.months", off == 0, detail))
    return [*made, *found.disclosure]
