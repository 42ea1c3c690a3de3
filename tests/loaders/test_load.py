from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import fsspec
import pandas as pd
import pytest
from openpyxl import Workbook

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders import AuthorityData, find_authorities, load
from s75lib.loaders.check import check_record
from s75lib.loaders.load import UNCLAIMED
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.starter import start_authority
from s75lib.present.head import Sources


def faults_of(data_dir: Path) -> tuple[Fault, ...]:
    with pytest.raises(DataError) as caught:
        load("smallshire", data_dir=data_dir)
    return caught.value.faults


def replace(data_dir: Path, file: str, old: str, new: str) -> None:
    path = data_dir / "smallshire" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_authority_loads_whole(data_dir: Path) -> None:
    for slug in find_authorities(data_dir):
        data = load(slug, data_dir=data_dir)
        for name, dataset in DATASETS.items():
            assert tuple(data.frames[name].columns) == dataset.column_names
        assert all(source.rows_used <= source.rows for source in data.inputs)
        assert all(len(source.sha256) == 64 for source in data.inputs)


def test_rows_after_the_period_are_left_out(small_authority: Path) -> None:
    data = load("smallshire", "2023/24", data_dir=small_authority)
    assert data.kpi["period"].tolist() == ["2023/24"]
    assert data.staffing.empty
    assert {source.dataset: (source.rows, source.rows_used) for source in data.inputs} == {
        "kpi": (3, 1),
        "staffing": (1, 0),
    }


def test_latest_period_is_the_last_financial_year_with_data(small_authority: Path) -> None:
    data = load("smallshire", data_dir=small_authority)
    assert data.period.label == "2024/25"
    assert str(data.known_to) == "2025-03-31"


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "column", "found", "expected"),
    [
        ("kpi.csv", "47.5", "-140", 2, "value", "'-140'", "a percentage of 0 or more"),
        ("kpi.csv", "47.5", "much", 2, "value", "'much'", "a number"),
        ("kpi.csv", ",9,count", ",9,furlongs", 4, "unit", "'furlongs'", "one of percent, count"),
        ("kpi.csv", "38,80", "38.5.1,80", 2, "numerator", "'38.5.1'", "a number"),
        ("kpi.csv", "2023/24", "2023/25", 2, "period", "'2023/25'", "a financial year such as"),
        (
            "kpi.csv",
            "carers_assessed,,2024/25",
            "carers_assessed,,2023/24",
            3,
            "indicator, group, period",
            "as in row 2",
            "one row per",
        ),
        ("staffing.csv", "1200,1200", "-1200,1200", 2, "budget", "'-1200'", "0 or more"),
        ("staffing.csv", "2024-11-30", "30/13/2024", 2, "as_at", "'30/13/2024'", "a date"),
        ("staffing.csv", "2024-11-30", "", 2, "as_at", "a blank", "a date"),
        (
            "staffing.csv",
            "actual_to_date",
            "spent",
            None,
            "actual_to_date",
            "no such column",
            "actual_to_date",
        ),
        ("staffing.csv", "1190", "1190,77", 2, "", "9 cells", "8 cells"),
    ],
)
def test_bad_input_names_file_row_column_found_expected(
    small_authority: Path,
    file: str,
    old: str,
    new: str,
    row: int | None,
    column: str,
    found: str,
    expected: str,
) -> None:
    replace(small_authority, file, old, new)
    (fault,) = faults_of(small_authority)
    assert fault.file == f"smallshire/{file}"
    assert (fault.row, fault.column) == (row, column)
    assert found in fault.found
    assert expected in fault.expected
    assert fault.remedy


def test_all_faults_of_all_files_at_once(small_authority: Path) -> None:
    replace(small_authority, "kpi.csv", "47.5", "-140")
    replace(small_authority, "kpi.csv", ",9,count", ",many,count")
    replace(small_authority, "staffing.csv", "790", "lots")
    places = {(fault.file, fault.row, fault.column) for fault in faults_of(small_authority)}
    assert places == {
        ("smallshire/kpi.csv", 2, "value"),
        ("smallshire/kpi.csv", 4, "value"),
        ("smallshire/staffing.csv", 2, "actual_to_date"),
    }


