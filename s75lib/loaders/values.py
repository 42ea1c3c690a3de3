"""Cells as people in England write them, turned into numbers, dates and flags; and text written safely."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd

from s75lib.errors import ConfigError
from s75lib.loaders.period import Period
from s75lib.loaders.schemas import Kind

EXPECTED: dict[Kind, str] = {
    "text": "text",
    "slug": "a name",
    "date": "a date, such as 2019-12-31 or 31/12/2019",
    "month": "a month, such as 2019-08",
    "period": "a financial year such as 2018/19, a quarter such as 2018/19-Q3, or a month such as 2018-12",
    "day_or_month": "a date such as 2019-09-26, or a month such as 2019-11",
    "number": "a number",
    "count": "a whole number",
    "money": "an amount in £, such as 1234.50 or £1,234.50",
    "percent": "a percentage from 0 to 100, such as 45 or 45%",
    "flag": "yes or no",
}
"""What a cell of each kind should hold, for messages."""

_MARKS = (
    "*|**|c|[c]|<5|[low]|[x]|[z]|[u]|..|…|-|–|—|n/a|na|n.a.|n/k|nk|nr|null|tbc|suppressed|not known"
    "|not available|not recorded"
)
SUPPRESSED = frozenset(_MARKS.split("|"))
"""Marks that stand where a number was hidden or is not known; read as missing, and never as 0."""

FORMULA = (*"=+-@\t\r\n|%", *"\uff1d\uff0b\uff0d\uff20")
"""How a formula can begin, or what a spreadsheet drops before one."""

FRACTION = re.compile(r"(\d[\d,]*) ?(?:/|out of|of) ?(\d[\d,]*)(?: ?\([\d.]+ ?%\))?", re.ASCII)
"""A figure written as a numerator and its denominator: 45/100, 45 of 100, 45/100 (45%)."""

_POSTS = re.compile(r"(?<=\d)\s*(?:wte|fte)s?$", re.ASCII | re.IGNORECASE)

ERRORS = frozenset(
    {"#ref!", "#n/a", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#error!"}
) | {"a formula that was never calculated"}
_TRUE = frozenset({"yes", "y", "true", "1", "t"})
_FALSE = frozenset({"no", "n", "false", "0", "f"})

_LONGEST = 64  # characters; no amount is longer, and the pattern's time grows with their square
_FEW = re.compile(
    r"[<≤]=? ?\d+|(?:fewer|less) than \d+|under \d+|[01] ?(?:to|-|–) ?\d", re.ASCII | re.IGNORECASE
)
_SCALES = {
    1000: re.compile(
        r"£\s?['’]?0{3}|(?<!\d)['’]0{3}\b|\b0{3}['’]?s\b|(£|\bgbp)\s?['’]?k\b|£\s?thousand"
        r"|\bin thousands\b|[(\[]\W*(k|thousands?|0{3})\W*[)\]]",
        re.IGNORECASE,
    ),
    1_000_000: re.compile(
        r"(£\s?['’]?|\bgbp\s?)mn?\b|£\s?million|\bin millions\b|[(\[]\W*(mn|millions?)\W*[)\]]",
        re.IGNORECASE,
    ),
}
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-+])?£?(?P<digits>[\d,]*\.?\d+|\d[\d,]*\.)(?P<scale>[km]?)(?P<percent>%)?(?P<minus>-|cr)?(?:dr)?(?P<close>\))?",
    re.ASCII,
)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})*(\.\d*)?|\d*\.?\d+|\d+\.")
_SCALE = {"": 1.0, "k": 1e3, "m": 1e6}
_WRITTEN_NUMBER = re.compile(r"[+-]?[£\d][\d,.]*(?:[eE][+-]?\d+)?%?-?")

_OPEN_ENDS = frozenset(
    {
        *(date(year, 12, 31) for year in (2099, 2199, 2999, 3000, 3999, 4712, 9999)),
        *(date(1, 1, 1), date(1753, 1, 1), date(1899, 12, 30), date(1900, 1, 1), date(1970, 1, 1)),
        *(date(2079, 6, 6), date(2100, 1, 1), date(2100, 12, 31)),
    }
)
"""Dates that systems write where there is none: last and first days of their calendars."""
_NOT_DATED = (
    "|0|00/01/1900|null|(null)|none|nat|n/a|na|-|–|n/k|tbc|tba|to be confirmed|ongoing|on-going"
    "|open|open ended|open-ended"
    "|current|live|active|continuing|permanent|long term|no end date|until further notice|not set"
    "|not known|nan|<null>|[null]|(blank)|blank"
)
_NO_DATE = frozenset(_NOT_DATED.split("|"))
_YEARS = range(1900, 2200)
# 1954 to 2119 as Excel counts days, perhaps with a time; 31/12/9999.
_SERIAL = re.compile(r"([2-7]\d{4}|2958465)(?:\.\d+)?", re.ASCII)
_SERIAL_ZERO = date(1899, 12, 30)
_DAY_FIRST = re.compile(r"(\d{1,2})([/. -])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_MONTH_FIRST = re.compile(r"(?:0?[1-9]|1[0-2])[/.-](?:1[3-9]|2\d|3[01])[/.-](?:\d{4}|\d{2})\b.*", re.ASCII)
_NAMED_MONTH = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[ -])?([a-z]{3,9}),?[ ./-]?['’]?(\d{4}|\d{2})", re.ASCII | re.IGNORECASE
)
_NAME_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII | re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +(?=\d)", re.ASCII | re.IGNORECASE)
_TIME = re.compile(  # 23:00 is midnight of the next day in an export that knows no summer time
    r"(?<=\d)[T ]+(?!23:00(?::00)?(?!:?\d))[012]?\d:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?"
    r"(?: ?[ap]m)?(?:Z|[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_MONTH_NAMES = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
_RUN_TOGETHER = re.compile(r"(\d{4})(\d{2})", re.ASCII)
_YEAR_AND_MONTH = re.compile(r"(\d{4})/?(\d{2})", re.ASCII)
_MONTH_AND_YEAR = re.compile(r"(\d{1,2})[/.-](\d{4})", re.ASCII)
_SHORT_YEARS = re.compile(r"(\d{2})[/-](\d{2})", re.ASCII)
_SPACES = re.compile(r"\s+")
_UNSEEN = (  # but for controls that count as spaces
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_ODD_SPACES = re.compile(rf"[^\S ]|  |{_UNSEEN}")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_COMPACT = re.compile(r"\d{8}", re.ASCII)
_REMARK = re.compile(  # of a period: whether its figures are final, which months it has, a footnote's star
    r"(?<=[\w)])\*+$|\((?:p|r|prov\w*|revised|draft|final|outturn|[a-z]{3,9} ?(?:-|–|to) ?[a-z]{3,9})\)"
    r"|(?<=\d) (?:outturn|actual|provisional|revised|draft|final)$",
    re.IGNORECASE,
)
_MONTHS_APART = re.compile(
    r"([a-z]{3,9})[ .-]*(?:'?\d{2}|\d{4})? ?(?:-|to|/) ?([a-z]{3,9})[ .,-]*(['’]?\d{2}|\d{4})(/\d{2})?",
    re.IGNORECASE | re.ASCII,
)
_ENDING = re.compile(r"(?:12 months|(year|quarter|month)) (?:ending|ended|to) (.+)", re.IGNORECASE)


def as_text(cell: Any) -> str:
    """Write a typed cell as a spreadsheet's CSV would hold it.

    Numbers have all their digits and no exponent; dates are ISO, with the time unless it is midnight.

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
    """Give each row's place among the distinct cells (−1 where there is none), and those as stripped text.

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


def parse_column(cells: pd.Series, kind: Kind) -> tuple[pd.Series, pd.Series]:
    """Read one column of cells: its values, and where a cell could not be read.

    Numbers are float64, dates datetime64, flags boolean, a month its first day, the rest str. Blank and
    suppressed cells are missing, and so is what means no date: 31/12/9999, NULL, "Ongoing". Refused are
    ``1,23``, which may be a decimal comma, a formula's error such as ``#REF!``, a percent sign in money or a
    count, 23:00, which may be the next day's midnight, and 2011-12-01 as a period, which Excel may have made
    of ``2011/12``.

    >>> values, bad = parse_column(pd.Series(["£1,234.50", "(12)", "*", "many"]), "money")
    >>> values.tolist(), bad.tolist()
    ([1234.5, -12.0, nan, nan], [False, False, False, True])
    """
    values, bad = parse_cells(cells, kind)
    return pd.Series(values, index=cells.index), pd.Series(bad, index=cells.index)


def parse_cells(cells: pd.Series, kind: Kind) -> tuple[Any, np.ndarray]:
    """Read one column of cells as `parse_column` does, into arrays."""
    if cells.dtype != "object":
        numeric = pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)
        if kind in ("number", "count", "money", "percent") and numeric:
            values = cells.astype("float64").to_numpy()
            return values, np.isinf(values)
        if kind == "date" and pd.api.types.is_datetime64_any_dtype(cells):
            return _typed_dates(cells)
        if kind == "flag" and pd.api.types.is_bool_dtype(cells):
            return cells.astype("boolean").array, np.zeros(len(cells), dtype="bool")
    return parse_distinct(*distinct_cells(cells), kind)


def parse_distinct(codes: np.ndarray, distinct: list[str], kind: Kind) -> tuple[Any, np.ndarray]:
    """Read one column, of which `distinct_cells` are known, as `parse_cells` does."""
    read, wrong = _READ[kind](distinct)
    # A missing cell has the code −1, which takes the last: a blank.
    bad = np.array([*wrong, False], dtype="bool")[codes] if any(wrong) else np.zeros(len(codes), dtype="bool")
    return read[codes], bad


def blank_cells(kind: Kind, count: int) -> Any:
    """Give a column of which every cell is missing, as `parse_cells` would read it."""
    return _READ[kind]([])[0][np.full(count, -1)]


def read_day(cell: str) -> str | None:
    """Read a date into ISO form; an empty string for a blank or an open end, None for what is no date.

    >>> read_day("1/2/2019"), read_day("43831"), read_day("31/12/9999"), read_day("soon")
    ('2019-02-01', '2020-01-01', '', None)
    >>> read_day("Mon 1st April 2024"), read_day("20240401"), read_day("01/04/2024 09:30")
    ('2024-04-01', '2024-04-01', '2024-04-01')
    >>> read_day("2024/04/01"), read_day("Apr 1, 2024"), read_day("45383.5")
    ('2024-04-01', '2024-04-01', '2024-04-01')
    """
    cell = _TIME.sub("", cell) if ":" in cell else cell
    cell = _WEEKDAY.sub("", cell) if cell[:1].isalpha() else cell
    try:
        if _ISO.fullmatch(cell) or _COMPACT.fullmatch(cell):
            day = date.fromisoformat(cell)
        elif match := _DAY_FIRST.fullmatch(cell):
            day = date(_full_year(match[4]), int(match[3]), int(match[1]))
        elif match := _YEAR_FIRST.fullmatch(cell):
            day = date(int(match[1]), int(match[3]), int(match[4]))
        elif match := _SERIAL.fullmatch(cell):
            day = _SERIAL_ZERO + timedelta(days=int(match[1]))
        elif (match := _NAMED_MONTH.fullmatch(cell)) and match[1]:
            day = date(_full_year(match[3]), _MONTH_NAMES.get(match[2].lower(), 0), int(match[1]))
        elif match := _NAME_FIRST.fullmatch(cell):
            day = date(int(match[3]), _MONTH_NAMES.get(match[1].lower(), 0), int(match[2]))
        else:
            return "" if cell.lower() in _NO_DATE else None
    except ValueError:
        return None if cell.strip("0/.-") else ""  # 00/00/0000
    if day in _OPEN_ENDS and (str(day.year) in cell or _SERIAL.fullmatch(cell)):
        return ""  # 31/12/99 is left to whoever knows the century
    return day.isoformat() if day.year in _YEARS else None


def age_bands(ages: Any) -> pd.Series:
    """Give the age band of each age in years, as the contract has them; empty where it is not known.

    >>> age_bands([17, 18, 90, np.nan]).tolist()
    ['under 18', '18-64', '85 and over', '']
    """
    names = ["under 18", "18-64", "65-74", "75-84", "85 and over"]
    bands = pd.cut(pd.Series(ages, dtype="float64"), [0, 18, 65, 75, 85, np.inf], right=False, labels=names)
    return bands.astype("str").fillna("")


def csv_safe(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; numbers are left alone.

    >>> csv_safe("=cmd|'/c calc'!A1"), csv_safe("-12.5"), csv_safe("Team -1")
    ("'=cmd|'/c calc'!A1", '-12.5', 'Team -1')
    """
    return f"'{text}" if text.startswith(FORMULA) and not _WRITTEN_NUMBER.fullmatch(text) else text


