"""Comparisons against R's documented examples, published worked examples, statsmodels and simulation."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats import proportion as sm_proportion
from statsmodels.stats.multitest import multipletests

from s75lib.errors import MethodError
from s75lib.stats import comparison as cmp

counted = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_r_fisher_test():
    # R, ?fisher.test: TeaTasting (3 of 4 against 1 of 4), p = 0.4857, which is 34/70.
    result = cmp.compare_proportions(1, 4, 3, 4)
    assert result.test == "Fisher exact"
    assert result.p_value == pytest.approx(34 / 70, rel=1e-12)


def test_pooled_score_is_pearsons_chi_square():
    # By hand, n(ad - bc)^2 over the product of the margins: 100 (15 x 25 - 35 x 25)^2 / (50 50 40 60) = 25/6.
    result = cmp.compare_proportions(15, 50, 25, 50)
    assert result.test == "pooled score"
    assert result.p_value == pytest.approx(stats.chi2.sf(25 / 6, 1), rel=1e-12)


@given(counted, counted)
@settings(max_examples=60, deadline=None)
def test_proportions_agree_with_statsmodels_or_scipy_and_with_themselves(before, after):
    result = cmp.compare_proportions(*before, *after)
    events = np.array([[before[0], before[1] - before[0]], [after[0], after[1] - after[0]]])
    if result.test == "pooled score":
        _, expected = sm_proportion.proportions_ztest([before[0], after[0]], [before[1], after[1]])
    else:
        expected = stats.fisher_exact(events).pvalue
    assert result.p_value == pytest.approx(expected, rel=1e-9)
    back = cmp.compare_proportions(*after, *before)
    assert back.p_value == pytest.approx(result.p_value, rel=1e-9)
    assert back.difference == pytest.approx(-result.difference)
    shares = [events / cases for events, cases in (before, after)]
    assert result.difference == pytest.approx((shares[1] - shares[0]) * 100)


@given(counted, counted)
@settings(max_examples=60, deadline=None)
def test_ratio_interval_and_pooled_score_test_agree(before, after):
    result = cmp.compare_proportions(*before, *after)
    if result.test == "pooled score" and abs(result.p_value - 0.05) > 1e-9:
        assert (result.lower <= 1 <= result.upper) != result.significant


def test_the_smaller_expected_cell_chooses_the_test():
    assert cmp.compare_proportions(5, 50, 5, 50).test == "pooled score"
    assert cmp.compare_proportions(4, 50, 5, 50).test == "Fisher exact"
    assert cmp.compare_proportions(45, 50, 46, 50).test == "Fisher exact"


def test_two_zeros_give_one_where_statsmodels_gives_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert math.isnan(sm_proportion.proportions_ztest([0, 0], [100, 100])[1])
    for events, n in ((0, 100), (100, 100)):
        result = cmp.compare_proportions(events, n, events, n)
        assert result.p_value == 1
        assert not result.significant
        assert "nothing to test" in result.note
        assert result.difference == 0
        assert result.difference_lower < 0 < result.difference_upper
    assert math.isnan(cmp.compare_proportions(0, 100, 0, 100).ratio)
    assert cmp.compare_proportions(100, 100, 100, 100).ratio == 1


def test_a_period_without_cases_is_a_result_with_a_reason():
    result = cmp.compare_proportions(0, 0, 5, 10)
    assert math.isnan(result.p_value)
    assert math.isnan(result.difference)
    assert not result.significant
    assert "without cases" in result.note
    assert result.test == "none"


def test_nothing_before_gives_an_endless_ratio():
    result = cmp.compare_proportions(0, 50, 20, 50)
    assert result.ratio == math.inf
    assert result.relative_change == math.inf
    assert 0 < result.relative_change_lower < math.inf
    assert result.significant


@pytest.mark.parametrize(
    ("events_before", "n_before", "events_after", "n_after", "p_value"),
    [
        # scipy.stats.fisher_exact, documentation: whales among animals seen in two oceans, 8 and 1, 2 and 5.
        (2, 7, 8, 9, 0.0349650),
        # R, ?fisher.test, the lady tasting tea, two-sided: 34 of 70 ways.
        (1, 4, 3, 4, 34 / 70),
    ],
)
def test_fisher_exact_documented_examples(events_before, n_before, events_after, n_after, p_value):
    result = cmp.compare_proportions(events_before, n_before, events_after, n_after)
    assert result.test == "Fisher exact"
    assert result.p_value == pytest.approx(p_value, rel=1e-5)


def test_relative_change_is_the_ratio_less_one():
    result = cmp.compare_proportions(48, 80, 56, 70)
    assert result.relative_change == pytest.approx(100 * (0.8 / 0.6 - 1))
    assert result.relative_change_lower == pytest.approx(100 * (result.lower - 1))


def test_borderline_is_said():
    # Among all pairs of counts of 20 and 24 there are some where Newcombe and the test part ways.
    cases = [(b, 20, a, 24) for b in range(21) for a in range(25)]
    results = [cmp.compare_proportions(*case) for case in cases]
    apart = [r for r in results if (r.difference_lower <= 0 <= r.difference_upper) == r.significant]
    assert apart
    assert all("borderline" in r.note for r in apart)


@pytest.mark.parametrize(
    ("first", "second", "exposures", "p_value"),
    [
        # R, ?poisson.test: poisson.test(c(11, 6+8+7), c(800, 1083+1050+878)); the call is read in R's
        # documentation, p = 0.07967 is from memory.
        (11, 21, (800, 3011), 0.07967),
        # R output printed in published teaching notes.
        (10, 2, (20000, 17887), 0.0421),
        (909, 901, (12, 14), 0.0005739),
        (930, 619, (3, 3), 2.727e-15),
    ],
)
def test_r_poisson_test_p_values(first, second, exposures, p_value):
    result = cmp.compare_counts(second, first, exposure_before=exposures[1], exposure_after=exposures[0])
    assert result.p_value == pytest.approx(p_value, rel=1e-3)


def test_interval_and_test_of_counts_can_disagree_and_say_so():
    # R's own output for these counts: p = 0.0421 beside the interval 0.953 to 41.97.
    result = cmp.compare_counts(2, 10, exposure_before=17887, exposure_after=20000)
    assert result.significant
    assert result.lower < 1 < result.upper
    assert "borderline" in result.note


@given(st.integers(0, 300), st.integers(0, 300))
@settings(max_examples=60, deadline=None)
def test_equal_exposures_interval_and_test_agree(before, after):
    result = cmp.compare_counts(before, after)
    if before + after:
        assert (result.lower <= 1 <= result.upper) != result.significant
        assert result.note in ("", "no events before, so the ratio has no upper limit")


def test_permanent_admissions_by_hand():
    # Two-sided binomial: twice the chance of 9 or fewer of 26 at one half, counted in whole numbers.
    by_hand = 2 * sum(math.comb(26, k) for k in range(10)) / 2**26
    assert cmp.compare_counts(17, 9).p_value == pytest.approx(by_hand, rel=1e-12)


def test_counts_edges():
    nothing = cmp.compare_counts(0, 0)
    assert math.isnan(nothing.ratio)
    assert math.isnan(nothing.p_value)
    assert not nothing.significant
    assert nothing.note
    assert nothing.difference == 0
    # Each zero has the score limits 0 and z^2.
    assert nothing.difference_upper == pytest.approx(1.959964**2, rel=1e-6)
    assert cmp.compare_counts(0, 5).ratio == math.inf
    assert cmp.compare_counts(5, 0).ratio == 0
    assert cmp.compare_counts(5, 0).p_value == pytest.approx(2 / 2**5)
    assert cmp.compare_counts(12, 12).p_value == 1


def test_exposure_changes_the_rate_not_the_count():
    result = cmp.compare_counts(60, 50, exposure_before=12, exposure_after=10)
    assert result.ratio == pytest.approx(1)
    assert result.difference == pytest.approx(0)
    assert cmp.compare_counts(60, 60, exposure_before=12, exposure_after=10).difference == pytest.approx(1)


@pytest.mark.parametrize(("before", "after"), [(5, 5), (10, 20), (40, 60)])
def test_difference_of_counts_covers(before, after):
    first, second = np.arange(160), np.arange(160)
    covered = np.zeros((160, 160))
    for i in first[: before * 3 + 15]:
        for j in second[: after * 3 + 15]:
            z = 1.959964
            limits = [
                (x + z**2 / 2 - z * (x + z**2 / 4) ** 0.5, x + z**2 / 2 + z * (x + z**2 / 4) ** 0.5)
                for x in (i, j)
            ]
            low = j - i - math.hypot(j - limits[1][0], limits[0][1] - i)
            high = j - i + math.hypot(limits[1][1] - j, i - limits[0][0])
            covered[i, j] = low <= after - before <= high
    coverage = stats.poisson.pmf(first, before) @ covered @ stats.poisson.pmf(second, after)
    assert 0.93 <= coverage <= 0.97
    ours = cmp.compare_counts(before, after)
    z, i, j = 1.959963985, before, after
    low_i, high_i = (i + z**2 / 2 + sign * z * (i + z**2 / 4) ** 0.5 for sign in (-1, 1))
    low_j, high_j = (j + z**2 / 2 + sign * z * (j + z**2 / 4) ** 0.5 for sign in (-1, 1))
    assert ours.difference_lower == pytest.approx(j - i - math.hypot(j - low_j, high_i - i), rel=1e-7)
    assert ours.difference_upper == pytest.approx(j - i + math.hypot(high_j - j, i - low_i), rel=1e-7)


@given(st.integers(0, 200), st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_tipping_factor_passes_one_where_the_test_passes_its_level(before, after):
    if before + after:
        significant = cmp.compare_counts(before, after).significant
        assert (cmp.overdispersion_tipping_factor(before, after) > 1) == significant


def test_tipping_factor_edges_and_large_counts():
    assert math.isnan(cmp.overdispersion_tipping_factor(0, 0))
    assert cmp.overdispersion_tipping_factor(20, 20) == 0
    # So far apart that the p-value is nought to the machine: the score statistic by hand.
    assert cmp.overdispersion_tipping_factor(10_000, 100) == pytest.approx(
        (9_900**2 / 10_100) / 1.959963985**2, rel=1e-6
    )
    # At phi the quasi-Poisson score of 640 against 400 sits at 1.96 (normal score near the exact one).
    phi = cmp.overdispersion_tipping_factor(640, 400)
    assert 240 / math.sqrt(1040 * phi) == pytest.approx(1.96, abs=0.02)


# Benjamini and Hochberg (1995), section 3.2: fifteen p-values of a myocardial infarction study; read in the
# documentation of scipy.stats.false_discovery_control.
BH_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_benjamini_and_hochberg_1995_example():
    # The paper: four rejections at 0.05 by the false discovery rate, three by the familywise procedures.
    assert (cmp.benjamini_hochberg(BH_1995) <= 0.05).sum() == 4
    assert (cmp.holm(BH_1995) <= 0.05).sum() == 3


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_adjustments_follow_their_definitions(p_values):
    ordered = sorted(p_values)
    m = len(ordered)
    holm = [max(min(1, (m - j) * ordered[j]) for j in range(i + 1)) for i in range(m)]
    bh = [min(min(1, m / (j + 1) * ordered[j]) for j in range(i, m)) for i in range(m)]
    np.testing.assert_allclose(np.sort(cmp.holm(p_values)), holm, atol=1e-12)
    np.testing.assert_allclose(np.sort(cmp.benjamini_hochberg(p_values)), bh, atol=1e-12)


def test_adjustments_agree_with_statsmodels():
    p_values = [0.04, 0.001, 0.2, 0.04, 0.9, 0.013, 0.0]
    for ours, name in ((cmp.holm, "holm"), (cmp.benjamini_hochberg, "fdr_bh")):
        np.testing.assert_allclose(ours(p_values), multipletests(p_values, method=name)[1], rtol=1e-12)


def test_adjustments_carry_missing_tests():
    for adjust in (cmp.holm, cmp.benjamini_hochberg):
        with_gap, without = adjust([0.01, math.nan, 0.2]), adjust([0.01, 0.2])
        assert math.isnan(with_gap[1])
        assert with_gap[[0, 2]].tolist() == without.tolist()
        assert adjust([]).shape == (0,)
        assert np.isnan(adjust([math.nan])).all()
        assert adjust([0.03]).tolist() == [0.03]
        with pytest.raises(MethodError, match="expected 0 to 1"):
            adjust([0.5, 1.2])


def test_equivalence_is_two_one_sided_tests():
    result = cmp.equivalence_of_proportions(800, 1000, 805, 1000, margin=5)
    assert result.equivalent
    assert result.change.confidence == pytest.approx(0.9)
    interval = cmp.compare_proportions(800, 1000, 805, 1000, confidence=0.9)
    assert (result.change.lower, result.change.upper) == pytest.approx(
        (interval.difference_lower, interval.difference_upper), rel=1e-12
    )
    edge = max(abs(result.change.lower), abs(result.change.upper))
    assert cmp.equivalence_of_proportions(800, 1000, 805, 1000, margin=edge).equivalent
    assert not cmp.equivalence_of_proportions(800, 1000, 805, 1000, margin=edge * 0.999).equivalent


def test_few_cases_show_neither_change_nor_its_absence():
    few = (8, 10, 7, 10)
    assert not cmp.compare_proportions(*few).significant
    assert not cmp.equivalence_of_proportions(*few, margin=5).equivalent


def test_a_change_can_be_significant_and_too_small_to_matter():
    many = (50_000, 100_000, 50_600, 100_000)
    assert cmp.compare_proportions(*many).significant
    assert cmp.equivalence_of_proportions(*many, margin=2).equivalent


@pytest.mark.parametrize(
    ("before", "after", "exposures"), [(1200, 1210, (1, 1)), (900, 1000, (1, 1)), (1200, 1300, (10, 11))]
)
def test_equivalence_of_counts_is_two_one_sided_exact_tests(before, after, exposures):
    """Given the total, the later count is binomial: R's poisson.test(r = 1 ± margin, alternative = …)."""
    found = cmp.equivalence_of_counts(
        before, after, margin=10, exposure_before=exposures[0], exposure_after=exposures[1]
    )
    tests = []
    for ratio, side in ((0.9, "greater"), (1.1, "less")):
        share = ratio * exposures[1] / (exposures[0] + ratio * exposures[1])
        tests.append(stats.binomtest(after, before + after, share, alternative=side).pvalue)
    assert found.equivalent == (max(tests) < 0.05)
    assert found.change.estimate == pytest.approx(100 * (after / exposures[1] * exposures[0] / before - 1))
    assert found.change.confidence == pytest.approx(0.9)


