"""Queues and stocks: waiting at a desk, work waiting month by month, cover for uneven demand.

`variance_ratio` is the variance of counts as a multiple of their mean, >= 1; 1 is Poisson.
"""

from __future__ import annotations

__all__ = [
    "Desk",
    "backlog",
    "backlog_distribution",
    "cover_needed",
    "dispersion",
    "exceedance",
    "littles_law",
    "mmc",
    "months_to_clear",
    "servers_needed",
    "stock_and_flow",
]

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from s75lib.errors import MethodError

Array = npt.NDArray[np.float64]

# --- a desk ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Desk:
    """A desk in its steady state, with random arrivals and random service times (M/M/c).

    - `servers`, `arrivals`, `service_time`: People at the desk, arrivals a unit of time, and mean time for
      one arrival in that unit.
    - `utilisation`: Share of the people's time that is used; at 1 or more the queue grows without end.
    - `p_wait`, `mean_wait`: Probability that an arrival has to wait, and mean time before service begins over
      all arrivals; 1 and infinite without a steady state.
    """

    servers: int
    arrivals: float
    service_time: float
    utilisation: float
    p_wait: float
    mean_wait: float

    def p_wait_longer(self, time: float) -> float:
        """Probability that an arrival waits longer than a time in the unit of the service time, >= 0."""
        if self.utilisation >= 1:
            return 1.0
        spare = self.servers - self.arrivals * self.service_time
        return self.p_wait * math.exp(-spare * time / self.service_time)


