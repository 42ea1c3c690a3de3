from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy
import xlwt
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.table import Table

from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources.database import check_statement

TOML = 'name = "Exampleshire"\nsynthetic = true\n'


@pytest.fixture(scope="session")
def example(data_dir: Path) -> dict[str, pd.DataFrame]:
    """Exampleshire as its CSV files give it, without the columns that they do not have."""
    folder = data_dir / "exampleshire"
    frames = load("exampleshire", data_dir=data_dir).frames
    heads = {name: (folder / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0] for name in frames}
    return {name: frame[heads[name].split(",")] for name, frame in frames.items()}


def assert_same(data_dir: Path, example: dict[str, pd.DataFrame]) -> None:
    data = load("exampleshire", "2025/26", data_dir=data_dir)
    for name, frame in example.items():
        pd.testing.assert_frame_equal(data.frames[name][list(frame.columns)], frame, check_exact=True)
    assert {source.dataset for source in data.inputs} == set(DATASETS)
    assert all(len(source.sha256) == 64 for source in data.inputs)


def folder_for(tmp_path: Path, toml: str = TOML) -> Path:
    folder = tmp_path / "data" / "exampleshire"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text(toml, encoding="utf-8")
    return folder


def one_book(kind: str) -> str:
    rows = [f'{name} = {{ path = "data.{kind}", sheet = "{name}" }}' for name in DATASETS]
    return TOML + "[sources]\n" + "\n".join(rows)


def as_cells(frame: pd.DataFrame) -> list[list[object]]:
    """Cells as Excel holds them: real numbers, dates and flags, nothing for a blank."""
    cells = frame.astype("object").where(frame.notna(), None)
    return [
        [cell.date() if isinstance(cell, pd.Timestamp) else None if cell == "" else cell for cell in row]
        for row in cells.itertuples(index=False)
    ]


@pytest.mark.slow
def test_one_workbook_with_titles_and_footers_gives_the_same_frames(
    tmp_path: Path, example: dict[str, pd.DataFrame]
) -> None:
    folder = folder_for(tmp_path, one_book("xlsx"))
    book = Workbook()
    for name, frame in example.items():
        sheet = book.create_sheet(name)
        sheet.append([f"{name}: extract of the reporting system"])
        sheet.merge_cells("A1:C1")
        sheet.append([])
        sheet.append([column.replace("_", " ").title() for column in frame.columns])
        for row in as_cells(frame):
            sheet.append(row)
        sheet.append([])
        sheet.append(["Source: reporting system, extracted overnight"])
    book.save(folder / "data.xlsx")
    assert_same(folder.parent, example)


def test_parquet_gives_the_same_frames(tmp_path: Path, example: dict[str, pd.DataFrame]) -> None:
    folder = folder_for(tmp_path)
    for name, frame in example.items():
        frame.to_parquet(folder / f"{name}.parquet")
    assert_same(folder.parent, example)


def database_toml() -> str:
    rows = [
        f"{name} = {{ sql = 'select * from {name} order by row_number', url_env = 'S75_TEST_DB' }}"
        for name in DATASETS
    ]
    return TOML + "[sources]\n" + "\n".join(rows)


def fill(url: str, example: dict[str, pd.DataFrame]) -> None:
    engine = sqlalchemy.create_engine(url)
    for name, frame in example.items():
        typed = frame.replace("", None).assign(row_number=range(len(frame)))
        for column in typed.select_dtypes("datetime"):
            typed[column] = typed[column].dt.date
        typed.to_sql(name, engine, index=False, if_exists="replace", chunksize=500)
    engine.dispose()


