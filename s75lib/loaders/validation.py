"""A raw table against its schema: every fault at once, each with its place and remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache, partialmethod
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.dtypes import immutable
from pandera.engines.pandas_engine import DataType, Engine

from s75lib.errors import DataError, Fault, warning
from s75lib.loaders.mapping.synonyms import COLUMNS, column_for, plain_name
from s75lib.loaders.period import Period, last_day
from s75lib.loaders.personal_data import identifying_columns, personal_cells
from s75lib.loaders.rules import broken_rules
from s75lib.loaders.schemas import Column, Dataset
from s75lib.loaders.sources import RawTable
from s75lib.loaders.sources.tables import OR_MAP
from s75lib.loaders.values import (
    ERRORS,
    EXPECTED,
    as_text,
    blank_cells,
    distinct_cells,
    is_month_first,
    is_unknown,
    parse_cells,
    parse_distinct,
    read_day,
    read_period,
    slug_of,
)

_SHOWN = 1_000  # faults of one kind in one column that are named
_ALIKE = 0.84  # of two names' letters in common
_SPOILT = {
    "in scientific notation, as 1.23E+11": re.compile(r"\d[.,]\d+[eE]\+?\d+|\d[eE]\+\d+", re.ASCII),
    "turned into dates, as 01-Mar": re.compile(
        r"\d{2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
        r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{2}|(?:19|20)\d\d-\d\d-\d\d(?: 00:00:00)?",
        re.ASCII | re.IGNORECASE,
    ),
}
_NOBODY = frozenset(
    {"", "unknown", "notknown", "na", "nk", "none", "null", "nan", "tbc", "nokey", "noid", "blank", "dummy"}
)
_SHORT_YEAR = re.compile(r"\d{1,2}[/. -](?:\d{1,2}|[A-Za-z]{3,9})[/. -]\d{2}(?: 00:00(?::00)?)?", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d\d-(\d\d)\b", re.ASCII)
_WRITTEN_DAY = re.compile(r"(\d{1,2})/\d{1,2}/\d{4}\b", re.ASCII)
_TELLING = 5  # days of each kind, which chance would not part at the twelfth
_PERIOD = re.compile(r"(?:M|P|Month |Period )0?(\d{1,2})|Q(?:uarter )?([1-4])", re.ASCII | re.IGNORECASE)
_FIGURES = ("number", "count", "money", "percent")
_FEW = 3  # faulty rows that may be left out of any dataset whose rows stand alone; of many, a tenth
_LONGEST = 30  # years from a snapshot within which an end date of two digits is believed
_AGREED = ("contributions", "funding_rules", "known_changes", "savings", "uplifts")
"""Datasets of what was agreed or planned: capitals alone make no other line, rule, move, saving or uplift."""
_SCALED = re.compile(r"[-(]?£?[\d,. ]+(?:[km]|mn|million|thousand)\)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Held:
    """A validated dataset, and where its rows came from.

    - `frame`: All columns of the schema; a fresh index from 0.
    - `rows`: Each row's number as a spreadsheet counts.
    - `file`, `sheet`: For messages.
    - `told`: Faults of rows that were left out, and warnings of units that differ from cell to cell.
    - `labels`: How the file writes each name that is kept as a slug.
    """

    frame: pd.DataFrame
    rows: np.ndarray
    file: str
    sheet: str = ""
    told: tuple[Fault, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def fault(
        self,
        found: str,
        expected: str,
        remedy: str,
        column: str = "",
        at: Any = None,
        severity: str = "error",
    ) -> Fault:
        """Make a fault of the row at a place of the frame, or of the first that is marked; else of no row."""
        row = None if at is None else int(self.rows[np.argmax(at) if np.ndim(at) else at])
        return Fault(self.file, found, expected, remedy, self.sheet, row, column, severity)

    warning = partialmethod(fault, severity="warning")

    def warned(
        self, wrong: pd.Series | np.ndarray, found: str, expected: str, remedy: str, column: str
    ) -> Iterator[Fault]:
        """Warn of the rows that are marked, if any are, at the first of them."""
        mask = pd.Series(wrong).fillna(False).to_numpy(dtype=bool)
        if mask.any():
            yield self.warning(found, expected, remedy, column, mask)


def validated(raw: RawTable, dataset: Dataset, file: str) -> Held:
    """Turn a raw table into a typed frame of its dataset, and keep its rows' numbers.

    DataError with every fault found: missing columns, personal details, cells that can't be read or lie
    outside their bounds, blanks where none may be, duplicate rows, identities that do not hold. Of one kind
    in one column the first 1,000 are named, and the others counted.

    Where a row is a figure by itself (`Dataset.stands_alone`), a few faulty rows are left out and told, at
    most a tenth or three, and the others hold. Elsewhere a row that is missing would be missing from a sum.
    """
    found = _Faults(file, raw, dataset)
    typed = _typed_frame(raw, dataset, found)
    if faults := _column_faults(found):
        raise DataError(faults)
    _check_schema(typed, dataset, found)
    _check_duplicates(typed, dataset, found)
    for column, bad, expected in broken_rules(typed, dataset.name):
        found.add(column, bad, expected, "Correct whichever is wrong.")
    if found.faults and not (rows := found.can_be_left_out(len(typed))):
        raise DataError(found.in_order())
    if found.faults:
        typed = typed.drop(index=rows)
        found.told += [
            replace(fault, remedy=f"{fault.remedy} Until then its row is left out.")
            for fault in found.in_order()
        ]
    return _held(typed, found)


def read_columns(raw: RawTable, dataset: Dataset, file: str, names: Collection[str]) -> Held:
    """Turn some columns of a raw table into a typed frame, and look at no other."""
    part = replace(dataset, columns=tuple(column for column in dataset.columns if column.name in names))
    found = _Faults(file, replace(raw, frame=raw.frame[[n for n in raw.frame.columns if n in names]]), part)
    typed = _typed_frame(found.raw, part, found)
    if faults := _column_faults(found) or found.in_order():
        raise DataError(faults)
    return _held(typed, found)


def empty_frame(dataset: Dataset) -> pd.DataFrame:
    """Give a dataset's frame without rows: all columns of the schema, each of its type."""
    return _empty(dataset).copy(deep=False)


