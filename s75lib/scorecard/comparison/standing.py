"""Where authorities stand in one indicator: estimates, limits, difference from the rest, positions."""

from __future__ import annotations

__all__ = ["WHY_UNTESTED", "Standing", "standing"]

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from s75lib.kpi.compared import places, stated
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
_OWN_LIMITS = ["lower", "upper", "lower_95", "upper_95", "lower_998", "upper_998"]
_DIFFERENCE = ["rest", "difference", "difference_lower", "difference_upper", "p_value"]


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
    frame = rows[["authority", "name", "hidden", "value"]].assign(
        own=np.arange(len(rows)) == 0, events=events, base=bases
    )
    based = np.isfinite(bases) & (bases > 0) & ~frame["hidden"].to_numpy()
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
        held = frame["value"].notna().to_numpy()
        low, high = _printed(rows[held])
        order = positions_of_ranges(frame["value"][held], low, high, highest_first=highest_first)
        judged = order.assign(place="", of=float(held.sum()))
    for name in [*_OWN_LIMITS, "target", *_DIFFERENCE, "position", "first", "last", "of"]:
        frame[name] = math.nan
        if name in judged:
            frame.loc[held, name] = judged[name].to_numpy()
    frame["place"] = ""
    frame.loc[held, "place"] = judged["place"].to_numpy()
    return Standing(choice.indicator, choice.group, choice.unit, choice.period, basis, made, frame)


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


def _judged(made: Funnel, scale: float, kind: Kind, highest_first: bool, confidence: float) -> pd.DataFrame:
    """Put limits, positions and the first one's difference from the rest into the unit of the figures."""
    events, bases = made.frame["events"].to_numpy(), made.frame["base"].to_numpy()
    rest = differences_from_rest(
        events, bases, kind=kind, between=made.between, confidence=confidence, units=[0]
    )
    first = pd.DataFrame(
        {
            "rest": rest["rest"] * scale,
            "difference": rest["difference"] * scale,
            "difference_lower": rest["lower"] * scale,
            "difference_upper": rest["upper"] * scale,
            "p_value": rest["p_value"],
        }
    ).where(pd.Series(rest.index == 0))
    order = _positions(events, bases, kind, highest_first, confidence)
    limits = made.frame[_OWN_LIMITS] * scale
    return pd.concat([limits, first, order], axis=1).assign(
        target=made.target * scale, place=made.frame["place"], of=float(len(bases))
    )


def _positions(
    events: np.ndarray, bases: np.ndarray, kind: Kind, highest_first: bool, confidence: float
) -> pd.DataFrame:
    """Positions are the same whoever asks, and take every pair of authorities: worked out once in a run."""
    order = np.lexsort((bases, events))
    counts, sizes = events[order], bases[order]
    found = shared(
        ("positions", kind, highest_first, confidence, counts.tolist(), sizes.tolist()),
        lambda: positions(counts, sizes, kind=kind, highest_first=highest_first, confidence=confidence),
    )
    return found.iloc[np.argsort(order)].reset_index(drop=True)


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


def _printed(rows: pd.DataFrame) -> tuple[list[float], list[float]]:
    """Give the ends of what the printed figures may stand for."""
    spans = [
        attainable(value, places(value, stated(decimals)))
        for value, decimals in zip(rows["value"].round(6), rows["decimals"], strict=True)
    ]
    return [float(span.low) for span in spans], [float(span.high) for span in spans]
