"""Sheets as they stand in an analyst's files: every cell as text, every row with its number."""

from __future__ import annotations

__all__ = ["Sheet", "gathered", "month_in", "read_sheets", "year_in"]

import csv
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.sources.workbook import open_workbook, read_sheet
from s75lib.loaders.values import as_text

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
TEXTS = (".csv", ".txt", ".tsv")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = re.compile(
    rf"\b({'|'.join(_MONTHS)})[a-z]*[\s\-_/.']{{0,3}}(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE | re.ASCII
)
_ISO_MONTH = re.compile(
    r"(?<!\d)(20\d{2})[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)", re.ASCII
)
_DAY = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)", re.ASCII)
_YEAR = re.compile(r"(?<!\d)(?<!\d[/.-])(?:20)?(\d{2})\s?[/\-–_]\s?(?:20)?(\d{2})(?!\d|[/.-]\d)", re.ASCII)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of a workbook, or one text file.

    - `file`: Name for messages.
    - `name`: Of the sheet; empty for a text file.
    - `cells`: Every cell, from the sheet's first row and column; row 0 is the spreadsheet's row 1.
    - `hidden`: Numbers of the filled rows that are not shown.
    - `visible`: Whether the sheet is shown.
    """

    file: str
    name: str
    cells: pd.DataFrame = field(repr=False)
    hidden: tuple[int, ...] = ()
    visible: bool = True


def read_sheets(path: Path, name: str) -> Iterator[Sheet]:
    """Read every sheet of a file as it stands.

    - `path`: A workbook, or a text with commas, semicolons, tabs or bars between cells, in UTF-8 or
      Windows-1252.
    - `name`: How messages call it.

    Those with at least one cell.

    DataError if the file can't be read.
    """
    try:
        if path.suffix.lower() in WORKBOOKS:
            yield from _workbook(path, name)
        else:
            yield from _text(path, name)
    except DataError:
        raise
    except Exception as error:  # every reader has its own family of errors for a broken file
        found = f"{type(error).__name__}: {error}".replace(str(path), name)
        raise DataError(
            [Fault(name, found, "a workbook or a CSV file", "Open it, save it again, and retry.")]
        ) from error


def gathered(folder: Path, files: Iterable[Path]) -> list[Path]:
    """List the workbooks and texts of an authority's folder, after copying those into it that lie elsewhere.

    Parameters
    ----------
    folder : Path
        The authority's folder.
    files : iterable of Path
        Files, and folders that stand for all they hold; without any, the authority's own folder does.

    Returns
    -------
    list of Path
        All within `folder`.

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
                cells = pd.DataFrame(
                    [[as_text(cell).strip("\r\n") for cell in row] for row in sheet.rows], dtype="object"
                )
                is_visible = about.visible is SheetVisibleEnum.Visible
                yield Sheet(name, about.name, cells.fillna(""), sheet.hidden, is_visible)


def _text(path: Path, name: str) -> Iterator[Sheet]:
    head = path.read_bytes()[:200_000]
    encoding = _encoding(head, whole=path.stat().st_size <= len(head))
    sample = head.decode(encoding, errors="ignore")
    try:
        between = csv.Sniffer().sniff(sample[:20_000], ",;\t|").delimiter
    except csv.Error:
        between = max(",;\t|", key=sample.count)
    widest = max((len(row) for row in csv.reader(sample.splitlines(), delimiter=between)), default=1)
    cells = pd.read_csv(
        path, sep=between, header=None, names=range(widest), dtype="object", keep_default_na=False,
        encoding=encoding, skip_blank_lines=False, engine="c",
    )  # fmt: skip
    if len(cells):
        yield Sheet(name, "", cells.fillna(""))


def _encoding(head: bytes, *, whole: bool) -> str:
    try:
        head.decode("utf-8-sig") if whole else head[: head.rfind(b"\n")].decode("utf-8-sig")
        return "utf-8-sig"
    except UnicodeDecodeError:
        return "cp1252"


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
