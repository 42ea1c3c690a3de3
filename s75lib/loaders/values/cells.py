"""A column"s cells as text, and the distinct ones among them."""

from __future__ import annotations

__all__ = ["as_text", "distinct_cells"]

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd


def as_text(cell: Any) -> str:
    """Write a typed cell as a spreadsheet's CSV would hold it.

    Parameters
    ----------
    cell : object
        Text, a number, a date, a flag or nothing, from a workbook, a database or Parquet.

    Returns
    -------
    str
        Numbers with every digit that they need and no exponent; ISO dates, with the time if it is not
        midnight; empty for what is missing.

    Examples
    --------
    >>> [as_text(cell) for cell in (7.0, 0.1, 1e-7, date(2024, 4, 30), Decimal("12.50"), None)]
    ['7', '0.1', '0.0000001', '2024-04-30', '12.50', '']
    """
    if isinstance(cell, str):
        return cell
    if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell:
        return ""
    if isinstance(cell, datetime):
        day = cell.replace(tzinfo=None)
        return day.date().isoformat() if day == datetime(day.year, day.month, day.day) else day.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        text = repr(float(cell))
        return np.format_float_positional(cell, trim="-") if "e" in text else text
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def distinct_cells(cells: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Find the distinct cells of a column.

    Parameters
    ----------
    cells : Series

    Returns
    -------
    codes : ndarray of int
        Each row's place among the distinct cells; −1 where there is none.
    distinct : list of str
        As text, stripped.

    Examples
    --------
    >>> codes, distinct = distinct_cells(pd.Series(["a", "b", None, "a"]))
    >>> codes.tolist(), distinct
    ([0, 1, -1, 0], ['a', 'b'])
    """
    found: Any
    if isinstance(cells.dtype, pd.CategoricalDtype):
        codes, found = cells.cat.codes.to_numpy(), cells.cat.categories
    else:
        codes, found = pd.factorize(cells.to_numpy() if cells.dtype == "object" else cells)
    every = np.asarray(found, dtype="object")
    return codes, [cell.strip() if type(cell) is str else as_text(cell).strip() for cell in every]
