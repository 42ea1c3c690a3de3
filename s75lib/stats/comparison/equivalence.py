"""No meaningful change as a finding of its own: equivalence of two proportions."""

from __future__ import annotations

__all__ = ["Equivalence", "equivalence_of_proportions"]

from dataclasses import dataclass

from s75lib.errors import MethodError
from s75lib.stats.intervals import newcombe
from s75lib.stats.intervals.result import check_confidence, check_positive


@dataclass(frozen=True)
class Equivalence:
    """Whether a change is shown to be smaller than what would matter.

    Parameters
    ----------
    equivalent : bool
        True when the whole interval lies within the margin, its ends included.
    difference, lower, upper : float
        After minus before, in percentage points; the interval of coverage `interval_confidence`.
    margin : float
        Smallest change that would matter, in percentage points.
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
    check_positive("margin", margin)
    check_confidence(confidence)
    if confidence <= 0.5:
        raise MethodError(f"confidence is {confidence}; an equivalence test needs more than 0.5.")
    coverage = 2 * confidence - 1
    interval = newcombe(events_before, n_before, events_after, n_after, coverage).scaled(100)
    return Equivalence(
        equivalent=-margin <= interval.lower and interval.upper <= margin,
        difference=interval.estimate,
        lower=interval.lower,
        upper=interval.upper,
        margin=margin,
        confidence=confidence,
        interval_confidence=coverage,
        method=f"two one-sided tests by the {interval.method} interval",
        note=interval.note,
    )