def test_a_change_of_counts_at_the_margin_is_found_small_in_one_case_in_twenty_at_most():
    rng = np.random.default_rng(4)
    pairs = zip(rng.poisson(2000, 500), rng.poisson(2200, 500), strict=True)
    found = [cmp.equivalence_of_counts(int(b), int(a), margin=10).equivalent for b, a in pairs]
    assert 0.01 < np.mean(found) <= 0.07


def test_equivalence_of_counts_edges():
    nothing = cmp.equivalence_of_counts(0, 0, margin=10)
    assert not nothing.equivalent
    assert math.isnan(nothing.change.estimate)
    assert nothing.change.note
    assert not cmp.equivalence_of_counts(0, 5, margin=10).equivalent
    assert not cmp.equivalence_of_counts(60, 60, margin=10).equivalent
    for bad in ({"margin": 0}, {"margin": 10, "confidence": 0.5}, {"margin": 10, "exposure_after": 0}):
        with pytest.raises(MethodError):
            cmp.equivalence_of_counts(5, 5, **bad)


def test_equivalence_edges():
    nothing = cmp.equivalence_of_proportions(0, 0, 5, 10, margin=5)
    assert not nothing.equivalent
    assert nothing.change.note
    for bad in ({"margin": 0}, {"margin": 5, "confidence": 0.4}, {"margin": 5, "confidence": 95}):
        with pytest.raises(MethodError):
            cmp.equivalence_of_proportions(1, 10, 2, 10, **bad)


