"""The result that every interval method returns, and the checks that they share."""

from __future__ import annotations

__all__ = [
    "FloatArray",
    "Interval",
    "check_confidence",
    "check_count",
    "check_events",
    "check_positive",
    "critical_value",
]

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from s75lib.errors import MethodError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval, and how both were made.

    Parameters
    ----------
    estimate, lower, upper : float
        In the unit of the method: a share from 0 to 1, a rate, a ratio. NaN where the data say nothing.
    confidence : float
        Coverage aimed at, in (0, 1).
    method : str
        Name of the method, as a report prints it.
    note : str
        What a reader must know besides; empty when there is nothing.

    Examples
    --------
    >>> interval = Interval(0.25, 0.2, 0.3, 0.95, "Wilson score")
    >>> interval.contains(0.2), interval.contains(0.31)
    (True, False)
    >>> interval.scaled(100).upper
    30.0
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    method: str
    note: str = ""

    def contains(self, value: float) -> bool:
        """Whether the value lies within the limits, themselves included; False when they are NaN."""
        return self.lower <= value <= self.upper

    def scaled(self, factor: float) -> Interval:
        """Return the same interval in another unit: a factor of 100 turns shares into percentages."""
        return replace(
            self, estimate=self.estimate * factor, lower=self.lower * factor, upper=self.upper * factor
        )


def check_confidence(confidence: float) -> None:
    """Raise MethodError unless the confidence lies strictly between 0 and 1."""
    if not 0 < confidence < 1:
        raise MethodError(f"confidence is {confidence}; expected a share between 0 and 1, such as 0.95.")


def check_positive(name: str, value: float) -> None:
    """Raise MethodError unless the value is a finite number above 0."""
    if not (math.isfinite(value) and value > 0):
        raise MethodError(f"{name} is {value}; expected a number above 0. Leave out periods without one.")


def check_count(name: str, value: float) -> None:
    """Raise MethodError unless the value is a whole number of at least 0."""
    if not (math.isfinite(value) and value >= 0 and float(value).is_integer()):
        raise MethodError(
            f"{name} is {value}; expected a whole number of 0 or more. "
            "Leave out missing figures, and give counts rather than percentages."
        )


def check_events(events: float, n: float) -> None:
    """Raise MethodError unless both are counts and the events are among the cases."""
    check_count("events", events)
    check_count("n", n)
    if events > n:
        raise MethodError(
            f"{events} events among {n} cases; expected at most {n}. "
            "A count that can exceed its base is a rate: compare it as counts with exposures."
        )


def critical_value(confidence: float) -> float:
    """Two-sided standard normal quantile, 1.96 for 0.95."""
    check_confidence(confidence)
    return -float(special.ndtri((1 - confidence) / 2))
