"""Enquiries completed for each concern raised: a ratio of two counts, and no conversion rate."""

from __future__ import annotations

__all__ = ["enquiries_per_concern"]

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from s75lib.kpi.pairs import history
from s75lib.stats.comparison import compare_counts
from s75lib.stats.intervals import byar

_COLUMNS = [
    "group", "period", "concerns", "enquiries", "per_100", "lower", "upper", "period_before",
    "per_100_before",
    "ratio", "ratio_lower", "ratio_upper", "p_value",
]  # fmt: skip


def enquiries_per_concern(kpi: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Set safeguarding enquiries completed against concerns raised in the same period and group.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`, with counts of ``safeguarding_concerns`` and
        ``safeguarding_enquiries_completed``.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        One row for each group and period that has both: ``per_100`` (enquiries completed for each 100
        concerns
        raised) with its interval, and against the period before: ``ratio``, its interval, ``p_value``.

    Notes
    -----
    The enquiries need not belong to the concerns: one may end in a later year, or with another team. So it is
    taken as a rate (enquiries by exposure to concerns), never as a proportion of the concerns. Counts of
    enquiries are taken as Poisson; the concerns as given.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> enquiries_per_concern(load("islington", "2018/19").kpi)["per_100"].round(1).tolist()
    [13.0, 4.5]
    """
    rows = history(kpi)
    names = ("indicator", "unit", "kind", "value", "group", "end", "period")
    counts: dict[str, dict[Any, float]] = {
        "safeguarding_concerns": {},
        "safeguarding_enquiries_completed": {},
    }
    for slug, unit, kind, value, *when in zip(*(rows[name].tolist() for name in names), strict=True):
        if slug in counts and unit == "count" and kind == "year" and not math.isnan(value):
            counts[slug][tuple(when)] = value
    concerns, enquiries = counts.values()
    made: list[dict[str, Any]] = []
    before: dict[str, Any] = {"group": None}
    for group, end, period in sorted(key for key in concerns.keys() & enquiries if concerns[key] > 0):
        key = (group, end, period)
        row = {"group": group, "period": period, "concerns": concerns[key], "enquiries": enquiries[key]}
        change = _change(before, row, confidence) if before["group"] == group else {}
        made.append({**_rate(row, confidence), **change})
        before = row
    return pd.DataFrame(made, columns=_COLUMNS)


def _rate(row: Mapping[str, Any], confidence: float) -> dict[str, Any]:
    """Rate one period."""
    found = byar(int(row["enquiries"]), exposure=row["concerns"], per=100, confidence=confidence)
    return {
        "group": row["group"],
        "period": row["period"],
        "concerns": row["concerns"],
        "enquiries": row["enquiries"],
        "per_100": found.estimate,
        "lower": found.lower,
        "upper": found.upper,
        "period_before": "",
    }


def _change(before: Mapping[str, Any], row: Mapping[str, Any], confidence: float) -> dict[str, Any]:
    """Compare one period with the one before it."""
    found = compare_counts(
        int(before["enquiries"]),
        int(row["enquiries"]),
        exposure_before=before["concerns"],
        exposure_after=row["concerns"],
        confidence=confidence,
    )
    return {
        "period_before": before["period"],
        "per_100_before": 100 * before["enquiries"] / before["concerns"],
        "ratio": found.ratio,
        "ratio_lower": found.lower,
        "ratio_upper": found.upper,
        "p_value": found.p_value,
    }
