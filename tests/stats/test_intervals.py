"""Intervals against published tables, R's documented examples, scipy and statsmodels, and exact coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats import proportion as sm_proportion

from s75lib.errors import MethodError
from s75lib.stats import intervals as iv

# Newcombe (1998) Statistics in Medicine 17, 857-872, table I: events, n, score (method 3), exact (method 5).
# All four rows of both methods read in other projects' transcriptions of the table.
NEWCOMBE_SINGLE = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]

# Newcombe (1998) Statistics in Medicine 17, 873-890, table II, method 10: (a) to (h), first minus second.
# Rows (a) to (f) and the lower limit of (g) read in other projects' transcriptions; (h) is from memory.
NEWCOMBE_PAIRS = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0),
    (10, 10, 0, 10, 0.6075, 1.0),
]

counted = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def limits(interval):
    return interval.lower, interval.upper


@pytest.mark.parametrize(("events", "n", "score", "exact"), NEWCOMBE_SINGLE)
def test_newcombe_1998_single_proportions(events, n, score, exact):
    assert limits(iv.wilson(events, n)) == pytest.approx(score, abs=5e-5)
    assert limits(iv.clopper_pearson(events, n)) == pytest.approx(exact, abs=5e-5)


@pytest.mark.parametrize(("x1", "n1", "x2", "n2", "lower", "upper"), NEWCOMBE_PAIRS)
def test_newcombe_1998_differences(x1, n1, x2, n2, lower, upper):
    interval = iv.newcombe(x2, n2, x1, n1)
    assert limits(interval) == pytest.approx((lower, upper), abs=5e-5)
    assert interval.estimate == pytest.approx(x1 / n1 - x2 / n2)


def test_newcombe_difference_of_a_trial_of_epinephrine():
    # Perondi et al. (2004), 7 of 34 against 1 of 34; Fagerland, Lydersen and Laake (2017), by the tests of
    # their R package contingencytables: 0.1765 (0.0189 to 0.3404).
    interval = iv.newcombe(1, 34, 7, 34)
    assert interval.estimate == pytest.approx(0.1765, abs=5e-5)
    assert limits(interval) == pytest.approx((0.0189, 0.3404), abs=1e-4)


def test_exact_limits_of_seedlings():
    # influentialpoints.com, confidence intervals of proportions: 5 of 25, from Conover's tables and by R.
    assert limits(iv.clopper_pearson(5, 25)) == pytest.approx((0.068, 0.407), abs=5e-4)


def test_byar_is_as_near_to_exact_as_the_public_health_guide_says():
    # Public Health England (2018), Technical Guide: Confidence Intervals: within 0.2% of the exact value for
    # numerators of 10 or more, at 95%.
    counts = np.arange(10, 2000)
    for ours, exact in zip(iv.byar_bounds(counts), iv.exact_poisson_bounds(counts), strict=True):
        assert (np.abs(ours / exact - 1) < 0.002).all()


def test_r_binom_test_mendel_peas():
    # R, ?binom.test: binom.test(682, 682 + 243). The example is read in R's documentation, which prints no
    # output; the interval 0.7076683 0.7654066 is from memory and agrees with scipy's.
    assert limits(iv.clopper_pearson(682, 925)) == pytest.approx((0.7076683, 0.7654066), abs=5e-8)


def test_r_poisson_test_nickel_workers():
    # R, ?poisson.test: poisson.test(137, 24.19893). The rate 5.661407 is read in the tests of R's tidystats;
    # the interval 4.753125 6.692709 is from memory.
    bounds = np.array(iv.exact_poisson_bounds(137)) / 24.19893
    assert bounds == pytest.approx((4.753125, 6.692709), abs=5e-7)


@pytest.mark.parametrize(
    ("first", "second", "exposures", "confidence", "ratio", "lower", "upper"),
    [
        # R output of poisson.test, given as printed in published teaching notes.
        (930, 619, (3, 3), 0.95, 1.502423, 1.355716, 1.665905),
        (909, 901, (12, 14), 0.99, 1.177026, 1.041626, 1.330051),
        (10, 2, (20000, 17887), 0.95, 4.47175, 0.9529548, 41.9743814),
    ],
)
def test_r_poisson_test_ratios(first, second, exposures, confidence, ratio, lower, upper):
    interval = iv.rate_ratio_exact(
        second, first, exposure_before=exposures[1], exposure_after=exposures[0], confidence=confidence
    )
    assert interval.estimate == pytest.approx(ratio, rel=1e-6)
    assert limits(interval) == pytest.approx((lower, upper), rel=1e-6)


def test_byar_department_of_health_figures():
    # DataS-DHSC/PHStatsMethods, its own test: byars_lower(100) is 81.36210549052788.
    assert iv.byar(100).lower == pytest.approx(81.36210549052788, rel=1e-12)


def test_byar_is_exact_below_ten_and_says_so():
    few, many = iv.byar(9, 1000, 100_000), iv.byar(10, 1000, 100_000)
    assert limits(few) == tuple(float(limit) / 1000 * 100_000 for limit in iv.exact_poisson_bounds(9))
    assert few.method == "exact Poisson (fewer than 10 events)"
    assert many.method == "Byar"
    # Byar's formula by hand for ten events: 10(1 - 1/90 - 1.959964/(3 x 3.162278))^3, likewise with 11.
    by_hand = (
        10 * (1 - 1 / 90 - 1.959964 / (3 * 10**0.5)) ** 3,
        11 * (1 - 1 / 99 + 1.959964 / (3 * 11**0.5)) ** 3,
    )
    assert limits(many) == pytest.approx(tuple(100 * limit for limit in by_hand), rel=1e-7)


def test_garwood_zero_events():
    # Hanley and Lippman-Hand (1983), the "rule of three": one-sided 95% limit of none seen is near 3.
    lower, upper = iv.exact_poisson_bounds(0, confidence=0.9)
    assert lower == 0
    assert upper == pytest.approx(-math.log(0.05))


@pytest.mark.parametrize(
    ("events_before", "n_before", "events_after", "n_after", "lower", "upper"),
    [
        # Koopman (1984) Biometrics 40, example: 36 of 40 against 16 of 80; from memory, not found in public.
        (16, 80, 36, 40, 2.94, 7.15),
        # R, PropCIs::riskscoreci(7, 34, 1, 34, 0.95), as in the statsmodels test suite. Fagerland, Lydersen
        # and Laake (2017), by the tests of their R package contingencytables: 1.2209 to 42.5757.
        (1, 34, 7, 34, 1.220853, 42.575718),
    ],
)
def test_koopman_published_ratios(events_before, n_before, events_after, n_after, lower, upper):
    interval = iv.proportion_ratio_score(events_before, n_before, events_after, n_after)
    assert limits(interval) == pytest.approx((lower, upper), rel=2e-3 if lower == 2.94 else 1e-6)


@given(counted)
@settings(max_examples=60, deadline=None)
def test_single_proportions_agree_with_scipy(case):
    events, n = case
    result = stats.binomtest(events, n)
    for ours, theirs in (
        (iv.wilson(events, n), result.proportion_ci(method="wilson")),
        (iv.clopper_pearson(events, n), result.proportion_ci(method="exact")),
    ):
        assert limits(ours) == pytest.approx((theirs.low, theirs.high), abs=1e-10)


@given(counted, counted)
@settings(max_examples=60, deadline=None)
def test_newcombe_is_antisymmetric_and_within_one(before, after):
    forth, back = iv.newcombe(*before, *after), iv.newcombe(*after, *before)
    assert limits(forth) == pytest.approx((-back.upper, -back.lower), abs=1e-12)
    assert -1 <= forth.lower <= forth.estimate <= forth.upper <= 1


@given(counted, counted)
@settings(max_examples=40, deadline=None)
def test_proportion_ratio_swaps_to_its_reciprocal(before, after):
    forth, back = iv.proportion_ratio_score(*before, *after), iv.proportion_ratio_score(*after, *before)
    if before[0] + after[0] == 0:
        assert math.isnan(forth.estimate)
        return
    reciprocal = tuple(1 / limit if limit else math.inf for limit in (back.upper, back.lower))
    assert limits(forth) == pytest.approx(reciprocal, rel=1e-7)


@pytest.mark.parametrize("case", [(28, 385, 53, 377), (3, 10, 9, 10), (1, 1000, 7, 900)])
def test_proportion_ratio_agrees_with_statsmodels(case):
    before, n_before, after, n_after = case
    theirs = sm_proportion.confint_proportions_2indep(
        after, n_after, before, n_before, compare="ratio", method="score", correction=False
    )
    assert limits(iv.proportion_ratio_score(*case)) == pytest.approx(theirs, rel=1e-5)


def test_wilson_finite_solves_the_corrected_score_equation():
    events, n, population = 30, 45, 60
    share, z = events / n, stats.norm.isf(0.025)
    shrink = (population - n) / (population - 1)

    def score(p):
        return abs(share - p) - z * math.sqrt(p * (1 - p) / n * shrink)

    roots = optimize.brentq(score, 0.4, share), optimize.brentq(score, share, 0.9)
    assert limits(iv.wilson_finite(events, n, population)) == pytest.approx(roots, abs=1e-10)


def test_wilson_finite_edges():
    assert limits(iv.wilson_finite(30, 45, 45)) == (30 / 45, 30 / 45)
    assert "whole population" in iv.wilson_finite(30, 45, 45).note
    assert limits(iv.wilson_finite(30, 45, 10**9)) == pytest.approx(limits(iv.wilson(30, 45)), abs=1e-6)
    # One event seen among 99 of 100: the population holds one or two, so no less than 1%.
    assert iv.wilson_finite(1, 99, 100).lower == 0.01
    assert 0.01 < iv.wilson_finite(1, 99, 100).upper <= 0.02
    assert math.isnan(iv.wilson_finite(0, 0, 10).estimate)
    with pytest.raises(MethodError, match="45 cases from a population of 40"):
        iv.wilson_finite(30, 45, 40)


@pytest.mark.parametrize("n", [4, 12, 30])
def test_wilson_finite_covers_a_finite_population(n):
    population = 60
    events = np.arange(n + 1)
    bounds = [limits(iv.wilson_finite(int(count), n, population)) for count in events]
    lower, upper = np.array(bounds).T
    held = np.arange(population + 1)
    chance = stats.hypergeom.pmf(events, population, held[:, None], n)
    truth = held[:, None] / population
    coverage = (chance * ((lower <= truth + 1e-12) & (truth - 1e-12 <= upper))).sum(axis=1)
    assert 0.94 <= coverage.mean() <= 0.985


@pytest.mark.parametrize("function", [iv.wilson, iv.clopper_pearson])
def test_no_cases_one_case_all_cases(function):
    nothing = function(0, 0)
    assert math.isnan(nothing.estimate)
    assert math.isnan(nothing.lower)
    assert math.isnan(nothing.upper)
    assert nothing.note
    assert function(0, 1).lower == 0
    assert function(1, 1).upper == 1
    assert 0 < function(0, 1).upper < 1
    assert function(50, 50).upper == 1
    assert not nothing.contains(0.5)


def test_ratio_edges():
    assert math.isnan(iv.rate_ratio_exact(0, 0).estimate)
    assert iv.rate_ratio_exact(0, 0).note
    assert iv.rate_ratio_exact(0, 5).estimate == math.inf
    assert 0 < iv.rate_ratio_exact(0, 5).lower < math.inf
    assert limits(iv.rate_ratio_exact(5, 0))[0] == 0
    assert iv.proportion_ratio_score(0, 10, 5, 10).upper == math.inf
    assert iv.proportion_ratio_score(5, 10, 0, 10).lower == 0
    # All of ten in both periods: the score equation gives 1 + z^2/10 and its reciprocal.
    everyone = iv.proportion_ratio_score(10, 10, 10, 10)
    assert limits(everyone) == pytest.approx((1 / (1 + 1.959964**2 / 10), 1 + 1.959964**2 / 10), rel=1e-6)
    assert math.isnan(iv.proportion_ratio_score(0, 10, 0, 10).upper)
    assert math.isnan(iv.proportion_ratio_score(0, 0, 5, 10).upper)
    assert math.isnan(iv.newcombe(0, 0, 5, 10).estimate)


def test_vectors_carry_missing_figures_and_leave_their_input_alone():
    events, n = np.array([3.0, np.nan, 2.0, 0.0]), np.array([10.0, 10.0, np.nan, 0.0])
    copies = events.copy(), n.copy()
    for bounds in (iv.wilson_bounds, iv.clopper_pearson_bounds):
        lower, upper = bounds(events, n)
        assert np.isnan(lower).tolist() == np.isnan(upper).tolist() == [False, True, True, True]
    for bounds in (iv.byar_bounds, iv.exact_poisson_bounds):
        assert np.isnan(bounds(events)[0]).tolist() == [False, True, False, False]
    np.testing.assert_array_equal(events, copies[0])
    np.testing.assert_array_equal(n, copies[1])
    assert iv.wilson_bounds([], [])[0].shape == (0,)


@pytest.mark.parametrize(
    "call",
    [
        lambda: iv.wilson(11, 10),
        lambda: iv.wilson(-1, 10),
        lambda: iv.wilson(2.5, 10),
        lambda: iv.clopper_pearson(math.nan, 10),
        lambda: iv.wilson(1, 10, confidence=95),
        lambda: iv.wilson_bounds([1, 11], [10, 10]),
        lambda: iv.newcombe(1, 10, 11, 10),
        lambda: iv.byar(3, exposure=0),
        lambda: iv.byar(math.nan),
        lambda: iv.byar_bounds([-1]),
        lambda: iv.byar(3, per=-1),
        lambda: iv.rate_ratio_exact(1, 2, exposure_after=math.inf),
    ],
)
def test_wrong_input_is_refused(call):
    with pytest.raises(MethodError, match="expected"):
        call()


def binomial_coverage(bounds, n, shares):
    events = np.arange(n + 1)
    lower, upper = bounds(events, n)
    chance = stats.binom.pmf(events, n, shares[:, None])
    return (chance * ((lower <= shares[:, None]) & (shares[:, None] <= upper))).sum(axis=1)


@pytest.mark.parametrize("n", [5, 10, 20, 45, 100, 300])
def test_coverage_of_one_proportion(n):
    shares = (np.arange(100) + 0.5) / 100
    assert 0.94 <= binomial_coverage(iv.wilson_bounds, n, shares).mean() <= 0.96
    assert binomial_coverage(iv.clopper_pearson_bounds, n, shares).min() >= 0.95


@pytest.mark.parametrize(("n_before", "n_after"), [(10, 10), (10, 30), (30, 30), (45, 100)])
def test_coverage_of_a_difference(n_before, n_after):
    shares = (np.arange(20) + 0.5) / 20
    before, after = np.meshgrid(np.arange(n_before + 1), np.arange(n_after + 1), indexing="ij")
    lower, upper = iv.newcombe_bounds(before, n_before, after, n_after)
    coverage = [
        stats.binom.pmf(np.arange(n_before + 1), n_before, p)
        @ ((lower <= q - p) & (q - p <= upper))
        @ stats.binom.pmf(np.arange(n_after + 1), n_after, q)
        for p in shares
        for q in shares
    ]
    assert 0.94 <= np.mean(coverage) <= 0.96


def test_coverage_of_a_rate():
    means = np.linspace(0.2, 60, 300)
    events = np.arange(200)
    chance = stats.poisson.pmf(events, means[:, None])
    for bounds, least in ((iv.exact_poisson_bounds, 0.95), (iv.byar_bounds, 0.94)):
        lower, upper = bounds(events)
        coverage = (chance * ((lower <= means[:, None]) & (means[:, None] <= upper))).sum(axis=1)
        assert coverage.min() >= least


def test_an_interval_in_another_unit_has_all_its_figures_in_it():
    share = iv.wilson(5, 20)
    percent = share.scaled(100)
    for name in ("estimate", "lower", "upper"):
        assert getattr(percent, name) == 100 * getattr(share, name)
    assert (percent.method, percent.note) == (share.method, share.note)
