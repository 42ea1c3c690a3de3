"""Where authorities stand in one indicator: estimates, limits, difference from the rest, positions."""

from __future__ import annotations

__all__ = ["WHY_UNTESTED", "Standing", "standing"]

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from s75lib.kpi.comparison import decimal_places
from s75lib.loaders.indicators import Indicator
from s75lib.scorecard.comparison.choosing import Choice
from s75lib.shared import shared
from s75lib.stats.funnel import (
    Funnel,
    Kind,
    differences_from_rest,
    funnel,
    positions,
    positions_of_ranges,
)
from s75lib.stats.rounding import attainable

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
    *_LIMITS, "target", "rest", "difference", "difference_lower", "difference_upper", "p_value", *_POSITION,
    "of",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Standing:
    """The authorities in one indicator.

    Parameters
    ----------
    indicator : Indicator
    group, unit, period : str
    basis : str
        proportions, caseload (the same people month by month: a year counts as one mean month), rates,
        clustered, percentage_only, rate_only or no_counts; the last four are not tested.
    funnel : Funnel or None
        Of those with a base, in the order of the frame; None where nothing is tested.
    frame : DataFrame
        One row per authority, the one whose place is asked for first: ``authority``, ``name``, ``own``,
        ``hidden``, ``value`` as published, ``events`` and ``base``; in the unit of the value ``lower`` and
        ``upper`` (its 95% interval), ``target`` (the group), ``lower_95``, ``upper_95``, ``lower_998``,
        ``upper_998`` (limits), ``place`` (as in `s75lib.stats.funnel.Funnel`); ``position``, ``first``,
        ``last``, ``of`` (authorities with a position); for the one asked for also ``rest``, ``difference``
        from it, ``difference_lower``, ``difference_upper`` and ``p_value``.
    """

    indicator: Indicator
    group: str
    unit: str
    period: str
    basis: str
    funnel: Funnel | None = field(repr=False)
    frame: pd.DataFrame = field(repr=False)

    @property
    def own(self) -> pd.Series:
        """The row of the authority whose place is asked for."""
        return self.frame.iloc[0]


def standing(choice: Choice, *, confidence: float = 0.95) -> Standing:
    """Work out where the authorities stand.

    Parameters
    ----------
    choice : Choice
    confidence : float
        Of intervals and positions, in (0, 1).

    Returns
    -------
    Standing

    Notes
    -----
    Authorities without a base stay in the frame with their figure and are not judged. Where the authority
    asked for has none, or fewer than two have one, positions are those of the printed figures, with what
    their rounding leaves open, and nothing is tested. Position 1 is the better end; the highest, where
    neither end is.
    """
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
        judged = _judged(made, SCALES[choice.unit], kind, highest_first, confidence)
    else:
        held = ~np.isnan(value)
        low, high = _printed(value[held], rows["decimals"].to_numpy(dtype=float)[held])
        order = positions_of_ranges(value[held], low, high, highest_first=highest_first)
        judged = {name: order[name].to_numpy() for name in _POSITION}
    judged["of"] = held.sum()
    frame = pd.DataFrame(
        {
            **{name: rows[name] for name in ("authority", "name", "hidden")},
            "value": value,
            "own": np.arange(len(rows)) == 0,
            "events": events,
            "base": bases,
            **{name: _put(held, judged.get(name, math.nan), math.nan) for name in _JUDGED},
            "place": _put(held, judged.get("place", ""), ""),
        }
    )
    return Standing(choice.indicator, choice.group, choice.unit, choice.period, basis, made, frame)


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


def _basis(choice: Choice, *, tested: bool, based: bool, by_month: bool) -> str:
    """Say what the comparison rests on; `based`: the authority has counts that no test can take."""
    if choice.indicator.is_clustered:
        return "clustered"
    if tested:
        return "rates" if choice.unit == "per_100k" else "caseload" if by_month else "proportions"
    if based:
        return "no_counts"
    return "percentage_only" if choice.unit == "percent" else "rate_only"


def _judged(made: Funnel, scale: float, kind: Kind, highest_first: bool, confidence: float) -> dict[str, Any]:
    """Put limits, positions and the first one's difference from the rest into the unit of the figures."""
    events, bases = made.frame["events"].to_numpy(), made.frame["base"].to_numpy()
    rest = differences_from_rest(
        events, bases, kind=kind, between=made.between, confidence=confidence, units=[0]
    )
    only_first = np.where(np.arange(len(bases)) == 0, 1.0, math.nan)
    return {
        **{name: made.frame[name].to_numpy() * scale for name in _LIMITS},
        "target": made.target * scale,
        "rest": rest["rest"].to_numpy() * scale * only_first,
        "difference": rest["difference"].to_numpy() * scale,
        "difference_lower": rest["lower"].to_numpy() * scale,
        "difference_upper": rest["upper"].to_numpy() * scale,
        "p_value": rest["p_value"].to_numpy(),
        **dict(zip(_POSITION, _positions(events, bases, kind, highest_first, confidence).T, strict=True)),
        "place": made.frame["place"].to_numpy(dtype=object),
    }


def _positions(
    events: np.ndarray, bases: np.ndarray, kind: Kind, highest_first: bool, confidence: float
) -> np.ndarray:
    """Positions are the same whoever asks, and take every pair of authorities: worked out once in a run."""
    order = np.lexsort((bases, events))
    counts, sizes = events[order], bases[order]

    def found() -> np.ndarray:
        made = positions(counts, sizes, kind=kind, highest_first=highest_first, confidence=confidence)
        return made[_POSITION].to_numpy()

    key = ("positions", kind, highest_first, confidence, counts.tolist(), sizes.tolist())
    return shared(key, found)[np.argsort(order)]


def _counts(choice: Choice) -> tuple[np.ndarray, np.ndarray, bool]:
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
    """Give the ends of what the printed figures may stand for."""
    spans = [
        attainable(value, decimal_places(value, said))
        for value, said in zip(values.round(6).tolist(), decimals.tolist(), strict=True)
    ]
    return [float(span.low) for span in spans], [float(span.high) for span in spans]
