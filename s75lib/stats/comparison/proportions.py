"""Two independent proportions: difference, ratio, relative change and the test of no change."""

from __future__ import annotations

__all__ = ["ProportionComparison", "compare_proportions"]

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from s75lib.stats.intervals import newcombe, proportion_ratio_score

# Cochran's rule: below this expected count in a cell the score test is not trusted.
SMALL_EXPECTED = 5

DISAGREE = "the test and an interval fall on different sides of the line: borderline"


@dataclass(frozen=True)
class ProportionComparison:
    """Change between two independent proportions, after against before.

    Parameters
    ----------
    share_before, share_after : float
        Shares from 0 to 1.
    difference, difference_lower, difference_upper : float
        After minus before, in percentage points, with Newcombe's interval.
    ratio, ratio_lower, ratio_upper : float
        After over before, with Koopman's score interval.
    relative_change, relative_change_lower, relative_change_upper : float
        The ratio less one, in percent.
    p_value : float
        Two-sided, of no change.
    test : str
        ``pooled score`` or ``Fisher exact``.
    confidence : float
        Coverage of the intervals, in (0, 1).
    method : str
        Names of the interval methods and the test.
    note : str
        What a reader must know besides; empty when there is nothing.
    """

    share_before: float
    share_after: float
    difference: float
    difference_lower: float
    difference_upper: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    relative_change: float
    relative_change_lower: float
    relative_change_upper: float
    p_value: float
    test: str
    confidence: float
    method: str
    note: str = ""

    @property
    def significant(self) -> bool:
        """Whether the p-value is below one less the confidence; False when there is no p-value."""
        return self.p_value < 1 - self.confidence


def compare_proportions(
    events_before: int, n_before: int, events_after: int, n_after: int, *, confidence: float = 0.95
) -> ProportionComparison:
    """Compare two independent proportions.

    Parameters
    ----------
    events_before, n_before, events_after, n_after : int
        Events among cases in each period, 0 <= events <= n.
    confidence : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    ProportionComparison
        Difference in percentage points, ratio, relative change in percent, each with its interval; p-value.

    Raises
    ------
    MethodError
        If a count is negative, missing or not whole, or events exceed their base.

    Notes
    -----
    The test is the score test with pooled variance and no continuity correction; Fisher's exact test
    where an expected cell count is below 5. It supposes different people in the two periods.
    Nobody or everybody in both periods: p = 1, since the periods are alike, said in `note`.
    A period without cases: every figure that needs it is NaN, with the reason in `note`.
    Intervals and test rest on different formulae and can disagree close to the line; `note` says so.

    References
    ----------
    Newcombe, R. G. (1998) Statistics in Medicine 17, 873-890 (difference).
    Koopman, P. A. R. (1984) Biometrics 40, 513-517 (ratio).
    Fisher, R. A. (1935) Journal of the Royal Statistical Society 98, 39-82 (exact test).
    Cochran, W. G. (1954) Biometrics 10, 417-451 (when to leave the score test).

    Examples
    --------
    Forty-eight of 80 people one year, 56 of 70 the next:

    >>> result = compare_proportions(48, 80, 56, 70)
    >>> round(result.difference, 1), round(result.difference_lower, 1), round(result.difference_upper, 1)
    (20.0, 5.2, 33.4)
    >>> result.test, round(result.p_value, 4)
    ('pooled score', 0.008)
    """
    difference = newcombe(events_before, n_before, events_after, n_after, confidence).scaled(100)
    ratio = proportion_ratio_score(events_before, n_before, events_after, n_after, confidence)
    p_value, test = _test(events_before, n_before, events_after, n_after)
    notes = [difference.note or ratio.note]
    if p_value == 1 and events_before + events_after in (0, n_before + n_after):
        notes.append("nobody or everybody in both periods: nothing to test, p = 1")
    significant = p_value < 1 - confidence
    excluded = [not difference.contains(0.0)]
    if not math.isnan(ratio.estimate):
        excluded.append(not ratio.contains(1.0))
    if not math.isnan(p_value) and any(outside != significant for outside in excluded):
        notes.append(DISAGREE)
    return ProportionComparison(
        share_before=events_before / n_before if n_before else math.nan,
        share_after=events_after / n_after if n_after else math.nan,
        difference=difference.estimate,
        difference_lower=difference.lower,
        difference_upper=difference.upper,
        ratio=ratio.estimate,
        ratio_lower=ratio.lower,
        ratio_upper=ratio.upper,
        relative_change=(ratio.estimate - 1) * 100,
        relative_change_lower=(ratio.lower - 1) * 100,
        relative_change_upper=(ratio.upper - 1) * 100,
        p_value=p_value,
        test=test,
        confidence=confidence,
        method=f"{difference.method} (difference), {ratio.method} (ratio), {test} (test)",
        note="; ".join(note for note in notes if note),
    )


def _test(events_before: int, n_before: int, events_after: int, n_after: int) -> tuple[float, str]:
    """Two-sided p-value of no change, and the test that gave it."""
    if not (n_before and n_after):
        return math.nan, "none"
    cases, events = n_before + n_after, events_before + events_after
    if min(events, cases - events) * min(n_before, n_after) / cases < SMALL_EXPECTED:
        table = np.array(
            [[events_before, n_before - events_before], [events_after, n_after - events_after]],
            dtype=np.int64,
        )
        return min(float(stats.fisher_exact(table).pvalue), 1.0), "Fisher exact"
    pooled = events / cases
    error = math.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_after))
    z = (events_after / n_after - events_before / n_before) / error
    return float(2 * special.ndtr(-abs(z))), "pooled score"
