"""Databases: what may be asked of them, and what of their address and data is never shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy

from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load
from s75lib.loaders.sources import database
from s75lib.loaders.sources.database import check_statement

ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n)"
TOML = 'name = "Exampleshire"\nsynthetic = true\n'


def folder_for(tmp_path: Path, toml: str = TOML) -> Path:
    folder = tmp_path / "data" / "exampleshire"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text(toml, encoding="utf-8")
    return folder


LEDGER = """
drop table if exists ledger cascade;
create table ledger (month text, measure text, count integer, paid date, unit numeric(10, 2));
insert into ledger values ('2024-04', 'reviews', 5, '2024-04-30', 1.5);
create or replace function spoil() returns integer language plpgsql as
    'begin delete from ledger; return 1; end';
create or replace function lower(ledger) returns text language plpgsql as
    'begin delete from ledger; return 1; end';
create or replace view spoiling as select month, measure, spoil() as count from ledger;
"""


@pytest.fixture
def ledger(postgres: str) -> Iterator[sqlalchemy.Connection]:
    """A connection to a ledger with one row, which is still there afterwards."""
    engine = sqlalchemy.create_engine(postgres)
    with engine.begin() as connection:
        connection.exec_driver_sql(LEDGER)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
        assert connection.exec_driver_sql("select count(*) from ledger").scalar() == 1
    engine.dispose()


@pytest.mark.postgres
@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("select month, measure, count from nowhere", "does not exist"),
        ("select month, measure, cast('Ann Smith' as integer) as count from ledger", "22P02"),
        ("select month, measure, count from spoiling", "read-only|25006"),
        ("select month, measure, 5 as count, lower(ledger) as team from ledger", "read-only|25006"),
    ],
)
def test_postgresql_refuses_without_secrets_or_values(
    tmp_path: Path, postgres: str, statement: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_for(
        tmp_path, f'{TOML}[sources]\nactivity = {{ sql = "{statement}", url_env = "S75_TEST_DB" }}\n'
    )
    monkeypatch.setenv("S75_TEST_DB", postgres)
    with pytest.raises(DataError, match=found) as caught:
        load("exampleshire", data_dir=folder.parent)
    assert caught.value.__cause__ is None
    for secret in ("horse", "127.0.0.1", "Ann", "Smith"):
        assert secret not in str(caught.value)


@pytest.mark.postgres
@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("counted", ["x", "count(*)"])
def test_postgresql_stops_a_query_without_end(
    tmp_path: Path, postgres: str, counted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = f"{ENDLESS} select '2024-04' as month, 'reviews' as measure, {counted} as count from n"
    source = f'activity = {{ sql = "{query}", url_env = "S75_TEST_DB" }}'
    folder = folder_for(tmp_path, f"{TOML}[sources]\n{source}\n")
    monkeypatch.setenv("S75_TEST_DB", postgres)
    monkeypatch.setattr(database, "_MOST_SECONDS", 1)
    monkeypatch.setattr(database, "_MOST_ROWS", 30_000)
    with pytest.raises(DataError, match=r"more than .* rows|QueryCanceled \(57014\)"):
        load("exampleshire", data_dir=folder.parent)


WANTED = [
    "select * from ledger",
    "SELECT * FROM ledger ORDER BY 1;",
    "-- the ledger\nselect 'delete; drop' as line, month from ledger /* all of it */ ;;",
    'select month as "insert", "measure" from "ledger" where measure <> \'into\'',
    "with b as (select * from ledger) select b.* from b join ledger a using (month)",
    "with recursive n(x) as (select 1 union all select x + 1 from n where x < 5) select max(x) from n",
    "select month, sum(count) filter (where count > 1) from ledger group by 1 having count(*) > 0 limit 5",
    "select month from ledger union all (select measure from ledger) order by 1",
    "select paid::text, cast(unit as varchar(20)), unit::numeric(12, 4), count::bigint from ledger",
    "select date_trunc('month', paid)::date, to_char(paid, 'YYYY-MM'), extract(year from paid) from ledger",
    "select paid + interval '1 month', current_date, now() - interval '1 day', age(paid) from ledger",
    "select coalesce(unit, 0), nullif(count, 5), greatest(count, 2), round(unit, 1), abs(-count) from ledger",
    "select case count when 5 then '5' else 'more' end, count between 1 and 9, count in (4, 5) from ledger",
    "select upper(measure) || left(measure, 2), substring(measure from 1 for 3), trim(measure) from ledger",
    "select replace(measure, 'r', 'd'), split_part(month, '-', 1), lpad(month, 9, '0') from ledger",
    "select rank() over (partition by month order by paid), lag(count) over (order by paid) from ledger",
    "select string_agg(measure, ';'), percentile_cont(0.5) within group (order by unit) from ledger",
    "select d::date, l.count from generate_series(date '2024-04-01', date '2024-06-01', interval '1 day') d "
    "left join ledger l on l.paid >= d and l.measure like 'rev%'",
    "select * from (values ('a', 1), ('b', 2)) v(name, n) where exists (select 1 from ledger)",
    "select a.month, top.count from ledger a cross join lateral (select b.count from ledger b limit 1) top",
]
UNWANTED = [
    "",
    ";",
    "delete from ledger",
    "select 1; delete from ledger",
    "select * into b from ledger",
    "with gone as (delete from ledger returning *) select * from gone",
    "with new as (insert into ledger values ('2024-05') returning *) select * from new",
    "with b as (select 1) update ledger set count = 2",
    "explain analyze delete from ledger",
    "select 1 /* ; */ ; drop table ledger",
    "select 1 -- ;\n; drop table ledger",
    "select 'it''s' ; drop table ledger",
    "select E'it\\'; drop table ledger; --'",
    "select $$ ' $$; drop table ledger",
    "select 'open",
    "select 1 /* open",
    "select * from ledger for update",
    "select * from ledger for share",
    "call spoil()",
    "values (1)",
    "table ledger",
    "copy ledger to 'ledger.csv'",
    "select spoil()",
    "select public.lower(a) from ledger a",
    "select * from public.lower('x')",
    "select setval('s', 1), nextval('s')",
    "select pg_read_file('/etc/passwd')",
    "select \"pg_read_file\"('/etc/passwd')",
    "select pg_catalog.pg_read_file('/etc/passwd')",
    'select "pg_catalog"."pg_read_file"(\'/etc/passwd\')',
    "select * from pg_ls_dir('/') as d(name)",
    "select a.* from ledger a, lateral \"pg_read_binary_file\"('/etc/passwd') b",
    "select U&\"!0070g_read_file\" UESCAPE '!' ('/etc/passwd')",
    "select \"dblink_exec\"('dbname=x', 'drop table ledger')",
    "select \"lo_import\"('/etc/passwd')",
    "select query_to_xml('delete from ledger returning 1', true, true, '')",
    "select (select query_to_xml('select 1', true, true, '')) from ledger order by pg_sleep(9)",
    "select pg_terminate_backend(1), pg_advisory_lock(1), set_config('x', 'y', false)",
    "select count from ledger where count operator(pg_catalog.=) 5",
    "select 'x'::regclass, 'y'::mood",
    "select 1 {# ' #} ; drop table ledger --'",
    "select 1 -- \r ; drop table ledger",
    "select " + "(" * 20_000 + "1" + ")" * 20_000,
    "select rolpassword from pg_authid",
    'select * from "pg_catalog"."pg_shadow"',
    "select * from PG_HBA_FILE_RULES",
    "select a.* from ledger a, pg_stat_activity b",
    "with a as (select * from information_schema.tables) select * from a",
    "select repeat('x', 1000000000)",
    "select lpad('x', 1000000000)",
    "select rpad('x', (10 ^ 9)::integer)",
    "select lpad(measure, count) from ledger",
    "select * from rows from (generate_series(1, 2), pg_ls_dir('/')) as x",
    "select count from ledger limit (select pg_sleep(1)::text::int)",
    "select sum(pg_sleep(1)::text::int) filter (where true) over () from ledger",
    "select * from ledger group by grouping sets ((pg_sleep(1)::text))",
    "with a(x) as (values (pg_sleep(1))) select * from a",
    "with a as materialized (select pg_notify('x', 'y')) select * from a",
    "with a as (merge into ledger using ledger b on true when matched then delete returning *) select 1",
    "select * from (delete from ledger returning *) a",
    "select 1 union delete from ledger",
    "select 1 into unlogged table b",
    "select/**/pg_sleep/**/(1)",
    "select month from ledger where month like 'a' escape (select pg_sleep(1)::text)",
    "select json_populate_record(null::ledger, '{}')",
    "select (a).lower from ledger a",
    "select (a).* from ledger a",
    "select xmltable.* from xmltable('/a' passing '<a/>' columns b text)",
    "select xpath('/a', '<a/>'), table_to_xml('pg_authid', true, true, '')",
    "select * from ts_stat('select pg_sleep(1)')",
    "select current_user, session_user, version()",
    "select current_setting('data_directory')",
    "select gen_random_uuid(), random(), txid_current()",
    "select * from ledger tablesample system (10)",
    "select $1",
    "begin; delete from ledger; commit",
    "do 'begin end'",
    "set role postgres",
]


@pytest.mark.parametrize("statement", WANTED)
def test_a_query_of_tables_is_accepted(statement: str) -> None:
    check_statement(statement, "postgres")


@pytest.mark.postgres
def test_what_is_accepted_runs(ledger: sqlalchemy.Connection) -> None:
    for statement in WANTED:
        ledger.execution_options(no_parameters=True).exec_driver_sql(statement)


@pytest.mark.parametrize("statement", UNWANTED, ids=lambda statement: statement[:60])
def test_anything_else_is_refused(statement: str) -> None:
    with pytest.raises(ConfigError, match=r"sql: found .*; expected a single SELECT"):
        check_statement(statement, "postgres")


@pytest.mark.postgres
@pytest.mark.parametrize("call", ["select {}({})", "select * from {}({}) as x"])
def test_no_function_of_postgresql_that_could_change_or_wait_is_accepted(
    ledger: sqlalchemy.Connection, call: str
) -> None:
    functions = ledger.exec_driver_sql(
        "select proname, pronargs, bool_or(provolatile = 'v') from pg_proc "
        "where pronamespace = 'pg_catalog'::regnamespace group by 1, 2"
    ).all()
    accepted = set()
    for name, count, volatile in functions:
        for written in (name, f'"{name}"'):
            try:
                check_statement(call.format(written, ", ".join(["'x'"] * count)), "postgres")
            except ConfigError:
                continue
            accepted.add(name)
            assert not volatile, name
    assert len(functions) > 2_000
    assert {"lower", "round", "date_part"} < accepted
    assert len(accepted) < 150


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("tsql", "select top (5) [Cost], [a b].c from [dbo].[x y] as [a b] with (nolock) order by 1"),
        ("tsql", "select isnull(a, 0), getdate(), convert(varchar(7), d, 120), eomonth(d), len(a) from t"),
        ("tsql", "select datediff(day, a, b), dateadd(month, 1, a), datename(month, d), year(d) from t"),
        (
            "tsql",
            "select format(d, 'yyyy-MM'), iif(a = 1, 2, 3), try_convert(int, a), charindex('a', b) from t",
        ),
        (
            "tsql",
            "select string_agg(a, ',') within group (order by a), stuff(a, 1, 2, N'x') from t group by b",
        ),
        (
            "tsql",
            "select v.n from t cross apply (values (1), (2)) v(n) order by 1 offset 5 rows",
        ),
        ("tsql", "select a collate Latin1_General_CI_AS, try_cast(a as decimal(10, 2)) from srv.dbo.t"),
        ("tsql", "select * from t pivot (sum(a) for m in ([1], [2])) p"),
        (
            "sqlite",
            "select strftime('%Y-%m', d), date(d, 'start of month'), ifnull(a, b), substr(a, 1, 4) from t",
        ),
        (
            "sqlite",
            "select printf('%d', a), group_concat(a), total(a), instr(a, b), max(a, b), `a`, [b] from t",
        ),
    ],
)
def test_queries_of_the_other_databases_are_accepted(dialect: str, statement: str) -> None:
    check_statement(statement, dialect)


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("tsql", "exec xp_cmdshell 'dir'"),
        ("tsql", "select [xp_cmdshell]('dir')"),
        ("tsql", "select * from [openrowset]('x', 'y', 'z')"),
        ("tsql", "select * from openquery(linked, 'delete from t')"),
        ("tsql", "select dbo.spoil(), [dbo].[spoil]()"),
        ("tsql", "select next value for s"),
        ("tsql", "select * from t with (tablockx, holdlock)"),
        ("tsql", "select @@version"),
        ("tsql", "select * into b from t"),
        ("tsql", "select * from linked.db.dbo.t"),
        ("tsql", "select * from sys.sql_logins"),
        ("tsql", "select * from [master]..[sysprocesses]"),
        ("tsql", "select name from dbo.sysusers"),
        ("tsql", "select * from openrowset(bulk 'c:x', single_clob) a"),
        ("tsql", "select * from opendatasource('x', 'y').a.b.c"),
        ("tsql", "select * from sys.fn_get_audit_file('x', default, default)"),
        ("tsql", "select 1 waitfor delay '0:0:9'"),
        ("tsql", "select * from t for xml path('')"),
        ("tsql", "select * from t option (maxrecursion 0)"),
        ("tsql", "select replicate('x', 2000000000)"),
        ("tsql", "select a.query('x'), a.nodes('/b') from t"),
        ("tsql", "select host_name(), suser_name(), pwdencrypt('x')"),
        ("sqlite", "select sql from sqlite_master"),
        ("sqlite", "select * from pragma_database_list"),
        ("sqlite", "select * from dbstat"),
        ("sqlite", "select * from sqlite_dbpage"),
        ("sqlite", "select readfile('/etc/passwd')"),
        ("sqlite", "select hex(randomblob(1000000000))"),
        ("sqlite", "pragma writable_schema = 1"),
        ("sqlite", "attach 'x.db' as x"),
        ("sqlite", "select load_extension('x')"),
        ("sqlite", "select `load_extension`('x')"),
        ("sqlite", "select * from [pragma_table_info]('a')"),
        ("sqlite", "select 1 /* /* */ , load_extension('x') -- */"),
        ("sqlite", "select zeroblob(1000000000)"),
    ],
)
def test_what_the_other_databases_could_be_made_to_do_is_refused(dialect: str, statement: str) -> None:
    with pytest.raises(ConfigError, match=r"sql: found .*; expected a single SELECT"):
        check_statement(statement, dialect)


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


@pytest.mark.parametrize(
    "query",
    [
        f"{ENDLESS} select '2024-04' as month, 'reviews' as measure, x as count from n order by 1",
        f"{ENDLESS} select '2024-04' as month, 'reviews' as measure, x as count from n",
        f"{ENDLESS} select month, measure, (select count(*) from n) as count from a order by 1",
        "select month, printf('%1000000000d', 1) as measure, count from a order by 1",
    ],
)
def test_a_query_without_end_or_measure_is_stopped(
    small_db: Callable[[str], Path], query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_MOST_SECONDS", 0.5)
    monkeypatch.setattr(database, "_MOST_ROWS", 30_000)
    with pytest.raises(DataError, match=r"more than .* rows|(Operational|Data)Error from|a blank"):
        load("exampleshire", data_dir=small_db(query))


def test_a_query_gives_no_more_text_than_fits(
    small_db: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_db("select month, measure, count, printf('%900d', 1) as team from a order by month")
    assert len(load("exampleshire", data_dir=folder).activity) == 2
    monkeypatch.setattr(database, "_MOST_TEXT", 1_500)
    with pytest.raises(DataError, match="characters"):
        load("exampleshire", data_dir=folder)


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
        ("postgresql+psycopg://u:p@secret@host/x", "can't be taken apart.*%40"),
        ("postgresql+psycopg://u:p@ss:wordsecret@host/x", "can't be taken apart"),
        ("postgresql+psycopg://u:p@host:secret/x", "can't be taken apart"),
        ("sqlite:////nowhere/secret.db", "OperationalError"),
        ("postgresql+psycopg://u@127.0.0.1/x?nonsense=secret", "ProgrammingError"),
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
