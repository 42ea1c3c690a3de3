"""Benchmarking: which figures of which authorities mean the same, and where the authorities stand in each."""

from __future__ import annotations

__all__ = ["compare_authorities"]

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from s75lib.kpi.comparison import decimal_places
from s75lib.loaders.indicators import Indicator, find
from s75lib.loaders.peers import Peers
from s75lib.loaders.period import Period
from s75lib.shared import shared
from s75lib.stats.comparison import holm
from s75lib.stats.funnel import Funnel, Kind, differences_from_rest, funnel, positions, positions_of_ranges
from s75lib.stats.rounding import attainable

_KEYS = ["authority", "indicator", "group", "unit", "period", "kind", "end", "hidden"]
_LEFT = ["indicator", "label", "group", "reason"]
_FIGURES = ["authority", "name", "value", "numerator", "denominator", "decimals", "hidden"]
SIZE = (
    "a count grows with the size of the service: with what it is counted over it could be compared as a rate"
)
SCALES = {"percent": 100.0, "per_100k": 100_000.0}
WHY_UNTESTED = {
    "clustered": "one person brings many of the events, so no test of independent events applies",
    "percentage_only": "published without the number of people behind it",
    "rate_only": "published as a rate without the counts behind it",
    "no_counts": "the counts behind it are not whole, or more than their base",
}
_LIMITS = ["lower", "upper", "lower_95", "upper_95", "lower_998", "upper_998"]
_POSITION = ["position", "first", "last"]
_JUDGED = [
    *_LIMITS,
    "target",
    "rest",
    "difference",
    "difference_lower",
    "difference_upper",
    "p_value",
    *_POSITION,
    "of",
]


# Which figures mean the same


@dataclass(frozen=True, eq=False)
class _Choice:
    """One indicator of several authorities in one period, and the months within a longer one."""

    indicator: Indicator
    group: str
    unit: str
    period: str
    rows: pd.DataFrame = field(repr=False)
    months: pd.DataFrame = field(repr=False)


def _comparable(peers: Peers) -> tuple[list[_Choice], pd.DataFrame]:
    """Choose one period of each of the authority's indicators; say what is left and why."""
    choices: list[_Choice] = []
    left: list[tuple[str, str, str, str]] = []
    registry, figures = peers.registries[peers.authority], peers.frame[_FIGURES]
    own: dict[Any, list[Any]] = defaultdict(list)
    others: dict[Any, list[Any]] = defaultdict(list)
    for row in peers.frame[_KEYS].itertuples():
        if row.authority == peers.authority:
            own[row.indicator, row.group, row.unit].append(row)
        else:
            others[row.indicator].append(row)
    for (slug, group, unit), held in own.items() if others else ():
        entry = find(slug, registry)
        found = SIZE if unit in ("count", "per_month") else _choose(peers, entry, held, others[slug])
        if isinstance(found, str):
            left.append((slug, entry.label, group, found))
            continue
        period, rows, months = found
        beside = figures.take(rows).reset_index(drop=True)
        choices.append(_Choice(entry, group, unit, period, beside, figures.take(months)))
    return choices, pd.DataFrame(left, columns=_LEFT)


def _choose(
    peers: Peers, entry: Indicator, held: list[Any], others: list[Any]
) -> tuple[str, list[int], list[int]] | str:
    """Choose the period of one indicator, its rows and its months', or say what stands against it."""
    if not others:
        return "no other authority here has it"
    whose = {row.authority for row in others}
    alike = {slug for slug in whose if _same_meaning(entry, find(entry.slug, peers.registries[slug]))}
    others = [row for row in others if row.authority in alike]
    if not others:
        return "others here mean something else by it, or nobody has defined it"
    group, unit = held[0].group.casefold(), held[0].unit
    others = [row for row in others if row.unit == unit and row.group.casefold() == group]
    if not others:
        return "others here have it in another unit or for other groups"
    of_others = {row.period for row in others}
    both = [row for row in held if row.period in of_others]
    if not both:
        return "no other authority here has it for the same period"
    both = [row for row in both if not row.hidden]
    if not both:
        return "too few people are behind it to show it"
    of_others = {row.period for row in others if not row.hidden}
    both = [row for row in both if row.period in of_others]
    if not both:
        return "too few people are behind the others' figures to show them"
    latest = max(both, key=lambda row: (row.kind == peers.period.kind, row.end))
    span = Period.parse(latest.period)
    rows = [row.Index for row in (*held, *others) if row.period == latest.period]
    months = [
        row.Index
        for row in (*held, *others)
        if span.kind != "month" and row.kind == "month" and span.start <= row.end.date() <= span.end
    ]
    return latest.period, rows, months


def _same_meaning(one: Indicator, other: Indicator) -> bool:
    """Whether two authorities define an indicator alike; what nobody has defined is never alike."""
    return one.is_known and other.is_known and _meaning(one) == _meaning(other)


