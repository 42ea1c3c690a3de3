"""Surveys: Barking and Dagenham's 45 respondents, and what was planted in exampleshire."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from s75lib.kpi import Study
from s75lib.kpi.survey import answers, common_bases, headlines, section, survey_changes
from s75lib.loaders import load


@pytest.fixture(scope="module")
def barking(data_dir: Path) -> pd.DataFrame:
    return answers(load("barking-and-dagenham", data_dir=data_dir).survey)


def survey(**facts: object) -> pd.DataFrame:
    row = {
        "survey": "S", "period": "2024/25", "question": "Q", "answer": "Yes", "percent": 50.0,
        "count": math.nan, "base": 40.0, "population": math.nan, "weighted": False, "reference": "",
    }  # fmt: skip
    return pd.DataFrame([row | facts]).astype({"weighted": "boolean"})


def test_which_percentages_of_45_are_impossible(barking: pd.DataFrame) -> None:
    # Every whole number of 45, rounded half up, by plain counting.
    possible = {math.floor(100 * k / 45 + 0.5) for k in range(46)}
    assert set(barking["percent"]) == {42, 86, 64, 2, 14, 9, 7, 26}  # paragraph 6.33
    expected = [percent in possible for percent in barking["percent"]]
    assert barking["fits"].tolist() == expected
    assert barking.loc[~barking["fits"].astype(bool), "percent"].tolist() == [86, 14, 26]


def test_bases_that_fit_the_impossible_ones(barking: pd.DataFrame) -> None:
    def fits(percent: int, base: int) -> bool:
        return any(abs(100 * k / base - percent) <= 0.5 for k in range(base + 1))

    by_hand = [n for n in range(45, 34, -1) if all(fits(p, n) for p in (86, 14, 26))]
    assert common_bases(barking) == by_hand == [43, 42, 35]


def test_intervals_are_wilsons_from_the_count_that_prints(barking: pd.DataFrame) -> None:
    row = barking[barking["percent"] == 64].iloc[0]  # 29 of 45 is 64.4%, the only count that prints as 64
    exact = stats.binomtest(29, 45).proportion_ci(method="wilson")
    assert (row["lower"], row["upper"]) == (pytest.approx(100 * exact.low), pytest.approx(100 * exact.high))


def test_a_weighted_percentage_has_no_interval_and_no_test() -> None:
    row = answers(survey(percent=51.0, weighted=True)).iloc[0]
    assert math.isnan(row["lower"])
    assert row["fits"] is None
    assert "Weighted" in row["note"]


def test_a_percentage_without_a_base_says_so() -> None:
    row = answers(survey(base=math.nan)).iloc[0]
    assert math.isnan(row["lower"])
    assert "No base" in row["note"]


def test_the_whole_population_leaves_no_sampling_error() -> None:
    row = answers(survey(count=20.0, population=40.0)).iloc[0]
    assert (row["lower"], row["upper"]) == (50.0, 50.0)


def test_a_population_below_the_base_is_not_used() -> None:
    with_it, without = answers(survey(count=20.0, population=30.0)), answers(survey(count=20.0))
    assert with_it["lower"].tolist() == without["lower"].tolist()


def test_decimals_are_those_of_the_whole_survey() -> None:
    rows = pd.concat([survey(percent=45.0), survey(percent=12.5, answer="No")], ignore_index=True)
    assert answers(rows)["decimals"].tolist() == [1, 1]


def test_no_survey_gives_no_rows() -> None:
    assert answers(survey().iloc[:0]).empty
    assert survey_changes(survey().iloc[:0]).empty


def test_the_planted_change_of_the_survey_is_found(data_dir: Path) -> None:
    rows = survey_changes(load("exampleshire", data_dir=data_dir).survey)
    assert set(rows.loc[rows["p_holm"] < 0.05, "question"]) == {"Finding information"}  # truth.toml
    easy = rows[rows["answer"] == "Easy"].iloc[0]
    table = [[60, 127 - 60], [83, 118 - 83]]
    assert easy["p_value"] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)


def test_rounds_are_ordered_by_time_not_by_row() -> None:
    later = survey(count=30.0, percent=75.0)
    earlier = survey(period="2023/24", count=10.0, percent=25.0)
    row = survey_changes(pd.concat([later, earlier], ignore_index=True)).iloc[0]
    assert (row["period_before"], row["period"], row["change"]) == ("2023/24", "2024/25", pytest.approx(50))


@pytest.mark.parametrize(
    ("counts", "compared"), [([20], 0), ([10, 20], 1), ([1, 10, 20], 1), ([10, 1], 0), ([1, 10], 0)]
)
def test_the_last_two_rounds_are_compared_if_neither_is_hidden(counts: list[int], compared: int) -> None:
    rounds = [
        survey(period=f"{2020 + at}/{21 + at}", count=float(count), percent=2.5 * count)
        for at, count in enumerate(counts)
    ]
    held = pd.concat(rounds, ignore_index=True)
    hidden = held["count"] == 1
    held = held.assign(percent=held["percent"].mask(hidden), count=held["count"].mask(hidden), hidden=hidden)
    assert len(survey_changes(held)) == compared


def test_the_impossible_percentages_are_named(of: Callable[..., Study]) -> None:
    (odd,) = [item for item in headlines(of("barking-and-dagenham")) if item.stake == "certainty"]
    assert "86%, 14% and 26%" in odd.text
    assert "no proof of a mistake" in odd.text


def test_a_gap_is_named_once(of: Callable[..., Study]) -> None:
    assert [part.reason for part in section(of("islington")).parts] == ["No survey is held."]
