"""One column of cells, read as its kind."""

from __future__ import annotations

__all__ = ["EXPECTED", "blank_cells", "parse_cells", "parse_column", "parse_distinct"]

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from s75lib.loaders.schemas import Kind
from s75lib.loaders.values.cells import distinct_cells
from s75lib.loaders.values.days import OPEN_END, YEARS, read_day, read_day_or_month, read_month, read_period
from s75lib.loaders.values.numbers import read_numbers

EXPECTED: dict[Kind, str] = {
    "text": "text",
    "date": "a date, such as 2019-12-31 or 31/12/2019",
    "month": "a month, such as 2019-08",
    "period": "a financial year such as 2018/19, or a month such as 2018-12",
    "day_or_month": "a date such as 2019-09-26, or a month such as 2019-11",
    "number": "a number",
    "count": "a whole number",
    "money": "an amount in £, such as 1234.50 or £1,234.50",
    "percent": "a percentage from 0 to 100, such as 45 or 45%",
    "flag": "yes or no",
}
"""What a cell of each kind should hold, for messages."""
_ERRORS = frozenset(
    {"#ref!", "#n/a", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#error!"}
) | {"a formula that was never calculated"}
_TRUE = frozenset({"yes", "y", "true", "1", "t"})
_FALSE = frozenset({"no", "n", "false", "0", "f"})


def parse_column(cells: pd.Series, kind: Kind) -> tuple[pd.Series, pd.Series]:
    """Read one column of cells.

    Parameters
    ----------
    cells : Series of str, or of numbers, dates or flags already typed
        Blank cells are empty strings or missing.
    kind : Kind
        What the cells should hold.

    Returns
    -------
    values : Series
        float64 for number, count, money and percent; datetime64 for date; the first day for month;
        boolean for flag; str otherwise. Blank and suppressed cells are missing (text: an empty string).
    bad : Series of bool
        Where a cell could not be read.

    Notes
    -----
    ``£1,234.50``, ``(1,234)``, ``1,234-``, ``1.2m`` and ``45%`` are numbers; dates with slashes are
    day first; five digits are a date as Excel counts days; 31/12/9999 means still open and is read as
    missing, and so are the marks in `SUPPRESSED`. ``1,23`` is refused, for it may be a decimal comma, and
    so is a formula's error such as ``#REF!``, in text too. Where Excel has turned ``2011/12`` into the date
    2011-12-01, a period is refused, for it may have been a month.

    Each distinct cell is read once, so a column of a million rows costs what its distinct cells cost; typed
    columns, and text that comes as pandas' own, are read all at once.

    Examples
    --------
    >>> values, bad = parse_column(pd.Series(["£1,234.50", "(12)", "*", "many"]), "money")
    >>> values.tolist(), bad.tolist()
    ([1234.5, -12.0, nan, nan], [False, False, False, True])
    """
    values, bad = parse_cells(cells, kind)
    return pd.Series(values, index=cells.index), pd.Series(bad, index=cells.index)


def parse_cells(cells: pd.Series, kind: Kind) -> tuple[Any, np.ndarray]:
    """Read one column of cells as `parse_column` does, without their index.

    Parameters
    ----------
    cells : Series
    kind : Kind

    Returns
    -------
    values : array
        Of numpy, or of pandas for text and flags.
    bad : ndarray of bool

    Examples
    --------
    >>> values, bad = parse_cells(pd.Series(["45%", "half"]), "percent")
    >>> values.tolist(), bad.tolist()
    ([45.0, nan], [False, True])
    """
    if cells.dtype != "object":
        numeric = pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)
        if kind in ("number", "count", "money", "percent") and numeric:
            values = cells.astype("float64").to_numpy()
            return values, np.isinf(values)
        if kind == "date" and pd.api.types.is_datetime64_any_dtype(cells):
            return _typed_dates(cells)
        if kind == "flag" and pd.api.types.is_bool_dtype(cells):
            return cells.astype("boolean").array, np.zeros(len(cells), dtype="bool")
        if kind == "text" and cells.dtype == "str":
            texts = cells.str.strip().fillna("")
            return texts.array, texts.str.lower().isin(_ERRORS).to_numpy()
    return parse_distinct(*distinct_cells(cells), kind)