def test_krejcie_and_morgan_1970_table():
    # Krejcie and Morgan (1970): population to sample at 5 points and 95%; they round to the nearest. Read in
    # reprints of the table, but for 150, 200, 1,000, 5,000, 10,000 and 75,000, which are from memory.
    table = {10: 10, 15: 14, 50: 44, 75: 63, 100: 80, 150: 108, 200: 132, 240: 148, 500: 217, 1000: 278,
             1200: 291, 1500: 306, 2800: 338, 5000: 357, 9000: 368, 10_000: 370, 75_000: 382}  # fmt: skip
    for population, published in table.items():
        ours = cmp.sample_size_for_precision(0.5, 0.05, population)
        assert published <= ours <= published + 1
    assert cmp.sample_size_for_precision(0.5, 0.05) == 385


def test_sample_size_gives_its_precision_and_one_fewer_does_not():
    def half_width(n, population):
        return 1.959963985 * math.sqrt(0.2 * 0.8 / n * (population - n) / (population - 1))

    n = cmp.sample_size_for_precision(0.2, 0.06, population=300)
    assert half_width(n, 300) <= 0.06 < half_width(n - 1, 300)
    assert cmp.sample_size_for_precision(0.5, 0.01, population=9) == 9
    assert cmp.sample_size_for_precision(0.5, 0.01, population=1) == 1
    for bad in ((0, 0.05), (1, 0.05), (50, 0.05), (0.5, 5), (0.5, 0.05, 0), (0.5, 0.05, 2.5)):
        with pytest.raises(MethodError):
            cmp.sample_size_for_precision(*bad)


