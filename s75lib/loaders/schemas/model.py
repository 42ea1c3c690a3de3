"""What a dataset and a column are."""

from __future__ import annotations

__all__ = ["Column", "Dataset", "Kind"]

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text", "date", "month", "period", "day_or_month", "number", "count", "money", "percent", "flag"
]


@dataclass(frozen=True)
class Column:
    """One column of a dataset.

    Parameters
    ----------
    name : str
        As it stands in the header.
    kind : Kind
        How its cells are read: see ``loaders.values``.
    meaning : str
        For the data dictionary.
    required : bool
        Whether the dataset makes no sense without the column.
    blank : bool
        Whether a cell may be empty.
    choices : tuple of str
        The values allowed; empty: any.
    minimum, maximum : float or None
        Bounds, both included, in the column's unit.
    unit : str
        For the data dictionary; money is in £, percentages run from 0 to 100.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    blank: bool = True
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Dataset:
    """One dataset: what a row is, its columns, and what makes a row unique.

    Parameters
    ----------
    name : str
        File name without its ending.
    row_is : str
        What one row stands for.
    columns : tuple of Column
        In the order in which we write them.
    key : tuple of str
        Columns that together name a row; two rows alike in them are duplicates.
    dated_by : str
        Column that says when a row was known; empty for what has no date of its own.
    about_people : bool
        Whether a row is about one person.
    gives : str
        What the reports can say with it.
    """

    name: str
    row_is: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    dated_by: str = ""
    about_people: bool = False
    gives: str = ""

    @property
    def column_names(self) -> tuple[str, ...]:
        """All columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """Find a column by its name.

        Parameters
        ----------
        name : str

        Returns
        -------
        Column
        """
        return next(column for column in self.columns if column.name == name)
