"""The faults of one table as they are found: the first of each kind are named, all are counted."""

from __future__ import annotations

__all__ = ["SHOWN", "Found", "quoted"]

from typing import Any

import pandas as pd

from s75lib.errors import Fault
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources import RawTable
from s75lib.loaders.values import as_text

SHOWN = 50
"""Faults of one kind in one column that are named."""


class Found:
    """The faults of one table: the first of each kind are named, all are counted."""

    def __init__(self, file: str, raw: RawTable, dataset: Dataset) -> None:
        self.file, self.raw, self.dataset = file, raw, dataset
        self.faults: list[Fault] = []
        self.unread: dict[str, set[int]] = {}
        self.personal: dict[str, str] = {}
        self.unnamed = 0

    def add(self, column: str, bad: pd.Series, expected: str, remedy: str, found: str = "") -> None:
        """Add a fault for each row where `bad` holds, quoting the cell where nothing else is said."""
        if not bad.any():
            return
        rows = [int(row) for row in bad.index[bad.fillna(False).to_numpy(dtype="bool")]]
        rows = [row for row in rows if row not in self.unread.get(column, ())]
        self.unnamed += max(0, len(rows) - SHOWN)
        for row in rows[:SHOWN]:
            said = found or quoted(self.raw.frame.loc[row, column], self.dataset)
            self.add_one(row, column, said, expected, remedy)

    def add_one(self, row: int, column: str, found: str, expected: str, remedy: str) -> None:
        """Add one fault."""
        sheet = self.raw.sheet
        self.faults.append(Fault(self.file, found, expected, remedy, sheet=sheet, row=row, column=column))

    def in_order(self) -> list[Fault]:
        """Give the faults by row and column, the last of them for all that are not named."""
        ordered = sorted(dict.fromkeys(self.faults), key=lambda fault: (fault.row or 0, fault.column))
        more = self.unnamed + max(0, len(ordered) - SHOWN)
        if not more:
            return ordered
        last = Fault(
            file=self.file,
            sheet=self.raw.sheet,
            found=f"{more} more faults",
            expected="none",
            remedy="Correct those above first; often one cause makes many.",
        )
        return [*ordered[:SHOWN], last]


def quoted(cell: Any, dataset: Dataset) -> str:
    """Show a cell, except where it could be about one person.

    Parameters
    ----------
    cell : object
    dataset : Dataset

    Returns
    -------
    str
    """
    if dataset.about_people:
        return "a cell at fault (not shown, for the row is about a person)"
    text = as_text(cell)
    return repr(text if len(text) <= 40 else text[:40] + "…")
