"""Amounts as people in England write them."""

from __future__ import annotations

__all__ = ["SUPPRESSED", "read_numbers"]

import re
from typing import Any

import numpy as np

SUPPRESSED = frozenset({"*", "c", "[c]", "<5", "[low]", "[x]"})
"""Marks that publishers put where a small number was hidden; read as missing."""

_LONGEST = 64  # characters; no amount is longer, and the pattern's time grows with their square
_PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-−+])?£?(?P<digits>[\d,]*\.?\d+|\d[\d,]*\.)(?P<scale>[km]?)(?P<percent>%)?(?P<minus>-)?(?P<close>\))?",
    re.ASCII,
)
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})*(\.\d*)?|\d*\.?\d+|\d+\.")
_SCALE = {"": 1.0, "k": 1e3, "m": 1e6}


def read_numbers(distinct: list[str]) -> tuple[Any, list[bool]]:
    """Read amounts.

    Parameters
    ----------
    distinct : list of str
        Stripped.

    Returns
    -------
    values : ndarray of float
        One for each, and NaN at the end for a cell that is missing.
    bad : list of bool
        Where a cell is neither an amount nor blank nor a mark of suppression.

    Examples
    --------
    >>> values, bad = read_numbers(["(£1,234.50)", "1.2m", "<5", "many"])
    >>> values.tolist(), bad
    ([-1234.5, 1200000.0, nan, nan, nan], [False, False, False, True])
    """
    hidden = {*SUPPRESSED, ""}
    values = [float(cell) if _PLAIN.fullmatch(cell) else _number(cell) for cell in distinct]
    kept = np.array([*values, np.nan])
    kept[np.isinf(kept)] = np.nan  # hundreds of digits are no amount
    missing = np.isnan(kept[:-1])
    return kept, [
        bool(gone) and cell.lower() not in hidden for cell, gone in zip(distinct, missing, strict=True)
    ]


def _number(cell: str) -> float:
    if len(cell) > _LONGEST:
        return np.nan
    match = _NUMBER.fullmatch(cell.replace(" ", "").lower())
    if (
        match is None
        or bool(match["open"]) != bool(match["close"])
        or not _THOUSANDS.fullmatch(match["digits"])
    ):
        return np.nan
    signs = [bool(match["open"]), match["sign"] in ("-", "−"), bool(match["minus"])]
    if sum(signs) > 1:
        return np.nan
    size = float(match["digits"].replace(",", "")) * _SCALE[match["scale"]]
    return -size if any(signs) else size
