"""A file about people, read and written so that no message quotes a cell."""

from __future__ import annotations

__all__ = ["Rows", "read_people", "write_columns"]

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s75lib.errors import ConfigError, DataError, Fault
from s75lib.loaders.sources.delimited import read_cells
from s75lib.loaders.sources.tables import HEADER_WITHIN, header_names
from s75lib.loaders.sources.workbook import read_rows
from s75lib.loaders.values import as_text, csv_safe

_EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class Rows:
    """The rows of a table that are not blank.

    Parameters
    ----------
    header : tuple of str
    rows : tuple of sequence
        Typed cells; rows may differ in length.
    numbers : tuple of int
        Each row's number as a spreadsheet counts.
    """

    header: tuple[str, ...]
    rows: tuple[Sequence[Any], ...]
    numbers: tuple[int, ...]

    def cells(self, name: str) -> list[str]:
        """Give a column as text.

        Parameters
        ----------
        name : str

        Returns
        -------
        list of str
        """
        place = self.header.index(name)
        return [as_text(row[place]).strip() if place < len(row) else "" for row in self.rows]


def read_people(source: Path, sheet: str) -> Rows:
    """Read a file about people.

    Parameters
    ----------
    source : Path
        CSV, Excel or OpenDocument; its first row that fills most columns is the header.
    sheet : str
        Worksheet of a workbook.

    Returns
    -------
    Rows

    Raises
    ------
    ConfigError
        If there is no such file.
    DataError
        If it can't be read, or has no header. No cell is quoted.
    """
    if not source.is_file():
        raise ConfigError(f"file: found no {source.name}; expected a CSV or Excel file.")
    try:
        if source.suffix.lower() in _EXCEL:
            rows: list[Sequence[Any]] = list(read_rows(source, source.name, sheet=sheet).rows)
        else:
            rows = list(read_cells(source, source.name))
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            [
                Fault(
                    file=source.name,
                    found=f"a file that can't be read ({type(error).__name__})",
                    expected="CSV or Excel",
                    remedy="Open it, save it again, and retry.",
                )
            ]
        ) from None
    filled = [len(set(filter(None, header_names(row)))) for row in rows[:HEADER_WITHIN]]
    if not filled or max(filled) < 2:
        raise DataError(
            [Fault(source.name, "no header", "column names in a row", "Add them above the rows.")]
        )
    at = filled.index(max(filled))
    header = header_names(rows[at])
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise DataError(
            [Fault(source.name, f"{len(twice)} columns twice", "each once", "Rename one.", row=at + 1)]
        )
    filled_rows = {
        number: row
        for number, row in enumerate(rows[at + 1 :], start=at + 2)
        if any(as_text(cell).strip() for cell in row)
    }
    return Rows(tuple(header), tuple(filled_rows.values()), tuple(filled_rows))


def write_columns(target: Path, columns: Mapping[str, Sequence[str]]) -> None:
    """Write a CSV that only its owner can read.

    Parameters
    ----------
    target : Path
    columns : mapping of str to sequence of str
        Text that a spreadsheet would take for a formula is made harmless.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*([csv_safe(cell) for cell in cells] for cells in columns.values()), strict=True))
    part = target.with_name(f".{target.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
    part.replace(target)
