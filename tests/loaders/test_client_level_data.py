from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load
from s75lib.loaders.client_level_data import (
    SUPPORT_REASONS,
    ClientLevelData,
    default_mapping,
    read_client_level_data,
    start_from_client_level_data,
    stated_limits,
)
from s75lib.loaders.client_level_data.ledger import age_bands, pseudonyms
from s75lib.loaders.schemas import CARE_TYPES, DATASETS
from s75lib.loaders.validation import pandera_schema

SECRET = "q7Vx2mT9wLc4hRz8Kd3b"
# 999 numbers are kept for tests; the last digit is the check digit.
NHS_A, NHS_B = "9990000018", "9990000026"

SOUND: dict[str, Any] = {
    "LA Code": "999",
    "Reporting Period Start Date": "01/04/2024",
    "Reporting Period End Date": "30/06/2024",
    "LA Person Unique Identifier": "LOCAL-0001",
    "NHS Number": NHS_A,
    "First Name": "Zebedee",
    "Last Name": "Quillfeather",
    "Postcode": "ZZ99 3VZ",
    "Date of Birth": "17/03/1961",
    "Date of Death": "",
    "Client Type": "Service User",
    "Primary Support Reason": "Mental Health Support",
    "Event Type": "Service",
    "Event Reference": "REF-0001",
    "Event Start Date": "05/02/2023",
    "Event End Date": "",
    "Service Type": "Long Term Support: Residential Care",
    "Service Component": "Long Term Residential Care",
    "Delivery Mechanism": "",
    "Provider CQC Location Name": "Rowan House",
    "Provider CQC Location ID": "1-123456789",
    "Unit Cost (£)": "812.50",
    "Cost Frequency (Unit Type)": "Weekly",
    "Planned units per week": "",
}
HOME = {
    "Service Type": "Long Term Support: Community",
    "Service Component": "Home Support",
    "Delivery Mechanism": "CASSR Managed Personal Budget",
}


def event(**changes: Any) -> dict[str, Any]:
    """A sound event with some fields changed, by the field's name or a short one."""
    short = {
        "cost": "Unit Cost (£)",
        "frequency": "Cost Frequency (Unit Type)",
        "units": "Planned units per week",
        "start": "Event Start Date",
        "end": "Event End Date",
        "died": "Date of Death",
        "born": "Date of Birth",
        "local": "LA Person Unique Identifier",
        "nhs": "NHS Number",
        "reason": "Primary Support Reason",
        "ref": "Event Reference",
        "kind": "Event Type",
        "type": "Service Type",
        "component": "Service Component",
        "mechanism": "Delivery Mechanism",
        "provider": "Provider CQC Location Name",
        "location": "Provider CQC Location ID",
        "from_": "Reporting Period Start Date",
        "to": "Reporting Period End Date",
    }
    return {**SOUND, **{short.get(name, name): value for name, value in changes.items()}}


def written(folder: Path, events: list[dict[str, Any]], name: str = "return.csv") -> Path:
    path = folder / name
    frame = pd.DataFrame(events, columns=list(SOUND))
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def read(folder: Path, *events: dict[str, Any], **options: Any) -> ClientLevelData:
    return read_client_level_data(written(folder, list(events)), **options)


# --- what a ledger row holds -------------------------------------------------------------------------------


def test_a_sound_event_stands_in_every_month_end_of_the_return(tmp_path: Path) -> None:
    data = read(tmp_path, event())
    assert data.packages["snapshot_date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2024-04-30",
        "2024-05-31",
        "2024-06-30",
    ]
    row = data.packages.iloc[0]
    assert (row["care_type"], row["weekly_gross"], row["units_per_week"], row["unit_price"]) == (
        "Residential",
        812.5,
        1.0,
        812.5,
    )
    assert row["start_date"] == pd.Timestamp("2023-02-05")
    assert pd.isna(row["end_date"])
    assert (row["age_band"], row["provider"]) == ("18-64", "Rowan House")
    assert (row["service_group"], row["team"]) == ("", "")
    assert data.packages[["health_weekly", "client_weekly", "net_weekly"]].isna().all(axis=None)
    assert (data.rows, data.services, data.kept, len(data.listed)) == (1, 1, 1, 0)
    assert data.period == (date(2024, 4, 1), date(2024, 6, 30))


