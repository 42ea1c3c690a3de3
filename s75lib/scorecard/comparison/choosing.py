"""Which figures of which authorities mean the same and can stand beside each other."""

from __future__ import annotations

__all__ = ["Choice", "chosen"]

from dataclasses import dataclass, field

import pandas as pd

from s75lib.loaders.indicators import Indicator, find
from s75lib.loaders.peers import Peers

SIZE = (
    "a count grows with the size of the service: with what it is counted over it could be compared as a rate"
)
_REASONS = {
    "alone": "no other authority here has it",
    "meaning": "others here mean something else by it, or nobody has defined it",
    "unit": "others here have it in another unit or for other groups",
    "period": "no other authority here has it for the same period",
    "hidden": "too few people are behind it to show it",
    "others hidden": "too few people are behind the others' figures to show them",
}


@dataclass(frozen=True, eq=False)
class Choice:
    """One indicator of several authorities in one period.

    Parameters
    ----------
    indicator : Indicator
        As the authority whose place is asked for defines it.
    group, unit, period : str
    rows : DataFrame
        One row per authority, the one whose place is asked for first: the columns of `kpi.pairs.history`.
    months : DataFrame
        The rows of the months within the period.
    """

    indicator: Indicator
    group: str
    unit: str
    period: str
    rows: pd.DataFrame = field(repr=False)
    months: pd.DataFrame = field(repr=False)


def chosen(peers: Peers) -> tuple[list[Choice], pd.DataFrame]:
    """Choose what can be compared: one period of each of the authority's indicators.

    Parameters
    ----------
    peers : Peers

    Returns
    -------
    choices : list of Choice
    left : DataFrame
        What is not compared: ``indicator``, ``label``, ``group``, ``reason``; empty where there is nobody to
        compare with.

    Notes
    -----
    Figures mean the same where they have the same indicator, group, unit and period, and both authorities
    define the indicator alike (what is counted, among whom, and how a year is made of months); since the
    national codes changed their meaning between years, the same year is part of that. The period is the
    latest that another authority has too, of the report's own kind (year or month) where there is one.
    Counts, also those of a mean month, are not compared without what they are counted over.
    """
    choices: list[Choice] = []
    left: list[tuple[str, str, str, str]] = []
    if peers.frame["authority"].nunique() < 2:
        return choices, pd.DataFrame(left, columns=["indicator", "label", "group", "reason"])
    registry = peers.registries[peers.authority]
    is_own = peers.frame["authority"] == peers.authority
    own = peers.frame[is_own]
    others = {str(slug): rows for slug, rows in peers.frame[~is_own].groupby("indicator", sort=False)}
    for (slug, group, unit), held in own.groupby(["indicator", "group", "unit"], sort=False):
        entry = find(str(slug), registry)
        reason = SIZE if unit in ("count", "per_month") else ""
        if not reason:
            found = _choose(peers, entry, held, others.get(str(slug), own[:0]))
            if isinstance(found, Choice):
                choices.append(found)
                continue
            reason = _REASONS[found]
        left.append((str(slug), entry.label, str(group), reason))
    return choices, pd.DataFrame(left, columns=["indicator", "label", "group", "reason"])


def _choose(peers: Peers, entry: Indicator, held: pd.DataFrame, others: pd.DataFrame) -> Choice | str:
    """Choose the period of one indicator, or say what stands against it."""
    if others.empty:
        return "alone"
    alike = [
        slug
        for slug in others["authority"].unique()
        if _same_meaning(entry, find(entry.slug, peers.registries[slug]))
    ]
    others = others[others["authority"].isin(alike)]
    if others.empty:
        return "meaning"
    group, unit = str(held["group"].iloc[0]), str(held["unit"].iloc[0])
    others = others[(others["group"].str.casefold() == group.casefold()) & (others["unit"] == unit)]
    if others.empty:
        return "unit"
    both = held[held["period"].isin(others["period"].unique())]
    if both.empty:
        return "period"
    both = both[~both["hidden"]]
    if both.empty:
        return "hidden"
    both = both[both["period"].isin(others.loc[~others["hidden"], "period"].unique())]
    if both.empty:
        return "others hidden"
    kind = "year" if peers.period.is_year else "month"
    picked = both.assign(own_kind=both["kind"] == kind).sort_values(["own_kind", "end"]).iloc[-1]
    period = str(picked["period"])
    together = pd.concat([held, others], ignore_index=True)
    start = picked["end"] - pd.DateOffset(years=1)
    within = (together["kind"] == "month") & (together["end"] > start) & (together["end"] <= picked["end"])
    return Choice(
        indicator=entry,
        group=group,
        unit=unit,
        period=period,
        rows=together[together["period"] == period].reset_index(drop=True),
        months=together[within if picked["kind"] == "year" else [False] * len(together)],
    )


def _same_meaning(one: Indicator, other: Indicator) -> bool:
    """Whether two authorities define an indicator alike; what nobody has defined is never alike."""
    return one.is_known and other.is_known and _meaning(one) == _meaning(other)


def _meaning(entry: Indicator) -> tuple[object, ...]:
    counted = (entry.numerator, entry.denominator) if entry.numerator or entry.denominator else (entry.name,)
    return (*counted, entry.is_mean_of_months, entry.is_stock, entry.is_clustered)
