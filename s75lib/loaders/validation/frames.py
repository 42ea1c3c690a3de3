"""Typed frames: each column of the schema as its kind."""

from __future__ import annotations

__all__ = ["DTYPES", "empty_frame", "typed_frame"]

from functools import cache
from typing import Any

import pandas as pd

from s75lib.loaders.identifiers import identifying_columns, personal_cells
from s75lib.loaders.schemas import Dataset, Kind
from s75lib.loaders.sources import RawTable
from s75lib.loaders.validation.collecting import Found
from s75lib.loaders.values import EXPECTED, blank_cells, distinct_cells, parse_cells, parse_distinct

DTYPES: dict[Kind, Any] = {
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
"""How pandas holds each kind."""


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
    >>> from s75lib.loaders.schemas import DATASETS
    >>> empty_frame(DATASETS["risks"]).shape
    (0, 10)
    """
    return _empty(dataset).copy(deep=False)


def typed_frame(raw: RawTable, dataset: Dataset, found: Found) -> pd.DataFrame:
    """Read every column of the schema.

    Parameters
    ----------
    raw : RawTable
    dataset : Dataset
    found : Found
        Takes the cells that can't be read, and which columns identify people.

    Returns
    -------
    DataFrame
        Indexed by row number; what can't be read is missing.
    """
    columns: dict[str, Any] = {}
    index = raw.frame.index
    remedy = "Correct the cell, or leave it blank if the figure is not known."
    for column in dataset.columns:
        if column.name not in raw.frame.columns:
            columns[column.name] = blank_cells(column.kind, len(index))
            continue
        cells = raw.frame[column.name]
        if cells.dtype == "object":  # what is found once of the distinct cells serves both
            codes, distinct = distinct_cells(cells)
            telling = personal_cells(column.name, codes, distinct)
            columns[column.name], bad = parse_distinct(codes, distinct, column.kind)
        else:
            telling = identifying_columns(cells.to_frame(), frozenset({column.name})).get(column.name, "")
            columns[column.name], bad = parse_cells(cells, column.kind)
        if telling:
            found.personal[column.name] = telling
        if bad.any():
            found.add(column.name, pd.Series(bad, index=index), EXPECTED[column.kind], remedy)
            found.unread[column.name] = set(index[bad])
    return pd.DataFrame(columns, index=index)


@cache
def _empty(dataset: Dataset) -> pd.DataFrame:
    return pd.DataFrame({column.name: blank_cells(column.kind, 0) for column in dataset.columns})
