"""Figures, changes and verdicts in words: every case."""

from __future__ import annotations

import math
from typing import Any

import pytest

from s75lib.kpi.phrases import (
    RULES,
    base_words,
    change_words,
    figure_words,
    interval_words,
    people,
    value_words,
    verdict_words,
)
from s75lib.stats import control_chart

ROW: dict[str, Any] = {
    "change": 0.7, "relative": 14.2857, "unit": "percent", "decimals": 1.0, "decimals_before": 1.0,
    "value": 5.6, "value_before": 4.9, "lower": math.nan, "upper": math.nan, "verdict": "no_base",
    "basis": "percentage_only", "kind": "year", "p_value": math.nan, "p_holm": math.nan, "tests": 9,
    "base_least": 6000.0, "base_central": 7800.0, "base_most": 10486.0,
    "margin": 3.0, "detectable_fall": math.nan, "detectable_rise": math.nan,
}  # fmt: skip


def test_points_and_per_cent_are_kept_apart() -> None:
    assert change_words(ROW) == "+0.7 percentage points (a relative rise of 14%)"
    assert change_words(
        ROW | {"change": -1.0, "decimals": 0.0, "decimals_before": 0.0, "relative": -2.0}
    ) == ("−1 percentage point (a relative fall of 2%)")
    assert change_words(ROW | {"change": 0.0, "relative": 0.0}) == "0.0 percentage points"
    assert change_words(ROW | {"relative": math.nan, "value_before": 0}) == "+0.7 percentage points"
    assert change_words(ROW | {"change": math.nan}) == "–"


def test_what_would_have_shown_is_said_of_the_one_way_that_could() -> None:
    row = ROW | {"verdict": "unclear", "unit": "count", "detectable_rise": 9.0}
    assert verdict_words(row) == "Could be chance; a rise of 9 would show"
    assert verdict_words(row | {"detectable_fall": -12.0}) == "Could be chance; a change of 12 would show"
    assert verdict_words(row | {"detectable_rise": math.nan}) == "Could be chance"


def test_counts_and_rates_carry_their_unit() -> None:
    counted = ROW | {
        "unit": "count",
        "change": 135.0,
        "relative": 27.38,
        "decimals": 0.0,
        "decimals_before": 0.0,
    }
    assert change_words(counted) == "+135 (+27%)"
    monthly = counted | {"unit": "per_month", "change": -19.0, "relative": -55.9}
    assert change_words(monthly) == "−19 a month (−56%)"
    assert change_words(counted | {"change": 5.0, "relative": math.nan}) == "+5"
    assert value_words(2361.4, "per_100k", 1) == "2,361.4 per 100,000"
    assert value_words(math.nan, "count") == "–"


def test_what_is_hidden_is_said_alike_in_every_cell() -> None:
    small = ROW | {"verdict": "hidden", "basis": "hidden", "change": math.nan, "hidden": True}
    assert figure_words(small) == change_words(small) == interval_words(small) == "c"
    assert verdict_words(small) == "Not shown: too few people"
    assert figure_words(ROW | {"hidden": False}) == "5.6%"
    assert value_words(3, "count", 0) == "3"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"verdict": "unclear", "detectable_fall": -9.6, "detectable_rise": 9.0},
            "Could be chance; a change of 9.6 points would show",
        ),
        ({"verdict": "unclear"}, "Could be chance"),
        ({"verdict": "changed", "clear": True}, "More than chance"),
        ({"verdict": "changed", "clear": False}, "More than chance only when taken alone"),
        ({"verdict": "steady"}, "Steady: any change is smaller than 3 points"),
        ({"verdict": "one_period"}, "Nothing of a year earlier to compare with"),
        (
            {"verdict": "untested", "basis": "stock"},
            "Not tested: mostly the same people each time",
        ),
        ({"change": 0.0}, "No base published: the same as printed"),
    ],
)
def test_every_verdict_in_words(facts: dict[str, Any], said: str) -> None:
    assert verdict_words(ROW | facts) == said


def test_bases_in_words() -> None:
    assert people(1) == "1 person"
    assert base_words(ROW | {"base_least": math.nan}) == "chance could explain it with any base"
    assert "and rounding with any number" in base_words(ROW | {"base_most": math.nan})
    near = base_words(ROW | {"base_least": 81.0, "base_central": 82.0, "base_most": 82.0})
    assert near == "chance could explain it below about 82 people a year, not above"


def test_every_rule_of_a_control_chart_has_its_words() -> None:
    assert set(RULES) == set(control_chart.RULES)