def test_r_power_prop_test():
    # R, ?power.prop.test: n = 50, p1 = 0.5, p2 = 0.75 gives power 0.7401659.
    assert cmp.proportion_power(0.5, 0.75, 50, 50) == pytest.approx(0.7401659, abs=2e-6)


def exact_count_power(mean_before, mean_after):
    """Sum over both counts of the chance that compare_counts finds a change."""
    before, after = np.arange(30), np.arange(52)
    found = [[b + a > 0 and stats.binomtest(int(a), int(b + a)).pvalue < 0.05 for a in after] for b in before]
    return stats.poisson.pmf(before, mean_before) @ np.array(found) @ stats.poisson.pmf(after, mean_after)


@pytest.mark.parametrize(("before", "after"), [(0.3, 0), (0, 40), (60, 68), (100, 156), (900, 1020)])
@pytest.mark.parametrize("exposures", [(1, 1), (1000, 1234.5)])
def test_count_power_by_the_laws_of_all_totals(before, after, exposures):
    totals, null, share = np.arange(4000), exposures[1] / sum(exposures), after / (before + after)
    found = stats.binom.cdf(stats.binom.ppf(0.025, totals, null) - 1, totals, share)
    found += stats.binom.sf(stats.binom.isf(0.025, totals, null), totals, share)
    expected = float(stats.poisson.pmf(totals, before + after) @ found)
    over = dict(zip(("exposure_before", "exposure_after"), exposures, strict=True))
    assert cmp.count_power(before, after, **over) == pytest.approx(expected, abs=1e-8)


