"""Targets: met, surely met, in how many months, and whether months and year can both be right."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from s75lib.kpi import Study, study
from s75lib.kpi.targets import _interval, _side, checks, figure, headlines, months_recounted, targets
from s75lib.loaders import AuthorityData, load
from s75lib.loaders.indicators import Indicator, Kind
from s75lib.stats.intervals import wilson

UP = {"calls": Indicator("calls", "Calls answered", polarity="higher_is_better", is_mean_of_months=True)}
MEAN_DOWN = {"calls": Indicator("calls", "Calls lost", polarity="lower_is_better", is_mean_of_months=True)}
DOWN = {"calls": Indicator("calls", "Calls lost", polarity="lower_is_better")}
BLANK = dict.fromkeys(
    ("numerator", "denominator", "decimals", "target", "months_on_target", "months_reported"), math.nan
)


def kpi(**facts: Any) -> pd.DataFrame:
    row = {"indicator": "calls", "group": "", "period": "2024/25", "unit": "percent", "value": 50.0} | BLANK
    return pd.DataFrame([row | facts]).astype(dict.fromkeys(BLANK, "float64"))


def test_islington_missed_all_three_and_its_months_fit_the_year(data_dir: Path) -> None:
    rows = targets(load("islington", "2018/19", data_dir=data_dir).kpi).set_index("indicator")
    assert rows["met"].tolist() == [False, False, False]
    assert rows["distance"].round(1).to_dict() == {
        "cpa_employment": -0.2, "independent_living": -15.6, "carers_assessed": -17.2,
    }  # fmt: skip
    employment = rows.loc["cpa_employment"]
    exact = stats.binomtest(7, 12).proportion_ci(method="exact")
    assert employment["months_lower"] == pytest.approx(100 * exact.low)
    assert employment["months_upper"] == pytest.approx(100 * exact.high)
    # At most 5.65 in the mean of twelve, at least 5.8 in seven: (12 x 5.65 - 7 x 5.8) / 5 is left for five.
    assert employment["others_limit"] == pytest.approx(5.44)
    assert employment["compatible"] is True


def test_cambridgeshire_met_both(data_dir: Path) -> None:
    rows = targets(load("cambridgeshire", data_dir=data_dir).kpi)
    assert rows[["indicator", "met", "target"]].values.tolist() == [
        ["cpa_employment", True, 12.5],
        ["independent_living", True, 75.0],
    ]


@pytest.mark.parametrize(
    ("value", "target", "registry", "met"),
    [
        (50, 50, UP, True),
        (49.9, 50, UP, False),
        (50, 50, DOWN, True),
        (50.1, 50, DOWN, False),
        (60, 50, {}, None),
    ],
)
def test_met_by_which_way_is_better(value: float, target: float, registry: Any, met: bool | None) -> None:
    assert targets(kpi(value=value, target=target), registry)["met"].tolist() == [met]


@pytest.mark.parametrize(
    ("cases", "target", "against"), [(80, 60, "met"), (40, 60, "missed"), (58, 60, "either")]
)
def test_surely_only_with_the_whole_interval(cases: int, target: float, against: str) -> None:
    rows = kpi(value=cases, numerator=cases, denominator=100, target=target)
    row = targets(rows, UP).iloc[0]
    assert row["against"] == against
    assert row["value_lower"] == pytest.approx(
        100 * stats.binomtest(cases, 100).proportion_ci(method="wilson").low
    )
    mirrored = {"met": "missed", "missed": "met", "either": "either"}
    assert targets(rows, DOWN)["against"].tolist() == [mirrored[against]]


@pytest.mark.parametrize(
    ("value", "reached", "compatible"),
    [(50, 12, False), (70, 12, True), (70, 0, False), (50, 0, True), (50, 6, True), (10, 6, False)],
)
def test_months_and_year_can_or_cannot_both_be_right(value: float, reached: int, compatible: bool) -> None:
    rows = kpi(value=value, decimals=0, target=60, months_on_target=reached, months_reported=12)
    assert targets(rows, UP)["compatible"].tolist() == [compatible]


@pytest.mark.parametrize(
    ("way", "target", "side"),
    [
        ("higher_is_better", 50.0, "met"),
        ("higher_is_better", 50.1, "either"),
        ("higher_is_better", 60.0, "either"),
        ("higher_is_better", 60.1, "missed"),
        ("lower_is_better", 60.0, "met"),
        ("lower_is_better", 59.9, "either"),
        ("lower_is_better", 50.0, "either"),
        ("lower_is_better", 49.9, "missed"),
        ("neither", 50.0, "unknown"),
    ],
)
def test_an_interval_that_ends_on_the_target_has_met_it(way: str, target: float, side: str) -> None:
    assert _side({"polarity": way, "value_lower": 50.0, "value_upper": 60.0, "target": target}) == side


@pytest.mark.parametrize(
    ("cases", "base", "known"),
    [(0, 40, True), (40, 40, True), (41, 40, False), (-1, 40, False), (0, 0, False), (0.5, 40, False)],
)
def test_an_interval_needs_cases_among_cases(cases: float, base: float, known: bool) -> None:
    lower, upper = _interval(kpi(numerator=cases, denominator=base).iloc[0].to_dict(), UP["calls"])
    assert (not math.isnan(lower), not math.isnan(upper)) == (known, known)


@pytest.mark.parametrize(
    ("registry", "value", "target", "reached", "others", "compatible"),
    [
        # At most 50.5 in the mean of twelve: what is left for the two or six that missed it.
        (UP, 50, 60.6, 10, 0.0, True),
        (UP, 50, 60.7, 10, -0.5, False),
        (MEAN_DOWN, 50.5, 0, 6, 100.0, True),
        (MEAN_DOWN, 51, 0, 6, 101.0, False),
    ],
)
def test_the_other_months_lie_from_nought_to_a_hundred(
    registry: Any, value: float, target: float, reached: int, others: float, compatible: bool
) -> None:
    rows = kpi(value=value, decimals=0, target=target, months_on_target=reached, months_reported=12)
    (row,) = targets(rows, registry).to_dict("records")
    assert (row["others_limit"], row["compatible"]) == (pytest.approx(others, abs=1e-9), compatible)


def test_one_month_reported_is_judged_like_twelve() -> None:
    rows = kpi(value=50, decimals=0, target=60, months_on_target=1, months_reported=1)
    assert targets(rows, UP)["compatible"].tolist() == [False]


def test_months_that_cannot_go_with_their_year_are_said(made: Callable[..., AuthorityData]) -> None:
    facts = {"indicator": "cpa_employment", "target": 60, "months_on_target": 12, "months_reported": 12}
    _, months = headlines(study(made(kpi=kpi(value=50, decimals=0, **facts))))
    assert "That can't go with the year's 50%" in months.text
    assert months.stake == "certainty"


def test_months_without_a_known_better_way_are_not_judged() -> None:
    rows = kpi(target=60, months_on_target=3, months_reported=12)
    assert targets(rows, {})["compatible"].tolist() == [None]


def test_no_target_gives_no_row() -> None:
    assert targets(kpi()).empty
    assert targets(kpi().iloc[:0]).empty


def test_months_on_target_are_recounted(data_dir: Path) -> None:
    rows = months_recounted(load("exampleshire", data_dir=data_dir).kpi)
    assert len(rows) > 30
    assert (rows["published"] == rows["recounted"]).all()
    assert months_recounted(load("islington", data_dir=data_dir).kpi).empty  # months are not published


def test_targets_and_months_in_words(of: Callable[..., Study]) -> None:
    met, months = headlines(of("islington", "2018/19"))
    assert met.text.startswith("None of the 3 indicators with a target met it")
    assert months.text == (
        "Paid employment (CPA): target of 5.8% reached in 7 of 12 months (58%, 95% interval 28% to 85%). The "
        "year's 5.6% is still below target: both can be right if the 5 other months averaged at most 5.4%."
    )
    assert "Both indicators with a target met it" in headlines(of("cambridgeshire"))[0].text


def test_the_recount_of_months_sees_what_is_hidden_and_tells_how_many_differ(
    of: Callable[..., Study],
) -> None:
    (check,) = checks(of("exampleshire"))
    assert check.passed
    assert "0 that differ" in check.detail


def test_the_figure_names_its_period_and_where_lower_is_better(of: Callable[..., Study]) -> None:
    drawn = figure(of("exampleshire"))
    assert drawn.title.endswith("Reviews in 12 months is furthest off: 65.1% in 2025/26, 9.9 points below")
    assert "Sickness absence (lower is better)" in set(drawn.data.frame["name"])
    assert "Percentages of 2025/26" in drawn.subtitle


@pytest.mark.parametrize(("told", "cases", "base"), [("flow", 150, 180), ("caseload", 50, 60)])
def test_hidden_months_are_set_against_the_target_by_their_quarter(
    made: Callable[..., AuthorityData], told: Kind, cases: int, base: int
) -> None:
    """March leaves three people over: the quarter is judged, and of the same people its mean month."""
    months = [
        kpi(period=period, value=100 * count / 60, numerator=count, denominator=60, target=80)
        for period, count in (("2025-01", 46), ("2025-02", 47), ("2025-03", 57))
    ]
    own = {"calls": Indicator("calls", "Calls answered", polarity="higher_is_better", kind=told)}
    found = Study(made(kpi=pd.concat(months)), registry=own).targets.iloc[0]
    there = wilson(cases, base)
    assert (found["period"], found["met"]) == ("Q4 2024/25", True)
    assert found["value"] == pytest.approx(100 * cases / base)
    if told == "flow":
        assert found["value_lower"] == 5 * math.floor(20 * there.lower)


@pytest.mark.parametrize(
    ("kind", "months", "added"), [("flow", 24, 12), ("caseload", 24, 1), ("flow", 20, 1)]
)
def test_a_whole_year_of_new_cases_is_added_up_against_its_target(
    kind: Kind, months: int, added: int
) -> None:
    cases = pd.Series([90, 84, 77, 81, 75, 80, 86, 74, 79, 80, 88, 76] * 2).iloc[:months]
    periods = pd.period_range("2024-04", periods=months, freq="M").astype(str)
    held = pd.concat(
        [
            kpi(period=period, value=float(n), numerator=n, denominator=100, target=80.0)
            for period, n in zip(periods, cases, strict=True)
        ]
    )
    entry = Indicator("calls", "Calls", polarity="higher_is_better", kind=kind)
    (row,) = targets(held, {"calls": entry}).to_dict("records")
    own = cases.iloc[-added:]
    limits = stats.binomtest(int(own.sum()), 100 * added).proportion_ci(method="wilson")
    assert (row["value"], row["period"]) == (own.mean(), "2025/26" if added > 1 else periods[-1])
    assert [row["value_lower"], row["value_upper"]] == pytest.approx([100 * limits.low, 100 * limits.high])
    assert math.isnan(row["months_on_target"]) if added == 1 else row["months_on_target"] == (own >= 80).sum()
