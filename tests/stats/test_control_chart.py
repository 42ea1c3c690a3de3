"""XmR charts against published figures, hand arithmetic and every edge case."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from s75lib.errors import MethodError
from s75lib.stats.control_chart import RULES, ChartOptions, xmr_chart

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates of ten batches.
NIST_FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
TEN = ChartOptions(minimum_points=10)
PERCENT = ChartOptions(lower_bound=0, upper_bound=100)

# The series of the R package NHSRplotthedots' list of deviations from the official workbook.
SPIKE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]


def months(count: int, start: int = 2018 * 12) -> list[str]:
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(start, start + count)]


def fired(chart) -> dict[str, int]:
    counts = chart.points[list(RULES)].sum()
    return {rule: int(count) for rule, count in counts.items() if count}


def steady(count: int) -> list[float]:
    """A series on which no rule fires: it swings about 50 every point."""
    return [50 + (1 if at % 2 else -1) * (1 + at % 3) for at in range(count)]


def test_nist_individuals_chart():
    chart = xmr_chart(NIST_FLOW, options=TEN)
    row = chart.points.iloc[0]
    assert row["mean"] == pytest.approx(50.81, abs=1e-9)
    assert (row["upper"] - row["mean"]) / 2.66 == pytest.approx(1.8778, abs=5e-5)
    # NIST divides by 1.128 where Making Data Count multiplies by 2.66: 0.0004 ranges apart.
    assert row["upper"] == pytest.approx(55.8041, abs=0.001)
    assert row["lower"] == pytest.approx(45.8159, abs=0.001)
    assert chart.variation == "common_cause"


@pytest.mark.parametrize(
    ("screened", "mean_range", "left_out"), [(False, Fraction(32, 17), 0), (True, Fraction(1), 2)]
)
def test_screening_by_hand(screened, mean_range, left_out):
    chart = xmr_chart(SPIKE, options=ChartOptions(screen_moving_ranges=screened))
    fit = chart.phases[0].fit
    assert fit.screened == left_out
    centre, width = Fraction(35, 18), Fraction(266, 100) * mean_range
    row = chart.points.iloc[0]
    assert row["upper"] == pytest.approx(float(centre + width))
    assert row["lower"] == pytest.approx(float(centre - width))
    assert row["near_upper"] == pytest.approx(float(centre + width * 2 / 3))
    assert row["near_lower"] == pytest.approx(float(centre - width * 2 / 3))
    assert fired(chart) == {"outside_above": 1}
    assert ("left out" in chart.note) is screened


def test_columns_and_types():
    chart = xmr_chart(steady(24), months(24), target=40.0, polarity="higher_is_better")
    assert list(chart.points.columns) == [
        *("period", "value", "phase", "mean", "lower", "upper", "near_lower", "near_upper"),
        *("moving_range", "target", *RULES, "variation", "assurance"),
    ]
    assert math.isnan(chart.points["moving_range"].iloc[0])
    assert all(chart.points[rule].dtype == bool for rule in RULES)
    assert chart.note == ""
    assert fired(chart) == {}


def test_a_chart_is_frozen_and_survives_another_process():
    chart = xmr_chart([*steady(20), 90], months(21), polarity="higher_is_better")
    with pytest.raises(AttributeError):
        chart.variation = "common_cause"
    again = pickle.loads(pickle.dumps(chart))
    pd.testing.assert_frame_equal(again.points, chart.points)
    assert again.variation == "improving"


def test_every_rule_that_fires_is_listed():
    values = [*steady(14), 62, 63, 64, 65, 66, 67, 68, 69]
    chart = xmr_chart(values, months(22), polarity="lower_is_better")
    october = chart.points.set_index("period").loc["2019-10", list(RULES)]
    last = october.index[october.astype(bool)].tolist()
    assert set(last) == {"outside_above", "shift_above", "trend_up", "two_of_three_above"}
    assert chart.variation_rules == tuple(rule for rule in RULES if rule in last)
    assert chart.variation == "concerning"


@pytest.mark.parametrize(
    ("polarity", "up", "down"),
    [
        ("higher_is_better", "improving", "concerning"),
        ("lower_is_better", "concerning", "improving"),
        ("neither", "high", "low"),
    ],
)
def test_variation_icon_by_polarity(polarity, up, down):
    assert xmr_chart([*steady(20), 80], polarity=polarity).variation == up
    assert xmr_chart([*steady(20), 20], polarity=polarity).variation == down
    assert xmr_chart(steady(21), polarity=polarity).variation == "common_cause"


def test_signals_both_ways_are_mixed_unless_the_official_reading_is_asked_for():
    # Seven falling points, all above the mean: a shift up and a trend down at the latest.
    values = [*steady(20), 60, 59, 58, 57, 56, 55, 54]
    chart = xmr_chart(values, polarity="higher_is_better")
    assert {"shift_above", "trend_down"} <= set(chart.variation_rules)
    assert chart.variation == "mixed"
    official = ChartOptions(conflict="improving")
    assert xmr_chart(values, polarity="higher_is_better", options=official).variation == "improving"
    assert xmr_chart(values, polarity="lower_is_better", options=official).variation == "improving"
    assert xmr_chart(values, polarity="neither", options=official).variation == "mixed"


def test_assurance_by_polarity_and_target():
    values = steady(24)
    row = xmr_chart(values).points.iloc[0]
    low, high = row["lower"], row["upper"]
    cases = {
        ("higher_is_better", low - 1): "passing",
        ("higher_is_better", low): "passing",
        ("higher_is_better", 50): "hit_or_miss",
        ("higher_is_better", high): "hit_or_miss",
        ("higher_is_better", high + 1): "failing",
        ("lower_is_better", high + 1): "passing",
        ("lower_is_better", high): "passing",
        ("lower_is_better", low): "hit_or_miss",
        ("lower_is_better", low - 1): "failing",
        ("neither", 50): "not_assessed",
    }
    for (polarity, target), icon in cases.items():
        assert xmr_chart(values, polarity=polarity, target=float(target)).assurance == icon
    assert xmr_chart(values, polarity="higher_is_better").assurance == "no_target"


def test_targets_change_by_date_and_drive_assurance_by_date():
    targets = [*[math.nan] * 6, *[30.0] * 6, *[50.0] * 6, *[70.0] * 6]
    chart = xmr_chart(steady(24), months(24), polarity="higher_is_better", target=targets)
    by_period = chart.points.set_index("period")["assurance"]
    assert by_period["2018-06"] == "no_target"
    assert by_period["2018-12"] == "passing"
    assert by_period["2019-06"] == "hit_or_miss"
    assert by_period["2019-12"] == "failing"
    assert chart.assurance == "failing"


def test_missing_months_are_found_listed_and_break_runs():
    values = [*steady(13), 51, 52, 53, 51, 52, 53, 51, 52, 53]
    labels = months(23)
    del labels[17]
    chart = xmr_chart(values, labels)
    assert chart.missing == ("2019-06",)
    assert "2019-06" in chart.note
    assert len(chart.points) == 23
    gap = chart.points.set_index("period").loc[["2019-06", "2019-07"]]
    assert gap["moving_range"].isna().all()
    assert math.isnan(gap["value"].iloc[0])
    assert fired(chart) == {}
    whole = xmr_chart(values, months(22))
    assert fired(whole) == {"shift_above": 9}
    explicit = xmr_chart([*values[:17], None, *values[17:]], months(23))
    pd.testing.assert_frame_equal(explicit.points, chart.points)


def test_moving_range_across_a_gap_is_not_in_the_limits():
    values = [*steady(13), math.nan, *(v + 100 for v in steady(13))]
    ranges = [abs(b - a) for a, b in pairwise(values[:13])]
    chart = xmr_chart(values)
    row = chart.points.iloc[0]
    assert row["upper"] - row["mean"] == pytest.approx(2.66 * sum(ranges) / len(ranges))


def test_latest_month_missing_is_said():
    chart = xmr_chart([*steady(20), 90, None], polarity="higher_is_better")
    assert chart.variation == "improving"
    assert "latest period has no value" in chart.note


def test_too_many_gaps_for_limits():
    values = [v for pair in zip(steady(16), [None] * 16, strict=True) for v in pair]
    chart = xmr_chart(values)
    assert chart.points["upper"].isna().all()
    assert "Too many gaps" in chart.note


def test_order_of_the_input_does_not_matter_and_input_stays():
    values, labels = np.array(steady(24)), months(24)
    kept = values.copy()
    shuffle = np.random.default_rng(3).permutation(24)
    chart = xmr_chart(values[shuffle], [labels[at] for at in shuffle])
    pd.testing.assert_frame_equal(chart.points, xmr_chart(values, labels).points)
    chart.points.loc[0, "value"] = -1
    np.testing.assert_array_equal(values, kept)


@pytest.mark.parametrize(
    ("labels", "first"),
    [
        ([f"2018-{month:02d}-28" for month in range(1, 13)], "2018-01"),
        (
            [f"{y}-10 to {y}-12" if q else f"{y}-07 to {y}-09" for y in range(2018, 2024) for q in (0, 1)],
            "2018-07 to 2018-09",
        ),
        (range(7, 19), 7),
        (None, 1),
    ],
)
def test_kinds_of_periods(labels, first):
    points = xmr_chart(steady(12), labels).points
    assert points["period"].iloc[0] == first
    assert points["value"].count() == 12


def test_rebasing_starts_a_phase_with_its_own_lines():
    values = [*steady(15), *(v + 30 for v in steady(15))]
    chart = xmr_chart(values, months(30), rebase=["2019-04"])
    assert [phase.start for phase in chart.phases] == ["2018-01", "2019-04"]
    for phase, part in zip(chart.phases, (values[:15], values[15:]), strict=True):
        alone = xmr_chart(part).points
        ours = chart.points[chart.points["phase"] == phase.number]
        columns = ["value", "mean", "lower", "upper", "near_lower", "near_upper", "moving_range", *RULES]
        pd.testing.assert_frame_equal(ours[columns].reset_index(drop=True), alone[columns])
    assert fired(xmr_chart(values, months(30)))["shift_above"] == 15


def test_short_phase_has_a_mean_and_says_so():
    chart = xmr_chart([*steady(20), 90, 91, 90], months(23), rebase=["2019-09"], polarity="higher_is_better")
    assert chart.variation == "not_assessed"
    assert chart.note == "Phase 2, from 2019-09: too short: 3 points, 13 needed for limits and rules."
    assert chart.points["mean"].iloc[-1] == pytest.approx(271 / 3)


def test_baseline_freezes_the_limits():
    values = [*steady(14), *(v + 3 for v in steady(10))]
    chart = xmr_chart(values, options=ChartOptions(baseline=14))
    alone = xmr_chart(values[:14]).points.iloc[0]
    for line in ("mean", "lower", "upper"):
        np.testing.assert_allclose(chart.points[line], alone[line])
    short = xmr_chart(values, options=ChartOptions(baseline=8))
    assert short.note == "Too short: 8 points, 13 needed for limits and rules."


def test_limits_of_percentages_and_counts_stay_within_bounds():
    values = [99, 100, 97, 99.5, 98, 100, 99, 96, 100, 98, 99, 97, 100, 99]
    free = xmr_chart(values).points.iloc[0]
    held = xmr_chart(values, options=PERCENT, target=100.0, polarity="higher_is_better")
    assert free["upper"] > 100
    assert held.points["upper"].iloc[0] == 100
    assert held.points["lower"].iloc[0] == pytest.approx(free["lower"])
    assert fired(held) == {}
    assert held.assurance == "hit_or_miss"
    counts = xmr_chart([0, 3, 1, 4, 0, 2, 5, 1, 0, 3, 2, 0, 4, 1], options=ChartOptions(lower_bound=0))
    assert counts.points["lower"].iloc[0] == 0
    assert counts.points["near_lower"].iloc[0] == 0


@pytest.mark.parametrize("value", [0.0, 5.0, 100.0, 1e-9, 0.1])
def test_constant_series_has_no_limits_and_no_alarms(value):
    chart = xmr_chart([value] * 24, options=PERCENT, target=4.0, polarity="higher_is_better")
    assert chart.points[["lower", "upper", "near_lower", "near_upper"]].isna().all(axis=None)
    assert fired(chart) == {}
    assert (chart.variation, chart.assurance) == ("not_assessed", "not_assessed")
    assert chart.note.startswith(f"Constant: every value is {value:g}")
    assert chart.points["mean"].iloc[0] == pytest.approx(value)


@pytest.mark.parametrize("screened", [False, True])
def test_almost_constant_series_has_no_alarms_and_names_the_change(screened):
    values = [10.0] * 23
    values.insert(14, 11.0)
    options = ChartOptions(screen_moving_ranges=screened)
    chart = xmr_chart(values, months(24), options=options)
    assert chart.points["upper"].isna().all()
    assert fired(chart) == {}
    assert "Almost constant: 21 of 23 moving ranges are zero" in chart.note
    assert "2019-03 (11)" in chart.note


def test_official_reading_of_an_almost_constant_series_is_a_switch():
    values = [10.0] * 23
    values.insert(14, 11.0)
    # As the official workbook has it: limits of 2.66 x 2/23 about the mean, and an alarm at every run.
    chart = xmr_chart(values, options=ChartOptions(almost_constant_share=1))
    row = chart.points.iloc[0]
    assert row["upper"] - row["mean"] == pytest.approx(2.66 * 2 / 23)
    assert fired(chart)["outside_above"] == 1
    # Screening would leave ranges of zero: it is not applied, and limits keep their width.
    screened = ChartOptions(almost_constant_share=1, screen_moving_ranges=True)
    again = xmr_chart(values, options=screened)
    assert again.points["upper"].iloc[0] == row["upper"]
    constant = xmr_chart([10.0] * 24, options=screened)
    assert constant.points["upper"].isna().all()


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([], "No values."),
        ([5], "Too short: 1 point, 13 needed for limits and rules."),
        ([5, 6], "Too short: 2 points, 13 needed for limits and rules."),
        (list(range(12)), "Too short: 12 points, 13 needed for limits and rules."),
    ],
)
def test_short_series_say_so(values, note):
    chart = xmr_chart(values, target=3.0, polarity="higher_is_better")
    assert chart.note == note
    assert len(chart.points) == len(values)
    assert chart.variation == "not_assessed"
    assert chart.assurance in ("not_assessed", "no_target")
    assert fired(chart) == {}


def test_a_target_that_lapsed_is_no_target():
    lapsed = [50.0] * 20 + [math.nan] * 4
    assert xmr_chart(steady(24), target=lapsed, polarity="higher_is_better").assurance == "no_target"


def test_nullable_series_are_read():
    values = pd.Series([*range(10), None, *range(10)], dtype="Int64")
    assert xmr_chart(values).missing == (11,)


def test_all_values_missing():
    chart = xmr_chart([None] * 15)
    assert chart.points["mean"].isna().all()
    assert len(chart.missing) == 15
    assert "15 periods are missing" in chart.note
    assert "and 9 more" in chart.note


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: xmr_chart([1, 2], ["2018-01"]), "found 1 for 2 values"),
        (lambda: xmr_chart([1, 2], ["2018-01", "2018-01"]), "2018-01 more than once"),
        (lambda: xmr_chart([1, 2], ["2018-01", 2]), "together"),
        (lambda: xmr_chart([1, 2], ["2018-13", "2018-12"]), "2018-13"),
        (lambda: xmr_chart([1, 2], ["2018/20", "2018/19"]), "2018/20"),
        (lambda: xmr_chart([1, 2], [True, 2]), "True"),
        (lambda: xmr_chart([1, 2], [1.0, 2.0]), "1.0"),
        (lambda: xmr_chart([1, 2], [pd.NaT, pd.NaT]), "NaT"),
        (lambda: xmr_chart([1, 2], rebase=[1]), "rebase"),
        (lambda: xmr_chart([1, 2], rebase=[3]), "rebase"),
        (lambda: xmr_chart([1, 2], rebase=["2018-01"]), "a month"),
        (lambda: xmr_chart([1, 2], target=[1.0]), "target: found 1 for 2"),
        (lambda: xmr_chart([1, 2], target=math.inf), "target"),
        (lambda: xmr_chart([1, math.inf]), "inf at 2"),
        (lambda: xmr_chart([1, 101], options=PERCENT), "101 at 2"),
        (lambda: xmr_chart([-1, 1], options=PERCENT), "-1 at 1"),
        (lambda: xmr_chart([1, 2], polarity="up"), "polarity"),
        (lambda: xmr_chart([[1, 2], [3, 4]]), "2 dimensions"),
        (lambda: xmr_chart(["*", 2]), "no number"),
        (lambda: xmr_chart(pd.Series(["c", "2"])), "no number"),
        (lambda: ChartOptions(shift_length=5), "shift_length"),
        (lambda: ChartOptions(trend_length=9), "trend_length"),
        (lambda: ChartOptions(minimum_points=2), "minimum_points"),
        (lambda: ChartOptions(baseline=1), "baseline"),
        (lambda: ChartOptions(almost_constant_share=0), "almost_constant_share"),
        (lambda: ChartOptions(lower_bound=1, upper_bound=1), "lower_bound"),
        (lambda: ChartOptions(conflict="worst"), "conflict"),
    ],
)
def test_wrong_input_is_told(call, told):
    with pytest.raises(MethodError, match=told):
        call()


def test_whole_numbers_read_before_do_not_let_floats_or_truths_through():
    xmr_chart([1, 2], [1, 2])
    for labels in ([True, 2], [1.0, 2.0]):
        with pytest.raises(MethodError):
            xmr_chart([1, 2], labels)


def test_months_that_are_alike_have_limits_from_their_standard_deviation_and_say_so():
    alike = xmr_chart(steady(24), months(24), options=ChartOptions(correlation=0.5))
    assert "standard deviations of all points" in alike.method
    assert "moving range" in xmr_chart(steady(24), months(24)).method
    for wrong in (-0.1, 1.0):
        with pytest.raises(MethodError, match="correlation"):
            ChartOptions(correlation=wrong)


@pytest.mark.parametrize("gone", [0, 22])
def test_a_latest_period_that_has_its_value_is_not_said_to_lack_one(gone):
    values = [None if at == gone else value for at, value in enumerate(steady(24))]
    assert "latest period has no value" not in xmr_chart(values).note
