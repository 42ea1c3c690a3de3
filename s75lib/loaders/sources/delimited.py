"""CSV and other delimited text: encoding and delimiter found, structure checked row by row."""

from __future__ import annotations

__all__ = ["decoded", "delimiter_of", "read_cells", "read_delimited"]

import codecs
import csv
import io
import itertools
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources.header import HEADER_WITHIN, check_widths, find_header, unreadable
from s75lib.loaders.sources.table import RawTable, finished, table_from_rows

_ENCODINGS = ("utf-8-sig", "cp1252")
_SAMPLE = 5_000
_SHORT = 10_000  # bytes in which pandas' reader takes longer to begin than the strict one to end


def read_delimited(path: Path, name: str, dataset: Dataset, *, keep_all: bool = False) -> RawTable:
    r"""Read delimited text.

    Parameters
    ----------
    path : Path
    name : str
        How messages call the file.
    dataset : Dataset
    keep_all : bool
        Whether to read columns that the schema does not know, too.

    Returns
    -------
    RawTable

    Raises
    ------
    DataError
        If the text can't be decoded, quotation marks are not closed, a row is wider than the header, or
        there is no header.
    csv.Error
        If a quotation mark stands where none can.

    Notes
    -----
    The standard library's strict reader goes over the whole file for its structure, so that a stray
    quotation mark can't swallow rows; pandas' faster one, which is lenient, then takes the cells. Of a short
    file the strict reader takes the cells too, and where nothing is quoted, it looks at no line that can't
    be at fault.

    Examples
    --------
    >>> import tempfile
    >>> from s75lib.loaders.schemas import DATASETS
    >>> file = Path(tempfile.mkdtemp()) / "activity.txt"
    >>> _ = file.write_text("month\tmeasure\tcount\n2019-08\treviews\t7\n")
    >>> read_delimited(file, "activity.txt", DATASETS["activity"]).frame["count"].to_list()
    ['7']
    """
    text = decoded(path.read_bytes(), name)
    delimiter = delimiter_of(text)
    data = text.encode()
    del text
    top = list(itertools.islice(_reader(_lines(data), delimiter), HEADER_WITHIN + 1))
    at, header = find_header(top, name, dataset)
    if len(data) <= _SHORT:
        return table_from_rows(list(_reader(_lines(data), delimiter)), name, dataset, keep_all=keep_all)
    rows = _reader(_lines(data), delimiter) if b'"' in data else _suspects(data, delimiter, len(header))
    count = check_widths(name, "", header, itertools.islice(rows, at + 1, None), at + 2)
    start = _bytes_of(data, delimiter, at + 1)
    kept = [c for c in header if c and (keep_all or c in dataset.column_names)]
    places = [header.index(column) for column in kept]
    frame = _cells(data, start, delimiter, header, places)
    if len(frame) != count:  # the two readers disagree: the strict one is right
        return table_from_rows(list(_reader(_lines(data), delimiter)), name, dataset, keep_all=keep_all)
    frame.index = pd.RangeIndex(at + 2, at + 2 + len(frame))
    unknown = [n for n, column in enumerate(header) if column and column not in kept]
    others = _cells(data, start, delimiter, header, unknown, rows=_SAMPLE) if unknown else pd.DataFrame()
    return finished(frame, others, name, dataset)


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


def _bytes_of(data: bytes, delimiter: str, rows: int) -> int:
    """Count the bytes of the first rows."""
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for line in _lines(data):
            taken += len(line.encode())
            yield line

    reader = _reader(lines(), delimiter)
    for _ in range(rows):
        next(reader)
    return taken


def _cells(
    data: bytes, start: int, delimiter: str, header: list[str], places: list[int], rows: int | None = None
) -> pd.DataFrame:
    """Read the cells of some columns, of all rows below the header or the first."""
    names = [header[place] for place in places]
    body = io.BytesIO(data)
    if not places or body.seek(start) == len(data):
        return pd.DataFrame({name: [] for name in names}, dtype="object")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.ParserWarning)  # blank cells beyond the header
        frame = pd.read_csv(
            body,
            sep=delimiter,
            header=None,
            names=range(len(header)),
            usecols=places,
            index_col=False,
            dtype="object",
            na_filter=False,
            skip_blank_lines=False,
            low_memory=False,
            nrows=rows,
        )
    frame.columns = pd.Index(names)
    return frame


def read_cells(path: Path, name: str) -> list[list[str]]:
    r"""Read all cells of delimited text, as they stand.

    Parameters
    ----------
    path : Path
    name : str
        How messages call the file.

    Returns
    -------
    list of list of str
        Rows, which may differ in length.

    Raises
    ------
    DataError
        If the text can't be decoded.
    csv.Error
        If a quotation mark stands where none can.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = file.write_text("a;b\n1,5;007\n")
    >>> read_cells(file, "a.csv")
    [['a', 'b'], ['1,5', '007']]
    """
    text = decoded(path.read_bytes(), name)
    return list(_reader(_lines(text.encode()), delimiter_of(text)))


def decoded(data: bytes, name: str) -> str:
    """Decode the bytes of a text file.

    Parameters
    ----------
    data : bytes
        UTF-8 with or without a byte-order mark, UTF-16 with one (Excel's "Unicode text"), or Windows-1252.
    name : str
        How messages call the file.

    Returns
    -------
    str

    Raises
    ------
    DataError
        If it is none of these, or holds NUL characters.

    Examples
    --------
    >>> decoded("£5".encode("cp1252"), "a.csv"), decoded("£5".encode("utf-8-sig"), "a.csv")
    ('£5', '£5')
    """
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else _ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise unreadable(
            name, "bytes that are neither UTF-8 nor Windows-1252", "Export the file as CSV UTF-8."
        )
    if "\0" in text:
        raise unreadable(name, "a NUL byte", "Export the file as CSV UTF-8 again.")
    return text


def delimiter_of(text: str) -> str:
    r"""Find the delimiter: the mark that the first lines hold most often.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        A comma, semicolon, tab or vertical bar.

    Examples
    --------
    >>> delimiter_of("a;b;c\n1,5;2;3\n")
    ';'
    """
    first = text[:10_000].splitlines()[:HEADER_WITHIN]
    return max(",;\t|", key=lambda mark: sum(line.count(mark) for line in first))
