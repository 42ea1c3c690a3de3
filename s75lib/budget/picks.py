"""Take single rows out of a frame as plain records."""

from __future__ import annotations

__all__ = ["largest", "record"]

from typing import Any

import numpy as np
import pandas as pd


def largest(frame: pd.DataFrame, column: str, *, by: str = "value") -> dict[str, Any]:
    """Give the row with the largest number in a column.

    Parameters
    ----------
    frame : DataFrame
        At least one row with a number.
    column : str
    by : str
        ``value``, ``size`` (sign left out) or ``least`` (the smallest instead).

    Returns
    -------
    dict of str to object
        The first such row.

    Examples
    --------
    >>> rows = pd.DataFrame({"line": ["Nursing", "Live In"], "change": [3.0, -9.0]})
    >>> largest(rows, "change")["line"], largest(rows, "change", by="size")["line"]
    ('Nursing', 'Live In')
    """
    numbers = frame[column].to_numpy(dtype=float)
    numbers = {"value": numbers, "size": np.abs(numbers), "least": -numbers}[by]
    return record(frame.iloc[[int(np.nanargmax(numbers))]])


def record(frame: pd.DataFrame, **where: object) -> dict[str, Any]:
    """Give the first row that has the values named.

    Parameters
    ----------
    frame : DataFrame
    **where : object
        Column and value.

    Returns
    -------
    dict of str to object
    """
    keep = np.ones(len(frame), dtype=bool)
    for column, value in where.items():
        keep &= (frame[column] == value).to_numpy(dtype=bool, na_value=False)
    first = np.flatnonzero(keep)[0]
    row = frame.iloc[first : first + 1].to_dict("records")[0]
    return {str(name): value for name, value in row.items()}
