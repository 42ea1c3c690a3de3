"""Cells as people in England write them, turned into numbers, dates and flags."""

from __future__ import annotations

__all__ = ["EXPECTED", "SUPPRESSED", "as_text", "distinct_cells", "parse_column", "read_day"]

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from s75lib.errors import ConfigError
from s75lib.loaders.period import Period
from s75lib.loaders.schemas import Kind

SUPPRESSED = frozenset({"*", "c", "[c]", "<5", "[low]", "[x]"})
"""Marks that publishers put where a small number was hidden; read as missing."""

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

_OPEN_END = date(9999, 12, 31)
_YEARS = range(1900, 2200)
_ERRORS = frozenset(
    {"#ref!", "#n/a", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#error!"}
) | {"a formula that was never calculated"}
_LONGEST_NUMBER = 64  # characters; no amount is longer, and the pattern's time grows with their square
_SERIAL = re.compile(r"[2-7]\d{4}|2958465", re.ASCII)  # 1954 to 2119 as Excel counts days; 31/12/9999
_SERIAL_ZERO = date(1899, 12, 30)
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_TRUE = frozenset({"yes", "y", "true", "1", "t"})
_FALSE = frozenset({"no", "n", "false", "0", "f"})
_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-−+])?£?(?P<digits>[\d,]*\.?\d+|\d[\d,]*\.)(?P<scale>[km]?)(?P<percent>%)?(?P<minus>-)?(?P<close>\))?",
    re.ASCII,
)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})*(\.\d*)?|\d*\.?\d+|\d+\.")
_SCALE = {"": 1.0, "k": 1e3, "m": 1e6}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: 00:00(?::00)?)?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)


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

    Each distinct cell is read once, so a column of a million rows costs what its distinct cells cost.

    Examples
    --------
    >>> values, bad = parse_column(pd.Series(["£1,234.50", "(12)", "*", "many"]), "money")
    >>> values.tolist(), bad.tolist()
    ([1234.5, -12.0, nan, nan], [False, False, False, True])
    """
    numeric = pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)
    if kind in ("number", "count", "money", "percent") and numeric:
        values = cells.astype("float64")
        return values, pd.Series(np.isinf(values.to_numpy()), index=cells.index)
    if kind == "date" and pd.api.types.is_datetime64_any_dtype(cells):
        return _typed_dates(cells)
    if kind == "flag" and pd.api.types.is_bool_dtype(cells):
        return cells.astype("boolean"), pd.Series(False, index=cells.index)
    codes, distinct = distinct_cells(cells)
    values, bad = _READ[kind](distinct)
    # A missing cell has the code −1, which takes the last: a blank.
    return (
        pd.Series(values[codes], index=cells.index),
        pd.Series(np.array([*bad, False], dtype="bool")[codes], index=cells.index),
    )


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


def read_day(cell: str) -> str | None:
    """Read one date.

    Parameters
    ----------
    cell : str

    Returns
    -------
    str or None
        The ISO date; an empty string for a blank or an open end; None for what is no date.

    Examples
    --------
    >>> read_day("1/2/2019"), read_day("43831"), read_day("31/12/9999"), read_day("soon")
    ('2019-02-01', '2020-01-01', '', None)
    """
    try:
        if match := _ISO.fullmatch(cell):
            day = date(int(match[1]), int(match[2]), int(match[3]))
        elif match := _DAY_FIRST.fullmatch(cell):
            year = int(match[3])
            day = date(year + 2000 if year < 100 else year, int(match[2]), int(match[1]))
        elif _SERIAL.fullmatch(cell):
            day = _SERIAL_ZERO + timedelta(days=int(cell))
        else:
            return "" if cell == "" else None
    except ValueError:
        return None
    if day == _OPEN_END:
        return ""
    return day.isoformat() if day.year in _YEARS else None


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
    if isinstance(cells.dtype, pd.CategoricalDtype):
        codes, found = cells.cat.codes.to_numpy(), cells.cat.categories
    else:
        codes, found = pd.factorize(cells)
    every = np.asarray(found, dtype="object")
    return codes, [cell.strip() if type(cell) is str else as_text(cell).strip() for cell in every]


def _numbers(distinct: list[str]) -> tuple[Any, list[bool]]:
    hidden = {*SUPPRESSED, ""}
    values = [float(cell) if _PLAIN.fullmatch(cell) else _number(cell) for cell in distinct]
    kept = np.array([*values, np.nan])
    kept[np.isinf(kept)] = np.nan  # hundreds of digits are no amount
    missing = np.isnan(kept[:-1])
    return kept, [
        bool(gone) and cell.lower() not in hidden for cell, gone in zip(distinct, missing, strict=True)
    ]


def _number(cell: str) -> float:
    if len(cell) > _LONGEST_NUMBER:
        return np.nan
    match = _NUMBER.fullmatch(cell.replace(" ", "").lower())
    if (
        match is None
        or bool(match["open"]) != bool(match["close"])
        or not _THOUSANDS.fullmatch(match["digits"])
    ):
        return np.nan
    signs = [bool(match["open"]), match["sign"] in ("-", "−"), bool(match["minus"])]
    if sum(signs) > 1:
        return np.nan
    size = float(match["digits"].replace(",", "")) * _SCALE[match["scale"]]
    return -size if any(signs) else size


def _typed_dates(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read timestamps as text would be read: midnight only, 1900 to 2199, or the open end."""
    days = cells.dt.tz_localize(None)
    seconds = days.astype("datetime64[s]")
    midnight = (seconds == days).to_numpy() & (seconds.to_numpy().astype("int64") % 86_400 == 0)
    open_end = (seconds == pd.Timestamp(_OPEN_END)).to_numpy() & midnight
    inside = (seconds >= pd.Timestamp(_YEARS[0], 1, 1)) & (seconds < pd.Timestamp(_YEARS[-1] + 1, 1, 1))
    bad = days.notna().to_numpy() & ~(midnight & (inside.to_numpy() | open_end))
    none = open_end | bad
    return seconds.mask(none) if none.any() else seconds, pd.Series(bad, index=cells.index)


