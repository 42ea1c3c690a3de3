"""The running year's targets: the chance of meeting each, against simulation, and where it is not said."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from s75lib.kpi.targets import targets
from s75lib.kpi.year_end import _odds, chance_of_meeting, year_end
from s75lib.loaders.indicators import REGISTRY, Indicator

OWN = Indicator("calls", "Calls answered", polarity="higher_is_better")


@pytest.mark.parametrize(("target", "higher"), [(75, True), (82, True), (70, False), (85, False)])
def test_the_chance_is_that_of_drawing_the_rest_of_the_year(target: float, higher: bool) -> None:
    rng = np.random.default_rng(11)
    share = rng.beta(160.5, 40.5, 200_000)
    total = 80 + rng.binomial(50, share)
    year = 100 * total / 150
    drawn = ((year >= target) if higher else (year <= target)).mean()
    found = chance_of_meeting(80, 100, 50, target, past_cases=160, past_base=200, higher_is_better=higher)
    assert found == pytest.approx(drawn, abs=0.005)


@pytest.mark.parametrize("higher", [True, False])
def test_nothing_to_come_is_certain(higher: bool) -> None:
    met = chance_of_meeting(75, 100, 0, 75, past_cases=75, past_base=100, higher_is_better=higher)
    short = chance_of_meeting(
        74 if higher else 76, 100, 0, 75, past_cases=75, past_base=100, higher_is_better=higher
    )
    assert (met, short) == (1.0, 0.0)


def test_what_cannot_be_reached_has_no_chance_and_what_is_safe_is_certain() -> None:
    assert chance_of_meeting(10, 100, 20, 75, past_cases=10, past_base=100) == 0
    assert chance_of_meeting(100, 100, 20, 75, past_cases=100, past_base=100) == 1


def test_more_spread_moves_a_chance_towards_even() -> None:
    near, wide = (
        chance_of_meeting(300, 400, 100, 74, past_cases=300, past_base=400, spread=spread)
        for spread in (1.0, 6.0)
    )
    assert 0.5 < wide < near < 1


def test_chances_come_true_as_often_as_they_say() -> None:
    """Of 2,000 years seen after nine months, those given a chance of 20 to 40% meet the target that often."""
    rng = np.random.default_rng(3)
    said, met = [], []
    for _ in range(2_000):
        share, base = rng.uniform(0.5, 0.9), int(rng.integers(20, 200))
        target = 100 * share + rng.normal(0, 3)
        months = rng.binomial(base, share, 12)
        before = int(rng.binomial(base, share, 3).sum())
        so_far = int(months[:9].sum())
        chance = chance_of_meeting(
            so_far, 9 * base, 3 * base, target, past_cases=so_far + before, past_base=12 * base
        )
        said.append(chance)
        met.append(100 * months.sum() / (12 * base) >= target)
    chances, outcomes = np.array(said), np.array(met)
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        part = (chances >= low) & (chances <= low + 0.2)
        spare = 3.5 * math.sqrt(0.25 / part.sum())
        assert abs(outcomes[part].mean() - chances[part].mean()) < min(0.1, spare)


def running(rows: Callable[..., pd.DataFrame], cases: list[int], **told: Any) -> pd.DataFrame:
    """Make months from April 2024 on, of 100 cases each."""
    months = pd.period_range("2024-04", periods=len(cases), freq="M")
    return rows(
        *(
            {"period": str(month), "value": float(count), "unit": "percent", "numerator": count,
             "denominator": 100, "target": 80.0} | told
            for month, count in zip(months, cases, strict=True)
        )
    )  # fmt: skip


def test_a_running_year_is_told_with_what_the_rest_must_bring(rows: Callable[..., pd.DataFrame]) -> None:
    (row,) = year_end(running(rows, [78] * 9), {"calls": OWN}).to_dict("records")
    assert (row["year"], row["months"], row["left"]) == ("2024/25", 9, 3)
    assert row["so_far"] == 78
    assert row["needed"] == pytest.approx((0.8 * 1200 - 702) / 3)
    law = stats.betabinom(300, 702.5, 198.5)
    assert row["chance"] == pytest.approx(law.sf(257))


@pytest.mark.parametrize(
    ("cases", "told", "indicator"),
    [
        ([78] * 12, {}, OWN),
        ([78] * 5, {}, OWN),
        ([78] * 9, {"target": math.nan}, OWN),
        ([78] * 9, {}, Indicator("calls", "Calls")),
        ([78] * 9, {}, Indicator("calls", "Calls", polarity="higher_is_better", kind="caseload")),
        ([78] * 9, {"numerator": math.nan}, OWN),
        ([78] * 9, {"unit": "count"}, OWN),
    ],
)
def test_nothing_is_said_of_a_year_that_is_over_or_of_cases_that_are_not_separate(
    rows: Callable[..., pd.DataFrame], cases: list[int], told: dict[str, Any], indicator: Indicator
) -> None:
    assert year_end(running(rows, cases, **told), {"calls": indicator}).empty


def test_few_people_so_far_are_not_told(rows: Callable[..., pd.DataFrame]) -> None:
    few = running(rows, [100] * 8 + [97])
    assert len(year_end(few, {"calls": OWN}, fewest=1)) == 1
    assert year_end(few, {"calls": OWN}, fewest=5).empty


@pytest.mark.parametrize(("tolerance", "near"), [(None, False), (1.0, False), (2.0, True), (5.0, True)])
def test_a_target_missed_within_the_tolerance_is_near(
    rows: Callable[..., pd.DataFrame], tolerance: float | None, near: bool
) -> None:
    own = Indicator("calls", "Calls", polarity="higher_is_better", tolerance=tolerance)
    frame = targets(running(rows, [78] * 12), {**REGISTRY, "calls": own})
    assert frame[["met", "near"]].values.tolist() == [[False, near]]


@pytest.mark.parametrize("months", range(6, 12))
def test_the_months_to_come_are_those_up_to_march(rows: Callable[..., pd.DataFrame], months: int) -> None:
    (row,) = year_end(running(rows, [78] * months), {"calls": OWN}).to_dict("records")
    assert (row["months"], row["left"]) == (months, 12 - months)


@pytest.mark.parametrize("higher", [True, False])
def test_with_a_spread_of_four_four_cases_count_as_one(higher: bool) -> None:
    found = chance_of_meeting(
        300, 400, 100, 74, past_cases=300, past_base=400, spread=4.0, higher_is_better=higher
    )
    # 370 of 500 meet 74%: 70 of the 100 to come, which count as 17.5 of 25 beside 75 and 25 past ones.
    law = stats.betabinom(25, 75.5, 25.5)
    assert found == pytest.approx(law.sf(17) if higher else law.cdf(17))


def test_a_chance_is_written_in_twentieths() -> None:
    said = {0.0499: "less than 1 in 20", 0.05: "about 1 in 20", 0.33: "about 7 in 20", 0.75: "about 15 in 20",
            0.95: "about 19 in 20", 0.951: "more than 19 in 20"}  # fmt: skip
    assert {chance: _odds(chance) for chance in said} == said


@pytest.mark.parametrize(("base", "told"), [(1.0, True), (0.0, False)])
def test_months_of_one_case_are_cases_and_months_of_none_are_not(
    rows: Callable[..., pd.DataFrame], base: float, told: bool
) -> None:
    held = running(rows, [1, 0, 1, 1, 0, 1, 1, 1, 1]).assign(denominator=base)
    assert (not year_end(held, {"calls": OWN}).empty) == told
