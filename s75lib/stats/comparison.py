"""Comparisons of two periods, and the questions around them: how many were made, what could they show.

`events_before` and `n_before`, `events_after` and `n_after` are events among cases, 0 <= events <= n;
`before` and `after` counts of events, >= 0, over `exposure_before` and `exposure_after` in one unit, > 0.
Where only what could be shown is asked for, the figures before are taken as the true ones.
"""

from __future__ import annotations

__all__ = [
    "Comparison",
    "Equivalence",
    "SmallestChange",
    "benjamini_hochberg",
    "compare_counts",
    "compare_proportions",
    "equivalence_of_counts",
    "equivalence_of_proportions",
    "holm",
    "overdispersion_tipping_factor",
    "sample_size_for_precision",
    "smallest_detectable_count_change",
    "smallest_detectable_proportion_change",
]

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from s75lib.errors import MethodError
from s75lib.stats.intervals import (
    FloatArray,
    Interval,
    check_confidence,
    check_count,
    check_events,
    check_positive,
    critical_value,
    newcombe,
    proportion_ratio_score,
    rate_ratio_exact,
)

# Cochran's rule: below this expected count in a cell the score test is not trusted.
_SMALL_EXPECTED = 5
_DISAGREE = "the test and an interval fall on different sides of the line: borderline"
# Chance of a significant result that a smallest change is told for.
_POWER = 0.8
# Chance of a total below which it is left out.
_RARE = 1e-10
# Totals whose critical counts are found at a time.
_BLOCK = 128


@dataclass(frozen=True)
class Comparison:
    """Change between two periods, after against before.

    - `difference`, `difference_lower`, `difference_upper`: After minus before: of proportions in percentage
      points, of counts and rates per unit of exposure.
    - `ratio`, `lower`, `upper`: After over before, dimensionless.
    - `p_value`, `test`: Two-sided, of no change, and what gave it.
    """

    difference: float
    difference_lower: float
    difference_upper: float
    ratio: float
    lower: float
    upper: float
    p_value: float
    test: str
    confidence: float
    method: str
    note: str = ""

    @property
    def relative_change(self) -> float:
        """The ratio less one, in percent."""
        return (self.ratio - 1) * 100

    @property
    def relative_change_lower(self) -> float:
        """Lower limit of the relative change, in percent."""
        return (self.lower - 1) * 100

    @property
    def relative_change_upper(self) -> float:
        """Upper limit of the relative change, in percent."""
        return (self.upper - 1) * 100

    @property
    def significant(self) -> bool:
        """Whether the p-value is below one less the confidence; False when there is no p-value."""
        return self.p_value < 1 - self.confidence


def _compared(
    difference: Interval,
    ratio: Interval,
    tested: tuple[float, str],
    method: str,
    notes: Sequence[str],
    unchanged: Sequence[bool],
) -> Comparison:
    """Put a comparison together; `unchanged` says of intervals whether they hold no change."""
    p_value, test = tested
    apart = any(held == (p_value < 1 - ratio.confidence) for held in unchanged)
    borderline = _DISAGREE if apart and not math.isnan(p_value) else ""
    return Comparison(
        difference=difference.estimate,
        difference_lower=difference.lower,
        difference_upper=difference.upper,
        ratio=ratio.estimate,
        lower=ratio.lower,
        upper=ratio.upper,
        p_value=p_value,
        test=test,
        confidence=ratio.confidence,
        method=method,
        note="; ".join(note for note in (*notes, borderline) if note),
    )


# --- two proportions ---------------------------------------------------------------------------------


def compare_proportions(
    events_before: int, n_before: int, events_after: int, n_after: int, *, confidence: float = 0.95
) -> Comparison:
    """Compare two independent proportions.

    The test is the score test with pooled variance and no continuity correction; Fisher's exact test where an
    expected cell count is below 5. It supposes different people in the two periods. Nobody or everybody in
    both periods: p = 1. A period without cases: every figure that needs it is NaN. Intervals and test rest on
    different formulae and can disagree close to the line. Each of the three is said in `note`. Source:
    Newcombe, R. G. (1998) Statistics in Medicine 17, 873-890 (difference). Koopman, P. A. R. (1984)
    Biometrics 40, 513-517 (ratio). Cochran, W. G. (1954) Biometrics 10, 417-451 (when to leave the score
    test).

    Examples
    --------
    Forty-eight of 80 people one year, 56 of 70 the next:

    >>> result = compare_proportions(48, 80, 56, 70)
    >>> round(result.difference, 1), round(result.difference_lower, 1), round(result.difference_upper, 1)
    (20.0, 5.2, 33.4)
    """
    difference = newcombe(events_before, n_before, events_after, n_after, confidence).scaled(100)
    ratio = proportion_ratio_score(events_before, n_before, events_after, n_after, confidence)
    tested = _test_of_shares(events_before, n_before, events_after, n_after)
    notes = [difference.note or ratio.note]
    if tested[0] == 1 and events_before + events_after in (0, n_before + n_after):
        notes.append("nobody or everybody in both periods: nothing to test, p = 1")
    unchanged = [difference.contains(0.0)]
    if not math.isnan(ratio.estimate):
        unchanged.append(ratio.contains(1.0))
    method = f"{difference.method} (difference), {ratio.method} (ratio), {tested[1]} (test)"
    return _compared(difference, ratio, tested, method, notes, unchanged)


