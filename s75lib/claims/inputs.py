"""What a cell of a dataset stands for: how it was rounded, and the interval that this leaves."""

from __future__ import annotations

__all__ = ["Estimate", "cell_estimate", "decimal_of", "limits", "roundings"]

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from s75lib.loaders.schemas import DATASETS, Column
from s75lib.stats.rounding import Attainable, exact_fraction

# Whole things, which are counted and not measured.
_COUNTED = frozenset({"count", "people", "cases", "packages", "respondents", "score", "rank"})


@dataclass(frozen=True)
class Estimate:
    """A recomputed figure.

    Parameters
    ----------
    central : Fraction
        From the inputs as they stand.
    bounds : Attainable
        What it can have been, the inputs being rounded.
    rows : int
        Rows used.
    """

    central: Fraction
    bounds: Attainable
    rows: int

    def times(self, factor: int) -> Estimate:
        """Multiply by a positive whole number."""
        bounds = Attainable(self.bounds.low * factor, self.bounds.high * factor)
        return Estimate(self.central * factor, bounds, self.rows)


def cell_estimate(dataset: str, name: str, value: float, place: float) -> Estimate:
    """Give a cell with its interval.

    Parameters
    ----------
    dataset, name : str
        The column.
    value : float
    place : float
        Unit that it was rounded to; 0 for what is exact.

    Returns
    -------
    Estimate
        Within the bounds of the column.
    """
    central, half = Fraction(decimal_of(value)), exact_fraction(place) / 2
    low, high = central - half, central + half
    least, most = limits(dataset, name)
    if least <= central <= most:
        low = max(low, exact_fraction(least)) if math.isfinite(least) else low
        high = min(high, exact_fraction(most)) if math.isfinite(most) else high
    return Estimate(central, Attainable(low, high), 1)


def decimal_of(value: float) -> Decimal:
    """Read a cell to nine places: further ones are noise of floating point.

    Parameters
    ----------
    value : float

    Returns
    -------
    Decimal
    """
    return Decimal(str(round(float(value), 9)))


def limits(dataset: str, name: str) -> tuple[float, float]:
    """Give the bounds that the true value keeps too, such as 0 and 100 for a percentage.

    Parameters
    ----------
    dataset, name : str
        The column.

    Returns
    -------
    tuple of float
        Infinite where there is none.
    """
    column = DATASETS[dataset].column(name)
    least = 0.0 if dataset == "kpi" else column.minimum
    return -math.inf if least is None else least, math.inf if column.maximum is None else column.maximum


def roundings(dataset: str, name: str, rows: pd.DataFrame, frame: pd.DataFrame) -> list[float]:
    """Give for each row the unit that its cell was rounded to; nought for what is exact.

    Parameters
    ----------
    dataset, name : str
        The column.
    rows : DataFrame
        The rows asked for.
    frame : DataFrame
        The whole dataset, from which the places of a column are read where nothing states them.

    Returns
    -------
    list of float
    """
    column = DATASETS[dataset].column(name)
    if column.kind == "count" or dataset == "assumptions":
        return [0.0] * len(rows)
    if dataset == "kpi" and name != "value":
        return [0.0] * len(rows)
    if dataset == "budget" and "rounded_to" in rows.columns:
        return _stated(rows["rounded_to"], _written(frame[name], column))
    if dataset in ("kpi", "facts"):
        return [_of_decimals(row, name, column, frame) for row in rows.to_dict("records")]
    return [_written(frame[name], column)] * len(rows)


def _stated(roundings: pd.Series, otherwise: float) -> list[float]:
    return [otherwise if math.isnan(cell) else float(cell) for cell in roundings]


def _of_decimals(row: dict[Any, Any], name: str, column: Column, frame: pd.DataFrame) -> float:
    decimals = row.get("decimals")
    if row["unit"] in _COUNTED and row[name] % 1 == 0 and (decimals is None or not decimals < 0):
        return 0.0
    if decimals is not None and not pd.isna(decimals):
        return float(f"1e{-int(decimals)}")
    alike = frame["unit"] == row["unit"]
    return _written(frame.loc[alike, name], column)


def _written(cells: pd.Series, column: Column) -> float:
    """Give the last place in which a column is written."""
    known = cells.dropna()
    if column.kind == "money":
        return 1.0 if (known % 1 == 0).all() else 0.01
    places = max((_places(cell) for cell in known.unique()), default=0)
    return float(f"1e{-places}")


def _places(value: float) -> int:
    exponent = decimal_of(value).normalize().as_tuple().exponent
    return max(-int(exponent), 0)
