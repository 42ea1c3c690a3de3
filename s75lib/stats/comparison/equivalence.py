"""No meaningful change as a finding of its own: equivalence of two proportions, counts or rates."""

from __future__ import annotations

__all__ = ["Equivalence", "equivalence_of_counts", "equivalence_of_proportions"]

from dataclasses import dataclass, replace

from s75lib.errors import MethodError
from s75lib.stats.intervals import newcombe, rate_ratio_exact
from s75lib.stats.intervals.result import Interval, check_confidence, check_positive


@dataclass(frozen=True)
class Equivalence:
    """Whether a change is shown to be smaller than what would matter.

    Parameters
    ----------
    equivalent : bool
        True when the whole interval lies within the margin, its ends included.
    difference, lower, upper : float
        After minus before, with the interval of coverage `interval_confidence`: of proportions in percentage
        points, of counts and rates in percent of the earlier one.
    margin : float
        Smallest change that would matter, in the same unit.
    confidence : float
        One less the level of each one-sided test, in (0, 1).
    interval_confidence : float
        Coverage of the interval: 0.9 for a confidence of 0.95.
    method : str
        Name of the method.
    note : str
        What a reader must know besides; empty when there is nothing.
    """

    equivalent: bool
    difference: float
    lower: float
    upper: float
    margin: float
    confidence: float
    interval_confidence: float
    method: str
    note: str = ""


def equivalence_of_proportions(
    events_before: int,
    n_before: int,
    events_after: int,
    n_after: int,
    margin: float,
    *,
    confidence: float = 0.95,
) -> Equivalence:
    """Test whether two independent proportions differ by less than a margin.

    Parameters
    ----------
    events_before, n_before, events_after, n_after : int
        Events among cases in each period, 0 <= events <= n.
    margin : float
        Smallest change that would matter, in percentage points, > 0; agreed before the data are seen.
    confidence : float
        One less the level of each one-sided test, above 0.5 and below 1.

    Returns
    -------
    Equivalence
        Verdict, difference and interval in percentage points.

    Raises
    ------
    MethodError
        If a count, the margin or the confidence is out of range.

    Notes
    -----
    Two one-sided tests at level alpha are both significant when the interval of coverage 1 - 2 alpha lies
    within the margin; the interval here is Newcombe's. "Not equivalent" means not shown, no more: with few
    cases neither a change nor its absence can be shown. A change can be significant and still too small
    to matter. A period without cases: not equivalent, NaN, with the reason in `note`.

    References
    ----------
    Schuirmann, D. J. (1987) Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
    Newcombe, R. G. (1998) Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> equivalence_of_proportions(800, 1000, 805, 1000, margin=5).equivalent
    True
    >>> equivalence_of_proportions(80, 100, 80, 100, margin=5).equivalent
    False
    """
    coverage = _coverage(margin, confidence)
    interval = newcombe(events_before, n_before, events_after, n_after, coverage).scaled(100)
    return _judged(interval, margin, confidence)


def equivalence_of_counts(
    before: int,
    after: int,
    margin: float,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> Equivalence:
    """Test whether two Poisson counts or rates differ by less than a margin.

    Parameters
    ----------
    before, after : int
        Events in each period, >= 0.
    margin : float
        Smallest change that would matter, in percent of the earlier rate, > 0; agreed before the data are
        seen.
    exposure_before, exposure_after : float
        Person-years, months or any common unit, > 0.
    confidence : float
        One less the level of each one-sided test, above 0.5 and below 1.

    Returns
    -------
    Equivalence
        Verdict, relative change and its interval in percent.

    Raises
    ------
    MethodError
        If a count, an exposure, the margin or the confidence is out of range.

    Notes
    -----
    Both one-sided exact conditional tests, that the ratio of rates is at most 1 - margin and that it is at
    least 1 + margin, are significant exactly when the Clopper-Pearson interval of the ratio of coverage
    1 - 2 alpha lies within. It supposes independent events; clusters make it too ready to find no change.
    Fewer than some 600 events a period cannot show a change to be below 10%. No event in either period, or
    none before: not equivalent, with the reason in `note`.

    References
    ----------
    Schuirmann, D. J. (1987) Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
    Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323 (the conditional test).

    Examples
    --------
    >>> equivalence_of_counts(1200, 1210, margin=10).equivalent
    True
    >>> equivalence_of_counts(60, 60, margin=10).equivalent
    False
    """
    coverage = _coverage(margin, confidence)
    ratio = rate_ratio_exact(
        before, after, exposure_before=exposure_before, exposure_after=exposure_after, confidence=coverage
    )
    change = replace(
        ratio,
        estimate=100 * (ratio.estimate - 1),
        lower=100 * (ratio.lower - 1),
        upper=100 * (ratio.upper - 1),
    )
    return _judged(change, margin, confidence)


def _coverage(margin: float, confidence: float) -> float:
    """Check margin and confidence and give the coverage of the interval that stands for both tests."""
    check_positive("margin", margin)
    check_confidence(confidence)
    if confidence <= 0.5:
        raise MethodError(f"confidence is {confidence}; an equivalence test needs more than 0.5.")
    return 2 * confidence - 1


def _judged(interval: Interval, margin: float, confidence: float) -> Equivalence:
    """Say whether the interval of a change lies within the margin."""
    return Equivalence(
        equivalent=-margin <= interval.lower and interval.upper <= margin,
        difference=interval.estimate,
        lower=interval.lower,
        upper=interval.upper,
        margin=margin,
        confidence=confidence,
        interval_confidence=interval.confidence,
        method=f"two one-sided tests by the {interval.method} interval",
        note=interval.note,
    )
