"""Text that no spreadsheet takes for a formula when it opens a CSV file that we wrote."""

from __future__ import annotations

__all__ = ["FORMULA", "csv_safe", "write_csv"]

import re
from pathlib import Path

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""How a formula can begin, or what a spreadsheet drops before one."""

_NUMBER = re.compile(r"[+-]?[£\d][\d,.]*(?:[eE][+-]?\d+)?%?-?")


def csv_safe(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula when it opens a CSV file.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        With an apostrophe before it where it begins as formulas do; numbers are left alone.

    Examples
    --------
    >>> csv_safe("=cmd|'/c calc'!A1"), csv_safe("-12.5"), csv_safe("Team -1")
    ("'=cmd|'/c calc'!A1", '-12.5', 'Team -1')
    """
    return f"'{text}" if text.startswith(FORMULA) and not _NUMBER.fullmatch(text) else text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as a CSV file in which no text is a formula.

    Parameters
    ----------
    frame : DataFrame
        Written without its index; days as ISO dates.
    path : Path
    """
    texts = [name for name in frame if frame[name].dtype in ("str", "object")]
    safe = {
        str(name): frame[name].map(lambda cell: csv_safe(cell) if isinstance(cell, str) else cell)
        for name in texts
    }
    frame.assign(**safe).rename(columns=csv_safe).to_csv(
        path, index=False, date_format="%Y-%m-%d", lineterminator="\n"
    )
