"""What ``s75 check`` finds: faults and warnings as records, and copies of the files with the cells marked."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError

from s75lib.errors import Fault, S75Error
from s75lib.loaders.data import AuthorityData
from s75lib.loaders.sources.delimited import read_cells
from s75lib.loaders.sources.tables import HEADER_WITHIN, header_names
from s75lib.loaders.sources.workbook import read_rows
from s75lib.loaders.values import as_text

_ERROR = PatternFill("solid", fgColor="F4CDC6")
_WARNING = PatternFill("solid", fgColor="FFF2CC")
_LIST = "s75 check"
_WIDTHS = {"severity": 10, "sheet": 14, "row": 8, "column": 22, "found": 50, "expected": 50, "remedy": 60}
_LONGEST_CELL = 32_767


def check_record(data: AuthorityData) -> dict[str, Any]:
    """Give what was found in an authority's data, faulty ones allowed, as plain values for JSON.

    >>> from s75lib.loaders import load
    >>> record = check_record(load("islington", "2018/19"))
    >>> record["authority"], record["period"], record["faults"]
    ('islington', '2018/19', [])
    """
    return {
        "authority": data.authority.slug,
        "name": data.authority.name,
        "synthetic": data.authority.synthetic,
        "period": data.period.label,
        "known_to": data.known_to.isoformat() if data.known_to else None,
        "datasets": [
            {"dataset": i.dataset, "path": i.path, "sha256": i.sha256, "rows": i.rows} for i in data.inputs
        ],
        "faults": [asdict(fault) for fault in data.faults],
        "warnings": [asdict(warning) for warning in data.warnings],
    }


def annotate(folder: Path, slug: str, found: Sequence[Fault]) -> tuple[Path, ...]:
    """Write a copy ``<name>.checked.xlsx`` beside each file at fault, its cells marked and commented.

    An .xlsx keeps its formulas and formats; of other files the cells are copied as text. Errors are red,
    warnings yellow; a sheet lists them all. Databases, Parquet files and files that can't be read have none.
    """
    by_file: dict[str, list[Fault]] = {}
    for fault in found:
        by_file.setdefault(fault.file.removeprefix(f"{slug}/"), []).append(fault)
    written = []
    for name, faults in by_file.items():
        path = next((p for p in folder.rglob(Path(name).name) if p.is_file()), None)
        book = _copy(path, faults) if path else None
        if path is None or book is None:
            continue
        for fault in faults:
            _mark(book, fault)
        _list(book, faults)
        written.append(path.with_name(f"{path.stem}.checked.xlsx"))
        book.save(written[-1])
    return tuple(written)


def _copy(path: Path, faults: Sequence[Fault]) -> Workbook | None:
    """Open a workbook or copy a file's cells into one; a file that can't be read has no cells to mark."""
    ending = path.suffix.lower()
    try:
        if ending in (".xlsx", ".xlsm"):
            return load_workbook(path)
        book = Workbook()
        del book[book.sheetnames[0]]
        for name in dict.fromkeys(fault.sheet for fault in faults):
            if ending == ".csv":
                rows: Sequence[Sequence[Any]] = read_cells(path, path.name)
            elif ending in (".xls", ".ods"):
                rows = read_rows(path, path.name, sheet=name).rows
            else:
                return None
            sheet = book.create_sheet(name or path.stem[:31])
            for at, row in enumerate(rows, start=1):
                for place, content in enumerate(row, start=1):
                    if text := as_text(content):
                        _set_text(sheet.cell(at, place), text)
        return book
    except (S75Error, csv.Error, zipfile.BadZipFile, CalamineError, OSError, ValueError, KeyError):
        return None


def _set_text(cell: Any, text: str) -> None:
    """Set a cell to text that is no formula, whatever it begins with."""
    cell.value = _printable(text)
    cell.data_type = "s"


def _printable(text: str) -> str:
    return "".join(mark for mark in text if mark >= " " or mark in "\t\n")[:_LONGEST_CELL]


def _mark(book: Workbook, fault: Fault) -> None:
    sheet = book[fault.sheet] if fault.sheet in book.sheetnames else book.worksheets[0]
    fill = _ERROR if fault.severity == "error" else _WARNING
    text = _printable(f"Found {fault.found}; expected {fault.expected}. {fault.remedy}")
    places = _places(sheet)
    columns = [places[name] for name in fault.column.split(", ") if name in places]
    for header, column in columns or ([(fault.row, 1)] if fault.row else []):
        cell = sheet.cell(fault.row or header, column)
        if hasattr(cell, "column_letter"):  # a merged cell takes no comment
            earlier = f"{cell.comment.text}\n" if cell.comment else ""
            cell.fill = fill
            cell.comment = Comment(earlier + text, "s75 check", width=320, height=120)


def _places(sheet: Worksheet) -> dict[str, tuple[int, int]]:
    places: dict[str, tuple[int, int]] = {}
    for at, row in enumerate(sheet.iter_rows(max_row=HEADER_WITHIN, values_only=True), start=1):
        for place, name in enumerate(header_names(row), start=1):
            if name:
                places.setdefault(name, (at, place))
    return places


def _list(book: Workbook, faults: Sequence[Fault]) -> None:
    sheet = book.create_sheet(_LIST)
    sheet.append(list(_WIDTHS))
    for fault in faults:
        sheet.append([getattr(fault, field) for field in _WIDTHS])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                _set_text(cell, cell.value)
    for at, width in enumerate(_WIDTHS.values(), start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
        sheet.cell(1, at).font = Font(bold=True)
    sheet.freeze_panes = "A2"