def slug_of(text: str) -> str:
    """Write an indicator's name as a slug, so that it is one however its label is written.

    >>> slug_of("Sickness absence "), slug_of("Follow-up (72 hours)")
    ('sickness_absence', 'follow_up_72_hours')
    """
    return re.sub(r"[\W_]+", "_", text.casefold()).strip("_")


def write_csv(frame: pd.DataFrame, path: Path | TextIO) -> None:
    """Write a frame without its index as a CSV file in which no text is a formula; days are ISO dates."""
    safe = {
        str(name): frame[name].map(lambda cell: csv_safe(cell) if isinstance(cell, str) else cell)
        for name in frame
        if frame[name].dtype in ("str", "object")
    }
    frame.assign(**safe).rename(columns=csv_safe).to_csv(
        path, index=False, date_format="%Y-%m-%d", lineterminator="\n"
    )


def scale_of(text: str) -> int:
    """Tell by how much figures are to be multiplied to be in £; 0 where nothing is said.

    >>> scale_of("Budget monitor (£000s)"), scale_of("All figures in £m"), scale_of("Budget")
    (1000, 1000000, 0)
    """
    said = re.sub(r"\bnot (in )?\S+", "", text, flags=re.IGNORECASE)
    return next((scale for scale, pattern in _SCALES.items() if pattern.search(said)), 0)