@cache
def _empty(dataset: Dataset) -> pd.DataFrame:
    return pd.DataFrame({column.name: blank_cells(column.kind, 0) for column in dataset.columns})


@cache
def pandera_schema(dataset: Dataset) -> pa.DataFrameSchema:
    """Give the pandera schema of a dataset's typed frame: every column, no other."""
    own: dict[str, Any] = {"str": _Text, "datetime64[s]": _Day}
    dtypes = _empty(dataset).dtypes
    columns = {
        column.name: pa.Column(
            own.get(str(dtypes[column.name]), dtypes[column.name]), checks=_checks(column), nullable=True
        )
        for column in dataset.columns
    }
    return pa.DataFrameSchema(columns, strict=True, ordered=True, name=dataset.name)


class _Faults:
    """The faults of one table: the first of each kind are named, all are counted."""

    def __init__(self, file: str, raw: RawTable, dataset: Dataset) -> None:
        self.file, self.raw, self.dataset = file, raw, dataset
        self.faults: list[Fault] = []
        self.told: list[Fault] = []
        self.unread: dict[str, set[int]] = {}
        self.personal: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.unnamed = 0

    def add(self, column: str, bad: pd.Series, expected: str, remedy: str, found: str = "") -> None:
        """Add a fault for each row where `bad` holds, quoting the cell where nothing else is said."""
        if not bad.any():
            return
        unread = self.unread.get(column, ())
        rows = [int(row) for row in bad.index[bad.fillna(False).to_numpy(dtype="bool")] if row not in unread]
        self.unnamed += max(0, len(rows) - _SHOWN)
        for row in rows[:_SHOWN]:
            self.add_one(row, column, found or self._quoted(row, column), expected, remedy)

    def add_one(self, row: int | None, column: str, found: str, expected: str, remedy: str) -> None:
        """Add one fault."""
        self.faults.append(
            Fault(self.file, found, expected, remedy, sheet=self.raw.sheet, row=row, column=column)
        )

    def warn(self, column: str, found: str, expected: str, remedy: str) -> None:
        """Warn of a column."""
        self.told.append(warning(self.file, found, expected, remedy, self.raw.sheet, column=column))

    def can_be_left_out(self, count: int) -> list[int]:
        """Give the rows at fault of `count` if the dataset can do without them, else none."""
        rows = {fault.row for fault in self.faults}
        twice = any(", " in fault.column for fault in self.faults)  # which of the two is wrong?
        few = len(rows) <= max(_FEW, count / 10) and len(rows) < count and not twice
        left_out = self.dataset.stands_alone and few and None not in rows
        return sorted(row for row in rows if row) if left_out else []

    def in_order(self) -> list[Fault]:
        """Give the faults by row and column, the last of them for all that are not named."""
        ordered = sorted(dict.fromkeys(self.faults), key=lambda fault: (fault.row or 0, fault.column))
        if not self.unnamed:
            return ordered
        remedy = "Correct those above first; often one cause makes many."
        more = Fault(self.file, f"{self.unnamed:,} more faults", "none", remedy, sheet=self.raw.sheet)
        return [*ordered, more]

    def _quoted(self, row: int, column: str) -> str:
        """Show a cell, except where it could be about one person."""
        text = as_text(self.raw.frame.loc[row, column]).strip() if column in self.raw.frame else ""
        if self.dataset.about_people and text.lower() not in ERRORS:
            return "a cell at fault (not shown, for the row is about a person)"
        if not text:
            return "a blank"
        return repr(text if len(text) <= 40 else text[:40] + "…")


