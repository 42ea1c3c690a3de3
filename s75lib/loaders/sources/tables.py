"""Rows of cells made a table: its header found, blank rows, totals and notes left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from s75lib.errors import DataError, Fault, warning
from s75lib.loaders.schemas import Column, Dataset
from s75lib.loaders.values import as_text, parse_column, scale_of

HEADER_WITHIN = 30
"""Rows in which the header must be."""

A_HEADER = "a header"
"""What is expected of a table in which none was found, as its fault begins."""

OR_MAP = "or let s75 map propose how the file is laid out"
"""The remedy where a file's layout is not the contract's."""

THOUSANDS = "a line beside the table that speaks of thousands or millions"
"""What is found where amounts may be in £000s."""

SAMPLE = 5_000
"""Rows of a column that the schema does not know, read for the check on personal details."""

_WITH_TOTALS = ("budget", "staffing", "packages", "package_transfers", "activity", "workforce", "audits")
_LABEL = re.compile(r"((grand|overall|sub)[ -]?)?totals?\b.{0,40}", re.IGNORECASE)
_WHOLE_LABEL = re.compile(r"((grand|overall)[ -])?totals?:?", re.IGNORECASE)
_MOST = 12  # rows below a table that are looked at
_PENNY = 0.011
_ROUNDING = 0.005  # a printed total of rounded figures is within half a per cent of their sum
_MOST_COLUMNS = 16_384  # as many as Excel has
_SHOWN = 50
_DAYS = ("date", "month", "day_or_month")  # kinds whose cells may be days as Excel counts them
_FROM_1900_TO_1904 = 1462


@dataclass(frozen=True)
class RawTable:
    """A table as found in a source.

    - `frame`: The columns that the schema knows: cells as text, or as typed by Parquet; the index holds each
      row's number as a spreadsheet counts.
    - `sheet`: Name of the worksheet, empty for other sources.
    - `others`: The first rows of the columns that the schema does not know.
    - `warnings`: What was left out, and why.
    - `sha256`: Of a query's result written as CSV; empty for files.
    """

    frame: pd.DataFrame
    sheet: str = ""
    others: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: tuple[Fault, ...] = ()
    sha256: str = ""


@dataclass(frozen=True)
class Conventions:
    """What a workbook's plain numbers stand for.

    - `from_1904`: Whether a plain number that stands for a day counts from 1904; dates are dates already.
    - `percents` (int, int): Row and column, from 0, of numbers that are shown times a hundred: 0.45 as 45%.
    """

    from_1904: bool = False
    percents: frozenset[tuple[int, int]] = frozenset()

    def texts(
        self, cells: Sequence[Any], at: tuple[int, int], column: Column | None, units: Sequence[str]
    ) -> list[str]:
        """Write a column's cells as they are meant, the first of them in the row and column `at`.

        A number shown as 45% is 45 where percentages are asked for: in a column of percentages, and where the
        row's unit is one. Elsewhere, as in a share from 0 to 1, it stays 0.45.
        """
        row, place = at
        if column and self.from_1904 and column.kind in _DAYS:
            cells = [cell + _FROM_1900_TO_1904 if type(cell) in (int, float) else cell for cell in cells]
        elif column and self.percents:
            always = column.kind == "percent"
            cells = [
                f"{Decimal(repr(cell)) * 100:f}%"
                if type(cell) in (int, float)
                and (row + n, place) in self.percents
                and (always or (units and _is_percent(units[n])))
                else cell
                for n, cell in enumerate(cells)
            ]
        return [as_text(cell) for cell in cells]


PLAIN = Conventions()
"""The conventions of text, and of most workbooks."""


def unreadable(name: str, found: str, remedy: str) -> DataError:
    """Make the error for a source that is not a table."""
    return DataError([Fault(file=name, found=found[:200], expected="a readable table", remedy=remedy)])


def broken(error: Exception, path: Path, name: str) -> DataError:
    """Make the error for a file that its reader gave up on."""
    if "password" in str(error).lower():
        remedy = "Save a copy without a password (in Excel: File, Info, Protect Workbook, Encrypt)."
        return unreadable(name, "a workbook with a password", remedy)
    if "field limit" in str(error):
        remedy = "Shorten it, or close the quotation mark that makes many cells one."
        return unreadable(name, "a cell of more than 131,072 characters", remedy)
    if path.suffix.lower() in (".xlsb", ".numbers"):
        return unreadable(name, f"a file of the kind {path.suffix}", "Save it as .xlsx, and retry.")
    found = f"{type(error).__name__}: {error}".replace(str(path), name)
    return unreadable(name, found, "Open the file, save it again, and retry.")


def header_names(row: Sequence[Any]) -> list[str]:
    """Read a row as a header: lower case, underscores for spaces, blank cells at the end left out.

    >>> header_names(["Weekly gross", None, " TEAM ", ""])
    ['weekly_gross', '', 'team']
    """
    names = [re.sub(r"\s+", "_", as_text(cell)[:200].strip().lower()) for cell in row]
    while names and not names[-1]:
        names.pop()
    return names


def find_header(
    rows: Sequence[Sequence[Any]], name: str, dataset: Dataset, sheet: str = "", first_row: int = 1
) -> tuple[int, list[str]]:
    """Find the header among the first rows: its place, and its names as `header_names` reads them.

    Of equal rows that follow one another, as under cells merged downwards, the last is taken. DataError if no
    row holds at least half of the required columns, or a column stands twice.
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
        fault = Fault(
            name,
            shown or ("a blank row" if rows else "an empty file"),
            f"{A_HEADER} with the columns {', '.join(dataset.required)}",
            f"Put the column names in the first row; docs/data-dictionary.md lists them; {OR_MAP}.",
            sheet=sheet,
            row=first_row,
        )
        raise DataError([fault])
    at = found.index(max(found))
    header = header_names(rows[at])
    while at + 1 < len(rows) and header_names(rows[at + 1]) == header:
        at += 1
    if len(header) > _MOST_COLUMNS:
        remedy = f"Keep the columns of the dataset; {_MOST_COLUMNS} are the most."
        raise unreadable(name, f"{len(header)} columns", remedy)
    twice = {column: count for column, count in Counter(header).items() if column and count > 1}
    if twice:
        raise DataError(
            Fault(
                name,
                f"the column {twice[column]} times",
                "each column once",
                f"Give each of them a name of its own; {OR_MAP}.",
                sheet=sheet,
                row=first_row + at,
                column=column,
            )
            for column in sorted(twice)[:_SHOWN]
        )
    return at, header


