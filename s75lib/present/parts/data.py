"""Frames and cells as JSON can hold them."""

from __future__ import annotations

__all__ = ["plain", "records", "zipped"]

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give a frame's rows as JSON-able records.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    list of dict
        Missing values are None, dates ISO text, numpy scalars plain ones.

    Examples
    --------
    >>> records(pd.DataFrame({"a": [1.0, float("nan")], "b": pd.to_datetime(["2019-12-31", None])}))
    [{'a': 1.0, 'b': '2019-12-31'}, {'a': None, 'b': None}]
    """
    return zipped({str(name): values.tolist() for name, values in frame.items()})


def zipped(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Give columns as JSON-able records; see `records`.

    Parameters
    ----------
    columns : mapping of str to sequence
        Of one length.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> zipped({"a": [1.0, float("nan")], "b": ["x", None]})
    [{'a': 1.0, 'b': 'x'}, {'a': None, 'b': None}]
    """
    rows = zip(*(map(plain, values) for values in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def plain(value: Any) -> Any:
    """Turn a cell into what JSON can hold.

    Parameters
    ----------
    value : object

    Returns
    -------
    str, int, float, bool or None

    Examples
    --------
    >>> plain(pd.Timestamp("2019-12-31")), plain(float("inf")), plain(pd.NA)
    ('2019-12-31', None, None)
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int | bool):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return str(value)
