"""The rows of a dataset that a claim speaks of, each question about them answered once."""

from __future__ import annotations

__all__ = ["Places", "Rows", "Term", "UntestableError", "typed"]

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import S75Error
from s75lib.loaders.schemas import DATASETS, Column
from s75lib.loaders.values import parse_column

Places = npt.NDArray[np.intp]


class UntestableError(S75Error):
    """A recomputation that the data at hand do not allow; the message says what is missing."""


@dataclass(frozen=True)
class Term:
    """One condition of a filter: a column and the values that fit.

    Parameters
    ----------
    column : str
    texts : tuple of str
        As written; an empty text fits a blank cell.
    """

    column: str
    texts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Rows:
    """A dataset, with what was asked of it before.

    Parameters
    ----------
    dataset : str
    frame : DataFrame
        Typed as the loader gives it.
    """

    dataset: str
    frame: pd.DataFrame = field(repr=False)
    _masks: dict[Term, npt.NDArray[np.bool_]] = field(default_factory=dict, repr=False)
    _codes: dict[str, tuple[Places, dict[Any, int]]] = field(default_factory=dict, repr=False)
    _columns: dict[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False)
    _finest: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    def meeting(self, terms: Sequence[Term]) -> Places:
        """Find the rows that meet every term.

        Parameters
        ----------
        terms : sequence of Term

        Returns
        -------
        ndarray of int
            Positions, perhaps none.

        Raises
        ------
        UntestableError
            If the frame lacks a column of the filter.
        """
        keep = np.ones(len(self.frame), dtype=bool)
        for term in terms:
            keep &= self._mask(term)
        return np.flatnonzero(keep)

    def cells(self, column: str, places: Places) -> npt.NDArray[Any]:
        """Give the cells of a column in some rows.

        Parameters
        ----------
        column : str
        places : ndarray of int

        Returns
        -------
        ndarray
            NaN where blank, for a column of numbers.

        Raises
        ------
        UntestableError
            If the frame lacks the column.
        """
        if column not in self.frame.columns:
            raise UntestableError(f"The data have no column {column}.")
        if column not in self._columns:
            self._columns[column] = self.frame[column].to_numpy()
        return np.asarray(self._columns[column][places])

    def finest(self, column: str, unit: str = "") -> float:
        """Give the last place in which a column is written, in rows of one unit or in all.

        Parameters
        ----------
        column : str
        unit : str

        Returns
        -------
        float
            1 or 0.01 for money; else a power of ten.
        """
        if (column, unit) not in self._finest:
            alike = self.frame["unit"] == unit if unit else slice(None)
            known = self.frame.loc[alike, column].dropna()
            self._finest[column, unit] = _finest(known, DATASETS[self.dataset].column(column))
        return self._finest[column, unit]

    def _mask(self, term: Term) -> npt.NDArray[np.bool_]:
        if term not in self._masks:
            self._masks[term] = self._fitting(term)
        return self._masks[term]

    def _fitting(self, term: Term) -> npt.NDArray[np.bool_]:
        codes, places = self._coded(term.column)
        wanted, _ = typed(term.texts, DATASETS[self.dataset].column(term.column))
        fits = np.zeros(len(places) + 1, dtype=bool)
        fits[[places[value] for value in wanted.tolist() if value in places]] = True
        fits[-1] = "" in term.texts or wanted.isna().any()  # a blank has the code −1
        return fits[codes]

    def _coded(self, column: str) -> tuple[Places, dict[Any, int]]:
        """Give each row's place among the distinct values of a column, and these with their places."""
        if column not in self.frame.columns:
            raise UntestableError(f"The {self.dataset.replace('_', ' ')} data have no column {column}.")
        if column not in self._codes:
            codes, distinct = pd.factorize(self.frame[column])
            self._codes[column] = codes, {value: place for place, value in enumerate(distinct.tolist())}
        return self._codes[column]


@cache
def typed(texts: tuple[str, ...], column: Column) -> tuple[pd.Series, pd.Series]:
    """Read the values of a filter as the loader reads the cells of the column.

    Parameters
    ----------
    texts : tuple of str
    column : Column

    Returns
    -------
    values : Series
    bad : Series of bool
        Which can't be read.
    """
    return parse_column(pd.Series(texts, dtype="object"), column.kind)


def _finest(known: pd.Series, column: Column) -> float:
    if column.kind == "money":
        return 1.0 if (known % 1 == 0).all() else 0.01
    # To nine places: further ones are noise of floating point.
    exact = (np.isclose(known, known.round(places), rtol=0, atol=5e-10).all() for places in range(9))
    return float(f"1e-{next((places for places, fits in enumerate(exact) if fits), 9)}")
