"""Databases: one SELECT in a transaction that can only read; the environment alone knows the address."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.errors import ConfigError, DataError, Fault, warning
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources.tables import SAMPLE, RawTable, find_header, finished
from s75lib.loaders.values import as_text

if TYPE_CHECKING:  # it takes half a second to import
    from sqlglot import exp

_DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres", "mssql": "tsql"}
_ROWS_AT_ONCE = 1_000
_SECONDS_TO_CONNECT = 30
_MOST_SECONDS, _MOST_ROWS, _MOST_TEXT = 600, 5_000_000, 2 * 10**9  # a query may take and give
_LONGEST_TEXT, _LONGEST_PAD = 1_000_000, 1_000  # bytes that SQLite may put together, PostgreSQL by lpad
_CONNECT: dict[str, dict[str, Any]] = {
    "postgresql": {"connect_timeout": _SECONDS_TO_CONNECT},
    "mssql": {"timeout": _SECONDS_TO_CONNECT, "readonly": True},
}

_OWN_TABLES = re.compile(
    r"(?i)(?:pg_|sqlite_|pragma_).*|sys|information_schema|dbstat|master|msdb"
    r"|sys(?:columns|comments|databases|files|logins|objects|permissions|processes|users)"
)
"""Tables, schemas and databases in which a database keeps accounts, settings and what others ask it."""

_AMBIGUOUS = re.compile(r"\\|\$\w*\$|\{[{%#]|[\x00-\x08\x0b-\x1f]")
"""What a database and the parser may read differently: escapes, dollar quoting, templates, control marks."""

_PARTS = """add alias all any attimezone between bitwiseand bitwiseor boolean bracket column cte cube datatype
    datatypeparam distinct div dpipe eq escape except fetch filter from glob group groupingsets gt gte having
    identifier ilike in intersect interval is join lateral like limit limitoptions literal lt lte mod mul
    national neg neq not null nullsafeeq nullsafeneq offset order ordered paren pivot rollup select similarto
    slice star sub subquery table tablealias tuple union values var where window windowspec with withingroup
    withtablehint"""
"""What a query may be made of besides functions, by the parser's names."""

_FUNCTIONS = """abs and avg case cast ceil coalesce collate concat concat_ws count cume_dist
    current_date current_time current_timestamp dense_rank exists exp extract first_value floor greatest
    group_concat grouping if lag last_value lead least left length ln log lower max min nth_value ntile
    nullif or percent_rank percentile_cont percentile_disc power rank replace right round row_number
    sign sqrt stddev stddev_pop stddev_samp str_position substring sum time_to_str trim upper variance
    variance_pop"""
_MORE_FUNCTIONS = {
    "postgres": """age array array_agg btrim date_part explode exploding_generate_series initcap isfinite
        json_extract json_extract_scalar localtime localtimestamp logical_and logical_or make_date
        make_interval pad regexp_ilike regexp_like regexp_replace reverse split_part str_to_date str_to_time
        timestamp_trunc to_number translate trunc unix_to_time width_bucket""",
    "tsql": """choose convert count_big date_add date_from_parts date_trunc datediff day isdate isnumeric
        last_day month number_to_str string_split stuff time_str_to_time timestamp_trunc try_cast
        ts_or_ds_to_date year""",
    "sqlite": "date datetime julianday printf time total ts_or_ds_to_timestamp typeof unixepoch",
}
_ALLOWED = {name: frozenset(f"{_FUNCTIONS} {more}".split()) for name, more in _MORE_FUNCTIONS.items()}
"""Functions by the parser's names for them (it calls isnull coalesce), or by their own where it has none.

None of them changes anything, waits, or reads what is not in the query's own tables.
"""


def check_statement(statement: str, dialect: str) -> exp.Query:
    """Parse a statement, as it will be sent, and refuse what is not one query that can do no harm.

    The parser knows each dialect's quotation marks and comments, so a function is seen however its name is
    quoted. What is not allowed by name is refused: among the rest INTO, locks, hints other than NOLOCK,
    variables, functions with a schema before them, and casts to types that a database defines for itself.

    >>> query = "with open as (select * from ledger) select * from open where line <> 'delete';"
    >>> check_statement(query, "postgres").key
    'select'
    """
    query, found = _parsed(statement, dialect)
    if query is None or found:
        raise ConfigError(
            f"sql: found {found}; expected a single SELECT of tables and views, with no functions but those "
            "that docs/authority.md allows. A view in the database can hold what is not allowed here."
        )
    return query


def _parsed(statement: str, dialect: str) -> tuple[exp.Query | None, str]:
    """Give a statement parsed, and what is not allowed in it."""
    from sqlglot import Dialect, TokenType, exp
    from sqlglot.errors import SqlglotError

    if _AMBIGUOUS.search(statement):
        return None, "a backslash, dollar quoting, a template or a control character"
    reader = Dialect.get_or_raise(dialect)
    try:
        tokens = reader.tokenize(statement)
        while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
            tokens.pop()
        if any(token.token_type == TokenType.SEMICOLON for token in tokens):
            return None, "more than one statement"
        if not tokens or tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH):
            return None, "a statement that does not begin with SELECT or WITH"
        (query,) = reader.parser().parse(tokens, statement)
    except (SqlglotError, RecursionError):
        return None, "what can't be read as a query in the database's language"
    if not isinstance(query, exp.Query):
        return None, "WITH without SELECT"
    return query, next(filter(None, (_not_allowed(part, dialect) for part in query.walk())), "")


