"""Files as people have them: workbooks with titles, totals, errors and odd dates; text in odd encodings."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import xlwt
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.worksheet.table import Table

from s75lib.errors import DataError
from s75lib.loaders import load

TOML = 'name = "Exampleshire"\nsynthetic = true\n'


def folder_for(tmp_path: Path, toml: str = TOML) -> Path:
    folder = tmp_path / "data" / "exampleshire"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text(toml, encoding="utf-8")
    return folder


HEAD = ["month", "measure", "count", "team"]
ROWS = [["2024-04", "reviews", 5, "North"], ["2024-05", "reviews", 6, "007"]]


def activity(folder: Path) -> pd.DataFrame:
    return load("exampleshire", data_dir=folder.parent).activity[["month", "count", "team"]]


def xlsx(path: Path, rows: list[list[object]], title: str = "Sheet1") -> Workbook:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return book


def expected() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "month": pd.to_datetime(["2024-04-01", "2024-05-01"]).astype("datetime64[s]"),
            "count": [5.0, 6.0],
            "team": ["North", "007"],
        }
    )


def test_xls_and_ods_give_the_same_frame(tmp_path: Path) -> None:
    for ending in ("xls", "ods"):
        folder = folder_for(tmp_path / ending)
        path = folder / f"activity.{ending}"
        if ending == "xls":
            book = xlwt.Workbook()
            sheet = book.add_sheet("data")
            for at, row in enumerate([["Activity"], HEAD, *ROWS]):
                for place, cell in enumerate(row):
                    sheet.write(at, place, cell)
            book.save(str(path))
        else:
            pd.DataFrame(ROWS, columns=HEAD).to_excel(path, engine="odf", index=False)
        pd.testing.assert_frame_equal(activity(folder), expected())


def test_a_named_table_is_read_and_its_rows_are_numbered(tmp_path: Path) -> None:
    folder = folder_for(
        tmp_path, f'{TOML}[sources]\nactivity = {{ path = "monitor.xlsx", table = "Activity" }}\n'
    )
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "Monitor"
    for at, row in enumerate([HEAD, *ROWS], start=5):
        for place, cell in enumerate(row, start=3):
            sheet.cell(at, place, cell)
    sheet.add_table(Table(displayName="Activity", ref="C5:F7"))
    book.save(folder / "monitor.xlsx")
    pd.testing.assert_frame_equal(activity(folder), expected())
    sheet["E7"] = "many"
    book.save(folder / "monitor.xlsx")
    with pytest.raises(DataError) as caught:
        activity(folder)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(7, "count")]
    toml = folder / "authority.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"Activity"', '"Other"'), encoding="utf-8")
    with pytest.raises(DataError, match="the tables Activity"):
        activity(folder)


def test_the_sheet_named_as_the_dataset_is_taken_and_a_wrong_name_is_a_fault(tmp_path: Path) -> None:
    folder = folder_for(tmp_path, f'{TOML}[sources]\nactivity = {{ path = "m.xlsx" }}\n')
    book = xlsx(folder / "m.xlsx", [["notes"]], "Read me")
    sheet = book.create_sheet("activity")
    for row in [HEAD, *ROWS]:
        sheet.append(row)
    book.save(folder / "m.xlsx")
    pd.testing.assert_frame_equal(activity(folder), expected())
    toml = f'{TOML}[sources]\nactivity = {{ path = "m.xlsx", sheet = "Wrong" }}\n'
    (folder / "authority.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(DataError, match="the sheets Read me, activity"):
        activity(folder)


def test_header_cells_merged_over_two_rows(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    book = xlsx(folder / "activity.xlsx", [["Activity"], HEAD, ["", "", "", ""], *ROWS])
    for column in "ABCD":
        book.active.merge_cells(f"{column}2:{column}3")
    book.active.merge_cells("A1:D1")
    book.save(folder / "activity.xlsx")
    pd.testing.assert_frame_equal(activity(folder), expected())


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_formulas_error_is_a_fault_and_never_a_blank(tmp_path: Path, ending: str) -> None:
    folder = folder_for(tmp_path)
    path = folder / f"activity.{ending}"
    if ending == "xlsx":
        xlsx(path, [HEAD, *ROWS, ["2024-06", "reviews", "#REF!", "#N/A"]])
    elif ending == "xls":
        book = xlwt.Workbook()
        sheet = book.add_sheet("activity")
        for at, row in enumerate([HEAD, *ROWS, ["2024-06", "reviews"]]):
            for place, cell in enumerate(row):
                sheet.write(at, place, cell)
        sheet.row(3).set_cell_error(2, "#REF!")
        sheet.row(3).set_cell_error(3, 42)  # #N/A
        book.save(str(path))
    else:
        open_document(path, [HEAD, *ROWS, ["2024-06", "reviews", "#REF!", "#N/A"]])
    with pytest.raises(DataError) as caught:
        activity(folder)
    found = [(fault.row, fault.column, fault.found) for fault in caught.value.faults]
    assert found == [(4, "count", "'#REF!'"), (4, "team", "'#N/A'")]


def open_document(path: Path, rows: list[list[object]], name: str = "activity") -> None:
    """Write an .ods whose errors are marked as LibreOffice marks them; fractions are percentages."""
    import zipfile

    def cell(value: object) -> str:
        if str(value).startswith("#"):
            return (
                '<table:table-cell office:value-type="string" office:string-value="" '
                f'calcext:value-type="error"><text:p>{value}</text:p></table:table-cell>'
            )
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="percentage" office:value="{value}"/>'
        if isinstance(value, int):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = "".join(
        f' xmlns:{prefix}="urn:{urn}"'
        for prefix, urn in {
            "office": "oasis:names:tc:opendocument:xmlns:office:1.0",
            "table": "oasis:names:tc:opendocument:xmlns:table:1.0",
            "text": "oasis:names:tc:opendocument:xmlns:text:1.0",
            "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
        }.items()
    )
    content = (
        f'<?xml version="1.0"?><office:document-content{names}><office:body><office:spreadsheet>'
        f'<table:table table:name="{name}">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", manifest)


def test_a_formula_that_was_never_calculated_is_a_fault(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    xlsx(folder / "activity.xlsx", [HEAD, *ROWS, ["2024-06", "reviews", "=2+3", "North"]])
    with pytest.raises(DataError, match="never calculated"):
        activity(folder)


def test_excel_serials_leading_zeros_and_flags(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    head = ["snapshot_date", "person_key", "package_key", "care_type", "start_date", "end_date"]
    head += ["weekly_gross", "s117"]
    rows = [[45412, "007", 12, "Nursing", 45000, 2958465, 500, True]]
    xlsx(folder / "packages.xlsx", [head, *rows])
    row = load("exampleshire", data_dir=folder.parent).packages.iloc[0]
    assert row["snapshot_date"] == pd.Timestamp("2024-04-30")
    assert row["start_date"] == pd.Timestamp("2023-03-15")
    assert row["end_date"] is pd.NaT
    assert (row["person_key"], row["package_key"], row["s117"]) == ("007", "12", True)


@pytest.mark.parametrize("mac", [True, False], ids=["from 1904", "from 1900"])
@pytest.mark.parametrize("ending", ["xlsx", "xls"])
def test_days_are_the_same_in_a_workbook_that_counts_from_1904(
    tmp_path: Path, ending: str, mac: bool
) -> None:
    folder = folder_for(tmp_path)
    serial = (date(2024, 4, 30) - (date(1904, 1, 1) if mac else date(1899, 12, 30))).days
    open_end = (date(9999, 12, 31) - (date(1904, 1, 1) if mac else date(1899, 12, 30))).days
    head = ["snapshot_date", "person_key", "package_key", "care_type", "start_date", "end_date"]
    row = [date(2024, 4, 30), "P1", "K1", "Nursing", serial, open_end, 45412]
    path = folder / f"packages.{ending}"
    if ending == "xlsx":
        book = Workbook()
        book.epoch = CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900
        book.active.append([*head, "weekly_gross"])
        book.active.append(row)
        book.save(path)
    else:
        older = xlwt.Workbook()
        older.dates_1904 = mac
        sheet = older.add_sheet("packages")
        for place, (name, cell) in enumerate(zip([*head, "weekly_gross"], row, strict=True)):
            sheet.write(0, place, name)
            style = xlwt.easyxf(num_format_str="DD/MM/YYYY") if isinstance(cell, date) else xlwt.XFStyle()
            sheet.write(1, place, cell, style)
        older.save(str(path))
    found = load("exampleshire", data_dir=folder.parent).packages.iloc[0]
    assert found["snapshot_date"] == found["start_date"] == pd.Timestamp("2024-04-30")
    assert found["end_date"] is pd.NaT
    assert found["weekly_gross"] == 45412


SURVEY = ["survey", "period", "question", "answer", "percent", "base"]


@pytest.mark.parametrize("style", ["0%", "0.00%", '0.0"of 100 "%', "0%_-"])
def test_a_share_that_excel_shows_as_a_percentage_is_one(tmp_path: Path, style: str) -> None:
    folder = folder_for(tmp_path)
    book = xlsx(folder / "survey.xlsx", [["Survey"], SURVEY, ["A", "2024/25", "Q", "yes", 0.07, 45]])
    sheet = book.active
    sheet.append(["A", "2024/25", "Q", "no", 93, 45])
    sheet["E3"].number_format = style
    book.save(folder / "survey.xlsx")
    rows = load("exampleshire", data_dir=folder.parent).survey
    assert rows["percent"].to_list() == [7.0, 93.0]
    assert rows["base"].to_list() == [45.0, 45.0]


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_whether_a_percentage_is_meant_is_told_by_the_unit(tmp_path: Path, ending: str) -> None:
    folder = folder_for(tmp_path)
    rows = [["non_contact_share", 0.25, "share", "here"], ["growth", 0.25, "percent a year", "here"]]
    if ending == "xlsx":
        book = xlsx(folder / "assumptions.xlsx", [["assumption", "low", "central", "high", "unit", "source"]])
        for at, (name, value, unit, source) in enumerate(rows, start=2):
            for place, cell in enumerate((name, value, value, value, unit, source), start=1):
                book.active.cell(at, place, cell)
            for place in (2, 3, 4):
                book.active.cell(at, place).number_format = "0%"
        book.save(folder / "assumptions.xlsx")
    else:
        head: list[object] = ["assumption", "low", "central", "high", "unit", "source"]
        open_document(
            folder / "assumptions.ods",
            [head, *([name, value, value, value, unit, source] for name, value, unit, source in rows)],
            "assumptions",
        )
    found = load("exampleshire", "2024/25", data_dir=folder.parent).assumptions
    assert found["central"].to_list() == [0.25, 25.0]


def test_a_percentage_in_a_named_table(tmp_path: Path) -> None:
    folder = folder_for(tmp_path, f'{TOML}[sources]\nsurvey = {{ path = "m.xlsx", table = "Survey" }}\n')
    book = Workbook()
    sheet = book.active
    for at, row in enumerate([SURVEY, ["A", "2024/25", "Q", "yes", 0.86, 45]], start=4):
        for place, cell in enumerate(row, start=2):
            sheet.cell(at, place, cell)
    sheet["F5"].number_format = "0%"
    sheet.add_table(Table(displayName="Survey", ref="B4:G5"))
    book.save(folder / "m.xlsx")
    assert load("exampleshire", data_dir=folder.parent).survey["percent"].to_list() == [86.0]


def test_total_rows_and_notes_are_left_out_with_a_warning(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    lines = ["month,measure,count,team", "2024-04,reviews,5,North", "2024-05,reviews,6,South"]
    cases = {
        "Total,,11,": ("a total row, which is the sum of the rows above", "nothing need be done"),
        ",,11,": ("a total row, which is the sum of the rows above", "nothing need be done"),
        "Grand total,,12,": ("whose count is 12 while the rows above make 11", "counted twice"),
        "2024-05,reviews,11,Total": ("which is the sum of the rows above", "nothing need be done"),
        "Source: ledger,,,": ("a note below the table", "nothing need be done"),
    }
    for line, (found, remedy) in cases.items():
        (folder / "activity.csv").write_text("\n".join([*lines, line]) + "\n", encoding="utf-8")
        data = load("exampleshire", data_dir=folder.parent)
        assert data.activity["count"].to_list() == [5.0, 6.0], line
        (warning,) = data.warnings
        assert (warning.row, warning.severity) == (4, "warning")
        assert found in warning.found
        assert remedy in warning.remedy
    (folder / "activity.csv").write_text("\n".join([*lines, "2024-06,reviews,7,Total"]), encoding="utf-8")
    data = load("exampleshire", data_dir=folder.parent)
    assert data.activity["count"].to_list() == [5.0, 6.0, 7.0]
    assert "kept" in data.warnings[0].remedy


def test_an_unfinished_last_row_is_a_fault_and_no_note(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    text = "month,measure,count,team\n2024-04,reviews,5,North\n2024-05,,6,South\n"
    (folder / "activity.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="a blank"):
        activity(folder)


def test_utf_16_text_as_excel_exports_it(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    text = "\n".join("\t".join(map(str, row)) for row in [HEAD, *ROWS])
    (folder / "activity.csv").write_bytes(text.encode("utf-16"))
    pd.testing.assert_frame_equal(activity(folder), expected())


def test_a_stray_quotation_mark_never_swallows_rows(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    text = 'month,measure,count,team\n2024-04,reviews,5,"North\n2024-05,reviews,6,"South"\n'
    (folder / "activity.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"activity\.csv"):
        activity(folder)


def test_quoted_line_breaks_do_not_shift_row_numbers(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    text = 'month,measure,count,team\n2024-04,reviews,5,"North\nand South"\n2024-05,reviews,many,South\n'
    (folder / "activity.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        activity(folder)
    assert caught.value.faults[0].row == 3


def test_nhs_numbers_in_a_column_that_is_not_read_stop_the_load(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    text = "month,measure,count,client_ref\n2024-04,reviews,5,9990000018\n"
    (folder / "activity.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="valid NHS numbers") as caught:
        activity(folder)
    assert "9990000018" not in str(caught.value)


def test_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    book = xlsx(folder / "activity.xlsx", [["lists"]], "hidden")
    sheet = book.create_sheet("figures")
    for row in [HEAD, *ROWS]:
        sheet.append(row)
    book["hidden"].sheet_state = "hidden"
    book.active = 1
    book.save(folder / "activity.xlsx")
    assert load_workbook(folder / "activity.xlsx").sheetnames == ["hidden", "figures"]
    pd.testing.assert_frame_equal(activity(folder), expected())
