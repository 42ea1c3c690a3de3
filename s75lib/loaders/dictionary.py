"""The data dictionary, written from the schemas."""

from __future__ import annotations

from s75lib.loaders.schemas import CARE_TYPES, DATASETS, MEASURES, Column, Dataset
from s75lib.loaders.values import EXPECTED

_INTRODUCTION = """\
# Data dictionary

Written from `s75lib/loaders/schemas` by `.ci/generate`; a test holds the two together.

An authority is a folder under `data/`. It holds `authority.toml` and any of the datasets below, each as
`<dataset>.csv`, `.xlsx`, `.xls`, `.ods` or `.parquet`, or wherever `[sources]` in `authority.toml` says: a
file, a sheet or named table of a workbook, or a query to a database. Every dataset is optional, and so is
every column that is not marked required: a report says what it could not do without it.

Money is in £, percentages run from 0 to 100, dates are best written as 2019-12-31. Also understood:
31/12/2019 (day first), £1,234.50, (1,234) and 1,234- for negative amounts, 1.2m, 45%; Apr-24, April 2024 and
04/2024 for a month, 24/25 and FY2024/25 for a year; NULL, 31/12/9999, 31/12/2999, 01/01/1900 and the like for
no date; `*`, `c`, `[c]` and `<5` for a figure that its publisher suppressed. A blank is not a zero, and a
formula's error such as `#REF!` is a fault. Titles above a table, notes below it, and totals wherever they
stand are left out; a warning says what was found.

In a workbook, a number that stands for a day counts from 1900, or from 1904 where the workbook says so (Excel
for Mac). A number that Excel or LibreOffice shows as 45% is 45 in a column of percentages and in a row whose
`unit` is a percentage, and 0.45 in a share from 0 to 1; an old .xls file does not tell how its numbers are
shown, so write 45 there.

## Sources

```toml
[sources]
budget = { path = "monitor.xlsx", sheet = "Month 8" }
staffing = { path = "monitor.xlsx", table = "Staffing" }
packages = { sql = "select … from ledger order by snapshot_date, package_key", url_env = "S75_DB" }
kpi = { path = "s3://performance/kpi.csv" }
```

A `path` leads to a file inside the authority's folder, or is an address that fsspec understands:
`pip install fsspec` and the package for that storage (s3fs, adlfs, gcsfs), which finds its credentials in the
environment. An address with a user, a password or a query is refused. The file is fetched whenever it is
read, and a report is current while its content is the same.

A query is a single `SELECT` (or `WITH … SELECT`) whose columns are named as below;
[authority.md](authority.md#from-a-database) says what may stand in it. The database's address is never
written here: the environment variable that `url_env` names holds it, as
`postgresql+psycopg://user:password@host/database`, `sqlite:///ledger.db`, or for SQL Server
`mssql+pyodbc://user:password@host/database?driver=ODBC+Driver+18+for+SQL+Server`.
`pip install 's75lib[sql]'` brings what SQLite needs, `'s75lib[postgres]'` and `'s75lib[sqlserver]'` the
drivers. SQLite is opened for reading only and PostgreSQL in a read-only transaction. SQL Server has none:
its driver is asked for a connection that only reads, which is a hint and no lock, so give the account no
right but to read. SQL Server has been tried with a stand-in for its driver and with no server.

Person-level data carry a pseudonymous `person_key`. A column of NHS numbers, or one named like a name,
address, postcode or date of birth, stops the load.
"""

_ALONE = "A few faulty rows are left out and told, and the others used: each row is a figure by itself."
_TOGETHER = "One faulty row stops the dataset, for its rows are added up, counted or followed."


def data_dictionary() -> str:
    """Write the data dictionary in Markdown."""
    parts = [_INTRODUCTION, _contents(), *map(_dataset, DATASETS.values()), _vocabularies()]
    return "\n".join(parts)


def _table(*rows: tuple[str, ...]) -> str:
    """Write a table, the first row of which is its head, and a blank line."""
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, f"| {' | '.join('---' for _ in rows[0])} |", *body, ""])


def _contents() -> str:
    rows = ((f"[{d.name}](#{d.name})", d.row_is, d.gives) for d in DATASETS.values())
    return _table(("dataset", "one row per", "what it gives"), *rows)


def _dataset(dataset: Dataset) -> str:
    unique = " × ".join(f"`{name}`" for name in dataset.key)
    said = f"One row per {dataset.row_is}; {unique} names a row. It gives: {dataset.gives}. "
    said += _ALONE if dataset.stands_alone else _TOGETHER
    rows = ((f"`{c.name}`", _required(c), _holds(c), c.meaning) for c in dataset.columns)
    return f"## {dataset.name}\n\n{said}\n\n" + _table(("column", "required", "holds", "meaning"), *rows)


def _required(column: Column) -> str:
    if not column.required:
        return ""
    return "yes" if column.blank else "yes, in every row"


def _holds(column: Column) -> str:
    if column.choices:
        return "one of " + ", ".join(f"`{choice}`" for choice in column.choices)
    low = f", {column.minimum:g} or more" if column.minimum is not None else ""
    high = f", {column.maximum:g} or less" if column.maximum is not None else ""
    unit = f" ({column.unit})" if column.unit and column.kind not in ("money", "percent") else ""
    return EXPECTED[column.kind] + unit + low + high


def _vocabularies() -> str:
    measures = (
        (f"`{name}`", one.kind, one.polarity.replace("_", " "), one.meaning) for name, one in MEASURES.items()
    )
    return "\n".join(
        [
            "## Care types\n",
            _table(("care type", "where"), *CARE_TYPES.items()),
            "## Activity measures\n",
            "A flow adds up over months; a stock is a count on the last day and does not. "
            "[An authority's own](authority.md#measures-of-your-own) are declared under `[measures]`.\n",
            _table(("measure", "flow or stock", "which way is better", "counts"), *measures),
        ]
    )