@pytest.mark.parametrize("header", ["surname", "Client Name", "DOB", "postcode", "nhs_number", "email"])
def test_a_column_named_like_a_personal_detail_stops_the_load(small_authority: Path, header: str) -> None:
    replace(small_authority, "staffing.csv", "forecast", f"forecast,{header}")
    replace(small_authority, "staffing.csv", "1190", "1190,secret")
    (fault,) = faults_of(small_authority)
    assert "personal detail" in fault.found
    assert "secret" not in str(fault)


def test_nhs_numbers_in_a_column_stop_the_load_and_are_not_shown(small_authority: Path) -> None:
    replace(small_authority, "staffing.csv", "Mgmt", "9990000018")
    (fault,) = faults_of(small_authority)
    assert "NHS numbers" in fault.found
    assert "9990000018" not in str(fault)


def test_person_level_cells_are_not_quoted(small_authority: Path) -> None:
    (small_authority / "smallshire" / "packages.csv").write_text(
        "snapshot_date,person_key,package_key,care_type,start_date,end_date,weekly_gross\n"
        "2024-11-30,P1,K1,Residential,2024-01-01,,twelve for Ann\n",
        encoding="utf-8",
    )
    (fault,) = faults_of(small_authority)
    assert fault.column == "weekly_gross"
    assert "Ann" not in str(fault)


def test_a_source_outside_the_folder_is_refused(small_authority: Path) -> None:
    (small_authority / "other.csv").write_text("x\n1\n", encoding="utf-8")
    toml = small_authority / "smallshire" / "authority.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8") + '[sources]\nbudget = { path = "../other.csv" }\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="leaves the authority's folder"):
        load("smallshire", data_dir=small_authority)


def test_a_named_source_that_is_not_there_is_a_fault(small_authority: Path) -> None:
    toml = small_authority / "smallshire" / "authority.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8") + '[sources]\nbudget = { path = "none.csv" }\n', encoding="utf-8"
    )
    (fault,) = faults_of(small_authority)
    assert fault.found == "no such file"


@pytest.mark.parametrize("slug", ["../smallshire", "Smallshire", "small shire", "", "/etc"])
def test_a_name_that_is_no_folder_name_is_refused(small_authority: Path, slug: str) -> None:
    with pytest.raises(ConfigError, match="authority: found"):
        load(slug, data_dir=small_authority)


def test_a_data_folder_that_is_none_is_told_and_where_an_address_belongs() -> None:
    with pytest.raises(ConfigError, match=r"found no 's3:/+finance/data'.*named in the \[sources\]"):
        load("smallshire", data_dir="s3://finance/data")


