from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from s75lib.errors import DataError
from s75lib.loaders import find_authorities, load
from s75lib.loaders.authority import Authority
from s75lib.loaders.quality import alike_keys, as_toml, quality_warnings, undescribed, with_ended
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import RawTable
from s75lib.loaders.validation import Held, validated

WHO = Authority(slug="a", folder=Path("a"), name="A")
OPEN = Authority(slug="a", folder=Path("a"), name="A", published={"datasets": ["packages"]})


def held(dataset: str, rows: list[dict[str, object]]) -> dict[str, Held]:
    names = dict.fromkeys(name for row in rows for name in row)
    cells = pd.DataFrame([{name: str(row.get(name, "")) for name in names} for row in rows])
    for name in DATASETS[dataset].required:
        if name not in cells:
            cells[name] = ""
    cells.index = pd.RangeIndex(2, len(cells) + 2)
    frame = validated(RawTable(cells), DATASETS[dataset], dataset).frame
    return {dataset: Held(frame, np.arange(2, len(frame) + 2), f"{dataset}.csv")}


def activity(
    counts: dict[str, float], team: str = "North", measure: str = "reviews"
) -> list[dict[str, object]]:
    return [
        {"month": month, "measure": measure, "count": int(count), "team": team}
        for month, count in counts.items()
    ]


def package(**cells: object) -> dict[str, object]:
    return {
        "snapshot_date": "2024-04-30", "person_key": "P1", "package_key": "K1", "care_type": "Nursing",
        "start_date": "2024-01-01", "weekly_gross": 100, **cells,
    }  # fmt: skip


def found(data: dict[str, Held], who: Authority = WHO) -> list[str]:
    warnings = quality_warnings(data, who)
    assert all(warning.severity == "warning" and warning.remedy for warning in warnings)
    return [warning.found for warning in warnings]


def months(first: str, values: list[float]) -> dict[str, float]:
    return {
        f"{m:%Y-%m}": v
        for m, v in zip(pd.date_range(first, periods=len(values), freq="MS"), values, strict=True)
    }


def test_committed_data_give_no_warning(data_dir: Path) -> None:
    for slug in find_authorities(data_dir):
        assert load(slug, data_dir=data_dir).warnings == ()


def test_a_service_group_that_the_budget_does_not_know() -> None:
    line = {
        "financial_year": "2024/25", "as_at": "2024-04-30", "service_group": "OPMH", "line": "Nursing",
        "kind": "expenditure", "budget": 1, "commitment": 1, "forecast": 1,
    }  # fmt: skip
    transfers = {
        "as_at": "2024-04-30",
        "service_group": "OPHM",
        "team": "t",
        "social_work": 1,
        "healthcare_professional": 1,
    }
    data = held("budget", [line]) | held("package_transfers", [transfers])
    (warning,) = quality_warnings(data, WHO)
    assert warning.found == "'OPHM', which the dataset 'budget' does not know"
    assert (warning.row, warning.column, warning.remedy) == (2, "service_group", "Did you mean 'OPMH'?")
    assert found(held("package_transfers", [transfers])) == []


def test_a_team_that_the_workforce_does_not_know() -> None:
    staff = {
        "as_at": "2024-04-30",
        "team": "South",
        "role": "social worker",
        "wte_establishment": 1,
        "wte_in_post": 1,
    }
    data = held("workforce", [staff]) | held("activity", activity({"2024-04": 1}, team="Oak"))
    assert found(data) == ["'Oak', which the dataset 'workforce' does not know"]


def test_months_missing_everywhere_and_in_one_series() -> None:
    rows = activity({"2024-04": 1, "2024-05": 1, "2024-08": 1, "2024-09": 1})
    rows += activity({"2024-04": 1, "2024-08": 1, "2024-09": 1}, team="South")
    rows += activity({"2024-08": 1, "2024-09": 1}, team="East")
    assert found(held("activity", rows)) == [
        "no row for 2024-06 to 2024-07",
        "months without a row, where others have one, in 1 of 3 series: South reviews",
    ]


def test_yearly_indicators_have_no_gaps_and_monthly_ones_may() -> None:
    def value(period: str) -> dict[str, object]:
        return {"indicator": "carers_assessed", "period": period, "value": 1, "unit": "count"}

    assert found(held("kpi", [value("2020/21"), value("2023/24")])) == []
    assert found(held("kpi", [value("2024-01"), value("2024-03"), value("2023/24")])) == [
        "no row for 2024-02"
    ]


