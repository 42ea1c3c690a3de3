"""Files as analysts have them, read as they stand: every cell still text, every row with its number."""

from __future__ import annotations

__all__ = ["RawTable", "read_table"]

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import python_calamine as calamine

from s75lib.errors import DataError, Fault

_HEADER_WITHIN = 30
_ENCODINGS = ("utf-8-sig", "cp1252")
_EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class RawTable:
    """A table as found in a file.

    Parameters
    ----------
    frame : DataFrame
        Cells as text (or as typed by Parquet); the index holds each row's number as a spreadsheet counts.
    sheet : str
        Name of the worksheet, empty for other files.
    """

    frame: pd.DataFrame
    sheet: str = ""


def read_table(
    path: Path, name: str, *, known: Sequence[str], required: Sequence[str], sheet: str = ""
) -> RawTable:
    """Read a CSV, Excel or Parquet file, finding its header row.

    Parameters
    ----------
    path : Path
        The file; its ending says what it is.
    name : str
        How messages call it.
    known, required : sequence of str
        Column names of the dataset; the header is the first row that holds all that are required, or
        failing that the first that holds most of them. Rows above it are titles and left out.
    sheet : str
        Worksheet of a workbook; empty: the one named as the file, else the first.

    Returns
    -------
    RawTable

    Raises
    ------
    DataError
        If the file can't be opened or read, or holds no header.
    """
    ending = path.suffix.lower()
    try:
        if ending == ".parquet":
            frame = pd.read_parquet(path)
            return RawTable(frame.set_axis(pd.RangeIndex(2, len(frame) + 2)))
        rows, used = _excel_rows(path, name, sheet) if ending in _EXCEL else (_csv_rows(path, name), "")
    except DataError:
        raise
    except ImportError as error:
        raise _unreadable(
            name, "a Parquet file, but pyarrow is not installed", "pip install 's75lib[parquet]'"
        ) from error
    except Exception as error:  # every reader has its own family of errors for a broken file
        raise _unreadable(
            name,
            f"{type(error).__name__}: {error}".replace(str(path), name),
            "Open the file, save it again, and retry.",
        ) from error
    return RawTable(_with_header(name, rows, known, required, used), used)


def _unreadable(name: str, found: str, remedy: str) -> DataError:
    return DataError([Fault(file=name, found=found[:200], expected="a readable table", remedy=remedy)])


def _csv_rows(path: Path, name: str) -> list[list[str]]:
    data = path.read_bytes()
    if b"\0" in data:
        raise _unreadable(name, "a NUL byte", "Export the file as CSV UTF-8 again.")
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _unreadable(
            name, "bytes that are neither UTF-8 nor Windows-1252", "Export the file as CSV UTF-8."
        )
    first = text[:10_000].splitlines()[:_HEADER_WITHIN]
    delimiter = max(",;\t|", key=lambda mark: sum(line.count(mark) for line in first))
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _excel_rows(path: Path, name: str, sheet: str) -> tuple[list[list[str]], str]:
    with calamine.CalamineWorkbook.from_path(path) as book:
        names = book.sheet_names
        used = sheet or (path.stem if path.stem in names else names[0])
        if used not in names:
            raise _unreadable(
                name,
                f"sheets {', '.join(names)}",
                f"Name the right sheet in authority.toml: {used!r} is not there.",
            )
        rows = book.get_sheet_by_name(used).to_python(skip_empty_area=False)
    return [[_as_text(cell) for cell in row] for row in rows], used


def _as_text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time().isoformat() != "00:00:00" else cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _with_header(
    name: str, rows: list[list[str]], known: Sequence[str], required: Sequence[str], sheet: str
) -> pd.DataFrame:
    headers = [[cell.strip().lower().replace(" ", "_") for cell in row] for row in rows[:_HEADER_WITHIN]]
    found = [len(set(required) & set(row)) for row in headers]
    if not found or max(found) < max(1, len(required) // 2):
        top = ", ".join(cell for cell in rows[0] if cell)[:120] if rows else "an empty file"
        raise DataError(
            [
                Fault(
                    file=name,
                    sheet=sheet,
                    row=1,
                    found=top or "a blank row",
                    expected=f"a header with the columns {', '.join(required)}",
                    remedy="Put the column names in the first row; docs/data-dictionary.md lists them.",
                )
            ]
        )
    at = found.index(max(found))
    header = headers[at]
    body = rows[at + 1 :]
    _check_widths(name, header, body, at, sheet)
    _check_header(name, header, known, at, sheet)
    width = len(header)
    cells = [row[:width] + [""] * (width - len(row)) for row in body]
    frame = pd.DataFrame(cells, columns=header, index=range(at + 2, at + 2 + len(cells)), dtype="str")
    frame = frame.loc[:, [name != "" for name in header]]
    return frame[(frame != "").any(axis=1)]


def _check_widths(file: str, header: list[str], body: list[list[str]], at: int, sheet: str) -> None:
    faults = [
        Fault(
            file=file,
            sheet=sheet,
            row=at + 2 + number,
            found=f"{len(row)} cells",
            expected=f"{len(header)} cells, as in the header",
            remedy="Look for a stray delimiter, or put quotation marks around text that contains one.",
        )
        for number, row in enumerate(body)
        if any(cell.strip() for cell in row[len(header) :])
    ]
    if faults:
        raise DataError(faults[:50])


def _check_header(file: str, header: list[str], known: Sequence[str], at: int, sheet: str) -> None:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(
            [
                Fault(
                    file=file,
                    sheet=sheet,
                    row=at + 1,
                    column=name,
                    found=f"the column {header.count(name)} times",
                    expected="each column once",
                    remedy="Rename or delete the extra column."
                    if name in known
                    else "Delete the extra column.",
                )
                for name in twice
            ]
        )
