"""Work that waits when a month brings more than can be done, and stocks that fill and drain."""

from __future__ import annotations

__all__ = ["backlog", "backlog_distribution", "months_to_clear", "stock_and_flow"]

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from s75lib.errors import MethodError

Array = npt.NDArray[np.float64]


def backlog(arrivals: npt.ArrayLike, capacity: npt.ArrayLike, start: npt.ArrayLike = 0.0) -> Array:
    """Follow the work left undone at the end of each month.

    Parameters
    ----------
    arrivals : array-like, (..., months)
        Work that comes in, in any unit, >= 0; leading dimensions are sample paths.
    capacity : array-like, (months,) or a shape that broadcasts
        Work that can be done in each month, in that unit, >= 0.
    start : array-like, scalar or (...)
        Work that waits at the start, >= 0.

    Returns
    -------
    array, (..., months)
        Waiting at each month's end: max(before + arrivals − capacity, 0). Capacity not used is lost.

    Raises
    ------
    MethodError
        If a value is negative or missing.

    References
    ----------
    Lindley, D. V. (1952) Mathematical Proceedings of the Cambridge Philosophical Society 48, 277-289.

    Examples
    --------
    >>> backlog([10, 14, 8], 10).tolist()
    [0.0, 4.0, 2.0]
    """
    came, done = np.broadcast_arrays(np.asarray(arrivals, dtype=float), np.asarray(capacity, dtype=float))
    waiting = np.broadcast_to(np.asarray(start, dtype=float), came.shape[:-1]).copy()
    for name, values in (("arrivals", came), ("capacity", done), ("start", waiting)):
        if not (values >= 0).all():
            raise MethodError(f"found a negative or missing value in {name}; expected numbers of 0 or more.")
    left = np.empty(came.shape)
    for month in range(came.shape[-1]):
        waiting = np.maximum(waiting + came[..., month] - done[..., month], 0.0)
        left[..., month] = waiting
    return left


def backlog_distribution(
    mean: float, capacity: int, months: int, *, start: int = 0, variance_ratio: float = 1.0
) -> Array:
    """Find the whole distribution of the backlog after some months of uneven arrivals.

    Parameters
    ----------
    mean : float
        Expected arrivals a month, > 0.
    capacity : int
        Cases that can be done in a month, >= 0.
    months : int
        Months from now, >= 1.
    start : int
        Cases that wait now, >= 0.
    variance_ratio : float
        Variance of a month's arrivals as a multiple of their mean, >= 1; 1 is Poisson.

    Returns
    -------
    array, (levels,)
        Probability of 0, 1, 2 … cases waiting; sums to 1.

    Raises
    ------
    MethodError
        If an argument is out of range.

    Notes
    -----
    Exact recursion over the probabilities: each month's arrivals are added by convolution, the capacity is
    taken away, and what falls below zero gathers at zero. Tails below 1e-12 a month are cut.

    Examples
    --------
    At 100% use a backlog of nought is not the rule after a year:

    >>> waiting = backlog_distribution(20, 20, 12)
    >>> round(float(waiting[0]), 2)
    0.19
    """
    whole = capacity == int(capacity) and capacity >= 0 and start >= 0 and months >= 1
    if not (mean > 0 and whole and variance_ratio >= 1):
        raise MethodError(
            f"found mean {mean}, capacity {capacity}, months {months}, start {start}, variance_ratio "
            f"{variance_ratio}; expected a mean above 0, whole cases of capacity, at least one month, "
            "a start of 0 or more and a ratio of 1 or more."
        )
    law = (
        stats.poisson(mean)
        if variance_ratio == 1
        else stats.nbinom(mean / (variance_ratio - 1), 1 / variance_ratio)
    )
    arriving = law.pmf(np.arange(int(law.isf(1e-12)) + 2))
    waiting = np.zeros(start + 1)
    waiting[start] = 1.0
    for _ in range(months):
        total = np.convolve(waiting, arriving)
        waiting = np.concatenate([[total[: capacity + 1].sum()], total[capacity + 1 :]])
    return np.asarray(waiting / waiting.sum())


def months_to_clear(waiting: float, arrivals: float, capacity: float) -> float:
    """Find how long a backlog takes to clear at steady arrivals and capacity.

    Parameters
    ----------
    waiting : float
        Work that waits now, >= 0.
    arrivals, capacity : float
        A month, in the same unit, >= 0.

    Returns
    -------
    float
        Months; 0 when nothing waits, infinite when capacity does not exceed arrivals.

    Raises
    ------
    MethodError
        If a value is negative or missing.

    Examples
    --------
    >>> months_to_clear(30, 20, 25), months_to_clear(30, 20, 20)
    (6.0, inf)
    """
    if not (waiting >= 0 and arrivals >= 0 and capacity >= 0):
        raise MethodError(
            f"found waiting {waiting}, arrivals {arrivals}, capacity {capacity}; expected 0 or more of each."
        )
    if waiting == 0:
        return 0.0
    return waiting / (capacity - arrivals) if capacity > arrivals else math.inf


def stock_and_flow(start: npt.ArrayLike, arrivals: npt.ArrayLike, leaving_share: npt.ArrayLike) -> Array:
    """Follow a stock that gains arrivals and loses a share of itself each month.

    Parameters
    ----------
    start : array-like, scalar or (...)
        Stock now, >= 0.
    arrivals : array-like, (..., months)
        That join in each month, >= 0.
    leaving_share : array-like, scalar or a shape that broadcasts to arrivals
        Share of the stock at a month's start that leaves in it, in [0, 1]; those that join stay that month.

    Returns
    -------
    array, (..., months)
        Stock at each month's end. It settles at arrivals / leaving_share, as Little's law says.

    Raises
    ------
    MethodError
        If a stock or an arrival is negative or a share outside [0, 1].

    Examples
    --------
    >>> stock_and_flow(100, [10, 10], 0.1).tolist()
    [100.0, 100.0]
    """
    joining, share = np.broadcast_arrays(
        np.asarray(arrivals, dtype=float), np.asarray(leaving_share, dtype=float)
    )
    stock = np.broadcast_to(np.asarray(start, dtype=float), joining.shape[:-1]).copy()
    if not ((stock >= 0).all() and (joining >= 0).all() and (share >= 0).all() and (share <= 1).all()):
        raise MethodError("found a stock or arrival below 0, or a share outside 0 to 1; expected neither.")
    held = np.empty(joining.shape)
    for month in range(joining.shape[-1]):
        stock = stock * (1 - share[..., month]) + joining[..., month]
        held[..., month] = stock
    return held
