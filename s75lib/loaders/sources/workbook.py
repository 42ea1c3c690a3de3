"""Excel and OpenDocument workbooks: a sheet or a named table, as rows of typed cells."""

from __future__ import annotations

__all__ = ["read_rows"]

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import python_calamine as calamine

from s75lib.loaders.sources.archive import BadCell, error_cells, refuse_oversized
from s75lib.loaders.sources.table import HEADER_WITHIN, unreadable


def read_rows(
    path: Path, name: str, *, sheet: str = "", table: str = "", prefer: str = ""
) -> tuple[list[list[Any]], str, int]:
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
    rows : list of list
        Typed cells. A cell with a formula's error holds the error's name. Below a cell merged downwards in
        the first rows, its content is repeated.
    sheet : str
        The worksheet used.
    first_row : int
        Number of the first row.

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
    >>> read_rows(file, "activity.xlsx")
    ([['month', 'count']], 'Sheet', 1)
    """
    packed = path.suffix.lower() != ".xls"
    with calamine.CalamineWorkbook.from_path(path, load_tables=bool(table)) as book:
        if table:
            return _table(book, path, name, table)
        used = _sheet_name(book, path, name, sheet, prefer)
        bad = refuse_oversized(path, used) if packed else error_cells(path)
        found = book.get_sheet_by_name(used)
        rows: list[list[Any]] = list(found.to_python(skip_empty_area=False))
        _repeat_merged(rows, found.merged_cell_ranges or [])
    _mark(rows, bad)
    return rows, used, 1


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


def _table(
    book: calamine.CalamineWorkbook, path: Path, name: str, table: str
) -> tuple[list[list[Any]], str, int]:
    names = book.table_names or []
    if table not in names:
        raise unreadable(
            name,
            f"the tables {', '.join(names)}" if names else "no named table",
            f"Name the right table in authority.toml: {table!r} is not there.",
        )
    found = book.get_table_by_name(table)
    bad = refuse_oversized(path, found.sheet)
    first, left = found.start or (1, 0)
    rows: list[list[Any]] = [list(found.columns), *found.to_python()]
    _mark(rows, [cell._replace(row=cell.row - first + 1, column=cell.column - left) for cell in bad])
    return rows, found.sheet, first


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
