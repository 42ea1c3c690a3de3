"""The monitor beside the ledger, against differences worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from s75lib.budget.reconciliation import checks, headlines, reconcile, section
from s75lib.budget.study import Study
from s75lib.loaders.agreement import likely_factor
from s75lib.present import summary


def monitor(**commitments: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"service_group": "AMH", "line": line, "kind": "expenditure", "commitment": amount}
            for line, amount in commitments.items()
        ]
    )


def ledger(group: str = "AMH", **gross: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"service_group": group, "care_type": kind, "gross": amount, "net": 0.7 * amount,
             "weekly_gross": amount / 40}
            for kind, amount in gross.items()
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("commitment", "reason"),
    [
        (100_000.4, "none, as rounded"),
        (95_000, "within a tenth"),
        (100, "a factor near 1,000 (one is in £000s?)"),
        (1_923, "a factor near 52 (one is for a week, the other for a year?)"),
        (8_333, "a factor near 12 (one is for a month, the other for a year?)"),
        (70_000, "as if net of what health and clients pay"),
        (130_000, "as if the packages open now ran for a whole year"),
        (150_000, "not known: ask which packages the line holds"),
    ],
)
def test_a_difference_has_its_likely_reason(commitment: float, reason: str) -> None:
    row = reconcile(monitor(Nursing=commitment), ledger(Nursing=100_000)).iloc[0]
    assert row["reason"] == reason
    assert row["difference"] == round(commitment - 100_000)
    assert bool(row["apart"]) is (abs(commitment - 100_000) > 10_000)


def test_lines_that_one_side_alone_has_are_told() -> None:
    rows = reconcile(monitor(Nursing=5, Equipment=9), ledger(Nursing=5, Other=3)).set_index("line")
    assert rows.loc["Equipment", "reason"] == "no package of this kind in the ledger"
    assert rows.loc["Other", "reason"] == "no such line in the monitor"


def test_groups_and_lines_without_a_name_in_common_are_added_up() -> None:
    (row,) = reconcile(monitor(Beds=70, Homes=40), ledger("Adults", Nursing=60, Other=50)).to_dict("records")
    assert (row["service_group"], row["line"], row["commitment"], row["ledger"]) == ("", "", 110, 110)


def test_a_year_is_no_factor_of_itself() -> None:
    assert likely_factor(0, 5) == likely_factor(100, 103) == ""


def test_the_example_agrees_and_a_monitor_in_thousands_does_not(example_study: Study) -> None:
    study, data = example_study, example_study.data
    assert [check.passed for check in checks(study)] == [True]
    assert list(headlines(study)) == []
    frames = type(data.frames)(dict(data.frames.untracked()) | {
        "budget": data.budget.assign(commitment=data.budget["commitment"] / 1000)
    })  # fmt: skip
    wrong = Study(replace(data, frames=frames))
    assert [check.passed for check in checks(wrong)] == [False]
    (said,) = headlines(wrong)
    assert "£000s" in said.text
    assert said.value < 0
    care = "lines differ from the ledger."
    assert {one.id: one for one in summary(wrong).headlines}["budget.position.forecast"].sentence.endswith(
        care
    )
    assert not [one for one in study.headlines if care in one.text]


def test_what_few_cases_cost_stands_in_a_joint_line(example_study: Study) -> None:
    (table,) = [part for part in section(example_study).parts if getattr(part, "id", "") == "reconciliation"]
    lines = [row[1] for row in table.cells()]
    assert "Live In and Other" in lines
    assert not {"Live In", "Other"} & set(lines)
    assert not any("c" in row for row in table.cells())


def test_a_ledger_without_groups_is_set_against_the_whole_monitor() -> None:
    lines = pd.concat([monitor(Nursing=600.0), monitor(Nursing=300.0).assign(service_group="")])
    (row,) = reconcile(lines, ledger("", Nursing=1000.0)).to_dict("records")
    assert (row["service_group"], row["commitment"], row["ledger"], row["difference"]) == (
        "",
        900,
        1000,
        -100,
    )
