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
PAID = {
    "financial_year": "2025/26",
    "partner": "Council",
    "service_group": "AMH",
    "line": "Care packages",
    "kind": "cash",
    "agreed": "100",
    "paid_to_date": "20",
    "as_at": "2025-06-30",
}
MOVE = {
    "change_id": "M1",
    "date": "2026-09-01",
    "kind": "turns_18",
    "care_type": "Nursing",
    "people": "3",
    "weekly_gross": "100",
    "health_percent": "40",
    "client_weekly": "60",
    "source": "list",
}
BY_HOURS = {name: cell for name, cell in RULE.items() if name != "health_hours"} | {"basis": "hours"}
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
        ("uplifts", [UPLIFT | {"central": ""}], "central", "not a blank"),
        ("uplifts", [UPLIFT | {"high": "103.5"}], "high", "from -100 to 100"),
        ("uplifts", [UPLIFT | {"provider": "Oak"}, UPLIFT | {"provider": "OAK"}], "provider", "one row per"),
        ("savings", [SAVING, SAVING | {"saving_id": "s1"}], "saving_id", "one row per"),
        ("funding_rules", [BY_HOURS], "health_hours", "hours a week"),
        ("funding_rules", [RULE | {"basis": "all_health"}], "health_percent", "100, or a blank"),
        ("funding_rules", [RULE, RULE | {"rule": "half"}], "rule", "one row per"),
        (
            "funding_rules",
            [RULE, RULE | {"rule": "half", "funding_type": "", "effective_from": "2025-09-01"}],
            "rule",
            "one rule for one package",
        ),
        ("known_changes", [MOVE | {"client_weekly": "60.02"}], "client_weekly", "the NHS leaves"),
        ("known_changes", [MOVE | {"weekly_gross": ""}], "weekly_gross", "not a blank"),
        ("known_changes", [MOVE | {"people": "-1"}], "people", "0 or more"),
        ("known_changes", [MOVE, MOVE | {"change_id": "m1"}], "change_id", "one row per"),
        ("contributions", [PAID, PAID | {"line": "care Packages"}], "line", "one row per"),
        ("contributions", [PAID | {"as_at": ""}], "as_at", "the day of the statement"),
        ("contributions", [PAID | {"as_at": "2025-03-31"}], "as_at", "in its financial_year or later"),
        ("contributions", [PAID | {"financial_year": "2025-06"}], "financial_year", "a financial year"),
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
        ("funding_rules", [RULE | {"basis": "all_health", "health_percent": "", "council_percent": ""}]),
        ("known_changes", [MOVE]),
        ("known_changes", [MOVE | {"weekly_gross": "-100"}]),
        ("contributions", [PAID | {"as_at": "", "paid_to_date": ""}]),
        ("contributions", [PAID, PAID | {"as_at": "2026-05-31"}]),
    ],
)
def test_what_is_sound_passes(dataset: str, rows: list[dict[str, str]]) -> None:
    raw = RawTable(pd.DataFrame(rows, index=range(2, len(rows) + 2)).astype(object).fillna(""))
    assert len(validated(raw, DATASETS[dataset], f"{dataset}.csv").frame) == len(rows)