def is_scale(cell: str) -> bool:
    """Whether a cell says in what the figures beside or below it are, and nothing else.

    >>> is_scale("£000"), is_scale("(£k)"), is_scale("Spend over £1m")
    (True, True, False)
    """
    return bool(re.fullmatch(r"\W*(?:in )?['’]?(?:0{3}['’]?s?|k|m|thousands?|millions?)\W*", cell)) and (
        scale_of(cell) > 0
    )


def is_unknown(cell: str) -> bool:
    """Whether a cell says that a figure was hidden, or is not known.

    Examples
    --------
    >>> [is_unknown(cell) for cell in ("<5", "< 10", "[c]", "N/A", "1 to 4", "5", "0")]
    [True, True, True, True, True, False, False]
    """
    return cell.lower() in SUPPRESSED or bool(_FEW.fullmatch(cell))


def _full_year(digits: str) -> int:
    return int(digits) + 2000 if len(digits) == 2 else int(digits)


def is_month_first(cell: str) -> bool:
    """Whether a cell is a date that can only be read month first.

    >>> [is_month_first(cell) for cell in ("03/17/2023", "17/03/2023", "05/03/2023")]
    [True, False, False]
    """
    return bool(_MONTH_FIRST.fullmatch(cell))


def _read_month(cell: str) -> str | None:
    if (match := _RUN_TOGETHER.fullmatch(cell)) and 1 <= int(match[2]) <= 12 and int(match[1]) in _YEARS:
        return f"{match[1]}-{match[2]}-01"
    if _MONTH_AND_YEAR.fullmatch(cell):
        cell = f"1/{cell[:-5]}/{cell[-4:]}"
    day = read_day(cell)
    if day is not None:
        return day[:8] + "01" if day else None
    month = _read_period_of_months(cell)
    return f"{month}-01" if month else None


