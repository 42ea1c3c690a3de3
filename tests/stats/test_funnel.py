from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from s75lib.errors import MethodError
from s75lib.stats.comparison import compare_counts, holm
from s75lib.stats.funnel import (
    _Chances,
    _Continuous,
    differences_from_rest,
    funnel,
    funnel_limits,
    overdispersion,
    positions,
    positions_of_ranges,
)
from s75lib.stats.intervals import byar, newcombe, wilson

# Open-heart operations on children under one and deaths within 30 days, English centres, 1991 to 1995: the
# figures that the Bristol inquiry had, as printed with Spiegelhalter, The Art of Statistics (2019), table 2.5
# (repository dspiegel29/ArtofStatistics, 02-5-child-heart-surgery-1991-x.csv).
HEART = {
    "Bristol": (41, 143), "Leicester": (25, 187), "Leeds": (24, 323), "Oxford": (23, 122),
    "Guys": (25, 164), "Liverpool": (42, 405), "Southampton": (24, 239), "Great Ormond St": (53, 482),
    "Newcastle": (26, 195), "Harefield": (25, 177), "Birmingham": (58, 581), "Brompton": (31, 301),
}  # fmt: skip
DEATHS, OPERATIONS = (np.array(column) for column in zip(*HEART.values(), strict=True))

groups = st.lists(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=9
)


def exact_lower(n: int, share: Fraction, tail: Fraction) -> float:
    """The paper's lower limit in exact fractions."""
    reached = Fraction(0)
    for count in range(n + 1):
        chance = math.comb(n, count) * share**count * (1 - share) ** (n - count)
        reached += chance
        if reached >= tail:
            return float(max(count - (reached - tail) / chance, Fraction(0)) / n)
    raise AssertionError


@pytest.mark.parametrize("n", [1, 2, 7, 25, 60])
@pytest.mark.parametrize("share", [Fraction(1, 20), Fraction(3, 10), Fraction(9, 10)])
@pytest.mark.parametrize(("confidence", "tail"), [(0.95, Fraction(1, 40)), (0.998, Fraction(1, 1000))])
def test_limits_are_the_papers_in_exact_fractions(n, share, confidence, tail):
    lower, upper = funnel_limits([n], float(share), kind="proportion", confidence=confidence)
    assert lower[0] == pytest.approx(exact_lower(n, share, tail), abs=1e-9)
    assert upper[0] == pytest.approx(1 - exact_lower(n, 1 - share, tail), abs=1e-9)


@pytest.mark.parametrize(("target", "exposure"), [(0.5, 3.0), (2.0, 10.0), (17.6e-5, 675_458.0)])
def test_limits_as_published_follow_the_formula_by_scipys_quantiles(target, exposure):
    """r = F⁻¹(p), less (F(r) − p) / f(r), over the exposure: Spiegelhalter (2005), appendix A.1."""
    lower, upper = funnel_limits([exposure], target, kind="rate", confidence=0.998, tails="as_published")
    law = stats.poisson(target * exposure)
    for limit, share in ((lower[0], 0.001), (upper[0], 0.999)):
        count = law.ppf(share)
        wanted = (count - (law.cdf(count) - share) / law.pmf(count)) / exposure
        assert limit == pytest.approx(max(wanted, 0), rel=1e-9)


def test_limits_become_the_normal_ones_where_units_are_large():
    lower, upper = funnel_limits([1_000_000], 0.2, kind="proportion")
    half = 1.959964 * math.sqrt(0.2 * 0.8 / 1e6)
    assert [lower[0], upper[0]] == pytest.approx([0.2 - half, 0.2 + half], abs=2e-6)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize("target", [0.03, 0.3])
