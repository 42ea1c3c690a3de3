"""Cells as people in England write them, turned into numbers, dates and flags."""

from __future__ import annotations

__all__ = ["EXPECTED", "SUPPRESSED", "parse_column"]

import re
from collections.abc import Callable
from datetime import date

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
_TRUE = frozenset({"yes", "y", "true", "1", "t"})
_FALSE = frozenset({"no", "n", "false", "0", "f"})
_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-−+])?£?(?P<digits>[\d,]*\.?\d+|\d[\d,]*\.)(?P<scale>[km]?)(?P<percent>%)?(?P<minus>-)?(?P<close>\))?"
)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})*(\.\d*)?|\d*\.?\d+|\d+\.")
_SCALE = {"": 1.0, "k": 1e3, "m": 1e6}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: 00:00(?::00)?)?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")


def parse_column(cells: pd.Series, kind: Kind) -> tuple[pd.Series, pd.Series]:
    """Read one column of text cells.

    Parameters
    ----------
    cells : Series of str, or of numbers or dates already typed
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
    day first; 31/12/9999 means still open and is read as missing, and so are the marks in
    `SUPPRESSED`. ``1,23`` is refused, for it may be a decimal comma.

    Examples
    --------
    >>> values, bad = parse_column(pd.Series(["£1,234.50", "(12)", "*", "many"]), "money")
    >>> values.tolist(), bad.tolist()
    ([1234.5, -12.0, nan, nan], [False, False, False, True])
    """
    if kind in ("number", "count", "money", "percent"):
        return _numbers(cells)
    if kind == "date":
        return _dates(cells)
    text = cells.astype("str").fillna("").str.strip()
    if kind == "text":
        return text, pd.Series(False, index=cells.index)
    if kind == "flag":
        return _flags(text)
    if kind == "month":
        months, bad = _each(text, _month)
        return pd.to_datetime(months, errors="coerce", format="%Y-%m-%d"), bad
    return _each(text, _period if kind == "period" else _day_or_month)


def _numbers(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        values = cells.astype("float64")
        return values, pd.Series(np.isinf(values), index=cells.index)
    text = cells.astype("str").fillna("").str.strip()
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    # to_numeric reads "inf", "1e3" and "nan"; a finance extract that holds them is broken, not large.
    plain = text.str.fullmatch(r"[-+]?\d*\.?\d+|[-+]?\d+\.")
    rest = text[~plain]
    values[~plain] = np.nan
    if rest.empty:
        return values, pd.Series(False, index=cells.index)
    known = {cell: _number(cell) for cell in rest.unique()}
    values[rest.index] = rest.map(known).astype("float64")
    bad = pd.Series(False, index=cells.index)
    bad[rest.index] = values[rest.index].isna() & ~rest.str.lower().isin({*SUPPRESSED, ""})
    return values, bad


def _number(cell: str) -> float:
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


def _dates(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells.dt.tz_localize(None).astype("datetime64[s]"), pd.Series(False, index=cells.index)
    text = cells.astype("str").fillna("").str.strip()
    known = {cell: _date(cell) for cell in text.unique()}
    days = text.map(known)
    bad = days.isna() & (text != "")
    values = pd.to_datetime(days.where(days != "", None), format="%Y-%m-%d", errors="coerce").astype(
        "datetime64[s]"
    )
    return values, bad


def _date(cell: str) -> str | None:
    """Give the ISO date, an empty string for an open end, or None for what is no date."""
    try:
        if match := _ISO.fullmatch(cell):
            day = date(int(match[1]), int(match[2]), int(match[3]))
        elif match := _DAY_FIRST.fullmatch(cell):
            year = int(match[3])
            day = date(year + 2000 if year < 100 else year, int(match[2]), int(match[1]))
        else:
            return "" if cell == "" else None
    except ValueError:
        return None
    if day == _OPEN_END:
        return ""
    return day.isoformat() if 1900 <= day.year < 2200 else None


def _flags(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    lower = text.str.lower()
    values = pd.Series(pd.NA, index=text.index, dtype="boolean")
    values[lower.isin(_TRUE)] = True
    values[lower.isin(_FALSE)] = False
    return values, values.isna() & (text != "")


def _each(text: pd.Series, read: Callable[[str], str | None]) -> tuple[pd.Series, pd.Series]:
    known = {cell: read(cell) for cell in text.unique()}
    values = text.map(known)
    return values.fillna("").astype("str"), values.isna() & (text != "")


def _month(cell: str) -> str | None:
    day = _date(cell)
    if day:
        return day[:8] + "01"
    period = _period(cell)
    return f"{period}-01" if period and "/" not in period else None


def _period(cell: str) -> str | None:
    text = re.sub(r"(\d{4})-(\d{2})", _year_with_a_dash, re.sub(r"(\d{4})/\d\d(\d\d)", r"\1/\2", cell))
    try:
        return Period.parse(text).label
    except ConfigError:
        return None


def _year_with_a_dash(match: re.Match[str]) -> str:
    """2018-19 can only be a financial year, since no month is the nineteenth."""
    follows = int(match[2]) == (int(match[1]) + 1) % 100
    return f"{match[1]}/{match[2]}" if follows and int(match[2]) > 12 else match[0]


def _day_or_month(cell: str) -> str | None:
    day = _date(cell)
    if day:
        return day
    period = _period(cell)
    return period if period and "/" not in period else None
