"""Databases: one SELECT in a transaction that can only read; the environment alone knows the address."""

from __future__ import annotations

__all__ = ["check_statement", "read_query"]

import csv
import hashlib
import io
import os
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources.tables import SAMPLE, RawTable, find_header, finished
from s75lib.loaders.values import as_text

_BACKENDS = ("sqlite", "postgresql", "mssql")
_ROWS_AT_ONCE = 20_000
_SECONDS_TO_CONNECT = 30
_CONNECT: dict[str, dict[str, Any]] = {
    "postgresql": {"connect_timeout": _SECONDS_TO_CONNECT},
    "mssql": {"timeout": _SECONDS_TO_CONNECT, "readonly": True},
}
_ASIDE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_CHANGES = re.compile(
    r"\b(insert|update|delete|merge|replace\s+into|into|drop|alter|create|truncate|grant|revoke|call|exec|"
    r"execute|pragma|attach|detach|copy|vacuum|reindex|analyze|set|begin|commit|rollback|savepoint|declare|do|"
    r"lock|waitfor|shutdown|backup|restore|dbcc|use|openrowset|openquery|opendatasource|load_extension|"
    r"dblink\w*|lo_\w+|pg_read\w*|pg_terminate\w*|pg_cancel\w*|set_config|nextval|setval)\b",
    re.IGNORECASE,
)


def check_statement(statement: str) -> None:
    """Refuse a statement that is not a single SELECT, or WITH … SELECT.

    Parameters
    ----------
    statement : str

    Raises
    ------
    ConfigError
        Saying what stands in the way. A word that changes data is refused wherever it stands outside of
        quotation marks, as are a semicolon before the end, a backslash and dollar quoting, for databases
        differ in how they read these.

    Examples
    --------
    >>> check_statement("with open as (select * from ledger) select * from open where line <> 'delete';")
    >>> check_statement("select 1; drop table ledger")
    Traceback (most recent call last):
    ...
    s75lib.errors.ConfigError: sql: found more than one statement; expected a single SELECT.
    """
    bare = _ASIDE.sub(lambda aside: " " if aside[0][0] in "-/" else " '' ", statement).strip()
    bare = bare.removesuffix(";").strip()
    found = ""
    if "\\" in statement or re.search(r"\$\w*\$", statement):
        found = "a backslash or dollar quoting"
    elif ";" in bare:
        found = "more than one statement"
    elif "/*" in bare or "*/" in bare or "'" in bare.replace("''", ""):
        found = "a comment or quotation mark that is not closed"
    elif not re.match(r"(select|with)\b", bare, re.IGNORECASE):
        found = "a statement that does not begin with SELECT or WITH"
    elif match := _CHANGES.search(bare):
        found = f"the word {match[0].upper()}"
    elif re.match(r"with\b", bare, re.IGNORECASE) and not re.search(r"\bselect\b", bare, re.IGNORECASE):
        found = "WITH without SELECT"
    if found:
        raise ConfigError(f"sql: found {found}; expected a single SELECT.")


def read_query(statement: str, url_env: str, name: str, dataset: Dataset) -> RawTable:
    """Read a dataset from a database.

    Parameters
    ----------
    statement : str
        A single SELECT, or WITH … SELECT, whose columns are named as the dataset's.
    url_env : str
        Name of the environment variable that holds the address, such as
        ``postgresql+psycopg://user:password@host/database``; ``sqlite:///file``; or for SQL Server
        ``mssql+pyodbc://…?driver=ODBC+Driver+18+for+SQL+Server``.
    name : str
        How messages call the source.
    dataset : Dataset

    Returns
    -------
    RawTable
        With the SHA-256 of the result as CSV: header and rows in the order in which they came.

    Raises
    ------
    ConfigError
        If the statement is refused, the variable is not set, or the database is of another kind.
    DataError
        If the database can't be reached, or refuses the query. Neither the address nor a value from the
        data is in the message.

    Notes
    -----
    SQLite is opened for reading only, PostgreSQL in a read-only transaction. SQL Server has no such
    transaction: the driver is asked for a connection that reads only, which is a hint to it and no lock, so
    there the account should have no right but to read. The transaction is rolled back in any case. A query
    without ORDER BY gives a warning, for its rows may come in another order next time.

    Examples
    --------
    >>> import os, sqlite3, tempfile
    >>> from s75lib.loaders.schemas import DATASETS
    >>> file = tempfile.mkdtemp() + "/ledger.db"
    >>> with sqlite3.connect(file) as database:
    ...     _ = database.execute("create table a (month text, measure text, count integer)")
    ...     _ = database.execute("insert into a values ('2019-08', 'reviews', 7)")
    >>> os.environ["S75_DOCTEST_DB"] = f"sqlite:///{file}"
    >>> query = "select month, measure, count from a order by month"
    >>> read_query(query, "S75_DOCTEST_DB", "sql:activity", DATASETS["activity"]).frame
         month  measure count
    2  2019-08  reviews     7
    """
    check_statement(statement)
    header, columns = _fetched(_engine(url_env, name), statement, name)
    _, names = find_header([header], name, dataset)
    rows = len(columns[0]) if columns else 0
    known = {n: cells for n, cells in zip(names, columns, strict=False) if n in dataset.column_names}
    others = {n: cells[:SAMPLE] for n, cells in zip(names, columns, strict=False) if n and n not in known}
    frame = pd.DataFrame(known, index=pd.RangeIndex(2, rows + 2), dtype="object")
    raw = finished(frame, pd.DataFrame(others, dtype="object"), name, dataset)
    warnings = (*raw.warnings, *_order(statement, name))
    return replace(raw, warnings=warnings, sha256=_sha256(header, columns))