def parse_distinct(codes: np.ndarray, distinct: list[str], kind: Kind) -> tuple[Any, np.ndarray]:
    """Read one column of which the distinct cells are known as `parse_cells` does.

    Parameters
    ----------
    codes : ndarray of int
    distinct : list of str
        As `distinct_cells` gives them.
    kind : Kind

    Returns
    -------
    values : array
    bad : ndarray of bool

    Examples
    --------
    >>> parse_distinct(np.array([0, 1, 0, -1]), ["£5", "7"], "money")[0].tolist()
    [5.0, 7.0, 5.0, nan]
    """
    read, wrong = _READ[kind](distinct)
    # A missing cell has the code −1, which takes the last: a blank.
    bad = np.array([*wrong, False], dtype="bool")[codes] if any(wrong) else np.zeros(len(codes), dtype="bool")
    return read[codes], bad


def blank_cells(kind: Kind, count: int) -> Any:
    """Give a column of which every cell is missing.

    Parameters
    ----------
    kind : Kind
    count : int
        Rows.

    Returns
    -------
    array
        As `parse_cells` would read blank cells.

    Examples
    --------
    >>> blank_cells("money", 2).tolist(), blank_cells("text", 1).tolist()
    ([nan, nan], [''])
    """
    return _READ[kind]([])[0][np.full(count, -1)]


def _typed_dates(cells: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Read timestamps as text would be read: midnight only, 1900 to 2199, or the open end."""
    moments = cells.dt.tz_localize(None).to_numpy()
    days = moments.astype("datetime64[D]")
    midnight = days == moments
    open_end = midnight & (days == np.datetime64(OPEN_END))
    inside = (days >= np.datetime64(f"{YEARS[0]}-01-01")) & (days <= np.datetime64(f"{YEARS[-1]}-12-31"))
    bad = ~np.isnat(moments) & ~(midnight & (inside | open_end))
    seconds = days.astype("datetime64[s]")
    seconds[open_end | bad] = np.datetime64("NaT")
    return seconds, bad


def _dates(distinct: list[str]) -> tuple[Any, list[bool]]:
    days = [read_day(cell) for cell in distinct]
    return np.array([day or "NaT" for day in [*days, ""]], dtype="datetime64[s]"), [d is None for d in days]


def _months(distinct: list[str]) -> tuple[Any, list[bool]]:
    months = [read_month(cell) for cell in distinct]
    return np.array([month or "NaT" for month in [*months, ""]], dtype="datetime64[s]"), [
        month is None for month in months
    ]


def _flags(distinct: list[str]) -> tuple[Any, list[bool]]:
    lower = [cell.lower() for cell in distinct]
    said = [True if cell in _TRUE else False if cell in _FALSE else None for cell in lower]
    values = pd.array([*said, None], dtype="boolean")
    return values, [flag is None and cell != "" for flag, cell in zip(said, lower, strict=True)]


def _texts(distinct: list[str]) -> tuple[Any, list[bool]]:
    return pd.array([*distinct, ""], dtype="str"), [cell.lower() in _ERRORS for cell in distinct]


def _each(read: Callable[[str], str | None]) -> Callable[[list[str]], tuple[Any, list[bool]]]:
    def texts(distinct: list[str]) -> tuple[Any, list[bool]]:
        said = [read(cell) if cell else "" for cell in distinct]
        return pd.array([text or "" for text in [*said, ""]], dtype="str"), [text is None for text in said]

    return texts


_READ: dict[Kind, Callable[[list[str]], tuple[Any, list[bool]]]] = {
    "text": _texts,
    "date": _dates,
    "month": _months,
    "period": _each(read_period),
    "day_or_month": _each(read_day_or_month),
    "number": read_numbers,
    "count": read_numbers,
    "money": read_numbers,
    "percent": read_numbers,
    "flag": _flags,
}