def _not_allowed(part: exp.Expr, dialect: str) -> str:
    """Say what a part of a query is if it is not allowed."""
    from sqlglot import exp

    if isinstance(part, exp.Func):
        if isinstance(part.parent, exp.Table) and part.parent.args.get("db"):
            return "a function with a schema before it"
        names = [part.name] if isinstance(part, exp.Anonymous) else part.sql_names()
        quoted = getattr(part.args.get("this"), "quoted", False)
        names = names if isinstance(part, exp.Anonymous) and quoted else [name.lower() for name in names]
        if isinstance(part, exp.Pad) and not (
            isinstance(width := part.expression, exp.Literal)
            and width.is_int
            and int(width.name) <= _LONGEST_PAD
        ):
            return f"lpad or rpad to a width that is not written out, or beyond {_LONGEST_PAD:,}"
        return "" if _ALLOWED[dialect].intersection(names) else f"the function {names[0][:80]}"
    if isinstance(part, exp.Table) and any(
        _OWN_TABLES.fullmatch(name) for name in (part.name, part.db, part.catalog)
    ):
        return "a table in which the database keeps accounts, settings or the like"
    if isinstance(part, exp.Dot):
        return "a function with a schema before it, or a name of more than three parts"
    if isinstance(part, exp.WithTableHint):
        hints = {hint.name.upper() for hint in part.expressions}
        return "" if hints <= {"NOLOCK", "READUNCOMMITTED"} else "a hint other than NOLOCK"
    if isinstance(part, exp.DataType) and part.this == exp.DataType.Type.USERDEFINED:
        return "a cast to a type that the database defines for itself"
    return "" if part.key in _PARTS.split() else f"the word {part.key.upper()}"


def read_query(statement: str, url_env: str, name: str, dataset: Dataset) -> RawTable:
    """Read a dataset from a database.

    With the SHA-256 of the result as CSV, in the order in which rows came. SQLite is opened for reading only,
    PostgreSQL in a read-only transaction; of SQL Server that can only be asked, so there the account should
    have no right but to read. A query without ORDER BY gives a warning.

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
        What the query should give.

    Raises
    ------
    ConfigError
        If the statement is refused, the variable is not set, or its address is malformed or of a database
        of another kind.
    DataError
        If the database can't be reached, or refuses the query. Neither the address nor a value from the
        data is in the message.

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
    engine = _engine(url_env, name)
    statement = re.sub(r"\r\n?", "\n", statement)  # databases differ in whether a lone \r ends a comment
    query = check_statement(statement, _DIALECTS[engine.dialect.name])
    header, columns = _fetched(engine, statement, name)
    _, names = find_header([header], name, dataset)
    rows = len(columns[0]) if columns else 0
    known = {n: cells for n, cells in zip(names, columns, strict=False) if n in dataset.column_names}
    others = {n: cells[:SAMPLE] for n, cells in zip(names, columns, strict=False) if n and n not in known}
    frame = pd.DataFrame(known, index=pd.RangeIndex(2, rows + 2), dtype="object")
    raw = finished(frame, pd.DataFrame(others, dtype="object"), name, dataset)
    if not query.args.get("order"):
        expected = "rows in the same order each time"
        remedy = "Add ORDER BY with the columns that name a row."
        told = warning(name, "a query without ORDER BY", expected, remedy)
        raw = replace(raw, warnings=(*raw.warnings, told))
    return replace(raw, sha256=_sha256(header, columns))


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
        malformed = "@" in (url.host or "")
    except ValueError:  # what should be a port is none
        malformed = True
    except sqlalchemy.exc.ArgumentError:
        url, malformed = None, False
    if malformed:
        raise ConfigError(
            f"{name}: found in {url_env} an address that can't be taken apart (not shown); expected the "
            "marks in a user's name and a password written so: @ as %40, : as %3A, / as %2F, % as %25."
        ) from None
    if url is None or url.get_backend_name() not in _DIALECTS:
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

    def connect() -> sqlite3.Connection:
        connection, until = sqlite3.connect(address, uri=True), time.monotonic() + _MOST_SECONDS
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_TEXT)
        connection.set_progress_handler(lambda: time.monotonic() > until, 100_000)
        return connection

    return connect


_TOO_MANY = (
    f"more than {_MOST_ROWS:,} rows or {_MOST_TEXT:,} characters",
    "the rows of one authority",
    "Have the query choose those that the reports need.",
)


def _fetched(engine: Any, statement: str, name: str) -> tuple[list[str], list[list[str]]]:
    """Run the query; give the header, and each column as text."""
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
                connection.exec_driver_sql(f"set local statement_timeout = '{_MOST_SECONDS}s'")
            elif engine.dialect.name == "mssql":
                connection.connection.dbapi_connection.timeout = (
                    _MOST_SECONDS  # of each query, as pyodbc has it
                )
            try:
                options = {"stream_results": True, "no_parameters": True}
                result = connection.execution_options(**options).exec_driver_sql(statement)
                header = [str(column) for column in result.keys()]  # noqa: SIM118 - a Result is no mapping
                columns, read = [list[str]() for _ in header], 0
                while some := result.fetchmany(_ROWS_AT_ONCE):
                    for column, cells in zip(columns, zip(*some, strict=True), strict=True):
                        texts = [cell if type(cell) is str else as_text(cell) for cell in cells]
                        column += texts
                        read += sum(map(len, texts))
                    if len(columns[0]) > _MOST_ROWS or read > _MOST_TEXT:
                        raise DataError([Fault(name, *_TOO_MANY)])
            finally:
                connection.rollback()
    except DataError:
        raise
    except Exception as error:  # drivers raise what they like
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
    remedy = "Look at the database's address, the account's rights, and the query's names and length."
    return Fault(name, found, "the result of the query", remedy)


def _sha256(header: list[str], columns: list[list[str]]) -> str:
    digest = hashlib.sha256()
    file = SimpleNamespace(write=lambda text: digest.update(text.encode("utf-8", "surrogatepass")))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    return digest.hexdigest()