def test_packages_have_the_contract_s_columns_and_types(tmp_path: Path) -> None:
    for data in (read(tmp_path, event()), read(tmp_path, event(cost="-1"))):
        assert tuple(data.packages.columns) == DATASETS["packages"].column_names
        pandera_schema(DATASETS["packages"]).validate(data.packages)


WEEKS = Fraction(36525, 700)  # 365.25 days in weeks


_WEEKLY: list[tuple[str, str, str, Fraction]] = [
    ("Per Session", "45", "3", Fraction(135)),
    ("Per session", "45", "0.5", Fraction(45, 2)),
    ("Hourly", "£21.40", "10.25", Fraction(2140, 100) * Fraction(41, 4)),
    ("Daily", "61.70", "2", Fraction(1234, 10)),
    ("Weekly", "1,299.99", "", Fraction(129999, 100)),
    ("Fortnightly", "500", "", Fraction(250)),
    ("4-weekly", "1000", "", Fraction(250)),
    ("Monthly", "1000", "", 12000 / WEEKS),
    ("Quarterly", "3000", "", 12000 / WEEKS),
    ("Annually", "12000", "", 12000 / WEEKS),
    ("WEEKLY", "10", "1", Fraction(10)),
]


def test_weekly_costs(tmp_path: Path) -> None:
    events = [
        event(**HOME, ref=str(row), frequency=frequency, cost=cost, units=units)
        for row, (frequency, cost, units, _) in enumerate(_WEEKLY)
    ]
    data = read(tmp_path, *events)
    first = data.packages[data.packages["snapshot_date"] == "2024-04-30"]
    expected = [float(weekly) for *_, weekly in _WEEKLY]
    assert first["weekly_gross"].tolist() == pytest.approx(expected, rel=1e-14)
    product = first["units_per_week"] * first["unit_price"]
    assert product.tolist() == pytest.approx(expected, rel=1e-14)
    assert data.listed.empty


def test_a_monthly_payment_adds_up_to_twelve_payments_over_four_years(tmp_path: Path) -> None:
    weekly = read(tmp_path, event(frequency="Monthly", cost="1000")).packages["weekly_gross"].iloc[0]
    days = (date(2028, 4, 1) - date(2024, 4, 1)).days
    assert weekly * days / 7 == pytest.approx(48_000, abs=0.01)


def test_a_daily_bed_without_units_is_seven_days_and_listed_as_doubtful(tmp_path: Path) -> None:
    data = read(tmp_path, event(frequency="Daily", cost="110"))
    assert data.packages["weekly_gross"].tolist() == [770.0] * 3
    assert data.packages["units_per_week"].tolist() == [7.0] * 3
    assert data.listed["kept"].tolist() == [True]
    assert "seven days a week" in data.listed["reason"].item()


def test_units_beside_a_weekly_cost_are_not_multiplied_in(tmp_path: Path) -> None:
    data = read(tmp_path, event(**HOME, cost="280", units="14"))
    assert data.packages["weekly_gross"].tolist() == [280.0] * 3
    assert data.listed["reason"].tolist() == [
        "planned units beside a cost a week or longer: the cost frequency was trusted"
    ]


@pytest.mark.parametrize(("frequency", "units"), [("Daily", "8"), ("Hourly", "169")])
def test_more_units_than_a_week_has_are_kept_and_listed(tmp_path: Path, frequency: str, units: str) -> None:
    data = read(tmp_path, event(**HOME, frequency=frequency, units=units, cost="10"))
    assert data.packages["weekly_gross"].tolist() == [10.0 * float(units)] * 3
    assert data.listed["reason"].tolist() == ["more planned units than a week has days or hours"]


# --- what is left out --------------------------------------------------------------------------------------


