"""What each lever alone must do to close the gap, and how far outside its past range that lies."""

from __future__ import annotations

__all__ = ["Lever", "levers"]

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
from s75lib.present import section as section_of

if TYPE_CHECKING:
    from s75lib.next_year.study import Study

_SPELL = 12
"""Months over which a past rate is counted."""


@dataclass(frozen=True)
class Lever:
    """One way to close the gap, by itself.

    - `expected`: What next year's requirement takes it to be, in `unit`.
    - `needed`: What would close the gap; NaN where nothing would.
    - `low`, `high`: Its past range; NaN where none is known.
    - `possible`: Whether `needed` is a value that it can have at all.
    """

    name: str
    unit: str
    expected: float
    needed: float
    low: float
    high: float
    possible: bool

    @property
    def outside(self) -> float:
        """How far the needed value lies outside the past range, in its unit; 0 within."""
        return max(self.low - self.needed, self.needed - self.high, 0.0)


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
    whole = central.total[0, 0].sum(axis=0)
    found = []
    came = central.starters[0, 0].sum(axis=0)
    cost, counts = came[0] - came[1] - came[2], made.flows.counts["started"].sum(axis=1)
    if made.counts is not None and cost > 0:
        begins = made.year == 1
        usual = float(made.counts.table["mean"].to_numpy()[begins].sum())
        needed = usual * (1 - gap / cost)
        found.append(
            Lever("placements", "starters a year", usual, needed, *_range(_rolling(counts)), needed >= 0)
        )
    if len(made.uplifts):
        today, price = central.today[0, 0].sum(axis=0), central.price[0, 0].sum(axis=0)
        base, rise = today[0] - today[1], price[0] - price[1]
        past = 100 * held.yearly_price_changes()
        needed = 100 * (rise - gap) / base
        found.append(Lever("uplift", "percent", 100 * rise / base, needed, *_range(past), needed >= 0))
    share = 100 * whole[1] / whole[0]
    needed = share + 100 * gap / whole[0]
    found.append(Lever("share", "percent of gross", share, needed, *_range(held.share()), needed <= 100))
    if review is not None:
        effect = -review.mean * 365 / 7 / 2
        needed = review.a_year + gap / effect if effect > 0 else np.nan
        cases = int((held.gross[-1] > 0).sum())
        past = np.array([review.a_year, review.a_year])
        found.append(
            Lever("reviews", "reviews a year", review.a_year, needed, *_range(past), needed <= 4 * cases)
        )
    return tuple(found)


def shown_levers(found: tuple[Lever, ...], fewest: int) -> tuple[Lever, ...]:
    """Give the levers as they may be shown: starters to the nearest 5, and none where they are few.

    As with starters of all months held: exact counts of two editions would tell who came in between.
    """
    if fewest < 2:
        return found
    shown = []
    for one in found:
        counts = np.array([one.expected, one.needed, one.low, one.high])
        if one.name != "placements":
            shown.append(one)
        elif not ((counts > 0) & (counts < fewest))[[0, 2, 3]].any():
            expected, needed, low, high = (5 * np.round(counts / 5)).tolist()
            shown.append(replace(one, expected=expected, needed=needed, low=low, high=high))
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
    "placements": "Fewer placements",
    "uplift": "Lower uplift of prices",
    "share": "Higher NHS share",
    "reviews": "More reviews of the dearest tenth",
}
_TABLE = table_of(
    "next_year_levers",
    Column("name", "Lever, alone"),
    Column("unit", "Unit"),
    Column("expected", "In the requirement", "number", 1),
    Column("needed", "Needed", "number", 1),
    Column("past", "Past range"),
    Column("outside", "Outside it by", "number", 1),
    Column("said", "Verdict"),
    notes=(
        "What each alone must be next year to close the gap. Ranges: any twelve months held, or each "
        "snapshot. With fewer placements fewer people get care; duties under the Care Act stand.",
    ),
)


def _verdict(one: Lever) -> str:
    if not np.isfinite(one.needed) or not one.possible:
        return "can't close the gap alone"
    return "outside its past range" if one.outside > 0 else "within its past range"


def headlines(study: Study) -> Iterator[Headline]:
    """Say which levers could close the gap alone."""
    if not study.levers or study.gap is None:
        return
    able = [one for one in study.levers if _verdict(one) == "within its past range"]
    names = words.join([_NAMES[one.name].lower() for one in able], "or")
    text = (
        f"Within its past range one lever alone could close the gap of {pounds(study.gap)}: {names}."
        if able
        else f"Closing the gap of {pounds(study.gap)} takes more than one lever: none has ever moved "
        "far enough to do it alone. The table says what each would have to do."
    )
    yield Headline(
        "next_year.levers",
        text,
        float(len(able)),
        "levers",
        see=("next_year_levers",),
        stake="money",
        figure="" if able else "More than one",
    )


def section(study: Study) -> Section:
    """Set out what each lever alone must do."""
    if study.gap is None:
        return section_of(
            study.no_ledger if study.bridge is None else Missing("Without a budget there is no gap.")
        )
    if study.gap <= 0:
        return section_of(Missing("The requirement is within the budget: there is no gap to close."))
    rows = pd.DataFrame(
        [
            {
                "name": _NAMES[one.name],
                "unit": one.unit,
                "expected": one.expected,
                "needed": one.needed if one.possible else np.nan,
                "past": words.interval(one.low, one.high) if np.isfinite(one.low) else "not known",
                "outside": one.outside if one.possible else np.nan,
                "said": _verdict(one),
            }
            for one in study.levers
        ]
    )
    return section_of(
        headlines(study), _TABLE.of(rows, f"What closes a gap of {pounds(study.gap)}, each alone")
    )
