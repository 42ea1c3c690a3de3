"""From which day a workbook counts its days: 1900, or 1904 as Excel for Mac used to."""

from __future__ import annotations

__all__ = ["counts_from_1904"]

import zipfile
from pathlib import Path

from s75lib.loaders.sources.archive import parsed

_BEGIN = bytes.fromhex("0908 1000 0006 0500")  # the older format's first record: a workbook's own settings
_DATE_MODE = 0x22
_END = 0x0A
_MOST_RECORDS = 500


def counts_from_1904(path: Path) -> bool:
    """Whether a workbook counts its days from 1904.

    Parameters
    ----------
    path : Path
        An .xlsx, .xlsm, .xls or .ods file, known to be of a bearable size.

    Returns
    -------
    bool
        False for OpenDocument, whose dates are written out.

    References
    ----------
    ECMA-376, 18.2.28 (workbookPr, date1904); MS-XLS, 2.4.77 (Date1904).

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import Workbook
    >>> from openpyxl.utils.datetime import CALENDAR_MAC_1904
    >>> book = Workbook()
    >>> book.epoch = CALENDAR_MAC_1904
    >>> file = Path(tempfile.mkdtemp()) / "book.xlsx"
    >>> book.save(file)
    >>> counts_from_1904(file)
    True
    """
    ending = path.suffix.lower()
    if ending == ".xls":
        return _older(path.read_bytes())
    return ending in (".xlsx", ".xlsm") and _newer(path)


def _newer(path: Path) -> bool:
    with zipfile.ZipFile(path) as book:
        part = next((name for name in book.namelist() if name.endswith("workbook.xml")), None)
        if part is None:
            return False
        for element in parsed(book, part).iter():
            if element.tag.endswith("}workbookPr"):
                return element.get("date1904", "") in ("1", "true")
    return False


def _older(data: bytes) -> bool:
    """Go from record to record of the workbook's settings; each begins with its kind and its length."""
    at = data.find(_BEGIN)
    for _ in range(_MOST_RECORDS if at >= 0 else 0):
        kind, length = (int.from_bytes(data[at + n : at + n + 2], "little") for n in (0, 2))
        if kind == _DATE_MODE:
            return data[at + 4 : at + 6] == b"\x01\x00"
        if kind == _END or at >= len(data):
            return False
        at += 4 + length
    return False
