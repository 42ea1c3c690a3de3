"""Databases: what may be asked of them, and what of their address and data is never shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy

from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load
from s75lib.loaders.sources.database import check_statement

TOML = 'name = "Exampleshire"\nsynthetic = true\n'


def folder_for(tmp_path: Path, toml: str = TOML) -> Path:
    folder = tmp_path / "data" / "exampleshire"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text(toml, encoding="utf-8")
    return folder


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
