"""Change of every indicator, in its right unit, with interval, test and verdict."""

from __future__ import annotations

__all__ = ["MARGIN", "VERDICTS", "changes"]

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.kpi.compared import Compared
from s75lib.kpi.comparing import compare
from s75lib.kpi.pairs import history, pairs, series, within
from s75lib.loaders.indicators import Indicator, find
from s75lib.stats.comparison import benjamini_hochberg, holm

MARGIN = 3.0
"""Percentage points below which a change is taken not to matter, unless the caller says otherwise."""

VERDICTS = ("changed", "unclear", "steady", "no_base", "untested", "hidden", "one_period")

CHANGE_UNITS = {
    "percent": "percentage points",
    "count": "",
    "per_month": "a month",
    "per_100k": "per 100,000",
}
# Last days of an indicator's months, and their denominators.
Monthly = tuple[NDArray[np.datetime64], NDArray[np.float64]]

_RESULT = [field.name for field in dataclasses.fields(Compared)]


def changes(
    kpi: pd.DataFrame,
    registry: Mapping[str, Indicator] | None = None,
    *,
    margin: float = MARGIN,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare every indicator's latest figure with the one of the same kind before it.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`.
    registry : mapping of str to Indicator, optional
        As `s75lib.loaders.indicators.read_indicators` gives it; default: the toolkit's own.
    margin : float
        Percentage points below which a change does not matter, > 0; for the finding that a percentage is
        steady. That of a count or a rate is `s75lib.kpi.events.MARGIN_OF_COUNTS`.
    confidence : float
        Of intervals, and one less the level of tests, in (0, 1).

    Returns
    -------
    DataFrame
        The columns of `s75lib.kpi.pairs.pairs`; ``name``, ``label``, ``polarity``; the fields of
        `s75lib.kpi.compared.Compared`; ``change_unit``; ``p_holm`` and ``p_bh`` (adjusted for all tests of
        the
        frame), ``tests`` (how many there were); ``verdict`` and ``direction`` (better, worse, or empty).

        Verdicts: ``changed`` (p below its level), ``steady`` (shown to be smaller than the margin),
        ``unclear`` (neither), ``no_base`` (a bare percentage), ``untested`` (no test applies), ``hidden``
        (a small count of people), ``one_period``.

    Notes
    -----
    A verdict is of the indicator alone; ``p_holm`` tells whether it holds when all tests are taken together.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = changes(load("islington", "2018/19").kpi).set_index(["indicator", "group"])
    >>> print(round(found.loc[("permanent_admissions", "ACMHT"), "p_value"], 4))
    0.1686
    >>> found.loc[("cpa_employment", ""), ["change_unit", "verdict"]].tolist()
    ['percentage points', 'no_base']
    """
    rows = pairs(kpi)
    months = history(kpi)
    months = months[(months["kind"] == "month") & (months["denominator"] > 0)]
    ends, bases = months["end"].to_numpy(), months["denominator"].to_numpy()
    monthly = {key: (ends[places], bases[places]) for key, places in series(months).items()}
    entries = [find(slug, registry) for slug in rows["indicator"]]
    results = [
        compare(pair, entry, margin=margin, confidence=confidence, monthly_base=_monthly_base(pair, monthly))
        for pair, entry in zip(rows.to_dict("records"), entries, strict=True)
    ]
    found = pd.DataFrame([vars(result) for result in results], columns=_RESULT)
    floats = [name for name in _RESULT if name not in ("basis", "method", "note", "steady")]
    found = found.astype({**dict.fromkeys(floats, "float64"), "steady": "bool"})
    frame = pd.concat([rows, found], axis=1).assign(
        name=[entry.name for entry in entries],
        label=[entry.label for entry in entries],
        polarity=[entry.polarity for entry in entries],
        change_unit=[CHANGE_UNITS[unit] for unit in rows["unit"]],
        p_holm=holm(found["p_value"].to_numpy()),
        p_bh=benjamini_hochberg(found["p_value"].to_numpy()),
        tests=int(found["p_value"].notna().sum()),
    )
    verdicts = [_verdict(result, 1 - confidence) for result in results]
    directions = [_direction(*pair) for pair in zip(frame["change"], frame["polarity"], strict=True)]
    return frame.assign(
        verdict=np.array(verdicts, dtype=object), direction=np.array(directions, dtype=object)
    )


def _monthly_base(
    pair: Mapping[Any, Any], months: Mapping[tuple[str, str], Monthly]
) -> tuple[float, float] | None:
    """Mean denominators of the months of two years, where the years are made of those months.

    A year with a base of its own (each person counted once) is not: its base is no sum of months.
    """
    key = (pair["indicator"], pair["group"])
    if pair["kind"] != "year" or not pair["period_before"] or key not in months:
        return None
    ends, bases = months[key]
    found = []
    for end in ("_before", ""):
        inside = bases[within(ends, pair[f"period{end}"])]
        base, total = pair[f"denominator{end}"], float(inside.sum())
        if not len(inside) or (base > 0 and base < 0.99 * total):
            return None
        found.append(total / len(inside))
    return found[0], found[1]


def _verdict(result: Compared, level: float) -> str:
    """Put one result into one of the verdicts."""
    if result.basis in ("one_period", "hidden"):
        return result.basis
    if result.basis == "percentage_only":
        return "no_base"
    if np.isnan(result.p_value):
        return "untested"
    if result.p_value < level:
        return "changed"
    return "steady" if result.steady else "unclear"


def _direction(change: float, polarity: str) -> str:
    """Say whether a change goes the better way."""
    if np.isnan(change) or change == 0 or polarity == "neither":
        return ""
    return "better" if (change > 0) == (polarity == "higher_is_better") else "worse"
