"""Targets: met or not, surely or not, and in how many months."""

from __future__ import annotations

__all__ = ["months_recounted", "targets"]

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from s75lib.kpi.pairs import history, series, within
from s75lib.loaders.indicators import Indicator, find
from s75lib.stats.intervals import clopper_pearson, wilson

NAN = math.nan
_COLUMNS = [
    "indicator", "group", "label", "polarity", "unit", "period", "hidden", "value", "decimals", "target",
    "distance", "met",
    "value_lower", "value_upper", "against", "months_on_target", "months_reported", "months_share",
    "months_lower", "months_upper", "others_limit", "compatible",
]  # fmt: skip
_PRINTED = ["indicator", "group", "period", "months_on_target", "months_reported"]


def targets(
    kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Set each indicator's latest figure that has a target against it.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`.
    registry : mapping of str to Indicator, optional
        As `s75lib.loaders.indicators.read_indicators` gives it.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        One row for each indicator and group with a target: the latest year with one, else the latest month.
        ``distance`` (value less target), ``met`` (True, False, or None where nobody has said which way is
        better), ``value_lower``, ``value_upper`` (Wilson, where the base is known) and ``against`` (met or
        missed where the whole interval lies on one side, either, or unknown); ``months_share``,
        ``months_lower``, ``months_upper`` (months on target, percent, exact); ``others_limit`` (for a mean of
        months: what the mean of the months off target was at most, or at least where lower is better) and
        ``compatible`` (whether months on target and the year's figure can both be right; None without
        months).

    Notes
    -----
    The interval on months takes months as independent draws of a process that stays the same; where one month
    resembles the next it is too narrow. A share of a caseload counted over months has no Wilson interval
    here.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> row = targets(load("islington", "2018/19").kpi).set_index("indicator").loc["cpa_employment"]
    >>> row["met"], int(row["months_on_target"]), round(row["months_lower"]), round(row["months_upper"])
    (False, 7, 28, 85)
    """
    rows = history(kpi)
    rows = rows[rows["target"].notna()]
    year = rows["kind"].eq("year").tolist()
    latest = [
        next((place for place in reversed(places) if year[place]), places[-1])
        for places in series(rows).values()
    ]
    made = [
        _against(row, find(row["indicator"], registry), confidence)
        for row in rows.iloc[latest].to_dict("records")
    ]
    frame = pd.DataFrame(made, columns=_COLUMNS)
    return frame.assign(met=frame["met"].astype(object), compatible=frame["compatible"].astype(object))


def months_recounted(kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None) -> pd.DataFrame:
    """Count the months on target again from the monthly figures.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`.
    registry : mapping of str to Indicator, optional
        As `s75lib.loaders.indicators.read_indicators` gives it.

    Returns
    -------
    DataFrame
        ``indicator``, ``group``, ``period``, ``published`` and ``recounted`` months on target, for each year
        that prints them and has all its months with a target; none where which way is better is not known.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> rows = months_recounted(load("exampleshire").kpi).set_index(["indicator", "period"])
    >>> rows.loc[("carers_assessed", "2023/24"), ["published", "recounted"]].tolist()
    [8, 8]
    """
    rows = history(kpi)
    year = (rows["kind"] == "year").to_numpy(dtype=bool)
    months = rows[~year & rows["target"].notna()]
    ends, distance = months["end"].to_numpy(), (months["value"] - months["target"]).to_numpy()
    of_series, made = series(months), []
    printed = rows.loc[year & rows["months_on_target"].notna(), _PRINTED]
    for slug, group, period, reached, reported in zip(
        *(printed[name].tolist() for name in _PRINTED), strict=True
    ):
        polarity = find(slug, registry).polarity
        places = of_series.get((slug, group), [])
        own = distance[places][within(ends[places], period)]
        if polarity == "neither" or len(own) != reported:
            continue
        sign = 1 if polarity == "higher_is_better" else -1
        count = int((sign * own >= -1e-9).sum())
        made.append((slug, group, period, int(reached), count))
    return pd.DataFrame(made, columns=["indicator", "group", "period", "published", "recounted"])


def _against(row: dict[Any, Any], indicator: Indicator, confidence: float) -> dict[str, Any]:
    """Set one figure against its target."""
    sign = {"higher_is_better": 1.0, "lower_is_better": -1.0}.get(indicator.polarity, 0.0)
    distance = round(row["value"] - row["target"], 10)
    met = bool(sign * distance >= 0) if sign and not row["hidden"] else None
    lower, upper = _interval(row, indicator, confidence)
    reported, reached = row["months_reported"], row["months_on_target"]
    has_months = reported > 0 and not math.isnan(reached) and not row["hidden"]
    share = clopper_pearson(int(reached), int(reported), confidence).scaled(100) if has_months else None
    others = _others(row, sign) if has_months and indicator.is_mean_of_months else NAN
    kept = {name: row[name] for name in _COLUMNS if name in row}
    return {
        **kept,
        "label": indicator.label,
        "polarity": indicator.polarity,
        "distance": distance,
        "met": met,
        "value_lower": lower,
        "value_upper": upper,
        "against": _side(sign, row["target"], lower, upper),
        "months_share": share.estimate if share else NAN,
        "months_lower": share.lower if share else NAN,
        "months_upper": share.upper if share else NAN,
        "others_limit": others,
        "compatible": _compatible(met, reached, reported, others, row["unit"]) if has_months else None,
    }


def _interval(row: dict[Any, Any], indicator: Indicator, confidence: float) -> tuple[float, float]:
    """Wilson limits in percent, where the base is one of separate cases."""
    cases, base = row["numerator"], row["denominator"]
    dependent = indicator.is_clustered or (indicator.is_caseload and row["kind"] == "year")
    if row["unit"] != "percent" or dependent or not (base > 0 and 0 <= cases <= base):
        return NAN, NAN
    if not (float(cases).is_integer() and float(base).is_integer()):
        return NAN, NAN
    found = wilson(int(cases), int(base), confidence).scaled(100)
    return found.lower, found.upper


def _side(sign: float, target: float, lower: float, upper: float) -> str:
    """Say on which side of the target the interval lies."""
    if not sign or math.isnan(lower):
        return "unknown"
    worst, best = (lower, upper) if sign > 0 else (-upper, -lower)
    return "met" if worst >= sign * target else "missed" if best < sign * target else "either"


def _others(row: dict[Any, Any], sign: float) -> float:
    """Bound the mean of the months off target, from the mean of all as printed and the target as a floor."""
    off = row["months_reported"] - row["months_on_target"]
    if not sign or off <= 0:
        return NAN
    half = 0.5 * 10 ** -(0 if math.isnan(row["decimals"]) else row["decimals"])
    total = (row["value"] + sign * half) * row["months_reported"]
    return float((total - row["months_on_target"] * row["target"]) / off)


def _compatible(met: bool | None, reached: float, reported: float, others: float, unit: str) -> bool | None:
    """Whether the months on target leave room for the year's figure."""
    if met is None:
        return None
    if reached == reported:
        return met
    if reached == 0:
        return not met
    if not np.isnan(others):
        return bool(others >= 0 and (unit != "percent" or others <= 100))
    return True
