"""The pandera schema of each dataset."""

from __future__ import annotations

__all__ = ["pandera_schema"]

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.dtypes import immutable
from pandera.engines.pandas_engine import DataType, Engine

from s75lib.loaders.schemas import DATASETS, Column
from s75lib.loaders.validation.frames import DTYPES
from s75lib.loaders.values import EXPECTED


@immutable
class _Text(DataType):
    """Text by its dtype alone: pandera's own string type looks at each cell, and writes a message of none."""

    type = pd.StringDtype(na_value=np.nan)


@Engine.register_dtype(equivalents=[np.dtype("datetime64[s]")])
@immutable
class _Day(DataType):
    """A day, of a dtype that pandera knows: for each that it does not, it tries to import geopandas."""

    type = np.dtype("datetime64[s]")


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
    return {"str": _Text, "datetime64[s]": _Day}.get(DTYPES[column.kind], DTYPES[column.kind])


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.minimum is not None or column.maximum is not None:
        low, high = _or(column.minimum, -np.inf), _or(column.maximum, np.inf)
        checks.append(_check(lambda cells: ~((cells < low) | (cells > high)), _bounds(column)))
    if column.kind == "count":
        checks.append(_check(lambda cells: np.isnan(cells) | (cells % 1 == 0), "a whole number"))
    if column.choices:
        allowed = [*column.choices, ""] if column.blank else list(column.choices)
        checks.append(_check(lambda cells: cells.isin(allowed), f"one of {', '.join(column.choices)}"))
    if not column.blank:
        checks.append(_check(_filled, f"{EXPECTED[column.kind]}, not a blank"))
    return checks


def _check(holds: Callable[[Any], Any], error: str) -> pa.Check:
    """Make a check of a column's array; what is missing is for `holds` to judge.

    Of a plain True pandera makes nothing, while a Series it looks at again and again.
    """

    def check(cells: pd.Series) -> bool | pd.Series:
        fine = holds(cells.values)
        return True if fine.all() else pd.Series(fine, index=cells.index)

    return pa.Check(check, error=error, ignore_na=False)


def _filled(cells: Any) -> Any:
    return cells != "" if cells.dtype == "str" else ~pd.isna(cells)


def _or(bound: float | None, other: float) -> float:
    return other if bound is None else bound


def _bounds(column: Column) -> str:
    low = f"{column.minimum:g}" if column.minimum is not None else ""
    high = f"{column.maximum:g}" if column.maximum is not None else ""
    unit = f" ({column.unit})" if column.unit else ""
    if low and high:
        return f"from {low} to {high}{unit}"
    return f"{low} or more{unit}" if low else f"{high} or less{unit}"
