"""Exampleshire in every kind of source, and a PostgreSQL server of our own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy
from openpyxl import Workbook

from s75lib.loaders import load
from s75lib.loaders.schemas import DATASETS


@pytest.fixture(scope="session")
def example(data_dir: Path) -> dict[str, pd.DataFrame]:
    """Exampleshire as its CSV files give it, without the columns that they do not have."""
    folder = data_dir / "exampleshire"
    frames = load("exampleshire", data_dir=data_dir).frames
    heads = {name: (folder / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0] for name in frames}
    return {name: frame[heads[name].split(",")] for name, frame in frames.items()}


@pytest.fixture
def write_source(
    data_dir: Path,
    example: dict[str, pd.DataFrame],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, Path], None]:
    """Write exampleshire into a folder as CSV, Excel or Parquet, or into a database that it names."""
    own = data_dir / "exampleshire"

    def write(kind: str, folder: Path) -> None:
        folder.mkdir(parents=True)
        sources = ""
        if kind == "csv":
            for name in example:
                shutil.copy(own / f"{name}.csv", folder)
        elif kind == "xlsx":
            write_workbook(folder / "data.xlsx", example)
            sources = sources_of('{{ path = "data.xlsx", sheet = "{name}" }}')
        elif kind == "parquet":
            for name, frame in example.items():
                frame.to_parquet(folder / f"{name}.parquet")
        else:
            variable = f"S75_TEST_{folder.name.upper()}"
            url = (
                f"sqlite:///{folder.parent.parent / 'ledger.db'}"
                if kind == "sqlite"
                else request.getfixturevalue("postgres")
            )
            fill(url, example)
            monkeypatch.setenv(variable, url)
            query = "select * from {name} order by row_number"
            sources = sources_of(f"{{{{ sql = '{query}', url_env = '{variable}' }}}}")
        (folder / "authority.toml").write_text(
            (own / "authority.toml").read_text(encoding="utf-8") + sources, encoding="utf-8"
        )
        if (own / "scenarios.toml").is_file():
            shutil.copy(own / "scenarios.toml", folder)

    return write


def sources_of(line: str) -> str:
    return "\n[sources]\n" + "".join(f"{name} = {line.format(name=name)}\n" for name in DATASETS)


def write_workbook(path: Path, example: dict[str, pd.DataFrame]) -> None:
    """Write one workbook with a sheet for each dataset, titles above and a note below."""
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
    book.save(path)


def as_cells(frame: pd.DataFrame) -> list[list[object]]:
    """Cells as Excel holds them: real numbers, dates and flags, nothing for a blank."""
    cells = frame.astype("object").where(frame.notna(), None)
    return [
        [cell.date() if isinstance(cell, pd.Timestamp) else None if cell == "" else cell for cell in row]
        for row in cells.itertuples(index=False)
    ]


def fill(url: str, example: dict[str, pd.DataFrame]) -> None:
    engine = sqlalchemy.create_engine(url)
    for name, frame in example.items():
        typed = frame.replace("", None).assign(row_number=range(len(frame)))
        for column in typed.select_dtypes("datetime"):
            typed[column] = typed[column].dt.date
        typed.to_sql(name, engine, index=False, if_exists="replace", chunksize=500)
    engine.dispose()


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
        # CI installs it, and takes a test that is skipped for one that failed.
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