def holds_rows_of(rows: Sequence[Sequence[Any]], dataset: Dataset) -> bool:
    """Whether the first rows of a sheet hold the header of a dataset, whole, and a filled row below it."""
    required = set(dataset.required)
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        if required and required <= set(header_names(row)):
            return any(as_text(cell).strip() for below in rows[at + 1 :] for cell in below)
    return False


def check_widths(
    name: str, sheet: str, header: Sequence[str], rows: Iterable[Sequence[Any]], first_row: int
) -> int:
    """Count the rows, and refuse those with filled cells beyond the header (the first 50 are named)."""
    width, number = len(header), first_row - 1
    wide: list[Fault] = []
    for number, row in enumerate(rows, start=first_row):
        if len(row) > width and any(as_text(cell).strip() for cell in row[width:]) and len(wide) < _SHOWN:
            remedy = "Look for a stray delimiter, or put quotation marks around text that contains one."
            expected = f"{width} cells, as in the header"
            wide.append(Fault(name, f"{len(row)} cells", expected, remedy, sheet=sheet, row=number))
    if wide:
        raise DataError(wide)
    return number - first_row + 1


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
    """Make a table of the rows of a sheet or a file, the first of which has the number `first_row`."""
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
        column: [as_text(cell) for cell in _column(body[:SAMPLE], place)]
        for place, column in enumerate(header)
        if column and column not in columns
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(first, first + len(body)), dtype="object")
    raw = finished(frame, pd.DataFrame(others, dtype="object"), name, dataset, sheet)
    few = [row for row in body[-_MOST:] if sum(bool(as_text(cell).strip()) for cell in row) == 1]
    return in_thousands(raw, [*rows[:at], *few], name, dataset)


