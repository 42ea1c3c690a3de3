"""Case-file audits: compliance by criterion with exact intervals, and change between rounds."""

from __future__ import annotations

__all__ = ["audit_changes", "cases_needed", "compliance"]

from collections import defaultdict
from typing import Any

import pandas as pd

from s75lib.stats.comparison import (
    benjamini_hochberg,
    compare_proportions,
    holm,
    sample_size_for_precision,
)
from s75lib.stats.intervals import clopper_pearson_bounds

_CHANGES = [
    "criterion", "round_before", "round", "hidden", "hidden_before", "cases_before", "compliant_before",
    "percent_before", "cases", "compliant", "percent", "lower", "upper", "change", "change_lower",
    "change_upper", "p_value", "p_holm", "p_bh", "tests",
]  # fmt: skip


def compliance(audits: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Give each criterion's compliance in each round its exact interval.

    Parameters
    ----------
    audits : DataFrame
        The contract's `audits`.
    confidence : float
        Least coverage, in (0, 1).

    Returns
    -------
    DataFrame
        The dataset's columns, ``percent``, ``lower`` and ``upper`` (percent, Clopper-Pearson); rounds in
        order of time, criteria as they first appear. ``hidden``: whether too few files are behind it, and
        its figures missing.

    Notes
    -----
    The interval covers chance in which files were drawn, if they were drawn at random; it makes no use of the
    number of open files, which would narrow it a little.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934) Biometrika 26, 404-413.

    Examples
    --------
    Nobody of nine: up to a third of all files may still comply.

    >>> row = {"round": "2024-10", "criterion": "Plan", "cases": 9, "compliant": 0}
    >>> compliance(pd.DataFrame([row]))[["percent", "lower", "upper"]].round(1).values.tolist()
    [[0.0, 0.0, 33.6]]
    """
    hidden = audits["hidden"] if "hidden" in audits else pd.Series(False, index=audits.index)
    rows = audits.assign(hidden=hidden)[hidden | (audits["cases"] > 0)]
    known = rows[~rows["hidden"].astype(bool)]
    lower, upper = clopper_pearson_bounds(known["compliant"], known["cases"], confidence)
    limits = pd.DataFrame({"lower": 100 * lower, "upper": 100 * upper}, index=known.index)
    made = rows.assign(percent=100 * rows["compliant"] / rows["cases"]).join(limits)
    return made.sort_values("round", kind="stable").reset_index(drop=True)


def audit_changes(audits: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Compare each criterion's latest round with the one before.

    Parameters
    ----------
    audits : DataFrame
        The contract's `audits`.
    confidence : float
        In (0, 1).

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
    rows = compliance(audits, confidence=confidence)
    rounds: dict[str, list[dict[Any, Any]]] = defaultdict(list)
    for row in rows.to_dict("records"):
        rounds[row["criterion"]].append(row)
    made = []
    for own in rounds.values():
        row = own[-1]
        kept = {
            name: row[name]
            for name in ("criterion", "round", "hidden", "cases", "compliant", "percent", "lower", "upper")
        }
        before = own[-2] if len(own) > 1 else None
        kept["round_before"] = before["round"] if before else ""
        kept["hidden_before"] = bool(before and before["hidden"])
        if before and not (before["hidden"] or row["hidden"]):
            found = compare_proportions(
                int(before["compliant"]), int(before["cases"]), int(row["compliant"]), int(row["cases"]),
                confidence=confidence,
            )  # fmt: skip
            kept |= {f"{name}_before": before[name] for name in ("cases", "compliant", "percent")}
            kept |= {
                "change": found.difference, "change_lower": found.difference_lower,
                "change_upper": found.difference_upper, "p_value": found.p_value,
            }  # fmt: skip
        made.append(kept)
    frame = pd.DataFrame(made, columns=_CHANGES)
    p_values = frame["p_value"].astype("float64").to_numpy()
    tests = int(frame["p_value"].notna().sum())
    return frame.assign(
        p_value=p_values, p_holm=holm(p_values), p_bh=benjamini_hochberg(p_values), tests=tests,
    )  # fmt: skip


def cases_needed(audits: pd.DataFrame, half_widths: tuple[float, ...] = (5.0, 10.0)) -> pd.DataFrame:
    """Say how many files an audit would have to read for a wanted precision.

    Parameters
    ----------
    audits : DataFrame
        The contract's `audits`.
    half_widths : tuple of float
        Half the interval wanted, in percentage points.

    Returns
    -------
    DataFrame
        ``half_width``, ``cases`` for a criterion that half the files meet (the most demanding),
        ``population``
        (files to draw from in the latest round; NaN where not given, and then taken as without end).

    Examples
    --------
    From a thousand files, for 5 and for 10 percentage points either way:

    >>> audits = pd.DataFrame([{"round": "2024-10", "criterion": "Plan", "population": 1000}])
    >>> cases_needed(audits)["cases"].tolist()
    [278, 88]
    """
    latest = audits[audits["round"] == audits["round"].max()]
    population = latest["population"].max()
    known = None if pd.isna(population) else int(population)
    rows = [
        {
            "half_width": width,
            "cases": sample_size_for_precision(0.5, width / 100, known),
            "population": population,
        }
        for width in half_widths
    ]
    return pd.DataFrame(rows if len(audits) else [], columns=["half_width", "cases", "population"])
