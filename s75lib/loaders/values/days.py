"""Days, months and periods as people in England write them."""

from __future__ import annotations

__all__ = ["OPEN_END", "YEARS", "read_day", "read_day_or_month", "read_month", "read_period"]

import re
from datetime import date, timedelta

from s75lib.errors import ConfigError
from s75lib.loaders.period import Period

OPEN_END = date(9999, 12, 31)
"""What stands for no end."""

YEARS = range(1900, 2200)
"""Years that a date may be of."""

_SERIAL = re.compile(r"[2-7]\d{4}|2958465", re.ASCII)  # 1954 to 2119 as Excel counts days; 31/12/9999
_SERIAL_ZERO = date(1899, 12, 30)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: 00:00(?::00)?)?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)


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
        if _ISO.fullmatch(cell):
            day = date.fromisoformat(cell[:10])
        elif match := _DAY_FIRST.fullmatch(cell):
            year = int(match[3])
            day = date(year + 2000 if year < 100 else year, int(match[2]), int(match[1]))
        elif _SERIAL.fullmatch(cell):
            day = _SERIAL_ZERO + timedelta(days=int(cell))
        else:
            return "" if cell == "" else None
    except ValueError:
        return None
    if day == OPEN_END:
        return ""
    return day.isoformat() if day.year in YEARS else None


def read_month(cell: str) -> str | None:
    """Read one month.

    Parameters
    ----------
    cell : str

    Returns
    -------
    str or None
        The ISO date of its first day; an empty string for a blank; None for what is no month.

    Examples
    --------
    >>> read_month("2019-08"), read_month("14/8/2019"), read_month("August")
    ('2019-08-01', '2019-08-01', None)
    """
    day = read_day(cell)
    if day is not None:
        return day[:8] + "01" if day else "" if cell == "" else None
    period = read_period(cell)
    return f"{period}-01" if period and "/" not in period else None


def read_day_or_month(cell: str) -> str | None:
    """Read a date, or else a month.

    Parameters
    ----------
    cell : str

    Returns
    -------
    str or None
        As 2019-09-26 or as 2019-11; None for what is neither.

    Examples
    --------
    >>> read_day_or_month("26/9/2019"), read_day_or_month("2019-11"), read_day_or_month("2019/20")
    ('2019-09-26', '2019-11', None)
    """
    day = read_day(cell)
    if day:
        return day
    period = read_period(cell)
    return period if period and "/" not in period else None


def read_period(cell: str) -> str | None:
    """Read a financial year or a month.

    Parameters
    ----------
    cell : str

    Returns
    -------
    str or None
        As 2018/19 or as 2018-12; None for what is neither, or could be both.

    Examples
    --------
    >>> read_period("2018-19"), read_period("2018/2019"), read_period("2011-12-01")
    ('2018/19', '2018/19', None)
    """
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
    if day != 1 or not 1 <= month <= 12 or year not in YEARS or month == (year + 1) % 100:
        return None
    return f"{year}-{month:02d}"


def _year_with_a_dash(match: re.Match[str]) -> str:
    """2018-19 can only be a financial year, since no month is the nineteenth."""
    follows = int(match[2]) == (int(match[1]) + 1) % 100
    return f"{match[1]}/{match[2]}" if follows and int(match[2]) > 12 else match[0]