def _held(typed: pd.DataFrame, found: _Faults) -> Held:
    told = tuple(found.told)
    rows, sheet = typed.index.to_numpy(), found.raw.sheet
    return Held(typed.reset_index(drop=True), rows, found.file, sheet, told, found.labels)


def _typed_frame(raw: RawTable, dataset: Dataset, found: _Faults) -> pd.DataFrame:
    """Read every column of the schema; what can't be read is missing, and noted."""
    columns: dict[str, Any] = {}
    index = raw.frame.index
    frame = _dated_by_period(raw.frame)
    for column in dataset.columns:
        if column.name not in raw.frame.columns:
            columns[column.name] = blank_cells(column.kind, len(index))
            continue
        cells = frame[column.name]
        if cells.dtype in ("object", "str"):  # what is found once of the distinct cells serves both
            codes, distinct = distinct_cells(cells)
            telling = personal_cells(column.name, codes, distinct)
            if column.choices:
                distinct = _as_chosen(column, distinct)
            if column.name == "target":  # "≥ 95%" has the operator of its direction
                distinct = [cell.lstrip("<>≤≥= ") for cell in distinct]
            columns[column.name], bad = parse_distinct(codes, distinct, column.kind)
            if column.kind == "slug":
                found.labels |= {slug: cell for cell in distinct if (slug := slug_of(cell)) != cell}
            if column.kind in _FIGURES:
                _tell_unknown(column.name, codes[np.isnan(columns[column.name])], distinct, found)
            if column.kind == "money" and any(map(_SCALED.fullmatch, distinct)):
                _tell_mixed_units(column.name, distinct, found)
        else:
            telling = identifying_columns(cells.to_frame(), frozenset({column.name})).get(column.name, "")
            columns[column.name], bad = parse_cells(cells, column.kind)
            distinct = []
        if telling:
            found.personal[column.name] = telling
        if column.kind == "date" and _is_exchanged(distinct):
            _add_month_first(
                column, np.array([bool(_ISO_DAY.match(cell)) for cell in distinct])[codes], found
            )
        if bad.any():
            blank = ", or leave it blank if the figure is not known" if column.blank else ""
            remedy = f"Correct the cell{blank}."
            if any(is_month_first(as_text(cell).strip()) for cell in cells[bad].unique()):
                _add_month_first(column, bad, found)
                found.unread[column.name] = set(index[bad])
            found.add(column.name, pd.Series(bad, index=index), EXPECTED[column.kind], remedy)
            found.unread[column.name] = set(index[bad])
        if column.name in ("person_key", "package_key"):
            _add_spoilt_keys(pd.Series(columns[column.name], index=index), column.name, found)
    if dataset.name == "kpi" and "value" in frame:
        signed = pd.Series(frame["value"].astype("str").str.contains("%").to_numpy(dtype=bool), index=index)
        counted = ~pd.Series(columns["unit"], index=index).isin(["percent", ""])
        told = "Correct the unit, or take the sign out."
        found.add("value", signed & counted, "a figure without %, as its unit is not percent", told)
    if "snapshot_date" in columns:
        for column in dataset.columns:
            if column.kind == "date" and column.name != "snapshot_date" and column.name in raw.frame.columns:
                _put_in_their_century(column.name, columns, found)
    return pd.DataFrame(columns, index=index)


