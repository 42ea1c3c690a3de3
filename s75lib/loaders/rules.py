"""What must hold across the columns of a dataset, and where it doesn't."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

_HUNDREDTH = 0.0101  # of a percentage, and the last bit of a float
_PENNY = 0.011  # a cent of slack and the last bit of a float
_UNIT = ("month", "service_group", "team", "measure")
N = TypeVar("N", float, pd.Series)


def broken_rules(typed: pd.DataFrame, name: str) -> list[tuple[str, pd.Series, str]]:
    """Give for each rule across a dataset's columns: the column to mend, where it is broken, what it says.

    >>> audits = pd.DataFrame({"cases": [10.0, 10.0], "compliant": [9.0, 11.0]})
    >>> [(column, broken.to_list()) for column, broken, _ in broken_rules(audits, "audits")]
    [('compliant', [False, True])]
    """
    match name:
        case "packages":
            net = typed["weekly_gross"] - typed["health_weekly"].fillna(0) - typed["client_weekly"].fillna(0)
            off = (typed["net_weekly"] - net).abs() > _PENNY
            backwards = typed["end_date"] < typed["start_date"]
            return [
                ("net_weekly", off, "net_weekly = weekly_gross − health_weekly − client_weekly, within 0.01"),
                ("end_date", backwards, "an end_date on or after the start_date"),
            ]
        case "kpi":
            percent = typed["unit"] == "percent"
            months = typed["months_on_target"] > typed["months_reported"]
            return [
                ("value", percent & (typed["value"] < 0), "a percentage of 0 or more"),
                ("target", percent & (typed["target"] < 0), "a percentage of 0 or more"),
                ("months_on_target", months, "no more months on target than months reported"),
            ]
        case "audits":
            return [("compliant", typed["compliant"] > typed["cases"], "no more compliant cases than cases")]
        case "activity":
            return _broken_reasons(typed)
        case "assumptions":
            return [("central", ~_in_order(typed), "low ≤ central ≤ high")]
        case "contributions":
            paid, since = typed["paid_to_date"] > 0, typed["as_at"]
            first, day = _year_start(typed), "the day of the statement by which it was paid"
            return [
                ("financial_year", first.isna(), "a financial year such as 2026/27"),
                ("as_at", paid & since.isna(), day),
                ("as_at", paid & (since < first), f"{day}, in its financial_year or later"),
            ]
        case "known_changes":
            left = typed["weekly_gross"] * (1 - typed["health_percent"].fillna(0) / 100)
            more = (typed["weekly_gross"] > 0) & (typed["client_weekly"] > left + _PENNY)
            return [("client_weekly", more, "no more than the NHS leaves of weekly_gross")]
        case "uplifts":
            first = _year_start(typed)
            since = typed["effective_from"]
            outside = (since < first) | (since >= first + pd.DateOffset(years=1))
            rises = (typed["wage_rise"], typed["staff_share"], typed["other_inflation"].fillna(0))
            formula = pay_weighted(*rises)
            off = (typed["basis"] == "pay_weighted") & ~((typed["central"] - formula).abs() <= _HUNDREDTH)
            return [
                ("financial_year", first.isna(), "a financial year such as 2026/27"),
                ("effective_from", outside, "a day in its financial_year"),
                ("central", ~_in_order(typed), "low ≤ central ≤ high"),
                ("central", off, "wage_rise × staff_share + other_inflation × the rest, within 0.01"),
            ]
        case "savings":
            more = (typed["delivered"] > typed["planned"]) & (typed["evidence"] == "")
            return [("delivered", more, "no more than was planned, or the evidence for it in evidence")]
        case "funding_rules":
            shares = (typed["health_percent"] + typed["council_percent"] - 100).abs() <= _HUNDREDTH
            part = (typed["basis"] == "all_health") & (typed["health_percent"] < 100)
            hours = (typed["basis"] == "hours") & typed["health_hours"].isna()
            backwards = typed["effective_to"] < typed["effective_from"]
            return [
                ("council_percent", (typed["basis"] == "percent") & ~shares, "two shares that add up to 100"),
                ("health_percent", part, "100, or a blank, where the NHS pays all"),
                ("health_hours", hours, "hours a week, for a rule by hours"),
                ("effective_to", backwards, "an effective_to on or after the effective_from"),
                ("rule", _second_rules(typed), "one rule for one package: of a funding type at a time"),
            ]
        case "budget":
            no_year = ~typed["financial_year"].str.fullmatch(r"\d{4}/\d\d|")
            return [("financial_year", no_year, "a financial year such as 2019/20")]
    return []


def sums_of_reasons(activity: pd.DataFrame) -> pd.Series:
    """Give for each count of all reasons what the rows by reason beside it add up to."""
    split = _split_by_reason(activity)
    if not split.any():
        return pd.Series(np.nan, index=activity.index)
    parts = activity["count"].where(split).groupby([activity[name] for name in _UNIT], dropna=False)
    return parts.transform("sum", min_count=1).where(~split)


def _split_by_reason(activity: pd.DataFrame) -> pd.Series:
    every = activity["reason"].str.fullmatch(r"|(grand |sub-?)?totals?|all( reasons)?", case=False)
    return ~every.astype("bool") | (activity["attributed_to"] != "")


def pay_weighted(wage_rise: N, staff_share: N, other_inflation: N) -> N:
    """Weigh a rise of pay and one of other costs, in percent, by their parts of a price.

    Source: Fee setting of North Northamptonshire Council for 2025/26: a minimum wage that rises from £11.44
    to £12.21 at a staff share of 73.7% is 4.96% of the price.

    >>> round(pay_weighted(100 * (12.21 / 11.44 - 1), 73.7, 0.0), 2)
    4.96
    """
    share = staff_share / 100
    return wage_rise * share + other_inflation * (1 - share)


def _broken_reasons(typed: pd.DataFrame) -> list[tuple[str, pd.Series, str]]:
    """Check that counts by reason are split in one way, and add up to the count of all beside them."""
    sums, split = sums_of_reasons(typed), _split_by_reason(typed)
    way = ((typed["reason"] != "") + 2 * (typed["attributed_to"] != ""))[split]
    ways = way.groupby([typed.loc[split, name] for name in _UNIT], dropna=False).transform("nunique")
    off = sums.notna() & (typed["count"] != sums)
    return [
        ("count", off, "the sum of the rows by reason beside it, or no row without a reason"),
        ("reason", (ways > 1).reindex(typed.index, fill_value=False), "one way to split a month's count"),
    ]


def _year_start(typed: pd.DataFrame) -> pd.Series:
    """Give the first day of each row's financial year; missing where it names no such year."""
    years = typed["financial_year"]
    return pd.to_datetime(years.str[:4].where(years.str.contains(r"/\d\d$")) + "-04-01")


def _in_order(typed: pd.DataFrame) -> pd.Series:
    """Say where low, central and high stand in this order, or one of them is missing."""
    ordered = (typed["low"] <= typed["central"]) & (typed["central"] <= typed["high"])
    return ordered | typed[["low", "central", "high"]].isna().any(axis=1)


def _second_rules(typed: pd.DataFrame) -> pd.Series:
    """Say which rules begin while another of the same name, or type and service group, is in force."""
    named = typed["funding_type"] + " × " + typed["service_group"]
    typed = typed.assign(rule=typed["rule"].str.casefold())
    twice, alike = pd.Series(False, index=typed.index), typed.duplicated(["rule", "effective_from"])
    for what in (named.where(typed["funding_type"] != ""), typed["rule"]):
        order = typed.assign(since=typed["effective_from"].fillna(pd.Timestamp("1900-01-01")), what=what)
        order = order.sort_values("since", kind="stable")
        before = order.groupby("what")["effective_to"]
        again = order.groupby("what").cumcount() > 0
        open_end = before.shift().isna() | (before.shift() >= order["since"])
        twice |= (again & open_end).reindex(typed.index)
    return twice & ~alike  # the same rule from the same day is told as a duplicate