def _meaning(entry: Indicator) -> tuple[object, ...]:
    counted = (entry.numerator, entry.denominator) if entry.numerator or entry.denominator else (entry.name,)
    return (*counted, entry.is_mean_of_months, entry.is_stock, entry.is_clustered)


# Where the authorities stand in one indicator


@dataclass(frozen=True, eq=False)
class Standing:
    """The authorities in one indicator.

    - `frame`: One row per authority, the one whose place is asked for first. ``basis`` is proportions,
      caseload (a year counts as one mean month), rates, clustered, percentage_only, rate_only or no_counts,
      the last four not tested. In the unit of the ``value`` are its own interval (``lower``, ``upper``), the
      ``target`` (the group) and its limits; ``place`` is as in `s75lib.stats.funnel.Funnel`, ``first`` and
      ``last`` are the positions left open among ``of``; ``rest``, ``difference`` and ``p_value`` are of the
      one asked for.
    - `funnel`: Of those with a base, in the order of the frame; None where nothing is tested.
    """

    frame: pd.DataFrame = field(repr=False)
    funnel: Funnel | None = field(repr=False)

    @property
    def own(self) -> dict[Any, Any]:
        """The row of the authority whose place is asked for."""
        return self.frame.iloc[0].to_dict()


def _standing(choice: _Choice) -> Standing:
    rows = choice.rows
    events, bases, by_month = _counts(choice)
    value = rows["value"].to_numpy(dtype=float)
    based = np.isfinite(bases) & (bases > 0) & ~rows["hidden"].to_numpy(dtype=bool)
    held = based & _countable(events, bases, choice.unit)
    highest_first = choice.indicator.polarity != "lower_is_better"
    tested = held[0] and held.sum() >= 2 and not choice.indicator.is_clustered
    basis = _basis(choice, tested=bool(tested), based=bool(based[0] and not held[0]), by_month=by_month)
    made: Funnel | None = None
    if tested:
        kind: Kind = "proportion" if choice.unit == "percent" else "rate"
        made = funnel(events[held], bases[held], kind=kind)
        judged = _judged(made, SCALES[choice.unit], kind, highest_first)
    else:
        held = ~np.isnan(value)
        low, high = _printed(value[held], rows["decimals"].to_numpy(dtype=float)[held])
        order = positions_of_ranges(value[held], low, high, highest_first=highest_first)
        judged = {name: order[name].to_numpy() for name in _POSITION}
    judged["of"] = held.sum()
    frame = rows[["authority", "name", "hidden"]].assign(
        indicator=choice.indicator.slug,
        label=choice.indicator.label,
        group=choice.group,
        period=choice.period,
        unit=choice.unit,
        polarity=choice.indicator.polarity,
        basis=basis,
        value=value,
        own=np.arange(len(rows)) == 0,
        events=events,
        base=bases,
        **{name: _put(held, judged.get(name, math.nan), math.nan) for name in _JUDGED},
        place=_put(held, judged.get("place", ""), ""),
    )
    return Standing(frame, made)


def _put(held: np.ndarray, values: Any, blank: Any) -> np.ndarray:
    """Give the units that are held their values, and all others what stands for none."""
    column = np.full(len(held), blank, dtype=object if isinstance(blank, str) else float)
    column[held] = values
    return column


def _countable(events: np.ndarray, bases: np.ndarray, unit: str) -> np.ndarray:
    """Find the counts that a test can take: whole, and for percentages no more than their whole base."""
    whole: np.ndarray = events == np.round(events)
    if unit == "percent":
        whole &= (bases == np.round(bases)) & (events <= bases)
    return whole


def _basis(choice: _Choice, *, tested: bool, based: bool, by_month: bool) -> str:
    """Say what the comparison rests on; `based`: the authority has counts that no test can take."""
    if choice.indicator.is_clustered:
        return "clustered"
    if tested:
        return "rates" if choice.unit == "per_100k" else "caseload" if by_month else "proportions"
    if based:
        return "no_counts"
    return "percentage_only" if choice.unit == "percent" else "rate_only"


def _judged(made: Funnel, scale: float, kind: Kind, highest_first: bool) -> dict[str, Any]:
    """Put limits, positions and the first one's difference from the rest into the unit of the figures."""
    events, bases = made.frame["events"].to_numpy(), made.frame["base"].to_numpy()
    rest = differences_from_rest(events, bases, kind=kind, between=made.between, units=[0])
    only_first = np.where(np.arange(len(bases)) == 0, 1.0, math.nan)
    return {
        **{name: made.frame[name].to_numpy() * scale for name in _LIMITS},
        "target": made.target * scale,
        "rest": rest["rest"].to_numpy() * scale * only_first,
        "difference": rest["difference"].to_numpy() * scale,
        "difference_lower": rest["lower"].to_numpy() * scale,
        "difference_upper": rest["upper"].to_numpy() * scale,
        "p_value": rest["p_value"].to_numpy(),
        **dict(zip(_POSITION, _positions(events, bases, kind, highest_first).T, strict=True)),
        "place": made.frame["place"].to_numpy(dtype=object),
    }


