"""Rates of populations with different ages, made comparable: directly and indirectly standardised.

Of each age band, (bands,): `events`, >= 0; `people` (residents or person-years), > 0; those of a `standard`
population, >= 0; `reference_events` and `reference_people`, the same of a reference population. `per` is the
unit of the rate, > 0.
"""

from __future__ import annotations

__all__ = ["directly_standardised", "indirectly_standardised"]

import math

import numpy as np
from numpy.typing import ArrayLike

from s75lib.errors import MethodError
from s75lib.stats.intervals import FloatArray, Interval, byar, byar_bounds, check_positive

# Fewer events than this are too few for the direct method: OHID gives no rate then.
FEWEST_EVENTS = 10


def directly_standardised(
    events: ArrayLike,
    people: ArrayLike,
    standard: ArrayLike,
    *,
    per: float = 100_000,
    confidence: float = 0.95,
) -> Interval:
    """Rate that a standard population would have at this population's rates by age.

    The rate per `per`; NaN with fewer than 10 events, and `note` says so. Dobson's method: Byar's interval of
    all events, scaled to the standard error of the weighted rate. Two rates compare only over the same
    standard population. Source: Dobson and others (1991) Statistics in Medicine 10, 457-462. Office for
    Health Improvement and Disparities, Technical Guide: confidence intervals.

    Examples
    --------
    >>> rate = directly_standardised([20, 60], [40_000, 10_000], [60, 40])
    >>> [round(limit, 1) for limit in (rate.estimate, rate.lower, rate.upper)]
    [270.0, 211.3, 339.4]
    """
    counts, sizes = _bands(events, people, "people")
    weights = _bands(standard, sizes, "people")[0]
    check_positive("the standard population", float(weights.sum()))
    check_positive("per", per)
    total, method = float(counts.sum()), "directly standardised, Dobson's interval"
    if total < FEWEST_EVENTS:
        note = f"fewer than {FEWEST_EVENTS} events: no directly standardised rate"
        return Interval(math.nan, math.nan, math.nan, confidence, method, note)
    share = weights / weights.sum()
    rate = float((share * counts / sizes).sum())
    scale = math.sqrt(float((share**2 * counts / sizes**2).sum()) / total)
    lower, upper = (rate + scale * (float(limit) - total) for limit in byar_bounds(total, confidence))
    return Interval(rate, lower, upper, confidence, method).scaled(per)


def indirectly_standardised(
    events: ArrayLike,
    people: ArrayLike,
    reference_events: ArrayLike,
    reference_people: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Interval:
    """Events as a multiple of those that a reference population's rates by age would give.

    The ratio, 1 where as many came as expected, of events by band or all of them. Times the reference
    population's crude rate it is the indirectly standardised rate. Byar's interval, exact below 10 events.
    Ratios of two populations are each against the reference and do not compare with one another where their
    ages differ much. Source: Breslow and Day (1987) Statistical Methods in Cancer Research, volume II, IARC,
    p. 69.

    Examples
    --------
    >>> ratio = indirectly_standardised([12, 30], [5_000, 2_000], [100, 500], [100_000, 50_000])
    >>> [round(limit, 2) for limit in (ratio.estimate, ratio.lower, ratio.upper)]
    [1.68, 1.21, 2.27]
    """
    _, sizes = _bands(np.zeros_like(np.asarray(people, dtype=float)), people, "people")
    cases, exposed = _bands(reference_events, reference_people, "the reference population")
    if len(sizes) != len(exposed):
        raise MethodError(f"found {len(sizes)} and {len(exposed)} age bands; expected the same ones.")
    expected = float((sizes * cases / exposed).sum())
    check_positive("the number expected", expected)
    return byar(int(np.sum(events)), exposure=expected, confidence=confidence)


def _bands(counts: ArrayLike, people: ArrayLike, whose: str) -> tuple[FloatArray, FloatArray]:
    """Read counts and people by band: as many of the one as of the other, and people in each."""
    first, second = (
        np.atleast_1d(np.asarray(counts, dtype=float)),
        np.atleast_1d(np.asarray(people, dtype=float)),
    )
    if first.shape != second.shape or first.ndim != 1:
        raise MethodError(f"found {first.size} and {second.size} age bands; expected the same ones.")
    if not (second > 0).all():
        raise MethodError(
            f"{whose}: found an age band without people; expected above 0. Join it to the next."
        )
    if not (first >= 0).all():
        raise MethodError("found a count below 0 or missing; expected 0 or more. Correct the figures.")
    return first, second
