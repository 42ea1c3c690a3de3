"""What is said of random draws: their centre, their intervals, and the error of a finite number of them."""

from __future__ import annotations

__all__ = ["TAILS", "median_error", "share_error", "tails"]

import numpy as np
import numpy.typing as npt

TAILS = {"central": 0.5, "lower_80": 0.1, "upper_80": 0.9, "lower_95": 0.025, "upper_95": 0.975}
"""Median, and the ends of the 80% and 95% intervals."""

_BATCHES = 20


def tails(draws: npt.ArrayLike) -> dict[str, npt.NDArray[np.float64]]:
    """Give median and intervals of draws.

    Parameters
    ----------
    draws : array-like, (draws,) or (draws, months)

    Returns
    -------
    dict of str to array, () or (months,)
        By the names in `TAILS`.

    Examples
    --------
    >>> float(tails(range(101))["upper_80"])
    90.0
    """
    ends = np.quantile(np.asarray(draws, dtype=float), list(TAILS.values()), axis=0)
    return dict(zip(TAILS, ends, strict=True))


def median_error(draws: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Estimate how far the median of so many draws is off by chance.

    Parameters
    ----------
    draws : array-like, (draws,) or (draws, series)
        At least 40 draws.

    Returns
    -------
    array, () or (series,)
        Standard error of the median, from those of twenty batches.

    Examples
    --------
    >>> float(median_error([5.0] * 100))
    0.0
    """
    drawn = np.asarray(draws, dtype=float).T
    size, longer = divmod(drawn.shape[-1], _BATCHES)
    first, rest = np.split(drawn, [longer * (size + 1)], axis=-1)
    batches = (part.reshape(*drawn.shape[:-1], -1, size + more) for part, more in ((first, 1), (rest, 0)))
    medians = np.concatenate([np.median(batch, axis=-1) for batch in batches], axis=-1)
    return np.asarray(np.std(medians, axis=-1, ddof=1) / np.sqrt(_BATCHES))


def share_error(share: float, n: int) -> float:
    """Estimate how far a share of so many draws is off by chance.

    Parameters
    ----------
    share : float
        In [0, 1].
    n : int
        Draws.

    Returns
    -------
    float
        Standard error of the share.

    Examples
    --------
    >>> share_error(0.5, 2500)
    0.01
    """
    return float(np.sqrt(share * (1 - share) / n))