def test_count_power_by_enumeration():
    assert cmp.count_power(8, 22) == pytest.approx(exact_count_power(8, 22), abs=1e-6)
    assert cmp.count_power(0, 0) == 0


def test_smallest_change_has_the_power_asked_for():
    counts = cmp.smallest_detectable_count_change(17)
    assert cmp.count_power(17, counts.rise_to) == pytest.approx(0.8, abs=1e-6)
    assert cmp.count_power(17, counts.fall_to) == pytest.approx(0.8, abs=1e-6)
    assert counts.fall == pytest.approx(counts.fall_to - 17)
    shares = cmp.smallest_detectable_proportion_change(75, 100, 100)
    for level in (shares.fall_to, shares.rise_to):
        assert sm_proportion.power_proportions_2indep(level - 0.75, 0.75, 100).power == pytest.approx(
            0.8, abs=1e-4
        )
    assert shares.rise == pytest.approx((shares.rise_to - 0.75) * 100)


def test_smallest_rise_by_simulation():
    rng = np.random.default_rng(7)
    result = cmp.smallest_detectable_proportion_change(300, 600, 500)
    before, after = rng.binomial(600, 0.5, 4000), rng.binomial(500, result.rise_to, 4000)
    pooled = (before + after) / 1100
    z = (after / 500 - before / 600) / np.sqrt(pooled * (1 - pooled) * (1 / 600 + 1 / 500))
    assert (abs(z) > 1.96).mean() == pytest.approx(0.8, abs=0.025)


