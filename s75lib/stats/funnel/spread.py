"""Whether units vary more than chance allows, and by how much: Spiegelhalter's phi and tau squared."""

from __future__ import annotations

__all__ = ["FEWEST_FOR_SPREAD", "Overdispersion", "overdispersion"]

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from s75lib.errors import MethodError
from s75lib.stats.funnel.limits import Kind, check_units
from s75lib.stats.intervals.result import FloatArray

FEWEST_FOR_SPREAD = 5
"""Units below which their spread beyond chance is not estimated."""


@dataclass(frozen=True)
class Overdispersion:
    """How much units vary, against what chance allows.

    Parameters
    ----------
    units : int
        Units that have a base.
    q : float
        Sum of squared z-scores, not winsorised; NaN where it cannot be tested.
    p_value : float
        Of chance alone, from chi-squared with one degree of freedom less than units (none less where the
        target came from elsewhere).
    phi : float
        Mean of the squared winsorised z-scores: variance in multiples of chance's.
    between : float
        Variance of the units' true shares or rates, tau squared, in the squared unit of the target.
    found : bool
        Whether chance alone is rejected at the level and `between` is above 0.
    note : str
        What a reader must know besides; empty when there is nothing.
    """

    units: int
    q: float
    p_value: float
    phi: float
    between: float
    found: bool
    note: str = ""


def overdispersion(
    events: ArrayLike,
    bases: ArrayLike,
    *,
    kind: Kind,
    target: float | None = None,
    winsorised: float = 0.1,
    level: float = 0.05,
) -> Overdispersion:
    """Test whether units vary more than chance allows, and estimate how much.

    Parameters
    ----------
    events, bases : array-like, shape (k,)
        As for `s75lib.stats.funnel.funnel`.
    kind : {"proportion", "rate"}
    target : float, optional
        Share or rate that all would have; by default all events over all bases.
    winsorised : float
        Share of z-scores at either end that are drawn in to the next ones, in [0, 0.5).
    level : float
        Of the test, in (0, 1).

    Returns
    -------
    Overdispersion

    Raises
    ------
    MethodError
        If a count, a base or a share is out of range.

    Notes
    -----
    z-scores are (estimate less target) over chance's standard error at the target. The test uses all of them
    as they are; phi and tau squared use the winsorised ones, so that a few outlying units do not widen the
    limits that should show them. In a group of ten or fewer at least one unit at either end is drawn in to
    the next, or a single one would hide itself. Winsorising also draws in units that chance alone would put
    there: phi is about 0.68 where nothing is over-dispersed, and the limits widen somewhat less than the
    spread. Tau squared is DerSimonian and Laird's moment estimate with that phi. Fewer than 5 units, or no
    events, or nothing but events: not estimated, said in `note`.

    References
    ----------
    Spiegelhalter, D. J. (2005) Statistics in Medicine 24, 1185-1202, appendix A.3.
    Spiegelhalter, D. J. (2005) Handling over-dispersion of performance indicators, Quality and Safety in
    Health Care 14, 347-351.
    DerSimonian, R. and Laird, N. (1986) Controlled Clinical Trials 7, 177-188.

    Examples
    --------
    >>> shares = overdispersion([10, 30, 12, 31, 9, 28], [100] * 6, kind="proportion")
    >>> shares.found, round(shares.phi, 1)
    (True, 5.5)
    >>> overdispersion([10, 12, 11, 9, 10, 8], [100] * 6, kind="proportion").found
    False
    """
    counts, sizes = check_units(events, bases, kind)
    if not 0 <= winsorised < 0.5:
        raise MethodError(f"winsorised is {winsorised}; expected a share of 0 or more and below a half.")
    if not 0 < level < 1:
        raise MethodError(f"level is {level}; expected a share between 0 and 1, such as 0.05.")
    counts, sizes = counts[sizes > 0], sizes[sizes > 0]
    centre = target if target is not None else counts.sum() / sizes.sum() if len(sizes) else math.nan
    units = len(sizes)
    unit_variance = centre * (1 - centre) if kind == "proportion" else centre
    if units < FEWEST_FOR_SPREAD:
        note = f"fewer than {FEWEST_FOR_SPREAD} units: whether they vary more than by chance is not estimated"
        return Overdispersion(units, math.nan, math.nan, math.nan, 0.0, False, note)
    if not unit_variance > 0:
        note = "no events, or nothing but events: nothing varies"
        return Overdispersion(units, math.nan, math.nan, math.nan, 0.0, False, note)
    scores = (counts / sizes - centre) / np.sqrt(unit_variance / sizes)
    q = float((scores**2).sum())
    p_value = float(stats.chi2.sf(q, units - (target is None)))
    drawn_in = _winsorised(scores, winsorised)
    phi = float((drawn_in**2).mean())
    weights = sizes / unit_variance
    spare = weights.sum() - (weights**2).sum() / weights.sum()
    between = max(0.0, float((units * phi - (units - 1)) / spare))
    return Overdispersion(units, q, p_value, phi, between, p_value < level and between > 0)


def _winsorised(scores: FloatArray, share: float) -> FloatArray:
    """Draw both ends in to the quantiles of the share, at least one unit at either end."""
    least = max(share, 1 / (len(scores) - 1)) if share else 0.0
    low, high = np.quantile(scores, [least, 1 - least])
    return np.clip(scores, low, high)