_LEFT_OUT: list[tuple[dict[str, str], str]] = [
    ({"cost": "-812.50"}, "negative unit cost"),
    ({"cost": "(812.50)"}, "negative unit cost"),
    ({"cost": ""}, "no unit cost"),
    ({"cost": "0.00"}, "unit cost of nought"),
    ({"cost": "ask Zebedee"}, "unit cost can't be read"),
    ({"frequency": ""}, "no cost frequency"),
    ({"frequency": "One-off"}, "one-off cost: not a cost a week"),
    ({"frequency": "Now and then"}, "cost frequency is none of the return's"),
    ({**HOME, "frequency": "Hourly"}, "cost by session, hour or day without planned units per week"),
    ({**HOME, "frequency": "Daily"}, "cost by session, hour or day without planned units per week"),
    ({**HOME, "frequency": "Hourly", "units": "0"}, "planned units per week of nought"),
    ({**HOME, "frequency": "Hourly", "units": "-3"}, "negative planned units per week"),
    ({**HOME, "frequency": "Hourly", "units": "lots"}, "planned units per week can't be read"),
    ({"frequency": "Daily", "units": "lots"}, "planned units per week can't be read"),
    ({"start": ""}, "no start date"),
    ({"start": "31/02/2024"}, "start date can't be read"),
    ({"end": "31/06/2024"}, "end date can't be read"),
    ({"end": "04/02/2023"}, "end date before start date"),
    ({"died": "04/02/2023"}, "date of death before start date"),
    ({"start": "01/07/2024"}, "began after the last snapshot"),
    ({"end": "31/03/2024"}, "ended before the financial year of the first snapshot"),
    ({"local": "", "nhs": ""}, "no usable identifier of the person"),
    ({"local": "", "nhs": "0000000000"}, "no usable identifier of the person"),
    ({"reason": "Learning Disability Support"}, "primary support reason is none of those chosen"),
    ({"reason": ""}, "primary support reason not known"),
    ({"reason": "Unknown"}, "primary support reason not known"),
    ({"type": "Carer Support: Direct to Carer"}, "care_types.csv leaves the service out"),
    (
        {"type": "Unpaid carer support: Direct to unpaid carer", "mechanism": "Direct payment"},
        "care_types.csv leaves the service out",
    ),
    ({**HOME, "component": "Falconry"}, "care_types.csv has no row for the service"),
    ({**HOME, "component": ""}, "care_types.csv has no row for the service"),
    ({"kind": ""}, "no event type, though a service type"),
]


def test_left_out_once_with_its_reason(tmp_path: Path) -> None:
    events = [event(**{"ref": f"R{row}", **changes}) for row, (changes, _) in enumerate(_LEFT_OUT)]
    data = read(tmp_path, *events)
    assert data.packages.empty
    assert dict(zip(data.listed["row"] - 2, data.listed["reason"], strict=True)) == {
        row: reason for row, (_, reason) in enumerate(_LEFT_OUT)
    }
    assert len(data.listed) == data.services == len(_LEFT_OUT)
    assert not data.listed["kept"].any()


def test_the_first_reason_counts_and_counts_add_up(tmp_path: Path) -> None:
    data = read(
        tmp_path,
        event(),
        event(cost="-1", start="", ref="2"),
        event(cost="-1", ref="3"),
        event(cost="-2", ref="4"),
        event(kind="Review", ref="5"),
        event(kind="Request", ref="6"),
    )
    assert (data.rows, data.services, data.kept) == (6, 4, 1)
    assert data.counts.to_dict("records") == [
        {"reason": "negative unit cost", "kept": False, "rows": 2},
        {"reason": "no start date", "kept": False, "rows": 1},
    ]
    assert data.listed["row"].tolist() == [3, 4, 5]


def test_an_event_twice_is_left_out_once_and_a_likely_double_is_kept_and_listed(tmp_path: Path) -> None:
    data = read(tmp_path, event(), event(), event(ref="REF-0002"))
    assert data.kept == 2
    assert data.packages.groupby("snapshot_date")["package_key"].nunique().tolist() == [2, 2, 2]
    assert data.listed.to_dict("records") == [
        {"row": 2, "reason": _ALIKE, "kept": True},
        {"row": 3, "reason": "the same event again, in every field used", "kept": False},
        {"row": 4, "reason": _ALIKE, "kept": True},
    ]


_ALIKE = "like another event in all but its event reference: may be in the return twice"


def test_of_two_returns_in_a_file_the_one_that_ends_last_is_read(tmp_path: Path) -> None:
    data = read(
        tmp_path,
        event(from_="01/01/2024", to="31/03/2024"),
        event(cost="900"),
        event(from_="", ref="9"),
    )
    assert data.period == (date(2024, 4, 1), date(2024, 6, 30))
    assert data.packages["weekly_gross"].tolist() == [900.0] * 3
    assert data.listed["reason"].tolist() == [
        "belongs to another return in the file",
        "no reporting period, or one that can't be read",
    ]


# --- dates -------------------------------------------------------------------------------------------------


def test_an_end_inside_the_period_is_known_from_the_next_snapshot_on(tmp_path: Path) -> None:
    rows = read(tmp_path, event(end="31/05/2024")).packages
    assert rows["end_date"].tolist()[1:] == [pd.Timestamp("2024-05-31")] * 2
    assert pd.isna(rows["end_date"].iloc[0])


