"""What each lever alone must do to close the gap, and how far outside its past range that lies."""

from __future__ import annotations

__all__ = ["Lever", "levers", "together"]

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.budget.joint_funding import ReviewYield
from s75lib.budget.naming import pounds
from s75lib.next_year.history import Array, History
from s75lib.next_year.model import Model, Projection
from s75lib.present import Column, Headline, Missing, Section, table_of, words

if TYPE_CHECKING:
    from s75lib.next_year.study import Study

_SPELL = 12
"""Months over which a past rate is counted."""


@dataclass(frozen=True)
class Lever:
    """One way to close a gap.

    - `expected`: What next year's requirement takes it to be.
    - `cost`: What one more of it costs next year, £: less than nought for those that save.
    - `low`, `high`: Its past range; NaN where none is known.
    - `limit`: What it can be at the most, or at the least for one that costs.
    - `gap`: What is to be closed, £.
    - `nearest`: What a number of it is told to the nearest of; 0 as it is.
    """

    name: str
    expected: float
    cost: float
    low: float
    high: float
    limit: float
    gap: float
    nearest: float = 0.0

    @property
    def best(self) -> float:
        """The end of its past range that closes more."""
        return self.low if self.cost > 0 else self.high

    @property
    def needed(self) -> float:
        """What would close the gap alone; NaN where nothing that it can be does."""
        return self.expected - self.gap / self.cost if self.closes(self.limit) >= self.gap else np.nan

    @property
    def outside(self) -> float:
        """How far the needed value lies outside the past range; 0 within."""
        return max(self.low - self.needed, self.needed - self.high, 0.0)

    def told(self, value: float) -> float:
        """Give a number of it as it may be told."""
        return float(self.nearest * np.round(value / self.nearest)) if self.nearest else value

    def closes(self, value: float) -> float:
        """Give what a value of it closes of the gap, £."""
        return (self.expected - value) * self.cost


def levers(
    gap: float, made: Model, central: Projection, held: History, review: ReviewYield | None
) -> tuple[Lever, ...]:
    """Work out what each lever alone must do in the next year to close a gap.

    ``placements`` (starters a year), ``uplift`` (mean rise of prices, percent), ``share`` (NHS share of the
    gross cost, percent) and ``reviews`` (reviews a year), as far as the data tell of them. Each effect is
    taken as proportional; a review changes what reviews changed before, from the middle of the year. Past
    ranges: any twelve months, or the share at each snapshot.

    Examples
    --------
    >>> found = levers(1e5, held.model, held.central, held.history, None)
    >>> [lever.name for lever in found]
    ['placements', 'uplift', 'share']
    """
    today, price, came = (part[0, 0].sum(axis=0) for part in (central.today, central.price, central.starters))
    gross, health = central.total[0, 0].sum(axis=0)[:2]
    base, rise = today[0] - today[1], price[0] - price[1]
    found = []

    def add(name: str, expected: float, cost: float, past: Array, limit: float) -> None:
        found.append(Lever(name, float(expected), float(cost), *_range(past), limit, gap))

    if made.counts is not None and came[0] - came[1] - came[2] > 0:
        usual = float(made.counts.table["mean"].to_numpy()[made.year == 1].sum())
        past = _rolling(made.flows.counts["started"].sum(axis=1))
        add("placements", usual, (came[0] - came[1] - came[2]) / usual, past, 0.0)
    if len(made.uplifts) and base > 0:
        past = 100 * held.yearly_price_changes()
        add("uplift", 100 * rise / base, base / 100, past, min([0.0, *past]))
    if gross > 0:
        add("share", 100 * health / gross, -gross / 100, held.share(), 100.0)
    if review is not None:
        effect, cases = review.mean * 365 / 7 / 2, int((held.gross[-1] > 0).sum())
        add("reviews", review.a_year, effect, np.array([review.a_year]), 4.0 * cases)
    return tuple(found)


def together(found: tuple[Lever, ...]) -> tuple[float, dict[str, float]]:
    """Say how many times as far as ever before levers must go to close the gap together, and to what.

    Each goes by the same part of the way to the best of its past, as far as it can; those that were never
    better than the requirement takes them to be stay.

    Parameters
    ----------
    found : tuple of Lever
        What `levers` gives.

    Returns
    -------
    float
        Times the way to the best of the past; NaN where all at their limits do not close the gap.
    dict
        What each that moves comes to.

    Examples
    --------
    >>> placements = Lever("placements", 116.0, 10.0, 99.0, 124.0, 0.0, gap=600.0)
    >>> share = Lever("share", 18.0, -10.0, 16.0, 21.0, 100.0, gap=600.0)
    >>> times, values = together((placements, share))
    >>> round(times, 3), values
    (3.0, {'placements': 65.0, 'share': 27.0})
    """
    able = [one for one in found if one.closes(one.best) > 0]
    best = np.array([one.closes(one.best) for one in able])
    most = np.array([one.closes(one.limit) for one in able])
    stretch = np.sort(np.append(most / best, 0.0))
    closed = np.minimum(stretch[:, None] * best, most).sum(axis=1)
    gap = found[0].gap if found else np.inf
    times = float(np.interp(gap, closed, stretch)) if gap <= closed[-1] else np.nan
    parts = np.minimum(times * best, most)
    return times, {
        one.name: float(one.expected - part / one.cost) for one, part in zip(able, parts, strict=True)
    }


def shown_levers(found: tuple[Lever, ...], fewest: int) -> tuple[Lever, ...]:
    """Give the levers as they may be shown: starters to the nearest 5, and none where they are few."""
    # As with starters of all months held: exact counts of two editions would tell who came in between.
    if fewest < 2:
        return found
    shown = []
    for one in found:
        if one.name != "placements":
            shown.append(one)
        elif not any(0 < count < fewest for count in (one.expected, one.low, one.high)):
            shown.append(replace(one, nearest=5.0))
    return tuple(shown)


