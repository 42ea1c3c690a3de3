"""What a workbook's plain numbers stand for: days from 1904, and shares that are shown as percentages."""

from __future__ import annotations

__all__ = ["PLAIN", "Conventions"]

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from s75lib.loaders.schemas import Column
from s75lib.loaders.values import as_text

_DAYS = ("date", "month", "day_or_month")  # kinds whose cells may be days as Excel counts them
_FROM_1900_TO_1904 = 1462


@dataclass(frozen=True)
class Conventions:
    """How a workbook writes days and percentages.

    Parameters
    ----------
    from_1904 : bool
        Whether a plain number that stands for a day counts from 1904; dates are dates already.
    percents : frozenset of (int, int)
        Row and column, from 0, of numbers that are shown times a hundred: 0.45 as 45%.
    """

    from_1904: bool = False
    percents: frozenset[tuple[int, int]] = frozenset()

    def moved(self, rows: int, columns: int) -> Conventions:
        """Give them for a table that begins below and to the right.

        Parameters
        ----------
        rows, columns : int

        Returns
        -------
        Conventions
        """
        return Conventions(self.from_1904, frozenset((r - rows, c - columns) for r, c in self.percents))

    def texts(
        self, cells: Sequence[Any], at: tuple[int, int], column: Column | None, units: Sequence[str]
    ) -> list[str]:
        """Write a column's cells as they are meant.

        Parameters
        ----------
        cells : sequence
            Typed.
        at : (int, int)
            Row and column of the first.
        column : Column or None
            What the schema says of the column; None where it does not know it.
        units : sequence of str
            The rows' units; empty where the table has none.

        Returns
        -------
        list of str

        Notes
        -----
        A number shown as 45% is 45 where percentages are asked for: in a column of percentages, and where
        the row's unit is one. Elsewhere, as in a share from 0 to 1, it stays 0.45.

        Examples
        --------
        >>> from s75lib.loaders.schemas import DATASETS
        >>> shown = Conventions(percents=frozenset({(2, 3)}))
        >>> shown.texts([0.5, 0.07], (1, 3), DATASETS["survey"].column("percent"), [])
        ['0.5', '7.00%']
        """
        if column is None:
            return [as_text(cell) for cell in cells]
        if self.from_1904 and column.kind in _DAYS:
            return [as_text(cell + _FROM_1900_TO_1904 if _is_number(cell) else cell) for cell in cells]
        if self.percents:
            always, (row, place) = column.kind == "percent", at
            return [
                _percentage(cell)
                if _is_number(cell)
                and (row + n, place) in self.percents
                and (always or (units and _is_percent(units[n])))
                else as_text(cell)
                for n, cell in enumerate(cells)
            ]
        return [as_text(cell) for cell in cells]


PLAIN = Conventions()
"""Those of text, and of most workbooks."""


def _is_number(cell: Any) -> bool:
    return type(cell) in (int, float)


def _is_percent(unit: str) -> bool:
    return "percent" in unit.lower() or "%" in unit


def _percentage(cell: float) -> str:
    return f"{Decimal(repr(cell)) * 100:f}%"