def test_a_planned_end_after_the_period_is_kept_in_every_snapshot(tmp_path: Path) -> None:
    rows = read(tmp_path, event(end="30/09/2024")).packages
    assert rows["end_date"].tolist() == [pd.Timestamp("2024-09-30")] * 3


@pytest.mark.parametrize("end", ["", "31/12/9999"])
def test_an_open_end_stays_open(tmp_path: Path, end: str) -> None:
    data = read(tmp_path, event(end=end))
    assert data.packages["end_date"].isna().all()
    assert data.listed.empty


def test_a_package_between_two_snapshots_is_not_lost(tmp_path: Path) -> None:
    rows = read(tmp_path, event(start="03/05/2024", end="20/05/2024")).packages
    assert rows["snapshot_date"].dt.strftime("%m-%d").tolist() == ["05-31", "06-30"]
    assert (rows["end_date"] == pd.Timestamp("2024-05-20")).all()


def test_an_ended_package_leaves_the_ledger_with_its_financial_year(tmp_path: Path) -> None:
    period = {"from_": "01/02/2024", "to": "30/04/2024"}
    rows = read(tmp_path, event(**period, end="10/02/2024")).packages
    assert rows["snapshot_date"].dt.strftime("%m-%d").tolist() == ["02-29", "03-31"]


@pytest.mark.parametrize(
    ("end", "died", "expected", "noted"),
    [
        ("", "20/04/2024", "2024-04-20", True),
        ("25/04/2024", "20/04/2024", "2024-04-20", True),
        ("20/04/2024", "20/04/2024", "2024-04-20", False),
        ("15/04/2024", "20/04/2024", "2024-04-15", False),
    ],
)
def test_death_caps_the_end_date(tmp_path: Path, end: str, died: str, expected: str, noted: bool) -> None:
    data = read(tmp_path, event(end=end, died=died))
    assert data.packages["end_date"].tolist() == [pd.Timestamp(expected)] * 3
    assert ("ends on the date of death, not as the return says" in data.listed["reason"].tolist()) is noted


def test_an_unreadable_death_or_birth_is_a_doubt(tmp_path: Path) -> None:
    data = read(tmp_path, event(died="spring", born="30/02/1960"))
    assert data.kept == 1
    assert (data.packages["age_band"] == "").all()
    assert data.listed["reason"].tolist() == [
        "date of death can't be read: the end date is not capped",
        "no date of birth, or none that can be read: no age band",
    ]


def test_a_period_without_a_month_end_has_a_snapshot_on_its_last_day(tmp_path: Path) -> None:
    data = read(tmp_path, event(from_="01/04/2024", to="14/04/2024"))
    assert data.packages["snapshot_date"].tolist() == [pd.Timestamp("2024-04-14")]


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2006-05-01", "under 18"),
        ("2006-04-30", "18-64"),
        ("1959-05-01", "18-64"),
        ("1959-04-30", "65-74"),
        ("1949-04-30", "75-84"),
        ("1939-05-01", "75-84"),
        ("1939-04-30", "85 and over"),
        ("2024-05-01", ""),
    ],
)
def test_age_band_changes_on_the_birthday(born: str, band: str) -> None:
    assert age_bands(pd.Series(pd.to_datetime([born])), pd.Timestamp("2024-04-30")).tolist() == [band]


def test_the_age_band_is_that_of_the_snapshot(tmp_path: Path) -> None:
    rows = read(tmp_path, event(born="15/05/1959")).packages
    assert rows["age_band"].tolist() == ["18-64", "65-74", "65-74"]


# --- care types and scope ----------------------------------------------------------------------------------


_CARE_TYPES: list[tuple[str, str, str, str]] = [
    ("Long Term Support: Nursing Care", "", "", "Nursing"),
    ("Long term support: Nursing care", "Long term nursing care", "", "Nursing"),
    ("Long term support: Residential care", "anything", "", "Residential"),
    ("Long term support: Community", "Home support", "Direct payment", "Dir Payments"),
    ("Long Term Support: Community", "Direct Payment", "", "Dir Payments"),
    ("Long Term Support: Community", "Home Support", "CASSR Commissioned Support", "Dom Care"),
    ("Long Term Support: Community", "Community Supported Living", "", "Supp Living"),
    ("Long Term Support: Community", "Extra care housing", "", "Supp Living"),
    ("Long Term Support: Community", "Shared Lives", "", "Supp Living"),
    ("Long Term Support: Community", "Day Support", "", "Day Care"),
    ("Long Term Support: Community", "Transport", "", "Other"),
    ("Long Term Support: Prison", "Home Support", "", "Other"),
    ("Short Term Support: Other Short Term", "Short Term Residential Care", "", "Residential"),
    ("Short Term Support: ST-Max", "Reablement", "", "Other"),
]