@pytest.mark.parametrize("between", [0.0, 0.0004])
def test_chance_alone_goes_outside_no_more_often_than_said(kind, target, between):
    """By adding up all counts, not by simulation."""
    for size in (1, 4, 30, 200):
        counts = np.arange(size * 6 + 12 if kind == "rate" else size + 1)
        if kind == "rate":
            shape = target**2 / between if between else 0
            law = (
                stats.nbinom(shape, shape / (shape + size * target))
                if between
                else stats.poisson(size * target)
            )
        else:
            total = target * (1 - target) / between - 1 if between else 0
            law = (
                stats.betabinom(size, target * total, (1 - target) * total)
                if between
                else stats.binom(size, target)
            )
        for confidence in (0.95, 0.998):
            lower, upper = funnel_limits([size], target, kind=kind, confidence=confidence, between=between)
            outside = [
                law.pmf(counts[counts / size < lower[0] - 1e-9]),
                law.pmf(counts[counts / size > upper[0] + 1e-9]),
            ]
            assert all(part.sum() <= (1 - confidence) / 2 + 1e-9 for part in outside)


def test_the_papers_upper_limit_would_call_a_likely_count_unusual():
    """One case, target 90%: success is what one expects, and lies above the limit as published."""
    assert funnel_limits([1], 0.9, kind="proportion", tails="as_published")[1][0] < 1
    assert funnel_limits([1], 0.9, kind="proportion")[1][0] == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 400), st.floats(0.01, 0.99), st.floats(0, 0.02), st.data())
def test_a_point_outside_the_line_and_a_small_tail_are_the_same(n, target, between, data):
    count = data.draw(st.integers(0, n))
    fewer, more = _Chances([n], target, kind="proportion", between=between).tails([count])
    lower, upper = funnel_limits([n], target, kind="proportion", between=between)
    if min(abs(fewer[0] - 0.025), abs(more[0] - 0.025)) > 1e-9:
        assert (count / n < lower[0] - 1e-12) == (fewer[0] < 0.025)
        assert (count / n > upper[0] + 1e-12) == (more[0] < 0.025)


@pytest.mark.parametrize("between", [1e-6, 1e-4])
def test_from_so_many_cases_on_chances_are_the_beta_binomials_still(between):
    """To a fifth of one count's chance, so that half a count more or less would be seen."""
    n, target = 25_000, 0.3
    total = target * (1 - target) / between - 1
    law = stats.betabinom(n, target * total, (1 - target) * total)
    centre, spread = n * target, law.std()
    counts = np.round(centre + spread * np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))
    slack = law.pmf(counts[2]) / 5
    chances = _Chances([n] * 5, target, kind="proportion", between=between)
    fewer, more = chances.tails(counts)
    assert fewer == pytest.approx(law.cdf(counts), abs=slack)
    assert more == pytest.approx(law.sf(counts - 1), abs=slack)
    lower, upper = funnel_limits([n], target, kind="proportion", between=between)
    assert [lower[0] * n, upper[0] * n] == pytest.approx([law.ppf(0.025), law.isf(0.025)], abs=1.5)


def test_a_tabled_distribution_agrees_with_the_continuous_one_that_takes_over():
    below, above = (
        np.array(funnel_limits([n], 0.3, kind="proportion", between=0.001)).ravel() for n in (19_999, 20_001)
    )
    assert below == pytest.approx(above, abs=1e-4)


def test_spread_widens_rates_as_the_gamma_distribution_does():
    """Exposure so large that chance no longer counts: the limits are those of the true rates."""
    lower, upper = funnel_limits([1e9], 2.0, kind="rate", between=0.25)
    wanted = stats.gamma(16, scale=1 / 8).ppf([0.025, 0.975])
    assert [lower[0], upper[0]] == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize(("target", "kind"), [(0.0, "rate"), (0.0, "proportion"), (1.0, "proportion")])
def test_a_target_of_nobody_or_everybody_leaves_no_room(target, kind):
    lower, upper = funnel_limits([5, 0], target, kind=kind)
    assert lower[0] == upper[0] == target
    assert math.isnan(lower[1])
    fewer, more = _Chances([5], target, kind=kind).tails([5 * target])
    assert fewer[0] == more[0] == 1


