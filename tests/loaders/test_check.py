from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from s75lib.errors import DataError
from s75lib.loaders import load
from s75lib.loaders.check import annotate, check_record
from s75lib.loaders.examples import example
from s75lib.loaders.schemas import DATASETS, Dataset
from s75lib.loaders.sources.tables import table_from_rows
from s75lib.loaders.starter import start_authority
from s75lib.loaders.validation import validated
from s75lib.present.head import Sources
from s75lib.report import executor


def spoil(data_dir: Path) -> None:
    kpi = data_dir / "smallshire" / "kpi.csv"
    text = (
        kpi.read_text(encoding="utf-8").replace("47.5", "-140").replace("carers_assessed,,2024", "=1+1,,2024")
    )
    kpi.write_text(text, encoding="utf-8")


def test_the_record_is_json_and_holds_every_fault(small_authority: Path) -> None:
    spoil(small_authority)
    record = json.loads(
        json.dumps(check_record(load("smallshire", data_dir=small_authority, allow_faulty=True)))
    )
    (fault,) = record["faults"]
    assert (fault["file"], fault["row"], fault["column"]) == ("smallshire/kpi.csv", 2, "value")
    assert [dataset["dataset"] for dataset in record["datasets"]] == ["staffing", "kpi"]


def test_a_csv_is_annotated_in_a_workbook_without_formulas(small_authority: Path) -> None:
    spoil(small_authority)
    data = load("smallshire", data_dir=small_authority, allow_faulty=True)
    folder = small_authority / "smallshire"
    (path,) = annotate(folder, "smallshire", data.faults)
    assert path == folder / "kpi.checked.xlsx"
    book = load_workbook(path)
    cell = book["kpi"]["D2"]
    assert cell.value == "-140"
    assert "Found '-140'; expected a percentage of 0 or more" in cell.comment.text
    assert cell.fill.fgColor.rgb.endswith("F4CDC6")
    assert (book["kpi"]["A3"].value, book["kpi"]["A3"].data_type) == ("=1+1", "s")
    assert [row[5] for row in book["s75 check"].iter_rows(min_row=2, values_only=True)] == [
        "a percentage of 0 or more"
    ]
    assert load("smallshire", data_dir=small_authority, allow_faulty=True).faults == data.faults


def test_a_workbook_keeps_its_sheets_and_a_column_fault_marks_the_header(small_authority: Path) -> None:
    folder = small_authority / "smallshire"
    (folder / "staffing.csv").unlink()
    book = Workbook()
    book.active.title = "staffing"
    book.active.append(["Staffing"])
    book.active.append(
        ["As at", "Organisation", "Group", "Budget", "Adjusted budget", "Adjusted budget to date"]
    )
    book.active.append(["2024-11-30", "Council", "Mgmt", -5, 1200, 800])
    book.active.append(["2024-11-30", "Council", "Mgmt", 5, 1200, 800])
    book.create_sheet("mine")["A1"] = "=1+1"
    for place, (head, value) in enumerate(
        [("Actual to date", 790), ("Forecast", 1190), ("Email", "x")], start=7
    ):
        book["staffing"].cell(2, place, head)
        book["staffing"].cell(3, place, value)
        book["staffing"].cell(4, place, value)
    book.save(folder / "staffing.xlsx")
    faults = load("smallshire", data_dir=small_authority, allow_faulty=True).faults
    (path,) = annotate(folder, "smallshire", faults)
    marked = load_workbook(path)
    assert marked["mine"]["A1"].value == "=1+1"
    assert "personal detail" in marked["staffing"]["I2"].comment.text
    for row in (2, 3, 4):
        marked["staffing"].cell(row, 9).value = None
    del marked["s75 check"]
    marked.save(folder / "staffing.xlsx")
    (path,) = annotate(
        folder, "smallshire", load("smallshire", data_dir=small_authority, allow_faulty=True).faults
    )
    sheet = load_workbook(path)["staffing"]
    assert "0 or more" in sheet["D3"].comment.text
    for cell in ("A4", "B4", "C4"):
        assert "as in row 3" in sheet[cell].comment.text


def test_what_cannot_be_read_has_no_copy(small_authority: Path) -> None:
    (small_authority / "smallshire" / "kpi.csv").write_bytes(b"\0")
    data = load("smallshire", data_dir=small_authority, allow_faulty=True)
    assert annotate(small_authority / "smallshire", "smallshire", data.faults) == ()


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_the_examples_of_a_dataset_make_a_sound_row(dataset: Dataset) -> None:
    rows = [list(dataset.column_names), [example(dataset, column) for column in dataset.columns]]
    raw = table_from_rows(rows, dataset.name, dataset)
    assert len(validated(raw, dataset, dataset.name).frame) == 1


