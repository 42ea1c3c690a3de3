"""The header of a table: where it is, what its columns are called, and that no row is wider."""

from __future__ import annotations

__all__ = ["HEADER_WITHIN", "check_widths", "find_header", "header_names", "unreadable"]

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from s75lib.errors import DataError, Fault
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.values import as_text

HEADER_WITHIN = 30
"""Rows in which the header must be."""

_MOST_COLUMNS = 16_384  # as many as Excel has
_SHOWN = 50


def unreadable(name: str, found: str, remedy: str) -> DataError:
    """Make the error for a source that is not a table.

    Parameters
    ----------
    name : str
        How messages call the source.
    found, remedy : str

    Returns
    -------
    DataError
        With one fault.

    Examples
    --------
    >>> print(unreadable("kpi.csv", "a NUL byte", "Export it again.").faults[0])
    kpi.csv: found a NUL byte; expected a readable table. Export it again.
    """
    return DataError([Fault(file=name, found=found[:200], expected="a readable table", remedy=remedy)])


def find_header(
    rows: Sequence[Sequence[Any]], name: str, dataset: Dataset, sheet: str = "", first_row: int = 1
) -> tuple[int, list[str]]:
    """Find the header among the first rows.

    Parameters
    ----------
    rows : sequence of sequence
    name : str
        How messages call the source.
    dataset : Dataset
    sheet : str
    first_row : int
        Number of the first of the rows.

    Returns
    -------
    at : int
        Its place among the rows. Of equal rows that follow one another, as under cells merged downwards, it
        is the last.
    header : list of str
        Column names in lower case with underscores; blank at the end left out.

    Raises
    ------
    DataError
        If no row holds at least half of the required columns, or a column stands twice.

    Examples
    --------
    >>> from s75lib.loaders.schemas import DATASETS
    >>> find_header([["Activity"], ["Month", "Measure", "Count ", ""]], "a.csv", DATASETS["activity"])
    (1, ['month', 'measure', 'count'])
    """
    required = set(dataset.required)
    found: list[int] = []
    for row in rows[:HEADER_WITHIN]:
        found.append(len(required.intersection(header_names(row))))
        if found[-1] == len(required):
            break
    if not found or max(found) < max(1, len(required) // 2):
        top = ", ".join(text for cell in rows[0][:20] if (text := as_text(cell)))[:120] if rows else ""
        shown = "a row about a person (not shown)" if top and dataset.about_people else top
        raise DataError(
            [
                Fault(
                    file=name,
                    sheet=sheet,
                    row=first_row,
                    found=shown or ("a blank row" if rows else "an empty file"),
                    expected=f"a header with the columns {', '.join(dataset.required)}",
                    remedy="Put the column names in the first row; docs/data-dictionary.md lists them.",
                )
            ]
        )
    at = found.index(max(found))
    header = header_names(rows[at])
    while at + 1 < len(rows) and header_names(rows[at + 1]) == header:
        at += 1
    _check_header(name, header, dataset, first_row + at, sheet)
    return at, header


def header_names(row: Sequence[Any]) -> list[str]:
    """Read a row as a header.

    Parameters
    ----------
    row : sequence

    Returns
    -------
    list of str
        In lower case with underscores for spaces; blank cells at the end left out.

    Examples
    --------
    >>> header_names(["Weekly gross", None, " TEAM ", ""])
    ['weekly_gross', '', 'team']
    """
    names = [re.sub(r"\s+", "_", as_text(cell)[:200].strip().lower()) for cell in row]
    while names and not names[-1]:
        names.pop()
    return names


def check_widths(
    name: str, sheet: str, header: Sequence[str], rows: Iterable[Sequence[Any]], first_row: int
) -> int:
    """Refuse rows with filled cells beyond the header.

    Parameters
    ----------
    name, sheet : str
        For messages.
    header : sequence of str
    rows : iterable of sequence
    first_row : int
        Number of the first of the rows.

    Returns
    -------
    int
        How many rows there are.

    Raises
    ------
    DataError
        With the first 50 of the rows that are too wide.

    Examples
    --------
    >>> check_widths("a.csv", "", ["month", "count"], [["2019-08", "1", ""]], 2)
    1
    """
    width, number = len(header), first_row - 1
    wide: list[tuple[int, int]] = []
    for number, row in enumerate(rows, start=first_row):
        if len(row) > width and any(as_text(cell).strip() for cell in row[width:]) and len(wide) < _SHOWN:
            wide.append((number, len(row)))
    if wide:
        raise DataError(
            Fault(
                file=name,
                sheet=sheet,
                row=row_number,
                found=f"{cells} cells",
                expected=f"{width} cells, as in the header",
                remedy="Look for a stray delimiter, or put quotation marks around text that contains one.",
            )
            for row_number, cells in wide
        )
    return number - first_row + 1


def _check_header(file: str, header: list[str], dataset: Dataset, row: int, sheet: str) -> None:
    if len(header) > _MOST_COLUMNS:
        raise unreadable(
            file, f"{len(header)} columns", f"Keep the columns of the dataset; {_MOST_COLUMNS} are the most."
        )
    counted = Counter(header)
    twice = sorted(column for column, count in counted.items() if column and count > 1)
    if twice:
        raise DataError(
            [
                Fault(
                    file=file,
                    sheet=sheet,
                    row=row,
                    column=column,
                    found=f"the column {counted[column]} times",
                    expected="each column once",
                    remedy="Rename or delete the extra column."
                    if column in dataset.column_names
                    else "Delete the extra column.",
                )
                for column in twice[:_SHOWN]
            ]
        )