def test_care_types(tmp_path: Path) -> None:
    events = [
        event(ref=str(row), type=kind, component=component, mechanism=mechanism)
        for row, (kind, component, mechanism, _) in enumerate(_CARE_TYPES)
    ]
    data = read(tmp_path, *events)
    first = data.packages[data.packages["snapshot_date"] == "2024-04-30"]
    assert first["care_type"].tolist() == [care_type for *_, care_type in _CARE_TYPES]


def test_the_first_row_that_fits_is_used_and_blanks_fit_all(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "service_type": ["", ""],
            "service_component": ["Home Support", ""],
            "delivery_mechanism": ["", ""],
            "care_type": ["Live In", "Day Care"],
        }
    )
    data = read(tmp_path, event(**HOME), event(ref="2"), mapping=table)
    assert data.packages.groupby("care_type").size().to_dict() == {"Day Care": 3, "Live In": 3}
    backwards = read(tmp_path, event(**HOME), mapping=table.iloc[::-1])
    assert set(backwards.packages["care_type"]) == {"Day Care"}


def test_the_shipped_table_holds_our_care_types_and_no_service_twice() -> None:
    table = default_mapping()
    assert set(table["care_type"]) <= {*CARE_TYPES, ""}
    services = table[["service_type", "service_component", "delivery_mechanism"]]
    assert not services.apply(lambda cells: cells.str.lower()).duplicated().any()


def test_a_mapping_with_a_foreign_care_type_is_refused(tmp_path: Path) -> None:
    table = default_mapping().assign(care_type="Castle")
    with pytest.raises(DataError, match=r"'Castle' in rows 2.*expected one of Residential"):
        read(tmp_path, event(), mapping=table)
    with pytest.raises(DataError, match="no such column"):
        read(tmp_path, event(), mapping=table.drop(columns="care_type"))


def test_support_reasons(tmp_path: Path) -> None:
    events = [
        event(reason=reason, ref=reason)
        for reason in (
            *SUPPORT_REASONS,
            "Support with memory and cognition",
            "Learning disability support",
            "",
        )
    ]
    data = read(tmp_path, *events)
    assert data.kept == 3
    assert SUPPORT_REASONS[0] in data.limits[0]


def test_a_provider_without_a_public_location_is_not_named(tmp_path: Path) -> None:
    data = read(tmp_path, event(provider="Mrs Quillfeather", location="n/a"))
    assert (data.packages["provider"] == "").all()


# --- people ------------------------------------------------------------------------------------------------


def keys(data: ClientLevelData) -> list[str]:
    first = data.packages[data.packages["snapshot_date"] == data.packages["snapshot_date"].min()]
    return first["person_key"].tolist()


def test_one_person_under_two_identifiers_has_one_key(tmp_path: Path) -> None:
    data = read(
        tmp_path,
        event(ref="1", local="A", nhs="999 000 0018"),
        event(ref="2", local="A", nhs=""),
        event(ref="3", local="B", nhs=NHS_A),
        event(ref="4", local="B", nhs="9990000019"),
        event(ref="5", local="C", nhs=""),
        event(ref="6", local="D", nhs=NHS_B),
    )
    a, a2, b, b2, c, d = keys(data)
    assert a == a2 == b == b2
    assert len({a, c, d}) == 3


def test_a_local_identifier_of_two_nhs_numbers_is_doubtful_where_it_stands_alone(tmp_path: Path) -> None:
    data = read(
        tmp_path,
        event(ref="1", local="A", nhs=NHS_A),
        event(ref="2", local="A", nhs=NHS_B),
        event(ref="3", local="A", nhs="", start="06/02/2023"),
    )
    assert len(set(keys(data))) == 3
    assert data.listed["row"].tolist() == [4]
    assert data.listed["kept"].tolist() == [True]


def test_an_nhs_number_that_fails_its_check_is_used_only_where_nothing_else_is(tmp_path: Path) -> None:
    data = read(tmp_path, event(local="", nhs="9990000019"))
    assert data.kept == 1
    assert data.listed["reason"].tolist() == [
        "person's identifiers do not agree, or the NHS number's check digit is wrong"
    ]


