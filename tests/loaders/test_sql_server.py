"""SQL Server through a stand-in for its driver: what is asked of it, and what of it is shown.

No SQL Server was at hand: that a real one takes what is sent here is not tested.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load

QUERY = "select month, measure, count from activity order by month"
ADDRESS = "mssql+pyodbc://reader:hunter2@ledger.example/s75?driver=ODBC+Driver+18+for+SQL+Server"
SECRETS = ("hunter2", "ledger.example", "reader")
ROWS = [("2024-04", "reviews", 5), ("2024-05", "reviews", 6)]


class Cursor:
    rowcount = -1
    description: Any = None

    def __init__(self, driver: Driver) -> None:
        self.driver, self.rows = driver, iter(())

    def execute(self, statement: str, *_: Any) -> None:
        self.driver.calls.append(statement)
        if "nowhere" in statement:
            raise self.driver.ProgrammingError("42S02", "Invalid object name; row holds Ann Smith")
        own = statement == QUERY
        self.description = [(name,) + (None,) * 6 for name in (("month", "measure", "count") if own else "x")]
        self.rows: Iterator[tuple[Any, ...]] = iter(ROWS if own else [("16.0.1000.6",)])

    def fetchone(self) -> Any:
        return next(self.rows, None)

    def fetchmany(self, size: int = 1) -> list[Any]:
        return [row for row, _ in zip(self.rows, range(size), strict=False)]

    def fetchall(self) -> list[Any]:
        return list(self.rows)

    def setinputsizes(self, *_: Any) -> None:
        pass

    def close(self) -> None:
        pass


class Driver(ModuleType):
    """As much of pyodbc as SQLAlchemy asks for; notes every call."""

    version = "5.2.0"
    paramstyle = "qmark"
    SQL_DBMS_VER = 18
    SQL_DRIVER_NAME = 6
    Cursor = Cursor

    class Error(Exception):
        pass

    class OperationalError(Error):
        pass

    class ProgrammingError(Error):
        pass

    InterfaceError = DatabaseError = DataError = IntegrityError = InternalError = Error
    NotSupportedError = Warning = Error

    def __init__(self, *, refuses: bool = False) -> None:
        super().__init__("pyodbc")
        self.refuses = refuses
        self.connected: list[tuple[str, dict[str, Any]]] = []
        self.calls: list[str] = []

    def connect(self, text: str, **options: Any) -> Connection:
        self.connected.append((text, options))
        if self.refuses:
            raise self.OperationalError("28000", f"Login failed: {text}")
        self.last = Connection(self)
        return self.last


class Connection:
    autocommit = False
    timeout = 0

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def getinfo(self, what: int) -> str:
        return {18: "16.00.1000", 6: "libmsodbcsql-18.so"}[what]

    def cursor(self) -> Cursor:
        return Cursor(self.driver)

    def commit(self) -> None:
        self.driver.calls.append("COMMIT")

    def rollback(self) -> None:
        self.driver.calls.append("ROLLBACK")

    def close(self) -> None:
        self.driver.calls.append("CLOSE")

    def add_output_converter(self, *_: Any) -> None:
        pass


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("S75_TEST_DB", ADDRESS)
    folder = tmp_path / "data" / "smallshire"
    folder.mkdir(parents=True)
    write_query(folder.parent, QUERY)
    return folder.parent


def write_query(data_dir: Path, query: str) -> None:
    (data_dir / "smallshire" / "authority.toml").write_text(
        f'name = "S"\n[sources]\nactivity = {{ sql = "{query}", url_env = "S75_TEST_DB" }}\n',
        encoding="utf-8",
    )


def test_the_rows_come_the_connection_only_reads_and_nothing_is_committed(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver()
    monkeypatch.setitem(sys.modules, "pyodbc", driver)
    data = load("smallshire", data_dir=authority)
    assert data.activity["count"].to_list() == [5.0, 6.0]
    ((text, options),) = driver.connected
    assert "DRIVER={ODBC Driver 18 for SQL Server}" in text
    assert (options["readonly"], options["timeout"]) == (True, 30)
    assert driver.last.timeout == 600
    assert driver.calls.count(QUERY) == 1
    assert "COMMIT" not in driver.calls
    after = driver.calls[driver.calls.index(QUERY) + 1 :]
    assert after[0] == "ROLLBACK"
    assert after[-1] == "CLOSE"
    assert not any(secret in repr(data.inputs) for secret in SECRETS)


def test_a_refused_login_shows_neither_address_nor_password(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", Driver(refuses=True))
    with pytest.raises(DataError, match="OperationalError from the database") as caught:
        load("smallshire", data_dir=authority)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert caught.value.__cause__ is None


def test_a_refused_query_shows_no_value(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_query(authority, "select month, measure, count from nowhere order by month")
    monkeypatch.setitem(sys.modules, "pyodbc", Driver())
    with pytest.raises(DataError, match="ProgrammingError from the database") as caught:
        load("smallshire", data_dir=authority)
    assert "Ann" not in str(caught.value)


def test_without_the_driver_the_extra_is_named(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    with pytest.raises(ConfigError, match=r"s75lib\[sqlserver\]") as caught:
        load("smallshire", data_dir=authority)
    assert not any(secret in str(caught.value) for secret in SECRETS)


@pytest.mark.parametrize(
    "statement",
    [
        "exec sp_who",
        "select 1 into copy_of_ledger",
        "select * from openrowset('x', 'y', 'z')",
        "select 1 waitfor delay '0:0:9'",
        "select 1; shutdown",
        "select 1 begin tran",
    ],
)
def test_what_would_do_more_than_read_is_never_sent(
    authority: Path, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Driver()
    monkeypatch.setitem(sys.modules, "pyodbc", driver)
    write_query(authority, statement)
    with pytest.raises(ConfigError, match="expected a single SELECT"):
        load("smallshire", data_dir=authority)
    assert driver.connected == []
