"""What must never be loaded: NHS numbers, names, addresses, dates of birth."""

from __future__ import annotations

__all__ = ["NHS_NUMBERS", "are_nhs_numbers", "identifying_columns", "is_nhs_number"]

import re

import numpy as np
import pandas as pd

from s75lib.loaders.values import distinct_cells

NHS_NUMBERS = "valid NHS numbers"
"""What is said to be wrong with a column that holds them."""

_IDENTIFYING = re.compile(
    r"(^|_)(fore|sur|first|last|full|given|family|middle|maiden|client|person|patient|service_user)_?name(s)?($|_)"
    r"|^name$|(^|_)(address|street|postcode|post_code|dob|date_of_birth|birth_?date|nhs_?(number|no|num)|ni_?number|e?mail|telephone|phone|mobile)"
    r"($|_)"
)
_TEN_DIGITS = re.compile(r"(?:[ -]*[0-9]){10}[ -]*")
_FEWEST = 10  # characters of an NHS number
_SMALLEST = 10**9  # number of ten digits
_SHARE_THAT_TELLS = 0.5
_LOOKED_AT = 20_000  # rows, evenly spread, in which a column of numbers shows itself


def is_nhs_number(text: str) -> bool:
    """Whether ten digits are a valid NHS number: the last is a check digit, modulus 11.

    Parameters
    ----------
    text : str
        Spaces and hyphens are passed over.

    Returns
    -------
    bool

    References
    ----------
    NHS Data Model and Dictionary, NHS NUMBER.

    Examples
    --------
    999 numbers are kept for tests and given to nobody:

    >>> is_nhs_number("999 000 0018"), is_nhs_number("999 000 0019")
    (True, False)
    """
    if not _TEN_DIGITS.fullmatch(text):
        return False
    digits = text.replace(" ", "").replace("-", "")
    if len(set(digits)) == 1:
        return False
    check = (
        11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    )
    return check != 10 and check % 11 == int(digits[9])


def identifying_columns(frame: pd.DataFrame, known: frozenset[str]) -> dict[str, str]:
    """Find the columns that would identify people.

    Parameters
    ----------
    frame : DataFrame of str
        As read, before any column is dropped.
    known : frozenset of str
        Columns of the schema, which are exempt from the check on names.

    Returns
    -------
    dict
        Column name to what is wrong with it; no cell of the data is quoted.

    Notes
    -----
    A column counts as NHS numbers if more than half of its filled cells are valid ones; a column of
    random ten-digit references passes the check digit about one time in eleven. Of long columns some
    20,000 rows are looked at, evenly spread.

    Examples
    --------
    >>> identifying_columns(pd.DataFrame({"surname": ["x"], "team": ["y"]}), frozenset({"team"}))
    {'surname': 'a column named like a personal detail'}
    """
    found: dict[str, str] = {}
    for name in map(str, frame.columns):
        if name not in known and _IDENTIFYING.search(name.lower()):
            found[name] = "a column named like a personal detail"
            continue
        if _holds_nhs_numbers(frame[name].iloc[:: _step(len(frame))]):
            found[name] = NHS_NUMBERS
    return found


def are_nhs_numbers(codes: np.ndarray, distinct: list[str]) -> bool:
    """Whether a column holds NHS numbers, as `identifying_columns` counts them.

    Parameters
    ----------
    codes : ndarray of int
    distinct : list of str
        The column's cells as `distinct_cells` gives them.

    Returns
    -------
    bool

    Examples
    --------
    >>> are_nhs_numbers(np.array([0, 1, 0, -1]), ["999 000 0018", "K0001"])
    True
    """
    return _mostly_valid(codes[:: _step(len(codes))], distinct)


def _mostly_valid(codes: np.ndarray, distinct: list[str]) -> bool:
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    places = np.flatnonzero(counts).tolist()
    valid = [at for at in places if len(distinct[at]) >= _FEWEST and is_nhs_number(distinct[at])]
    if not valid:
        return False
    filled = [at for at in places if distinct[at] != ""]
    return bool(counts[valid].sum() > _SHARE_THAT_TELLS * counts[filled].sum())


def _step(rows: int) -> int:
    return 1 + rows // _LOOKED_AT


def _holds_nhs_numbers(cells: pd.Series) -> bool:
    if cells.dtype != "object":
        if pd.api.types.is_datetime64_any_dtype(cells) or pd.api.types.is_bool_dtype(cells):
            return False
        if pd.api.types.is_numeric_dtype(cells) and not (cells >= _SMALLEST).any():
            return False
    return _mostly_valid(*distinct_cells(cells))
