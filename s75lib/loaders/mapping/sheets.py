"""Sheets as they stand in an analyst's files: every cell as text, every row with its number."""

from __future__ import annotations

import codecs
import csv
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partialmethod
from pathlib import Path

import numpy as np
import pandas as pd

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.period import financial_year_of, last_day
from s75lib.loaders.sources.tables import HEADER_WITHIN, broken, unreadable
from s75lib.loaders.sources.workbook import as_shown, open_workbook, read_sheet
from s75lib.loaders.values import as_text, read_period

BETWEEN = " | "
"""Between the parts of a column's name where the header has several rows."""
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".xlsb")
TEXTS = (".csv", ".txt", ".tsv")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = re.compile(
    rf"\b({'|'.join(_MONTHS)})[a-z]*[\s\-_/.']{{0,3}}(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE | re.ASCII
)
_ISO_MONTH = re.compile(
    r"(?<!\d)(20\d{2})[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)", re.ASCII
)
_DAY = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)", re.ASCII)
_PRINTED = re.compile(
    r"\b(?:produced|printed|extracted|extract|run|created|generated|issued|prepared|published|exported)\b"
    r"[a-z :]{0,25}\d{1,4}(?:st|nd|rd|th)?[ /.-](?:\d{1,2}|[a-z]{3,9})[ /.-]\d{2,4}",
    re.IGNORECASE | re.ASCII,
)
_ABOUT = re.compile(
    r"\b(?:ytd|mtd|to date|to \d\d?(?:st|nd|rd|th)|cum|cumulative|rolling|average|change|variance|target"
    r"|since|from|plan|planned|[lp]y|last year|rank)\b|%ile|percentile",
    re.IGNORECASE,
)
"""What makes another figure of one that a text names a month for: up to it, or set against it."""
_MONTH_NAMES = re.compile(rf"\b(?:{'|'.join(_MONTHS)})[a-z]*", re.IGNORECASE | re.ASCII)
_NO_YEAR = re.compile(
    rf"((?:{'|'.join(_MONTHS)})[a-z]*)\.?|(?:p|m|period|month|q|qtr|quarter)[ _-]?\d{{1,2}}",
    re.IGNORECASE | re.ASCII,
)
_AHEAD = re.compile(r"plans?|planned|est\.?", re.IGNORECASE)
_FORECAST = re.compile(
    r"\b(forecasts?|f['’]?cast|fcst|projected|projections?|trajectory|estimated?)\b", re.IGNORECASE
)
_SHORT_FORECAST = re.compile(r"\(f\)|\(?\best\b\.?\)?", re.IGNORECASE)  # beside a period; else perhaps female
_CALENDAR_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)", re.ASCII)
_YEAR = re.compile(r"(?<!\d)(?<!\d[/.-])(?:20)?(\d{2})\s?[/\-–_]\s?(?:20)?(\d{2})(?!\d|[/.-]\d)", re.ASCII)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of a workbook, or one text file.

    - `file`: Name for messages.
    - `name`: Of the sheet; empty for a text file.
    - `cells`: Every cell, from the sheet's first row and column; row 0 is the spreadsheet's row 1.
    - `hidden`, `hidden_columns`: Numbers of the filled rows and of the columns that are not shown.
    - `visible`: Whether the sheet is shown.
    - `widths`: Cells in each of the first rows of a text, blank ones too.
    """

    file: str
    name: str
    cells: pd.DataFrame = field(repr=False)
    hidden: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    visible: bool = True
    widths: tuple[int, ...] = ()

    def fault(
        self, found: str, expected: str, remedy: str, row: int | None = None, severity: str = "error"
    ) -> Fault:
        """Make a fault of the sheet."""
        return Fault(self.file, found, expected, remedy, self.name, row, severity=severity)

    warning = partialmethod(fault, severity="warning")


def read_sheets(path: Path, name: str) -> Iterator[Sheet]:
    """Read every sheet with a cell of a workbook, or a text in UTF-8 or Windows-1252, as it stands."""
    try:
        if path.suffix.lower() in WORKBOOKS:
            yield from _workbook(path, name)
        else:
            yield from _text(path, name)
    except DataError:
        raise
    except Exception as error:  # every reader has its own family of errors for a broken file
        raise broken(error, path, name) from error


def gathered(folder: Path, files: Iterable[Path]) -> list[Path]:
    """List the workbooks and texts of an authority's folder, after copying those into it that lie elsewhere.

    All within `folder`.

    Parameters
    ----------
    folder : Path
        The authority's folder.
    files : iterable of Path
        Files, and folders that stand for all they hold; without any, the authority's own folder does.

    Raises
    ------
    ConfigError
        If a file is not there, or another one of its name is in the folder.

    Examples
    --------
    >>> import tempfile
    >>> folder, outside = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp()) / "ledger.csv"
    >>> _ = outside.write_text("a,b")
    >>> [path.name for path in gathered(folder, [outside])], (folder / "ledger.csv").is_file()
    (['ledger.csv'], True)
    """
    named = [inner for path in files for inner in (sorted(path.iterdir()) if path.is_dir() else [path])]
    missing = [path for path in named if not path.is_file()]
    if missing:
        raise ConfigError(f"{missing[0].name}: found no such file; expected a workbook or a CSV file.")
    chosen = []
    for path in named or sorted(folder.rglob("*")):
        if path.suffix.lower() not in (*WORKBOOKS, *TEXTS) or path.name.startswith("~$"):
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            copy = folder / path.name
            if copy.exists() and copy.read_bytes() != path.read_bytes():
                raise ConfigError(
                    f"{path.name}: found another file of that name in {folder.name}; rename one."
                )
            shutil.copyfile(path, copy)
            path = copy
        chosen.append(folder / path.resolve().relative_to(folder.resolve()))
    return chosen


def _workbook(path: Path, name: str) -> Iterator[Sheet]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    with open_workbook(path) as book:
        for about in book.sheets_metadata:
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = read_sheet(book, path, about.name)
            if any(cell != "" for row in sheet.rows for cell in row):
                rows = [[as_text(cell).strip("\r\n") for cell in row] for row in as_shown(sheet)]
                cells = pd.DataFrame(rows, dtype="object").fillna("")
                is_visible = about.visible is SheetVisibleEnum.Visible
                yield Sheet(name, about.name, cells, sheet.hidden, sheet.hidden_columns, is_visible)


def _text(path: Path, name: str) -> Iterator[Sheet]:
    head = path.read_bytes()[:200_000]
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        sample = head.decode(encoding, errors="ignore")
        try:
            between = csv.Sniffer().sniff(sample[:20_000], ",;\t|").delimiter
        except csv.Error:
            between = max(",;\t|", key=sample.count)
        widths = [len(row) for row in csv.reader(sample.splitlines(), delimiter=between)]
        try:
            cells = pd.read_csv(
                path,
                sep=between,
                header=None,
                names=range(max(widths, default=1)),
                dtype="object",
                keep_default_na=False,
                encoding=encoding,
                skip_blank_lines=False,
                engine="c",
            )
        except UnicodeDecodeError:
            continue
        cells = cells.fillna("")
        _refuse_swallowed(path, name, cells, between)
        if len(cells):
            yield Sheet(name, "", cells, widths=tuple(widths[:HEADER_WITHIN]))
        return
    raise unreadable(name, "bytes that are neither UTF-8 nor Windows-1252", "Export the file as CSV UTF-8.")


def _refuse_swallowed(path: Path, name: str, cells: pd.DataFrame, between: str) -> None:
    """Refuse a text in which a stray quotation mark makes one cell of several rows."""
    with path.open("rb") as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(2**20), b""))
    if lines <= len(cells):
        return
    for at in cells:
        for row in np.flatnonzero(cells[at].str.contains("\n")):
            if cells[at].iloc[row].count(between) >= cells.shape[1] - 1:
                remedy = "Look for a stray quotation mark, and delete it."
                found = "a cell that goes over several rows"
                raise DataError([Fault(name, found, "a row on each line", remedy, row=int(row) + 1)])


def is_printed(text: str) -> bool:
    """Whether a text names a day on which it was printed, produced or extracted."""
    return bool(_PRINTED.search(text))


def without_prints(text: str) -> str:
    """Leave out of a text the days on which it was printed, where it names another one or a month besides.

    >>> [without_prints(text) for text in ("Produced 14/10/2025; at 30/09/2025", "Extract run 30/04/2025")]
    ['; at 30/09/2025', 'Extract run 30/04/2025']
    """
    rest = _PRINTED.sub("", text)
    return rest if month_in(rest) else text


def month_in(text: str) -> date | None:
    """Find the month that a text names, as its first day.

    - `text`: A header, a sheet's name, a title.

    None where it names no month.

    >>> [str(month_in(text)) for text in ("Apr-25", "September 2024", "202504", "30/04/2025", "P04")]
    ['2025-04-01', '2024-09-01', '2025-04-01', '2025-04-01', 'None']
    """
    if found := _NAMED_MONTH.search(text):
        year = int(found[2])
        return date(year + 2000 if year < 100 else year, _MONTHS.index(found[1][:3].lower()) + 1, 1)
    if found := _DAY.search(text):
        year, month = int(found[3]), int(found[2])
        return date(year + 2000 if year < 100 else year, month, 1) if 1 <= month <= 12 else None
    if found := _ISO_MONTH.search(text):
        return date(int(found[1]), int(found[2]), 1)
    return None


def year_in(text: str) -> int | None:
    """Find the financial year that a text names, as the calendar year in which it begins.

    >>> year_in("Budget Monitor 2025-26.xlsx"), year_in("Period 3 25/26"), year_in("P03"), year_in("2025-04")
    (2025, 2025, None, None)
    """
    for found in _YEAR.finditer(text):
        first, second = int(found[1]), int(found[2])
        if second == (first + 1) % 100:
            return 2000 + first
    return None


def with_year(text: str, others: Iterable[str]) -> str:
    """Complete a month, financial period or quarter that leaves out its year by the first other that has one.

    Examples
    --------
    >>> with_year("Jan", ["2025/26"]), with_year("Jan", ["Calendar 2025"]), with_year("P8", ["At 31/05/2025"])
    ('Jan 2026', 'Jan 2025', 'P8 2025/26')
    """
    found = _NO_YEAR.fullmatch(text.strip())
    if not found:
        return text
    named = list(others)
    year = next((year for other in named if (year := year_in(other)) is not None), None)
    day = next((day for other in named if (day := month_in(other))), None)
    plain = next((match[0] for other in named if (match := _CALENDAR_YEAR.search(other))), "")
    if year is None and day is None and found[1] and plain:
        return f"{found[1]} {plain}"
    dated = year is None and day is not None
    year = day.year - (day.month < 4) if dated and day else year
    if year is None:
        return text
    whole = f"{text.strip()} {year}/{(year + 1) % 100:02d}"
    if found[1]:
        whole = f"{found[1]} {year + (_MONTHS.index(found[1][:3].lower()) < 3)}"
    month = month_in(whole) if found[1] else None
    # A report's own date says nothing of the months after it.
    return text if dated and day and month and month > day else whole


def period_of(text: str) -> str:
    """Give the label of the month, quarter or financial year that a text is; empty for none.

    Examples
    --------
    >>> [period_of(text) for text in ("Apr-25", "Q1 25/26", "2025/26", "P8 25/26", "YTD May-25")]
    ['2025-04', 'Q1 2025/26', '2025/26', '2025-11', '']
    """
    if len({name[:3].lower() for name in _MONTH_NAMES.findall(text)}) > 1:
        return ""  # from one month to another
    label = read_period(text.strip()) or ""
    if label and (year_in(text) is None or not label[:4].isdigit() or "/" in label):
        return label
    month = month_in(text) if year_in(text) is None and not _ABOUT.search(text) else None
    return label or (month.isoformat()[:7] if month else "")


def reading_of(reading: str, texts: Sequence[str]) -> str | None:
    """Read a text as a day, a month or a financial year; None where it names none.

    The first of `texts` is the one that is meant; the others may name the year that it leaves out.
    """
    first = without_prints(with_year(texts[0], texts[1:]))
    start = next((begun for text in texts if (begun := year_in(text)) is not None), None)
    year = "" if start is None else f"{start}/{(start + 1) % 100:02d}"
    match reading:
        case "text":
            return texts[0].strip() or None
        case "after the colon":
            return texts[0].split(BETWEEN)[0].partition(":")[2].strip() or None
        case "quarter":
            found = re.search(r"(?<![a-z])q(?:tr|uarter)?[\s_-]?([1-4])(?!\d)", texts[0], re.IGNORECASE)
            return f"Q{found[1]} {year}" if found and year else None
        case "financial year":
            month = next((month for text in texts if (month := month_in(text))), None)
            return year or (financial_year_of(month).label if month else None)
        case "end of financial period":
            number = r"(?<![a-z])(?:p|m|period|month)[\s_-]?0?(1[0-2]|[1-9])(?!\d)"
            found = re.search(number, first, re.IGNORECASE)
            return last_day(f"M{found[1]} {year}").isoformat() if found and year else None
        case "day" | "month end" if (found := re.search(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", first)) and (
            reading == "day" or is_printed(first)
        ):  # what was printed in a month knows not its end
            return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
        case _:
            month = month_in(first)
            label = f"{month:%Y-%m}" if month else ""
            return (label if reading == "month" else last_day(label).isoformat()) if label else None


def is_ahead(name: str) -> bool:
    """Whether a column, by its name, is of a forecast or a plan: no figure of what has happened.

    >>> [is_ahead(name) for name in ("Forecast | Jun-25", "Jun-25 (F)", "Actual | May-25", "Referrals (F)")]
    [True, True, False, False]
    """
    return any(
        _AHEAD.fullmatch(part) or _FORECAST.search(part) or _is_short_forecast(part)
        for part in name.split(BETWEEN)
    )


def _is_short_forecast(part: str) -> bool:
    rest = _SHORT_FORECAST.sub("", part).strip()
    return rest != part.strip() and bool(period_of(with_year(rest, ["2000/01"])))