def _rolling(counts: Array) -> Array:
    """Add up each run of twelve months; of fewer, what they come to in twelve."""
    if len(counts) < _SPELL:
        return np.array([counts.mean() * _SPELL]) if len(counts) else np.zeros(0)
    return np.convolve(counts, np.ones(_SPELL), mode="valid")


def _range(past: Array) -> tuple[float, float]:
    past = past[np.isfinite(past)]
    return (float(past.min()), float(past.max())) if past.size else (np.nan, np.nan)


_NAMES = {
    "placements": ("Fewer placements", "starters a year"),
    "uplift": ("Lower price rises", "percent"),
    "share": ("Higher NHS share", "percent of gross"),
    "reviews": ("More reviews of the dearest tenth", "reviews a year"),
}
_SAID = {
    "placements": ("{:.0f} starters", "{:.0f}"),
    "uplift": ("price rises of {:.1f}%", "{:.1f}%"),
    "share": ("an NHS share of {:.1f}%", "{:.1f}%"),
    "reviews": ("{:.0f} reviews of the dearest tenth", "{:.0f}"),
}
"""What is said of a lever, and of the value that it is taken to have."""
_TABLE = table_of(
    "next_year_levers",
    Column("lever", "Lever"),
    Column("unit", "Unit"),
    Column("expected", "In the requirement", "number", 1),
    Column("past", "Past range"),
    Column("closes", "Best of it closes", "money", unit="£"),
    Column("needed", "Needed alone", "number", 1),
    Column("outside", "Outside the range by", "number", 1),
    Column("said", "Verdict"),
    Column("joint", "Needed together", "number", 1),
    notes=(
        "What each must be next year to close the gap: alone, and together with each going as far beyond the "
        "best of its past. Ranges: any twelve months held, or each snapshot. Effects are proportional and "
        "added up.",
        "With fewer placements fewer people get care; duties under the Care Act stand.",
    ),
)


def _verdict(one: Lever) -> str:
    if np.isfinite(one.needed):
        where = "within its" if one.outside == 0 else "outside its" if one.outside > 0 else "of no known"
        return f"{where} past range"
    most = one.closes(one.limit)
    return f"can't close the gap alone{f': at {one.limit:.0f} it closes {pounds(most)}' if most > 0 else ''}"


def _past(one: Lever) -> str:
    known = np.isfinite(one.low)
    return words.interval(one.told(one.low), one.told(one.high)) if known else "not known"


def headlines(study: Study) -> Iterator[Headline]:
    """Say which levers could close the gap alone, or how far all must go together."""
    if not study.levers or study.gap is None:
        return
    gap = f"the gap of {pounds(study.gap)}"
    able = {one.name: one.needed for one in study.levers if np.isfinite(one.needed)}
    alone = {one.name: one.needed for one in study.levers if one.name in able and one.outside == 0}
    times, joint = together(study.levers)
    jointly = not alone and np.isfinite(times) and len(joint) > 1
    values = alone or (joint if jointly else able)
    what = []
    for one in study.levers:
        if one.name in values:
            wanted, usual = _SAID[one.name]
            wanted, usual = wanted.format(one.told(values[one.name])), usual.format(one.told(one.expected))
            what.append(f"{wanted}, not {usual}")
    past = [max(one.closes(one.best), 0.0) for one in study.levers if np.isfinite(one.best)]
    reached = sum(past)
    last = "; and " if jointly else "; or "
    falls_short = reached < study.gap
    does = f"Closing all {pounds(study.gap)}" if falls_short else "It"
    takes = f" {does} would take {last.join(filter(None, ['; '.join(what[:-1]), what[-1]]))}." if what else ""
    text = f"Within {'its past range one lever alone' if alone else 'their past ranges all levers together'}"
    text += f" could close {gap}."
    if falls_short:
        text = f"At their past best, all levers (savings options) together close {pounds(reached)} of {gap}, "
        text += "so closing all of it is not realistic."
    if not past:
        text = f"The past range of no lever is known, so what closes {gap} can't be set against it."
    yield Headline(
        "next_year.levers",
        text + (takes or " They would not do it at their limits either."),
        (reached if falls_short else float(len(values))) if past else None,
        "£" if falls_short else "lever" if len(values) == 1 else "levers",
        see=("next_year_levers",),
        cell=("next_year_levers", "", "closes"),
        stake="money",
        figure=""
        if not falls_short
        else f"{pounds(reached)} of {pounds(study.gap)}"
        if past
        else "Not known",
    )


def section(study: Study) -> Section:
    """Set out what each lever must do, alone and with the others."""
    if study.gap is None:
        return Section.of(
            study.no_ledger if study.bridge is None else Missing("Without a budget there is no gap.")
        )
    if study.gap <= 0:
        return Section.of(Missing("The requirement is within the budget: there is no gap to close."))
    _, values = together(study.levers)
    rows = pd.DataFrame(
        [
            {
                "lever": _NAMES[one.name][0],
                "unit": _NAMES[one.name][1],
                "expected": one.told(one.expected),
                "past": _past(one),
                "closes": max(one.closes(one.best), 0.0) if np.isfinite(one.best) else np.nan,
                "needed": one.told(one.needed),
                "outside": one.told(one.outside) if np.isfinite(one.needed) else np.nan,
                "said": _verdict(one),
                "joint": one.told(values.get(one.name, one.expected)),
            }
            for one in study.levers
        ]
    )
    return Section.of(headlines(study), _TABLE.of(rows, f"What closes a gap of {pounds(study.gap)}"))
