"""What moved: the changes of Islington's appendix, what was planted in exampleshire, and the sentences."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from s75lib.kpi import Study, study
from s75lib.kpi.changes import changes, headlines, section
from s75lib.loaders import AuthorityData, load
from s75lib.loaders.indicators import REGISTRY, Indicator, find

Rows = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def islington(data_dir: Path) -> pd.DataFrame:
    found = changes(load("islington", "2018/19", data_dir=data_dir).kpi)
    return found.set_index(["indicator", "group"])


# Appendix 1 of Islington's annual report for 2018/19: before, latest, unit.
@pytest.mark.parametrize(
    ("indicator", "group", "before", "latest", "change", "unit"),
    [
        ("community_support", "ACMHT", 86, 84, -2, "percentage points"),
        ("community_support", "SAMH", 60, 52, -8, "percentage points"),
        ("reviews_per_month", "ACMHT", 34, 15, -19, "a month"),
        ("assessments_per_month", "ACMHT", 29, 13, -16, "a month"),
        ("reviews_per_month", "SAMH", 6.6, 6.1, -0.5, "a month"),
        ("assessments_per_month", "SAMH", 4.4, 5.8, 1.4, "a month"),
        ("permanent_admissions", "ACMHT", 17, 9, -8, ""),
        ("permanent_admissions", "SAMH", 7, 10, 3, ""),
        ("cpa_employment", "", 4.9, 5.6, 0.7, "percentage points"),
        ("independent_living", "", 67.1, 70.4, 3.3, "percentage points"),
        ("carers_assessed", "", 47.5, 62.8, 15.3, "percentage points"),
        ("carers_assessed", "SAMH", 75, 63, -12, "percentage points"),
        ("safeguarding_concerns", "ACMHT", 493, 628, 135, ""),
        ("safeguarding_enquiries_completed", "ACMHT", 64, 28, -36, ""),
        ("safeguarding_enquiries_completed", "SAMH", 29, 0, -29, ""),
    ],
)
def test_each_published_change_in_its_own_unit(
    islington: pd.DataFrame,
    indicator: str,
    group: str,
    before: float,
    latest: float,
    change: float,
    unit: str,
) -> None:
    row = islington.loc[(indicator, group)]
    assert (row["value_before"], row["value"]) == (before, latest)
    assert row["change"] == pytest.approx(change, abs=1e-9)
    assert row["change_unit"] == unit
    assert row["relative"] == pytest.approx(100 * (latest - before) / before)


def test_verdicts_of_islington(islington: pd.DataFrame) -> None:
    verdicts = islington["verdict"]
    assert verdicts[("permanent_admissions", "ACMHT")] == "unclear"
    assert verdicts[("safeguarding_concerns", "ACMHT")] == "changed"
    assert verdicts[("cpa_employment", "")] == "no_base"
    assert verdicts[("safeguarding_enquiries_started", "SAMH")] == "one_period"
    assert islington.loc[("permanent_admissions", "ACMHT"), "direction"] == ""  # could be chance
    # More work is neither good nor bad, here as in the scorecard's rows of work, until somebody says so.
    assert islington.loc[("reviews_per_month", "ACMHT"), "direction"] == ""
    assert islington.loc[("safeguarding_concerns", "ACMHT"), "direction"] == ""


def test_holm_over_all_tests_by_hand(islington: pd.DataFrame) -> None:
    p_values = np.sort(islington["p_value"].dropna().to_numpy())
    assert islington["tests"].iloc[0] == p_values.size == 9
    by_hand = np.minimum(np.maximum.accumulate(p_values * np.arange(9, 0, -1)), 1)
    assert np.sort(islington["p_holm"].dropna().to_numpy()) == pytest.approx(by_hand)
    assert np.sort(islington["p_bh"].dropna().to_numpy()) == pytest.approx(
        np.sort(stats.false_discovery_control(p_values))
    )


def test_what_was_planted_in_exampleshire_is_found(data_dir: Path) -> None:
    found = changes(load("exampleshire", data_dir=data_dir).kpi)
    shares = found[found["basis"].isin(["proportions", "caseload"])]
    clear = set(shares.loc[shares["clear"] | shares["stepped"], "indicator"])
    assert clear == {"reviews_in_12_months", "assessments_in_28_days"}  # truth.toml


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(60, 90), st.integers(60, 90))
def test_time_turned_round_turns_the_change_round(rows: Rows, k1: int, k2: int, n1: int, n2: int) -> None:
    first = {"unit": "percent", "numerator": k1, "denominator": n1}
    second = {"unit": "percent", "numerator": k2, "denominator": n2}
    there = changes(rows(first | {"period": "2023/24"}, second | {"period": "2024/25"})).iloc[0]
    back = changes(rows(second | {"period": "2023/24"}, first | {"period": "2024/25"})).iloc[0]
    assert there["change"] == pytest.approx(-back["change"])
    assert there["p_value"] == pytest.approx(back["p_value"])
    assert (there["lower"], there["upper"]) == (pytest.approx(-back["upper"]), pytest.approx(-back["lower"]))
    assert there["verdict"] == back["verdict"]


@pytest.mark.parametrize(("latest", "moves"), [(46, False), (45, True)])
def test_too_few_months_to_judge_are_read_as_new_cases_too_where_nobody_says_the_kind(
    rows: Rows, latest: int, moves: bool
) -> None:
    cases = [48] * 12 + [44] * 5 + [latest]
    months = pd.period_range("2024-04", periods=18, freq="M").astype(str)
    shape = {"unit": "percent", "denominator": 60}
    held = rows(*(shape | {"period": month, "numerator": n} for month, n in zip(months, cases, strict=True)))
    (row,) = changes(held, {"calls": Indicator("calls", "Calls")}).to_dict("records")
    half = [6 * 48, 5 * 44 + latest]
    table = [[n, 360 - n] for n in half]
    assert (stats.chi2_contingency(table, correction=False).pvalue < 0.05) == moves
    assert (row["comparison"], row["verdict"]) == ("year_apart", "unclear")
    shown = [100 * n / 360 for n in half] if moves else [np.nan, np.nan]
    assert [row["flow_before"], row["flow_after"]] == pytest.approx(shown, nan_ok=True)


def test_no_rows_give_no_rows(rows: Rows) -> None:
    found = changes(rows())
    assert found.empty
    assert {"verdict", "p_holm", "change_unit", "direction"} <= set(found.columns)


def test_inputs_are_left_as_they_were(data_dir: Path) -> None:
    kpi = load("islington", data_dir=data_dir).kpi
    before = kpi.copy(deep=True)
    changes(kpi)
    pd.testing.assert_frame_equal(kpi, before)


def test_the_changes_beyond_chance_are_said_the_worse_ones_first(data_dir: Path) -> None:
    own = dataclasses.replace(find("reviews_per_month"), polarity="higher_is_better")
    registry = {**REGISTRY, "reviews_per_month": own}
    found = headlines(Study(load("islington", "2018/19", data_dir=data_dir), registry=registry))
    said = "\n".join(item.text for item in found)
    assert (
        "from 34 in 2017/18 to 15 a month in 2018/19, −19 a month (−56%). That is worse, and more than chance"
        in found[0].text
    )
    assert len([item for item in found if item.id.startswith("kpi.change.")]) == 5
    assert "+0.7 percentage points (a relative rise of 14%)" in said
    assert "Chance could explain it below about 6,000 people a year, not above about 10,500" in said


def test_with_one_period_each_nothing_is_drawn_and_the_table_stands(of: Callable[..., Study]) -> None:
    shown = section(of("cambridgeshire"))
    assert not shown.headlines
    assert not shown.figures
    assert list(shown.tables) == ["changes"]


def test_a_small_count_before_hides_the_change_and_its_interval(
    rows: Rows, made: Callable[..., AuthorityData]
) -> None:
    calls = {"indicator": "permanent_admissions"}
    kpi = rows(calls | {"period": "2023/24", "value": 3}, calls | {"period": "2024/25", "value": 40})
    shown = section(study(made(kpi=kpi, threshold=5))).tables["changes"]
    cells = dict(zip([column.name for column in shown.columns], shown.cells()[0], strict=True))
    assert (cells["before"], cells["latest"], cells["change"], cells["p_value"]) == ("c", "40", "c", "c")
    assert "below 5" in shown.notes[-1]
    open_to_all = section(study(made(kpi=kpi, threshold=1))).tables["changes"]
    assert "c" not in open_to_all.cells()[0]


@pytest.mark.parametrize(("unit", "per"), [("percent", 100), ("per_100k", 1e5), ("count", 1)])
def test_a_step_is_told_in_the_unit_of_the_values(rows: Rows, unit: str, per: float) -> None:
    cases = np.random.default_rng(18).binomial(200, [0.8] * 18 + [0.4] * 6)
    base = 1 if unit == "count" else 200
    told = [
        {"value": count} if unit == "count" else {"numerator": count, "denominator": base} for count in cases
    ]
    months = pd.period_range("2024-04", periods=24, freq="M")
    held = rows(*({"period": str(m), "unit": unit} | one for m, one in zip(months, told, strict=True)))
    (row,) = changes(held, {"calls": Indicator("calls", "Calls", kind="flow")}).to_dict("records")
    assert row["shift_from"] == "2025-10"
    assert row["shift_after"] == pytest.approx(per * cases[18:].sum() / 6 / base)
