"""The funnel of a group of units: each with its estimate, its limits and where it lies."""

from __future__ import annotations

__all__ = ["Dispersion", "Funnel", "funnel"]

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from s75lib.errors import MethodError
from s75lib.stats.funnel.limits import Chances, Kind, Tails, check_units, funnel_limits
from s75lib.stats.funnel.spread import Overdispersion, overdispersion
from s75lib.stats.intervals import byar_bounds, wilson_bounds
from s75lib.stats.intervals.result import FloatArray

Dispersion = Literal["additive", "multiplicative", "none"]

LEVELS = (("998", 0.998), ("95", 0.95))


@dataclass(frozen=True, eq=False)
class Funnel:
    """A group of units about their target.

    Parameters
    ----------
    kind : {"proportion", "rate"}
    target : float
        Share, or events per unit of exposure; NaN where there is none.
    frame : DataFrame
        One row per unit in the order given: ``events``, ``base``, ``estimate``, ``lower`` and ``upper`` (its
        own 95% interval), ``lower_95``, ``upper_95``, ``lower_998``, ``upper_998`` (limits), ``p_value``
        (of a unit that shares the target, two-sided), ``place``: inside, above_95, below_95, above_998,
        below_998, or empty where nothing can be said.
    overdispersion : Overdispersion
        Whether the units vary more than chance allows.
    dispersion : {"additive", "multiplicative", "none"}
        What the limits allow for besides chance.
    tails : {"mirrored", "as_published"}
        As in `funnel_limits`.
    note : str
        What a reader must know besides; empty when there is nothing.
    """

    kind: Kind
    target: float
    frame: pd.DataFrame = field(repr=False)
    overdispersion: Overdispersion
    dispersion: Dispersion
    tails: Tails = "mirrored"
    note: str = ""

    @property
    def between(self) -> float:
        """Variance between units that the limits allow for; 0 without additive over-dispersion."""
        return self.overdispersion.between if self.dispersion == "additive" else 0.0

    @property
    def factor(self) -> float:
        """Variance in multiples of chance's that the limits allow for; 1 without multiplicative."""
        return self.overdispersion.phi if self.dispersion == "multiplicative" else 1.0

    @property
    def method(self) -> str:
        """Name of the limits, as a report prints it."""
        law = "binomial" if self.kind == "proportion" else "Poisson"
        if self.dispersion == "additive":
            law = "beta-binomial" if self.kind == "proportion" else "negative binomial"
        stretched = ", widened by the root of phi" if self.dispersion == "multiplicative" else ""
        return f"exact {law} limits{stretched}"

    def limits(self, bases: ArrayLike, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Give the limits of other sizes, for the lines of a chart.

        Parameters
        ----------
        bases : array-like, shape (m,)
        confidence : float

        Returns
        -------
        lower, upper : ndarray, shape (m,)
            NaN where the funnel has no target.
        """
        if math.isnan(self.target):
            blank = np.full(np.shape(np.atleast_1d(bases)), math.nan)
            return blank, blank.copy()
        return funnel_limits(
            bases,
            self.target,
            kind=self.kind,
            confidence=confidence,
            between=self.between,
            factor=self.factor,
            tails=self.tails,
        )


def funnel(
    events: ArrayLike,
    bases: ArrayLike,
    *,
    kind: Kind,
    target: float | None = None,
    dispersion: Dispersion = "additive",
    winsorised: float = 0.1,
    tails: Tails = "mirrored",
) -> Funnel:
    """Set units about their common target, with the limits that chance leaves them.

    Parameters
    ----------
    events : array-like, shape (k,)
        Events of each unit, whole, >= 0.
    bases : array-like, shape (k,)
        Cases of proportions, exposures of rates; a unit with a base of 0 is kept and not judged.
    kind : {"proportion", "rate"}
    target : float, optional
        Share, or events per unit of exposure, known from elsewhere; by default all events over all bases.
    dispersion : {"additive", "multiplicative", "none"}
        What limits allow for where units are found to vary more than by chance; else they allow for nothing.
    winsorised : float
        As in `overdispersion`.
    tails : {"mirrored", "as_published"}
        As in `funnel_limits`; the unit's place is by the exact test, whatever the line.

    Returns
    -------
    Funnel

    Raises
    ------
    MethodError
        If a count, a base, the target or an option is out of range.

    Notes
    -----
    A unit that makes up much of the group draws the target to itself: `differences_from_rest` sets each
    against the others alone. Over-dispersion is tested first, and limits widen only where it is found; they
    then ask whether a unit differs from the others more than those differ among themselves. One unit without
    a target from elsewhere: no limits, said in `note`.

    References
    ----------
    Spiegelhalter, D. J. (2005) Statistics in Medicine 24, 1185-1202.

    Examples
    --------
    Deaths after open-heart surgery of children under one in three of twelve English centres, 1991 to 1995:

    >>> centres = funnel([41, 24, 58], [143, 323, 581], kind="proportion", target=0.12)
    >>> centres.frame["place"].tolist()
    ['above_998', 'below_95', 'inside']
    """
    counts, sizes = check_units(events, bases, kind)
    if dispersion not in ("additive", "multiplicative", "none"):
        raise MethodError(f"dispersion is {dispersion!r}; expected additive, multiplicative or none.")
    held = sizes > 0
    spread = overdispersion(counts, sizes, kind=kind, target=target, winsorised=winsorised)
    notes = [spread.note]
    centre = target
    if centre is None:
        alone = held.sum() < 2
        centre = math.nan if alone else float(counts.sum() / sizes.sum())
        if alone:
            notes = ["one unit or none: there is nothing to compare with"]
    applied: Dispersion = dispersion if spread.found else "none"
    if not held.all():
        notes.append("units without a base are not judged")
    made = Funnel(
        kind, centre, pd.DataFrame(), spread, applied, tails, "; ".join(note for note in notes if note)
    )
    return Funnel(kind, centre, _frame(made, counts, sizes), spread, applied, tails, made.note)


def _frame(made: Funnel, counts: FloatArray, sizes: FloatArray) -> pd.DataFrame:
    """One row per unit."""
    held = sizes > 0
    safe = np.where(held, sizes, 1.0)
    own = wilson_bounds(counts, safe) if made.kind == "proportion" else byar_bounds(counts)
    scale = 1.0 if made.kind == "proportion" else safe
    blank = np.full(len(sizes), math.nan)
    fewer = more = blank
    limits = {name: (blank, blank) for name, _ in LEVELS}
    if not math.isnan(made.target):
        chances = Chances(sizes, made.target, kind=made.kind, between=made.between, factor=made.factor)
        fewer, more = chances.tails(counts)
        limits = {name: chances.limits(confidence, made.tails) for name, confidence in LEVELS}
    ends = {
        f"{end}_{name}": pair[at]
        for name, pair in limits.items()
        for at, end in enumerate(("lower", "upper"))
    }
    return pd.DataFrame(
        {
            "events": counts,
            "base": sizes,
            "estimate": np.where(held, counts / safe, math.nan),
            "lower": np.where(held, own[0] / scale, math.nan),
            "upper": np.where(held, own[1] / scale, math.nan),
            **ends,
            "p_value": np.minimum(2 * np.fmin(fewer, more), 1.0),
            "place": [_place(*pair) for pair in zip(fewer.tolist(), more.tolist(), strict=True)],
        }
    )


def _place(fewer: float, more: float) -> str:
    """Say where a unit lies by its two tail probabilities."""
    if math.isnan(fewer):
        return ""
    for name, confidence in LEVELS:
        tail = (1 - confidence) / 2
        if fewer < tail:
            return f"below_{name}"
        if more < tail:
            return f"above_{name}"
    return "inside"
