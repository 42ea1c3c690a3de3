"""A look into a workbook before it is read: its true size, its extent, and cells that hold an error.

A reader of workbooks lays a sheet out from its first to its last cell, unpacks what it is given, and shows a
formula's error as a blank. So a small file can fill the memory, and a broken formula can pass for no figure.
"""

from __future__ import annotations

__all__ = ["BadCell", "error_cells", "look_into", "parsed"]

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from s75lib.loaders.sources.open_document import BadCell, Look, look_into_open_document

_LARGEST = 400 * 2**20  # bytes of a part when unpacked: some two million rows of two columns
_LARGEST_SMALL = 20 * 2**20  # bytes of a part that may shrink to any fraction
_MOST_SHRUNK = 250  # times; sheets of figures shrink by 10 to 50
_MOST_CELLS = 24_000_000  # from the first to the last cell
_FEW_CELLS = 2_000_000
_CHUNK = 4 * 2**20

_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*(?<!/)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d{1,10})[\"']")
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


def look_into(path: Path, sheet: str) -> Look:
    """Refuse a workbook that would fill the memory; give what a reader of the sheet would not show.

    Parameters
    ----------
    path : Path
        An .xlsx, .xlsm or .ods file.
    sheet : str
        The sheet to be read.

    Returns
    -------
    Look

    Raises
    ------
    ValueError
        If a part is, or claims to be, larger than 400 MB unpacked, shrinks more than any sheet of figures
        does, or is not as large as it claims; or a few cells lie so far apart that the table between them
        would be huge.
    zipfile.BadZipFile
        If the file is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import Workbook
    >>> book = Workbook()
    >>> book.active.append(["=1/0", 5])
    >>> book.active.title = "kpi"
    >>> file = Path(tempfile.mkdtemp()) / "book.xlsx"
    >>> book.save(file)
    >>> look_into(file, "kpi").bad
    (BadCell(row=0, column=0, holds='a formula that was never calculated'),)
    """
    with zipfile.ZipFile(path) as book:
        for packed in book.infolist():
            shrunk = packed.file_size / max(1, packed.compress_size)
            if packed.file_size > _LARGEST or (packed.file_size > _LARGEST_SMALL and shrunk > _MOST_SHRUNK):
                raise ValueError(f"a part that unpacks to {packed.file_size / 2**20:,.0f} MB")
        if path.suffix.lower() == ".ods":
            part = look_into_open_document(_chunks(book, "content.xml"), sheet)
        else:
            part = _worksheet(book, sheet)
            _unpack_others(book)
    sparse = part.area > _FEW_CELLS and part.area > 50 * part.cells
    if part.area > _MOST_CELLS or sparse:
        raise ValueError(
            f"{part.cells:,} filled cells so far apart that the table between them has {part.area:,}"
        )
    return part


def error_cells(path: Path) -> tuple[BadCell, ...]:
    """Find the errors in an .xls file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tuple of BadCell
        In any of its sheets, for the records do not say which.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "book.xls"
    >>> _ = file.write_bytes(b"..." + bytes.fromhex("0502 0800 0300 0100 0f00 17 01") + b"...")
    >>> error_cells(file)
    (BadCell(row=3, column=1, holds='#REF!'),)
    """
    found = []
    for match in _XLS_ERROR.finditer(path.read_bytes()):
        at, code = match["at"] or match["at2"], match["code"] or match["code2"]
        row, column = int.from_bytes(at[:2], "little"), int.from_bytes(at[2:], "little")
        found.append(BadCell(row, column, _XLS_NAMES[code[0]]))
    return tuple(found)


def parsed(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """Read a small part whole.

    Parameters
    ----------
    book : zipfile.ZipFile
    name : str
        A part that says how the workbook is laid out, and holds no figures.

    Returns
    -------
    xml.etree.ElementTree.Element

    Raises
    ------
    ValueError
        If it is larger than 20 MB.
    """
    if (size := book.getinfo(name).file_size) > _LARGEST_SMALL:
        raise ValueError(f"a part of {size / 2**20:,.0f} MB that should be small")
    return ElementTree.fromstring(book.read(name))  # noqa: S314


def _unpack_others(book: zipfile.ZipFile) -> None:
    """Read every part that the reader keeps, for a part may be larger than it claims."""
    for part in book.infolist():
        if "/worksheets/" not in part.filename and "/media/" not in part.filename:
            for _ in _chunks(book, part.filename):
                pass


def _chunks(book: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with book.open(name) as part:
        while chunk := part.read(_CHUNK):
            yield chunk


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _worksheet(book: zipfile.ZipFile, sheet: str) -> Look:
    cells, last_row, bad = 0, 0, []
    columns: set[bytes] = set()
    percents: set[tuple[int, int]] = set()
    styles = _percent_styles(book)
    for text in _whole_cells(_chunks(book, _sheet_part(book, sheet))):
        found = _CELL.findall(text)
        cells += len(found)
        columns.update({letters for letters, _ in found})
        last_row = max([last_row, *(int(row) for row in _ROW.findall(text))])
        if found:
            last_row = max(last_row, max(int(row) for _, row in found))
        if b't="e"' in text or b"t='e'" in text:
            for letters, row, inside in _ERROR.findall(text):
                value = _VALUE.search(inside)
                holds = value[1].decode("ascii", "replace") if value else "#ERROR!"
                bad.append(BadCell(int(row) - 1, _column(letters), holds))
        if b"<f" in text or b":f" in text:
            bad += [
                BadCell(int(row) - 1, _column(letters), "a formula that was never calculated")
                for letters, row in _NOT_CALCULATED.findall(text)
            ]
        if styles:
            percents.update(
                (int(row) - 1, _column(letters))
                for letters, row, style in _STYLED.findall(text)
                if int(style) in styles
            )
    width = max((_column(letters) + 1 for letters in columns), default=0)
    return Look(cells, width * last_row if cells else 0, tuple(bad), frozenset(percents))


def _percent_styles(book: zipfile.ZipFile) -> frozenset[int]:
    """Find the styles of cells that show a number as a percentage."""
    part = next((name for name in book.namelist() if name.endswith("styles.xml")), None)
    if part is None:
        return frozenset()
    root = parsed(book, part)
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


def _sheet_part(book: zipfile.ZipFile, sheet: str) -> str:
    """Find the part that holds a sheet."""
    names = book.namelist()
    root = "xl/workbook.xml" if "xl/workbook.xml" in names else next(n for n in names if "workbook.xml" in n)
    links = f"{posixpath.dirname(root)}/_rels/{posixpath.basename(root)}.rels"
    targets = {link.get("Id"): link.get("Target", "") for link in parsed(book, links)}
    for element in parsed(book, root).iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            link = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            target = targets.get(link, "")
            at = target.lstrip("/") if target.startswith("/") else f"{posixpath.dirname(root)}/{target}"
            return posixpath.normpath(at)
    raise ValueError(f"no sheet {sheet!r} in the list of sheets")