def _dated_by_period(frame: pd.DataFrame) -> pd.DataFrame:
    """Write a month, a quarter or a financial period as its last day, by its own year or that of its row.

    >>> cells = pd.DataFrame({"financial_year": "2025/26", "as_at": ["M8", "Q3", "P12 24/25", "2025-11-30"]})
    >>> _dated_by_period(cells)["as_at"].tolist()
    ['2025-11-30', '2025-12-31', '2025-03-31', '2025-11-30']
    """
    for name in {"as_at", "snapshot_date"} & set(frame.columns):
        if frame[name].dtype not in ("object", "str"):
            continue
        codes, distinct = distinct_cells(frame[name])
        days = [_position_day(cell) for cell in distinct]
        numbered = "financial_year" in frame and any(map(_PERIOD.fullmatch, distinct))
        if days == distinct and not numbered:
            continue
        cells = np.array([*days, ""], dtype="object")[codes]
        if numbered:
            cells = np.array(
                [
                    _day_in(year, match) if (match := _PERIOD.fullmatch(cell)) else cell
                    for year, cell in zip(frame["financial_year"], cells, strict=True)
                ],
                dtype="object",
            )
        frame = frame.assign(**{name: cells})
    return frame


def _position_day(cell: str) -> str:
    """Give the last day of what a cell names, where that is a period and no day."""
    label = read_period(cell) if cell and read_day(cell) is None else None
    return last_day(label).isoformat() if label else cell


def _day_in(year: Any, match: re.Match[str]) -> str:
    """Find the last day of a period in its year; the cell as it is where there is no such year or period."""
    label = read_period(as_text(year).strip()) or ""
    number = int(match[1]) if match[1] else 3 * int(match[2])
    if "/" not in label or not 1 <= number <= 12:
        return match[0]
    start = Period.parse(label).start
    return (pd.Timestamp(start) + pd.offsets.MonthEnd(number)).date().isoformat()


def _as_chosen(column: Column, distinct: list[str]) -> list[str]:
    """Write each cell as the vocabulary does, whatever its case, spaces and dashes."""
    chosen = {_plain(choice): choice for choice in column.choices}
    if "percent" in column.choices:
        chosen["%"] = "percent"
    return [chosen.get(_plain(cell), cell) for cell in distinct]


def _plain(text: str) -> str:
    return "_".join(re.split(r"[\s_-]+", text.strip().casefold()))


def stands_for_nobody(key: str) -> bool:
    """Whether a key is what systems and people write where they have none.

    >>> [stands_for_nobody(key) for key in ("0000", "Unknown", "N/A", "100")]
    [True, True, True, False]
    """
    return re.sub(r"[\W_]+|^0+$", "", key.casefold()) in _NOBODY


def is_spoilt(key: str) -> str:
    """Say how a spreadsheet has written a key anew, so that it is no longer one; empty where it has not.

    >>> is_spoilt("1.23E+11"), is_spoilt("01-Mar"), is_spoilt("MAR1")
    ('in scientific notation, as 1.23E+11', 'turned into dates, as 01-Mar', '')
    """
    return next((how for how, pattern in _SPOILT.items() if pattern.fullmatch(key)), "")