def erlang_b(servers: int, load: float) -> float:
    """Probability that all people are busy where nobody can queue; 1 without people.

    `load` is in arrivals in a mean service time (erlangs). By the recursion B(n) = load B(n−1) / (n + load
    B(n−1)), which has no factorials to overflow (Cooper 1981, Introduction to Queueing Theory, chapter 3).

    >>> round(erlang_b(10, 4.461), 3)
    0.01
    """
    _check_desk(servers, load)
    blocked = 1.0
    for people in range(1, servers + 1):
        blocked = load * blocked / (people + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Probability that an arrival has to wait at a desk with a queue; 1 when the load reaches the people.

    >>> round(erlang_c(3, 2), 4)
    0.4444
    """
    blocked = erlang_b(servers, load)
    if load >= servers:
        return 1.0
    return servers * blocked / (servers - load * (1 - blocked))


def mmc(arrivals: float, service_time: float, servers: int) -> Desk:
    """Describe a desk with several people, random arrivals and random service times.

    Supposes Poisson arrivals, exponential service times, an endless queue in order of arrival, and a desk
    that has run for long. Service times less scattered than exponential give shorter waits. Source: Gross and
    others (2008) Fundamentals of Queueing Theory, 4th edition, Wiley, 2.3.

    Parameters
    ----------
    arrivals : float
        A unit of time, >= 0.
    service_time : float
        Mean time for one arrival, in that unit, > 0.
    servers : int
        People at the desk, >= 0.

    Examples
    --------
    An eye clinic with three doctors, six patients an hour and twenty minutes each:

    >>> desk = mmc(6, 1 / 3, 3)
    >>> round(desk.p_wait, 4), round(desk.mean_wait * 60, 2)
    (0.4444, 8.89)
    """
    if not service_time > 0 or math.isinf(service_time):
        raise MethodError(
            f"found service_time {service_time}; expected a time above 0 in the unit of arrivals."
        )
    load = arrivals * service_time
    _check_desk(servers, load)
    p_wait = erlang_c(servers, load)
    steady = load < servers
    # Nobody arrives at a desk without people: nobody waits.
    idle = load == 0
    wait = 0.0 if idle else p_wait * service_time / (servers - load) if steady else math.inf
    return Desk(
        servers=servers,
        arrivals=arrivals,
        service_time=service_time,
        utilisation=load / servers if servers else 0.0 if idle else math.inf,
        p_wait=0.0 if idle else p_wait,
        mean_wait=wait,
    )


def servers_needed(arrivals: float, service_time: float, target: float, *, within: float = 0.0) -> int:
    """Find the fewest people at which few enough arrivals wait too long.

    Parameters
    ----------
    target : float
        Largest share of arrivals that may wait longer than `within`, in (0, 1).
    within : float
        Time that may be waited, in the unit of the service time, >= 0.

    Examples
    --------
    >>> servers_needed(6, 1 / 3, 0.2)
    4
    """
    if not 0 < target < 1:
        raise MethodError(f"found target {target}; expected a share between 0 and 1, such as 0.05.")
    people = math.floor(arrivals * service_time) if arrivals else 0
    while mmc(arrivals, service_time, people).p_wait_longer(within) > target and arrivals:
        people += 1
    return people


def littles_law(arrivals: float, present: float) -> float:
    """Mean time that one stays, from arrivals and the mean number present.

    Holds for means over a long time in which as many leave as come; a growing caseload is not in that state.
    Source: Little (1961) Operations Research 9, 383-387.

    Parameters
    ----------
    arrivals, present : float
        A unit of time, > 0; mean number present, >= 0.

    Examples
    --------
    >>> littles_law(arrivals=20, present=360)
    18.0
    """
    if not (arrivals > 0 and present >= 0):
        raise MethodError(
            f"found arrivals {arrivals} and present {present}; expected 0 or more, and some arrivals."
        )
    return present / arrivals


def _check_desk(servers: int, load: float) -> None:
    if servers != int(servers) or servers < 0:
        raise MethodError(f"found servers {servers}; expected a whole number of people, 0 or more.")
    if not load >= 0 or math.isinf(load):
        raise MethodError(f"found a load of {load}; expected a finite number, 0 or more.")


# --- work that waits ---------------------------------------------------------------------------------


def backlog(arrivals: npt.ArrayLike, capacity: npt.ArrayLike, start: npt.ArrayLike = 0.0) -> Array:
    """Follow the work left undone at the end of each month.

    Source: Lindley (1952) Mathematical Proceedings of the Cambridge Philosophical Society 48, 277-289.

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

    Exact recursion over the probabilities: each month's arrivals are added by convolution, the capacity is
    taken away, and what falls below zero gathers at zero. Tails below 1e-12 a month are cut.

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

    Returns
    -------
    array, (levels,)
        Probability of 0, 1, 2 … cases waiting; sums to 1.

    Examples
    --------
    At 100% use a backlog of nought is not the rule after a year:

    >>> round(float(backlog_distribution(20, 20, 12)[0]), 2)
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

    Months; 0 when nothing waits, infinite when capacity does not exceed arrivals.

    Parameters
    ----------
    waiting : float
        Work that waits now, >= 0.
    arrivals, capacity : float
        A month, in the same unit, >= 0.

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


# --- counts that vary more than by chance --------------------------------------------------------------


def exceedance(level: float, mean: float, variance_ratio: float = 1.0) -> float:
    """Probability that a count exceeds a level.

    Negative binomial with size mean / (ratio − 1): a Poisson count whose own mean varies as a gamma. Source:
    Cameron and Trivedi (2013) Regression Analysis of Count Data, 2nd edition, 3.3 (the form NB1).

    Parameters
    ----------
    level : float
        People on shift, or any limit; the part after the decimal point does not matter.
    mean : float
        Expected count, >= 0.
    variance_ratio : float
        Variance as a multiple of the mean, >= 1; 1 is Poisson.

    Examples
    --------
    >>> round(exceedance(3, 1.5), 4), round(exceedance(3, 1.5, 2.0), 4)
    (0.0656, 0.1189)
    """
    _check_law(mean, variance_ratio)
    if mean == 0:
        return 0.0 if level >= 0 else 1.0
    if variance_ratio == 1:
        return float(stats.poisson.sf(math.floor(level), mean))
    return float(stats.nbinom.sf(math.floor(level), mean / (variance_ratio - 1), 1 / variance_ratio))


def cover_needed(mean: float, risk: float, variance_ratio: float = 1.0) -> int:
    """Find the smallest level that a count exceeds no more often than accepted.

    The level, such as people on shift.

    Parameters
    ----------
    risk : float
        Accepted probability of an excess, in (0, 1).

    Examples
    --------
    >>> cover_needed(1.5, 0.05), cover_needed(1.5, 0.05, 2.0)
    (4, 5)
    """
    if not 0 < risk < 1:
        raise MethodError(f"found risk {risk}; expected a probability between 0 and 1, such as 0.05.")
    level = 0
    while exceedance(level, mean, variance_ratio) > risk:
        level += 1
    return level


def dispersion(counts: npt.ArrayLike) -> float:
    """Variance of counts as a multiple of their mean: 1 where they come one by one and independently.

    NaN with fewer than two counts or without any event. Source: Fisher (1950) Biometrics 6, 17-24 (index of
    dispersion).

    Parameters
    ----------
    counts : array-like, (n,)
        Counts about one level, >= 0; NaN is left out. Take steps and trends out first: they pass for scatter.

    Examples
    --------
    >>> dispersion([2, 4, 6])
    1.0
    """
    values = np.asarray(counts, dtype=float)
    values = values[~np.isnan(values)]
    if (values < 0).any():
        raise MethodError(f"found a count of {values.min():g}; expected counts of 0 or more.")
    return float(values.var(ddof=1) / values.mean()) if values.size > 1 and values.any() else math.nan


def _check_law(mean: float, variance_ratio: float) -> None:
    if not mean >= 0 or math.isinf(mean):
        raise MethodError(f"found mean {mean}; expected a finite number, 0 or more.")
    if not variance_ratio >= 1 or math.isinf(variance_ratio):
        raise MethodError(
            f"found variance_ratio {variance_ratio}; expected 1 or more. Counts less scattered than "
            "Poisson are taken as Poisson: pass 1."
        )