def test_changes_that_no_data_could_show():
    counts = cmp.smallest_detectable_count_change(5)
    assert math.isnan(counts.fall_to)
    assert counts.rise_to > 5
    nothing = cmp.smallest_detectable_count_change(0)
    # From none: five or fewer are never significant (2 / 2^5 > 0.05), so six with chance 80% are needed.
    assert nothing.rise_to == pytest.approx(
        optimize.brentq(lambda mean: stats.poisson.sf(5, mean) - 0.8, 1, 30), rel=1e-6
    )
    tiny = cmp.smallest_detectable_proportion_change(1, 2, 2)
    assert math.isnan(tiny.fall_to)
    assert math.isnan(tiny.rise_to)
    all_of_them = cmp.smallest_detectable_proportion_change(100, 100, 100)
    assert math.isnan(all_of_them.rise_to)
    assert all_of_them.fall < 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: cmp.compare_proportions(5, 4, 1, 4),
        lambda: cmp.compare_proportions(1, 4, math.nan, 4),
        lambda: cmp.compare_counts(-1, 3),
        lambda: cmp.compare_counts(1.5, 3),
        lambda: cmp.compare_counts(1, 3, exposure_before=0),
        lambda: cmp.compare_counts(1, 3, confidence=1),
        lambda: cmp.smallest_detectable_count_change(-3),
        lambda: cmp.smallest_detectable_proportion_change(0, 0, 10),
        lambda: cmp.smallest_detectable_proportion_change(1, 10, 0),
    ],
)
def test_wrong_input_is_refused(call):
    with pytest.raises(MethodError, match="expected"):
        call()


@pytest.mark.parametrize("before", [0, 3, 9, 14, 20])
def test_a_note_says_whether_test_and_intervals_are_on_one_side_of_the_line(before):
    told = set()
    for after in range(26):
        found = cmp.compare_proportions(before, 20, after, 25)
        significant = found.p_value < 0.05
        excluded = [not found.difference_lower <= 0 <= found.difference_upper]
        if not math.isnan(found.ratio):
            excluded.append(not found.lower <= 1 <= found.upper)
        at_odds = any(one != significant for one in excluded)
        assert ("different sides" in found.note) == at_odds, (before, after)
        told.add(at_odds)
    assert told == ({False} if before in (9, 14) else {False, True})


def test_the_interval_of_equivalent_counts_is_that_of_their_ratio():
    found = cmp.equivalence_of_counts(1200, 1210, margin=10)
    low, high = stats.binomtest(1210, 2410).proportion_ci(0.9, method="exact")
    assert found.change.lower == pytest.approx(100 * (low / (1 - low) - 1))
    assert found.change.upper == pytest.approx(100 * (high / (1 - high) - 1))
    assert found.change.estimate == pytest.approx(100 * (1210 / 1200 - 1))
