"""An identifier planted in each place of an authority's folder stops the load, and no message shows it."""

from __future__ import annotations

import contextlib
import csv
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwt
from openpyxl import Workbook

from s75lib.cli.application import printable
from s75lib.errors import ConfigError, S75Error
from s75lib.loaders import load
from s75lib.loaders.indicators import read_indicators
from s75lib.loaders.mapping import read_mapping
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.sources import read_dataset, workbook

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


NOTE = "# kpi_significance\n## Targets\nHead of service, 2026-05-14\n\nSeen "
PLACES: dict[str, Callable[[Path, str], None]] = {
    **{
        f"kpi.csv, {column}": in_a_cell(column)
        for column in ("group", "period", "value", "indicator", "unit")
    },
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
