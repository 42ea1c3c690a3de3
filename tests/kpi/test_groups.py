"""Groups of one indicator beside each other: the right cases, the right tests, and who may not be shown."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
import pytest
from scipy import stats

from s75lib.kpi import study
from s75lib.kpi.groups import by_group, figures, headlines, section
from s75lib.loaders import AuthorityData
from s75lib.loaders.indicators import Indicator
from s75lib.present import Missing
from s75lib.stats.comparison import compare_proportions

Teams = dict[str, tuple[int, int]]
APART: Teams = {"East": (50, 80), "North": (70, 90), "South": (30, 85)}


def of_teams(
    rows: Callable[..., pd.DataFrame], teams: Teams, period: str = "2024/25", **told: object
) -> pd.DataFrame:
    return rows(
        *(
            {"group": team, "period": period, "unit": "percent", "value": 100 * cases / base,
             "numerator": cases, "denominator": base} | told
            for team, (cases, base) in teams.items()
        )
    )  # fmt: skip


def test_each_group_is_set_against_all_the_others(rows: Callable[..., pd.DataFrame]) -> None:
    found = by_group(of_teams(rows, APART)).set_index("group")
    there = compare_proportions(80, 165, 70, 90)
    assert found.loc["North", "rest"] == pytest.approx(100 * 80 / 165)
    assert found.loc["North", ["difference", "lower", "upper"]].tolist() == pytest.approx(
        [there.difference, there.difference_lower, there.difference_upper]
    )
    table = [[50, 70, 30], [30, 20, 55]]
    assert found["spread_p"].iloc[0] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)


def test_groups_that_are_alike_are_not_shown_to_differ(rows: Callable[..., pd.DataFrame]) -> None:
    found = by_group(of_teams(rows, {"East": (50, 80), "North": (56, 90), "South": (52, 85)}))
    assert not found["differs"].any()
    assert found["spread_p"].iloc[0] > 0.5


def test_the_whole_is_no_group_and_one_group_is_none(rows: Callable[..., pd.DataFrame]) -> None:
    whole = of_teams(rows, {"": (150, 255), "East": (50, 80)})
    assert by_group(whole).empty


def test_of_a_caseload_the_latest_month_is_compared(rows: Callable[..., pd.DataFrame]) -> None:
    both = pd.concat([of_teams(rows, APART), of_teams(rows, {"East": (8, 20), "North": (9, 20)}, "2025-03")])
    kinds: tuple[tuple[str, str], ...] = (("flow", "2024/25"), ("caseload", "2025-03"))
    for kind, period in kinds:
        own = Indicator("calls", "Calls", kind=kind)  # type: ignore[arg-type]
        assert set(by_group(both, {"calls": own})["period"]) == {period}


def test_the_months_of_a_flow_are_added_and_of_all_else_the_latest_is_taken(
    rows: Callable[..., pd.DataFrame],
) -> None:
    ends = [str(month) for month in pd.period_range("2024-02", periods=14, freq="M")]
    months = pd.concat(
        [
            *(of_teams(rows, {"East": (8 + at, 40), "North": (20, 40)}, end) for at, end in enumerate(ends)),
            of_teams(rows, {"Closed": (5, 9)}, "2024-03"),
        ]
    )
    kinds: tuple[tuple[str, str, int, int], ...] = (
        ("flow", "2024-04 to 2025-03", sum(range(10, 22)), 480),
        ("", "2025-03", 21, 40),
    )
    for kind, period, cases, base in kinds:
        own = Indicator("calls", "Calls", kind=kind)  # type: ignore[arg-type]
        found = by_group(months, {"calls": own}).set_index("group")
        assert found["period"].tolist() == [period] * 2
        assert found.loc["East", "value"] == pytest.approx(100 * cases / base)
        assert found.loc["North", "rest"] == pytest.approx(100 * cases / base)
    gap = months[~((months["group"] == "East") & (months["period"] == "2024-06"))]
    found = by_group(gap, {"calls": Indicator("calls", "Calls", kind="flow")}).set_index("group")
    assert found.loc["North", "value"] == pytest.approx(50)
    assert found.loc["East", "value"] == pytest.approx(100 * (sum(range(10, 22)) - 12) / 440)


def test_a_hidden_group_hides_the_comparison(rows: Callable[..., pd.DataFrame]) -> None:
    hidden = of_teams(rows, APART).assign(hidden=[False, True, False])
    assert by_group(hidden).empty


def test_without_cases_and_base_nothing_is_compared(rows: Callable[..., pd.DataFrame]) -> None:
    assert by_group(of_teams(rows, APART, denominator=math.nan)).empty


def test_the_section_says_which_group_stands_apart(
    rows: Callable[..., pd.DataFrame], made: Callable[..., AuthorityData]
) -> None:
    months = [of_teams(rows, APART, str(month)) for month in pd.period_range("2024-04", periods=8, freq="M")]
    found = study(made(kpi=pd.concat(months)))
    (said,) = headlines(found)
    assert "South in Calls (35.3% against 70.6%)" in said.text
    (drawn,) = figures(found)
    assert "stand apart" in drawn.title
    assert len(section(found).tables["groups"].frame) == 3


def test_without_groups_the_section_says_what_it_would_take(
    rows: Callable[..., pd.DataFrame], made: Callable[..., AuthorityData]
) -> None:
    found = study(made(kpi=of_teams(rows, {"": (150, 255)})))
    assert [type(part) for part in section(found).parts] == [Missing]