def _read_day_or_month(cell: str) -> str | None:
    day = read_day(cell)
    return _read_period_of_months(cell) if day is None else day


def _read_period_of_months(cell: str) -> str | None:
    period = read_period(cell)
    return period if period and "/" not in period else None


def read_period(cell: str) -> str | None:
    """Read a financial year, a quarter or a month; None for what is none, or could be two.

    Examples
    --------
    >>> [read_period(cell) for cell in ("FY2024/25", "Qtr 3 24/25", "P8 2024-25", "30/11/2024", "FY24")]
    ['2024/25', 'Q3 2024/25', '2024-11', '2024-11', None]
    >>> [read_period(cell) for cell in ("2024-Apr", "2024.04", "April 2024/25", "Apr-Dec 2024")]
    ['2024-04', '2024-04', '2024-04', None]
    >>> [read_period(cell) for cell in ("Q1 (Apr-Jun) 2024/25", "Jan - Mar 2025", "Year to 31 March 2025")]
    ['Q1 2024/25', 'Q4 2024/25', '2024/25']
    """
    text = " ".join(_REMARK.sub(" ", cell).split())
    if match := _ENDING.fullmatch(text):
        return _period_ending(match[1] or "year", match[2])
    if match := _MONTHS_APART.fullmatch(text):
        return _quarter_of(match)
    # The year first, as in 2024-Apr; a year of two digits could be a day.
    cell = re.sub(r"(?i)^(\d{4})[ .-]?([a-z]{3,9})$", r"\2 \1", text)
    if (match := _NAMED_MONTH.fullmatch(cell)) and match[2].lower() in _MONTH_NAMES and not match[1]:
        year, month = _full_year(match[3]), _MONTH_NAMES[match[2].lower()]
        # Excel shows 2011/12 as Dec-11.
        sure = len(match[3]) == 4 or month != (year + 1) % 100
        return f"{year}-{month:02d}" if sure and year in _YEARS else None
    if _MONTH_AND_YEAR.fullmatch(cell):
        cell = read_day(f"1/{cell[:-5]}/{cell[-4:]}") or cell
    elif (match := _YEAR_AND_MONTH.fullmatch(cell)) and int(match[2]) != (int(match[1]) + 1) % 100:
        cell = f"{match[1]}-{match[2]}"
    elif _DAY_FIRST.fullmatch(cell) or _NAMED_MONTH.fullmatch(cell):
        cell = read_day(cell) or cell
    if match := _ISO.fullmatch(cell):
        # Excel turns 2018-12 into the first of December, but 2011/12 into the first of December 2011 too.
        year, month, day = map(int, match.groups())
        whole = 1 <= month <= 12 and year in _YEARS and day in (1, calendar.monthrange(year, month)[1])
        sure = whole and (day > 1 or month != (year + 1) % 100)
        return f"{year}-{month:02d}" if sure else None
    text = re.sub(r"(?<=\d) ?[–—_/-] ?(?=\d)", lambda found: "/" if "/" in found[0] else "-", cell)
    text = re.sub(r"^(\d{4})(?:-|\.(?=\d\d))(\d\d?)$", lambda found: f"{found[1]}-{found[2]:0>2}", text)
    text = re.sub(r"(?i)\b([1-4])(?:st|nd|rd|th) (?:quarter|qtr)", r"Q\1", text)
    text = re.sub(r"\(([\w/-]+)\)$", r"\1", text)
    text = re.sub(
        r"(?i)\b(?:f\.?y\.?|financial year)\s*(?:(\d{4})-(?=\d\d$))?",
        lambda found: f"{found[1]}/" if found[1] else "",
        text,
    )
    text = re.sub(r"(\d{4})[/-]\d\d(\d\d)", r"\1/\2", text)
    text = f"20{text.replace('-', '/')}" if _SHORT_YEARS.fullmatch(text) else text
    text = re.sub(r"(\d{4})-(\d{2})", _year_with_a_dash, text)
    text = re.sub(r"(?i)^([a-z]{3,9}) (?=\d{2}(?:\d\d)?/\d\d$)", _as_financial_month, text)
    try:
        return Period.parse(text).label
    except ConfigError:
        return None