# ----------------------------------------------------------------------------- the funnel


def test_bristol_is_the_one_centre_beyond_the_outer_limits():
    """As the inquiry's experts found: deaths at Bristol were about twice those elsewhere, beyond chance."""
    made = funnel(DEATHS, OPERATIONS, kind="proportion", dispersion="none")
    places = dict(zip(HEART, made.frame["place"], strict=True))
    assert made.target == pytest.approx(397 / 3319)
    assert [name for name, place in places.items() if place.endswith("998")] == ["Bristol"]
    assert places["Bristol"] == "above_998"
    assert places["Leeds"] == "below_95"
    rest = differences_from_rest(DEATHS, OPERATIONS, kind="proportion")
    assert rest["p_holm"].idxmin() == 0
    assert rest["p_holm"][0] < 1e-5
    # 28.7% against 11.2% elsewhere
    assert rest.loc[0, ["estimate", "rest"]].tolist() == pytest.approx([41 / 143, 356 / 3176])


@pytest.mark.parametrize(("kind", "interval"), [("proportion", wilson), ("rate", byar)])
def test_each_unit_has_the_interval_of_its_own_figure(kind, interval):
    rows = funnel(DEATHS, OPERATIONS, kind=kind).frame[["estimate", "lower", "upper"]]
    own = [interval(int(deaths), int(done)) for deaths, done in HEART.values()]
    assert rows.to_numpy() == pytest.approx(np.array([[one.estimate, one.lower, one.upper] for one in own]))


def test_an_outlier_does_not_hide_itself_by_widening_the_limits():
    made = funnel(DEATHS, OPERATIONS, kind="proportion")
    assert made.overdispersion.p_value < 0.001
    assert made.frame["place"][0] in ("above_95", "above_998")


def test_over_dispersion_is_as_the_paper_defines_it():
    """phi and tau squared written out from appendix A.3, by loops."""
    found = overdispersion(DEATHS, OPERATIONS, kind="proportion")
    centre = DEATHS.sum() / OPERATIONS.sum()
    scores, weights = [], []
    for died, done in HEART.values():
        variance = centre * (1 - centre) / done
        scores.append((died / done - centre) / math.sqrt(variance))
        weights.append(1 / variance)
    assert found.q == pytest.approx(sum(z * z for z in scores))
    # Pearson's chi-squared of the 2 × 12 table is the same statistic
    table = np.array([DEATHS, OPERATIONS - DEATHS])
    pearson = stats.chi2_contingency(table, correction=False)
    assert [found.q, found.p_value] == pytest.approx([pearson.statistic, pearson.pvalue])
    ordered = sorted(scores)
    low = ordered[1] + 0.1 * (
        ordered[2] - ordered[1]
    )  # the tenth centile of twelve: 1.1 steps from the first
    high = ordered[9] + 0.9 * (ordered[10] - ordered[9])
    phi = sum(min(max(z, low), high) ** 2 for z in scores) / 12
    assert found.phi == pytest.approx(phi)
    spare = sum(weights) - sum(w * w for w in weights) / sum(weights)
    assert found.between == pytest.approx(max(0.0, (12 * phi - 11) / spare))