def test_keys_are_new_in_each_run_unless_the_key_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("S75_KEY", raising=False)
    assert keys(read(tmp_path, event())) != keys(read(tmp_path, event()))
    monkeypatch.setenv("S75_KEY", SECRET)
    once, later = read(tmp_path, event()), read(tmp_path, event(cost="900", end="30/06/2024", ref="NEW"))
    assert keys(once) == keys(later)
    # Another price, end and reference: still the same package.
    assert set(once.packages["package_key"]) == set(later.packages["package_key"])
    monkeypatch.setenv("S75_KEY", "short")
    with pytest.raises(
        ConfigError, match=r"^key: found in the environment variable S75_KEY one that could be guessed"
    ):
        read(tmp_path, event())


def test_pseudonyms_are_hmac_sha256() -> None:
    # RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?".
    made = pseudonyms(pd.Series(["what do ya want for nothing?"]), b"Jefe", "P")
    assert made.item() == "P" + "5bdcc146bf60754e6a042426089575c7"[:20]


# --- files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["return.csv", "return.xlsx", "return.parquet"])
def test_csv_excel_and_parquet_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("S75_KEY", SECRET)
    events = [event(), event(**HOME, ref="2", frequency="Hourly", cost="20.5", units="7"), event(cost="-1")]
    expected = read(tmp_path, *events)
    found = read_client_level_data(written(tmp_path, events, name))
    pd.testing.assert_frame_equal(found.packages, expected.packages)
    pd.testing.assert_frame_equal(found.listed, expected.listed)


def test_a_typed_parquet_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S75_KEY", SECRET)
    expected = read(tmp_path, event(local="123"), event(local="124", nhs="", end="30/09/2024", units="1"))
    frame = pd.DataFrame([event(local="123"), event(local="124", nhs=None, end="30/09/2024", units="1")])
    for name in frame.columns:
        if "Date" in name:
            frame[name] = pd.to_datetime(frame[name].replace("", None), dayfirst=True)
    for name in ("NHS Number", "LA Person Unique Identifier", "Unit Cost (£)", "Planned units per week"):
        frame[name] = pd.to_numeric(frame[name])
    frame = frame.rename(columns=lambda name: name.replace(" ", "_"))
    path = tmp_path / "typed.parquet"
    frame.to_parquet(path)
    pd.testing.assert_frame_equal(read_client_level_data(path).packages, expected.packages)


def test_missing_fields(tmp_path: Path) -> None:
    path = tmp_path / "return.csv"
    frame = pd.DataFrame([event()])
    frame.drop(columns=["Unit Cost (£)", "Event End Date"]).to_csv(path, index=False)
    with pytest.raises(DataError) as caught:
        read_client_level_data(path)
    assert [fault.column for fault in caught.value.faults] == ["Event End Date", "Unit Cost"]
    frame.drop(columns=["Date of Death", "Planned units per week"]).to_csv(path, index=False)
    data = read_client_level_data(path)
    assert data.kept == 1
    assert "read as blank: Date of Death, Planned units per week." in data.limits[-1]


def test_a_field_twice_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "return.csv"
    pd.DataFrame([{**event(), "Unit Cost": "1"}]).to_csv(path, index=False)
    with pytest.raises(DataError, match="more than once"):
        read_client_level_data(path)


def test_no_message_quotes_a_person(tmp_path: Path) -> None:
    path = tmp_path / "return.csv"
    pd.DataFrame([event()]).to_csv(path, index=False, header=False)
    with pytest.raises(DataError) as caught:
        read_client_level_data(path)
    assert "no row of field names" in str(caught.value)
    assert "Quillfeather" not in str(caught.value)
    assert NHS_A not in str(caught.value)


@pytest.mark.parametrize(
    "events",
    [[event(kind="Review")], [event(from_="", to="")], [event(from_="01/07/2024")]],
    ids=["no service", "no period", "period reversed"],
)
def test_no_service_event_with_a_period_is_a_fault(tmp_path: Path, events: list[dict[str, Any]]) -> None:
    with pytest.raises(DataError, match="none with a reporting period"):
        read(tmp_path, *events)


# --- properties --------------------------------------------------------------------------------------------

