"""Rounded figures: exact ends, possible bases by full enumeration, and tipping points by brute force."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.errors import MethodError
from s75lib.stats import rounding as rd
from s75lib.stats.comparison import compare_proportions
from s75lib.stats.intervals import wilson, wilson_finite

decimals = st.integers(0, 2)
figures = st.integers(-5000, 5000)


def possible_bases(percent, places, up_to):
    """Every base of which a count prints as the percentage, rounding halves up or down, in whole numbers."""
    unit = 10**places
    printed = round(Fraction(str(percent)) * unit)
    return [
        base
        for base in range(1, up_to + 1)
        if any(abs(200 * unit * count - 2 * printed * base) <= base for count in range(base + 1))
    ]


def test_ends_are_exact_and_included():
    low, high = rd.attainable(4.9, 1)
    assert (low, high) == (Fraction(485, 100), Fraction(495, 100))
    figure = rd.attainable("4.9", 1)
    assert figure.contains("4.85")
    assert figure.contains(4.95)
    assert not figure.contains("4.8499999999999999")
    assert rd.attainable(Decimal("4.90"), 1) == figure
    assert rd.attainable(5.6 - 4.9, 1) == rd.attainable("0.7", 1)
    assert rd.attainable(7, None) == rd.Attainable(Fraction(7), Fraction(7))
    assert list(rd.attainable(0, 0)) == [Fraction(-1, 2), Fraction(1, 2)]
    assert list(rd.attainable(-3, 0)) == [Fraction(-7, 2), Fraction(-5, 2)]
    assert list(rd.attainable(1_234_000, -3)) == [1_233_500, 1_234_500]


@given(st.floats(-1e6, 1e6), decimals)
@settings(max_examples=100, deadline=None)
def test_a_figure_lies_within_what_its_rounding_allows(value, places):
    printed = round(Decimal(str(value)), places)
    assert rd.attainable(printed, places).contains(Decimal(str(value)))


@given(
    st.lists(st.tuples(figures, decimals), min_size=2, max_size=2), st.lists(st.integers(0, 4), min_size=2)
)
@settings(max_examples=100, deadline=None)
def test_operations_hold_every_result_and_no_more(printed, steps):
    one, other = (rd.attainable(Fraction(value, 10**places), places) for value, places in printed)
    a = one.low + (one.high - one.low) * Fraction(steps[0], 4)
    b = other.low + (other.high - other.low) * Fraction(steps[1], 4)
    assert rd.sum_of(one, other).contains(a + b)
    assert rd.difference(one, other).contains(b - a)
    assert rd.product(one, other).contains(a * b)
    corners = [x * y for x in one for y in other]
    assert list(rd.product(one, other)) == [min(corners), max(corners)]
    if one.low > 0 or one.high < 0:
        assert rd.ratio(other, one).contains(b / a)
        assert rd.pct_change(one, other).contains((b / a - 1) * 100)
        quotients = [y / x for x in one for y in other]
        assert list(rd.ratio(other, one)) == [min(quotients), max(quotients)]


def test_published_changes_through_their_rounding():
    # Employment 4.9% to 5.6%: 0.7 points stand, "14%" of relative change too, 17% does not.
    before, after = rd.attainable(4.9, 1), rd.attainable(5.6, 1)
    assert rd.difference(before, after).contains("0.7")
    assert rd.pct_change(before, after).contains(14)
    assert not rd.pct_change(before, after).contains(17)
    # Without exact fractions 0.1 + 0.2 would not be 0.3.
    exact = rd.sum_of(rd.attainable(0.1, None), rd.attainable(0.2, None))
    assert exact.contains(0.3)
    assert exact.overlaps(rd.attainable(0.3, None))
    assert not exact.overlaps(rd.attainable(0.4, 1))
    assert rd.attainable(1, 0).overlaps(rd.attainable(2, 0))
    assert rd.sum_of() == rd.attainable(0, None)
    assert rd.product() == rd.attainable(1, None)


@pytest.mark.parametrize("before", [rd.attainable(0, 0), rd.attainable(0, None), rd.attainable("0.5", None)])
def test_a_divisor_that_may_be_zero_is_refused(before):
    if before.low > 0:
        assert rd.ratio(rd.attainable(1, None), before).low == 2
        return
    with pytest.raises(MethodError, match="may be zero"):
        rd.pct_change(before, rd.attainable(3, 0))


@pytest.mark.parametrize("value", [math.nan, math.inf, "many", ""])
def test_no_number_is_refused(value):
    with pytest.raises(MethodError, match="expected a number"):
        rd.attainable(value, 1)


def test_more_places_than_stated_are_refused():
    with pytest.raises(MethodError, match="more places"):
        rd.attainable(86.4, 0)
    with pytest.raises(MethodError, match="more places"):
        rd.attainable(1_234_567, -3)


@pytest.mark.parametrize(
    ("percent", "places"), [(86, 0), (14, 0), (26, 0), (0, 0), (100, 0), (62.8, 1), (4.9, 1)]
)
def test_grim_by_full_enumeration(percent, places):
    expected = possible_bases(percent, places, 120)
    assert rd.grim_denominators(percent, places, 120) == expected
    assert [n for n in range(1, 121) if rd.grim_consistent(percent, places, n)] == expected


def test_the_survey_of_forty_five():
    # Barking and Dagenham printed 86%, 14% and 26% of 45 answers: none of them is a count of 45.
    assert [rd.grim_consistent(percent, 0, 45) for percent in (86, 14, 26)] == [False] * 3
    assert rd.grim_consistent(84, 0, 45)
    shared = set.intersection(*(set(rd.grim_denominators(p, 0, 45)) for p in (86, 14)))
    assert 43 in shared
    assert 45 not in shared


def test_from_a_hundred_on_every_whole_percentage_fits():
    assert all(rd.grim_consistent(percent, 0, base) for percent in range(101) for base in (100, 101, 157))
    # A half may have gone either way: 1 of 8 is 12.5%, printed 12 or 13.
    assert rd.grim_consistent(12, 0, 8)
    assert rd.grim_consistent(13, 0, 8)


def test_nearest_possible():
    near = rd.nearest_possible(86, 45)
    assert (near.count_below, near.count_above) == (38, 39)
    assert (near.percent_below, near.percent_above) == pytest.approx((3800 / 45, 3900 / 45))
    exact = rd.nearest_possible(80, 45)
    assert (exact.count_below, exact.count_above, exact.percent_below) == (36, 36, 80)
    assert (rd.nearest_possible(0, 3).percent_above, rd.nearest_possible(100, 3).percent_below) == (0, 100)


def test_interval_of_a_rounded_percentage():
    # 84% of 45 can only be 38, so the interval is that of 38.
    one, ours = wilson(38, 45), rd.share_interval_from_percent(84, 0, 45)
    assert (ours.lower, ours.upper) == pytest.approx((one.lower, one.upper))
    assert ours.estimate == 0.84
    # 84% of 1,000 can be 835 to 845.
    many = rd.share_interval_from_percent(84, 0, 1000)
    assert (many.lower, many.upper) == pytest.approx((wilson(835, 1000).lower, wilson(845, 1000).upper))
    # 86% of 45 can't be: said, and the interval widens to the ends of the rounding.
    impossible = rd.share_interval_from_percent(86, 0, 45)
    assert "no whole count of 45 rounds to 86%" in impossible.note
    assert wilson(38, 45).lower < impossible.lower < wilson(39, 45).lower
    assert rd.share_interval_from_percent(0, 0, 20).lower == 0
    assert rd.share_interval_from_percent(100, 0, 20).upper == 1


def test_interval_of_a_rounded_percentage_in_a_population():
    finite, ours = wilson_finite(38, 45, 60), rd.share_interval_from_percent(84, 0, 45, population=60)
    assert (ours.lower, ours.upper) == pytest.approx((finite.lower, finite.upper))
    census = rd.share_interval_from_percent(84, 0, 45, population=45)
    assert (census.lower, census.upper) == pytest.approx((38 / 45, 38 / 45))
    with pytest.raises(MethodError, match="population of 40"):
        rd.share_interval_from_percent(84, 0, 45, population=40)


def brute_tipping(before, after, places, up_to):
    """Smallest base with a significant pair and largest with one that is not, over every pair of counts."""
    unit = Fraction(1, 2 * 10**places)
    squared = 1.959963984540054**2
    significant, not_significant = [], []
    for base in range(1, up_to + 1):
        pairs = [
            [k for k in range(base + 1) if abs(Fraction(100 * k, base) - Fraction(str(p))) <= unit]
            for p in (before, after)
        ]
        for first in pairs[0]:
            for second in pairs[1]:
                events = first + second
                found = 2 * base * (second - first) ** 2 > squared * events * (2 * base - events)
                (significant if found else not_significant).append(base)
    return min(significant), max(not_significant)


@pytest.mark.parametrize(
    ("before", "after", "up_to"), [(75, 63, 150), (63, 75, 150), (3, 9, 160), (88, 95, 150)]
)
def test_tipping_base_by_brute_force(before, after, up_to):
    tipping = rd.tipping_base(before, after, 0)
    assert (tipping.least, tipping.most) == brute_tipping(before, after, 0, up_to)
    assert tipping.least <= tipping.central <= tipping.most + 1
    assert tipping.note == ""


@pytest.mark.parametrize(
    ("before", "after", "places"), [(40, 58, 0), (5, 20, 0), (90, 100, 0), (47.5, 62.8, 1)]
)
def test_tipping_base_where_few_equal_bases_fit(before, after, places):
    # 47.5% and 62.8%, say, share hardly a base below 183, though some 82 cases suffice.
    tipping = rd.tipping_base(before, after, places)
    half = 0.5 / 10**places
    grid = [i / 20 for i in range(-10, 11)]
    needed = []
    for p in (before / 100 + half * step / 50 for step in grid):
        for q in (after / 100 + half * step / 50 for step in grid):
            if q <= 1:
                pooled = (p + q) / 2
                needed.append(1.959963984540054**2 * 2 * pooled * (1 - pooled) / (q - p) ** 2)
    assert (tipping.least, tipping.most) == (math.ceil(min(needed)), math.floor(max(needed)))
    assert tipping.least <= tipping.central <= tipping.most + 1
    assert "few equal bases" in tipping.note


def test_tipping_bases_of_the_published_changes():
    # Carers 75% to 63%: about 100 to 126. Employment 4.9% to 5.6%: some 6,000 to 10,500.
    carers, employment = rd.tipping_base(75, 63, 0), rd.tipping_base(4.9, 5.6, 1)
    assert carers.most == 126
    assert carers.least == pytest.approx(100, abs=3)
    assert employment.least == pytest.approx(6_000, abs=50)
    assert employment.most == pytest.approx(10_500, abs=50)


def test_tipping_base_parts_significant_from_not_by_our_own_test():
    tipping = rd.tipping_base(75, 63, 0)
    # 102 cases: 77 and 64 print as 75% and 63%. 126 cases: 94 and 80 do.
    assert compare_proportions(77, 102, 64, 102).significant
    assert not compare_proportions(94, 126, 80, 126).significant
    for base in range(tipping.most + 1, tipping.most + 40):
        counts = [[k for k in range(base + 1) if abs(100 * k / base - p) <= 0.5] for p in (75, 63)]
        if all(counts):
            assert compare_proportions(min(counts[0]), base, max(counts[1]), base).significant
    for base in range(tipping.least - 30, tipping.least):
        counts = [[k for k in range(base + 1) if abs(100 * k / base - p) <= 0.5] for p in (75, 63)]
        if all(counts):
            assert not compare_proportions(max(counts[0]), base, min(counts[1]), base).significant


def test_tipping_base_where_rounding_may_have_made_the_change():
    touching = rd.tipping_base(5.0, 5.1, 1)
    assert touching.most is None
    assert touching.least < touching.central
    same = rd.tipping_base(75, 75, 0)
    assert same.central is None
    assert same.most is None
    # One point apart at most, around 75%: z^2 x 2 x 0.75 x 0.25 / 0.01^2 is 14,406.
    assert 14_406 <= same.least <= 14_600


def test_tipping_base_edges():
    extremes = rd.tipping_base(0, 100, 0)
    # None of two against both of two: z^2 = 4, just significant; one against one is not.
    assert (extremes.least, extremes.central, extremes.most) == (2, 2, 1)
    stricter = rd.tipping_base(75, 63, 0, confidence=0.99)
    assert stricter.least > rd.tipping_base(75, 63, 0).least
    for call in (
        lambda: rd.tipping_base(75, 163, 0),
        lambda: rd.tipping_base(-1, 63, 0),
        lambda: rd.tipping_base(75, 63, -1),
        lambda: rd.tipping_base(75, 63, 0, confidence=95),
    ):
        with pytest.raises(MethodError, match="expected"):
            call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: rd.grim_consistent(101, 0, 10),
        lambda: rd.grim_consistent(50, 0, 0),
        lambda: rd.grim_consistent(50, 0, 4.5),
        lambda: rd.grim_denominators(50, 0, 0),
        lambda: rd.nearest_possible(-1, 10),
        lambda: rd.share_interval_from_percent(math.nan, 0, 10),
    ],
)
def test_wrong_input_is_refused(call):
    with pytest.raises(MethodError, match="expected"):
        call()


def test_nobody_and_the_one_person_asked_are_no_significant_change():
    """Of one each, 0 and 1 have a pooled z² of 2; of two each, 0 and 2 have 4, above 1.96²."""
    assert rd.tipping_base(0, 100, 0).most == 1