def test_spread_is_recovered_and_chance_is_not_taken_for_it():
    """Simulated groups: a known variance is estimated to its size, and 1 group in 20 is found without one."""
    rng = np.random.default_rng(20)
    sizes = np.full(150, 400)
    shares = rng.beta(0.2 * 63, 0.8 * 63, size=(30, 150))  # variance 0.2 × 0.8 / 64 = 0.0025
    found = [
        overdispersion(rng.binomial(sizes, share), sizes, kind="proportion", winsorised=0).between
        for share in shares
    ]
    assert np.mean(found) == pytest.approx(0.0025, rel=0.1)
    sizes = rng.integers(20, 400, 12)
    alarms = [
        overdispersion(rng.binomial(sizes, 0.2), sizes, kind="proportion").p_value < 0.05 for _ in range(400)
    ]
    assert 0.02 < np.mean(alarms) < 0.08


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_with_spread_few_ordinary_units_lie_outside(kind):
    rng = np.random.default_rng(5)
    outside = {"none": [], "additive": [], "multiplicative": []}
    for _ in range(25):
        sizes = rng.integers(200, 1_000, 30)
        if kind == "proportion":
            counts = rng.binomial(sizes, rng.beta(20, 80, 30))
        else:
            counts = rng.poisson(sizes * rng.gamma(25, 0.2 / 25, 30))
        for dispersion, found in outside.items():
            made = funnel(counts, sizes, kind=kind, dispersion=dispersion)
            found.append(made.frame["place"].ne("inside").mean())
    assert np.mean(outside["none"]) > 0.3
    assert np.mean(outside["additive"]) < 0.15
    assert np.mean(outside["multiplicative"]) < 0.2


def test_in_a_small_group_one_far_unit_does_not_hide_itself_either():
    """Five alike but for one: phi by hand, with the least and the greatest z drawn in to the next."""
    counts = np.array([50, 48, 52, 49, 90])
    made = funnel(counts, [100] * 5, kind="proportion")
    assert made.frame["place"].tolist()[-1] == "above_998"
    centre, error = 289 / 500, math.sqrt(289 / 500 * 211 / 500 / 100)
    scores = sorted((counts / 100 - centre) / error)
    drawn_in = [scores[1], scores[1], scores[2], scores[3], scores[3]]
    assert made.overdispersion.phi == pytest.approx(sum(z * z for z in drawn_in) / 5)


def test_fewer_than_five_units_say_that_spread_is_not_estimated():
    made = funnel([10, 90, 50, 5], [100] * 4, kind="proportion")
    assert made.dispersion == "none"
    assert "fewer than 5 units" in made.note
    assert math.isnan(made.overdispersion.phi)


def test_one_unit_has_nothing_to_be_compared_with_unless_a_target_is_known():
    alone = funnel([5], [20], kind="proportion")
    assert alone.frame["place"].tolist() == [""]
    assert "nothing to compare with" in alone.note
    assert np.isnan(alone.limits([10, 20])).all()
    assert funnel([15], [20], kind="proportion", target=0.25).frame["place"].tolist() == ["above_998"]


@pytest.mark.parametrize(
    ("events", "kind"), [([0, 0, 0], "proportion"), ([5, 9, 30], "proportion"), ([0] * 3, "rate")]
)
def test_nobody_or_everybody_everywhere_is_inside(events, kind):
    made = funnel(events, [5, 9, 30], kind=kind)
    assert made.frame["place"].tolist() == ["inside"] * 3
    assert made.frame["p_value"].tolist() == [1.0] * 3


def test_a_unit_without_a_base_is_kept_and_not_judged():
    made = funnel([0, 4, 9], [0, 40, 50], kind="proportion")
    assert made.frame["place"].tolist() == ["", "inside", "inside"]
    assert math.isnan(made.frame["estimate"][0])
    assert "without a base" in made.note
    assert made.target == pytest.approx(13 / 90)


