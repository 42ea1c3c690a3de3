"""The pandera schema of each dataset."""

from __future__ import annotations

__all__ = ["pandera_schema"]

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.dtypes import immutable
from pandera.engines.pandas_engine import DataType

from s75lib.loaders.schemas import DATASETS, Column
from s75lib.loaders.validation.frames import DTYPES
from s75lib.loaders.values import EXPECTED


@immutable
class _Text(DataType):
    """Text by its dtype alone: pandera's own string type looks at each cell, and writes a message of none."""

    type = pd.StringDtype(na_value=np.nan)


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

    Examples
    --------
    >>> sorted(check.error for check in pandera_schema("survey").columns["percent"].checks)
    ['from 0 to 100 (%)']
    """
    dataset = DATASETS[name]
    columns = {
        column.name: pa.Column(_dtype(column), checks=_checks(column), nullable=True)
        for column in dataset.columns
    }
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=name)


def _dtype(column: Column) -> Any:
    return _Text if DTYPES[column.kind] == "str" else DTYPES[column.kind]


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.minimum is not None or column.maximum is not None:
        low, high = _or(column.minimum, -np.inf), _or(column.maximum, np.inf)
        checks.append(pa.Check.in_range(low, high, error=_bounds(column)))
    if column.kind == "count":
        checks.append(pa.Check(lambda cells: cells % 1 == 0, error="a whole number"))
    if column.choices:
        allowed = [*column.choices, ""] if column.blank else list(column.choices)
        checks.append(pa.Check.isin(allowed, error=f"one of {', '.join(column.choices)}"))
    if not column.blank:
        checks.append(pa.Check(_filled, error=f"{EXPECTED[column.kind]}, not a blank", ignore_na=False))
    return checks


def _filled(cells: pd.Series) -> pd.Series:
    return cells != "" if cells.dtype == "str" else cells.notna()


def _or(bound: float | None, other: float) -> float:
    return other if bound is None else bound


def _bounds(column: Column) -> str:
    low = f"{column.minimum:g}" if column.minimum is not None else ""
    high = f"{column.maximum:g}" if column.maximum is not None else ""
    unit = f" ({column.unit})" if column.unit else ""
    if low and high:
        return f"from {low} to {high}{unit}"
    return f"{low} or more{unit}" if low else f"{high} or less{unit}"
