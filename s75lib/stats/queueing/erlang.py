"""A desk with several people: how often someone waits, how long, and how many people it takes."""

from __future__ import annotations

__all__ = ["Desk", "Flow", "erlang_b", "erlang_c", "littles_law", "mmc", "servers_needed"]

import math
from dataclasses import dataclass

from s75lib.errors import MethodError


@dataclass(frozen=True)
class Desk:
    """A desk in its steady state, with random arrivals and random service times (M/M/c).

    Parameters
    ----------
    servers : int
        People at the desk.
    arrivals : float
        A unit of time.
    service_time : float
        Mean time for one arrival, in that unit.
    utilisation : float
        Share of the people's time that is used; at 1 or more the queue grows without end.
    p_wait : float
        Probability that an arrival has to wait; 1 without a steady state.
    mean_wait : float
        Mean time before service begins, over all arrivals; infinite without a steady state.
    mean_waiting : float
        Mean number that wait.
    mean_present : float
        Mean number that wait or are served.
    """

    servers: int
    arrivals: float
    service_time: float
    utilisation: float
    p_wait: float
    mean_wait: float
    mean_waiting: float
    mean_present: float

    @property
    def is_steady(self) -> bool:
        """Whether the queue settles at all."""
        return self.utilisation < 1

    def p_wait_longer(self, time: float) -> float:
        """Probability that an arrival waits longer than a time.

        Parameters
        ----------
        time : float
            In the unit of the service time, >= 0.

        Returns
        -------
        float
        """
        if not self.is_steady:
            return 1.0
        spare = self.servers - self.arrivals * self.service_time
        return self.p_wait * math.exp(-spare * time / self.service_time)


@dataclass(frozen=True)
class Flow:
    """What comes in, what is there and how long it stays: any two give the third.

    Parameters
    ----------
    arrivals : float
        A unit of time.
    present : float
        Mean number present.
    time : float
        Mean time that one stays, in that unit.
    """

    arrivals: float
    present: float
    time: float


def erlang_b(servers: int, load: float) -> float:
    """Probability that all people are busy where nobody can queue.

    Parameters
    ----------
    servers : int
        People, >= 0.
    load : float
        Arrivals in a mean service time (erlangs), >= 0.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    MethodError
        If an argument is out of range.

    Notes
    -----
    By the recursion B(n) = load B(n−1) / (n + load B(n−1)), which has no factorials to overflow.
    Without people everyone is turned away; without load nobody is, unless there are no people.

    References
    ----------
    Erlang, A. K. (1917) Elektroteknikeren 13, 5-13.
    Cooper, R. B. (1981) Introduction to Queueing Theory, 2nd edition, North Holland, chapter 3.

    Examples
    --------
    >>> round(erlang_b(10, 4.461), 3)
    0.01
    """
    _check_desk(servers, load)
    blocked = 1.0
    for people in range(1, servers + 1):
        blocked = load * blocked / (people + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Probability that an arrival has to wait at a desk with a queue.

    Parameters
    ----------
    servers : int
        People, >= 0.
    load : float
        Arrivals in a mean service time (erlangs), >= 0.

    Returns
    -------
    float
        In [0, 1]; 1 when the load reaches the number of people, for then the queue grows without end.

    Raises
    ------
    MethodError
        If an argument is out of range.

    References
    ----------
    Cooper, R. B. (1981) Introduction to Queueing Theory, 2nd edition, North Holland, chapter 3.

    Examples
    --------
    >>> round(erlang_c(3, 2), 4)
    0.4444
    """
    blocked = erlang_b(servers, load)
    if load >= servers:
        return 1.0
    return servers * blocked / (servers - load * (1 - blocked))


def mmc(arrivals: float, service_time: float, servers: int) -> Desk:
    """Describe a desk with several people, random arrivals and random service times.

    Parameters
    ----------
    arrivals : float
        A unit of time, >= 0.
    service_time : float
        Mean time for one arrival, in that unit, > 0.
    servers : int
        People at the desk, >= 0.

    Returns
    -------
    Desk

    Raises
    ------
    MethodError
        If an argument is out of range.

    Notes
    -----
    Supposes Poisson arrivals, exponential service times, an endless queue in order of arrival, and a desk
    that has run for long. Service times less scattered than exponential give shorter waits.

    References
    ----------
    Gross, D. and others (2008) Fundamentals of Queueing Theory, 4th edition, Wiley, 2.3.

    Examples
    --------
    An eye clinic with three doctors, six patients an hour and twenty minutes each:

    >>> desk = mmc(6, 1 / 3, 3)
    >>> round(desk.mean_waiting, 4), round(desk.mean_wait * 60, 2)
    (0.8889, 8.89)
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
    waiting = arrivals * wait if wait < math.inf else math.inf
    return Desk(
        servers=servers,
        arrivals=arrivals,
        service_time=service_time,
        utilisation=load / servers if servers else 0.0 if idle else math.inf,
        p_wait=0.0 if idle else p_wait,
        mean_wait=wait,
        mean_waiting=waiting,
        mean_present=waiting + load,
    )


def servers_needed(arrivals: float, service_time: float, target: float, *, within: float = 0.0) -> int:
    """Find the fewest people at which few enough arrivals wait too long.

    Parameters
    ----------
    arrivals : float
        A unit of time, >= 0.
    service_time : float
        Mean time for one arrival, in that unit, > 0.
    target : float
        Largest share of arrivals that may wait longer than `within`, in (0, 1).
    within : float
        Time that may be waited, in that unit, >= 0.

    Returns
    -------
    int

    Raises
    ------
    MethodError
        If an argument is out of range.

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


def littles_law(
    *, arrivals: float | None = None, present: float | None = None, time: float | None = None
) -> Flow:
    """Find the third of arrivals, number present and time from the two that are known.

    Parameters
    ----------
    arrivals : float, optional
        A unit of time, >= 0.
    present : float, optional
        Mean number present, >= 0.
    time : float, optional
        Mean time that one stays, in that unit, >= 0.

    Returns
    -------
    Flow

    Raises
    ------
    MethodError
        Unless exactly two are given, are not negative, and the one divided by is above 0.

    Notes
    -----
    Holds for means over a long time in which as many leave as come; a growing caseload is not in that state.

    References
    ----------
    Little, J. D. C. (1961) Operations Research 9, 383-387.

    Examples
    --------
    >>> littles_law(arrivals=20, present=360).time
    18.0
    """
    given = {"arrivals": arrivals, "present": present, "time": time}
    known = {name: value for name, value in given.items() if value is not None}
    if len(known) != 2 or any(not value >= 0 for value in known.values()):
        raise MethodError(
            f"found {known}; expected exactly two of arrivals, present and time, none negative."
        )
    if present is None:
        return Flow(known["arrivals"], known["arrivals"] * known["time"], known["time"])
    divisor = "arrivals" if time is None else "time"
    if known[divisor] == 0:
        raise MethodError(f"found {divisor} 0; expected above 0, for it divides the number present.")
    found = present / known[divisor]
    return Flow(known["arrivals"], present, found) if time is None else Flow(found, present, known["time"])


def _check_desk(servers: int, load: float) -> None:
    """Raise MethodError unless people and load are sound."""
    if servers != int(servers) or servers < 0:
        raise MethodError(f"found servers {servers}; expected a whole number of people, 0 or more.")
    if not load >= 0 or math.isinf(load):
        raise MethodError(f"found a load of {load}; expected a finite number, 0 or more.")
