"""p, u and g charts against published limits and second computations."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from s75lib.errors import MethodError
from s75lib.stats.control_chart import (
    RULES,
    ChartOptions,
    g_chart,
    gaps_between,
    p_chart,
    u_chart,
)

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2: misregistrations on 30 wafers of 50 chips.
NIST_WAFERS = [
    *(12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22),
    *(8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6),
]

# Weeks 1-6 of emergency attendances seen within 4 hours, and all: Mohammed, Panesar, Laney and Wilson (2013)
# BMJ Quality and Safety 22, 362-368.
SEEN = [266501, 264225, 276532, 281461, 269071, 261215]
ATTENDED = [280443, 276823, 291681, 296155, 282343, 275888]


def fired(chart) -> int:
    return int(chart.points[list(RULES)].to_numpy(dtype=bool).sum())


def test_nist_p_chart():
    points = p_chart(NIST_WAFERS, [50] * 30, dispersion="never").points
    assert points["mean"].iloc[0] == pytest.approx(23.13, abs=0.005)
    assert points["upper"].iloc[0] == pytest.approx(41.02, abs=0.01)
    assert points["lower"].iloc[0] == pytest.approx(5.24, abs=0.01)
    outside = points.loc[points["outside_above"] | points["outside_below"], "period"].tolist()
    # 4 of 50 is above the lower limit of 5.24%; 22 and 24 of 50 are above the upper of 41.02%.
    assert outside == [15, 23]


def test_montgomery_exercise_6_1():
    # Introduction to Statistical Quality Control, exercise 6-1: 117 of 20 samples of 100.
    defectives = [6] * 17 + [5] * 3
    points = p_chart(defectives, [100] * 20, dispersion="never").points
    assert points["mean"].iloc[0] == pytest.approx(5.85)
    assert points["upper"].iloc[0] == pytest.approx(12.89, abs=0.005)
    assert points["lower"].iloc[0] == 0


def test_laney_limits_of_emergency_attendances():
    chart = p_chart(SEEN, ATTENDED, options=ChartOptions(minimum_points=6))
    rate = sum(SEEN) / sum(ATTENDED)
    errors = [math.sqrt(rate * (1 - rate) / n) for n in ATTENDED]
    scores = [(x / n - rate) / e for x, n, e in zip(SEEN, ATTENDED, errors, strict=True)]
    sigma_z = sum(abs(b - a) for a, b in pairwise(scores)) / 5 / 1.128
    assert chart.kind == "p_prime"
    assert chart.phases[0].fit.sigma_z == pytest.approx(sigma_z)
    for at, error in enumerate(errors):
        assert chart.points["upper"].iloc[at] == pytest.approx(100 * (rate + 3 * sigma_z * error))
        assert chart.points["near_lower"].iloc[at] == pytest.approx(100 * (rate - 2 * sigma_z * error))
    assert fired(chart) == 0
    # The binomial's own limits call the weeks special, which is what Laney's answer.
    assert fired(p_chart(SEEN, ATTENDED, dispersion="never", options=ChartOptions(minimum_points=6))) > 0


def test_u_chart_by_hand_and_laney_with_equal_exposure_is_xmr():
    events, exposure = [4, 9, 2, 7, 5, 11, 3, 8, 6, 10, 2, 9, 4, 7], [500.0] * 14
    plain = u_chart(events, exposure, multiplier=1000, dispersion="never").points.iloc[0]
    mean = sum(events) / 14
    assert plain["mean"] == pytest.approx(2 * mean)
    assert plain["upper"] == pytest.approx(2 * (mean + 3 * math.sqrt(mean)))
    prime = u_chart(events, exposure, multiplier=1000, dispersion="always").points.iloc[0]
    ranges = [2 * abs(b - a) for a, b in pairwise(events)]
    assert prime["upper"] == pytest.approx(2 * mean + 3 / 1.128 * sum(ranges) / 13)


@pytest.mark.parametrize("dispersion", ["above_one", "always", "never"])
def test_when_laneys_limits_are_drawn(dispersion):
    rng = np.random.default_rng(11)
    base = np.full(24, 400)
    under = p_chart(np.tile([100, 101], 12), base, dispersion=dispersion)
    assert under.phases[0].fit.sigma_z < 1
    assert (under.kind == "p_prime") is (dispersion == "always")
    over = p_chart(rng.binomial(400, rng.beta(20, 60, 24)), base, dispersion=dispersion)
    assert over.phases[0].fit.sigma_z > 1
    assert (over.kind == "p_prime") is (dispersion != "never")


@pytest.mark.parametrize(("cases", "word"), [(0, "no variation"), (50, "no variation")])
def test_none_or_all_of_the_cases(cases, word):
    chart = p_chart([cases] * 20, [50] * 20, target=90.0, polarity="higher_is_better")
    assert chart.points["upper"].isna().all()
    assert fired(chart) == 0
    assert chart.assurance == "not_assessed"
    assert word in chart.note
    assert chart.points["mean"].iloc[0] == 2 * cases


def test_percentages_near_100_keep_limits_in_bounds():
    chart = p_chart([49, 50, 50, 48, 50, 49, 50, 50, 49, 50, 50, 49, 50, 50], [50] * 14)
    assert chart.points["upper"].max() == 100
    assert chart.points["lower"].min() > 80
    assert fired(chart) == 0
    assert "Limits are rough" in chart.note


def test_zero_denominator_is_a_missing_period_and_limits_vary():
    chart = p_chart([3, 0, *([10, 12] * 7)], [20, 0, *([40, 60] * 7)])
    assert chart.missing == (2,)
    widths = chart.points["upper"] - chart.points["lower"]
    assert widths.iloc[2] > widths.iloc[3]
    assert chart.points["mean"].iloc[0] == pytest.approx(100 * 157 / 720)


def test_attribute_charts_rebase_and_baseline():
    cases, base = [*([20, 24] * 7), *([50, 54] * 7)], [100] * 28
    split = p_chart(cases, base, rebase=[15])
    assert split.points["mean"].unique().tolist() == pytest.approx([22, 52])
    assert fired(split) == 0
    frozen = p_chart(cases, base, options=ChartOptions(baseline=14))
    assert frozen.points["mean"].unique().tolist() == pytest.approx([22])
    assert frozen.variation == "high"


def test_short_and_empty_attribute_series_say_so():
    assert "Too short: 2 points" in p_chart([1, 2], [10, 10]).note
    assert u_chart([], []).note == "No values."
    assert "Too short: 0 points" in p_chart([0], [0]).note
    assert "Too short: 1 point," in g_chart([4]).note
    assert g_chart([]).note == "No values."


@pytest.mark.parametrize("gap", [0.02, 0.4, 3, 19, 400, 2000])
def test_g_chart_limits_against_scipy(gap):
    few = np.array([0, 1, 0, 1, 0] * 4) if gap == 0.4 else np.array([0] * 49 + [1])
    gaps = np.round(np.full(20, gap)) if gap >= 1 else few
    points = g_chart(gaps).points
    law = stats.geom(1 / (1 + gaps.mean()), loc=-1)
    tail, near = stats.norm.cdf(-3), stats.norm.cdf(-2)
    row = points.iloc[0]
    for column, share in (("upper", tail), ("near_upper", near)):
        assert law.sf(row[column]) <= share < law.sf(row[column] - 1)
    for column, share in (("lower", tail), ("near_lower", near)):
        assert law.cdf(row[column] - 1) <= share < law.cdf(row[column])
    # About half of the gaps are expected on each side of the centre.
    above, below = law.sf(math.floor(row["mean"])), law.cdf(math.ceil(row["mean"]) - 1)
    assert abs(above - below) <= law.pmf(math.floor(row["mean"])) + 1e-12


def test_g_chart_three_sigma_is_benneyans():
    gaps = [4, 11, 7, 0, 23, 9, 15, 2, 6, 13, 8, 1, 20, 5]
    mean = sum(gaps) / 14
    row = g_chart(gaps, limits="three_sigma").points.iloc[0]
    assert row["upper"] == pytest.approx(mean + 3 * math.sqrt(mean * (mean + 1)))
    assert row["lower"] == 0


def test_g_chart_reads_longer_gaps_as_better():
    gaps = [4, 11, 7, 0, 13, 9, 5, 2, 6, 13, 8, 1, 10, 5, 120]
    assert g_chart(gaps).variation == "improving"
    assert g_chart(gaps, polarity="lower_is_better").variation == "concerning"
    zero = g_chart([0] * 15)
    assert zero.points["upper"].isna().all()
    assert zero.note.startswith("Constant")


def test_gaps_between_cases():
    assert gaps_between([3, 10, 11]).tolist() == [6, 0]
    assert gaps_between([5]).size == 0
    assert gaps_between([]).size == 0


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: p_chart([5], [4]), "above its denominator"),
        (lambda: p_chart([-1], [4]), "below 0"),
        (lambda: u_chart([1], [-4]), "below 0"),
        (lambda: u_chart([math.inf], [4]), "infinite"),
        (lambda: u_chart([1], [4], multiplier=0), "multiplier"),
        (lambda: p_chart([1, 2], [4]), "denominators"),
        (lambda: p_chart([1], [4], dispersion="laney"), "dispersion"),
        (lambda: g_chart([1], limits="exact"), "limits"),
        (lambda: g_chart([1.5]), "gaps"),
        (lambda: g_chart([-1]), "gaps"),
        (lambda: gaps_between([4, 4]), "events"),
    ],
)
def test_wrong_counts_are_told(call, told):
    with pytest.raises(MethodError, match=told):
        call()


def test_months_that_are_alike_never_narrow_the_limits():
    cases, base = [48, 50, 46, 49, 47, 48] * 4, [60] * 24
    plain = p_chart(cases, base, dispersion="never").points
    for spread, times in ((0.4, 1.0), (1.0, 1.0), (2.0, 2.0)):
        chart = p_chart(cases, base, options=ChartOptions(correlation=0.5, spread=spread))
        found = chart.phases[-1].fit
        assert (found.sigma_z, found.prime) == (times, times > 1)
        width = chart.points["upper"] - chart.points["mean"]
        wanted = times * 300 * math.sqrt(0.8 * 0.2 / 60)
        assert width.iloc[0] == pytest.approx(min(wanted, 20))
    assert (plain["mean"] - plain["lower"]).iloc[0] == pytest.approx(300 * math.sqrt(0.8 * 0.2 / 60))


@pytest.mark.parametrize(("gaps", "reason"), [([0] * 20, "constant"), ([0] * 3, "short")])
def test_cases_without_a_gap_have_a_mean_of_nought(gaps, reason):
    (phase,) = g_chart(gaps).phases
    assert (phase.fit.mean, phase.fit.reason) == (0.0, reason)