def _add_spoilt_keys(keys: pd.Series, column: str, found: _Faults) -> None:
    """Add one fault for all keys that a spreadsheet has shortened or written anew in one way."""
    hints = keys.str.contains(r"[eE]\+|[.,]\d+[eE]|-[A-Za-z0-9]{2,3}(?:[ -]|$)|\d{15}0$")
    spoilt = {int(str(row)): is_spoilt(key) for row, key in keys[hints].items()} if hints.any() else {}
    long = keys[hints & keys.str.fullmatch(r"\d{16,}")] if hints.any() else keys[:0]
    if long.nunique() > 2 and len(long) == keys.str.fullmatch(r"\d{16,}").sum():
        spoilt |= {int(str(row)): "of which a spreadsheet kept 15 digits" for row in long.index}
    for how in dict.fromkeys(filter(None, spoilt.values())):
        rows = [row for row, one in spoilt.items() if one == how]
        found.add_one(
            rows[0],
            column,
            f"keys {how}, in {len(rows):,} rows; what they were is lost",
            "a key of its own for each person or package",
            "Export the file again from its system, and don't save it from a spreadsheet; "
            "or import the column there as text.",
        )


def _add_month_first(column: Column, bad: np.ndarray, found: _Faults) -> None:
    """Add one fault for a column of dates in the American order, of which others may have been misread."""
    found.add_one(
        None,
        column.name,
        f"dates with the month first, as 03/31/2024, in {int(bad.sum()):,} rows; in the others, day and "
        "month may be exchanged",
        f"{EXPECTED[column.kind]}, the day first in the whole column",
        f"Export the column again with the year first, or name it under month_first in a mapping; {OR_MAP}.",
    )


def _is_exchanged(distinct: list[str]) -> bool:
    """Whether a spreadsheet read a column of days month first: it took those it could, and left the others.

    >>> taken, left = range(1, 7), range(13, 20)
    >>> _is_exchanged([f"2024-05-{day:02d}" for day in taken] + [f"{day}/05/2024" for day in left])
    True
    """
    taken = [int(match[1]) for cell in distinct if (match := _ISO_DAY.match(cell))]
    left = [int(match[1]) for cell in distinct if (match := _WRITTEN_DAY.match(cell))]
    enough = min(len(taken), len(left)) >= _TELLING
    return enough and max(taken) <= 12 < min(left)


def _tell_mixed_units(column: str, distinct: list[str], found: _Faults) -> None:
    """Warn of a column of money in which some amounts are written with k or m and others are not."""
    plain = [
        cell for cell in distinct if any(mark in "123456789" for mark in cell) and cell[-1:] not in "kKmM)"
    ]
    if plain:
        remedy = "See that those without are in £, and not in thousands or millions as the others."
        found.warn(
            column, "amounts with k or m beside amounts without", "one unit in the whole column", remedy
        )


def _tell_unknown(column: str, codes: np.ndarray, distinct: list[str], found: _Faults) -> None:
    missing = [at for at in np.unique(codes).tolist() if at >= 0 and distinct[at]]
    marks = {at: distinct[at] for at in missing if is_unknown(distinct[at])}
    if marks:
        rows = int(np.isin(codes, list(marks)).sum())
        said = f"{', '.join(marks.values())} in place of a figure, in {rows:,} row{'s' if rows > 1 else ''}"
        remedy = "Such a cell is read as not known, and never as 0; write 0 where it is 0."
        found.warn(column, said, "a figure, or a blank where it is not known", remedy)


