"""Rules that hold across columns."""

from __future__ import annotations

__all__ = ["broken_rules"]

import pandas as pd

_PENNY = 0.011  # a cent of slack and the last bit of a float


def broken_rules(typed: pd.DataFrame, name: str) -> list[tuple[str, pd.Series, str]]:
    """Find where the rules of a dataset are broken.

    Parameters
    ----------
    typed : DataFrame
    name : str
        The dataset.

    Returns
    -------
    list of (str, Series of bool, str)
        For each rule: the column to mend, where it is broken, what it says.

    Examples
    --------
    >>> audits = pd.DataFrame({"cases": [10.0, 10.0], "compliant": [9.0, 11.0]})
    >>> [(column, broken.to_list()) for column, broken, _ in broken_rules(audits, "audits")]
    [('compliant', [False, True])]
    """
    if name == "packages":
        net = typed["weekly_gross"] - typed["health_weekly"].fillna(0) - typed["client_weekly"].fillna(0)
        return [
            (
                "net_weekly",
                (typed["net_weekly"] - net).abs() > _PENNY,
                "net_weekly = weekly_gross − health_weekly − client_weekly, within 0.01",
            ),
            ("end_date", typed["end_date"] < typed["start_date"], "an end_date on or after the start_date"),
        ]
    if name == "kpi":
        percent = typed["unit"] == "percent"
        return [
            ("value", percent & ~typed["value"].fillna(0).between(0, 100), "a percentage from 0 to 100"),
            ("target", percent & ~typed["target"].fillna(0).between(0, 100), "a percentage from 0 to 100"),
            (
                "numerator",
                percent & (typed["numerator"] > typed["denominator"]),
                "a numerator no larger than its denominator",
            ),
            (
                "months_on_target",
                typed["months_on_target"] > typed["months_reported"],
                "no more months on target than months reported",
            ),
        ]
    if name == "audits":
        return [("compliant", typed["compliant"] > typed["cases"], "no more compliant cases than cases")]
    if name == "assumptions":
        ordered = (typed["low"] <= typed["central"]) & (typed["central"] <= typed["high"])
        missing = typed[["low", "central", "high"]].isna().any(axis=1)
        return [("central", ~ordered & ~missing, "low ≤ central ≤ high")]
    if name == "budget":
        month = typed["financial_year"].str.contains("/")
        return [
            ("financial_year", ~month & (typed["financial_year"] != ""), "a financial year such as 2019/20")
        ]
    return []