def test_the_workbook_checks_what_is_typed_and_takes_what_it_shows(tmp_path: Path) -> None:
    _, path = start_authority("my-council", tmp_path)
    book = load_workbook(path)
    for dataset in DATASETS.values():
        for at, column in enumerate(dataset.columns, start=1):
            book[dataset.name].cell(2, at, example(dataset, column) or None)
    book.save(path)
    data = load("my-council", data_dir=tmp_path)
    assert all(len(frame) == 1 for frame in data.frames.values())
    rules = {rule.type for sheet in book for rule in sheet.data_validations.dataValidation}
    assert rules == {"list", "date", "whole", "decimal"}
    assert book["kpi"]["C2"].number_format == "@"
    assert book["staffing"]["D2"].number_format == "#,##0.00"


def spoilt_activity(folder: Path, cells: list[str]) -> None:
    """Write activity whose months are as given, so many rows of one team and measure."""
    (folder / "smallshire" / "activity.csv").write_text(
        "month,team,measure,count\n" + "".join(f"{cell},North,reviews,7\n" for cell in cells),
        encoding="utf-8",
    )


def test_one_cause_is_told_once_while_the_record_names_every_cell(small_authority: Path) -> None:
    spoilt_activity(small_authority, ["soon"] * 400 + ["2024-05"])
    data = load("smallshire", data_dir=small_authority, allow_faulty=True)
    told = str(DataError(data.faults)).splitlines()
    assert told[0] == "400 faults in the data, of 1 cause:"
    assert len(told) == 2
    assert "column month: found 'soon' in rows 2, 3, 4 … and 397 more; expected" in told[1]
    assert [fault["row"] for fault in check_record(data)["faults"]] == list(range(2, 402))
    (path,) = annotate(small_authority / "smallshire", "smallshire", data.faults)
    assert load_workbook(path)["activity"]["A401"].comment is not None
    shown = Sources(data).html()
    assert shown.count("soon") == 1
    assert "2, 3, 4 … and 397 more" in shown


def test_rows_whose_key_is_unread_are_no_duplicates_of_one_another(small_authority: Path) -> None:
    spoilt_activity(small_authority, ["soon", "soon", "", "", "2024-05", "2024-05"])
    faults = load("smallshire", data_dir=small_authority, allow_faulty=True).faults
    assert [fault.row for fault in faults if "the same" in fault.found] == [7]


def test_nothing_is_said_to_be_left_blank_that_may_not_be(small_authority: Path) -> None:
    (small_authority / "smallshire" / "packages.csv").write_text(
        "snapshot_date,person_key,package_key,care_type,start_date,end_date,weekly_gross,client_weekly\n"
        "soon,p1,k1,Nursing,2024-01-01,,100,some\n",
        encoding="utf-8",
    )
    faults = load("smallshire", data_dir=small_authority, allow_faulty=True).faults
    remedies = {fault.column: fault.remedy for fault in faults}
    assert "blank" not in remedies["snapshot_date"]
    assert "leave it blank" in remedies["client_weekly"]


def test_no_remedy_has_a_matrix_of_teams_deleted(small_authority: Path) -> None:
    (small_authority / "smallshire" / "activity.csv").write_text(
        "month,measure,count,count,count\n2024-05,reviews,1,2,3\n", encoding="utf-8"
    )
    (fault,) = load("smallshire", data_dir=small_authority, allow_faulty=True).faults
    assert fault.column == "count"
    assert "elete" not in fault.remedy
    assert "s75 map" in fault.remedy


SLOW = """
import io, sys, time
import fsspec
from s75lib.cli import main

class Slow(io.RawIOBase):
    def read(self, size=-1):
        print("reading", flush=True)
        time.sleep(60)

fsspec.open = lambda *_: Slow()
sys.argv = ["s75", "check", "alpha"]
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has neither signals nor locks of folders")
@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)]
)
def test_what_a_check_had_fetched_goes_with_it_or_with_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals, status: int
) -> None:
    """A copy of data about people stays in no temporary folder, however the check is ended."""
    (tmp_path / "data" / "alpha").mkdir(parents=True)
    (tmp_path / "data/alpha/authority.toml").write_text(
        'name = "A"\n[sources]\nkpi = { path = "https://elsewhere/kpi.csv" }\n', "utf-8"
    )
    (aside := tmp_path / "aside").mkdir()
    started = subprocess.Popen(
        [sys.executable, "-c", SLOW],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(aside)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout
    assert started.stdout.readline() == "reading\n"
    (copy,) = aside.glob("s75-run-*/kpi.csv")
    os.utime(copy.parent, (1, 1))
    monkeypatch.setattr(executor.tempfile, "tempdir", str(aside))
    executor._PrivateFolder().close()
    assert copy.exists()  # a run that begins meanwhile leaves it alone
    started.send_signal(sent)
    assert started.wait(30) == status
    if sent == signal.SIGKILL:
        executor._PrivateFolder().close()
    assert list(aside.iterdir()) == []
