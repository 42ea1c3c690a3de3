"""A raw table against its schema: every fault at once, each with its place and remedy."""

from __future__ import annotations

__all__ = ["Validated", "read_columns", "validate", "validated"]

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pandera.pandas as pa

from s75lib.errors import DataError, Fault
from s75lib.loaders.identifiers import identifying_columns
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources import RawTable
from s75lib.loaders.validation.collecting import SHOWN, Found
from s75lib.loaders.validation.frames import typed_frame
from s75lib.loaders.validation.identities import broken_rules
from s75lib.loaders.validation.schema import pandera_schema
from s75lib.loaders.values import EXPECTED


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
    >>> from s75lib.loaders.schemas import DATASETS
    >>> cells = pd.DataFrame({"month": ["2019-08"], "measure": ["reviews"], "count": ["7"]}, index=[2])
    >>> validated(RawTable(cells), DATASETS["activity"], "activity.csv").rows.tolist()
    [2]
    """
    found = Found(file, raw, dataset)
    typed = typed_frame(raw, dataset, found)
    faults = _column_faults(found)
    if faults:
        raise DataError(faults)
    _check_schema(typed, dataset, found)
    _check_duplicates(typed, dataset, found)
    for column, bad, expected in broken_rules(typed, dataset.name):
        found.add(column, bad, expected, "Correct whichever is wrong.")
    if found.faults:
        raise DataError(found.in_order())
    return _numbered(typed)


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
    >>> from s75lib.loaders.schemas import DATASETS
    >>> cells = pd.DataFrame({"month": ["2019-08"], "measure": ["reviews"], "count": ["7"]}, index=[2])
    >>> validate(RawTable(cells), DATASETS["activity"], "activity.csv")["count"].to_list()
    [7.0]
    """
    return validated(raw, dataset, file).frame


def read_columns(raw: RawTable, dataset: Dataset, file: str, names: Collection[str]) -> Validated:
    """Turn some columns of a raw table into a typed frame, and look at no other.

    Parameters
    ----------
    raw : RawTable
    dataset : Dataset
    file : str
        As for `validated`.
    names : collection of str
        Columns of the dataset.

    Returns
    -------
    Validated
        Of these columns alone.

    Raises
    ------
    DataError
        If a required one of them is missing, a cell in them can't be read, or they hold personal details.

    Examples
    --------
    >>> from s75lib.loaders.schemas import DATASETS
    >>> cells = pd.DataFrame({"month": ["2019-08"], "measure": ["reviews"], "count": ["many"]}, index=[2])
    >>> read_columns(RawTable(cells), DATASETS["activity"], "activity.csv", ["measure"]).frame
       measure
    0  reviews
    """
    part = replace(dataset, columns=tuple(column for column in dataset.columns if column.name in names))
    held = [name for name in raw.frame.columns if name in names]
    found = Found(file, replace(raw, frame=raw.frame[held]), part)
    typed = typed_frame(found.raw, part, found)
    if faults := _column_faults(found) or found.in_order():
        raise DataError(faults)
    return _numbered(typed)


def _numbered(typed: pd.DataFrame) -> Validated:
    return Validated(typed.reset_index(drop=True), typed.index.to_numpy())


def _column_faults(found: Found) -> list[Fault]:
    raw, dataset = found.raw, found.dataset
    there = ", ".join([*map(str, raw.frame.columns), *map(str, raw.others.columns)][:20])
    faults = [
        Fault(
            file=found.file,
            sheet=raw.sheet,
            column=name,
            found=f"no such column among {there}",
            expected=f"{EXPECTED[dataset.column(name).kind]} in a column {name!r}",
            remedy=f"Add the column: {dataset.column(name).meaning}.",
        )
        for name in dataset.required
        if name not in raw.frame.columns
    ]
    known = frozenset(dataset.column_names)
    unknown = raw.frame[[name for name in raw.frame.columns if name not in known]]
    personal = dict(found.personal)
    for table in (unknown, raw.others):
        personal |= identifying_columns(table, known)
    faults += [
        Fault(
            file=found.file,
            sheet=raw.sheet,
            column=name,
            found=what,
            expected="no data that name a person",
            remedy="Take the column out, or put a pseudonymous key in its place.",
        )
        for name, what in personal.items()
    ]
    return faults


def _check_schema(typed: pd.DataFrame, dataset: Dataset, found: Found) -> None:
    try:
        pandera_schema(dataset.name).validate(typed, lazy=True, inplace=True)  # nothing is coerced
    except pa.errors.SchemaErrors as error:
        for (column, check), cases in error.failure_cases.groupby(["column", "check"], sort=False):
            bad = pd.Series(True, index=pd.Index(cases["index"].astype("int64")))
            blank = found.raw.frame[column].loc[bad.index]
            blank = blank.isna() | (blank.astype("str").str.strip() == "")
            found.add(str(column), bad & blank, str(check), "Correct the cell.", "a blank")
            found.add(str(column), bad & ~blank, str(check), "Correct the cell.")


def _check_duplicates(typed: pd.DataFrame, dataset: Dataset, found: Found) -> None:
    key = list(dataset.key)
    again = typed.duplicated(key)
    if not again.any():
        return
    groups = typed[typed.duplicated(key, keep=False)].groupby(key, dropna=False, sort=False).ngroup()
    first = groups.groupby(groups).apply(lambda rows: rows.index[0])
    twice = groups[again[groups.index]]
    found.unnamed += max(0, len(twice) - SHOWN)
    for row, group in twice.head(SHOWN).items():
        found.add_one(
            int(str(row)),
            ", ".join(key),
            f"the same {' × '.join(key)} as in row {int(first[group])}",
            f"one row per {dataset.row_is}",
            "Delete the duplicate, or add up the two rows.",
        )
