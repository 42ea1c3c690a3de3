"""A raw table against its schema: every fault at once, each with its place and remedy."""

from __future__ import annotations

__all__ = ["Validated", "empty_frame", "pandera_schema", "validate", "validated"]

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from s75lib.errors import DataError, Fault
from s75lib.loaders.privacy import identifying_columns
from s75lib.loaders.schemas import DATASETS, Column, Dataset, Kind
from s75lib.loaders.sources import RawTable
from s75lib.loaders.values import EXPECTED, as_text, parse_column

_SHOWN = 50
_PENNY = 0.011  # a cent of slack and the last bit of a float
_DTYPES: dict[Kind, Any] = {
    "text": "str",
    "date": "datetime64[s]",
    "month": "datetime64[s]",
    "period": "str",
    "day_or_month": "str",
    "number": "float64",
    "count": "float64",
    "money": "float64",
    "percent": "float64",
    "flag": "boolean",
}


@dataclass(frozen=True)
class Validated:
    """A typed frame, and where its rows came from.

    Parameters
    ----------
    frame : DataFrame
        All columns of the schema; a fresh index from 0.
    rows : ndarray of int
        Each row's number as a spreadsheet counts.
    """

    frame: pd.DataFrame
    rows: np.ndarray


def validated(raw: RawTable, dataset: Dataset, file: str) -> Validated:
    """Turn a raw table into a typed frame of its dataset, and keep its rows' numbers.

    Parameters
    ----------
    raw : RawTable
        Cells as text or typed, the index holding row numbers as a spreadsheet counts.
    dataset : Dataset
        The schema.
    file : str
        Name for messages.

    Returns
    -------
    Validated
        All columns of the schema in its order, missing ones empty.

    Raises
    ------
    DataError
        With every fault found: missing columns, personal details, cells that can't be read or lie outside
        their bounds, blanks where none may be, duplicate rows, identities that do not hold. Of one kind in
        one column the first 50 are named, and the others counted.

    Examples
    --------
    >>> cells = pd.DataFrame({"month": ["2019-08"], "measure": ["reviews"], "count": ["7"]}, index=[2])
    >>> validated(RawTable(cells), DATASETS["activity"], "activity.csv").rows.tolist()
    [2]
    """
    faults = _column_faults(raw, dataset, file)
    if faults:
        raise DataError(faults)
    found = _Found(file, raw, dataset)
    typed = _typed(raw, dataset, found)
    _check_schema(typed, dataset, found)
    _check_duplicates(typed, dataset, found)
    for column, bad, expected in _identities(typed, dataset.name):
        found.add(column, bad, expected, "Correct whichever is wrong.")
    if found.faults:
        raise DataError(found.in_order())
    return Validated(typed.reset_index(drop=True), typed.index.to_numpy())


def validate(raw: RawTable, dataset: Dataset, file: str) -> pd.DataFrame:
    """Turn a raw table into a typed frame of its dataset.

    Parameters
    ----------
    raw : RawTable
    dataset : Dataset
    file : str
        As for `validated`, which also says what is refused.

    Returns
    -------
    DataFrame
        All columns of the schema in its order, missing ones empty; a fresh index from 0.

    Examples
    --------
    >>> cells = pd.DataFrame({"month": ["2019-08"], "measure": ["reviews"], "count": ["7"]}, index=[2])
    >>> validate(RawTable(cells), DATASETS["activity"], "activity.csv")["count"].to_list()
    [7.0]
    """
    return validated(raw, dataset, file).frame


