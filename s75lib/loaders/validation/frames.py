"""Typed frames: each column of the schema as its kind."""

from __future__ import annotations

__all__ = ["DTYPES", "empty_frame", "typed_frame"]

from typing import Any

import numpy as np
import pandas as pd

from s75lib.loaders.schemas import Dataset, Kind
from s75lib.loaders.sources import RawTable
from s75lib.loaders.validation.collecting import Found
from s75lib.loaders.values import EXPECTED, parse_column

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
    index = pd.RangeIndex(0)
    return pd.DataFrame({column.name: _empty(column.kind, index) for column in dataset.columns})


def typed_frame(raw: RawTable, dataset: Dataset, found: Found) -> pd.DataFrame:
    """Read every column of the schema.

    Parameters
    ----------
    raw : RawTable
    dataset : Dataset
    found : Found
        Takes the cells that can't be read.

    Returns
    -------
    DataFrame
        Indexed by row number; what can't be read is missing.
    """
    columns: dict[str, pd.Series] = {}
    remedy = "Correct the cell, or leave it blank if the figure is not known."
    for column in dataset.columns:
        if column.name not in raw.frame.columns:
            columns[column.name] = _empty(column.kind, raw.frame.index)
            continue
        values, bad = parse_column(raw.frame[column.name], column.kind)
        columns[column.name] = values.astype(DTYPES[column.kind])
        found.add(column.name, bad, EXPECTED[column.kind], remedy)
        found.unread[column.name] = set(bad.index[bad.to_numpy()])
    return pd.DataFrame(columns, index=raw.frame.index)


def _empty(kind: Kind, index: pd.Index) -> pd.Series:
    dtype = DTYPES[kind]
    return pd.Series(
        "" if dtype == "str" else pd.NA if dtype == "boolean" else np.nan, index=index, dtype=dtype
    )