@settings(max_examples=20, deadline=None)
@given(groups, st.randoms())
def test_the_order_of_units_does_not_matter(group, random):
    order = list(range(len(group)))
    random.shuffle(order)
    events, bases = (np.array(column) for column in zip(*group, strict=True))
    one = funnel(events, bases, kind="proportion")
    other = funnel(events[order], bases[order], kind="proportion")
    assert other.frame["place"].tolist() == one.frame["place"].iloc[order].tolist()
    for method in (positions, differences_from_rest):
        whole, moved = (
            method(*pair, kind="proportion") for pair in ((events, bases), (events[order], bases[order]))
        )
        numbers = whole.select_dtypes("number").iloc[order].to_numpy()
        assert moved.select_dtypes("number").to_numpy() == pytest.approx(numbers, nan_ok=True, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(groups, st.sampled_from([0.01, 12.0, 1000.0]))
def test_rates_do_not_depend_on_the_unit_of_exposure(group, scale):
    events, bases = (np.array(column, dtype=float) for column in zip(*group, strict=True))
    one, other = (funnel(events, size, kind="rate").frame for size in (bases, bases * scale))
    assert other["place"].tolist() == one["place"].tolist()
    for name in ("estimate", "lower_95", "upper_998"):
        assert other[name].to_numpy() * scale == pytest.approx(one[name].to_numpy(), rel=1e-6, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(groups)
def test_failures_mirror_successes(group):
    events, bases = (np.array(column) for column in zip(*group, strict=True))
    one, other = (funnel(count, bases, kind="proportion").frame for count in (events, bases - events))
    swapped = {"above": "below", "below": "above"}
    mirrored = [swapped.get(place[:5], place[:5]) + place[5:] for place in one["place"]]
    assert other["place"].tolist() == mirrored
    assert (1 - other["lower_95"]).to_numpy() == pytest.approx(one["upper_95"].to_numpy(), abs=1e-6)


# ----------------------------------------------------------------------------- difference from the rest


def test_the_difference_leaves_the_unit_itself_out():
    found = differences_from_rest([48, 56, 30], [80, 70, 60], kind="proportion")
    interval = newcombe(86, 130, 48, 80)
    assert found.loc[0, ["difference", "lower", "upper"]].tolist() == pytest.approx(
        [interval.estimate, interval.lower, interval.upper]
    )
    assert found["p_value"][0] == pytest.approx(stats.fisher_exact([[48, 32], [86, 44]]).pvalue)
    rates = differences_from_rest([48, 56, 30], [8.0, 7.0, 6.5], kind="rate")
    two = compare_counts(86, 48, exposure_before=13.5, exposure_after=8.0)
    assert rates.loc[0, ["difference", "lower", "p_value"]].tolist() == pytest.approx(
        [two.difference, two.difference_lower, two.p_value]
    )


@given(groups)
@settings(max_examples=60, deadline=None)
def test_shares_are_tested_as_scipy_tests_one_table(units):
    events, cases = (np.array(column) for column in zip(*units, strict=True))
    found = differences_from_rest(events, cases, kind="proportion")["p_value"]
    tables = [
        [[own, size - own], [events.sum() - own, cases.sum() - size - events.sum() + own]]
        for own, size in units
    ]
    assert found.tolist() == pytest.approx([stats.fisher_exact(table).pvalue for table in tables], rel=1e-12)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_some_units_can_be_asked_about_alone(kind):
    every = differences_from_rest(DEATHS, OPERATIONS, kind=kind)
    some = differences_from_rest(DEATHS, OPERATIONS, kind=kind, units=[0, 3])
    found = ["difference", "lower", "upper", "widened", "p_value"]
    pd.testing.assert_frame_equal(some.loc[[0, 3], found], every.loc[[0, 3], found])
    assert some["rest"].tolist() == every["rest"].tolist()
    assert some.drop(index=[0, 3])[[*found, "p_holm", "p_bh"]].isna().all(axis=None)
    assert some["p_holm"].dropna().tolist() == pytest.approx(holm(every.loc[[0, 3], "p_value"]))


def test_two_units_differ_from_each_other_by_the_same():
    found = differences_from_rest([30, 50], [100, 120], kind="proportion")
    assert found["difference"][0] == pytest.approx(-found["difference"][1])
    assert found["p_value"][0] == pytest.approx(found["p_value"][1])


def test_spread_between_units_makes_a_difference_less_sure():
    plain, widened = (
        differences_from_rest(DEATHS, OPERATIONS, kind="proportion", between=between)
        for between in (0.0, 0.001)
    )
    assert (widened["p_value"] >= plain["p_value"]).all()
    assert (widened["upper"] - widened["lower"] > plain["upper"] - plain["lower"]).all()
    # the normal approximation written out for Bristol: chance, its own spread, the weighted mean's spread
    pooled, others = 397 / 3319, np.delete(OPERATIONS, 0)
    chance = pooled * (1 - pooled) * (1 / 143 + 1 / 3176)
    extra = 0.001 * (1 + (others**2).sum() / 3176**2)
    assert widened["widened"][0] == pytest.approx(1 + extra / chance)
    assert plain["widened"].eq(1).all()


def test_without_others_there_is_no_difference():
    found = differences_from_rest([5, 0], [20, 0], kind="proportion")
    assert found[["difference", "p_value", "p_holm"]].isna().all(axis=None)


def test_nobody_anywhere_differs_by_nothing():
    shares = differences_from_rest([0, 0], [20, 30], kind="proportion")
    assert shares["p_value"].tolist() == [1.0, 1.0]
    assert differences_from_rest([0, 0], [20, 30], kind="rate")["p_value"].isna().all()


# ----------------------------------------------------------------------------- positions


def test_positions_hold_the_truth_at_once_as_often_as_said():
    """Simulated groups, some units alike: every true position inside its set in at least 95% of groups."""
    rng = np.random.default_rng(11)
    truth = np.array([0.2, 0.2, 0.3, 0.5, 0.5, 0.5])
    first = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    last = len(truth) - (truth[None, :] < truth[:, None]).sum(axis=1)
    sizes = np.array([60, 200, 120, 40, 300, 150])
    covered, widths = [], []
    for _ in range(250):
        found = positions(rng.binomial(sizes, truth), sizes, kind="proportion")
        covered.append(((found["first"] <= first) & (last <= found["last"])).all())
        widths.append((found["last"] - found["first"]).mean())
    assert np.mean(covered) >= 0.95
    assert np.mean(widths) < 4  # and the sets do say something: nothing at all would be 5


def test_pairs_of_positions_are_exact_tests():
    """Two units: apart exactly when twice the smaller tail of Fisher's distribution is below 5%."""
    for one, other in ((30, 45), (30, 38), (2, 9)):
        tails = [
            stats.fisher_exact([[one, 60 - one], [other, 60 - other]], alternative=way).pvalue
            for way in ("less", "greater")
        ]
        found = positions([one, other], [60, 60], kind="proportion")
        assert (found["last"][1] == 1) == (2 * min(tails) < 0.05)


@settings(max_examples=20, deadline=None)
@given(groups, st.sampled_from(["proportion", "rate"]))
def test_every_position_printed_lies_within_its_set(group, kind):
    events, bases = zip(*group, strict=True)
    found = positions(events, bases, kind=kind)
    assert (found["first"] <= found["position"]).all()
    assert (found["position"] <= found["last"]).all()
    assert found["position"].min() == 1


def test_alike_units_share_every_position():
    found = positions([5, 5, 5], [50, 50, 50], kind="proportion")
    assert found.to_numpy().tolist() == [[1, 1, 3]] * 3
    assert positions([7], [10], kind="rate").to_numpy().tolist() == [[1, 1, 1]]


def test_lowest_first_turns_the_order_round():
    found = positions([1, 50, 95], [100] * 3, kind="proportion", highest_first=False)
    assert found["position"].tolist() == [1, 2, 3]
    assert found["first"].tolist() == found["last"].tolist() == [1, 2, 3]


def test_a_unit_without_a_base_has_no_position():
    found = positions([0, 4, 9], [0, 40, 50], kind="proportion")
    assert found.loc[0].isna().all()
    assert found["last"].max() == 2


def test_printed_positions_leave_open_what_rounding_does():
    found = positions_of_ranges([70.4, 70.0, 81.4], [70.35, 69.5, 81.35], [70.45, 70.5, 81.45])
    assert found.to_numpy().tolist() == [[2, 2, 3], [3, 2, 3], [1, 1, 1]]
    lowest = positions_of_ranges([70.4, 70.0], [70.35, 69.5], [70.45, 70.3], highest_first=False)
    assert lowest["position"].tolist() == lowest["first"].tolist() == [2, 1]


# ----------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: funnel([1, 2], [3], kind="proportion"), "two lists of one length"),
        (lambda: funnel([4], [3], kind="proportion"), "exceed cases"),
        (lambda: funnel([1.5], [3], kind="proportion"), "whole numbers"),
        (lambda: funnel([1], [3.5], kind="proportion"), "whole numbers of cases"),
        (lambda: funnel([1], [-1], kind="rate"), "0 or more"),
        (lambda: funnel([1], [0], kind="rate"), "without an exposure"),
        (lambda: funnel([1, 2], [3, 4], kind="share"), "'proportion' or 'rate'"),
        (lambda: funnel([1, 2], [3, 4], kind="rate", dispersion="both"), "additive, multiplicative or none"),
        (lambda: funnel_limits([10], 1.2, kind="proportion"), "share from 0 to 1"),
        (lambda: funnel_limits([10], 0.2, kind="proportion", confidence=1), "confidence"),
        (lambda: funnel_limits([10], 0.2, kind="proportion", between=-1), "variance"),
        (lambda: funnel_limits([10], 0.2, kind="proportion", factor=0), "above 0"),
        (lambda: overdispersion([1], [3], kind="rate", winsorised=0.5), "below a half"),
        (lambda: differences_from_rest([1], [3], kind="rate", between=math.nan), "variance"),
        (lambda: positions_of_ranges([5], [6], [7]), "outside its range"),
    ],
)  # fmt: skip
def test_what_is_out_of_range_is_refused_with_a_remedy(call, said):
    with pytest.raises(MethodError, match=said):
        call()


