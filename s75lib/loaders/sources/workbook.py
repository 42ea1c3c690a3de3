"""Excel and OpenDocument workbooks: a sheet or a named table, as rows of typed cells."""

from __future__ import annotations

__all__ = ["Sheet", "read_rows"]

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine

from s75lib.loaders.sources.archive import BadCell, error_cells, look_into
from s75lib.loaders.sources.conventions import PLAIN, Conventions
from s75lib.loaders.sources.epoch import counts_from_1904
from s75lib.loaders.sources.header import HEADER_WITHIN, unreadable
from s75lib.loaders.sources.open_document import Look


@dataclass(frozen=True)
class Sheet:
    """The rows of a worksheet or a named table.

    Parameters
    ----------
    rows : list of list
        Typed cells. A cell with a formula's error holds the error's name. Below a cell merged downwards in
        the first rows, its content is repeated.
    name : str
        The worksheet.
    first_row : int
        Number of the first row.
    conventions : Conventions
        What plain numbers stand for. Which are shown as percentages is not known of .xls files.
    """

    rows: list[list[Any]]
    name: str
    first_row: int = 1
    conventions: Conventions = PLAIN


def read_rows(path: Path, name: str, *, sheet: str = "", table: str = "", prefer: str = "") -> Sheet:
    """Read the rows of a worksheet or a named table.

    Parameters
    ----------
    path : Path
        An .xlsx, .xlsm, .xls or .ods file.
    name : str
        How messages call it.
    sheet : str
        The worksheet; empty: the one called as `prefer` or as the file, else the first that is visible.
    table : str
        A named table (.xlsx only), in place of a sheet.
    prefer : str
        Name of the dataset.

    Returns
    -------
    Sheet

    Raises
    ------
    DataError
        If the sheet or the table is not there, or the workbook would fill the memory.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import Workbook
    >>> book = Workbook()
    >>> book.active.append(["month", "count"])
    >>> file = Path(tempfile.mkdtemp()) / "activity.xlsx"
    >>> book.save(file)
    >>> read_rows(file, "activity.xlsx").rows
    [['month', 'count']]
    """
    packed = path.suffix.lower() != ".xls"
    with calamine.CalamineWorkbook.from_path(path, load_tables=bool(table)) as book:
        if table:
            return _table(book, path, name, table)
        used = _sheet_name(book, path, name, sheet, prefer)
        look = look_into(path, used) if packed else Look(0, 0, error_cells(path))
        found = book.get_sheet_by_name(used)
        rows: list[list[Any]] = list(found.to_python(skip_empty_area=False))
        _repeat_merged(rows, found.merged_cell_ranges or [])
    _mark(rows, look.bad)
    return Sheet(rows, used, conventions=Conventions(counts_from_1904(path), look.percents))


def _sheet_name(book: calamine.CalamineWorkbook, path: Path, name: str, sheet: str, prefer: str) -> str:
    names = book.sheet_names
    if not names:
        raise unreadable(name, "a workbook without sheets", "Save it again from Excel.")
    visible = [
        s.name
        for s in book.sheets_metadata
        if s.visible == calamine.SheetVisibleEnum.Visible and s.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    chosen = sheet or next((n for n in (prefer, path.stem) if n in names), (visible or names)[0])
    if chosen not in names:
        raise unreadable(
            name,
            f"the sheets {', '.join(names)}",
            f"Name the right sheet in authority.toml: {chosen!r} is not there.",
        )
    return chosen


def _table(book: calamine.CalamineWorkbook, path: Path, name: str, table: str) -> Sheet:
    names = book.table_names or []
    if table not in names:
        raise unreadable(
            name,
            f"the tables {', '.join(names)}" if names else "no named table",
            f"Name the right table in authority.toml: {table!r} is not there.",
        )
    found = book.get_table_by_name(table)
    look = look_into(path, found.sheet)
    first, left = found.start or (1, 0)
    rows: list[list[Any]] = [list(found.columns), *found.to_python()]
    top = first - 1
    _mark(rows, [cell._replace(row=cell.row - top, column=cell.column - left) for cell in look.bad])
    conventions = Conventions(counts_from_1904(path), look.percents).moved(top, left)
    return Sheet(rows, found.sheet, first, conventions)


def _repeat_merged(rows: list[list[Any]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Repeat a header merged downwards in each of its rows; one merged across belongs to its first column."""
    for (top, left), (bottom, _) in ranges:
        if bottom < min(HEADER_WITHIN, len(rows)) and left < len(rows[top]):
            for row in range(top + 1, bottom + 1):
                rows[row][left] = rows[top][left]


def _mark(rows: list[list[Any]], bad: Sequence[BadCell]) -> None:
    """Write the errors where the reader shows a blank."""
    for row, column, holds in bad:
        if 0 <= row < len(rows) and 0 <= column < len(rows[row]) and rows[row][column] == "":
            rows[row][column] = holds
