"""Excel and OpenDocument workbooks: a sheet or a named table, as rows of typed cells.

A reader of workbooks lays a sheet out from its first to its last cell, unpacks what it is given, and shows a
formula's error as a blank. So a small file can fill the memory, and a broken formula can pass for no figure:
a look into the archive comes first.
"""

from __future__ import annotations

import posixpath
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element
from xml.parsers import expat

import python_calamine as calamine
from defusedxml import ElementTree  # type: ignore[import-untyped]

from s75lib.loaders.sources.tables import HEADER_WITHIN, PLAIN, Conventions, unreadable

_LARGEST = 400 * 2**20  # bytes of a part when unpacked: some two million rows of two columns
_LARGEST_SMALL = 20 * 2**20  # bytes of a part that may shrink to any fraction
_MOST_SHRUNK = 250  # times; sheets of figures shrink by 10 to 50
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of Excel
_MOST_CELLS = 24_000_000  # from the first to the last cell
_FEW_CELLS = 2_000_000
_CHUNK = 4 * 2**20
_MOST_ALIKE = 1_000  # cells alike, side by side, that are looked at

_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*(?<!/)>")
_FAR = re.compile(rb"""\br=["'](?:[A-Za-z]{4,}\d*|[A-Za-z]{0,3}\d{8,})["']""")  # beyond any sheet of Excel
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d{1,10})[\"']")
_HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^>]*?\bhidden=[\"'](?:1|true)[\"'][^>]*>")
_HIDDEN_COLUMNS = re.compile(rb"<(?:\w+:)?col\b[^>]*?\bhidden=[\"'](?:1|true)[\"'][^>]*>")
_COLUMN_ENDS = re.compile(rb"\b(min|max)=[\"'](\d{1,5})[\"']")
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]*\bt=[\"']e[\"'])[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*>(.*?)</(?:\w+:)?c>",
    re.DOTALL,
)
_STYLED = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'])[^>]*?\bs=[\"'](\d{1,6})[\"']"
)
_ASIDE = re.compile(r'"[^"]*"|\\.')  # text in a number's format
_PERCENT_FORMATS = {"9", "10"}  # 0% and 0.00%
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]{1,20})<")
_NOT_CALCULATED = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=[\"']str[\"'])[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*>\s*"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
# Records of the older format: a cell that holds an error, and a formula whose result is one.
_XLS_ERROR = re.compile(
    rb"(?:\x05\x02\x08\x00(?P<at>.{4})..(?P<code>[\x00\x07\x0f\x17\x1d\x24\x2a])\x01"
    rb"|\x06\x00.[\x00-\x1f](?P<at2>.{4})..\x02.(?P<code2>[\x00\x07\x0f\x17\x1d\x24\x2a]).{3}\xff\xff)",
    re.DOTALL,
)
_XLS_NAMES = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
# The older format's settings: records of a kind, a length and so many bytes, from the first to the last.
_XLS_BEGIN = bytes.fromhex("0908 1000 0006 0500")
_XLS_DATE_MODE = 0x22
_XLS_END = 0x0A
_MOST_RECORDS = 500
_MOST_SHEETS = 500


@dataclass(frozen=True)
class Sheet:
    """The rows of a worksheet or a named table.

    - `rows`: Typed cells. A cell with a formula's error holds the error's name. Below a cell merged downwards
      its content is repeated, unless it is a number, which would count again.
    - `name`: The worksheet.
    - `first_row`: Number of the first row.
    - `conventions`: What plain numbers stand for. Which are shown as percentages is not known of .xls files.
    - `hidden`, `hidden_columns`: Numbers of rows that are filled, and of columns, that are not shown; not
      known of .xls files.
    """

    rows: list[list[Any]]
    name: str
    first_row: int = 1
    conventions: Conventions = PLAIN
    hidden: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


def read_rows(path: Path, name: str, *, sheet: str = "", table: str = "", prefer: str = "") -> Sheet:
    """Read the rows of a worksheet, or of a named table of an .xlsx file.

    Without a name, the sheet called as `prefer` or as the file is taken, else the first that is visible.

    DataError if the sheet or the table is not there. ValueError if the workbook would fill the memory: a part
    is, or claims to be, larger than 400 MB unpacked, shrinks more than any sheet of figures does, or is not
    as large as it claims; or a few cells lie so far apart that the table between them would be huge.
    """
    with open_workbook(path, load_tables=bool(table)) as book:
        if table:
            return _table(book, path, name, table)
        return read_sheet(book, path, _sheet_name(book, path, name, sheet, prefer))


def read_sheet(book: calamine.CalamineWorkbook, path: Path, name: str) -> Sheet:
    """Read a worksheet of a workbook that is open; `read_rows` says what is refused."""
    look = look_into(path, name)
    found = book.get_sheet_by_name(name)
    rows: list[list[Any]] = list(found.to_python(skip_empty_area=False))
    for (top, left), (bottom, _) in found.merged_cell_ranges or []:
        # What is merged downwards stands in each of its rows; what is merged across, in its first column.
        if top < len(rows) and left < len(rows[top]) and type(rows[top][left]) not in (int, float):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    _mark(rows, look.bad)
    hidden = tuple(row + 1 for row in look.hidden if row < len(rows) and any(c != "" for c in rows[row]))
    conventions = Conventions(_counts_from_1904(path), look.percents)
    return Sheet(rows, name, 1, conventions, hidden, tuple(column + 1 for column in look.hidden_columns))


def as_shown(sheet: Sheet) -> list[list[Any]]:
    """Give the rows of a sheet, numbers that it shows as percentages written so: 0.45 as 45%."""
    for row, column in sheet.conventions.percents:
        if row < len(sheet.rows) and type(cell := sheet.rows[row][column]) in (int, float):
            sheet.rows[row][column] = f"{Decimal(repr(cell)) * 100:f}%"
    return sheet.rows


def other_sheets(
    path: Path, used: str, holds: Callable[[Sequence[Sequence[Any]]], bool]
) -> tuple[list[str], list[str]]:
    """Name the other worksheets whose first rows hold what is asked for: the visible and the hidden ones.

    A sheet that would fill the memory is passed over, as one that can't be read.
    """
    visible: list[str] = []
    hidden: list[str] = []
    with calamine.CalamineWorkbook.from_path(path) as book:
        for about in book.sheets_metadata:
            if about.name == used or about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            try:
                look_into(path, about.name)
                rows = book.get_sheet_by_name(about.name).to_python(
                    skip_empty_area=False, nrows=HEADER_WITHIN + 2
                )
            except (calamine.CalamineError, ValueError, KeyError):
                continue
            if holds(rows):
                is_visible = about.visible == calamine.SheetVisibleEnum.Visible
                (visible if is_visible else hidden).append(about.name)
    return visible, hidden


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
        remedy = f"Name the right sheet in authority.toml: {chosen!r} is not there."
        raise unreadable(name, f"the sheets {', '.join(names)}", remedy)
    return chosen


def _table(book: calamine.CalamineWorkbook, path: Path, name: str, table: str) -> Sheet:
    names = book.table_names or []
    if table not in names:
        there = f"the tables {', '.join(names)}" if names else "no named table"
        raise unreadable(name, there, f"Name the right table in authority.toml: {table!r} is not there.")
    found = book.get_table_by_name(table)
    look = look_into(path, found.sheet)
    first, left = found.start or (1, 0)
    rows: list[list[Any]] = [list(found.columns), *found.to_python()]
    top = first - 1
    _mark(rows, [cell._replace(row=cell.row - top, column=cell.column - left) for cell in look.bad])
    percents = frozenset((row - top, column - left) for row, column in look.percents)
    return Sheet(rows, found.sheet, first, Conventions(_counts_from_1904(path), percents))


class _BadCell(NamedTuple):
    """A cell that the reader shows as a blank: its row and column from 0, and what it holds."""

    row: int
    column: int
    holds: str


class _Look(NamedTuple):
    """Of a sheet: filled cells, those from first to last, faulty ones, percentages, what is hidden."""

    cells: int = 0
    area: int = 0
    bad: tuple[_BadCell, ...] = ()
    percents: frozenset[tuple[int, int]] = frozenset()
    hidden: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


def _mark(rows: list[list[Any]], bad: Sequence[_BadCell]) -> None:
    """Write the errors where the reader shows a blank."""
    for row, column, holds in bad:
        if 0 <= row < len(rows) and 0 <= column < len(rows[row]) and rows[row][column] == "":
            rows[row][column] = holds


def open_workbook(path: Path, *, load_tables: bool = False) -> calamine.CalamineWorkbook:
    """Open a workbook after a look at how large its parts or its tables are: opening unpacks or lays out."""
    if path.suffix.lower() == ".ods":
        look_into(path, "")
    elif path.suffix.lower() == ".xls":
        _refuse_far_xls(path, _identity(path))
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            _refuse_large(book)
    return calamine.CalamineWorkbook.from_path(path, load_tables=load_tables)


def look_into(path: Path, sheet: str) -> _Look:
    """Refuse a workbook that would fill the memory; give what its reader would not show of a sheet."""
    if path.suffix.lower() == ".xls":
        return _Look(bad=tuple(_errors_of_xls(path.read_bytes())))
    with zipfile.ZipFile(path) as book:
        _refuse_large(book)
        if path.suffix.lower() == ".ods":
            look = _OpenDocument(sheet).look(_chunks(book, "content.xml"))
        else:
            layout = _layout(path, _identity(path))
            if sheet not in layout.parts:
                raise ValueError(f"no sheet {sheet!r} in the list of sheets")
            look = _worksheet(book, layout.parts[sheet], layout.percents)
    _refuse_sparse(look.cells, look.area)
    return look


def _identity(path: Path) -> tuple[int, int, int]:
    held = path.stat()
    return held.st_ino, held.st_size, held.st_mtime_ns


def _refuse_large(book: zipfile.ZipFile) -> None:
    """Refuse what its own list of parts says is too large, before any of it is unpacked."""
    for packed in book.infolist():
        shrunk = packed.file_size / max(1, packed.compress_size)
        if packed.file_size > _LARGEST or (packed.file_size > _LARGEST_SMALL and shrunk > _MOST_SHRUNK):
            raise ValueError(f"a part that unpacks to {packed.file_size / 2**20:,.0f} MB")


def _refuse_sparse(cells: int, area: int) -> None:
    if area > _MOST_CELLS or (area > _FEW_CELLS and area > 50 * cells):
        raise ValueError(f"{cells:,} filled cells so far apart that the table between them has {area:,}")


_LONGEST_READ = 120  # seconds
_READ_XLS = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
except ImportError:
    pass
import python_calamine
try:
    with python_calamine.CalamineWorkbook.from_path(sys.argv[1]) as book:
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            area = sheet.total_height * sheet.total_width
            far = area > int(sys.argv[2])
            print(sum(cell != "" for row in sheet.iter_rows() for cell in row) if far else area, area)
except (python_calamine.CalamineError, OSError):
    pass  # what is wrong with the file is told by who reads it
"""


@lru_cache(maxsize=64)
def _refuse_far_xls(path: Path, _identity: tuple[int, int, int]) -> None:
    """Let a process of its own read an .xls file once: a cell far out ends whoever lays out the sheet."""
    command = [sys.executable, "-P", "-c", _READ_XLS, str(path), str(_FEW_CELLS)]
    try:
        ended = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=_LONGEST_READ
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"sheets that could not be read in {_LONGEST_READ} seconds") from None
    if ended.returncode:
        raise ValueError("cells so far apart that the table between them does not fit the memory")
    for line in ended.stdout.splitlines():
        cells, area = map(int, line.split())
        _refuse_sparse(cells, area)


def _errors_of_xls(data: bytes) -> Iterator[_BadCell]:
    """Find the errors in an .xls file: in any of its sheets, for the records do not say which.

    >>> list(_errors_of_xls(b"..." + bytes.fromhex("0502 0800 0300 0100 0f00 17 01") + b"..."))
    [_BadCell(row=3, column=1, holds='#REF!')]
    """
    for match in _XLS_ERROR.finditer(data):
        at, code = match["at"] or match["at2"], match["code"] or match["code2"]
        row, column = int.from_bytes(at[:2], "little"), int.from_bytes(at[2:], "little")
        yield _BadCell(row, column, _XLS_NAMES[code[0]])


def _counts_from_1904(path: Path) -> bool:
    """Whether a workbook counts its days from 1904, as Excel for Mac used to; OpenDocument writes dates out.

    ECMA-376, 18.2.28 (workbookPr, date1904); MS-XLS, 2.4.77 (Date1904).
    """
    ending = path.suffix.lower()
    if ending == ".xls":
        data = path.read_bytes()
        at = data.find(_XLS_BEGIN)
        for _ in range(_MOST_RECORDS if at >= 0 else 0):
            kind, length = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (0, 2))
            if kind == _XLS_DATE_MODE:
                return data[at + 4 : at + 6] == b"\x01\x00"
            if kind == _XLS_END or at >= len(data):
                return False
            at += 4 + length
        return False
    if ending == ".ods":
        return False
    with zipfile.ZipFile(path) as book:
        part = next((name for name in book.namelist() if name.endswith("workbook.xml")), None)
        settings = (e for e in _parsed(book, part).iter() if e.tag.endswith("}workbookPr")) if part else ()
        return any(element.get("date1904", "") in ("1", "true") for element in settings)


def _parsed(book: zipfile.ZipFile, name: str) -> Element:
    """Read a part that says how the workbook is laid out, and holds no figures."""
    if (size := book.getinfo(name).file_size) > _LARGEST_SMALL:
        raise ValueError(f"a part of {size / 2**20:,.0f} MB that should be small")
    return ElementTree.fromstring(book.read(name))  # type: ignore[no-any-return]


def _chunks(book: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with book.open(name) as part:
        while chunk := part.read(_CHUNK):
            yield chunk


def _place(letters: bytes, row: bytes) -> tuple[int, int]:
    """Give row and column, from 0, of a cell such as AB12."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(row) - 1, column - 1


@dataclass(frozen=True)
class _Layout:
    """The part of a workbook that holds each sheet, and the styles that show a number as a percentage."""

    parts: dict[str, str]
    percents: frozenset[int]


@lru_cache(maxsize=8)
def _layout(path: Path, _identity: tuple[int, int, int]) -> _Layout:
    """Read once for all sheets how a workbook is laid out."""
    with zipfile.ZipFile(path) as book:
        found = _Layout(_sheet_parts(book), _percent_styles(book))
        for packed in book.infolist():  # a part that the reader keeps may be larger than it claims
            if "/worksheets/" not in packed.filename and "/media/" not in packed.filename:
                for _ in _chunks(book, packed.filename):
                    pass
    if len(found.parts) > _MOST_SHEETS:
        raise ValueError(f"{len(found.parts):,} sheets; {_MOST_SHEETS} are the most")
    return found


def _worksheet(book: zipfile.ZipFile, part: str, styles: frozenset[int]) -> _Look:
    cells, last_row = 0, 0
    bad: list[_BadCell] = []
    columns: set[bytes] = set()
    percents: set[tuple[int, int]] = set()
    hidden: list[int] = []
    hidden_columns: list[int] = []
    for text in _whole_cells(_chunks(book, part)):
        if far := _FAR.search(text):
            raise ValueError(
                f"a cell at {far[0][3:40].decode('ascii', 'replace')}, beyond the end of any sheet"
            )
        found = _CELL.findall(text)
        cells += len(found)
        columns.update({letters for letters, _ in found})
        last_row = max([last_row, *(int(row) for row in _ROW.findall(text))])
        for tag in _HIDDEN_COLUMNS.findall(text):
            ends = dict(_COLUMN_ENDS.findall(tag))
            hidden_columns += range(int(ends[b"min"]) - 1, min(int(ends[b"max"]), _LAST_COLUMN))
        hidden += [int(row) - 1 for tag in _HIDDEN.findall(text) for row in _ROW.findall(tag)]
        if found:
            last_row = max(last_row, max(int(row) for _, row in found))
        if b't="e"' in text or b"t='e'" in text:
            for letters, row, inside in _ERROR.findall(text):
                value = _VALUE.search(inside)
                holds = value[1].decode("ascii", "replace") if value else "#ERROR!"
                bad.append(_BadCell(*_place(letters, row), holds))
        if b"<f" in text or b":f" in text:
            holds = "a formula that was never calculated"
            bad += [_BadCell(*_place(*cell), holds) for cell in _NOT_CALCULATED.findall(text)]
        if styles:
            percents.update(_place(*cell) for *cell, style in _STYLED.findall(text) if int(style) in styles)
    width = max((_place(letters, b"1")[1] + 1 for letters in columns), default=0)
    if width > _LAST_COLUMN or last_row > _LAST_ROW:
        raise ValueError(f"a cell in row {last_row:,} or column {width:,}, beyond the end of any sheet")
    area = width * last_row if cells else 0
    return _Look(cells, area, tuple(bad), frozenset(percents), tuple(hidden), tuple(hidden_columns))


def _percent_styles(book: zipfile.ZipFile) -> frozenset[int]:
    """Find the styles of cells that show a number as a percentage."""
    part = next((name for name in book.namelist() if name.endswith("styles.xml")), None)
    if part is None:
        return frozenset()
    root = _parsed(book, part)
    formats = {
        element.get("numFmtId")
        for element in root.iter()
        if element.tag.endswith("}numFmt") and "%" in _ASIDE.sub("", element.get("formatCode", ""))
    } | _PERCENT_FORMATS
    used = next((element for element in root.iter() if element.tag.endswith("}cellXfs")), ())
    return frozenset(at for at, style in enumerate(used) if style.get("numFmtId") in formats)


def _whole_cells(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut the stream where a row or a cell ends, so that no cell lies across a cut."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        cut = max(text.rfind(b"</c>"), text.rfind(b":c>"), text.rfind(b"</row>")) + 4
        if cut < 4 and len(text) > 4 * _CHUNK:
            raise ValueError("a cell of more than 16 MB")
        yield text[: max(cut, 0)] if cut >= 4 else b""
        rest = text[cut:] if cut >= 4 else text
    yield rest


def _sheet_parts(book: zipfile.ZipFile) -> dict[str, str]:
    names = book.namelist()
    root = "xl/workbook.xml" if "xl/workbook.xml" in names else next(n for n in names if "workbook.xml" in n)
    links = f"{posixpath.dirname(root)}/_rels/{posixpath.basename(root)}.rels"
    targets = {link.get("Id"): link.get("Target", "") for link in _parsed(book, links)}
    parts: dict[str, str] = {}
    for element in _parsed(book, root).iter():
        if element.tag.endswith("}sheet"):
            link = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            target = targets.get(link, "")
            at = target.lstrip("/") if target.startswith("/") else f"{posixpath.dirname(root)}/{target}"
            parts.setdefault(element.get("name", ""), posixpath.normpath(at))
    return parts


class _OpenDocument:
    """Counts the cells of a table, or of each, in the XML of an OpenDocument sheet, repeats included."""

    def __init__(self, sheet: str) -> None:
        self.sheet, self.inside = sheet, False
        self.row = self.column = self.rows_here = self.width = 0
        self.cells = self.area = 0
        self.bad: list[_BadCell] = []
        self.percents: set[tuple[int, int]] = set()
        self.hidden: list[int] = []
        self.cell: tuple[int, bool, bool] | None = None
        self.filled_row = False
        self.words = ""

    def look(self, parts: Iterator[bytes]) -> _Look:
        """Go through the sheet's content.xml, piece by piece."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.EntityDeclHandler = self.entity
        for part in parts:
            parser.Parse(part, False)
        parser.Parse(b"", True)
        return _Look(self.cells, self.area, tuple(self.bad), frozenset(self.percents), tuple(self.hidden))

    def entity(self, *_: Any) -> None:
        raise ValueError("an entity declared in the XML, which no spreadsheet program writes")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        said = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if name == "table":
            self.inside = self.inside or said.get("name") == self.sheet or not self.sheet
        elif not self.inside:
            return
        elif name == "table-row":
            self.rows_here = int(said.get("number-rows-repeated", 1))
            self.column, self.filled_row = 0, False
            if said.get("visibility") in ("collapse", "filter"):
                self.hidden += range(self.row, self.row + min(self.rows_here, _MOST_ALIKE))
        elif name in ("table-cell", "covered-table-cell"):
            is_error = any(
                key.endswith("value-type") and value == "error" for key, value in attributes.items()
            )
            repeated = int(said.get("number-columns-repeated", 1))
            if said.get("value-type") == "percentage":
                self.percents.update((self.row, self.column + n) for n in range(min(repeated, _MOST_ALIKE)))
            self.cell = (repeated, "value-type" in said or is_error, is_error)
            self.words = ""

    def text(self, words: str) -> None:
        if self.cell and len(self.words) < 20:
            self.words += words

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name == "table":
            self.inside = False
            if not self.sheet:
                _refuse_sparse(self.cells, self.area)
                self.row = self.width = self.cells = self.area = 0
        elif not self.inside:
            return
        elif name in ("table-cell", "covered-table-cell") and self.cell:
            repeated, filled, is_error = self.cell
            if filled or self.words:
                self.filled_row = True
                self.cells += repeated * self.rows_here
                self.width = max(self.width, self.column + repeated)
            if is_error:
                self.bad.append(_BadCell(self.row, self.column, self.words[:20] or "#ERROR!"))
            self.column += repeated
            self.cell = None
        elif name == "table-row":
            self.row += self.rows_here
            if self.filled_row:
                self.area = max(self.area, self.row * self.width)