def test_tails_under_multiplicative_overdispersion_lie_between_whole_counts():
    """With a factor of 4, 15 events where 10 are expected count as 12.5: half way from 12 to 13."""
    fewer, more = _Chances([10.0], 1.0, kind="rate", factor=4.0).tails([15])
    law = stats.poisson(10)
    assert fewer[0] == pytest.approx((law.cdf(12) + law.cdf(13)) / 2)
    assert more[0] == pytest.approx((law.sf(11) + law.sf(12)) / 2)


@pytest.mark.parametrize("share", [0.001, 0.025, 0.2])
def test_a_limit_of_the_largest_bases_is_the_first_count_that_is_rare_enough(share):
    law = _Continuous(np.array([20_000.0, 54_321.0]), 0.02, 4e-6)
    upper, lower = law.isf(share), law.ppf(share)
    assert (law.sf(upper) <= share).all()
    assert (law.sf(upper - 1) > share).all()
    assert (law.cdf(lower) >= share).all()
    assert (law.cdf(lower - 1) < share).all()


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_adjusted_p_values_are_those_of_the_units_compared(kind):
    found = differences_from_rest(DEATHS, OPERATIONS, kind=kind, between=0.0005)
    assert found["p_bh"].tolist() == pytest.approx(stats.false_discovery_control(found["p_value"]))
    assert found["p_holm"].tolist() == pytest.approx(holm(found["p_value"]))


@pytest.mark.parametrize(
    ("kind", "laws"),
    [("proportion", ("binomial", "beta-binomial")), ("rate", ("Poisson", "negative binomial"))],
)
def test_a_funnel_says_by_which_law_its_limits_are_drawn(kind, laws):
    said = [
        funnel(DEATHS, OPERATIONS, kind=kind, dispersion=dispersion).method
        for dispersion in ("none", "additive", "multiplicative")
    ]
    law, spread = laws
    assert said == [
        f"exact {law} limits",
        f"exact {spread} limits",
        f"exact {law} limits, widened by the root of phi",
    ]