def _dates(distinct: list[str]) -> tuple[Any, list[bool]]:
    days = [read_day(cell) for cell in distinct]
    return np.array([day or "NaT" for day in [*days, ""]], dtype="datetime64[s]"), [d is None for d in days]


def _months(distinct: list[str]) -> tuple[Any, list[bool]]:
    months = [_month(cell) for cell in distinct]
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


def _month(cell: str) -> str | None:
    day = read_day(cell)
    if day is not None:
        return day[:8] + "01" if day else "" if cell == "" else None
    period = _period(cell)
    return f"{period}-01" if period and "/" not in period else None


def _period(cell: str) -> str | None:
    if match := _ISO.fullmatch(cell):
        return _period_from_a_date(match)
    text = re.sub(r"(\d{4})-(\d{2})", _year_with_a_dash, re.sub(r"(\d{4})/\d\d(\d\d)", r"\1/\2", cell))
    try:
        return Period.parse(text).label
    except ConfigError:
        return None


def _period_from_a_date(match: re.Match[str]) -> str | None:
    """Excel turns 2018-12 into the first of December, but 2011/12 into the first of December 2011 too."""
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if day != 1 or not 1 <= month <= 12 or year not in _YEARS or month == (year + 1) % 100:
        return None
    return f"{year}-{month:02d}"


def _year_with_a_dash(match: re.Match[str]) -> str:
    """2018-19 can only be a financial year, since no month is the nineteenth."""
    follows = int(match[2]) == (int(match[1]) + 1) % 100
    return f"{match[1]}/{match[2]}" if follows and int(match[2]) > 12 else match[0]


def _day_or_month(cell: str) -> str | None:
    day = read_day(cell)
    if day:
        return day
    period = _period(cell)
    return period if period and "/" not in period else None


_READ: dict[Kind, Callable[[list[str]], tuple[Any, list[bool]]]] = {
    "text": _texts,
    "date": _dates,
    "month": _months,
    "period": _each(_period),
    "day_or_month": _each(_day_or_month),
    "number": _numbers,
    "count": _numbers,
    "money": _numbers,
    "percent": _numbers,
    "flag": _flags,
}