def _put_in_their_century(name: str, columns: dict[str, Any], found: _Faults) -> None:
    """Read two-digit years as of the last century where this one's would be over a year after every snapshot.

    An end may lie ahead: one beyond 30 years, as 31/12/99, is a fault, for it may also stand for none.
    """
    cells, days, snapshots = found.raw.frame[name], columns[name], columns["snapshot_date"]
    if len(days) == 0 or np.isnat(snapshots).all() or cells.dtype not in ("object", "str"):
        return
    ahead = 366 if name != "end_date" else round(_LONGEST * 365.25)
    late = np.flatnonzero(days > np.nanmax(snapshots) + np.timedelta64(ahead, "D"))
    short = [bool(_SHORT_YEAR.fullmatch(as_text(cell).strip())) for cell in cells.iloc[late]]
    at = late[np.array(short, dtype=bool)]
    if not len(at):
        return
    if name == "end_date":
        found.add_one(
            int(cells.index[at[0]]),
            name,
            f"a year of two digits that may be of either century, or stand for no end, in {len(at):,} rows",
            "the year in four digits, and a blank while the package is open",
            "Export the column again with years of four digits.",
        )
        return
    columns[name] = days.copy()
    columns[name][at] = (pd.DatetimeIndex(days[at]) - pd.DateOffset(years=100)).to_numpy().astype(days.dtype)


def _column_faults(found: _Faults) -> list[Fault]:
    """Find required columns that are missing, and columns that would identify people."""
    raw, dataset = found.raw, found.dataset
    there = ", ".join([*map(str, raw.frame.columns), *map(str, raw.others.columns)][:20])
    whole, alike = _Faults(found.file, raw, dataset), _alike(raw, dataset)
    for column in dataset.columns:
        if column.required and column.name not in raw.frame.columns:
            expected = f"{EXPECTED[column.kind]} in a column {column.name!r}"
            remedy = f"Add the column: {column.meaning}."
            if column.name in alike:
                remedy = f"Rename {alike[column.name]} if it is that: {column.meaning}; {OR_MAP}."
            whole.add_one(None, column.name, f"no such column among {there}", expected, remedy)
    known = frozenset(dataset.column_names)
    personal = dict(found.personal)
    for table in (raw.frame[[name for name in raw.frame.columns if name not in known]], raw.others):
        personal |= identifying_columns(table, known)
    for name, what in personal.items():
        remedy = "Take the column out, or put a pseudonymous key in its place."
        whole.add_one(None, name, what, "no data that name a person", remedy)
    return whole.faults


def near_misses(raw: RawTable, dataset: Dataset, file: str) -> list[Fault]:
    """Warn of each column that is not read although its name is like that of one which is not there."""
    return [
        warning(
            file,
            "a column that is not read",
            f"{ours}, which it is like and which is not there",
            f"Rename it {ours} if it is that, {OR_MAP}.",
            sheet=raw.sheet,
            column=theirs,
        )
        for ours, theirs in _alike(raw, dataset).items()
        if not dataset.column(ours).required  # that is a fault already
    ]


def _alike(raw: RawTable, dataset: Dataset) -> dict[str, str]:
    """Find the columns that are not there and the first of the others whose name is like theirs."""
    absent = {plain_name(name): name for name in dataset.column_names if name not in raw.frame.columns}
    found: dict[str, str] = {}
    for theirs in map(str, raw.others.columns):
        plain = plain_name(theirs)
        near = get_close_matches(plain, absent, n=1, cutoff=_ALIKE) if plain else []
        ours = absent[near[0]] if near else ""
        if not near and dataset.name in COLUMNS:
            ours = column_for(theirs, dataset.name)[0]
        if ours in absent.values():
            found.setdefault(ours, theirs)
    return found


def _check_schema(typed: pd.DataFrame, dataset: Dataset, found: _Faults) -> None:
    try:
        pandera_schema(dataset).validate(typed, lazy=True, inplace=True)  # nothing is coerced
    except pa.errors.SchemaErrors as error:
        for (column, check), cases in error.failure_cases.groupby(["column", "check"], sort=False):
            bad = pd.Series(True, index=pd.Index(cases["index"].astype("int64")))
            blank = found.raw.frame[column].loc[bad.index]
            blank = blank.isna() | (blank.astype("str").str.strip() == "")
            found.add(str(column), bad & blank, str(check), "Correct the cell.", "a blank")
            for remedy, near in _remedies(dataset.column(str(column)), found.raw.frame[column], bad & ~blank):
                found.add(str(column), near, str(check), remedy)


