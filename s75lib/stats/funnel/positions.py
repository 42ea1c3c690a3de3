"""Positions in an order of units, as the set of positions that the data leave open."""

from __future__ import annotations

__all__ = ["positions", "positions_of_ranges"]

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from s75lib.errors import MethodError
from s75lib.stats.comparison import holm
from s75lib.stats.funnel.limits import Kind, check_units
from s75lib.stats.intervals.result import FloatArray, check_confidence


def positions(
    events: ArrayLike,
    bases: ArrayLike,
    *,
    kind: Kind,
    highest_first: bool = True,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Order units by share or rate and say which positions each could have.

    Parameters
    ----------
    events, bases : array-like, shape (k,)
        As for `s75lib.stats.funnel.funnel`.
    kind : {"proportion", "rate"}
    highest_first : bool
        Whether position 1 is the highest share or rate.
    confidence : float
        That all sets hold the true positions, at once, at least; in (0, 1).

    Returns
    -------
    DataFrame
        One row per unit in the order given: ``position`` as printed (equal estimates share the first of
        theirs), ``first`` and ``last``: the positions that the data leave open. NaN without a base.

    Raises
    ------
    MethodError
        If a count, a base or the confidence is out of range.

    Notes
    -----
    All pairs are compared by exact tests, Holm's adjustment keeping the chance of any false one at one less
    the confidence. A unit's first position is one after those surely ahead of it, its last the number of
    units less those surely behind it. These sets are wide, as they must be to hold whatever the truth is:
    positions simulated from each unit's own uncertainty are narrower and can leave the truth out where units
    are alike, which is when positions are disputed most. The order is of true shares in the period, so
    over-dispersion does not come into it.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M. and Wilhelm, D. (2024) Inference for ranks, Review of Economic
    Studies 91, 476-518.
    Al Mohamad, D., Goeman, J. J. and van Zwet, E. W. (2022) Simultaneous confidence intervals for ranks,
    Biometrics 78, 238-247.
    Goldstein, H. and Spiegelhalter, D. J. (1996) League tables and their limitations, Journal of the Royal
    Statistical Society A 159, 385-443.

    Examples
    --------
    >>> positions([48, 50, 20], [80, 70, 80], kind="proportion").astype(int).to_numpy().tolist()
    [[2, 1, 2], [1, 1, 2], [3, 3, 3]]
    """
    counts, sizes = check_units(events, bases, kind)
    check_confidence(confidence)
    held = np.flatnonzero(sizes > 0)
    frame = pd.DataFrame(np.nan, index=range(len(sizes)), columns=["position", "first", "last"])
    if not len(held):
        return frame
    shares = counts[held] / sizes[held] * (1 if highest_first else -1)
    one, other = np.triu_indices(len(held), k=1)
    p_values = _pairs(counts[held], sizes[held], one, other, kind)
    clear = holm(p_values) < 1 - confidence
    ahead = np.zeros((len(held), len(held)), dtype=bool)
    ahead[one, other] = clear & (shares[one] > shares[other])
    ahead[other, one] = clear & (shares[other] > shares[one])
    frame.loc[held] = _set(shares, ahead)
    return frame


def positions_of_ranges(
    values: ArrayLike, lower: ArrayLike, upper: ArrayLike, *, highest_first: bool = True
) -> pd.DataFrame:
    """Order units by figures that are known within a range, such as rounded ones.

    Parameters
    ----------
    values, lower, upper : array-like, shape (k,)
        Figures as printed, and the ends of what they may stand for.
    highest_first : bool
        Whether position 1 is the highest.

    Returns
    -------
    DataFrame
        As `positions` gives it; a unit is ahead of another where their ranges do not touch.

    Raises
    ------
    MethodError
        If a figure lies outside its range.

    Notes
    -----
    The ranges are no intervals of chance: positions are of the printed figures alone.

    Examples
    --------
    >>> positions_of_ranges([5.6, 5.6, 13.4], [5.55] * 2 + [13.35], [5.65] * 2 + [13.45]).astype(
    ...     int).to_numpy().tolist()
    [[2, 2, 3], [2, 2, 3], [1, 1, 1]]
    """
    printed, low, high = (np.asarray(ends, dtype=float) for ends in (values, lower, upper))
    if not ((low <= printed) & (printed <= high)).all():
        raise MethodError("a figure lies outside its range; expected lower <= value <= upper.")
    sign = 1 if highest_first else -1
    ends = (low, high) if highest_first else (-high, -low)
    return pd.DataFrame(
        _set(sign * printed, ends[0][:, None] > ends[1][None, :]),
        columns=["position", "first", "last"],
        dtype="float64",
    )


def _pairs(
    counts: FloatArray, sizes: FloatArray, one: np.ndarray, other: np.ndarray, kind: Kind
) -> FloatArray:
    """Exact two-sided p-value of each pair: twice the smaller tail, given the pair's total."""
    seen, total = counts[one], counts[one] + counts[other]
    law = (
        stats.hypergeom(sizes[one] + sizes[other], total, sizes[one])
        if kind == "proportion"
        else stats.binom(total, sizes[one] / (sizes[one] + sizes[other]))
    )
    return np.asarray(np.minimum(2 * np.minimum(law.cdf(seen), law.sf(seen - 1)), 1.0), dtype=float)


def _set(shares: FloatArray, ahead: np.ndarray) -> FloatArray:
    """Position as printed, first and last possible, from who is surely ahead of whom."""
    printed = 1 + (shares[None, :] > shares[:, None]).sum(axis=1)
    first, last = 1 + ahead.sum(axis=0), len(shares) - ahead.sum(axis=1)
    return np.column_stack([printed, first, last]).astype(float)
