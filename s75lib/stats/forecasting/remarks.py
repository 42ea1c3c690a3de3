"""What a forecast says of itself: how it was made, and what its reader must know."""

from __future__ import annotations

__all__ = ["how_made", "to_know"]

import numpy as np

from s75lib.stats.forecasting.combination import Combination
from s75lib.stats.forecasting.distribution import Predictive
from s75lib.stats.forecasting.smoothing import FORMS, Array


def how_made(mixed: Combination, law: Predictive, steps: int) -> str:
    """Say how a forecast was made.

    Parameters
    ----------
    mixed : Combination
        The weighed family.
    law : Predictive
        The distribution that came of it.
    steps : int
        Known steps.

    Returns
    -------
    str
    """
    shares = ", ".join(f"{name} {100 * mixed.weights[name]:.0f}%" for name in FORMS)
    parts = [f"combination of smoothing models ({shares})"]
    parts.append(f"a seasonal pattern has weight {100 * mixed.weights['seasonal']:.0f}%")
    if steps:
        parts.append(f"{steps} known {'step' if steps == 1 else 'steps'}")
    if law.is_rare:
        parts.append("negative-binomial intervals")
    else:
        parts.append(f"Student-t intervals on the square root{' of counts' if law.integer else ''}")
    return "; ".join(parts)


def to_know(series: Array, dropped: int) -> str:
    """Say what a reader must know of a series.

    Parameters
    ----------
    series : array, (n,)
        The months used; NaN is a missing one.
    dropped : int
        Earlier months that were not used.

    Returns
    -------
    str
        Empty when there is nothing to say.

    Examples
    --------
    >>> to_know(np.full(9, 4.0), 0)
    'Every value is the same: the interval rests on an assumed spread.'
    """
    present = series[~np.isnan(series)]
    notes = []
    if not present.any():
        notes.append("Every value is nought: the interval rests on the number of months alone.")
    elif present.size > 1 and np.ptp(present) == 0.0:
        notes.append("Every value is the same: the interval rests on an assumed spread.")
    if present.size < 8:
        unit = "value" if present.size == 1 else "values"
        notes.append(
            f"Only {present.size} {unit}: the interval leans on assumptions, and no season can be seen."
        )
    if present.size < series.size:
        notes.append(f"{series.size - present.size} missing months were left out.")
    if dropped:
        notes.append(f"The first {dropped} months were left out.")
    return " ".join(notes)
