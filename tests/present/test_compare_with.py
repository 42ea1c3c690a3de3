"""Another period to compare with: figures by pandas alone, sentences, faults, and what stays hidden."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import s75lib as s75
from s75lib.budget.disclosure import of_any
from s75lib.budget.position import comparisons
from s75lib.errors import ConfigError
from s75lib.kpi.comparison import pairs
from s75lib.loaders import AuthorityData, Period, load
from s75lib.report.tasks import Task
from s75lib.workload.activity import year_asked
from s75lib.workload.disclosure import decided_years

HERE = Path(__file__).parents[2] / "data" / "exampleshire"


@pytest.fixture(scope="module")
def other() -> AuthorityData:
    return load("exampleshire", compare_with="2023/24")


@pytest.fixture(scope="module")
def quarter() -> AuthorityData:
    return load("exampleshire", compare_with="2024/25-Q2")


def written(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / f"{name}.csv")


# What is asked for


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("soon", "parameter 'compare_with': period: found 'soon'; expected a financial year like '2018/19'"),
        ("2025/26", "found 2025/26; expected a period that ends before the report's own, 2025/26"),
        ("2026-03", "found 2026-03; expected a period that ends before"),
        ("2027/28", "found 2027/28; expected a period that ends before"),
        ("1999/00", "found 1999/00, by whose end no data are known; expected a period from 20"),
        (2024, "parameter 'compare_with': found '2024' (int); expected str"),
    ],
)
def test_a_period_that_cannot_be_compared_with_is_one_fault_with_its_remedy(asked: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("exampleshire", compare_with=asked)
    assert message in str(caught.value)
    assert re.search("leave it out|such as", str(caught.value), re.IGNORECASE)


def test_blank_asks_for_nothing_and_a_report_says_nothing_of_it() -> None:
    data = load("exampleshire", compare_with="  ")
    assert data.compared is None
    head = s75.present.head.ReportHead(data)
    assert (head.payload()["focus"], "compared" in head.text()) == ("", False)


def test_a_report_that_compares_says_so_in_its_head_and_has_files_of_its_own(other: AuthorityData) -> None:
    study = s75.next_year.study(other)
    head, said = s75.summary(study).parts[:2]
    assert head.payload()["focus"] == "compared with 2023/24"
    assert "Period: 2025/26, compared with 2023/24" in head.text()
    assert said.payload()["kind"] == "compared"
    assert said.text() == (
        "Compared with 2023/24, as was asked for. Nothing here compares with an earlier period: all is as in "
        "the full report."
    )
    given = {"team": "Alder", "compare_with": "Q2 2024/25"}
    task = Task("a", "A", False, "2025/26", "fy2025-26", "budget", HERE, HERE, given, "")
    assert task.report == "budget-team-alder-compare-with-q2-2024-25"


def test_the_day_that_answers_to_a_later_one() -> None:
    year, spring = Period.parse("2023/24"), Period.parse("2023/24-Q1")
    days = [pd.Timestamp(day).date() for day in ("2026-03-31", "2025-12-05", "2025-02-01")]
    assert [year.matching(day).isoformat() for day in days] == ["2024-03-31", "2023-12-31", "2024-02-29"]
    assert {spring.matching(day).isoformat() for day in days} == {"2023-06-30"}
    assert (year.months_back(days[1]), spring.months_back(days[1])) == (24, 30)


# Budget


def test_the_budget_moves_from_the_last_snapshot_of_the_period(quarter: AuthorityData) -> None:
    rows = written("budget").query("kind == 'expenditure'")
    sums = rows.groupby("as_at")["commitment"].sum()
    study = s75.budget.study(quarter)
    (found,) = (one for one in s75.budget.movement(study).headlines if one.id == "budget.movement.year")
    assert found.value == pytest.approx(sums["2026-03-31"] - sums["2024-09-30"])
    assert "between 30 September 2024 and 31 March 2026" in found.text
    labels = [column.label for column in s75.budget.movement(study).tables["movement.year"].columns]
    assert labels[2:4] == ["Q2, 2024/25 commitment", "Q4, 2025/26 commitment"]


def test_the_budget_takes_the_same_month_of_a_year_and_else_its_closing_snapshot() -> None:
    study = s75.budget.study(load("exampleshire", "2025-10", compare_with="2024/25"))
    assert [one.day for one in study.comparisons["year"]] == ["31 October 2024", "31 October 2025"]
    held = study.data.budget[study.data.budget["as_at"] != "2024-10-31"]
    pairs = comparisons(held, Period.parse("2024/25"))
    assert [one.day for one in pairs["year"]] == ["31 March 2025", "31 October 2025"]
    assert comparisons(held, Period.parse("2022/23")).keys() == {"last"}


def test_a_period_without_a_snapshot_is_said_and_the_rest_is_shown(other: AuthorityData) -> None:
    study = s75.budget.study(other)
    assert study.on_comparing[0] == "The budget monitor holds no snapshot of 2023/24 to move from."
    assert [one.id for one in s75.budget.movement(study).headlines] == ["budget.movement.last"]


def test_the_ledger_of_a_comparison_is_the_full_reports_to_the_last_cell(quarter: AuthorityData) -> None:
    """Nobody can subtract one edition from the other: of people they print the same, or less."""
    whole, cut = s75.budget.study(load("exampleshire")), s75.budget.study(quarter)
    assert (cut.pair, cut.counts.cells, cut.counts.bare) == (
        whole.pair,
        whole.counts.cells,
        whole.counts.bare,
    )
    assert whole.joint_lines.keys() <= cut.joint_lines.keys()
    earlier = s75.budget.study(quarter.as_of(cut.comparisons["year"][0].as_at.date()))
    assert earlier.joint_lines.keys() <= cut.joint_lines.keys()


def test_lines_that_either_report_puts_together_are_put_together() -> None:
    order = ["A", "B", "C", "D"]
    one, two = {"A": "A and B", "B": "A and B"}, {"B": "B and C", "C": "B and C"}
    assert of_any(order, one, two) == dict.fromkeys("ABC", "A, B and C")
    assert of_any(order, one, {"D": "D", "C": "C"}) == one | {"D": "D", "C": "C"}
    assert of_any(order, {}, {}) == {}


# Indicators


def of_months(rows: pd.DataFrame, slug: str, first: str, last: str) -> pd.Series:
    held = rows[(rows["indicator"] == slug) & rows["period"].between(first, last)]
    return held[~held["period"].str.contains("/")][["numerator", "denominator"]].sum()


def test_indicators_set_the_year_to_date_against_the_same_months_of_the_year() -> None:
    data = load("exampleshire", "2025-12", compare_with="2023/24")
    row = s75.kpi.study(data).changes.set_index("indicator").loc["assessments_in_28_days"]
    then = of_months(written("kpi"), "assessments_in_28_days", "2023-04", "2023-12")
    now = of_months(written("kpi"), "assessments_in_28_days", "2025-04", "2025-12")
    shares = [100 * sums["numerator"] / sums["denominator"] for sums in (then, now)]
    assert [row["value_before"], row["value"]] == pytest.approx(shares)
    assert (row["period_before"], row["period"]) == ("2023-04 to 2023-12", "2025-04 to 2025-12")
    assert row["comparison"] == "asked_months"


def test_indicators_set_the_latest_three_months_against_a_quarter(quarter: AuthorityData) -> None:
    rows = s75.kpi.study(quarter).changes.set_index("indicator")
    row = rows.loc["assessments_in_28_days"]
    then = of_months(written("kpi"), "assessments_in_28_days", "2024-07", "2024-09")
    assert row["value_before"] == pytest.approx(100 * then["numerator"] / then["denominator"])
    assert row["period"] == "2026-01 to 2026-03"
    assert rows["comparison"].isin(["asked_period", "asked_month", "asked_none"]).all()
    assert s75.kpi.study(quarter).on_comparing == (
        "The latest three months are set against Q2 2024/25.",
        f"{(rows['comparison'] == 'asked_none').sum()} of {len(rows)} indicators holds nothing of it.",
    )


def test_published_years_are_set_against_the_year_asked_for_and_surveys_against_its_round(
    other: AuthorityData,
) -> None:
    rows = s75.kpi.study(other).changes
    held = written("kpi").set_index(["indicator", "period"])["value"]
    years = rows[rows["comparison"] == "asked_years"]
    assert set(years["period_before"]) == {"2023/24"}
    for row in years[years["indicator"].isin(["carers_assessed", "complaints"])].to_dict("records"):
        assert row["value_before"] == pytest.approx(held[row["indicator"], "2023/24"])
    assert s75.kpi.study(other).survey_changes.empty  # no round of that year is held
    assert (
        s75.kpi.study(load("exampleshire", compare_with="2024/25"))
        .survey_changes["period_before"]
        .eq("2024/25")
        .all()
    )


def test_the_year_before_asked_for_gives_what_is_compared_without_asking() -> None:
    asked, default = (
        s75.kpi.study(load("exampleshire", **given)).changes[["value_before", "value", "change", "p_value"]]
        for given in ({"compare_with": "2024/25"}, {})
    )
    pd.testing.assert_frame_equal(asked, default)


def test_a_later_period_than_the_figures_is_none_to_compare_with() -> None:
    blank = dict.fromkeys(("numerator", "denominator", "target", "months_on_target", "months_reported"))
    row = {"indicator": "calls", "group": "", "unit": "count", "decimals": 0.0} | blank
    held = pd.DataFrame(
        [row | {"period": "2023-01", "value": 4.0}, row | {"period": "2023-02", "value": 5.0}]
    )
    for label in ("2023/24", "2022/23", "2023-06", "2023-02"):
        row = pairs(held, compared=Period.parse(label)).iloc[0]
        assert (row["comparison"], row["period_before"]) == ("asked_none", "")
    row = pairs(held, compared=Period.parse("2023-01")).iloc[0]
    assert (row["comparison"], row["value_before"], row["value"]) == ("asked_period", 4.0, 5.0)


# Work, scorecard, account


def test_work_sets_twelve_months_beside_those_of_the_year_asked_for(other: AuthorityData) -> None:
    rows = written("activity").query("measure == 'reviews'")
    counts = rows.groupby("month")["count"].sum()
    year = counts[(counts.index >= "2023-04") & (counts.index < "2024-04")].sum()
    found = s75.scorecard.study(other)
    row = found.year_on_year.set_index("measure").loc["reviews"]
    assert (row["before"], row["latest"]) == (year, counts[counts.index >= "2025-04"].sum())
    assert year_asked(found.workload, "reviews", "All teams") == year
    (shown,) = (one for one in found.measures["Workload"] if one.name.startswith("reviews, 12"))
    assert shown.against.replace("\xa0", " ") == f"to Mar 2024: {year:,}"


def test_work_of_months_that_overlap_or_are_not_held_is_not_compared() -> None:
    for period, asked, said in (
        ("", "2025-06", "The 12 months to June 2025 would share months with the latest twelve."),
        ("2025-12", "2023/24", "does not reach back to the 12 months to the same month of 2023/24."),
    ):
        found = s75.scorecard.study(load("exampleshire", period, compare_with=asked))
        assert said in " ".join(found.workload.on_comparing)
        assert not found.year_on_year["is_held"].any()
        assert found.year_on_year["latest"].notna().all()
        assert found.workload.concerns.empty


def test_twelve_months_with_a_hidden_one_are_hidden_where_nobody_decided_on_their_sum(
    made: Callable[..., AuthorityData],
) -> None:
    cell = ("complaints", "All teams", pd.Timestamp("2023-06-01"))
    shown = ("complaints", "All teams", pd.Timestamp("2024-03-01"), "12 months")
    found = s75.present.disclosure.Decisions({shown: 40}, {cell})
    hidden = decided_years(found).hidden
    assert len(hidden) == 12
    assert shown not in hidden
    assert ("complaints", "All teams", pd.Timestamp("2024-05-01"), "12 months") in hidden


def test_a_complaint_too_few_to_show_hides_the_twelve_months_of_the_period() -> None:
    data = load("exampleshire", "2025-12", compare_with="2024/25")
    work = s75.workload.study(data)
    rows = work.decided_months
    ends = {cell[2] for cell in rows.hidden if cell[0] == "complaints" and len(cell) == 3}
    asked = year_asked(work, "complaints", "All teams")
    inside = [end for end in ends if pd.Timestamp("2024-01-01") <= end <= pd.Timestamp("2024-12-01")]
    assert bool(inside) == pd.isna(asked)


def test_the_account_sets_what_was_agreed_beside_the_other_year() -> None:
    data = load("exampleshire", compare_with="2024/25")
    rows = written("contributions").drop_duplicates(
        ["financial_year", "partner", "service_group", "line", "kind"], keep="last"
    )
    sums = rows.groupby(["financial_year", "partner"])["agreed"].sum()
    table = s75.account.statement(s75.account.study(data)).tables["contributions.compared"]
    for row in table.frame.to_dict("records"):
        assert row["agreed_before"] == sums["2024/25", row["partner"]]
        assert row["agreed"] == sums["2025/26", row["partner"]]
        assert row["change"] == row["agreed"] - row["agreed_before"]
    assert len(table.frame) == 2
    assert (
        "contributions.compared" not in s75.account.statement(s75.account.study(load("exampleshire"))).tables
    )
