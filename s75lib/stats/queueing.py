"""Queues: waiting at a desk, work waiting month by month, cover for uneven demand.

`mean` is an expected count, such as of arrivals a month, and `variance_ratio` the variance of counts as a
multiple of it, >= 1; 1 is Poisson. A desk has so many `arrivals` a unit of time, >= 0, and a `service_time`
in that unit, > 0: the mean for one. `capacity` is the work that can be done in a month, in the unit of what
comes in, >= 0; `months` are counted from now, >= 1; `risk` is an accepted probability and `target` an
accepted share of arrivals that wait longer than `within`, in (0, 1); a `level` is one of people on shift, or
any limit, >= 0: what comes after the decimal point does not matter.
"""

from __future__ import annotations

__all__ = [
    "Desk",
    "backlog",
    "backlog_distribution",
    "cover_needed",
    "dispersion",
    "exceedance",
    "servers_needed",
]

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from s75lib.errors import MethodError

Array = npt.NDArray[np.float64]

# --- a desk ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Desk:
    """A desk in its steady state, with random arrivals and random service times (M/M/c).

    Supposes Poisson arrivals, exponential service times, an endless queue in order of arrival, and a desk
    that has run for long. Service times less scattered than exponential give shorter waits. Source: Gross and
    others (2008) Fundamentals of Queueing Theory, 4th edition, Wiley, 2.3.

    An eye clinic with three doctors (servers), six patients an hour and twenty minutes each:

    >>> round(Desk(6, 1 / 3, 3).mean_wait * 60, 2)
    8.89
    """

    arrivals: float
    service_time: float
    servers: int

    def __post_init__(self) -> None:
        if not 0 < self.service_time < math.inf or not 0 <= self.load < math.inf:
            raise MethodError(
                f"found {self.arrivals} arrivals and a service_time of {self.service_time}; expected a "
                "finite number of 0 or more, and a time above 0 in the unit of arrivals."
            )
        if self.servers != int(self.servers) or self.servers < 0:
            raise MethodError(f"found servers {self.servers}; expected a whole number of people, 0 or more.")

    @property
    def load(self) -> float:
        """Arrivals in a mean service time (erlangs)."""
        return self.arrivals * self.service_time

    @property
    def utilisation(self) -> float:
        """Share of the people's time that is used; at 1 or more the queue grows without end."""
        if self.servers:
            return self.load / self.servers
        return math.inf if self.load else 0.0

    @cached_property
    def p_wait(self) -> float:
        """Probability that an arrival has to wait (Erlang C); 1 without a steady state."""
        if self.load >= self.servers:
            return 1.0 if self.load else 0.0
        blocked = erlang_b(self.servers, self.load)
        return self.servers * blocked / (self.servers - self.load * (1 - blocked))

    @property
    def mean_wait(self) -> float:
        """Mean time before service begins, over all arrivals; infinite without a steady state."""
        if self.utilisation >= 1:
            return math.inf
        return self.p_wait * self.service_time / (self.servers - self.load) if self.load else 0.0

    def p_wait_longer(self, time: float) -> float:
        """Probability that an arrival waits longer than a time in the unit of the service time, >= 0."""
        if self.utilisation >= 1:
            return 1.0
        return self.p_wait * math.exp(-(self.servers - self.load) * time / self.service_time)


def erlang_b(servers: int, load: float) -> float:
    """Probability that all people are busy where nobody can queue; 1 without people.

    By the recursion B(n) = load B(n−1) / (n + load B(n−1)), which has no factorials to overflow (Cooper 1981,
    Introduction to Queueing Theory, chapter 3).

    >>> round(erlang_b(10, 4.461), 3)
    0.01
    """
    blocked = 1.0
    for people in range(1, servers + 1):
        blocked = load * blocked / (people + load * blocked)
    return blocked


def servers_needed(arrivals: float, service_time: float, target: float, *, within: float = 0.0) -> int:
    """Find the fewest people at a `Desk` at which few enough arrivals wait too long.

    Examples
    --------
    >>> servers_needed(6, 1 / 3, 0.2)
    4
    """
    if not 0 < target < 1:
        raise MethodError(f"found target {target}; expected a share between 0 and 1, such as 0.05.")
    people = 0
    while Desk(arrivals, service_time, people).p_wait_longer(within) > target:
        people += 1
    return people


# --- work that waits ---------------------------------------------------------------------------------


