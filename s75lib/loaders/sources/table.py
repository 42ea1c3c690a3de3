"""Rows of cells turned into a frame, without blank rows and what stands below the table."""

from __future__ import annotations

__all__ = ["RawTable", "finished", "table_from_rows"]

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from s75lib.errors import Fault
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources.conventions import PLAIN, Conventions
from s75lib.loaders.sources.header import HEADER_WITHIN, check_widths, find_header
from s75lib.loaders.sources.trailing import without_trailing_rows
from s75lib.loaders.values import as_text

_SAMPLE = 5_000  # rows of a column that the schema does not know, read for the check on personal details


@dataclass(frozen=True)
class RawTable:
    """A table as found in a source.

    Parameters
    ----------
    frame : DataFrame
        The columns that the schema knows: cells as text, or as typed by Parquet; the index holds each row's
        number as a spreadsheet counts.
    sheet : str
        Name of the worksheet, empty for other sources.
    others : DataFrame
        The first rows of the columns that the schema does not know.
    warnings : tuple of Fault
        What was left out, and why.
    """

    frame: pd.DataFrame
    sheet: str = ""
    others: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: tuple[Fault, ...] = ()


def table_from_rows(
    rows: Sequence[Sequence[Any]],
    name: str,
    dataset: Dataset,
    sheet: str = "",
    *,
    first_row: int = 1,
    keep_all: bool = False,
    conventions: Conventions = PLAIN,
) -> RawTable:
    """Make a table of the rows of a sheet or a file.

    Parameters
    ----------
    rows : sequence of sequence
        Cells as text or typed; rows may differ in length.
    name : str
        How messages call the source.
    dataset : Dataset
    sheet : str
        Name of the worksheet.
    first_row : int
        Number of the first of the rows.
    keep_all : bool
        Whether to keep columns that the schema does not know.
    conventions : Conventions
        What plain numbers stand for.

    Returns
    -------
    RawTable

    Raises
    ------
    DataError
        If there is no header, a column stands twice, or a row is wider than the header.

    Examples
    --------
    >>> from s75lib.loaders.schemas import DATASETS
    >>> rows = [["Month", "Measure", "Count"], ["2019-08", "reviews", 7.0], ["", "", ""]]
    >>> table_from_rows(rows, "activity.xlsx", DATASETS["activity"]).frame
         month  measure count
    2  2019-08  reviews     7
    """
    at, header = find_header(rows[: HEADER_WITHIN + 1], name, dataset, sheet, first_row)
    body = rows[at + 1 :]
    first = first_row + at + 1
    check_widths(name, sheet, header, body, first)
    known = {column.name: column for column in dataset.columns}
    units = [as_text(cell) for cell in _column(body, header.index("unit"))] if "unit" in header else []
    columns = {
        column: conventions.texts(_column(body, place), (at + 1, place), known.get(column), units)
        for place, column in enumerate(header)
        if column and (keep_all or column in known)
    }
    others = {
        column: [as_text(cell) for cell in _column(body[:_SAMPLE], place)]
        for place, column in enumerate(header)
        if column and column not in columns
    }
    index = pd.RangeIndex(first, first + len(body))
    frame = pd.DataFrame(columns, index=index, dtype="object")
    return finished(frame, pd.DataFrame(others, dtype="object"), name, dataset, sheet)


def finished(
    frame: pd.DataFrame, others: pd.DataFrame, name: str, dataset: Dataset, sheet: str = ""
) -> RawTable:
    """Leave out blank rows, and totals and notes below the table.

    Parameters
    ----------
    frame : DataFrame of object
        Text, indexed by row number.
    others : DataFrame of object
        First rows of the columns that the schema does not know.
    name : str
        How messages call the source.
    dataset : Dataset
    sheet : str

    Returns
    -------
    RawTable

    Examples
    --------
    >>> from s75lib.loaders.schemas import DATASETS
    >>> frame = pd.DataFrame({"month": ["2019-08", " "], "count": ["7", ""]}, index=[2, 3])
    >>> finished(frame, pd.DataFrame(), "activity.csv", DATASETS["activity"]).frame.index.to_list()
    [2]
    """
    blank = np.arange(len(frame))
    for column in frame.columns:  # after the first column few rows are left to look at
        blank = blank[[not cell.strip() for cell in frame[column].to_numpy()[blank]]] if len(blank) else blank
    frame = frame.drop(index=frame.index[blank]) if len(blank) else frame
    frame, warnings = without_trailing_rows(frame, dataset, name, sheet)
    return RawTable(frame, sheet, others, warnings)


def _column(body: Sequence[Sequence[Any]], place: int) -> list[Any]:
    return [row[place] if place < len(row) else "" for row in body]