_CELLS = {
    "LA Person Unique Identifier": ["LOCAL-0001", "LOCAL-0002", ""],
    "NHS Number": [NHS_A, NHS_B, "9990000019", ""],
    "Date of Birth": ["17/03/1961", "02/11/1937", ""],
    "Date of Death": ["", "", "11/05/2024", "11/05/2001"],
    "Primary Support Reason": ["Mental Health Support", "Support with Memory & Cognition", "Unknown"],
    "Event Type": ["Service", "Service", "Service", "Review", ""],
    "Event Reference": ["REF-0001", "REF-0002", ""],
    "Event Start Date": ["05/02/2023", "06/05/2024", "09/08/2024", ""],
    "Event End Date": ["", "", "20/05/2024", "30/11/2024", "04/02/2023", "soon"],
    "Service Type": ["Long Term Support: Residential Care", "Long Term Support: Community"],
    "Service Component": ["Home Support", "Day Support", "Falconry"],
    "Delivery Mechanism": ["", "Direct Payment"],
    "Unit Cost (£)": ["812.50", "20", "20", "-20", "0", ""],
    "Cost Frequency (Unit Type)": ["Weekly", "Hourly", "Daily", "Monthly", "One-off", ""],
    "Planned units per week": ["", "7", "0", "-1"],
}
_IDENTIFIERS = (
    *(NHS_A, NHS_B, "9990000019", "LOCAL-0001", "LOCAL-0002", "REF-0001", "REF-0002"),
    *("Zebedee", "Quillfeather", "ZZ99", "1961", "1937", "17/03", "02/11"),
)


@st.composite
def _returns(draw: st.DrawFn) -> list[dict[str, Any]]:
    cells = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _CELLS.items()})
    drawn = draw(st.lists(cells, min_size=1, max_size=12))
    return [event(), *({**SOUND, **cells} for cells in drawn)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=_returns())
def test_every_service_event_is_kept_or_listed_and_no_identifier_survives(
    tmp_path: Path, events: list[dict[str, Any]]
) -> None:
    data = read(tmp_path, *events)
    services = [row for row, cells in enumerate(events, start=2) if cells["Event Type"] != "Review"]
    out = data.listed.loc[~data.listed["kept"], "row"]
    doubtful = data.listed.loc[data.listed["kept"], "row"]
    assert data.services == len(services)
    assert out.is_unique
    assert set(out) <= set(services)
    assert not set(doubtful) & set(out)
    assert data.packages["package_key"].nunique() == data.kept == len(services) - len(out)
    assert data.counts["rows"].sum() == len(data.listed)
    assert not data.packages.duplicated(["snapshot_date", "package_key"]).any()
    assert (data.packages["weekly_gross"] > 0).all()
    text = "\n".join(
        [data.packages.to_csv(), data.listed.to_csv(index=False), data.counts.to_csv(), *data.limits]
    )
    keyless = data.packages.drop(columns=["person_key", "package_key"]).to_csv() + text.split("\n", 1)[0]
    for secret in _IDENTIFIERS:
        # Four digits can stand in a hash by chance: the short ones are looked for beside the keys.
        assert secret not in (text if len(secret) > 5 else keyless), secret


# --- the authority's folder --------------------------------------------------------------------------------


def many(folder: Path) -> Path:
    return written(
        folder,
        [
            event(),
            event(**HOME, ref="2", local="LOCAL-0002", nhs=NHS_B, frequency="Hourly", cost="20", units="14"),
            event(ref="3", cost="-5"),
            event(ref="4", reason="Learning Disability Support"),
            event(ref="5", start="03/05/2024", end="20/05/2024", frequency="Daily", cost="100"),
        ],
    )


def test_a_new_authority_from_a_return_loads_cleanly(tmp_path: Path) -> None:
    made = start_from_client_level_data("my-council", many(tmp_path), tmp_path / "data")
    data = load("my-council", data_dir=tmp_path / "data")
    assert data.period.label == "2024/25"
    assert str(data.known_to) == "2024-06-30"
    pd.testing.assert_frame_equal(data.packages, made.packages)
    last = data.packages[data.packages["snapshot_date"] == "2024-06-30"].set_index("care_type")
    assert last["weekly_gross"].groupby(level=0).sum().to_dict() == {"Dom Care": 280.0, "Residential": 1512.5}
    assert data.budget.empty
    assert sorted(path.name for path in (tmp_path / "data" / "my-council").iterdir()) == [
        "authority.toml",
        "care_types.csv",
        "client_level_data.md",
        "client_level_data_rows.csv",
        "data.xlsx",
        "packages.csv",
    ]