def backlog(arrivals: npt.ArrayLike, capacity: npt.ArrayLike) -> Array:
    """Follow the work left undone at the end of each month, from nothing waiting.

    max(before + arrivals − capacity, 0): capacity that is not used is lost. Source: Lindley (1952)
    Mathematical Proceedings of the Cambridge Philosophical Society 48, 277-289.

    Returns
    -------
    array, (..., months)
        Waiting at each month's end; leading dimensions are sample paths, as those of the arrivals.

    Examples
    --------
    >>> backlog([10, 14, 8], 10).tolist()
    [0.0, 4.0, 2.0]
    """
    came, done = np.broadcast_arrays(np.asarray(arrivals, dtype=float), np.asarray(capacity, dtype=float))
    if not ((came >= 0).all() and (done >= 0).all()):
        raise MethodError("found a negative or missing arrival or capacity; expected numbers of 0 or more.")
    left, waiting = np.empty(came.shape), np.zeros(came.shape[:-1])
    for month in range(came.shape[-1]):
        left[..., month] = waiting = np.maximum(waiting + came[..., month] - done[..., month], 0.0)
    return left


def backlog_distribution(mean: float, capacity: int, months: int, *, variance_ratio: float = 1.0) -> Array:
    """Find the whole distribution of the backlog after some months of uneven arrivals, from nothing waiting.

    Exact recursion over the probabilities: each month's arrivals are added by convolution, the capacity is
    taken away, and what falls below zero gathers at zero. Tails below 1e-12 a month are cut.

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
    if not (mean > 0 and capacity == int(capacity) and capacity >= 0 and months >= 1):
        raise MethodError(
            f"found mean {mean}, capacity {capacity}, months {months}; expected a mean above 0, whole cases "
            "of capacity, and at least one month."
        )
    law = _law(mean, variance_ratio)
    arriving = law.pmf(np.arange(int(law.isf(1e-12)) + 2))
    waiting = np.ones(1)
    for _ in range(months):
        total = np.convolve(waiting, arriving)
        waiting = np.concatenate([[total[: capacity + 1].sum()], total[capacity + 1 :]])
    return np.asarray(waiting / waiting.sum())


# --- counts that vary more than by chance --------------------------------------------------------------


def exceedance(level: float, mean: float, variance_ratio: float = 1.0) -> float:
    """Probability that a count exceeds a level.

    Negative binomial with size mean / (ratio − 1): a Poisson count whose own mean varies as a gamma. Source:
    Cameron and Trivedi (2013) Regression Analysis of Count Data, 2nd edition, 3.3 (the form NB1).

    Examples
    --------
    >>> round(exceedance(3, 1.5), 4), round(exceedance(3, 1.5, 2.0), 4)
    (0.0656, 0.1189)
    """
    law = _law(mean, variance_ratio)
    return float(law.sf(math.floor(level))) if mean else 0.0


def cover_needed(mean: float, risk: float, variance_ratio: float = 1.0) -> int:
    """Find the smallest level, such as people on shift, that a count exceeds with at most an accepted risk.

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
    """Estimate how many times their mean the variance of counts is; at least 1, as by chance alone.

    1 with fewer than two counts or without any event. Source: Fisher (1950) Biometrics 6, 17-24 (index of
    dispersion).

    Parameters
    ----------
    counts : array-like, (n,)
        Counts about one level, >= 0; NaN is left out. Take steps and trends out first: they pass for scatter.

    Examples
    --------
    >>> dispersion([2, 6, 10])
    2.6666666666666665
    """
    values = np.asarray(counts, dtype=float)
    values = values[~np.isnan(values)]
    if (values < 0).any():
        raise MethodError(f"found a count of {values.min():g}; expected counts of 0 or more.")
    if values.size < 2 or not values.any():
        return 1.0
    return max(float(values.var(ddof=1)) / float(values.mean()), 1.0)


def _law(mean: float, variance_ratio: float) -> Any:
    """Give the distribution of a count: Poisson, or negative-binomial where it is more scattered."""
    if not 0 <= mean < math.inf or not 1 <= variance_ratio < math.inf:
        raise MethodError(
            f"found mean {mean} and variance_ratio {variance_ratio}; expected a finite mean of 0 or more, "
            "and a ratio of 1 or more. Counts less scattered than Poisson are taken as Poisson: pass 1."
        )
    if variance_ratio == 1:
        return stats.poisson(mean)
    return stats.nbinom(mean / (variance_ratio - 1), 1 / variance_ratio)
