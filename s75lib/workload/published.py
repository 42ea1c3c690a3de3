"""What yearly published figures can say of workload: reviews a month, concerns against enquiries."""

from __future__ import annotations

__all__ = ["concerns", "concerns_from_activity", "monthly_means"]

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd

from s75lib.loaders.period import Period
from s75lib.stats.comparison import compare_counts, overdispersion_tipping_factor
from s75lib.workload.series import last_twelve

_MONTHS = 12
_Row = dict[Hashable, Any]
_CLOSE = 1e-9


def monthly_means(kpi: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Compare each indicator's printed mean a month with that of the year before.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`; rows with unit per_month and a financial year are used.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    DataFrame
        indicator, group, before_period, after_period, decimals, before, after (printed means a month),
        before_low, before_high, after_low, after_high (counts of the year that round to them), ratio, lower,
        upper, change_percent, change_lower, change_upper, p_value, tipping_factor. One row for each pair of
        years that follow each other.

    Notes
    -----
    A printed mean stands for a range of yearly counts: 15 a month is 174 to 186 a year. The ratio is that of
    the printed means. Its interval is the exact conditional one for two Poisson counts, widest over every
    pair of counts in the two ranges; the p-value and the tipping factor are those of the pair with the least
    change.
    """
    rows = kpi[(kpi["unit"] == "per_month") & kpi["period"].str.contains("/")]
    made = []
    for (indicator, group), part in rows.groupby(["indicator", "group"], sort=False):
        held = {str(row["period"]): row for row in part.to_dict("records")}
        for period in held:
            previous = Period.parse(period).previous().label
            if previous in held:
                pair = _compare(held[previous], held[period], confidence)
                made.append(
                    {
                        "indicator": indicator,
                        "group": group,
                        "before_period": previous,
                        "after_period": period,
                        **pair,
                    }
                )
    return pd.DataFrame(made)


def concerns(kpi: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Set safeguarding enquiries against the concerns raised, year by year.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`; the counts safeguarding_concerns and safeguarding_enquiries_completed of
        financial years are used.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    DataFrame
        group, before_period, after_period, concerns_before, concerns_after, enquiries_before,
        enquiries_after, per_100_before, per_100_after (enquiries for each 100 concerns), ratio, lower,
        upper, p_value of the two rates, tipping_factor. One row for each group and pair of years with all
        four counts and a concern in each year.

    Notes
    -----
    An enquiry completed in one year may follow a concern of the year before, so this is a rate, not a share.
    """
    counts = kpi[(kpi["unit"] == "count") & kpi["period"].str.contains("/")]
    wide = counts[
        counts["indicator"].isin(["safeguarding_concerns", "safeguarding_enquiries_completed"])
    ].pivot_table(index=["group", "period"], columns="indicator", values="value", aggfunc="first")
    made = []
    if {"safeguarding_concerns", "safeguarding_enquiries_completed"} <= set(wide.columns):
        for group, part in wide.dropna().groupby(level="group"):
            held = {str(row["period"]): row for row in part.reset_index().to_dict("records")}
            for period in held:
                previous = Period.parse(period).previous().label
                if previous in held:
                    pair = _rates(held[previous], held[period], confidence)
                    made.append({"group": group, "before_period": previous, "after_period": period} | pair)
    return pd.DataFrame([row for row in made if "ratio" in row])


def concerns_from_activity(series: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Set safeguarding enquiries against concerns in the last twelve months known and the twelve before.

    Parameters
    ----------
    series : DataFrame
        As `s75lib.workload.series.totals` gives it.
    confidence : float
        Coverage of the interval, in (0, 1).

    Returns
    -------
    DataFrame
        As `concerns`, with one row; empty unless both measures are known for all 24 months.
    """
    parts = [series[series["measure"] == m] for m in ("safeguarding_concerns", "safeguarding_enquiries")]
    if any(part.empty for part in parts):
        return pd.DataFrame()
    last = min(part["month"].iloc[-1] for part in parts)
    counts = [[last_twelve(part, ending=last, back=back) for part in parts] for back in (12, 0)]
    if any(math.isnan(count) for pair in counts for count in pair):
        return pd.DataFrame()
    names = ("safeguarding_concerns", "safeguarding_enquiries_completed")
    before, after = (_Row(zip(names, pair, strict=True)) for pair in counts)
    pair = _rates(before, after, confidence)
    periods = [f"12 months to {last - pd.DateOffset(months=back):%B %Y}" for back in (12, 0)]
    row = {"group": "", "before_period": periods[0], "after_period": periods[1]} | pair
    return pd.DataFrame([row] if pair else [])


def _rates(before: _Row, after: _Row, confidence: float) -> dict[str, float]:
    raised = (before["safeguarding_concerns"], after["safeguarding_concerns"])
    done = (
        int(before["safeguarding_enquiries_completed"]),
        int(after["safeguarding_enquiries_completed"]),
    )
    if not min(raised) > 0:
        return {}
    exposure = {"exposure_before": float(raised[0]), "exposure_after": float(raised[1])}
    found = compare_counts(done[0], done[1], confidence=confidence, **exposure)
    return {
        "concerns_before": raised[0],
        "concerns_after": raised[1],
        "enquiries_before": done[0],
        "enquiries_after": done[1],
        "per_100_before": 100 * done[0] / raised[0],
        "per_100_after": 100 * done[1] / raised[1],
        "ratio": found.ratio,
        "lower": found.lower,
        "upper": found.upper,
        "p_value": found.p_value,
        "tipping_factor": overdispersion_tipping_factor(done[0], done[1], confidence=confidence, **exposure),
    }


def _compare(before: _Row, after: _Row, confidence: float) -> dict[str, float]:
    low_before, high_before = _year_counts(before)
    low_after, high_after = _year_counts(after)
    smallest = compare_counts(high_before, low_after, confidence=confidence)
    largest = compare_counts(low_before, high_after, confidence=confidence)
    nearest = _nearest((low_before, high_before), (low_after, high_after))
    ratio = after["value"] / before["value"] if before["value"] > 0 else math.nan
    least = compare_counts(*nearest, confidence=confidence)
    return {
        "decimals": max(_decimals(before), _decimals(after)),
        "before": before["value"],
        "after": after["value"],
        "before_low": low_before,
        "before_high": high_before,
        "after_low": low_after,
        "after_high": high_after,
        "ratio": ratio,
        "lower": smallest.lower,
        "upper": largest.upper,
        "change_percent": 100 * (ratio - 1),
        "change_lower": smallest.relative_change_lower,
        "change_upper": largest.relative_change_upper,
        "p_value": least.p_value,
        "tipping_factor": overdispersion_tipping_factor(*nearest, confidence=confidence),
    }


def _year_counts(row: _Row) -> tuple[int, int]:
    """Fewest and most events of a year whose mean a month is printed so."""
    half = 0.5 * 10.0 ** -_decimals(row)
    months = row["months_reported"] if row["months_reported"] > 0 else _MONTHS
    low = math.ceil(months * (row["value"] - half) - _CLOSE)
    return max(low, 0), math.floor(months * (row["value"] + half) + _CLOSE)


def _decimals(row: _Row) -> int:
    return 0 if math.isnan(row["decimals"]) else int(row["decimals"])


def _nearest(before: tuple[int, int], after: tuple[int, int]) -> tuple[int, int]:
    """Choose the pair of counts that differs least."""
    if before[0] > after[1]:
        return before[0], after[1]
    if after[0] > before[1]:
        return before[1], after[0]
    shared = max(before[0], after[0])
    return shared, shared