def _positions(events: np.ndarray, bases: np.ndarray, kind: Kind, highest_first: bool) -> np.ndarray:
    """Positions are the same whoever asks, and take every pair of authorities: worked out once in a run."""
    order = np.lexsort((bases, events))
    counts, sizes = events[order], bases[order]

    def found() -> np.ndarray:
        return positions(counts, sizes, kind=kind, highest_first=highest_first)[_POSITION].to_numpy()

    key = ("positions", kind, highest_first, counts.tolist(), sizes.tolist())
    return shared(key, found)[np.argsort(order)]


def _counts(choice: _Choice) -> tuple[np.ndarray, np.ndarray, bool]:
    """Events and base of each authority, and whether any year stands for one mean month of a caseload."""
    rows = choice.rows
    events = rows["numerator"].to_numpy(dtype=float, copy=True)
    bases = rows["denominator"].to_numpy(dtype=float, copy=True)
    events[np.isnan(bases)], bases[np.isnan(events)] = math.nan, math.nan
    if not (choice.indicator.is_caseload and choice.unit == "percent"):
        return events, bases, False
    months = choice.months.groupby("authority")[["numerator", "denominator"]]
    top, total = months.sum().reindex(rows["authority"]).to_numpy(dtype=float).T
    held = months.count().assign(months=months.size()).reindex(rows["authority"], fill_value=0)
    # A year whose base is no sum of months counted each person once.
    complete = (total > 0) & (held["numerator"] == held["months"]).to_numpy()
    by_month = complete & ~(rows["denominator"].to_numpy(dtype=float) < 0.99 * total)
    bases[by_month] = np.round(total / held["months"].to_numpy())[by_month]
    events[by_month] = np.round(top / total * bases)[by_month]
    return events, bases, bool(by_month.any())


def _printed(values: np.ndarray, decimals: np.ndarray) -> tuple[list[float], list[float]]:
    spans = [
        attainable(value, decimal_places(value, said))
        for value, said in zip(values.round(6).tolist(), decimals.tolist(), strict=True)
    ]
    return [float(span.low) for span in spans], [float(span.high) for span in spans]


# In all indicators


@dataclass(frozen=True, eq=False)
class Comparison:
    """The comparison of one authority with others.

    - `peers`: What was compared.
    - `standings`: One for each indicator and group.
    - `own`: The authority's row of each standing, in the same order, with ``p_holm`` (adjusted for all its
      tests) and ``tests`` (how many there were).
    - `left`: What was not compared: ``indicator``, ``label``, ``group``, ``reason``.
    """

    peers: Peers
    standings: tuple[Standing, ...]
    own: pd.DataFrame = field(repr=False)
    left: pd.DataFrame = field(repr=False)

    @property
    def others(self) -> int:
        """Authorities that any indicator is compared with."""
        names = {name for one in self.standings for name in one.frame["authority"]}
        return len(names - {self.peers.authority})


def compare_authorities(peers: Peers) -> Comparison:
    """Compare an authority with the others of its data folder, in every indicator that another has too.

    Authorities without a base stay in it with their figure and are not judged.

    Parameters
    ----------
    peers : Peers
        As `s75lib.peers` gives it.

    Notes
    -----
    Figures mean the same where they have the same indicator, group, unit and period, and both authorities
    define the indicator alike (what is counted, among whom, and how a year is made of months); since the
    national codes changed their meaning between years, the same year is part of that. The period is the
    latest that another authority has too, of the report's own kind (year or month) where there is one.
    Counts, also those of a mean month, are not compared without what they are counted over.

    Where the authority asked for has no base, or fewer than two have one, positions are those of the printed
    figures, with what their rounding leaves open, and nothing is tested. Position 1 is the better end; the
    highest, where neither end is.

    Examples
    --------
    Two authorities printed the same measure for 2018/19, both without the number of people behind it:

    >>> import s75lib as s75
    >>> found = compare_authorities(s75.peers(s75.load("islington", "2018/19"), s75.kpi.may_show))
    >>> found.own[["indicator", "position", "of", "basis"]].to_numpy().tolist()
    [['cpa_employment', 2.0, 2.0, 'percentage_only']]
    """
    choices, left = _comparable(peers)
    made = tuple(map(_standing, choices))
    if not made:
        return Comparison(peers, made, pd.DataFrame(), left)
    own = pd.DataFrame([one.own for one in made])
    p_values = own["p_value"].to_numpy(dtype=float)
    own = own.assign(p_holm=holm(p_values), tests=int(np.isfinite(p_values).sum()))
    return Comparison(peers, made, own, left)