def test_the_note_says_what_was_left_out_and_the_limits(tmp_path: Path) -> None:
    made = start_from_client_level_data("my-council", many(tmp_path), tmp_path / "data")
    folder = tmp_path / "data" / "my-council"
    note = (folder / "client_level_data.md").read_text(encoding="utf-8")
    assert "- 5 rows read, of which 5 are service events." in note
    assert "- 3 service events are in packages.csv; 2 are left out." in note
    assert "| negative unit cost | 1 |" in note
    assert "Primary support reasons kept: Mental Health Support; Support with Memory & Cognition." in note
    assert all(sentence in note for sentence in made.limits)
    assert stated_limits(folder) == made.limits
    for limit in (
        "includes what the person pays",
        "leaves out what the NHS pays",
        "no component for live-in care",
        "no service group and no team",
        "event reference is no stable key",
        "findings on joint funding and client contributions need the finance extract",
    ):
        assert limit in note
    rows = (folder / "client_level_data_rows.csv").read_text(encoding="utf-8")
    assert rows.splitlines() == [
        "row,reason,kept",
        "4,negative unit cost,no",
        "6,daily cost of a bed without planned units: taken as seven days a week,yes",
    ]


def test_no_identifier_is_in_any_file_of_the_folder(tmp_path: Path) -> None:
    start_from_client_level_data("my-council", many(tmp_path), tmp_path / "data")
    for path in (tmp_path / "data" / "my-council").iterdir():
        content = path.read_bytes()
        for secret in (NHS_A, NHS_B, "LOCAL-000", "REF-000", "Zebedee", "Quillfeather", "ZZ99", "1961-03-17"):
            assert secret.encode() not in content, (path.name, secret)


def test_a_return_that_begins_inside_the_year_says_what_the_commitment_lacks(tmp_path: Path) -> None:
    data = read(tmp_path, event(from_="01/07/2024", to="30/09/2024"))
    assert any("ended between 1 April 2024 and then" in sentence for sentence in data.limits)
    assert not any("ended between" in sentence for sentence in read(tmp_path, event()).limits)


def test_the_folder_s_own_care_types_are_used_from_then_on(tmp_path: Path) -> None:
    file, data_dir = many(tmp_path), tmp_path / "data"
    start_from_client_level_data("my-council", file, data_dir)
    folder = data_dir / "my-council"
    toml = (folder / "authority.toml").read_text(encoding="utf-8").replace("My Council", "Our Council")
    (folder / "authority.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"holds packages\.csv already; delete or move it"):
        start_from_client_level_data("my-council", file, data_dir)
    (folder / "packages.csv").unlink()
    table = (folder / "care_types.csv").read_text(encoding="utf-8")
    (folder / "care_types.csv").write_text(
        table.replace(",Home Support,,Dom Care,", ",Home Support,,Live In,"), encoding="utf-8"
    )
    made = start_from_client_level_data("my-council", file, data_dir)
    assert set(made.packages["care_type"]) == {"Live In", "Residential"}
    data = load("my-council", data_dir=data_dir)
    assert data.authority.name == "Our Council"
    assert set(data.packages["care_type"]) == {"Live In", "Residential"}


def test_nothing_is_written_where_the_return_is_at_fault(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        start_from_client_level_data("my-council", written(tmp_path, []), tmp_path / "data")
    with pytest.raises(DataError):
        start_from_client_level_data("my-council", tmp_path / "nowhere.csv", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_return_of_nothing_usable_still_says_why(tmp_path: Path) -> None:
    file = written(tmp_path, [event(cost="-1")])
    made = start_from_client_level_data("my-council", file, tmp_path / "data")
    assert made.kept == 0
    note = (tmp_path / "data" / "my-council" / "client_level_data.md").read_text(encoding="utf-8")
    assert "| negative unit cost | 1 |" in note
    assert load("my-council", "2024/25", data_dir=tmp_path / "data").packages.empty


def test_names_and_folders_are_guarded(tmp_path: Path) -> None:
    file = many(tmp_path)
    with pytest.raises(ConfigError, match="expected a folder name"):
        start_from_client_level_data("../my council", file, tmp_path / "data")
    (tmp_path / "data" / "taken").mkdir(parents=True)
    with pytest.raises(ConfigError, match="is there already"):
        start_from_client_level_data("taken", file, tmp_path / "data")