def test_a_missing_ledger_snapshot() -> None:
    days = ["2024-04-30", "2024-05-31", "2024-06-30", "2024-08-31", "2024-09-30"]
    assert found(held("packages", [package(snapshot_date=day) for day in days])) == [
        "no ledger snapshot between 2024-06-30 and 2024-08-31"
    ]
    quarterly = ["2023-06-30", "2023-09-30", "2023-12-31", "2024-03-31"]
    rows = [package(snapshot_date=day, start_date="2023-01-01") for day in quarterly]
    assert found(held("packages", rows)) == []


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ({"end_date": "2024-03-31"}, {"start_date": "2024-04-01"}, False),
        ({"end_date": "2024-04-01"}, {"start_date": "2024-04-01"}, True),
        ({}, {"start_date": "2024-04-01"}, True),
        ({}, {"start_date": "2024-04-01", "care_type": "Day Care"}, False),
        ({}, {"start_date": "2024-04-01", "person_key": "P2"}, False),
        ({}, {"start_date": "2024-04-01", "prior_year": "y"}, False),
    ],
)
def test_overlapping_packages(first: dict[str, object], second: dict[str, object], overlap: bool) -> None:
    data = held("packages", [package(**first), package(package_key="K2", **second)])
    hidden, shown = quality_warnings(data, WHO), quality_warnings(data, OPEN)
    assert bool(hidden) is bool(shown) is overlap
    if overlap:
        assert "fewer than 5 in the latest snapshot, 2024-04-30" in hidden[0].found
        assert hidden[0].row is None
        assert ": 1 in the latest" in shown[0].found
        assert shown[0].row == 3
        assert "P1" not in str(shown[0])


def test_a_long_package_overlaps_one_that_begins_after_a_short_one() -> None:
    rows = [
        package(end_date="2024-12-31"),
        package(package_key="K2", start_date="2024-02-01", end_date="2024-02-10"),
        package(package_key="K3", start_date="2024-06-01"),
    ]
    assert ": 2 in the latest" in found(held("packages", rows), OPEN)[0]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            [40, 41, 39, 40, 40, 95, 96, 90, 94],
            "reviews: about 40 a month before 2024-09, about 95 from then on",
        ),
        ([90] * 6 + [20] * 6, "reviews: about 90 a month before 2024-10, about 20 from then on"),
        ([40] * 12, ""),
        ([40, 60, 45, 55, 70, 40], ""),
        ([3] * 6 + [9] * 6, ""),
        ([40, 40, 40, 400, 40, 40, 40], ""),
        ([100, 100], ""),
    ],
)
def test_a_sudden_change_of_level(values: list[float], said: str) -> None:
    texts = found(held("activity", activity(months("2024-04", values))))
    assert texts == ([f"a sudden change of level in {said}"] if said else [])


def test_the_ledgers_cost_doubles_between_snapshots() -> None:
    rows = [package(), package(snapshot_date="2024-05-31", weekly_gross=250)]
    assert found(held("packages", rows)) == [
        "a sudden change of level in gross cost a week of all packages: "
        "£100 at 2024-04-30, £250 at 2024-05-31"
    ]


def test_a_faulty_dataset_disables_what_needs_it_and_not_the_rest(small_authority: Path) -> None:
    staffing = small_authority / "smallshire" / "staffing.csv"
    staffing.write_text(staffing.read_text(encoding="utf-8").replace("1190", "many"), encoding="utf-8")
    with pytest.raises(DataError):
        load("smallshire", data_dir=small_authority)
    data = load("smallshire", data_dir=small_authority, allow_faulty=True)
    assert not data.has("staffing")
    assert data.has("kpi")
    assert [fault.found for fault in data.faults] == ["'many'"]
    assert [source.dataset for source in data.inputs] == ["kpi"]


