"""Hostile or unlucky files, addresses and parameters: a clear fault, and never a crash or another's file."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from openpyxl import Workbook

from s75lib import kpi, scorecard, workload
from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load
from s75lib.loaders.authority import read_authority
from s75lib.loaders.indicators import read_indicators
from s75lib.loaders.load import _fetched
from s75lib.loaders.mapping.layout import read_mapping
from s75lib.loaders.mapping.sheets import read_sheets
from s75lib.loaders.scenarios import read_scenarios
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import parquet, read_dataset
from s75lib.loaders.sources import workbook as workbook_source
from s75lib.present import html

FAR = {
    "a cell in a row far out": (b'r="C2"', b'r="XFD99999999"'),
    "a cell in a column far out": (b'r="C2"', b'r="ZZZZZZZ2"'),
    "a cell just beyond the last column": (b'r="C2"', b'r="XFE2"'),
    "a cell just beyond the last row": (b'r="C2"', b'r="C1048577"'),
    "a cell in row 2 to the power of 32": (b'r="C2"', b'r="C4294967295"'),
    "an address beyond any number": (b'r="C2"', b'r="AAAAAAAAAAAAAAAA99999999999999999999"'),
    "an empty cell far out": (b'</row></sheetData>', b'<c r="XFD99999999"/></row></sheetData>'),
    "a row far out": (b'<row r="2"', b'<row r="4294967295"'),
}  # fmt: skip


def workbook(path: Path, old: bytes, new: bytes) -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.append(["month", "measure", "count"])
    book.active.append(["2024-04", "reviews", 7])
    book.save(path)
    with zipfile.ZipFile(path) as held:
        parts = {name: held.read(name) for name in held.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as changed:
        for name, data in parts.items():
            changed.writestr(name, data.replace(old, new) if "worksheets/" in name else data)
    return path


@pytest.mark.parametrize("kind", FAR)
def test_a_cell_out_of_range_is_a_fault_before_any_reader_lays_the_sheet_out(
    tmp_path: Path, kind: str
) -> None:
    path = workbook(tmp_path / "activity.xlsx", *FAR[kind])
    for read in (
        lambda: read_dataset(path, "activity.xlsx", DATASETS["activity"]),
        lambda: list(read_sheets(path, "activity.xlsx")),
    ):
        with pytest.raises(DataError, match=r"beyond the end|far apart"):
            read()


@pytest.mark.parametrize("kind", ["an empty cell far out", "a row far out"])
def test_a_process_of_its_own_outlives_a_cell_out_of_range(tmp_path: Path, kind: str) -> None:
    path = workbook(tmp_path / "activity.xlsx", *FAR[kind])
    code = (
        "from pathlib import Path; from s75lib.loaders.mapping.sheets import read_sheets; "
        f"list(read_sheets(Path({str(path)!r}), 'a'))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "DataError" in ended.stderr


@pytest.mark.parametrize("repeat", [("columns", 2_000_000_000), ("rows", 2_000_000_000)])
def test_a_cell_repeated_beyond_measure_is_a_fault(tmp_path: Path, repeat: tuple[str, int]) -> None:
    cell = (
        '<table:table-cell office:value-type="float" office:value="7"{}><text:p>7</text:p></table:table-cell>'
    )
    way, often = repeat
    times = f' table:number-{way}-repeated="{often}"'
    rows, columns = (times, "") if way == "rows" else ("", times)
    row = f"<table:table-row{rows}>{cell.format(columns)}</table:table-row>"
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Other">{row}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "activity.ods"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    with pytest.raises(DataError, match="far apart"):
        read_dataset(path, "activity.ods", DATASETS["activity"])
    with pytest.raises(DataError, match="far apart"):
        list(read_sheets(path, "activity.ods"))


def test_a_small_parquet_file_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"month": ["2019-08"] * 200_000, "measure": "x" * 1_000, "count": 7})
    path = tmp_path / "activity.parquet"
    frame.to_parquet(path)
    assert path.stat().st_size < 2**20
    monkeypatch.setattr(parquet, "_LARGEST", 200 * 2**20)
    with pytest.raises(DataError, match="200,000 rows that would take"):
        read_dataset(path, "activity.parquet", DATASETS["activity"])


def of_cells(path: Path, **columns: Any) -> Path:
    rows = max(len(column) for column in columns.values())
    whole = {"month": ["2019-08"] * rows, "measure": ["reviews"] * rows, "count": [7] * rows}
    pq.write_table(pa.table(whole | columns), path)
    return path


@pytest.mark.parametrize("column", ["measure", "note"])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary()])
def test_a_parquet_file_of_long_texts_behind_short_ones_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, kind: Any
) -> None:
    """A few kilobytes, of which the first rows tell nothing."""
    texts = pa.array([b"x"] * 100 + [b"y" * 1_000_000] * 40, pa.binary()).cast(kind)
    path = of_cells(tmp_path / "activity.parquet", **{column: texts})
    assert path.stat().st_size < 2**17
    monkeypatch.setattr(parquet, "_LARGEST", 20 * 2**20)
    with pytest.raises(DataError, match="140 rows that would take"):
        read_dataset(path, "activity.parquet", DATASETS["activity"])


@pytest.mark.parametrize(
    "cells", [[[1, 2]], [{"a": {"b": [1]}}], pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64()))]
)
def test_a_parquet_file_of_nested_cells_is_a_clear_fault(tmp_path: Path, cells: Any) -> None:
    path = of_cells(tmp_path / "activity.parquet", count=cells)
    with pytest.raises(DataError, match="lists or tables in the cells of count"):
        read_dataset(path, "activity.parquet", DATASETS["activity"])


@pytest.mark.parametrize("kind", ["blanks", "rows"])
def test_a_sheet_that_inflates_is_refused_before_it_is_laid_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(workbook_source, "_LARGEST", 2**22)
    rows = b"".join(b'<row r="%d"><c r="C%d"><v>7</v></c></row>' % (at, at) for at in range(3, 60_000))
    path = workbook(tmp_path / "activity.xlsx", b"</sheetData>",
                    (b" " * 2**23 if kind == "blanks" else rows * 2) + b"</sheetData>")  # fmt: skip
    assert path.stat().st_size < 2**20
    monkeypatch.setattr(workbook_source, "calamine", None)  # refused before it is opened
    with pytest.raises(DataError, match="a part that unpacks to"):
        read_dataset(path, "activity.xlsx", DATASETS["activity"])


@pytest.mark.parametrize(
    "name", ["Total", "ALL PARTNERS", "risk pool", "Carried forward", "*", "All", "\u202eTrust", "A\0Trust"]
)
def test_a_partner_called_as_our_own_rows_are_or_unprintably_is_a_fault(
    small_authority: Path, name: str
) -> None:
    text = f'name = "S"\npartners = ["A Council", {json.dumps(name)}]\n'
    (small_authority / "smallshire" / "authority.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"as reports call a row of their own|writing direction"):
        load("smallshire", data_dir=small_authority)


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u061c", "\x1b", "\x07", "\x7f", "\u200f", "\x9b"])
def test_marks_that_turn_a_sentence_round_are_taken_out_of_cells_notes_and_pages(
    small_authority: Path, mark: str
) -> None:
    folder = small_authority / "smallshire"
    kpi = folder / "kpi.csv"
    kpi.write_text(kpi.read_text("utf-8").replace("AMH", f"A{mark}MH"), "utf-8")
    note = f"# kpi_significance\n## Targets\nHead of service, 2026-05-14\n\nUp {mark}by £1,234.\n"
    (folder / "commentary.md").write_text(note, "utf-8")
    data = load("smallshire", data_dir=small_authority)
    assert set(data.kpi["group"]) == {"", "AMH"}
    assert data.noted[0].text == "Up by £1,234."
    assert html.text(f"sheet {mark}kpi") == "sheet kpi"


def test_no_variable_and_no_tilde_in_a_path_is_filled_in(
    small_authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_authority / "smallshire"
    home = folder / "home"
    home.mkdir()
    (folder / "kpi.csv").rename(home / "kpi.csv")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for path in ("$HOME/kpi.csv", "~/kpi.csv", "%USERPROFILE%/kpi.csv", "${HOME}/kpi.csv"):
        (folder / "authority.toml").write_text(
            f'name = "S"\n[sources]\nkpi = {{ path = "{path}" }}\n', "utf-8"
        )
        with pytest.raises(DataError, match="no such file"):
            load("smallshire", data_dir=small_authority)


DEEP = "a = " + "[" * 5_000 + "]" * 5_000
LONG = "a = " + "9" * 6_000
WRONG = {"nested deep": (DEEP, "nested too deep"), "less deep": (f"a = {'[' * 100}{']' * 100}", "too deep"),
         "long": (LONG, "number too long"), "less long": (f"a = {'9' * 400}", "number too long")}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_settings_nested_deep_or_with_a_huge_number_are_clear_faults(tmp_path: Path, kind: str) -> None:
    text, said = WRONG[kind]
    folder = tmp_path / "data" / "north"
    folder.mkdir(parents=True)
    for name in ("authority", "scenarios", "indicators", "mapping"):
        (folder / f"{name}.toml").write_text(text, "utf-8")
    readers: list[Callable[[], Any]] = [
        lambda: read_authority("north", tmp_path / "data"),
        lambda: read_scenarios(folder / "scenarios.toml", "north/scenarios.toml"),
        lambda: read_indicators(folder),
        lambda: read_mapping(folder),
    ]
    for read in readers:
        with pytest.raises((ConfigError, DataError), match=said) as caught:
            read()
        assert len(str(caught.value)) < 400


@pytest.mark.parametrize("threshold", ["true", "false", '"1"', '"5"', "5.0", "-1", "0", "101", "[5]"])
def test_a_threshold_that_is_no_whole_number_of_people_is_a_fault(
    small_authority: Path, threshold: str
) -> None:
    with (small_authority / "smallshire" / "authority.toml").open("a", encoding="utf-8") as file:
        file.write(f"disclosure_threshold = {threshold}\n")
    with pytest.raises(ConfigError, match="disclosure_threshold"):
        load("smallshire", data_dir=small_authority)


@pytest.mark.parametrize("period", ["9999-12", "9999/00", "9998/99", "0000-01"])
def test_a_year_beyond_the_calendar_is_a_fault(small_authority: Path, period: str) -> None:
    with pytest.raises(ConfigError, match="expected a financial year"):
        load("smallshire", period, data_dir=small_authority)


def test_a_cell_in_the_year_9999_is_told_or_stands_for_an_open_end(small_authority: Path) -> None:
    file = small_authority / "smallshire" / "kpi.csv"
    file.write_text(file.read_text("utf-8").replace("2024/25", "9998/99"), "utf-8")
    with pytest.raises(DataError, match=r"kpi\.csv, column period: found '9998/99' in rows 3"):
        load("smallshire", data_dir=small_authority)


@pytest.mark.parametrize(
    "address",
    [
        "zip://kpi.csv::file:///etc/secret.zip", "simplecache::https://elsewhere/kpi.csv", "dir://kpi.csv",
        "dir://x::file:///etc", "file:///etc/passwd", "FILE:///etc/passwd", "local:///etc/passwd",
        "zip:///etc/secret.zip", "tar:///etc/secret.tar", "libarchive:///etc/x.7z", "reference:///etc/x",
        "git:///srv/repository:kpi.csv", "filecache:///etc/passwd", "blockcache:///etc/passwd",
        "data://text", "jupyter://host/kpi.csv", "unknown://kpi.csv", "https://a::file:///etc/passwd",
    ],
)  # fmt: skip
def test_an_address_that_may_open_a_file_of_this_machine_is_refused(
    small_authority: Path, address: str
) -> None:
    folder = small_authority / "smallshire"
    (folder / "kpi.csv").unlink()
    with (folder / "authority.toml").open("a", encoding="utf-8") as file:
        file.write(f'[sources]\nkpi = {{ path = "{address}" }}\n')
    with pytest.raises(ConfigError, match="can open files of this machine"):
        load("smallshire", data_dir=small_authority)


def test_a_workbook_of_more_sheets_than_anybody_reads_is_a_fault(small_authority: Path) -> None:
    book = Workbook()
    for _ in range(500):
        book.create_sheet()
    (small_authority / "smallshire" / "kpi.csv").unlink()
    book.save(small_authority / "smallshire" / "kpi.xlsx")
    with pytest.raises(DataError, match="501 sheets; 500 are the most"):
        load("smallshire", data_dir=small_authority)


def test_settings_with_thousands_of_faults_are_told_soon_and_in_short(small_authority: Path) -> None:
    with (small_authority / "smallshire" / "authority.toml").open("a", encoding="utf-8") as file:
        file.writelines(f"k{at} = {at}\n" for at in range(5_000))
    with pytest.raises(ConfigError, match=r"(?s)5,000 to correct.*and 4,950 more") as caught:
        load("smallshire", data_dir=small_authority)
    assert len(str(caught.value)) < 10_000


def test_an_address_that_can_t_be_taken_apart_is_a_fault_that_does_not_show_it(small_authority: Path) -> None:
    (small_authority / "smallshire" / "kpi.csv").unlink()
    with (small_authority / "smallshire" / "authority.toml").open("a", encoding="utf-8") as file:
        file.write('[sources]\nkpi = { path = "https://[secret" }\n')
    with pytest.raises(ConfigError, match="taken apart") as caught:
        load("smallshire", data_dir=small_authority)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["postgresql://reader:s3cret@host/db", "sftp://me:s3/cr@et@host/a.csv", "Server=db;UID=me;PWD=s3cret"],
)
def test_an_address_where_a_table_belongs_is_a_fault_that_does_not_show_the_password(
    small_authority: Path, address: str
) -> None:
    with (small_authority / "smallshire" / "authority.toml").open("a", encoding="utf-8") as file:
        file.write(f'[sources]\nkpi = "{address}"\n')
    with pytest.raises(ConfigError, match=r"sources\.kpi: found") as caught:
        load("smallshire", data_dir=small_authority)
    assert "s3" not in str(caught.value)


def test_a_fetched_file_stays_in_its_folder_whatever_its_name(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open(f"memory://a/..\\..\\{tmp_path.name}.csv", "wb") as file:
        file.write(b"x")
    with _fetched(f"memory://a/..\\..\\{tmp_path.name}.csv", "smallshire") as path:
        assert "\\" not in path.name


def test_a_dataset_found_by_name_that_is_a_link_out_of_the_folder_is_refused(small_authority: Path) -> None:
    file = small_authority / "smallshire" / "kpi.csv"
    elsewhere = file.rename(small_authority / "elsewhere.csv")
    file.symlink_to(elsewhere)
    with pytest.raises(ConfigError, match=r"kpi\.csv to be a link"):
        load("smallshire", data_dir=small_authority)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere.csv")])
def test_a_dataset_found_by_name_that_is_no_file_is_refused(
    small_authority: Path, make: Callable[[Path], None]
) -> None:
    make(small_authority / "smallshire" / "packages.csv")
    with pytest.raises(ConfigError, match=r"packages\.csv to be a folder, a pipe or a dead link"):
        load("smallshire", data_dir=small_authority)


def test_a_settings_file_that_is_a_link_out_of_the_folder_is_refused(small_authority: Path) -> None:
    elsewhere = small_authority / "elsewhere.toml"
    elsewhere.write_text('[[scenario]]\nname = "Reviews double"\ndemand = { reviews = 2 }\n', "utf-8")
    (small_authority / "smallshire" / "scenarios.toml").symlink_to(elsewhere)
    with pytest.raises(ConfigError, match=r"scenarios\.toml to be a link"):
        load("smallshire", data_dir=small_authority)


@pytest.mark.parametrize("name", ["authority.toml", "indicators.toml", "mapping.toml", "claims.csv"])
def test_no_file_of_an_authority_is_read_through_a_link_out_of_its_folder(
    small_authority: Path, name: str
) -> None:
    file, elsewhere = small_authority / "smallshire" / name, small_authority / f"elsewhere-{name}"
    elsewhere.write_text(file.read_text("utf-8") if file.exists() else "", "utf-8")
    file.unlink(missing_ok=True)
    file.symlink_to(elsewhere)
    with pytest.raises(ConfigError, match="link to a file outside"):
        read_indicators(load("smallshire", data_dir=small_authority).authority.folder)


def test_an_old_workbook_with_a_cell_far_away_is_a_fault(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("activity")
    for row, cells in enumerate((("month", "measure", "count"), ("2024-04", "reviews", 7))):
        for column, value in enumerate(cells):
            sheet.write(row, column, value)
    sheet.write(65_535, 30, "far")
    path = tmp_path / "activity.xls"
    book.save(str(path))
    with pytest.raises(DataError, match=r"row 65536.*expected 3 cells"):
        read_dataset(path, "activity.xls", DATASETS["activity"])


@pytest.mark.parametrize(
    ("given", "meant"), [("no", False), ("false", False), ("False", False), ("yes", True), ("TRUE", True)]
)
def test_a_flag_given_as_a_word_is_read_as_the_command_line_reads_it(
    small_authority: Path, given: Any, meant: bool
) -> None:
    assert load("smallshire", data_dir=small_authority, internal=given).internal is meant


@pytest.mark.parametrize(
    "given",
    [
        {"internal": "maybe"}, {"internal": "0"}, {"internal": 0}, {"internal": 1}, {"internal": None},
        {"internal": []}, {"allow_faulty": "perhaps"}, {"period": 2019}, {"period": 2018.12},
        {"period": None}, {"period": True}, {"data_dir": 7},
    ],
)  # fmt: skip
def test_a_parameter_of_another_type_is_a_fault_that_shows_what_was_found(
    small_authority: Path, given: dict[str, Any]
) -> None:
    ((name, value),) = given.items()
    with pytest.raises(ConfigError, match=rf"parameter '{name}': found .*expected") as caught:
        load("smallshire", **{"data_dir": small_authority, **given})
    assert str(value) in str(caught.value)


@pytest.mark.parametrize(
    ("study", "given"),
    [
        (kpi.study, {"margin": "three"}), (kpi.study, {"margin": True}), (kpi.study, {"margin": 0}),
        (kpi.study, {"margin": float("nan")}), (kpi.study, {"margin": "-1"}),
        (kpi.study, {"margin": 10**400}), (kpi.study, {"margin": None}),
        (workload.study, {"horizon": "a year"}), (workload.study, {"horizon": 0}),
        (workload.study, {"horizon": 12.5}), (workload.study, {"horizon": True}),
        (workload.study, {"horizon": 10**9}), (workload.study, {"step_month": 201908}),
        (workload.study, {"anniversaries": False}), (scorecard.study, {"review_months": "six"}),
        (scorecard.study, {"review_months": -1}),
    ],
)  # fmt: skip
def test_a_study_refuses_parameters_of_another_type(
    small_authority: Path, study: Callable[..., Any], given: dict[str, Any]
) -> None:
    data = load("smallshire", data_dir=small_authority)
    with pytest.raises(ConfigError, match=f"parameter '{next(iter(given))}': found"):
        study(data, **given)


@pytest.mark.parametrize("datasets", [5, [5], "kpis", [None], {"kpi": 1, 2: 3}])
def test_datasets_that_are_no_names_are_a_fault(small_authority: Path, datasets: Any) -> None:
    with pytest.raises(ConfigError, match="datasets: found"):
        load("smallshire", data_dir=small_authority, datasets=datasets)
    assert load("smallshire", data_dir=small_authority, datasets="kpi").has("kpi")  # type: ignore[arg-type]


@pytest.mark.parametrize("slug", [5, True, None, ["a"], "a" * 5_000, "smallshire\0", "~", "$HOME"])
def test_an_authority_that_is_no_name_is_a_fault(small_authority: Path, slug: Any) -> None:
    with pytest.raises(ConfigError, match="authority: found") as caught:
        load(slug, data_dir=small_authority)
    assert len(str(caught.value)) < 300


def test_a_study_reads_numbers_given_as_text(small_authority: Path) -> None:
    data = load("smallshire", data_dir=small_authority)
    assert kpi.study(data, margin=" 3 ").margin == 3.0
    assert workload.study(data, horizon="12").horizon == 12


@pytest.mark.parametrize(("row", "column"), [(65_535, 255), (65_535, 65_535)])
def test_a_cell_far_out_in_an_old_workbook_is_a_fault(tmp_path: Path, row: int, column: int) -> None:
    """A cell at the end of the sheet, and one that no sheet has; the second ended the process."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("activity")
    for place, text in enumerate(("month", "measure", "count")):
        sheet.write(0, place, text)
    sheet.write(1, 2, 5.5)
    path = tmp_path / "activity.xls"
    book.save(str(path))
    old = b"\x7e\x02\x0a\x00" + struct.pack("<HH", 1, 2)
    assert path.read_bytes().count(old) == 1
    path.write_bytes(path.read_bytes().replace(old, old[:4] + struct.pack("<HH", row, column)))
    for read in (
        lambda: read_dataset(path, "activity.xls", DATASETS["activity"]),
        lambda: list(read_sheets(path, "activity.xls")),
    ):
        with pytest.raises(DataError, match="far apart"):
            read()