def _test_of_shares(events_before: int, n_before: int, events_after: int, n_after: int) -> tuple[float, str]:
    if not (n_before and n_after):
        return math.nan, "none"
    cases, events = n_before + n_after, events_before + events_after
    if min(events, cases - events) * min(n_before, n_after) / cases < _SMALL_EXPECTED:
        table = np.array(
            [[events_before, n_before - events_before], [events_after, n_after - events_after]],
            dtype=np.int64,
        )
        return min(float(stats.fisher_exact(table).pvalue), 1.0), "Fisher exact"
    pooled = events / cases
    error = math.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_after))
    z = (events_after / n_after - events_before / n_before) / error
    return float(2 * special.ndtr(-abs(z))), "pooled score"


# --- two counts --------------------------------------------------------------------------------------


def compare_counts(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two Poisson counts or rates, with exact interval and test.

    Given the total, the later count is binomial. The ratio's interval is Clopper-Pearson's on that share; the
    p-value sums the outcomes no likelier than the one seen, as R's ``poisson.test`` does. With unequal
    exposures the two can disagree close to the line; `note` says so. The difference has the interval that
    combines each count's score limits by squaring and adding. Both counts zero: ratio and p-value are NaN,
    with the reason in `note`. It supposes independent events: `overdispersion_tipping_factor` tells how far a
    result leans on that. Source: Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323 (test,
    ratio). Zou, G. Y. and Donner, A. (2008) Statistics in Medicine 27, 1693-1702 (difference).

    Examples
    --------
    Permanent admissions, 17 one year and 9 the next:

    >>> compare_counts(17, 9).p_value
    0.1686...
    """
    ratio = rate_ratio_exact(
        before, after, exposure_before=exposure_before, exposure_after=exposure_after, confidence=confidence
    )
    rate_before, rate_after = before / exposure_before, after / exposure_after
    low_before, high_before = _score_limits(before, exposure_before, confidence)
    low_after, high_after = _score_limits(after, exposure_after, confidence)
    change = rate_after - rate_before
    lower = change - math.hypot(rate_after - low_after, high_before - rate_before)
    upper = change + math.hypot(high_after - rate_after, rate_before - low_before)
    difference = Interval(change, lower, upper, confidence, "hybrid score")
    method = "exact conditional (ratio, test), hybrid score (difference)"
    tested = (_exact_p(before, after, exposure_before, exposure_after), "exact conditional")
    return _compared(difference, ratio, tested, method, [ratio.note], [ratio.contains(1.0)])


def overdispersion_tipping_factor(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> float:
    """Variance, as a multiple of Poisson's, at which a change of counts stops being significant.

    The factor: 1 or less means not significant even without clustering; NaN when both counts are zero.
    Over-dispersion by a factor phi divides a normal score by its square root. The exact p-value is turned
    into the score that has it; the factor is that score over the critical value, squared, so it passes 1
    exactly where the exact test passes its level. Where the p-value is too small for the machine, the score
    statistic itself is used. A factor of 2 is ordinary where one person can have several events. Source:
    McCullagh and Nelder (1989) Generalized Linear Models, 2nd edition, Chapman and Hall, 4.5.

    Examples
    --------
    >>> round(overdispersion_tipping_factor(64, 28), 2)
    3.55
    """
    comparison = compare_counts(
        before, after, exposure_before=exposure_before, exposure_after=exposure_after, confidence=confidence
    )
    if comparison.p_value == 0:
        expected = exposure_after / exposure_before
        squared = (after - expected * before) ** 2 / (expected * (before + after))
    else:
        squared = float(special.ndtri(comparison.p_value / 2)) ** 2
    return squared / critical_value(confidence) ** 2


# Kept, since a comparison and its tipping factor both ask for it.
@lru_cache(maxsize=256)
def _exact_p(before: int, after: int, exposure_before: float, exposure_after: float) -> float:
    if before + after == 0:
        return math.nan
    share = exposure_after / (exposure_before + exposure_after)
    return float(stats.binomtest(int(after), int(before + after), share).pvalue)


def _score_limits(count: int, exposure: float, confidence: float) -> tuple[float, float]:
    z = critical_value(confidence)
    centre, half_width = count + z**2 / 2, z * math.sqrt(count + z**2 / 4)
    return max(centre - half_width, 0.0) / exposure, (centre + half_width) / exposure


# --- no meaningful change ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Equivalence:
    """Whether a change is shown to be smaller than what would matter.

    - `equivalent`: True when the whole interval lies within the margin, its ends included.
    - `change`: After minus before, with the interval that stands for both one-sided tests (90% for 95%): of
      proportions in percentage points, of counts and rates in percent of the earlier one.
    """

    equivalent: bool
    change: Interval


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

    Two one-sided tests at level alpha are both significant when the interval of coverage 1 - 2 alpha lies
    within the margin; the interval here is Newcombe's. "Not equivalent" means not shown, no more: with few
    cases neither a change nor its absence can be shown. A change can be significant and still too small to
    matter. A period without cases: not equivalent, with the reason in `note`. Source: Schuirmann (1987)
    Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.

    Parameters
    ----------
    margin : float
        Smallest change that would matter, in percentage points, > 0; agreed before the data are seen.
    confidence : float
        One less the level of each one-sided test, above 0.5 and below 1.

    Examples
    --------
    >>> [equivalence_of_proportions(8 * n, 10 * n, 8 * n, 10 * n, margin=5).equivalent for n in (10, 100)]
    [False, True]
    """
    coverage = _coverage(margin, confidence)
    return _judged(newcombe(events_before, n_before, events_after, n_after, coverage).scaled(100), margin)


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

    Both one-sided exact conditional tests, that the ratio of rates is at most 1 - margin and that it is at
    least 1 + margin, are significant exactly when the Clopper-Pearson interval of the ratio of coverage 1 - 2
    alpha lies within. It supposes independent events; clusters make it too ready to find no change. Fewer
    than some 600 events a period cannot show a change to be below 10%. No event in either period, or none
    before: not equivalent, with the reason in `note`. The margin is in percent of the earlier rate. Source:
    Schuirmann (1987) Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.

    Examples
    --------
    >>> equivalence_of_counts(1200, 1210, margin=10).equivalent, equivalence_of_counts(60, 60, 10).equivalent
    (True, False)
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
    return _judged(change, margin)


def _coverage(margin: float, confidence: float) -> float:
    """Check margin and confidence and give the coverage of the interval that stands for both tests."""
    check_positive("margin", margin)
    check_confidence(confidence)
    if confidence <= 0.5:
        raise MethodError(f"confidence is {confidence}; an equivalence test needs more than 0.5.")
    return 2 * confidence - 1


def _judged(change: Interval, margin: float) -> Equivalence:
    return Equivalence(-margin <= change.lower and change.upper <= margin, change)


# --- what the data could show ------------------------------------------------------------------------


def proportion_power(
    share_before: float, share_after: float, n_before: int, n_after: int, *, confidence: float = 0.95
) -> float:
    """Chance that the pooled score test finds a true change between two proportions, in its own direction.

    A normal approximation (Fleiss, Levin and Paik 2003, chapter 4); too hopeful where expected counts are
    below five and Fisher's test is used.

    >>> round(proportion_power(0.5, 0.75, 50, 50), 3)
    0.74
    """
    z = critical_value(confidence)
    pooled = (share_before * n_before + share_after * n_after) / (n_before + n_after)
    null_error = math.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_after))
    error = math.sqrt(
        share_before * (1 - share_before) / n_before + share_after * (1 - share_after) / n_after
    )
    margin = abs(share_after - share_before) - z * null_error
    if error == 0:
        return 1.0 if margin > 0 else 0.0
    return float(special.ndtr(margin / error))


