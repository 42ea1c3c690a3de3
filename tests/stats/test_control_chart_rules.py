"""The rules against plain loops in exact fractions, and their symmetries."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.errors import MethodError
from s75lib.stats.control_chart import RULES, ChartOptions, Rule, p_chart, xmr_chart
from s75lib.stats.control_chart import rules as rules_module

FLIPPED = [1, 0, 3, 2, 5, 4, 7, 6]
OPTIONS = st.builds(
    ChartOptions,
    shift_length=st.sampled_from([6, 7, 8]),
    trend_length=st.sampled_from([6, 7, 8]),
    near_includes_outside=st.booleans(),
    screen_moving_ranges=st.booleans(),
    minimum_points=st.just(5),
    almost_constant_share=st.sampled_from([0.5, 1.0]),
)
# Runs and trends hardly arise in noise: series are made of stretches that climb, fall, stay or jump.
STRETCH = st.one_of(
    st.lists(st.integers(-9, 9), min_size=1, max_size=8),
    st.builds(
        lambda start, step, size: [start + step * at for at in range(size)],
        st.integers(-9, 9),
        st.sampled_from([-2, -1, 0, 1, 2]),
        st.integers(3, 10),
    ),
    st.just([None]),
)
SERIES = st.lists(STRETCH, min_size=2, max_size=8).map(lambda parts: [v for part in parts for v in part])


def brute_force(values: list[int | None], options: ChartOptions) -> list[list[bool]]:
    """Limits and rules of one phase point by point, in exact arithmetic."""
    observed = [Fraction(v) for v in values if v is not None]
    ranges = [abs(Fraction(b - a)) for a, b in pairwise(values) if a is not None and b is not None]
    none = [[False] * len(values) for _ in RULES]
    zeros = sum(r == 0 for r in ranges)
    if len(observed) < options.minimum_points or 2 * len(ranges) < options.minimum_points - 1:
        return none
    if zeros == len(ranges) or zeros > Fraction(options.almost_constant_share) * len(ranges):
        return none
    mean = sum(observed) / len(observed)
    typical = sum(ranges) / len(ranges)
    if options.screen_moving_ranges:
        kept = [r for r in ranges if r <= Fraction(3267, 1000) * typical]
        if sum(kept) > 0:
            typical = sum(kept) / len(kept)
    width = Fraction(266, 100) * typical
    flags = none
    size = len(values)

    def on_side(at: int, sign: int) -> bool:
        return 0 <= at < size and values[at] is not None and sign * (values[at] - mean) > 0

    def beyond(at: int, sign: int, share: Fraction) -> bool:
        return on_side(at, sign) and sign * (values[at] - mean) > share * width

    for column, sign in ((0, 1), (1, -1)):
        for at in range(size):
            flags[column][at] = beyond(at, sign, Fraction(1))
    for column, sign in ((2, 1), (3, -1)):
        run: list[int] = []
        for at in range(size + 1):
            if at < size and on_side(at, sign):
                run.append(at)
                continue
            if len(run) >= options.shift_length:
                for member in run:
                    flags[column][member] = True
            run = []
    for column, sign in ((4, 1), (5, -1)):
        for start in range(size - options.trend_length + 1):
            window = values[start : start + options.trend_length]
            if None not in window and all(sign * (b - a) > 0 for a, b in pairwise(window)):
                for at in range(start, start + options.trend_length):
                    flags[column][at] = True
    for column, sign in ((6, 1), (7, -1)):
        near = [
            beyond(at, sign, Fraction(2, 3))
            and (options.near_includes_outside or not beyond(at, sign, Fraction(1)))
            for at in range(size)
        ]
        for start in range(size - 2):
            three = range(start, start + 3)
            if all(on_side(at, sign) for at in three) and sum(near[at] for at in three) >= 2:
                for at in three:
                    flags[column][at] = flags[column][at] or near[at]
    return flags


def flags_of(values, options, **more) -> np.ndarray:
    return xmr_chart(values, options=options, **more).points[list(RULES)].to_numpy(dtype=bool).T


@settings(max_examples=400, deadline=None)
@given(values=SERIES, options=OPTIONS)
def test_rules_equal_plain_loops_in_fractions(values, options):
    np.testing.assert_array_equal(flags_of(values, options), brute_force(values, options))


def test_the_random_series_above_do_fire_every_rule():
    """Guards the test above: loops and vectors could agree on nothing."""
    rng = np.random.default_rng(5)
    options = ChartOptions(minimum_points=5)
    total = np.zeros(len(RULES), dtype=int)
    for _ in range(60):
        parts = [
            rng.integers(-9, 10) + rng.integers(-2, 3) * np.arange(rng.integers(3, 11)) for _ in range(6)
        ]
        values = [int(v) for v in np.concatenate(parts)]
        found = flags_of(values, options)
        np.testing.assert_array_equal(found, brute_force(values, options))
        total += found.sum(axis=1)
    assert (total > 0).all()


@settings(max_examples=100, deadline=None)
@given(values=SERIES, options=OPTIONS)
def test_mirrored_series_gives_mirrored_flags(values, options):
    mirrored = [None if v is None else -v for v in values]
    np.testing.assert_array_equal(flags_of(mirrored, options), flags_of(values, options)[FLIPPED])


@settings(max_examples=100, deadline=None)
@given(values=SERIES, options=OPTIONS)
def test_reversed_time_swaps_trends_and_nothing_else(values, options):
    backwards = flags_of(values[::-1], options)[:, ::-1]
    np.testing.assert_array_equal(backwards, flags_of(values, options)[[0, 1, 2, 3, 5, 4, 6, 7]])


@settings(max_examples=100, deadline=None)
@given(
    values=SERIES,
    options=OPTIONS,
    scale=st.floats(1e-3, 1e3),
    shift=st.integers(-1000, 1000),
)
def test_units_do_not_matter(values, options, scale, shift):
    changed = [None if v is None else scale * (v + shift) for v in values]
    np.testing.assert_array_equal(flags_of(changed, options), flags_of(values, options))


def test_a_point_on_the_mean_breaks_a_run():
    low, high = [7, 9, 8, 7, 9, 8], [12, 11, 13]
    values = [*low, *high, 10, *high[::-1], 12, 8, 9]
    values.append(10 * (len(values) + 1) - sum(values))
    assert sum(values) == 10 * len(values)
    assert flags_of(values, ChartOptions())[2].sum() == 0


@pytest.mark.parametrize("length", [6, 7, 8])
def test_shift_starts_at_its_length(length):
    options = ChartOptions(shift_length=length)
    run = [12, 13, 12, 13, 12, 13, 12, 13]
    short = [*([16, 4] * 10), *run[: length - 1], 2, 3]
    long = [*([16, 4] * 10), *run[:length], 2, 3]
    assert flags_of(short, options)[2:4].sum() == 0
    assert flags_of(long, options)[2].tolist() == [False] * 20 + [True] * length + [False] * 2


@pytest.mark.parametrize("length", [6, 7, 8])
def test_trend_needs_every_step(length):
    swing = [30, 20] * 8
    climb = [10 + 3 * at for at in range(length - 1)]
    options = ChartOptions(trend_length=length)
    # The swing ends on 20, above the climb's first point: the climb alone has one point too few.
    assert flags_of([*swing, *climb], options)[4].sum() == 0
    assert flags_of([*swing, *climb, climb[-1] + 3], options)[4].sum() == length
    tied = [*climb[:3], climb[2], *climb[3:]]
    assert flags_of([*swing, *tied], options)[4].sum() == 0


def test_two_near_opposite_limits_are_no_signal():
    swing = [49, 51] * 12
    width = 2.66 * 2
    near = 0.8 * width
    same = [*swing, 50 + near, 50 + near, 51, 49]
    opposite = [*swing, 50 + near, 50 - near, 51, 49]
    options = ChartOptions(baseline=24)
    assert flags_of(same, options)[6].sum() == 2
    assert flags_of(opposite, options)[6:].sum() == 0
    # The third point may stand between them, on their side of the mean, and is no signal itself.
    between = [*swing, 50 + near, 51, 50 + near, 49]
    assert flags_of(between, options)[6].tolist()[-4:] == [True, False, True, False]
    across = [*swing, 50 + near, 49, 50 + near, 49]
    assert flags_of(across, options)[6].sum() == 0


def test_a_point_outside_counts_as_near_unless_switched_off():
    values = [*([49, 51] * 12), 50 + 2.66 * 2 * 1.5, 50 + 2.66 * 2 * 0.8, 51, 49]
    assert flags_of(values, ChartOptions(baseline=24))[6].sum() == 2
    assert flags_of(values, ChartOptions(baseline=24, near_includes_outside=False))[6].sum() == 0


def test_no_run_crosses_a_rebasing():
    values = [*([40, 60] * 7), 40, *([59, 60, 58] * 1), *([61, 62, 63, 61] * 1), *([30, 75] * 6)]
    whole = flags_of(values, ChartOptions())[2].sum()
    split = flags_of(values, ChartOptions(), rebase=[19])[2].sum()
    assert whole >= 7
    assert split == 0


def test_false_alarms_on_common_cause_series():
    """Binds the code to the rates that docs/methods.md prints (16.0% of series of 24; 6.0% outside)."""
    rng = np.random.default_rng(31)
    flags = np.array([flags_of(values, ChartOptions()) for values in rng.standard_normal((800, 24))])
    assert flags.any(axis=(1, 2)).mean() == pytest.approx(0.160, abs=0.04)
    assert flags[:, :2].any(axis=(1, 2)).mean() == pytest.approx(0.060, abs=0.027)


def test_outside_rate_with_limits_of_a_long_baseline_is_normal_theory():
    rng = np.random.default_rng(32)
    values = rng.standard_normal(42_000)
    outside = flags_of(values, ChartOptions(baseline=2_000))[:2].any(axis=0)[2_000:].mean()
    # 2.66 ranges are 3 / 1.128 x 1.1284 = 3.0009 standard deviations; limits themselves vary by 2%.
    assert outside == pytest.approx(0.0027, abs=0.001)


def test_a_rule_added_to_the_table_reaches_flags_icons_and_words(monkeypatch):
    values = [*([49, 51] * 12), 53]
    before = xmr_chart(values, polarity="lower_is_better")
    assert (before.variation, before.variation_rules) == ("common_cause", ())
    record = Rule("odd_prime_above", "up", lambda seen: seen.value == 53, "an odd prime above the mean")
    monkeypatch.setitem(RULES, record.name, record)
    for polarity, icon in (
        ("lower_is_better", "concerning"),
        ("higher_is_better", "improving"),
        ("neither", "high"),
    ):
        chart = xmr_chart(values, polarity=polarity)
        assert chart.points["odd_prime_above"].tolist() == [False] * 24 + [True]
        assert chart.points["variation"].tolist() == ["common_cause"] * 24 + [icon]
        assert (chart.variation, chart.variation_rules) == (icon, ("odd_prime_above",))
        assert [RULES[name].words for name in chart.variation_rules] == ["an odd prime above the mean"]
    assert "odd_prime_above" in p_chart([5] * 20, [10] * 20).points


def test_a_rule_that_fires_against_another_is_mixed(monkeypatch):
    values = [*([49, 51] * 12), 70]
    assert xmr_chart(values, polarity="higher_is_better").variation == "improving"
    monkeypatch.setitem(RULES, "late", Rule("late", "down", lambda seen: seen.value == 70, "late"))
    assert xmr_chart(values, polarity="higher_is_better").variation == "mixed"


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "two words"},
        {"direction": "sideways"},
        {"direction": ""},
        {"test": None},
        {"words": " "},
    ],
)
def test_a_rule_whose_record_is_incomplete_is_refused(change):
    whole = {"name": "jump", "direction": "up", "test": lambda seen: seen.above, "words": "a jump"}
    with pytest.raises(MethodError, match="Complete its record"):
        Rule(**(whole | change))


def test_two_rules_of_one_name_are_refused():
    rule = RULES["shift_above"]
    with pytest.raises(MethodError, match="distinct names"):
        rules_module._table(rule, rule)


def test_each_rule_has_a_direction_and_its_icon():
    assert [rule.direction for rule in RULES.values()] == ["up", "down"] * 4
    assert all(name == rule.name for name, rule in RULES.items())
    assert RULES["trend_down"].icon("lower_is_better") == "improving"
    assert RULES["trend_down"].icon("neither") == "low"


def test_each_rule_stands_in_the_table_of_the_methods():
    methods = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    table = methods.partition("\n### Rules\n")[2].partition("\nA rule is one record")[0]
    head, *told = re.findall(r"^\| ([\w ]+) \|", table, re.MULTILINE)
    assert head == "rule"
    families = [re.sub("_(above|below|up|down)$", "", name).replace("_", " ") for name in RULES]
    assert told == list(dict.fromkeys(families))