def _remedies(column: Column, cells: pd.Series, bad: pd.Series) -> Iterator[tuple[str, pd.Series]]:
    """Say what to do about the cells at fault: of a vocabulary, name the word that they are like."""
    like: dict[Any, list[str]] = {
        cell: get_close_matches(_plain(as_text(cell)), column.choices, n=1, cutoff=_ALIKE)
        for cell in (cells[bad.index[bad]].unique() if column.choices else ())
    }
    words = cells[bad.index].map(lambda cell: like.get(cell) or [""]).str[0]
    for word in words[bad].unique():
        yield f"Did you mean {word!r}?" if word else "Correct the cell.", bad & (words == word)


def _check_duplicates(typed: pd.DataFrame, dataset: Dataset, found: _Faults) -> None:
    key = list(dataset.key)
    unread = {row for column in key for row in found.unread.get(column, ())}
    for column in key:  # a row whose key is unread or blank where it may not be is told of that alone
        if not dataset.column(column).blank:
            cells = typed[column]
            unread.update(typed.index[(cells.isna() | (cells == "")).to_numpy(dtype="bool")])
    typed = typed.drop(index=list(unread)) if unread else typed
    if dataset.name in _AGREED:
        words = [name for name in key if typed[name].dtype == "str"]
        typed = typed.assign(**{name: typed[name].str.casefold() for name in words})
    again = typed.duplicated(key)
    if not again.any():
        return
    groups = typed[typed.duplicated(key, keep=False)].groupby(key, dropna=False, sort=False).ngroup()
    first = groups.groupby(groups).apply(lambda rows: rows.index[0])
    twice = groups[again[groups.index]]
    found.unnamed += max(0, len(twice) - _SHOWN)
    for row, group in twice.head(_SHOWN).items():
        said = f"the same {' × '.join(key)} as in row {int(first[group])}"
        remedy = "Delete the duplicate; add the two up only if each is a part of the whole."
        found.add_one(int(str(row)), ", ".join(key), said, f"one row per {dataset.row_is}", remedy)


@immutable
class _Text(DataType):
    """Text by its dtype alone: pandera's own string type looks at each cell, and writes a message of none."""

    type = pd.StringDtype(na_value=np.nan)


@Engine.register_dtype(equivalents=[np.dtype("datetime64[s]")])
@immutable
class _Day(DataType):
    """A day, of a dtype that pandera knows: for each that it does not, it tries to import geopandas."""

    type = np.dtype("datetime64[s]")


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.minimum is not None or column.maximum is not None:
        low = -np.inf if column.minimum is None else column.minimum
        high = np.inf if column.maximum is None else column.maximum
        checks.append(_check(lambda cells: ~((cells < low) | (cells > high)), _bounds(column)))
    if column.kind == "count":
        checks.append(_check(lambda cells: np.isnan(cells) | (cells % 1 == 0), "a whole number"))
    if column.choices:
        allowed = [*column.choices, ""]  # of a blank where none may be, the last check tells
        checks.append(_check(lambda cells: cells.isin(allowed), f"one of {', '.join(column.choices)}"))
    if not column.blank:
        filled = f"{EXPECTED[column.kind]}, not a blank"
        checks.append(_check(lambda c: c != "" if c.dtype == "str" else ~pd.isna(c), filled))
    return checks


def _check(holds: Callable[[Any], Any], error: str) -> pa.Check:
    """Make a check of a column's array; what is missing is for `holds` to judge.

    Of a plain True pandera makes nothing, while a Series it looks at again and again.
    """

    def check(cells: pd.Series) -> bool | pd.Series:
        fine = holds(cells.values)
        return True if fine.all() else pd.Series(fine, index=cells.index)

    return pa.Check(check, error=error, ignore_na=False)


def _bounds(column: Column) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    if column.minimum is None:
        return f"{column.maximum:g} or less{unit}"
    if column.maximum is None:
        return f"{column.minimum:g} or more{unit}"
    return f"from {column.minimum:g} to {column.maximum:g}{unit}"
