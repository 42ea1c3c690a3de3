"""An identifier planted in each place of an authority's folder stops the load, and no message shows it."""

from __future__ import annotations

import contextlib
import csv
import re
import secrets
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlwt
from openpyxl import Workbook
from typer.testing import CliRunner

from s75lib.cli import app
from s75lib.cli.application import printable
from s75lib.errors import ConfigError, S75Error
from s75lib.loaders import load
from s75lib.loaders.indicators import read_indicators
from s75lib.loaders.mapping import read_mapping
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import read_dataset, workbook
from s75lib.report.plan import make_plan

THINGS = (
    "(943) 476-5919",
    "ref9434765919",
    "AB 12 34 56",
    "CB2/3QZ",
    "07700/900123",
    "b. 3/4/1950",
    "ann.other@nhs.net",
)
ROOT = Path(__file__).resolve().parents[2]


def settings(name: str, text: str) -> Callable[[Path, str], None]:
    return lambda folder, thing: (folder / name).write_text(text.replace("@@", thing), "utf-8")


def in_a_cell(column: str) -> Callable[[Path, str], None]:
    def write(folder: Path, thing: str) -> None:
        with (folder / "kpi.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        rows[1][column] = thing
        with (folder / "kpi.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    return write


def in_a_header(folder: Path, thing: str) -> None:
    text = (folder / "kpi.csv").read_text("utf-8")
    first, *rows = text.splitlines()
    (folder / "kpi.csv").write_text("\n".join([f"{first},{thing}", *(f"{row},x" for row in rows)]), "utf-8")


NOTE = "# kpi_significance\n## Targets\nHead of service, 2026-05-14\n\nSeen "
PLACES: dict[str, Callable[[Path, str], None]] = {
    **{
        f"kpi.csv, {column}": in_a_cell(column)
        for column in ("group", "period", "value", "indicator", "unit")
    },
    "a header": in_a_header,
    "name": settings("authority.toml", 'name = "Smallshire @@"\n'),
    "a partner": settings("authority.toml", 'name = "Smallshire"\npartners = ["A Council", "Trust @@"]\n'),
    "a key": settings("authority.toml", 'name = "Smallshire"\n[budget_lines]\n"@@" = "x"\n'),
    "a source": settings("authority.toml", 'name = "Smallshire"\n[sources]\nkpi = { path = "kpi @@.csv" }\n'),
    "a sheet": settings("authority.toml", 'name = "S"\n[sources]\nkpi = { path = "k.xlsx", sheet = "@@" }\n'),
    "a scenario": settings("scenarios.toml", '[[scenario]]\nname = "@@"\ndemand = { reviews = 2 }\n'),
    "an indicator": settings("indicators.toml", '[carers_assessed]\nname = "Carers @@"\n'),
    "commentary": settings("commentary.md", f"{NOTE}@@ today.\n"),
    "mapping": settings("mapping.toml", '[[kpi]]\nfiles = "k*.csv"\nfixed = { team = "@@" }\n'),
    "a mapped value": settings(
        "mapping.toml", '[[kpi]]\nfiles = "k*.csv"\nvalues = { team = { "@@" = "N" } }\n'
    ),
}


def read_all(data_dir: Path) -> None:
    data = load("smallshire", data_dir=data_dir)
    read_indicators(data.authority.folder)
    read_mapping(data.authority.folder)


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("place", PLACES)
def test_what_identifies_a_person_stops_the_load_and_is_not_shown(
    small_authority: Path, place: str, thing: str
) -> None:
    folder = small_authority / "smallshire"
    PLACES[place](folder, thing)
    with pytest.raises(S75Error) as caught:
        read_all(small_authority)
    told = re.sub(r"[^a-z0-9]", "", str(caught.value).lower())
    assert re.sub(r"[^a-z0-9]", "", thing.lower()) not in told


@pytest.mark.parametrize("gap", ["\n", "\r\n"])
def test_a_number_broken_over_two_lines_of_a_note_is_read(small_authority: Path, gap: str) -> None:
    settings("commentary.md", f"{NOTE}999 000@@0018 today.\n")(small_authority / "smallshire", gap)
    with pytest.raises(S75Error, match="row 5: found a valid NHS number"):
        load("smallshire", data_dir=small_authority)


@pytest.mark.parametrize("thing", THINGS)
def test_the_name_of_a_workbook_s_sheet_is_read(small_authority: Path, thing: str) -> None:
    folder = small_authority / "smallshire"
    book = Workbook()
    assert book.active is not None
    book.active.title = re.sub(r"[/:*?\[\]\\]", "-", thing)
    book.active.append(["indicator", "group", "period", "value", "unit"])
    book.active.append(["carers_assessed", "", "2024/25", thing, "percent"])
    (folder / "kpi.csv").unlink()
    book.save(folder / "kpi.xlsx")
    with pytest.raises(S75Error) as caught:
        load("smallshire", data_dir=small_authority)
    assert thing not in str(caught.value)


@pytest.mark.parametrize("thing", THINGS)
def test_a_parameter_that_is_refused_is_not_printed(small_authority: Path, thing: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("smallshire", thing, data_dir=small_authority)
    assert thing not in printable(str(caught.value))
    assert "'2018/19'" in printable(str(caught.value))


# --- our own names in every column, links, old workbooks, code -------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "data/exampleshire").glob("*.csv")))
@pytest.mark.parametrize(
    "own", ["Total", "All teams", "=1+1", "{x}$a$", "\u202eeverything", "\U0001f3e0" * 20]
)
def test_a_label_in_any_column_loads_or_is_a_clear_fault(tmp_path: Path, name: str, own: str) -> None:
    """Vocabularies refuse it, other columns take it; a fault shows no bidirectional mark."""
    folder = tmp_path / "exampleshire"
    folder.mkdir()
    (folder / "authority.toml").write_bytes((ROOT / "data/exampleshire/authority.toml").read_bytes())
    rows = list(csv.DictReader((ROOT / f"data/exampleshire/{name}.csv").open(encoding="utf-8")))[:200]
    for column in [one.name for one in DATASETS[name].columns if one.kind == "text" and one.name in rows[0]]:
        changed = [{**row, column: own if at == 1 else row[column]} for at, row in enumerate(rows)]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(changed)
        data = load("exampleshire", "2025/26", data_dir=tmp_path, datasets=[name], allow_faulty=True)
        if column in ("team", "service_group", "provider", "group", "line"):
            assert not {"Total", "All teams"} & set(data.frames[name][column]), column
        assert all("\u202e" not in printable(str(fault)) for fault in data.faults)


def test_nothing_of_the_data_is_evaluated(small_authority: Path) -> None:
    """A cell and a note that would write a file, were they run as code, as a template or as a formula."""
    folder, witness = small_authority / "smallshire", small_authority / "witness"
    code = f"__import__('pathlib').Path({str(witness)!r}).touch()"
    for text in (
        code,
        f"{{{code}}}",
        f"{{{{{code}}}}}",
        f"@{code}",
        f"$({code})",
        f"`touch {witness}`",
        f"=CMD|'{code}'!A1",
    ):
        in_a_cell("group")(folder, text)
        (folder / "commentary.md").write_text(f"{NOTE}{text}\n", "utf-8")
        load("smallshire", data_dir=small_authority, allow_faulty=True)
    for given in (code, f"[{code}]", f"f'{{{code}}}'"):
        with pytest.raises(ConfigError):
            load("smallshire", data_dir=small_authority, internal=given)
    assert not witness.exists()


@pytest.mark.parametrize("name", ["commentary.md", "scenarios.toml", "mapping.toml", "indicators.toml"])
@pytest.mark.parametrize("way", ["nowhere", "itself", "a folder"])
def test_a_link_that_leads_nowhere_or_a_folder_in_a_file_s_place_is_no_traceback(
    small_authority: Path, name: str, way: str
) -> None:
    file = small_authority / "smallshire" / name
    file.unlink(missing_ok=True)
    if way == "a folder":
        file.mkdir()
    else:
        file.symlink_to(file if way == "itself" else file.with_name("gone"))
    with contextlib.suppress(S75Error):  # any other error fails
        read_all(small_authority)


def old_workbook(path: Path) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("activity")
    for row, cells in enumerate((("month", "measure", "count"), ("2024-04", "reviews", 7))):
        for column, value in enumerate(cells):
            sheet.write(row, column, value)
    book.save(str(path))
    return path


def test_an_old_workbook_is_looked_into_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, started = old_workbook(tmp_path / "activity.xls"), []
    run = subprocess.run
    monkeypatch.setattr(workbook.subprocess, "run", lambda *a, **k: started.append(a) or run(*a, **k))
    for _ in range(3):
        read_dataset(path, "activity.xls", DATASETS["activity"])
    assert len(started) == 1
    path.write_bytes(path.read_bytes() + struct.pack("<H", 0))
    read_dataset(path, "activity.xls", DATASETS["activity"])
    assert len(started) == 2


def test_an_old_workbook_that_takes_too_long_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_workbook(tmp_path / "activity.xls")
    monkeypatch.setattr(workbook, "_LONGEST_READ", 0.2)
    monkeypatch.setattr(workbook, "_READ_XLS", "import time; time.sleep(30)")
    with pytest.raises(S75Error, match=r"could not be read in 0\.2 seconds"):
        read_dataset(path, "activity.xls", DATASETS["activity"])


def test_the_look_into_an_old_workbook_inherits_no_code_from_its_folder(tmp_path: Path) -> None:
    """A module beside the data that is called as the reader is isn't run."""
    (tmp_path / "python_calamine.py").write_text("open('witness', 'w')\n", "utf-8")
    path = old_workbook(tmp_path / "activity.xls")
    code = (
        "import sys; sys.path[:] = [p for p in sys.path if p]; from pathlib import Path; "
        "from s75lib.loaders.sources.workbook import open_workbook; open_workbook(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-P", "-c", code, str(path)], cwd=tmp_path, check=False)
    assert not (tmp_path / "witness").exists()


# --- names of files, columns and authorities, and what commands say and write ----------------------------


def said(*arguments: str) -> str:
    """Call a command, and give all that it says."""
    done = CliRunner().invoke(app, arguments)
    told = f"{done.output}{done.exception or ''}"
    assert done.exception is None or isinstance(done.exception, S75Error | SystemExit), told
    return printable(told)


def holds(text: str, thing: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", thing.lower()) in re.sub(r"[^a-z0-9]", "", text.lower())


@pytest.mark.parametrize("thing", [thing.replace("/", "-") for thing in THINGS])
def test_the_name_of_a_file_that_nothing_reads_is_not_shown(small_authority: Path, thing: str) -> None:
    (small_authority / "smallshire" / f"{thing} notes.csv").write_text("a\n1\n", "utf-8")
    (told,) = load("smallshire", data_dir=small_authority).warnings
    assert told.file == "smallshire/a file whose name is not shown"
    assert not holds(str(told), thing)


@pytest.mark.parametrize("thing", ["9434765919", "ab123456c", "07700900123"])
def test_no_authority_is_called_by_what_identifies_a_person(small_authority: Path, thing: str) -> None:
    for command in ("new", "check", "map"):
        assert not holds(said(command, thing, "--data", str(small_authority)), thing)
    assert [path.name for path in small_authority.iterdir()] == ["smallshire"]


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("place", ["file", "sheet", "column", "label"])
def test_a_mapping_is_proposed_without_identifiers_or_not_at_all(
    small_authority: Path, place: str, thing: str
) -> None:
    safe = re.sub(r"[/:*?\[\]\\]", "-", thing)
    at = {name: f"Oak {safe}" if name == place else "Oak" for name in ("file", "sheet", "column", "label")}
    book = Workbook()
    assert book.active is not None
    book.active.title = at["sheet"]
    book.active.append(["Month", "Measure", "Count", at["column"]])
    for month in range(1, 13):
        book.active.append([f"2024-{month:02d}", at["label"] if month == 1 else "reviews", month, 7])
    folder = small_authority / "smallshire"
    book.save(folder / f"{at['file']}.xlsx")
    assert not holds(said("map", "smallshire", "--data", str(small_authority)), safe)
    for written in folder.glob("*.toml"):
        assert not holds(written.read_text("utf-8"), safe)


@pytest.mark.parametrize("thing", [thing.replace("/", "-") for thing in THINGS])
def test_pseudonymise_says_and_writes_no_identifier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thing: str
) -> None:
    monkeypatch.setenv("S75_KEY", secrets.token_hex(32))
    rows = [f"nhs_number,{thing},team,snapshot_date", f"{thing},x,Oak,2025-03-31"]
    lines = "\n".join([*rows, f"9434765870,{thing},Oak,2025-03-31\n"])
    source, named = tmp_path / "ledger.csv", tmp_path / f"ledger {thing}.csv"
    for path in (source, named):
        path.write_text(lines, "utf-8")
    calls = [[str(source)], [str(named)], [str(source), "--out", str(tmp_path / f"{thing}.csv")]]
    calls += [
        [str(source), option, thing] for option in ("--keep", "--person", "--on", "--sheet", "--key-file")
    ]
    for call in calls:
        assert not holds(said("pseudonymise", *call).replace(str(tmp_path), ""), thing)
    (written,) = set(tmp_path.iterdir()) - {source, named}
    assert written.name == "ledger.pseudonymised.csv"
    assert not holds(written.read_text("utf-8"), thing)


@pytest.mark.parametrize("thing", THINGS)
def test_a_call_that_is_refused_is_not_repeated_with_its_identifiers(
    small_authority: Path, thing: str
) -> None:
    calls: list[dict[str, Any]] = [{"period": thing}, {"notebooks": [thing]}]
    calls += [{"parameters": {name: value}} for name, value in
              (("margin", thing), (thing, "1"), ("compare_with", thing))]  # fmt: skip
    for given in calls:
        with pytest.raises(ConfigError) as caught:
            make_plan(["smallshire"], data_dir=small_authority, notebooks_dir=ROOT / "notebooks", **given)
        assert not holds(printable(str(caught.value)), thing)