@pytest.mark.parametrize(
    ("old", "new"), [("47.5", "-140"), ("38,80", "38.5.1,80"), (",9,count", ",9,furlongs")]
)
def test_a_faulty_figure_that_stands_alone_costs_its_row_and_is_told_as_a_fault(
    small_authority: Path, old: str, new: str
) -> None:
    kpi = small_authority / "smallshire" / "kpi.csv"
    before = len(load("smallshire", data_dir=small_authority).kpi)
    kpi.write_text(kpi.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(DataError):
        load("smallshire", data_dir=small_authority)
    data = load("smallshire", data_dir=small_authority, allow_faulty=True)
    assert len(data.kpi) == before - 1
    (fault,) = data.faults
    assert "Until then its row is left out." in fault.remedy
    assert not data.faulty


def test_a_rate_above_100_and_its_target_cost_nothing(small_authority: Path) -> None:
    kpi = small_authority / "smallshire" / "kpi.csv"
    text = kpi.read_text(encoding="utf-8").replace("47.5", "104.2").replace("38,80", "83,80")
    kpi.write_text(text, encoding="utf-8")
    data = load("smallshire", data_dir=small_authority)
    assert data.kpi["value"].max() == 104.2
    assert any("above 100%" in warning.found for warning in data.warnings)


def test_keys_that_a_spreadsheet_changed_and_packages_that_have_not_begun() -> None:
    rows = [package(person_key=key, package_key=key) for key in ("007", "7", "8.0", "AB", "8", "ab", "9")]
    rows.append(package(person_key="X", package_key="X", start_date="2024-05-01"))
    texts = found(held("packages", rows), OPEN)
    assert "keys that differ only in leading zeros, marks or case: 3" in texts
    assert "packages that start after their snapshot: 1" in texts
    hidden = found(held("packages", rows))
    assert "packages that start after their snapshot: fewer than 5" in hidden


def test_when_nothing_is_sound_the_faults_are_still_told(small_authority: Path) -> None:
    for name in ("kpi", "staffing"):
        (small_authority / "smallshire" / f"{name}.csv").write_bytes(b"\0")
    data = load("smallshire", data_dir=small_authority, allow_faulty=True)
    assert len(data.faults) == 2
    assert all(frame.empty for frame in data.frames.values())


def test_what_nobody_has_said_of_an_indicator_is_asked_for_with_a_guess() -> None:
    people, values = [], 60.0
    for month in range(24):
        values += 3 if month < 12 else -2
        period = f"{2024 + (month + 3) // 12}-{(month + 3) % 12 + 1:02d}"
        people.append({"indicator": "on_register", "period": period, "value": values, "unit": "percent"})
    [asked] = quality_warnings(held("kpi", people), Authority(slug="a", folder=".", name="A"))
    assert "which way is better and whether its months count" in asked.expected
    frame = held("kpi", people)["kpi"].frame
    (entry,) = undescribed(frame, Path("nowhere"), {"on_register": "On the S117 register"})
    assert tomllib.loads(as_toml(entry, frame)) == {
        "on_register": {"name": "On the S117 register", "polarity": "neither", "kind": "caseload"}
    }
    assert found(held("kpi", [people[0] | {"indicator": "crisis_plans"}])) == []


@pytest.mark.parametrize(
    ("levels", "unit"),
    [
        ([75 + 10 * math.sin(math.pi / 6 * month) for month in range(24)], "percent"),
        ([80.0] * 12 + [60.0] * 12, "percent"),
        ([80.0 - month for month in range(24)], "percent"),
        ([40.0] * 24, "count"),
    ],
    ids=["season", "step", "trend", "count"],
)
def test_a_season_a_step_and_a_trend_of_new_cases_are_not_taken_for_the_same_people(
    levels: list[float], unit: str
) -> None:
    chance, rows = np.random.default_rng(17), []
    for month, level in enumerate(levels):
        value = round(level + chance.normal(0, 5))
        period = f"{2024 + (month + 3) // 12}-{(month + 3) % 12 + 1:02d}"
        rows.append({"indicator": "on_time", "period": period, "value": value, "unit": unit})
    frame = held("kpi", rows)["kpi"].frame
    [entry] = undescribed(frame, Path("nowhere"))
    assert entry.slug == "on_time"
    assert 'kind = "flow"  # its months look like a flow' in as_toml(entry, frame)


# --- packages that ended, in a ledger of open ones


def open_alone(packages: pd.DataFrame) -> pd.DataFrame:
    """A ledger as systems give it that list what is open, and what ended since the extract before."""
    days = sorted(packages["snapshot_date"].unique())
    before = packages["snapshot_date"].map(dict(zip(days[1:], days[:-1], strict=True)))
    return packages[~(packages["end_date"] < before)].reset_index(drop=True)


def test_a_ledger_of_open_packages_alone_gives_the_year_of_the_whole_one(data_dir: Path) -> None:
    whole = load("exampleshire", data_dir=data_dir, datasets=("packages",)).packages
    assert with_ended(whole) is whole
    cut = open_alone(whole)
    assert len(whole) - len(cut) > 1000
    same = ["snapshot_date", "package_key", "start_date", "weekly_gross", "health_weekly", "client_weekly"]
    # Items of earlier years ended before the year began: no extract of open packages ever held them.
    kept = whole[~whole["prior_year"].fillna(False).astype("bool")]
    found = with_ended(cut).merge(kept, on=same[:2], how="outer", suffixes=("", "_whole"), indicator=True)
    assert (found["_merge"] == "both").all()
    for name in same[2:]:
        pd.testing.assert_series_equal(found[name], found[f"{name}_whole"], check_names=False)


def test_what_ended_is_carried_within_its_year_and_not_over_what_was_reopened() -> None:
    rows = [
        *[{"package_key": key, "end_date": end, "snapshot_date": "2025-04-30"}
          for key, end in (("A", ""), ("B", "2025-04-20"), ("C", "2025-05-10"), ("D", "2025-05-31"))],
        *[{"package_key": key, "end_date": end, "snapshot_date": "2025-05-31"}
          for key, end in (("A", ""), ("D", ""))],
        {"package_key": "A", "snapshot_date": "2025-06-30"},
        {"package_key": "A", "snapshot_date": "2026-04-30"},
    ]  # fmt: skip
    every = {"person_key": "p", "care_type": "Nursing", "start_date": "2024-05-01", "weekly_gross": 100}
    found = with_ended(held("packages", [every | row for row in rows])["packages"].frame)
    by_day = found.groupby(found["snapshot_date"].dt.strftime("%Y-%m"))["package_key"].agg("".join)
    # D was to end in May, and ran on: when it ended is not known.
    assert by_day.to_dict() == {"2025-04": "ABCD", "2025-05": "ADBC", "2025-06": "ABC", "2026-04": "A"}


def test_a_blank_key_is_no_double_of_a_nought() -> None:
    assert not list(alike_keys(pd.Series(["", "0", "A1"]), WHO))
    assert list(alike_keys(pd.Series(["a1", "A1"]), WHO))
