"""Tables, with what is hidden in them."""

from __future__ import annotations

__all__ = ["HIDDEN", "Column", "Style", "Table"]

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from s75lib.present import html
from s75lib.present.parts.data import zipped
from s75lib.present.parts.shown import Shown

HIDDEN = "c"
"""What a cell says that disclosure control hides."""

_ESCAPED = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t"})

Style = Literal[
    "text", "number", "money", "money_k", "money_p", "percent", "change", "change_k", "points", "date", "p"
]


@dataclass(frozen=True)
class Column:
    """How a column of a frame is shown.

    Parameters
    ----------
    name : str
        In the frame.
    label : str
        In the table's head.
    style : Style
        How its cells are written.
    decimals : int
        For numbers, percentages and points.
    unit : str
        For the manifest.
    """

    name: str
    label: str
    style: Style = "text"
    decimals: int = 0
    unit: str = ""


@dataclass(frozen=True, repr=False)
class Table(Shown):
    """A table with its caption.

    Parameters
    ----------
    id : str
        Stable name in the manifest.
    title : str
        The caption.
    frame : DataFrame
        One row per row shown.
    columns : tuple of Column
        Shown in this order; the first is the row's header.
    notes : tuple of str
        Printed below.
    strong : tuple of int
        Positions of rows that are totals.
    hidden : tuple of (int, str)
        Row and column of cells that disclosure control hides (see `disclosure.protect`); a text that is
        `HIDDEN` needs no mention.
    """

    id: str
    title: str
    frame: pd.DataFrame = field(repr=False)
    columns: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()
    strong: tuple[int, ...] = ()
    hidden: tuple[tuple[int, str], ...] = ()

    def payload(self) -> dict[str, Any]:
        """Give the table's columns and records, unrounded."""
        return {
            "kind": "table",
            "id": self.id,
            "title": self.title,
            "columns": [{"name": c.name, "label": c.label, "unit": c.unit} for c in self.columns],
            "records": zipped(self._columns),
            "notes": list(self.notes),
        } | ({"hidden": self._places()} if self.hidden else {})

    def _places(self) -> list[list[int]]:
        """Give row and column of each hidden cell, as numbers."""
        names = [c.name for c in self.columns]
        return sorted([row, names.index(name)] for row, name in self.hidden if name in names)

    def cells(self) -> list[list[str]]:
        """Give the cells as they are printed, row by row."""
        return [list(row) for row in zip(*self._printed, strict=True)]

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        return {c.name: self.frame[c.name].tolist() for c in self.columns}

    @cached_property
    def _printed(self) -> list[list[str]]:
        """The cells as they are printed, column by column."""
        gone = set(self.hidden)
        return [
            [
                HIDDEN if (row, c.name) in gone else html.cell(value, c.style, c.decimals)
                for row, value in enumerate(self._columns[c.name])
            ]
            for c in self.columns
        ]

    def html(self) -> str:
        """Give the table with caption, scopes and notes."""
        numeric = [c.style not in ("text", "date") for c in self.columns]
        return html.table(
            self.title,
            [c.label for c in self.columns],
            self.cells(),
            numeric,
            strong=self.strong,
            notes=self.notes,
        )

    def text(self) -> str:
        """Give the table as aligned text."""
        columns = [_aligned([c.label, *cells]) for c, cells in zip(self.columns, self._printed, strict=True)]
        return "\n".join([self.title, *(" ".join(line) for line in zip(*columns, strict=True))])


def _aligned(column: Sequence[str]) -> list[str]:
    """Write cells of one width, each on one line."""
    cells = [cell.translate(_ESCAPED) for cell in column]
    width = max(map(len, cells))
    return [cell.rjust(width) for cell in cells]