def _order(statement: str, name: str) -> tuple[Fault, ...]:
    if re.search(r"\border\s+by\b", _ASIDE.sub(" ", statement), re.IGNORECASE):
        return ()
    return (
        Fault(
            file=name,
            found="a query without ORDER BY",
            expected="rows in the same order each time",
            remedy="Add ORDER BY with the columns that name a row.",
            severity="warning",
        ),
    )


def _engine(url_env: str, name: str) -> Any:
    try:
        import sqlalchemy
    except ImportError:
        raise ConfigError(
            f"{name}: found no SQLAlchemy; expected it for sources in databases. pip install 's75lib[sql]'"
        ) from None
    address = os.environ.get(url_env, "")
    if not address:
        raise ConfigError(
            f"{name}: found no environment variable {url_env}; expected it to hold the database's address."
        )
    try:
        url = sqlalchemy.make_url(address)
    except sqlalchemy.exc.ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in _BACKENDS:
        raise ConfigError(
            f"{name}: found in {url_env} no address that is understood (not shown); expected one that begins "
            f"with sqlite:///, postgresql+psycopg:// or mssql+pyodbc://."
        )
    try:
        if url.get_backend_name() == "sqlite":
            return sqlalchemy.create_engine("sqlite://", creator=_read_only_sqlite(url.database or ""))
        return sqlalchemy.create_engine(
            url,
            connect_args=_CONNECT[url.get_backend_name()],
            hide_parameters=True,
            poolclass=sqlalchemy.NullPool,
        )
    except ImportError:
        extra = "postgres" if url.get_backend_name() == "postgresql" else "sqlserver"
        raise ConfigError(
            f"{name}: found no driver for {url.drivername}; pip install 's75lib[{extra}]'."
        ) from None
    except Exception:  # drivers raise what they like, and their words may hold the password
        raise ConfigError(
            f"{name}: found in {url_env} an address that the driver refuses (not shown); correct it."
        ) from None


def _read_only_sqlite(file: str) -> Callable[[], sqlite3.Connection]:
    address = f"{Path(file).absolute().as_uri()}?mode=ro"
    return lambda: sqlite3.connect(address, uri=True)


def _fetched(engine: Any, statement: str, name: str) -> tuple[list[str], list[list[str]]]:
    """Run the query; give the header, and each column as text."""
    from sqlalchemy.exc import DBAPIError

    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            try:
                options = {"stream_results": True, "no_parameters": True}
                result = connection.execution_options(**options).exec_driver_sql(statement)
                header = [str(column) for column in result.keys()]  # noqa: SIM118 - a Result is no mapping
                columns: list[list[str]] = [[] for _ in header]
                while some := result.fetchmany(_ROWS_AT_ONCE):
                    for column, cells in zip(columns, zip(*some, strict=True), strict=True):
                        column += [cell if type(cell) is str else as_text(cell) for cell in cells]
            finally:
                connection.rollback()
    except (DBAPIError, sqlite3.Error, UnicodeError) as error:
        raise DataError([_refused(error, name)]) from None
    finally:
        engine.dispose()
    return header, columns


def _refused(error: Exception, name: str) -> Fault:
    """Say what went wrong without the driver's text, which may hold the address or a value."""
    origin: Any = getattr(error, "orig", None) or error
    state = getattr(origin, "sqlstate", None) or ""
    found = f"{type(origin).__name__}{f' ({state})' if state else ''} from the database"
    if state.startswith("42"):  # about the statement's names and syntax, never about data
        found += f": {str(origin.diag.message_primary)[:120]}"
    elif isinstance(origin, sqlite3.OperationalError) and re.match(r"no such|near ", str(origin)):
        found += f": {str(origin)[:120]}"
    return Fault(
        file=name,
        found=found,
        expected="the result of the query",
        remedy="Look at the database's address, the account's rights, and the names in the query.",
    )


def _sha256(header: list[str], columns: list[list[str]]) -> str:
    digest = hashlib.sha256()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for n, row in enumerate(zip(*columns, strict=True)):
        writer.writerow(row)
        if n % _ROWS_AT_ONCE == 0:
            digest.update(text.getvalue().encode("utf-8", "surrogatepass"))
            text.seek(0)
            text.truncate()
    digest.update(text.getvalue().encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