def test_sqlite_gives_the_same_frames(
    tmp_path: Path, example: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_for(tmp_path, database_toml())
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    fill(url, example)
    monkeypatch.setenv("S75_TEST_DB", url)
    assert_same(folder.parent, example)
    inputs = load("exampleshire", data_dir=folder.parent).inputs
    assert {source.path for source in inputs} == {f"sql:{name}" for name in DATASETS}
    assert inputs == load("exampleshire", data_dir=folder.parent).inputs


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server: the one that S75_TEST_POSTGRES names, or one of our own."""
    if given := os.environ.get("S75_TEST_POSTGRES"):
        yield given
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = programs[-1] if programs else shutil.which("initdb")
    if not found:
        pytest.skip("PostgreSQL is not installed, and S75_TEST_POSTGRES names no server")
    programs_folder = Path(found).parent
    # Its socket's path may have 107 bytes at most, and the server's user must be able to enter.
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    user = {"user": "nobody", "group": "nogroup"} if os.name == "posix" and os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, **user)
    (password := folder / "password").write_text("correct horse battery", encoding="utf-8")
    password.chmod(0o644)
    data, port = folder / "data", free_port()

    def call(*command: object) -> None:
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, timeout=120, **user)  # type: ignore[arg-type]

    call(
        programs_folder / "initdb",
        "-D",
        data,
        "-U",
        "s75",
        "--auth=scram-sha-256",
        f"--pwfile={password}",
        "-N",
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    call(programs_folder / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://s75:correct%20horse%20battery@127.0.0.1:{port}/postgres"
    finally:
        call(programs_folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.postgres
def test_postgresql_gives_the_same_frames(
    tmp_path: Path, example: dict[str, pd.DataFrame], postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_for(tmp_path, database_toml())
    fill(postgres, example)
    monkeypatch.setenv("S75_TEST_DB", postgres)
    assert_same(folder.parent, example)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("select month, measure, count from nowhere", "does not exist"),
        ("select month, measure, cast('Ann Smith' as integer) as count from ledger_a", "22P02"),
        ("select month, measure, spoil() as count from ledger_a", "read-only|25006"),
    ],
)
def test_postgresql_refuses_without_secrets_or_values(
    tmp_path: Path, postgres: str, statement: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = sqlalchemy.create_engine(postgres)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "drop table if exists ledger_a; create table ledger_a (month text, measure text, count integer); "
            "insert into ledger_a values ('2024-04', 'reviews', 5); "
            "create or replace function spoil() returns integer language plpgsql as "
            "'begin delete from ledger_a; return 1; end'"
        )
    folder = folder_for(
        tmp_path, f'{TOML}[sources]\nactivity = {{ sql = "{statement}", url_env = "S75_TEST_DB" }}\n'
    )
    monkeypatch.setenv("S75_TEST_DB", postgres)
    with pytest.raises(DataError, match=found) as caught:
        load("exampleshire", data_dir=folder.parent)
    assert caught.value.__cause__ is None
    for secret in ("horse", "127.0.0.1", "Ann", "Smith"):
        assert secret not in str(caught.value)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from ledger_a").scalar() == 1
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "select * from a",
        "SELECT * FROM a ORDER BY 1;",
        "with b as (select * from a) select * from b",
        "-- the ledger\nselect 'delete; drop' as line, last_update from a /* all of it */",
        'select "insert" from a',
    ],
)
def test_a_single_select_is_accepted(statement: str) -> None:
    check_statement(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "delete from a",
        "select 1; delete from a",
        "select * into b from a",
        "with gone as (delete from a returning *) select * from gone",
        "explain select 1",
        "select 1 /* ; */ ; drop table a",
        "select 'it''s' ; drop table a",
        "select E'it\\'; drop table a; --'",
        "select $$ ' $$; drop table a",
        "select 'open",
        "select 1 /* open",
        "exec xp_cmdshell 'dir'",
        "pragma writable_schema = 1",
        "select load_extension('x')",
        "select * from a for update",
        "call spoil()",
        "values (1)",
        "select setval('s', 1)",
        "attach 'x.db' as x",
    ],
)
def test_anything_else_is_refused(statement: str) -> None:
    with pytest.raises(ConfigError, match="expected a single SELECT"):
        check_statement(statement)


@pytest.fixture
def small_db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Write an authority whose activity comes from SQLite by the query given."""
    file = tmp_path / "a.db"
    with sqlite3.connect(file) as database:
        database.execute("create table a (month text, measure text, count real)")
        database.execute("insert into a values ('2024-04', 'reviews', 5), ('2024-05', 'reviews', 6)")
    monkeypatch.setenv("S75_TEST_DB", f"sqlite:///{file}")

    def write(query: str) -> Path:
        return folder_for(
            tmp_path, f'{TOML}[sources]\nactivity = {{ sql = "{query}", url_env = "S75_TEST_DB" }}\n'
        ).parent

    return write


def test_a_query_without_order_is_a_warning(small_db: Callable[[str], Path]) -> None:
    data = load("exampleshire", data_dir=small_db("select * from a"))
    assert [warning.found for warning in data.warnings] == ["a query without ORDER BY"]
    assert data.activity["count"].to_list() == [5.0, 6.0]


def test_a_colon_or_percent_sign_in_a_query_stays_as_it_is(small_db: Callable[[str], Path]) -> None:
    query = "select month, measure, count, 'a :b %s 5%' as team from a order by month"
    assert load("exampleshire", data_dir=small_db(query)).activity["team"].unique() == ["a :b %s 5%"]


def test_a_fault_in_a_query_names_row_and_column(small_db: Callable[[str], Path]) -> None:
    query = "select month, measure, case count when 6 then 'many' else count end as count from a order by 1"
    with pytest.raises(DataError) as caught:
        load("exampleshire", data_dir=small_db(query))
    (fault,) = caught.value.faults
    assert (fault.file, fault.row, fault.column, fault.found) == ("sql:activity", 3, "count", "'many'")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "no environment variable S75_TEST_DB"),
        ("not an address with secret", "no address that is understood"),
        ("mysql://u:secret@localhost/x", "no address that is understood"),
        ("sqlite:////nowhere/secret.db", "OperationalError"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/x", "OperationalError"),
    ],
)
def test_a_bad_address_is_never_shown(
    small_db: Callable[[str], Path], address: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_db("select * from a order by 1")
    monkeypatch.setenv("S75_TEST_DB", address)
    with pytest.raises((ConfigError, DataError), match=message) as caught:
        load("exampleshire", data_dir=folder)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_address_in_place_of_a_variables_name_is_refused_and_not_shown(tmp_path: Path) -> None:
    toml = f'{TOML}[sources]\nkpi = {{ sql = "select 1", url_env = "postgresql://u:secret@host/x" }}\n'
    with pytest.raises(ConfigError, match="belongs in that variable") as caught:
        load("exampleshire", data_dir=folder_for(tmp_path, toml).parent)
    assert "secret" not in str(caught.value)
    assert "secret" not in str(caught.value.__cause__)


@pytest.mark.parametrize(
    "source",
    [
        '{ sql = "select 1" }',
        '{ url_env = "X" }',
        '{ sql = "select 1", url_env = "X", path = "a.csv" }',
        '{ path = "a.xlsx", sheet = "a", table = "b" }',
    ],
)
def test_a_source_is_a_file_or_a_query(tmp_path: Path, source: str) -> None:
    with pytest.raises(ConfigError, match=r"sources\.kpi"):
        load("exampleshire", data_dir=folder_for(tmp_path, f"{TOML}[sources]\nkpi = {source}\n").parent)


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


def open_document(path: Path, rows: list[list[object]]) -> None:
    """Write an .ods whose errors are marked as LibreOffice marks them."""
    import zipfile

    def cell(value: object) -> str:
        if str(value).startswith("#"):
            return (
                '<table:table-cell office:value-type="string" office:string-value="" '
                f'calcext:value-type="error"><text:p>{value}</text:p></table:table-cell>'
            )
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
        f'<table:table table:name="activity">{body}</table:table></office:spreadsheet></office:body>'
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