class _Found:
    """The faults of one table: the first of each kind are named, all are counted."""

    def __init__(self, file: str, raw: RawTable, dataset: Dataset) -> None:
        self.file, self.raw, self.dataset = file, raw, dataset
        self.faults: list[Fault] = []
        self.unread: dict[str, set[int]] = {}
        self.unnamed = 0

    def add(self, column: str, bad: pd.Series, expected: str, remedy: str, found: str = "") -> None:
        """Add a fault for each row where `bad` holds, quoting the cell where nothing else is said."""
        if not bad.any():
            return
        rows = [int(row) for row in bad.index[bad.fillna(False).to_numpy(dtype="bool")]]
        rows = [row for row in rows if row not in self.unread.get(column, ())]
        self.unnamed += max(0, len(rows) - _SHOWN)
        for row in rows[:_SHOWN]:
            said = found or _quoted(self.raw.frame.loc[row, column], self.dataset)
            self.add_one(row, column, said, expected, remedy)

    def add_one(self, row: int, column: str, found: str, expected: str, remedy: str) -> None:
        """Add one fault."""
        sheet = self.raw.sheet
        self.faults.append(Fault(self.file, found, expected, remedy, sheet=sheet, row=row, column=column))

    def in_order(self) -> list[Fault]:
        """Give the faults by row and column, the last of them for all that are not named."""
        ordered = sorted(dict.fromkeys(self.faults), key=lambda fault: (fault.row or 0, fault.column))
        more = self.unnamed + max(0, len(ordered) - _SHOWN)
        if not more:
            return ordered
        last = Fault(
            file=self.file,
            sheet=self.raw.sheet,
            found=f"{more} more faults",
            expected="none",
            remedy="Correct those above first; often one cause makes many.",
        )
        return [*ordered[:_SHOWN], last]


def empty_frame(dataset: Dataset) -> pd.DataFrame:
    """Give a dataset's frame without rows: all columns of the schema, each of its type.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame
        Of no rows.

    Examples
    --------
    >>> empty_frame(DATASETS["risks"]).shape
    (0, 10)
    """
    index = pd.RangeIndex(0)
    return pd.DataFrame({column.name: _empty(column.kind, index) for column in dataset.columns})


def _column_faults(raw: RawTable, dataset: Dataset, file: str) -> list[Fault]:
    there = ", ".join([*map(str, raw.frame.columns), *map(str, raw.others.columns)][:20])
    faults = [
        Fault(
            file=file,
            sheet=raw.sheet,
            column=name,
            found=f"no such column among {there}",
            expected=f"{EXPECTED[dataset.column(name).kind]} in a column {name!r}",
            remedy=f"Add the column: {dataset.column(name).meaning}.",
        )
        for name in dataset.required
        if name not in raw.frame.columns
    ]
    faults += [
        Fault(
            file=file,
            sheet=raw.sheet,
            column=name,
            found=what,
            expected="no data that name a person",
            remedy="Take the column out, or put a pseudonymous key in its place.",
        )
        for table in (raw.frame, raw.others)
        for name, what in identifying_columns(table, frozenset(dataset.column_names)).items()
    ]
    return faults


def _typed(raw: RawTable, dataset: Dataset, found: _Found) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    remedy = "Correct the cell, or leave it blank if the figure is not known."
    for column in dataset.columns:
        if column.name not in raw.frame.columns:
            columns[column.name] = _empty(column.kind, raw.frame.index)
            continue
        values, bad = parse_column(raw.frame[column.name], column.kind)
        columns[column.name] = values.astype(_DTYPES[column.kind])
        found.add(column.name, bad, EXPECTED[column.kind], remedy)
        found.unread[column.name] = set(bad.index[bad.to_numpy()])
    return pd.DataFrame(columns, index=raw.frame.index)


def _empty(kind: Kind, index: pd.Index) -> pd.Series:
    dtype = _DTYPES[kind]
    return pd.Series(
        "" if dtype == "str" else pd.NA if dtype == "boolean" else np.nan, index=index, dtype=dtype
    )


def _quoted(cell: Any, dataset: Dataset) -> str:
    """Show the cell, except where it could be about one person."""
    if dataset.about_people:
        return "a cell at fault (not shown, for the row is about a person)"
    text = as_text(cell)
    return repr(text if len(text) <= 40 else text[:40] + "…")


@cache
def pandera_schema(name: str) -> pa.DataFrameSchema:
    """Give the pandera schema of a dataset's typed frame.

    Parameters
    ----------
    name : str
        A dataset of the contract.

    Returns
    -------
    pandera.DataFrameSchema
        Strict: every column, no other. Check names say what is expected.
    """
    dataset = DATASETS[name]
    columns = {
        column.name: pa.Column(_DTYPES[column.kind], checks=_checks(column), nullable=True)
        for column in dataset.columns
    }
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=name)


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum, error=_bounds(column)))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum, error=_bounds(column)))
    if column.kind == "count":
        checks.append(pa.Check(lambda cells: cells.isna() | (cells % 1 == 0), error="a whole number"))
    if column.choices:
        allowed = [*column.choices, ""] if column.blank else list(column.choices)
        checks.append(pa.Check.isin(allowed, error=f"one of {', '.join(column.choices)}"))
    if not column.blank:
        checks.append(pa.Check(_filled, error=f"{EXPECTED[column.kind]}, not a blank", ignore_na=False))
    return checks


