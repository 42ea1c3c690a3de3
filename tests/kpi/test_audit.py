"""Case-file audits: exact intervals, and what was planted in exampleshire."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from s75lib.kpi import Study
from s75lib.kpi.audit import audit_changes, cases_needed, compliance, headlines, section
from s75lib.loaders import load
from s75lib.present import Missing


def test_compliance_has_exact_intervals(data_dir: Path) -> None:
    rows = compliance(load("exampleshire", data_dir=data_dir).audits)
    for row in rows.to_dict("records"):
        exact = stats.binomtest(int(row["compliant"]), int(row["cases"])).proportion_ci(method="exact")
        assert (row["lower"], row["upper"]) == (
            pytest.approx(100 * exact.low),
            pytest.approx(100 * exact.high),
        )
    assert rows["round"].is_monotonic_increasing


def test_the_planted_improvement_of_the_audit_is_found(data_dir: Path) -> None:
    rows = audit_changes(load("exampleshire", data_dir=data_dir).audits)
    assert rows.loc[rows["p_holm"] < 0.05, "criterion"].tolist() == ["Risk assessment current"]  # truth.toml


def test_a_single_round_has_no_change() -> None:
    rows = pd.DataFrame(
        {
            "round": ["2024-10"],
            "criterion": ["Plan"],
            "cases": [9.0],
            "compliant": [0.0],
            "population": [math.nan],
        }
    )
    row = audit_changes(rows).iloc[0]
    assert (row["percent"], row["round_before"], row["tests"]) == (0, "", 0)
    # Nobody of nine, as in the safeguarding audit of Barking and Dagenham: up to a third may still comply.
    assert row["upper"] == pytest.approx(100 * (1 - 0.025 ** (1 / 9)))
    assert audit_changes(rows.iloc[:0]).empty


def test_files_needed_for_a_precision() -> None:
    rows = pd.DataFrame(
        {
            "round": ["2024-10"],
            "criterion": ["Plan"],
            "cases": [9.0],
            "compliant": [0.0],
            "population": [1000.0],
        }
    )
    # Cochran (1977), section 4.4: 385 without end, 278 from a thousand.
    assert cases_needed(rows)["cases"].tolist()[0] == 278
    assert cases_needed(rows.assign(population=math.nan))["cases"].tolist()[0] == 385
    assert cases_needed(rows.iloc[:0]).empty


def test_the_weakest_criterion_and_the_one_that_changed_are_said(of: Callable[..., Study]) -> None:
    (said,) = headlines(of("exampleshire"))
    assert said.text.startswith(
        "Weakest in the case-file audit of 31 October 2025: Carer identified, 25 of 40 files"
    )
    assert "Risk assessment current rose from 55% to 85%" in said.text


def test_a_gap_is_named_once(of: Callable[..., Study]) -> None:
    (gap,) = section(of("islington")).parts
    assert isinstance(gap, Missing)
    assert gap.reason == "No case-file audit is held."