def period_asked_for(text: str) -> Period:
    """Read the period of a call, however it is written; a ConfigError shows the forms for what is none.

    >>> period_asked_for("Apr-24").label, period_asked_for("24/25").label
    ('2024-04', '2024/25')
    """
    return Period.parse(read_period(text) or text)


def _as_financial_month(match: re.Match[str]) -> str:
    """Write a month that stands before a financial year as its number there."""
    month = _MONTH_NAMES.get(match[1].lower())
    return f"M{(month - 4) % 12 + 1} " if month else match[0]


def _quarter_of(match: re.Match[str]) -> str | None:
    """Name the quarter that runs from one month to another, if it is one of the financial year."""
    first, last = (_MONTH_NAMES.get(match[n].lower(), 0) for n in (1, 2))
    year = _full_year(match[3].lstrip("'’"))
    if (first - 1) % 3 or last != first + 2 or year not in _YEARS:
        return None
    if match[4] is None:
        return Period.quarter(year - (first < 4), (first - 4) % 12 // 3 + 1).label
    sure = int(match[4][1:]) == (year + 1) % 100
    return Period.quarter(year, (first - 4) % 12 // 3 + 1).label if sure else None


def _period_ending(kind: str, last: str) -> str | None:
    """Name the financial year, quarter or month that ends with a month or its last day."""
    month = read_period(last) or ""
    if "-" not in month:
        return None
    end = Period.parse(month)
    year = end.start.year - (end.start.month < 4)
    wholes = [Period(end=date(year + 1, 3, 31), start=date(year, 4, 1))]
    wholes = [Period.quarter(year, n) for n in range(1, 5)] if kind.lower() == "quarter" else wholes
    return (
        month if kind.lower() == "month" else next((one.label for one in wholes if one.end == end.end), None)
    )


def _year_with_a_dash(match: re.Match[str]) -> str:
    """2018-19 can only be a financial year, since no month is the nineteenth."""
    follows = int(match[2]) == (int(match[1]) + 1) % 100
    return f"{match[1]}/{match[2]}" if follows and int(match[2]) > 12 else match[0]


def _read_number(cell: str) -> float:
    if _PLAIN.fullmatch(cell):
        return float(cell)
    match = _NUMBER.fullmatch(_plain_amount(cell)) if len(cell) <= _LONGEST else None
    if not match or bool(match["open"]) != bool(match["close"]) or not _THOUSANDS.fullmatch(match["digits"]):
        return np.nan
    signs = [bool(match["open"]), match["sign"] == "-", bool(match["minus"])]
    if sum(signs) > 1:
        return np.nan
    size = float(match["digits"].replace(",", "")) * _SCALE[match["scale"]]
    return -size if any(signs) else size


def _plain_amount(cell: str) -> str:
    """Write an amount without spaces, its sign or bracket before the pound, one dash and a short scale.

    >>> _plain_amount("£ (1,234)"), _plain_amount("GBP –12"), _plain_amount("£1.2 million")
    ('(£1,234)', '-£12', '£1.2m')
    """
    text = re.sub(r"[−–—]", "-", "".join(cell.split()).lower().replace("gbp", "£"))
    text = re.sub(r"(?<=\d)(?:million|mn)\b", "m", re.sub(r"(?<=\d)thousand\b", "k", text))
    return re.sub(r"^£([-(])", r"\1£", text)


def _typed_dates(cells: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Read timestamps as text would be read: not 23:00, 1900 to 2199, or the open end."""
    moments = cells.dt.tz_localize(None).to_numpy()
    days = moments.astype("datetime64[D]")
    sure = moments - days != np.timedelta64(23, "h")
    open_end = sure & np.isin(days, np.array(sorted(_OPEN_ENDS), dtype="datetime64[D]"))
    inside = (days >= np.datetime64(f"{_YEARS[0]}-01-01")) & (days <= np.datetime64(f"{_YEARS[-1]}-12-31"))
    bad = ~np.isnat(moments) & ~(sure & (inside | open_end))
    seconds = days.astype("datetime64[s]")
    seconds[open_end | bad] = np.datetime64("NaT")
    return seconds, bad


_Reader = Callable[[list[str]], tuple[Any, list[bool]]]
"""Reads distinct cells: their values, with a blank's at the end, and which cells are bad."""


def read_numbers(distinct: list[str]) -> tuple[Any, list[bool]]:
    """Read numbers as Britons write them, and say which texts are none."""
    values = np.array([*map(_read_number, distinct), np.nan])
    values[np.isinf(values)] = np.nan  # hundreds of digits are no amount
    gone = np.isnan(values[:-1]).tolist()
    return values, [
        lost and cell != "" and not is_unknown(cell) for cell, lost in zip(distinct, gone, strict=True)
    ]


def _amounts(distinct: list[str]) -> tuple[Any, list[bool]]:
    values, bad = read_numbers(distinct)
    return values, [wrong or "%" in cell for cell, wrong in zip(distinct, bad, strict=True)]


def read_quantities(distinct: list[str]) -> tuple[Any, list[bool]]:
    """Read numbers that may have their unit of staff behind them."""
    return read_numbers([_POSTS.sub("", cell) for cell in distinct])


def _flags(distinct: list[str]) -> tuple[Any, list[bool]]:
    lower = [cell.lower() for cell in distinct]
    said = [True if cell in _TRUE else False if cell in _FALSE else None for cell in lower]
    values = pd.array([*said, None], dtype="boolean")
    return values, [flag is None and cell != "" for flag, cell in zip(said, lower, strict=True)]


def _texts(distinct: list[str]) -> tuple[Any, list[bool]]:
    odd = _ODD_SPACES.search("\0".join(distinct))  # one look at all of them, for few files have any
    texts = [_SPACES.sub(" ", re.sub(_UNSEEN, "", cell)).strip() for cell in distinct] if odd else distinct
    return pd.array([*texts, ""], dtype="str"), [cell.lower() in ERRORS for cell in distinct]


def _slugs(distinct: list[str]) -> tuple[Any, list[bool]]:
    return _texts([cell if cell.lower() in ERRORS else slug_of(cell) for cell in distinct])


def _each(read: Callable[[str], str | None], *, days: bool = False) -> _Reader:
    """Make a reader of one that reads a single cell into text, or into an ISO date."""

    def column(distinct: list[str]) -> tuple[Any, list[bool]]:
        said = [read(cell) if cell else "" for cell in distinct]
        texts = [text or "" for text in [*said, ""]]
        values = np.array(texts, dtype="datetime64[s]") if days else pd.array(texts, dtype="str")
        return values, [text is None for text in said]

    return column


_READ: dict[Kind, _Reader] = {
    "text": _texts,
    "slug": _slugs,
    "date": _each(read_day, days=True),
    "month": _each(_read_month, days=True),
    "period": _each(read_period),
    "day_or_month": _each(_read_day_or_month),
    "number": read_quantities,
    "count": _amounts,
    "money": _amounts,
    "percent": read_numbers,
    "flag": _flags,
}
