"""CSV and other delimited text: encoding and delimiter found, structure checked row by row."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources.tables import (
    HEADER_WITHIN,
    SAMPLE,
    RawTable,
    check_widths,
    find_header,
    finished,
    in_thousands,
    table_from_rows,
    unreadable,
)

_SHORT = 10_000  # bytes in which pandas' reader takes longer to begin than the strict one to end


def read_delimited(path: Path, name: str, dataset: Dataset, *, keep_all: bool = False) -> RawTable:
    """Read delimited text.

    The standard library's strict reader goes over the whole file for its structure, so that a stray quotation
    mark can't swallow rows; pandas' faster one, which is lenient, then takes the cells. Of a short file the
    strict reader takes the cells too, and where nothing is quoted, it looks at no line that can't be at
    fault.
    """
    text = _decoded(path.read_bytes(), name)
    delimiter = _delimiter_of(text)
    data = text.encode()
    del text
    top = list(itertools.islice(_reader(_lines(data), delimiter), HEADER_WITHIN + 1))
    at, header = find_header(top, name, dataset)
    if len(data) > _SHORT:
        rows = _reader(_lines(data), delimiter) if b'"' in data else _suspects(data, delimiter, len(header))
        count = check_widths(name, "", header, itertools.islice(rows, at + 1, None), at + 2)
        places = [n for n, c in enumerate(header) if c and (keep_all or c in dataset.column_names)]
        with contextlib.suppress(pd.errors.ParserError, pd.errors.EmptyDataError):
            frame = _cells(data, at + 1, delimiter, header, places)
            if len(frame) == count:  # else the two readers disagree, and the strict one is right
                frame.index = pd.RangeIndex(at + 2, at + 2 + count)
                unknown = [n for n, column in enumerate(header) if column and n not in places]
                others = _cells(data, at + 1, delimiter, header, unknown, rows=SAMPLE)
                return in_thousands(finished(frame, others, name, dataset), top[:at], name, dataset)
    return table_from_rows(list(_reader(_lines(data), delimiter)), name, dataset, keep_all=keep_all)


def read_cells(path: Path, name: str) -> list[list[str]]:
    """Read all cells of delimited text as they stand, in rows which may differ in length."""
    text = _decoded(path.read_bytes(), name)
    return list(_reader(_lines(text.encode()), _delimiter_of(text)))


def _decoded(data: bytes, name: str) -> str:
    """Decode UTF-8, UTF-16 with a byte-order mark (Excel's "Unicode text"), or Windows-1252.

    >>> _decoded("£5".encode("cp1252"), "a.csv"), _decoded("£5".encode("utf-8-sig"), "a.csv")
    ('£5', '£5')
    """
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        remedy = "Export the file as CSV UTF-8."
        raise unreadable(name, "bytes that are neither UTF-8 nor Windows-1252", remedy)
    if "\0" in text:
        raise unreadable(name, "a NUL byte", "Export the file as CSV UTF-8 again.")
    return text


def _delimiter_of(text: str) -> str:
    r"""Take the comma, semicolon, tab or vertical bar that the first lines hold most often.

    >>> _delimiter_of("a;b;c\n1,5;2;3\n")
    ';'
    """
    first = text[:10_000].splitlines()[:HEADER_WITHIN]
    return max(",;\t|", key=lambda mark: sum(line.count(mark) for line in first))


def _lines(data: bytes) -> Iterator[str]:
    return io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")


def _reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _suspects(data: bytes, delimiter: str, width: int) -> Iterator[list[str]]:
    """Read the rows that are too wide or too long where nothing is quoted, and give the others as empty."""
    longest = csv.field_size_limit()
    for line in _lines(data):
        fine = line.count(delimiter) < width and len(line) <= longest
        yield [] if fine else next(_reader([line], delimiter))


def _cells(
    data: bytes, above: int, delimiter: str, header: list[str], places: list[int], rows: int | None = None
) -> pd.DataFrame:
    """Read the cells of some columns, of all rows below the header or the first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.ParserWarning)  # blank cells beyond the header
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=delimiter,
            header=None,
            names=range(len(header)),
            usecols=places,
            index_col=False,
            dtype="object",
            na_filter=False,
            skip_blank_lines=False,
            low_memory=False,
            skiprows=above,
            nrows=rows,
        )
    frame.columns = pd.Index([header[place] for place in places])
    return frame
