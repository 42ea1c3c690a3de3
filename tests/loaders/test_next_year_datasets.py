"""Bad input to the datasets of the years ahead: one clear fault each."""

from __future__ import annotations

import pandas as pd
import pytest

from s75lib.errors import DataError
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import RawTable
from s75lib.loaders.validation import validated

UPLIFT = {
    "financial_year": "2026/27",
    "care_type": "Nursing",
    "basis": "price",
    "low": "2",
    "central": "3",
    "high": "4",
    "source": "letter",
}
RULE = {
    "rule": "Half",
    "funding_type": "joint",
    "service_group": "",
    "basis": "percent",
    "health_percent": "50",
    "council_percent": "50",
    "health_hours": "",
    "effective_from": "2025-04-01",
    "effective_to": "",
    "source": "protocol",
}
SAVING = {"saving_id": "S1", "saving": "Reviews", "month": "2026-05", "planned": "100", "delivered": "100"}
PAY = UPLIFT | {"basis": "pay_weighted", "wage_rise": "6", "staff_share": "75", "other_inflation": "2"}
SECOND = RULE | {
    "rule": "Third",
    "health_percent": "30",
    "council_percent": "70",
    "effective_from": "2025-09-01",
}


@pytest.mark.parametrize(
    ("dataset", "rows", "column", "expected"),
    [
        ("uplifts", [UPLIFT | {"care_type": "Hotel"}], "care_type", "one of Residential"),
        (
            "uplifts",
            [UPLIFT | {"effective_from": "2027-04-01"}],
            "effective_from",
            "a day in its financial_year",
        ),
        ("uplifts", [UPLIFT | {"central": "5"}], "central", "low ≤ central ≤ high"),
        ("uplifts", [UPLIFT | {"financial_year": "2026-04"}], "financial_year", "a financial year"),
        ("uplifts", [PAY | {"central": "3"}], "central", "wage_rise × staff_share"),
        ("uplifts", [UPLIFT, UPLIFT], "financial_year, care_type", "one row per"),
        ("savings", [SAVING | {"delivered": "101"}], "delivered", "evidence"),
        ("savings", [SAVING | {"month": "2026-13"}], "month", "month"),
        ("funding_rules", [RULE | {"council_percent": "40"}], "council_percent", "add up to 100"),
        ("funding_rules", [RULE | {"basis": "hours"}], "health_hours", "hours a week"),
        ("funding_rules", [RULE | {"effective_to": "2025-03-31"}], "effective_to", "on or after"),
        ("funding_rules", [RULE, SECOND], "rule", "one rule for one package"),
    ],
)
def test_one_fault_says_what_was_found_and_expected(dataset, rows, column: str, expected: str) -> None:
    raw = RawTable(pd.DataFrame(rows, index=range(2, len(rows) + 2)).astype(object).fillna(""))
    with pytest.raises(DataError) as error:
        validated(raw, DATASETS[dataset], f"{dataset}.csv")
    (fault,) = error.value.faults
    assert column in fault.column
    assert expected in fault.expected
    assert fault.row == len(rows) + 1
    assert fault.remedy


@pytest.mark.parametrize(
    ("dataset", "rows"),
    [
        ("uplifts", [PAY | {"central": "5", "high": "6"}]),
        ("savings", [SAVING | {"delivered": "101", "evidence": "ledger"}]),
        ("funding_rules", [RULE | {"effective_to": "2025-08-31"}, SECOND]),
        ("funding_rules", [RULE, SECOND | {"service_group": "AMH"}]),
        ("funding_rules", [RULE, SECOND | {"funding_type": ""}]),
    ],
)
def test_what_is_sound_passes(dataset: str, rows: list[dict[str, str]]) -> None:
    raw = RawTable(pd.DataFrame(rows, index=range(2, len(rows) + 2)).astype(object).fillna(""))
    assert len(validated(raw, DATASETS[dataset], f"{dataset}.csv").frame) == len(rows)