def in_thousands(raw: RawTable, around: Iterable[Sequence[Any]], name: str, dataset: Dataset) -> RawTable:
    """Warn where the lines above or below a table of money say that it is in thousands or millions."""
    said = [text for row in around for cell in row if scale_of(text := as_text(cell))]
    if not said or not any(column.kind == "money" for column in dataset.columns):
        return raw
    remedy = (
        f'Write unit = "£000" for {dataset.name} under [sources] in authority.toml, if they are in £000s.'
    )
    told = Fault(name, f"{THOUSANDS}: {said[0][:40]}", "amounts in £", remedy, raw.sheet, severity="warning")
    return replace(raw, warnings=(*raw.warnings, told))


def finished(
    frame: pd.DataFrame, others: pd.DataFrame, name: str, dataset: Dataset, sheet: str = ""
) -> RawTable:
    """Make a table of text, indexed by row number, without its blank rows and what stands below it."""
    blank = np.arange(len(frame))
    for column in frame.columns:  # after the first column few rows are left to look at
        blank = blank[[not cell.strip() for cell in frame[column].to_numpy()[blank]]] if len(blank) else blank
    frame = frame.drop(index=frame.index[blank]) if len(blank) else frame
    again = _headers_again(frame)
    frame = frame.drop(index=again) if again else frame
    frame, warnings = _without_trailing_rows(frame, dataset, name, sheet)
    if again:
        found, remedy = "the header again among the rows", "It was left out there; nothing need be done."
        told = warning(name, found, "one header", remedy, sheet=sheet, row=again[0])
        warnings = (*warnings, told)
    return RawTable(frame, sheet, others, warnings)


def _headers_again(frame: pd.DataFrame) -> list[int]:
    """Find the rows below the header that repeat it, as on each page of a print."""
    names = [str(column) for column in frame.columns]
    first = names[0]
    likely = [
        at
        for at, cell in enumerate(frame[first].to_numpy())
        if cell[:1].lower() == first[:1] and header_names([cell]) == [first]
    ]
    return [int(frame.index[at]) for at in likely if header_names(frame.iloc[at].tolist()) == names]


def _is_percent(unit: str) -> bool:
    return "percent" in unit.lower() or "%" in unit


def _column(body: Sequence[Sequence[Any]], place: int) -> list[Any]:
    return [row[place] if place < len(row) else "" for row in body]


def _without_trailing_rows(
    frame: pd.DataFrame, dataset: Dataset, name: str, sheet: str
) -> tuple[pd.DataFrame, tuple[Fault, ...]]:
    """Leave out total rows and notes at the end of a table, with a warning for each.

    A note is a last row with one cell of words, or two below a blank row, where the dataset needs more. A
    total is a last row labelled so that lacks a cell which every row must fill, or a complete one whose
    amounts are the sum of the rows above. A total that is off is left out too, and the warning says by how
    much; a complete row labelled as a total that is not the sum is kept, with a warning.
    """
    notes: list[Fault] = []
    end = len(frame)
    must = [c.name for c in dataset.columns if not c.blank and c.name in frame.columns]
    if not must:
        return frame, ()
    while end > 0 and len(frame) - end < _MOST and _is_note(frame, end, len(must)):
        end -= 1
        remedy = "It was left out; nothing need be done."
        found, expected, row = "a note below the table", "rows of the dataset alone", int(frame.index[end])
        notes.append(warning(name, found, expected, remedy, sheet=sheet, row=row))
    block = end
    while block > 0 and end - block < _MOST and _may_be_total(_filled(frame, block - 1), dataset, must):
        block -= 1
    if block == end or block == 0:
        return frame.iloc[:end] if notes else frame, tuple(notes)
    left_out, totals = _totals(frame, dataset, range(block, end), must, (name, sheet))
    return frame.iloc[:end].drop(index=left_out), (*totals, *notes)


