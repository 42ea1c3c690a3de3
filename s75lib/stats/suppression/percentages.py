"""Percentages whose small base or small remainder would disclose a count."""

from __future__ import annotations

__all__ = ["small_percentages"]

import numpy as np
import numpy.typing as npt

from s75lib.errors import MethodError


def small_percentages(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, threshold: int = 5
) -> npt.NDArray[np.bool_]:
    """Which percentages would give a small count away and are to be hidden.

    Parameters
    ----------
    numerator, denominator : array_like
        Counts, 0 <= numerator <= denominator, of shapes that broadcast. NaN is not known.
    threshold : int
        Counts of 1 to ``threshold - 1`` are small; at least 2.

    Returns
    -------
    ndarray of bool
        True where the numerator, the remainder (denominator less numerator) or the denominator is small.

    Raises
    ------
    MethodError
        A threshold under 2, a negative count, or a numerator above its denominator.

    Notes
    -----
    0% and 100% of a base of at least the threshold are shown, as zeros are. A base of 0 has no percentage
    and nothing to hide; nor has a count that is not known. Where the numerator or the denominator is
    hidden for another reason (see `suppress`), the percentage must be hidden as well: the base and the
    percentage together give the numerator.

    Examples
    --------
    >>> small_percentages([3, 20, 47, 0, 2], [50, 40, 50, 30, 4])
    array([ True, False,  True, False,  True])
    """
    if threshold < 2:
        raise MethodError(f"threshold is {threshold}; expected at least 2, such as 5.")
    top, base = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    wrong = (top < 0) | (base < 0) | (top > base)
    if wrong.any():
        raise MethodError(
            f"{int(wrong.sum())} pairs are no part of a whole; expected 0 <= numerator <= denominator. "
            "Correct the counts."
        )
    small = [(count >= 1) & (count < threshold) for count in (top, base - top, base)]
    return np.asarray(small[0] | small[1] | small[2])
