"""What the money of other years must agree with: the partners, the budget's years, and the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import pandas as pd

from s75lib.errors import Fault, did_you_mean
from s75lib.loaders.authority import Authority
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.validation import Held

_AHEAD = 3  # years after the latest that a move or a saving may be of


def contribution_faults(held: Mapping[str, Held], who: Authority) -> list[Fault]:
    """Find contributions of nobody who is a partner, where any is named, and statements of days to come.

    >>> contribution_faults({}, Authority(slug="a", folder=".", name="A"))
    []
    """
    if "contributions" not in held:
        return []
    one, names = held["contributions"], who.partner_names
    faults = []
    for name in sorted(set(one.frame["partner"]) - set(names)) if names else ():
        faults += _each(
            one,
            one.frame["partner"] == name,
            "partner",
            f"{name!r}, who is no partner",
            f"one of {', '.join(names)}, as under partners in authority.toml",
            did_you_mean(name, names, "Write the name as there, or add the partner there."),
        )
    return faults + _each(
        one,
        one.frame["as_at"] > pd.Timestamp(date.today()),
        "as_at",
        "a day that is still to come",
        "a statement of today or before: what is paid later is not paid yet",
        "Correct the day, or leave day and payment blank.",
    )


def contribution_warnings(held: Mapping[str, Held]) -> list[Fault]:
    """Warn of contributions for a year without a budget, save the three years after the latest.

    And of more paid than was agreed.

    >>> contribution_warnings({})
    []
    """
    if "contributions" not in held:
        return []
    one = held["contributions"]
    years = set(held["budget"].frame["financial_year"]) if "budget" in held else set()
    without, latest = set(one.frame["financial_year"]) - years, max(years, default="0")
    ahead = f"{int(latest[:4]) + _AHEAD}/99"
    over = _each(
        one,
        one.frame["paid_to_date"] > one.frame["agreed"] + 0.005,
        "paid_to_date",
        "more paid than was agreed",
        "at most what was agreed for the year",
        "Correct whichever is wrong, or add what was agreed later.",
        severity="warning",
    )
    return over + [
        fault
        for year in sorted(year for year in without if not years or not latest < year <= ahead)
        for fault in one.warned(
            one.frame["financial_year"] == year,
            f"contributions for {year}, of which no budget is held",
            f"one of {', '.join(sorted(years)) or 'the years of a budget'}",
            "Add the budget of that year, or correct the year; until then no difference is shared.",
            "financial_year",
        )
    ]


def horizon_faults(held: Mapping[str, Held]) -> dict[str, list[Fault]]:
    """Find known moves and savings that are of no year of the ledger or monitor, nor of the three after it.

    >>> horizon_faults({})
    {}
    """
    days = [held[name].frame[DATASETS[name].dated_by] for name in ("packages", "budget") if name in held]
    days = [one.dropna() for one in days if one.notna().any()]
    if not days:
        return {}
    first, last = min(one.min() for one in days), max(one.max() for one in days)
    begins, ends = pd.Timestamp(first.year - (first.month < 4), 4, 1), last.to_period("Q-MAR").qyear + _AHEAD
    ends = pd.Timestamp(ends, 3, 31)
    found = {
        name: _each(
            held[name],
            ~pd.to_datetime(held[name].frame[column]).between(begins, ends),
            column,
            "a date outside the years held",
            f"one from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}: a year held, or one of the {_AHEAD} after it",
            "Correct the year, or take the row out.",
        )
        for name, column in (("known_changes", "date"), ("savings", "month"))
        if name in held
    }
    if "savings" in held:
        frame = held["savings"].frame
        month = pd.to_datetime(frame["month"])
        found["savings"] += _each(
            held["savings"],
            (frame["delivered"] > 0) & (month > pd.Timestamp(date.today())) & (month <= ends),
            "delivered",
            "a saving delivered in a month that is still to come",
            "a blank until the month has begun",
            "Correct the month, or leave delivered blank.",
        )
    return found


def rule_warnings(held: Mapping[str, Held]) -> Iterator[Fault]:
    """Warn of packages that name a rule of which `funding_rules` knows nothing.

    >>> [*rule_warnings({})]
    []
    """
    if not {"packages", "funding_rules"} <= set(held):
        return
    one, rules = held["packages"], sorted(set(held["funding_rules"].frame["rule"]))
    yield from one.warned(
        ~one.frame["funding_rule"].isin(["", *rules]),
        "a rule that funding_rules does not list",
        f"one of {', '.join(rules)}, or a blank",
        "Write the rule as there, or add it; until then nothing is expected of the NHS for such packages.",
        "funding_rule",
    )


def _each(
    one: Held, wrong: pd.Series, column: str, found: str, expected: str, remedy: str, severity: str = "error"
) -> list[Fault]:
    rows = np.flatnonzero(wrong.to_numpy(dtype=bool))
    return [one.fault(found, expected, remedy, column, at, severity) for at in rows]