def _filled(frame: pd.DataFrame, at: int) -> dict[str, str]:
    """Give the cells of a row that are not blank, by column."""
    row = zip(frame.columns, frame.iloc[at].to_numpy(), strict=True)
    return {column: cell for column, cell in row if cell.strip()}


def _is_note(frame: pd.DataFrame, end: int, needed: int) -> bool:
    filled = _filled(frame, end - 1)
    below_a_blank = end > 1 and frame.index[end - 1] - frame.index[end - 2] > 1
    if len(filled) > (2 if below_a_blank else 1) or len(filled) >= max(needed, 2):
        return False
    words = all(len(re.findall(r"[^\W\d_]", cell)) >= 4 for cell in filled.values())
    return words and not any(_LABEL.fullmatch(cell.strip()) for cell in filled.values())


def _may_be_total(filled: Mapping[str, str], dataset: Dataset, must: Sequence[str]) -> bool:
    additive = _additive(dataset)
    labels = [cell for column, cell in filled.items() if column not in additive]
    if len(labels) == len(filled):
        return False
    if any(_LABEL.fullmatch(cell.strip()) for cell in labels):
        return not _complete(filled, dataset, must) or any(_WHOLE_LABEL.fullmatch(c.strip()) for c in labels)
    return not labels and not any(column in filled for column in must)


def _additive(dataset: Dataset) -> list[str]:
    """Name the columns of which a total row can be the sum: money, counts, staff and units."""
    added = [c for c in dataset.columns if c.kind in ("money", "count") or c.unit in ("WTE", "units a week")]
    added = added if dataset.name in _WITH_TOTALS else []
    return [column.name for column in added if column.name not in ("unit_price", "rounded_to")]


def _complete(filled: Mapping[str, str], dataset: Dataset, must: Sequence[str]) -> bool:
    """Whether a row has every cell that it must, and a date and no label in the one that dates it."""
    dated = not dataset.dated_by or any(mark.isdigit() for mark in filled.get(dataset.dated_by, ""))
    return dated and all(column in filled for column in must)


def _totals(
    frame: pd.DataFrame, dataset: Dataset, block: range, must: Sequence[str], place: tuple[str, str]
) -> tuple[list[int], list[Fault]]:
    """Compare each candidate with the sum of the rows above the block."""
    above = frame.iloc[: block[0]]
    sums = {
        column: float(parse_column(above[column], "money")[0].sum())
        for column in _additive(dataset)
        if column in frame.columns
    }
    left_out: list[int] = []
    warnings: list[Fault] = []
    for at in block:
        filled, number = _filled(frame, at), int(frame.index[at])
        printed = {
            column: float(parse_column(pd.Series([filled[column]]), "money")[0].iloc[0])
            for column in sums
            if column in filled
        }
        off = {column: value for column, value in printed.items() if not abs(value - sums[column]) <= _PENNY}
        near = all(abs(value - sums[c]) <= _PENNY + _ROUNDING * abs(sums[c]) for c, value in printed.items())
        kept = _complete(filled, dataset, must) and not near
        if not kept:
            left_out.append(number)
        said = [f"{c} is {value:,.10g} while the rows above make {sums[c]:,.10g}" for c, value in off.items()]
        label = "complete row labelled as a total" if kept else "total row"
        sums_up = f" whose {' and '.join(said)}" if off else ", which is the sum of the rows above"
        expected = "no totals among the rows, or the sum of the rows above"
        remedy = "It was left out; nothing need be done."
        if kept:
            remedy = "It was kept as a row of its own; delete it if it is a total."
        elif off:
            remedy = "It was left out; look whether a row is missing, counted twice or only rounded."
        found = f"a {label}{sums_up}"
        warnings.append(warning(place[0], found, expected, remedy, place[1], number, ", ".join(off)))
    return left_out, warnings
