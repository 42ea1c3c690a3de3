"""Rows below a table that are none of its own: totals, checked against the sum, and notes."""

from __future__ import annotations

__all__ = ["ADDITIVE", "without_trailing_rows"]

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from s75lib.errors import Fault
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.values import parse_column

ADDITIVE: dict[str, tuple[str, ...]] = {
    "budget": ("budget", "commitment", "forecast", "actual_to_date"),
    "staffing": (
        "budget",
        "adjusted_budget",
        "adjusted_budget_to_date",
        "actual_to_date",
        "forecast",
        "locum_to_date",
    ),
    "packages": ("weekly_gross", "health_weekly", "client_weekly", "net_weekly", "units_per_week"),
    "package_transfers": ("social_work", "healthcare_professional"),
    "activity": ("count",),
    "workforce": ("wte_establishment", "wte_in_post", "wte_locum"),
    "audits": ("cases", "compliant", "population"),
}
"""Columns of which a total row can be the sum, by dataset."""

_LABEL = re.compile(r"((grand|overall|sub)[ -]?)?totals?\b.{0,40}", re.IGNORECASE)
_WHOLE_LABEL = re.compile(r"((grand|overall)[ -])?totals?:?", re.IGNORECASE)
_MOST = 12  # rows below a table that are looked at
_PENNY = 0.011
_ROUNDING = 0.005  # a printed total of rounded figures is within half a per cent of their sum


def without_trailing_rows(
    frame: pd.DataFrame, dataset: Dataset, name: str, sheet: str = ""
) -> tuple[pd.DataFrame, tuple[Fault, ...]]:
    """Leave out total rows and notes at the end of a table.

    Parameters
    ----------
    frame : DataFrame of str
        Indexed by row number, without blank rows.
    dataset : Dataset
    name, sheet : str
        For messages.

    Returns
    -------
    frame : DataFrame
    warnings : tuple of Fault
        One for each row left out, and for a row labelled as a total that was kept.

    Notes
    -----
    A note is a last row with one cell of words, or two below a blank row, where the dataset needs more. A
    total is a last row labelled so that lacks a cell which every row of the dataset must fill, or a complete
    one whose amounts are the sum of the rows above. Each is compared with that sum; a total that is off is
    left out too, and the warning says by how much. A complete row labelled as a total that is not the sum
    is kept.

    Examples
    --------
    >>> from s75lib.loaders.schemas import DATASETS
    >>> frame = pd.DataFrame(
    ...     {"month": ["2019-08", "2019-08", "Total"], "measure": ["reviews", "assessments", ""],
    ...      "count": ["7", "5", "13"]}, index=[2, 3, 4])
    >>> kept, (warning,) = without_trailing_rows(frame, DATASETS["activity"], "activity.csv")
    >>> len(kept), warning.found
    (2, 'a total row whose count is 13 while the rows above make 12')
    """
    warnings: list[Fault] = []
    end = len(frame)
    must = [c.name for c in dataset.columns if not c.blank and c.name in frame.columns]
    if not must:
        return frame, ()
    while end > 0 and len(frame) - end < _MOST and _is_note(frame, end, len(must)):
        end -= 1
        warnings.append(
            Fault(
                file=name,
                sheet=sheet,
                row=int(frame.index[end]),
                found="a note below the table",
                expected="rows of the dataset alone",
                remedy="It was left out; nothing need be done.",
                severity="warning",
            )
        )
    block = end
    while block > 0 and end - block < _MOST and _may_be_total(_filled(frame, block - 1), dataset, must):
        block -= 1
    if block == end or block == 0:
        return frame.iloc[:end] if warnings else frame, tuple(warnings)
    left_out, found = _totals(frame, dataset, (block, end), must, (name, sheet))
    kept = frame.iloc[:end].drop(index=left_out)
    return kept, tuple(found + warnings)


def _filled(frame: pd.DataFrame, at: int) -> dict[str, str]:
    """Give the cells of a row that are not blank, by column."""
    row = zip(frame.columns, frame.iloc[at].to_numpy(), strict=True)
    return {column: cell for column, cell in row if cell.strip()}


def _is_note(frame: pd.DataFrame, end: int, needed: int) -> bool:
    filled = _filled(frame, end - 1)
    below_a_blank = end > 1 and frame.index[end - 1] - frame.index[end - 2] > 1
    if len(filled) > (2 if below_a_blank else 1) or len(filled) >= max(needed, 2):
        return False
    cells = filled.values()
    return all(_is_words(cell) for cell in cells) and not any(_LABEL.fullmatch(c.strip()) for c in cells)


def _is_words(cell: str) -> bool:
    return len(re.findall(r"[^\W\d_]", cell)) >= 4


def _may_be_total(filled: Mapping[str, str], dataset: Dataset, must: Sequence[str]) -> bool:
    additive = ADDITIVE.get(dataset.name, ())
    labels = [cell for column, cell in filled.items() if column not in additive]
    if len(labels) == len(filled):
        return False
    if any(_LABEL.fullmatch(cell.strip()) for cell in labels):
        complete = all(column in filled for column in must) and _dated(filled, dataset)
        return not complete or any(_WHOLE_LABEL.fullmatch(cell.strip()) for cell in labels)
    return not labels and not any(column in filled for column in must)


def _dated(filled: Mapping[str, str], dataset: Dataset) -> bool:
    """Whether the cell that dates a row holds a date and no label."""
    return not dataset.dated_by or any(mark.isdigit() for mark in filled.get(dataset.dated_by, ""))


def _totals(
    frame: pd.DataFrame, dataset: Dataset, block: tuple[int, int], must: Sequence[str], place: tuple[str, str]
) -> tuple[list[int], list[Fault]]:
    """Compare each candidate with the sum of the rows above the block."""
    above = frame.iloc[: block[0]]
    sums = {
        column: float(parse_column(above[column], "money")[0].sum())
        for column in ADDITIVE.get(dataset.name, ())
        if column in frame.columns
    }
    left_out: list[int] = []
    warnings: list[Fault] = []
    for at in range(*block):
        filled, number = _filled(frame, at), int(frame.index[at])
        printed = {
            column: float(parse_column(pd.Series([filled[column]]), "money")[0].iloc[0])
            for column in sums
            if column in filled
        }
        off = {column: value for column, value in printed.items() if not abs(value - sums[column]) <= _PENNY}
        complete = all(column in filled for column in must) and _dated(filled, dataset)
        near = all(abs(value - sums[c]) <= _PENNY + _ROUNDING * abs(sums[c]) for c, value in printed.items())
        kept = complete and not near
        if not kept:
            left_out.append(number)
        warnings.append(
            Fault(
                file=place[0],
                sheet=place[1],
                row=number,
                column=", ".join(off),
                found=_said(off, sums, kept),
                expected="no totals among the rows, or the sum of the rows above",
                remedy=_remedy(off, kept),
                severity="warning",
            )
        )
    return left_out, warnings


def _said(off: dict[str, float], sums: dict[str, float], kept: bool) -> str:
    if not off:
        return "a total row, which is the sum of the rows above"
    parts = [
        f"{column} is {value:,.10g} while the rows above make {sums[column]:,.10g}"
        for column, value in off.items()
    ]
    return f"a {'complete row labelled as a total' if kept else 'total row'} whose {' and '.join(parts)}"


def _remedy(off: dict[str, float], kept: bool) -> str:
    if kept:
        return "It was kept as a row of its own; delete it if it is a total."
    if off:
        return "It was left out; look whether a row is missing, counted twice or only rounded."
    return "It was left out; nothing need be done."
