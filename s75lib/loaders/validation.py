"""A raw table against its schema: every fault at once, each with its place and remedy."""

from __future__ import annotations

__all__ = ["empty_frame", "pandera_schema", "validate"]

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from s75lib.errors import DataError, Fault
from s75lib.loaders.privacy import identifying_columns
from s75lib.loaders.schemas import DATASETS, Column, Dataset, Kind
from s75lib.loaders.sources import RawTable
from s75lib.loaders.values import EXPECTED, parse_column

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


def validate(raw: RawTable, dataset: Dataset, file: str) -> pd.DataFrame:
    """Turn a raw table into a typed frame of its dataset.

    Parameters
    ----------
    raw : RawTable
        Cells as text, the index holding row numbers as a spreadsheet counts.
    dataset : Dataset
        The schema.
    file : str
        Name for messages.

    Returns
    -------
    DataFrame
        All columns of the schema in its order, missing ones empty; a fresh index from 0. Columns that the
        schema does not know are left out.

    Raises
    ------
    DataError
        With every fault found: missing columns, personal details, cells that can't be read or lie outside
        their bounds, blanks where none may be, duplicate rows, identities that do not hold.
    """
    faults = _column_faults(raw, dataset, file)
    if faults:
        raise DataError(faults)
    typed, faults = _typed(raw, dataset, file)
    unread = {(fault.row, fault.column) for fault in faults}
    faults += [f for f in _schema_faults(typed, raw, dataset, file) if (f.row, f.column) not in unread]
    faults += _identity_faults(typed, raw, dataset, file)
    if faults:
        raise DataError(_in_order(faults))
    return typed.reset_index(drop=True)


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


def _in_order(faults: list[Fault]) -> list[Fault]:
    ordered = sorted(dict.fromkeys(faults), key=lambda fault: (fault.row or 0, fault.column))
    if len(ordered) <= _SHOWN:
        return ordered
    last = Fault(
        file=ordered[0].file,
        sheet=ordered[0].sheet,
        found=f"{len(ordered) - _SHOWN} more faults",
        expected="none",
        remedy="Correct those above first; often one cause makes many.",
    )
    return [*ordered[:_SHOWN], last]


def _column_faults(raw: RawTable, dataset: Dataset, file: str) -> list[Fault]:
    there = ", ".join(map(str, raw.frame.columns[:20]))
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
        for name, what in identifying_columns(raw.frame, frozenset(dataset.column_names)).items()
    ]
    return faults


def _typed(raw: RawTable, dataset: Dataset, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    columns: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    for column in dataset.columns:
        if column.name not in raw.frame.columns:
            columns[column.name] = _empty(column.kind, raw.frame.index)
            continue
        cells = raw.frame[column.name]
        values, bad = parse_column(cells, column.kind)
        columns[column.name] = values.astype(_DTYPES[column.kind])
        faults += [
            Fault(
                file=file,
                sheet=raw.sheet,
                row=row,
                column=column.name,
                found=_quoted(cell, dataset),
                expected=EXPECTED[column.kind],
                remedy="Correct the cell, or leave it blank if the figure is not known.",
            )
            for row, cell in zip(_rows(bad), cells[bad], strict=True)
        ]
    return pd.DataFrame(columns, index=raw.frame.index), faults


def _rows(where: pd.Series) -> list[int]:
    """Give the row numbers at which a condition holds."""
    return [int(row) for row in where.index[where.astype("bool")].to_list()]


def _empty(kind: Kind, index: pd.Index) -> pd.Series:
    dtype = _DTYPES[kind]
    return pd.Series(
        "" if dtype == "str" else pd.NA if dtype == "boolean" else np.nan, index=index, dtype=dtype
    )


def _quoted(cell: Any, dataset: Dataset) -> str:
    """Show the cell, except where it could be about one person."""
    if dataset.about_people:
        return "a cell at fault (not shown, for the row is about a person)"
    text = str(cell)
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
    return cells.notna() & (cells.astype("str") != "")


def _bounds(column: Column) -> str:
    low = f"{column.minimum:g}" if column.minimum is not None else ""
    high = f"{column.maximum:g}" if column.maximum is not None else ""
    unit = f" ({column.unit})" if column.unit else ""
    if low and high:
        return f"from {low} to {high}{unit}"
    return f"{low} or more{unit}" if low else f"{high} or less{unit}"


def _schema_faults(typed: pd.DataFrame, raw: RawTable, dataset: Dataset, file: str) -> list[Fault]:
    faults: list[Fault] = []
    try:
        pandera_schema(dataset.name).validate(typed, lazy=True)
    except pa.errors.SchemaErrors as error:
        for case in error.failure_cases.itertuples():
            cell = raw.frame.loc[case.index, case.column]
            faults.append(
                Fault(
                    file=file,
                    sheet=raw.sheet,
                    row=int(case.index),
                    column=str(case.column),
                    found="a blank" if str(cell).strip() in ("", "nan", "<NA>") else _quoted(cell, dataset),
                    expected=str(case.check),
                    remedy="Correct the cell.",
                )
            )
    twice = typed.duplicated(list(dataset.key), keep=False)
    first = ~typed.duplicated(list(dataset.key))
    if twice.any():
        groups = typed[twice].groupby(list(dataset.key), dropna=False, sort=False)
        firsts = groups.ngroup().map(
            dict(zip(groups.ngroup()[first], typed.index[twice & first], strict=True))
        )
        faults += [
            Fault(
                file=file,
                sheet=raw.sheet,
                row=row,
                column=", ".join(dataset.key),
                found=f"the same {' × '.join(dataset.key)} as in row {int(firsts[row])}",
                expected=f"one row per {dataset.row_is}",
                remedy="Delete the duplicate, or add up the two rows.",
            )
            for row in _rows(twice & ~first)
        ]
    return faults


def _identity_faults(typed: pd.DataFrame, raw: RawTable, dataset: Dataset, file: str) -> list[Fault]:
    faults: list[Fault] = []
    for column, bad, expected in _identities(typed, dataset.name):
        faults += [
            Fault(
                file=file,
                sheet=raw.sheet,
                row=row,
                column=column,
                found=_quoted(raw.frame.loc[row, column], dataset),
                expected=expected,
                remedy="Correct whichever is wrong.",
            )
            for row in _rows(bad)
        ]
    return faults


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
