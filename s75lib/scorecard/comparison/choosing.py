"""Which figures of which authorities mean the same and can stand beside each other."""

from __future__ import annotations

__all__ = ["Choice", "chosen"]

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from s75lib.loaders.indicators import Indicator, find
from s75lib.loaders.peers import Peers

_KEYS = ("authority", "indicator", "group", "unit", "period", "kind", "hidden")
_FIGURES = ["authority", "name", "value", "numerator", "denominator", "decimals", "hidden"]
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
        One row per authority, the one whose place is asked for first: ``authority``, ``name``, ``value``,
        ``numerator``, ``denominator``, ``decimals`` and ``hidden``.
    months : DataFrame
        The rows of the months within the period, where it is a year.
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
    keys = {name: peers.frame[name].tolist() for name in _KEYS}
    figures = peers.frame[_FIGURES]
    own: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    others: dict[str, list[int]] = defaultdict(list)
    for at, (who, *key) in enumerate(zip(*(keys[name] for name in _KEYS[:4]), strict=True)):
        if who == peers.authority:
            own[key[0], key[1], key[2]].append(at)
        else:
            others[key[0]].append(at)
    for (slug, group, unit), held in own.items():
        entry = find(slug, registry)
        found = SIZE if unit in ("count", "per_month") else _choose(peers, entry, keys, held, others[slug])
        if isinstance(found, str):
            left.append((slug, entry.label, group, found))
            continue
        period, rows, months = found
        beside = figures.take(rows).reset_index(drop=True)
        choices.append(Choice(entry, group, unit, period, beside, figures.take(months)))
    return choices, pd.DataFrame(left, columns=["indicator", "label", "group", "reason"])


def _choose(
    peers: Peers, entry: Indicator, keys: Mapping[str, list[Any]], held: list[int], others: list[int]
) -> tuple[str, list[int], list[int]] | str:
    """Choose the period of one indicator, its rows and its months', or say what stands against it.

    `held` and `others` are the rows of the authority and of all others.
    """
    if not others:
        return _REASONS["alone"]
    whose, groups, units, periods, kinds, hidden = (
        keys[name] for name in ("authority", "group", "unit", "period", "kind", "hidden")
    )
    alike = {
        slug
        for slug in {whose[at] for at in others}
        if _same_meaning(entry, find(entry.slug, peers.registries[slug]))
    }
    others = [at for at in others if whose[at] in alike]
    if not others:
        return _REASONS["meaning"]
    group, unit = groups[held[0]].casefold(), units[held[0]]
    others = [at for at in others if units[at] == unit and groups[at].casefold() == group]
    if not others:
        return _REASONS["unit"]
    of_others = {periods[at] for at in others}
    both = [at for at in held if periods[at] in of_others]
    if not both:
        return _REASONS["period"]
    both = [at for at in both if not hidden[at]]
    if not both:
        return _REASONS["hidden"]
    of_others = {periods[at] for at in others if not hidden[at]}
    both = [at for at in both if periods[at] in of_others]
    if not both:
        return _REASONS["others hidden"]
    ends = peers.frame["end"].to_numpy()
    kind = "year" if peers.period.is_year else "month"
    picked = max(both, key=lambda at: (kinds[at] == kind, ends[at]))
    together = [*held, *others]
    months: list[int] = []
    if kinds[picked] == "year":
        start = (pd.Timestamp(ends[picked]) - pd.DateOffset(years=1)).to_datetime64()
        inside = (ends > start) & (ends <= ends[picked])
        months = [at for at in together if kinds[at] == "month" and inside[at]]
    return periods[picked], [at for at in together if periods[at] == periods[picked]], months


def _same_meaning(one: Indicator, other: Indicator) -> bool:
    """Whether two authorities define an indicator alike; what nobody has defined is never alike."""
    return one.is_known and other.is_known and _meaning(one) == _meaning(other)


def _meaning(entry: Indicator) -> tuple[object, ...]:
    counted = (entry.numerator, entry.denominator) if entry.numerator or entry.denominator else (entry.name,)
    return (*counted, entry.is_mean_of_months, entry.is_stock, entry.is_clustered)