def test_an_unknown_authority_is_answered_with_the_nearest(small_authority: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'smallshire'"):
        load("smalshire", data_dir=small_authority)


def test_a_period_before_all_data_is_refused(small_authority: Path) -> None:
    with pytest.raises(ConfigError, match="from 2023/24 on"):
        load("smallshire", "2010/11", data_dir=small_authority)


def test_every_fault_of_authority_toml_is_named(small_authority: Path) -> None:
    toml = small_authority / "smallshire" / "authority.toml"
    toml.write_text(
        'name = "X"\ncolour = "red"\ndisclosure_threshold = 0\n[agreement]\nfunding = "shared"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load("smallshire", data_dir=small_authority)
    for part in ("colour", "disclosure_threshold", "agreement.funding", "3 to correct"):
        assert part in str(caught.value)


def test_toml_that_is_not_toml(small_authority: Path) -> None:
    (small_authority / "smallshire" / "authority.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(ConfigError, match="not TOML"):
        load("smallshire", data_dir=small_authority)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_delimiters_and_title_rows(small_authority: Path, encoding: str, delimiter: str) -> None:
    lines = [
        ["Staffing – £", "", "", "", "", "", "", ""],
        [""] * 8,
        [
            "As at",
            "Organisation",
            "Group",
            "Budget",
            "Adjusted budget",
            "adjusted_budget_to_date",
            "actual_to_date",
            "forecast",
        ],
        ["30/11/2024", "Conseil Régional", "007", "£1200", "1200", "800", "790", "1190"],
    ]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    (small_authority / "smallshire" / "staffing.csv").write_bytes(text.encode(encoding))
    row = load("smallshire", data_dir=small_authority).staffing.iloc[0]
    assert row["organisation"] == "Conseil Régional"
    assert row["group"] == "007"
    assert row["budget"] == 1200
    assert row["as_at"] == pd.Timestamp("2024-11-30")


def test_rows_are_numbered_as_a_spreadsheet_does(small_authority: Path) -> None:
    replace(small_authority, "kpi.csv", "permanent_admissions", "\npermanent_admissions")
    replace(small_authority, "kpi.csv", ",9,count", ",many,count")
    (fault,) = faults_of(small_authority)
    assert fault.row == 5


def test_excel_gives_the_same_frame_as_csv(small_authority: Path) -> None:
    from_csv = load("smallshire", data_dir=small_authority).staffing
    csv = small_authority / "smallshire" / "staffing.csv"
    head, line = csv.read_text(encoding="utf-8").split()
    cells = line.split(",")
    book = Workbook()
    book.active.title = "staffing"
    book.active.append(head.split(","))
    book.active.append([pd.Timestamp(cells[0]).to_pydatetime(), *cells[1:3], *map(float, cells[3:])])
    book.save(csv.with_suffix(".xlsx"))
    csv.unlink()
    pd.testing.assert_frame_equal(load("smallshire", data_dir=small_authority).staffing, from_csv)


def test_parquet_gives_the_same_frame_as_csv(small_authority: Path) -> None:
    from_csv = load("smallshire", data_dir=small_authority).kpi
    csv = small_authority / "smallshire" / "kpi.csv"
    pd.read_csv(csv).to_parquet(csv.with_suffix(".parquet"))
    csv.unlink()
    pd.testing.assert_frame_equal(load("smallshire", data_dir=small_authority).kpi, from_csv)


def test_two_files_for_one_dataset_are_refused(small_authority: Path) -> None:
    (small_authority / "smallshire" / "kpi.xlsx").write_bytes(b"x")
    with pytest.raises(ConfigError, match=r"kpi\.csv and kpi\.xlsx"):
        load("smallshire", data_dir=small_authority)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("kpi.csv", b""),
        ("kpi.csv", b"\0\0\0"),
        ("kpi.csv", b"just a sentence\nand another\n"),
        ("kpi.csv", b'indicator,group,period,value,unit\n"open quotation'),
        ("kpi.csv", b"indicator,group,period,value,unit,value\na,,2024/25,1,count,2\n"),
        ("kpi.csv", b"indicator,group,period,value,unit\na," + b"x" * 140_000 + b",2024/25,1,count\n"),
        ("kpi.xlsx", b"PK\x03\x04 cut short"),
        ("kpi.xlsx", b"not a workbook"),
        ("kpi.parquet", b"PAR1 not really"),
    ],
)
def test_a_broken_file_is_a_fault_with_its_name(small_authority: Path, name: str, content: bytes) -> None:
    (small_authority / "smallshire" / "kpi.csv").unlink()
    (small_authority / "smallshire" / name).write_bytes(content)
    (fault,) = faults_of(small_authority)
    assert fault.file == f"smallshire/{name}"
    assert str(small_authority) not in str(fault)
    assert "field limit" not in str(fault)


def test_a_new_authority_is_sound_and_empty(tmp_path: Path) -> None:
    toml, book = start_authority("my-council", tmp_path)
    assert toml.is_file()
    assert book.is_file()
    data = load("my-council", "2025/26", data_dir=tmp_path)
    assert {source.dataset for source in data.inputs} == set(DATASETS)
    assert all(frame.empty for frame in data.frames.values())
    with pytest.raises(ConfigError, match="is there already"):
        start_authority("my-council", tmp_path)


Alpha = Callable[[str], AuthorityData]
KPI = b"indicator,group,period,value,unit\nreviews,,2018/19,63,percent\n"


@pytest.fixture
def alpha(tmp_path: Path) -> Alpha:
    """Writes an authority whose indicators are at an address; loads it."""
    (tmp_path / "alpha").mkdir(exist_ok=True)

    def loaded(address: str) -> AuthorityData:
        text = f'name = "Alpha"\n[sources]\nkpi = {{ path = "{address}" }}\n'
        (tmp_path / "alpha/authority.toml").write_text(text, encoding="utf-8")
        return load("alpha", "2018/19", data_dir=tmp_path)

    return loaded


def test_a_dataset_at_an_address_is_read_and_listed_by_its_address_and_content(alpha: Alpha) -> None:
    fsspec.filesystem("memory").pipe("/ledgers/kpi.csv", KPI)
    data = alpha("memory://ledgers/kpi.csv")
    assert data.kpi["value"].tolist() == [63]
    (item,) = data.inputs
    assert (item.path, item.sha256) == ("memory://ledgers/kpi.csv", hashlib.sha256(KPI).hexdigest())


def test_a_file_that_is_not_there_is_a_fault_of_the_data(alpha: Alpha) -> None:
    with pytest.raises(DataError, match=r"alpha/gone\.csv.*FileNotFoundError"):
        alpha("memory://ledgers/gone.csv")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://user:hunter2@bucket/kpi.csv", "not shown"),
        ("https://example.org/kpi.csv?sig=hunter2", "not shown"),
        ("file:///etc/kpi.csv", "of this machine"),
        ("nosuch://bucket/kpi.csv", "can open files of this machine"),
    ],
)
def test_addresses_that_are_refused(alpha: Alpha, address: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        alpha(address)
    assert "hunter2" not in str(caught.value)


def test_a_path_inside_the_folder_is_no_address(alpha: Alpha, tmp_path: Path) -> None:
    (tmp_path / "alpha/raw").mkdir(parents=True, exist_ok=True)
    (tmp_path / "alpha/raw/kpi.csv").write_bytes(KPI)
    assert alpha("raw/kpi.csv").kpi["value"].tolist() == [63]
    for path in ("C:/data/kpi.csv", "kpi-2019.csv"):
        with pytest.raises(DataError, match="no such file"):
            alpha(path)


def activity_book(folder: Path, sheets: dict[str, list[list[object]]], hidden: str = "") -> None:
    book = Workbook()
    del book["Sheet"]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if hidden:
        book[hidden].sheet_state = "hidden"
    book.save(folder / "smallshire" / "activity.xlsx")


HEADER: list[object] = ["Month", "Measure", "Count"]


def test_other_sheets_with_the_same_header_are_named(small_authority: Path) -> None:
    sheets = {name: [HEADER, ["2024-05", "reviews", 7]] for name in ("Apr", "May", "Jun", "Old")}
    activity_book(small_authority, sheets | {"Empty": [HEADER], "Notes": [["Nothing"]]}, hidden="Old")
    visible, hidden = (
        w for w in load("smallshire", data_dir=small_authority).warnings if w.file.endswith("activity.xlsx")
    )
    assert (visible.sheet, visible.found) == ("Apr", "the same header in other sheets, not read: May, Jun")
    assert hidden.found == "the same header in another sheet, hidden, not read: Old"


def test_the_sheet_that_holds_the_header_is_named_where_another_was_looked_at(small_authority: Path) -> None:
    activity_book(small_authority, {"Cover": [["A report"]], "Data": [HEADER, ["2024-05", "reviews", 7]]})
    (fault,) = load("smallshire", data_dir=small_authority, allow_faulty=True).faults
    assert fault.sheet == "Cover"
    assert "Sheet Data holds it: name it under [sources]" in fault.remedy


@pytest.mark.parametrize(
    ("file", "near"),
    [
        ("kpis.csv", "kpi.csv"),
        ("Workforce_2025.csv", "workforce.csv"),
        ("Budget monitor M8.xlsx", "budget.xlsx"),
        ("indicator list.csv", "kpi.csv"),
        ("minutes.csv", "a file named as a dataset"),
    ],
)
def test_a_file_that_no_dataset_claims_is_named_with_the_nearest(
    small_authority: Path, file: str, near: str
) -> None:
    folder = small_authority / "smallshire"
    for name in (file, "notes.md", "kpi.checked.xlsx", "truth.toml"):
        (folder / name).write_text("a,b\n1,2\n", encoding="utf-8")
    data = load("smallshire", data_dir=small_authority)
    (told,) = (warning for warning in data.warnings if warning.found == UNCLAIMED)
    assert told.file == f"smallshire/{file}"
    assert told.expected.startswith(near)
    assert file in Sources(data).html()
    assert file in str(check_record(data)["warnings"])


def test_a_near_miss_of_a_column_is_told_with_its_name(small_authority: Path) -> None:
    kpi = small_authority / "smallshire" / "kpi.csv"
    text = kpi.read_text(encoding="utf-8")
    head = text.splitlines()[0]
    near = head.replace("numerator", "Numerator (n)").replace("denominator", "Denominator (N)")
    extra = "" if near != head else ",Numerator (n),Denominator (N)"
    kpi.write_text(text.replace(head, near + extra), encoding="utf-8")
    told = {w.column: w.expected for w in load("smallshire", data_dir=small_authority).warnings}
    assert told["numerator_(n)"].startswith("numerator,")
    assert told["denominator_(n)"].startswith("denominator,")
    kpi.write_text(text.replace(head, head.replace("indicator", "Indicator (name)", 1)), encoding="utf-8")
    (fault,) = load("smallshire", data_dir=small_authority, allow_faulty=True).faults
    assert fault.remedy.startswith("Rename indicator_(name) if it is that")


@pytest.mark.parametrize("name", ["activity", "packages", "budget", "kpi", "workforce"])
def test_the_quarters_of_a_year_bring_in_its_rows_one_after_the_other(data_dir: Path, name: str) -> None:
    quarters = [
        load("exampleshire", f"Q{q} 2025/26", data_dir=data_dir, datasets=[name]).frames[name]
        for q in range(1, 5)
    ]
    year = load("exampleshire", "2025/26", data_dir=data_dir, datasets=[name]).frames[name]
    pd.testing.assert_frame_equal(quarters[-1], year)
    counts = [len(frame) for frame in quarters]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_the_flows_of_four_quarters_add_up_to_the_years(data_dir: Path) -> None:
    def reviews(period: str) -> float:
        data = load("exampleshire", period, data_dir=data_dir, datasets=["activity"])
        rows = data.activity[data.activity["measure"] == "reviews"]
        return float(rows.loc[rows["month"] >= pd.Timestamp(data.period.start), "count"].sum())

    quarters = [reviews(f"2025/26-Q{q}") for q in range(1, 5)]
    assert sum(quarters) == reviews("2025/26")
    assert min(quarters) > 0


@pytest.mark.parametrize(("asked", "label"), [("18/19", "2018/19"), ("March 2019", "2019-03")])
def test_a_period_is_asked_for_as_people_write_it(data_dir: Path, asked: str, label: str) -> None:
    data = load("islington", asked, data_dir=data_dir, compare_with="FY 2017-18")
    assert data.period.label == label
    assert data.compared is not None
    assert data.compared.label == "2017/18"