def count_power(
    expected_before: float,
    expected_after: float,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> float:
    """Chance that the exact conditional test finds a true change of Poisson counts, in either direction.

    Exact but for totals of a chance below one in a thousand million: the power given each total is binomial,
    and totals are Poisson. Each tail has half the level, which is the test of `compare_counts` when exposures
    are equal and close to it when they are not.

    >>> round(count_power(50, 80), 2)
    0.73
    """
    mean = expected_before + expected_after
    if mean == 0:
        return 0.0
    tail = (1 - confidence) / 2
    first, last = _poisson_quantile(_RARE, mean), _poisson_quantile(1 - _RARE, mean)
    totals = np.arange(first, last + 1, dtype=float)
    null_share = exposure_after / (exposure_before + exposure_after)
    share = expected_after / mean
    blocks = range(first // _BLOCK, last // _BLOCK + 1)
    critical = np.hstack([_critical_counts(block, null_share, tail) for block in blocks])
    lowest, highest = critical[:, first - blocks[0] * _BLOCK :][:, : len(totals)]
    found = stats.binom.cdf(lowest, totals, share) + stats.binom.sf(highest - 1, totals, share)
    chances = np.exp(special.xlogy(totals, mean) - special.gammaln(totals + 1) - mean)
    return float(np.sum(chances * found))


@lru_cache(maxsize=4096)
def _critical_counts(block: int, null_share: float, tail: float) -> FloatArray:
    """Greatest count that is significantly low and least that is high, of a block of totals.

    They do not depend on the change that is looked for, which a search tries many of.
    """
    totals = np.arange(block * _BLOCK, (block + 1) * _BLOCK, dtype=float)
    # ppf is the first count whose lower tail reaches the level: significant are those below it.
    lowest = stats.binom.ppf(tail, totals, null_share) - 1
    return np.array([lowest, stats.binom.isf(tail, totals, null_share) + 1])


def _poisson_quantile(tail: float, mean: float) -> int:
    """First count whose lower tail reaches a share, without scipy's cost of a single number."""
    count = max(math.ceil(special.pdtrik(tail, mean)), 0)
    return count - 1 if count and special.pdtr(count - 1, mean) >= tail else count


@dataclass(frozen=True)
class SmallestChange:
    """The smallest true changes that a comparison of this size shows with a power of 80%.

    - `fall_to`, `rise_to`: True level after: a share from 0 to 1, or an expected count. NaN when no such
      change could be shown.
    - `fall`, `rise`: The change itself: percentage points, or events against the count expected without
      change.
    """

    fall_to: float
    rise_to: float
    fall: float
    rise: float


def smallest_detectable_proportion_change(
    events_before: int, n_before: int, n_after: int, *, confidence: float = 0.95
) -> SmallestChange:
    """Smallest change of a proportion that two samples of this size would show.

    Levels as shares from 0 to 1, changes in percentage points. It answers "what could these data have shown",
    from the earlier level and the two bases; the later result is not used, since power worked out from a
    result repeats its p-value in other words. See `proportion_power` for the approximation, which
    asks for five expected cases in each cell.

    Examples
    --------
    Three of four carers assessed, with a hundred carers a year:

    >>> result = smallest_detectable_proportion_change(75, 100, 100)
    >>> round(result.fall, 1), round(result.rise, 1)
    (-18.7, 15.0)
    """
    check_events(events_before, n_before)
    check_positive("n_before", n_before)
    check_count("n_after", n_after)
    check_positive("n_after", n_after)
    check_confidence(confidence)
    share = events_before / n_before

    def shortfall(after: float) -> float:
        return proportion_power(share, after, n_before, n_after, confidence=confidence) - _POWER

    fall_to = _crossing(shortfall, share, 0.0, 0.0)
    rise_to = _crossing(shortfall, share, 1.0, 1.0)
    return SmallestChange(fall_to, rise_to, (fall_to - share) * 100, (rise_to - share) * 100)


def smallest_detectable_count_change(
    before: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence: float = 0.95,
) -> SmallestChange:
    """Smallest change of a count that a comparison of this size would show.

    Levels as expected counts after, changes in events against the count expected without change. Few events
    before: not even a fall to none may be significant, then `fall` is NaN. See `count_power`.

    Examples
    --------
    >>> result = smallest_detectable_count_change(17)
    >>> round(result.fall_to, 1), round(result.rise_to, 1)
    (3.9, 38.4)
    """
    check_count("before", before)
    check_positive("exposure_before", exposure_before)
    check_positive("exposure_after", exposure_after)
    check_confidence(confidence)
    unchanged = before * exposure_after / exposure_before

    @cache
    def shortfall(after: float) -> float:
        found = count_power(
            before,
            after,
            exposure_before=exposure_before,
            exposure_after=exposure_after,
            confidence=confidence,
        )
        return found - _POWER

    # Four standard errors are more than most searches need: power costs as much as the counts are large.
    step = 4 * math.sqrt((unchanged + 1) * (1 + exposure_after / exposure_before))
    fall_to = _crossing(shortfall, unchanged, unchanged - step, 0.0)
    rise_to = _crossing(shortfall, unchanged, unchanged + step, math.inf)
    return SmallestChange(fall_to, rise_to, fall_to - unchanged, rise_to - unchanged)


def _crossing(shortfall: Callable[[float], float], unchanged: float, first: float, end: float) -> float:
    """Find the level, from no change to the end, where the shortfall of power vanishes; NaN if none does.

    It lies short of the `first` level that is tried, or of one twice as far.
    """
    if unchanged == end:
        return math.nan
    near, far, step = unchanged, first, first - unchanged
    while True:
        far = max(far, end) if end < unchanged else min(far, end)
        if shortfall(far) >= 0:
            return float(optimize.brentq(shortfall, near, far, xtol=1e-9))
        if far == end:
            return math.nan
        step *= 2
        near, far = far, unchanged + step


def sample_size_for_precision(p: float, half_width: float, population: int | None = None) -> int:
    """Smallest simple random sample that gives a proportion to within a half-width, at 95% confidence.

    Cases read or answers received (not those drawn), rounded up, at most the population. From the normal
    approximation, n0 = z^2 p(1 - p) / h^2, then n0 / (1 + (n0 - 1) / N). Where fewer than about five events
    or non-events would be seen the interval is lopsided: take more. Source: Cochran (1977) Sampling
    Techniques, 3rd edition, Wiley, sections 4.4 and 4.5.

    Parameters
    ----------
    p : float
        Share expected, in (0, 1); 0.5 is the cautious choice and needs the most cases.
    half_width : float
        Half the interval wanted, as a share in (0, 1): 0.05 for plus or minus five percentage points.
    population : int, optional
        Cases to draw from, >= 1; left out, the population is taken as without end.

    Examples
    --------
    >>> sample_size_for_precision(0.5, 0.05), sample_size_for_precision(0.5, 0.05, population=1000)
    (385, 278)
    """
    for name, share in (("p", p), ("half_width", half_width)):
        if not 0 < share < 1:
            raise MethodError(f"{name} is {share}; expected a share between 0 and 1, not a percentage.")
    z = critical_value(0.95)
    cases = z**2 * p * (1 - p) / half_width**2
    if population is None:
        return math.ceil(cases)
    check_count("population", population)
    if population < 1:
        raise MethodError(f"population is {population}; expected 1 or more, or none at all.")
    return min(math.ceil(cases / (1 + (cases - 1) / population)), int(population))


# --- many tests --------------------------------------------------------------------------------------


def holm(p_values: ArrayLike, shares: ArrayLike | None = None) -> FloatArray:
    """Adjust p-values so that the chance of any false finding in the family stays at the level.

    Valid however the tests depend on each other. Source: Holm (1979) Scandinavian Journal of Statistics 6,
    65-70.

    Parameters
    ----------
    p_values : array-like
        One per test made, not the promising ones alone, in [0, 1]; NaN where no test was possible.
    shares : array-like, optional
        How much of the level each test may use, relative to the others, > 0; alike when left out.

    Returns
    -------
    ndarray
        Adjusted p-values in the same order; NaN stays NaN and does not count as a test.

    Examples
    --------
    >>> holm([0.01, float("nan"), 0.04, 0.03]).round(3).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    found = _checked(p_values)
    known = np.flatnonzero(~np.isnan(found))
    weight = np.ones(len(found)) if shares is None else np.asarray(shares, dtype=float)
    scaled, own = found[known] / weight[known], weight[known]
    order = np.argsort(scaled, kind="stable")
    left = np.cumsum(own[order][::-1])[::-1]
    found[known[order]] = np.minimum(np.maximum.accumulate(scaled[order] * left), 1)
    return found


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Adjust p-values so that the expected share of false findings among findings stays at the level.

    Valid for independent tests and for those that move together; looser than Holm's. Source: Benjamini and
    Hochberg (1995) Journal of the Royal Statistical Society B 57, 289-300.

    Returns
    -------
    ndarray
        Adjusted p-values in the same order; NaN stays NaN and does not count as a test.

    Examples
    --------
    >>> benjamini_hochberg([0.01, float("nan"), 0.04, 0.03]).round(3).tolist()
    [0.03, nan, 0.04, 0.04]
    """
    found = _checked(p_values)
    known = np.flatnonzero(~np.isnan(found))
    falling = known[np.argsort(-found[known])]
    raised = found[falling] * len(known) / np.arange(len(known), 0, -1)
    found[falling] = np.minimum(np.minimum.accumulate(raised), 1.0)
    return found


def _checked(p_values: ArrayLike) -> FloatArray:
    values = np.array(p_values, dtype=float)
    outside = values[(values < 0) | (values > 1)]
    if outside.size:
        raise MethodError(f"a p-value is {outside[0]:g}; expected 0 to 1, or NaN where no test was possible.")
    return values