def _filled(cells: pd.Series) -> pd.Series:
    return cells != "" if cells.dtype == "str" else cells.notna()


def _bounds(column: Column) -> str:
    low = f"{column.minimum:g}" if column.minimum is not None else ""
    high = f"{column.maximum:g}" if column.maximum is not None else ""
    unit = f" ({column.unit})" if column.unit else ""
    if low and high:
        return f"from {low} to {high}{unit}"
    return f"{low} or more{unit}" if low else f"{high} or less{unit}"


def _check_schema(typed: pd.DataFrame, dataset: Dataset, found: _Found) -> None:
    try:
        pandera_schema(dataset.name).validate(typed, lazy=True)
    except pa.errors.SchemaErrors as error:
        for (column, check), cases in error.failure_cases.groupby(["column", "check"], sort=False):
            bad = pd.Series(True, index=pd.Index(cases["index"].astype("int64")))
            blank = found.raw.frame[column].loc[bad.index]
            blank = blank.isna() | (blank.astype("str").str.strip() == "")
            found.add(str(column), bad & blank, str(check), "Correct the cell.", "a blank")
            found.add(str(column), bad & ~blank, str(check), "Correct the cell.")


def _check_duplicates(typed: pd.DataFrame, dataset: Dataset, found: _Found) -> None:
    key = list(dataset.key)
    again = typed.duplicated(key)
    if not again.any():
        return
    groups = typed[typed.duplicated(key, keep=False)].groupby(key, dropna=False, sort=False).ngroup()
    first = groups.groupby(groups).apply(lambda rows: rows.index[0])
    twice = groups[again[groups.index]]
    found.unnamed += max(0, len(twice) - _SHOWN)
    for row, group in twice.head(_SHOWN).items():
        found.add_one(
            int(str(row)),
            ", ".join(key),
            f"the same {' × '.join(key)} as in row {int(first[group])}",
            f"one row per {dataset.row_is}",
            "Delete the duplicate, or add up the two rows.",
        )


def _identities(typed: pd.DataFrame, name: str) -> list[tuple[str, pd.Series, str]]:
    """Give for each rule across columns: the column to mend, where it is broken, what it says."""
    if name == "packages":
        net = typed["weekly_gross"] - typed["health_weekly"].fillna(0) - typed["client_weekly"].fillna(0)
        return [
            (
                "net_weekly",
                (typed["net_weekly"] - net).abs() > _PENNY,
                "net_weekly = weekly_gross − health_weekly − client_weekly, within 0.01",
            ),
            ("end_date", typed["end_date"] < typed["start_date"], "an end_date on or after the start_date"),
        ]
    if name == "kpi":
        percent = typed["unit"] == "percent"
        return [
            ("value", percent & ~typed["value"].fillna(0).between(0, 100), "a percentage from 0 to 100"),
            ("target", percent & ~typed["target"].fillna(0).between(0, 100), "a percentage from 0 to 100"),
            (
                "numerator",
                percent & (typed["numerator"] > typed["denominator"]),
                "a numerator no larger than its denominator",
            ),
            (
                "months_on_target",
                typed["months_on_target"] > typed["months_reported"],
                "no more months on target than months reported",
            ),
        ]
    if name == "audits":
        return [("compliant", typed["compliant"] > typed["cases"], "no more compliant cases than cases")]
    if name == "assumptions":
        ordered = (typed["low"] <= typed["central"]) & (typed["central"] <= typed["high"])
        missing = typed[["low", "central", "high"]].isna().any(axis=1)
        return [("central", ~ordered & ~missing, "low ≤ central ≤ high")]
    if name == "budget":
        month = typed["financial_year"].str.contains("/")
        return [
            ("financial_year", ~month & (typed["financial_year"] != ""), "a financial year such as 2019/20")
        ]
    return []
